"""How likely a text is in each language's letters: what tells one old encoding from another.

The letters by frequency are those of charset-normalizer. Its own verdict is not used: on catalogues of a few lines it
takes Shift_JIS for Korean and Western European for Central European.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from charset_normalizer.constant import FREQUENCIES

__all__ = ["LANGUAGES", "likelihood"]

LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "gb18030": ("Chinese",),
    "big5": ("Traditional",),
    "big5hkscs": ("Traditional",),
    "cp932": ("Japanese", "Narrow"),
    "euc_jp": ("Japanese", "Narrow"),
    "cp949": ("Korean",),
    "cp1252": (
        *("German", "French", "Dutch", "Italian", "Spanish", "Portuguese", "Swedish", "Norwegian", "Finnish"),
        *("Danish", "Icelandic"),
    ),
    "iso8859-15": ("German", "French", "Spanish", "Portuguese", "Swedish", "Finnish", "Italian"),
    "mac_roman": ("German", "French", "Spanish", "Portuguese", "Swedish", "Danish", "Italian"),
    "cp850": ("German", "French", "Spanish", "Portuguese", "Swedish", "Danish", "Italian"),
    "cp1250": ("Polish", "Czech", "Hungarian", "Slovak", "Slovene", "Croatian", "Romanian"),
    "iso8859-2": ("Polish", "Czech", "Hungarian", "Slovak", "Slovene", "Croatian"),
    "mac_latin2": ("Polish", "Czech", "Hungarian", "Slovak"),
    "cp852": ("Polish", "Czech", "Hungarian", "Slovak", "Slovene", "Croatian"),
    "cp1251": ("Russian", "Ukrainian", "Bulgarian", "Serbian"),
    "koi8-r": ("Russian",),
    "koi8-u": ("Ukrainian",),
    "cp866": ("Russian",),
    "cp1125": ("Ukrainian",),
    "iso8859-5": ("Russian", "Bulgarian", "Serbian"),
    "mac_cyrillic": ("Russian", "Ukrainian", "Bulgarian", "Serbian"),
    "cp1253": ("Greek",),
    "cp737": ("Greek",),
    "mac_greek": ("Greek",),
    "cp1254": ("Turkish",),
    "cp857": ("Turkish",),
    "cp1255": ("Hebrew",),
    "cp862": ("Hebrew",),
    "cp1256": ("Arabic", "Farsi"),
    "iso8859-6": ("Arabic",),
    "cp1258": ("Vietnamese",),
    "cp1257": ("Lithuanian", "Latvian", "Estonian"),
    "cp874": ("Thai",),
}
"""Encodings in the order in which they are asked, and what is written in them."""

_MORE = {
    "German": "üäößÄÖÜ",
    "French": "éèàêçâîôùûëïœ",
    "Italian": "àèéìòù",
    "Spanish": "óíáéñúü¿¡",
    "Portuguese": "ãçáéíóêâõúà",
    "Swedish": "äöåé",
    "Finnish": "äöå",
    "Norwegian": "øåæéò",
    "Danish": "øæåé",
    "Icelandic": "ðíáóæþöéúý",
    "Dutch": "ëéïèö",
    "Polish": "łąęóżśćńź",
    "Czech": "íáěéřčšžýůúťňďó",
    "Slovak": "áíéýčšžúľťňôďóäŕĺ",
    "Hungarian": "áéöőóüíúű",
    "Slovene": "čšž",
    "Croatian": "čšžćđ",
    "Romanian": "ăîâşţ",
    "Turkish": "ıüşğçöİâî",
    "Lithuanian": "ėšžųąįūčę",
    "Latvian": "āīēšūņļģžčķ",
    "Estonian": "äõüöšž",
    "Russian": "оеаинтсрвлкмдпугяызбйьчхжцшюэщфё",
    "Ukrainian": "оанівтирелскудмпяьзбгйчхцїжєшюґщф",
    "Bulgarian": "аиоентрсвлкдпмзгяъубчцйжщхшюфь",
    "Serbian": "аиоенрсутквдјмплзгбчшцжћхњђљфџ",
    "Greek": "ατοιενρσκηπςυμλίόάγέδήωχθύβφξζώψϊ",
    "Vietnamese": "\u0300\u0301\u0323\u0309\u0303đưôơâêăáàấầẩậ",
    "Thai": "านรอกเงมยลวดทสตะปบคหแจพชขใ่้ัิีืุู็์ไโำถผฉซศณภฝฟธษญฐฎฏ",
}
_CHINESE = (
    "的一不在有人大上为和中国小高新款女男装色黑白红蓝绿黄金银色套品家用电机手包鞋子衣裤裙帽袜纯棉皮布木铁钢不锈锅杯碗"
    "丝绸勺晾架垃圾袋"
    "盘刀板毛巾被床单枕灯台椅桌柜门窗水果茶酒米油盐糖牛羊猪鸡鱼肉蛋奶粉食物童儿婴宝玩具书笔纸本洗发沐浴露膏面霜膜口红"
    "香水表链戒指耳环包箱旅行运动户外车品配件手机壳充器线音响耳机电脑键盘鼠标屏幕相机无线智能加厚长短袖修身韩版休闲时尚"
    "夏秋冬春季保暖防水透气轻便大码学生商务办公厨房卫浴客厅卧室简约现代欧式美日式原创正品官方旗舰店包邮热卖"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成"
    "小高新款女男裝色黑白紅藍綠黃金銀套品家用電機手包鞋衣褲裙帽襪純棉皮布木鐵鋼不鏽鍋杯碗盤刀板毛巾被床單枕燈桌椅櫃門窗水果"
    "茶酒米油鹽糖牛羊豬雞魚肉蛋奶粉食物童兒嬰寶玩具書筆紙洗髮沐浴露膏面霜膜香錶鏈戒指包箱旅行運動車配件殼充線音響耳腦鍵鼠"
    "螢幕相無智慧加厚長短袖修身韓版休閒時尚夏秋冬春季保暖溫瓶防水透氣輕便連衫襯錢"
)
_KANJI = "黒白赤青緑茶紺色財布革鍋茶碗皿箱台製木器陶綿麻毛糸靴服帽子袋鞄傘時計用品大小型付折畳収納棚机椅具電池"
_KOREAN = (
    "이다에의는로하을가고지서한은기으년대사시를리도인스일아나라어마자해수정주부장보전트제상구성화무원조여모유세비선용"
    "오우관신미경동소국안내연분위영면바만물식티셔츠니컵양말가죽갑자켓데님유리등산남여성용아동코트바지치마신발가방모자"
    "장갑블랙화이트레드그린블루핑크세트크림로션샴푸비누수건이불베개침대의자책상식탁냄비프라팬칼도마접시그릇찻잔커피"
    "차쌀라면김치과자빵우유고기생선과일채소스마트폰케이블충전기이어폰노트북키보드울린넨면혼방"
)
_SIGNS = "°€£¥§©®™×²³½¼¾µ·•–—…„“”‘’«»¿¡№´\xa0"
_EASTERN = frozenset({"Chinese", "Traditional", "Japanese", "Narrow", "Korean"})
_LATIN = frozenset(
    language
    for encoding in (
        *("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "mac_roman", "cp850", "cp852", "cp857"),
        *("cp1258", "mac_latin2"),
    )
    for language in LANGUAGES[encoding]
)
_NEVER = -14.0
_ASCII = math.log(1 / 30)


@cache
def _weights(language: str) -> Mapping[str, float]:
    """Logarithm of each letter's share."""
    if language in _EASTERN:
        return _eastern(language)
    letters = [c for c in dict.fromkeys(_MORE.get(language, "") or "".join(FREQUENCIES[language])) if ord(c) > 127]
    shares = {c: 1 / (rank + 3) for rank, c in enumerate(letters)}
    total = sum(shares.values()) / 0.95
    weights = {c: math.log(share / total) for c, share in shares.items()}
    for sign in _SIGNS:
        weights.setdefault(sign, math.log(0.05 / len(_SIGNS)))
    return weights


