"""Names of columns that group people, that lead to them, that say who is who, or hold questions and answers."""

from __future__ import annotations

from steelyard.data.guessing.words.folding import folded_name

__all__ = ["ANSWERS", "GROUPING", "LEADING_TO_PEOPLE", "QUESTIONS", "SAME_AS", "SAME_TABLES"]


def _folded(text: str) -> frozenset[str]:
    return frozenset(map(folded_name, text.split()))


QUESTIONS = _folded(
    "question questions questiontext questionbody questiontitle ask frage 问题 提问 质问 質問 问 咨询 咨询内容 "
    "question内容 用户问题 买家提问 вопрос вопросы питання запитання pytanie pytania otazka otázka dotaz ερώτηση "
    "soru vraag domanda pergunta pregunta spørsmål spørgsmål fråga kysymys kérdés întrebare câuhỏi hỏi pertanyaan "
    "soalan سؤال السؤال پرسش שאלה प्रश्न सवाल คำถาม 질문 문의"
)
ANSWERS = _folded(
    "answer answers answertext answerbody reply response antwort 回答 答案 答复 回复 解答 答 商家回复 客服回复 "
    "回答内容 merchantreply sellerreply ответ ответы відповідь odpowiedź odpověď odpoveď απάντηση cevap yanıt "
    "antwoord risposta resposta respuesta réponse svar vastaus válasz răspuns trảlời câutrảlời jawaban jawapan "
    "جواب الجواب إجابة الإجابة پاسخ תשובה उत्तर जवाब คำตอบ 답변 答覆"
)
LEADING_TO_PEOPLE = tuple(
    sorted(
        _folded(
            "name mail phone tel mobile fax address street zip postal postcode birthday dateofbirth dob passport "
            "ssn taxid iban card ipaddr latitude longitude geo note comment password token url avatar photo nick "
            "company plz vorname 姓名 昵称 手机 电话 邮箱 地址 邮编 生日 身份证 备注 头像 密码 公司 имя фамилия "
            "почта телефон адрес рождения комментар пароль прізвище телефону пошта адреса imie nazwisko telefon "
            "adres urodzenia uwagi jméno příjmení heslo ulice psč όνομα επώνυμο τηλέφωνο διεύθυνση isim soyad "
            "adres doğumtarihi naam straat geboortedatum cognome nome indirizzo telefono nascita sobrenome "
            "endereço telefone nascimento nombre apellido correo dirección nacimiento prénom adresse naissance "
            "nachname strasse straße geburt namn efternamn navn etternavn adress fødsel nimi osoite puhelin neve "
            "lakcím telefonszám prenume telefonul nume adresă họtên điệnthoại địachỉ nama alamat telepon الاسم اسم "
            "الهاتف العنوان البريد نام تلفن שם טלפון כתובת नाम फ़ोन पता ชื่อ โทรศัพท์ ที่อยู่ อีเมล 이름 전화 주소 "
            "이메일 氏名 電話 住所 信箱"
        ),
        key=len,
    )
)
"""Parts of names of columns that name people, or lead to them."""
GROUPING = _folded(
    "age agegroup ageband gender sex region country state province segment tier level membersince club "
    "clubmemberstatus membership membershiplevel loyalty incomelevel income householdsize maritalstatus language "
    "locale channel fashionnewsfrequency homeowner kidscount 年龄 年龄段 性别 地区 省份 会员等级 等级 渠道 "
    "注册时间 语言 возраст пол регион страна сегмент вік стать регіон країна wiek płeć region województwo kraj "
    "pohlaví věk kraj země ηλικία φύλο περιοχή χώρα yaş cinsiyet bölge ülke leeftijd geslacht regio land provincie "
    "età sesso genere regione provincia paese idade sexo região país edad género región âge sexe genre région pays "
    "alter geschlecht bundesland altersgruppe ålder kön køn kjønn alder ikä sukupuoli maakunta életkor nem régió "
    "ország vârstă județ țară tuổi giớitính khuvực tỉnh usia umur jeniskelamin wilayah daerah العمر الجنس المنطقة "
    "البلد سن جنسیت גיל מין אזור आयु लिंग क्षेत्र อายุ เพศ ภูมิภาค จังหวัด 나이 연령 연령대 성별 지역 등급 年齢 "
    "性別 地域 年代 年齡 區域 縣市 會員等級"
)
"""Names of what is known of people and does not name them."""
SAME_AS = _folded(
    "sameas belongsto mainid mainuser mainuserid maincustomer maincustomerid masterid masteruserid mastercustomerid "
    "canonicalid canonicaluserid person primaryid primaryuserid primarycustomerid goldenid personid personkey "
    "profileid knownas aliasof mergedinto mergedid replacedby gehortzu hauptkonto hauptkundennummer idprincipal "
    "主账号 主账号id 主id 主会员 主会员号 归属 归属用户 归属会员 统一id oneid 会員統合id 統合id 대표id"
)
"""Names of the identifier that another one belongs to."""
SAME_TABLES = _folded(
    "sameusers samepeople same identities identity identitymap identitymapping identitygraph idmap idmapping idgraph "
    "aliases useraliases usermap usermapping customermap customermapping customeraliases mergedusers "
    "mergedcustomers crosswalk crossdevice linkedaccounts 用户映射 会员映射 账号映射 账号关联 id映射 会员合并 用户合并"
)
"""Names of tables that say which identifiers are one person."""