@cache
def _eastern(language: str) -> Mapping[str, float]:
    weights: dict[str, float] = {}

    def tier(letters: str, share: float) -> None:
        new = [c for c in dict.fromkeys(letters) if c not in weights]
        weights.update(dict.fromkeys(new, math.log(share / max(len(new), 1))))

    tier(
        "　、。・「」（）【】《》！？：；，～—－／％＋＆．",
        0.06,
    )
    if language == "Chinese":
        tier("".join(FREQUENCIES["Chinese"]) + _CHINESE, 0.5)
        tier(_row("gb2312", 0xB0, 0xD7), 0.4)
        tier(_row("gb2312", 0xD8, 0xF7), 0.03)
    elif language == "Traditional":
        tier(_TRADITIONAL, 0.5)
        tier(_row("big5", 0xA4, 0xC6), 0.42)
        tier(_row("big5", 0xC9, 0xF9), 0.004)
    elif language == "Japanese":
        tier("".join(FREQUENCIES["Japanese"]) + _KANJI, 0.15)
        tier("".join(FREQUENCIES["Japanese——"]) + "ぁぃぅぇぉっゃゅょゎをん", 0.4)
        tier("".join(FREQUENCIES["Japanese—"]) + "ァィゥェォヵヶヌロユルレロ", 0.3)
        tier(_row("euc_jp", 0xB0, 0xCF), 0.1)
        tier(_row("euc_jp", 0xD0, 0xF4), 0.003)
        tier("".join(chr(c) for c in range(0xFF61, 0xFFA0)), 0.005)
    elif language == "Narrow":
        tier("".join(chr(c) for c in range(0xFF61, 0xFFA0)), 0.7)
        tier(_KANJI + "".join(FREQUENCIES["Japanese"]), 0.15)
        tier(_row("euc_jp", 0xB0, 0xCF), 0.08)
    else:
        tier("".join(FREQUENCIES["Korean"]) + _KOREAN, 0.65)
        tier(_row("euc_kr", 0xB0, 0xC8), 0.28)
        tier(_row("euc_kr", 0xCA, 0xFD), 0.001)
    return weights


def _row(encoding: str, first: int, last: int) -> str:
    """The letters of an encoding whose first byte lies between two."""
    pairs = (bytes((a, b)) for a in range(first, last + 1) for b in range(0x40, 0xFF))
    return "".join(pair.decode(encoding, errors="ignore") for pair in pairs if pair.isascii() is False)


def likelihood(text: str, language: str) -> tuple[float, float]:
    """How likely a text is in a language, its ASCII letters counted evenly.

    Args:
        text: What an encoding made of some bytes.
        language: Of ``LANGUAGES``.

    Returns:
        The logarithm, at most 0, only to be compared for the same bytes; and its mean over the letters beyond ASCII.
    """
    weights = _weights(language)
    script = "latin" if language in _LATIN else "eastern" if language in _EASTERN else "other"
    total, beyond, n_beyond, before = 0.0, 0.0, 0, " "
    for c in text:
        if c < "\x80":
            total += _ASCII if c.isalnum() else 0.0
        else:
            found = weights.get(c) or weights.get(c.lower(), _NEVER + 3 if c.isalpha() else _NEVER)
            beyond += found
            n_beyond += 1
            total += found
        total += _meeting(before, c, script)
        before = c
    return total, beyond / max(n_beyond, 1)


def _meeting(before: str, c: str, script: str) -> float:
    """What two neighbours say against a text: a capital within a word, two accents in a row, two scripts in a word."""
    if script == "eastern" or (before < "\x80" and c < "\x80") or not before.isalpha():
        return 0.0
    if not c.isalpha():
        is_odd = c >= "\x80" and script == "latin" and c not in "°²³®™\xa0’´”»…"
        return -2.0 if is_odd else 0.0
    against = -3.0 if before.islower() and c.isupper() else 0.0
    if script == "latin":
        is_accent = "\u0300" <= c <= "\u036f"
        return against - (2.5 if min(before, c) >= "\x80" and not is_accent else 0.0)
    return against - (4.0 if min(before, c) < "\x80" else 0.0)
