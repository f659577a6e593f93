# ruff: noqa: E501
"""Columns and kinds of events are known by their names in many languages, however a name is spelt."""

import pytest

from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile
from steelyard.data.guessing.roles import ROLE_NAMES, name_score
from steelyard.data.guessing.words.folding import folded_name
from steelyard.data.guessing.words.people import GROUPING, LEADING_TO_PEOPLE

SHOPS = (
    (
        "zh_Hant",
        "商品編號, 商品名稱, 分類, 價格, 庫存",
        "使用者, 商品編號, 時間, 行為",
        "搜尋詞, 商品編號, 相關性",
        "瀏覽, 加入購物車, 購買",
    ),
    (
        "ru",
        "Артикул, Наименование товара, Категория, Цена, Остаток",
        "ID клиента, Артикул, Дата и время, Событие",
        "Поисковый запрос, Артикул, Релевантность",
        "просмотр, в корзину, покупка",
    ),
    (
        "uk",
        "Код товару, Назва товару, Категорія, Ціна, Залишок",
        "Клієнт, Код товару, Дата, Подія",
        "Пошуковий запит, Код товару, Оцінка",
        "перегляд, у кошик, покупка",
    ),
    (
        "pl",
        "Kod produktu, Nazwa produktu, Kategoria, Cena brutto, Stan magazynowy",
        "Klient ID, Kod produktu, Data zakupu, Rodzaj zdarzenia",
        "Fraza, Kod produktu, Ocena",
        "wyświetlenie, do koszyka, zakup",
    ),
    (
        "cs",
        "Kód produktu, Název produktu, Kategorie, Cena s DPH, Skladem",
        "Zákazník, Kód produktu, Datum, Událost",
        "Hledaný výraz, Kód produktu, Hodnocení",
        "zobrazení detailu, do košíku, nákup",
    ),
    (
        "el",
        "Κωδικός προϊόντος, Τίτλος, Κατηγορία, Τιμή, Απόθεμα",
        "Πελάτης, Κωδικός προϊόντος, Ημερομηνία, Ενέργεια",
        "Όρος αναζήτησης, Κωδικός προϊόντος, Συνάφεια",
        "προβολή, καλάθι, αγορά",
    ),
    (
        "tr",
        "ÜRÜN KODU, ÜRÜN ADI, KATEGORİ, FİYAT, STOK MİKTARI",
        "MÜŞTERİ NO, ÜRÜN KODU, İŞLEM TARİHİ, İŞLEM TÜRÜ",
        "ARAMA TERİMİ, ÜRÜN KODU, PUAN",
        "görüntüleme, sepete ekle, satın alma",
    ),
    (
        "th",
        "รหัสสินค้า, ชื่อสินค้า, หมวดหมู่, ราคา, คงเหลือ",
        "รหัสลูกค้า, รหัสสินค้า, วันที่, เหตุการณ์",
        "คำค้นหา, รหัสสินค้า, คะแนน",
        "ดู, เพิ่มลงตะกร้า, ซื้อ",
    ),
    (
        "vi",
        "Mã sản phẩm, Tên sản phẩm, Danh mục, Giá bán, Tồn kho",
        "Mã khách hàng, Mã sản phẩm, Thời gian, Hành động",
        "Từ khóa, Mã sản phẩm, Điểm",
        "xem, thêm vào giỏ, mua",
    ),
    (
        "vi_plain",
        "ma_san_pham, ten_san_pham, danh_muc, gia_ban, ton_kho",
        "ma_khach_hang, ma_san_pham, thoi_gian, hanh_dong",
        "tu_khoa, ma_san_pham, diem",
        "xem, them vao gio, mua",
    ),
    (
        "ar",
        "رقم المنتج, اسم المنتج, الفئة, السعر, المخزون",
        "رقم العميل, رقم المنتج, التاريخ, نوع الحدث",
        "كلمة البحث, رقم المنتج, درجة الصلة",
        "مشاهدة, سلة, شراء",
    ),
    (
        "he",
        'מק"ט, שם מוצר, קטגוריה, מחיר, מלאי',
        'מזהה לקוח, מק"ט, תאריך, סוג אירוע',
        'חיפוש, מק"ט, ציון',
        "צפייה, הוספה לעגלה, רכישה",
    ),
    (
        "hi",
        "उत्पाद कोड, उत्पाद का नाम, श्रेणी, मूल्य, स्टॉक",
        "ग्राहक आईडी, उत्पाद कोड, समय, घटना",
        "खोज, उत्पाद कोड, प्रासंगिकता",
        "देखा, कार्ट, खरीद",
    ),
    (
        "nl",
        "Artikelnummer, Omschrijving, Categorie, Verkoopprijs, Voorraad",
        "Klantnummer, Artikelnummer, Datum, Actie",
        "Zoekterm, Artikelnummer, Relevantie",
        "bekeken, in winkelmand, aankoop",
    ),
    (
        "it",
        "Codice articolo, Nome prodotto, Categoria, Prezzo di vendita, Giacenza",
        "Codice cliente, Codice articolo, Data e ora, Evento",
        "Termine di ricerca, Codice articolo, Rilevanza",
        "visualizzazione, carrello, acquisto",
    ),
    (
        "pt",
        "codigoProduto, nomeProduto, categoria, precoVenda, estoque",
        "clienteId, codigoProduto, dataHora, tipoEvento",
        "termoBusca, codigoProduto, relevancia",
        "visualização, carrinho, compra",
    ),
    (
        "sv",
        "Artikelnr, Produktnamn, Varugrupp, Pris inkl moms, Lagersaldo",
        "Kundnr, Artikelnr, Datum, Händelse",
        "Sökord, Artikelnr, Relevans",
        "visning, lägg i varukorg, köp",
    ),
    (
        "da",
        "varenr, varenavn, varegruppe, salgspris, lagerbeholdning",
        "kunde_id, varenr, tidspunkt, hændelse",
        "søgeord, varenr, relevans",
        "visning, læg i kurv, køb",
    ),
    (
        "no",
        "Varenummer, Produktnavn, Kategori, Utsalgspris, Lagerbeholdning",
        "Kundenummer, Varenummer, Dato, Hendelse",
        "Søkeord, Varenummer, Vurdering",
        "visning, legg i handlekurv, kjøp",
    ),
    (
        "hu",
        "Cikkszám, Termék neve, Kategória, Bruttó ár, Készlet",
        "Vásárló, Cikkszám, Dátum, Esemény",
        "Keresőszó, Cikkszám, Relevancia",
        "megtekintés, kosárba, vásárlás",
    ),
    (
        "ro",
        "Cod produs, Denumire produs, Categorie, Preț, Stoc",
        "Cod client, Cod produs, Data, Eveniment",
        "Căutare, Cod produs, Relevanță",
        "vizualizare, coș, comandă",
    ),
    (
        "id",
        "Kode Barang, Nama Barang, Kategori, Harga Jual, Stok",
        "ID Pelanggan, Kode Barang, Tanggal, Aksi",
        "Kata Kunci, Kode Barang, Relevansi",
        "lihat, keranjang, beli",
    ),
    (
        "ko",
        "상품코드, 상품명, 카테고리, 판매가, 재고수량",
        "회원번호, 상품코드, 주문일시, 이벤트",
        "검색어, 상품코드, 관련도",
        "조회, 장바구니, 구매",
    ),
    (
        "ja",
        "商品コード, 商品名, カテゴリ, 販売価格, 在庫数",
        "会員ID, 商品コード, 日時, イベント",
        "検索語, 商品コード, 関連度",
        "閲覧, カート追加, 購入",
    ),
    (
        "fi",
        "tuotekoodi, tuotteen nimi, tuoteryhmä, hinta, varastosaldo",
        "asiakasnumero, tuotekoodi, päivämäärä, tapahtuma",
        "hakusana, tuotekoodi, relevanssi",
        "katselu, ostoskoriin, osto",
    ),
    (
        "es",
        "Código de artículo, Nombre del producto, Categoría, Precio de venta, Existencias",
        "Cliente, Código de artículo, Fecha, Acción",
        "Búsqueda, Código de artículo, Relevancia",
        "visto, añadir al carrito, compra",
    ),
    (
        "fr",
        "Référence produit, Libellé produit, Rayon, Prix TTC, Quantité en stock",
        "N° client, Référence produit, Date et heure, Événement",
        "Recherche, Référence produit, Pertinence",
        "vue, ajout au panier, achat",
    ),
    (
        "fa",
        "کد محصول, نام محصول, دسته, قیمت فروش, موجودی",
        "کد مشتری, کد محصول, تاریخ, نوع رویداد",
        "جستجو, کد محصول, امتیاز",
        "بازدید, سبد خرید, خرید",
    ),
)
"""Language; columns of a catalogue (id, title, category, price, stock), of a log (user, item, time, kind), of judgements
(query, item, gain); words for a view, for putting into the cart, for a purchase."""
THINGS = (
    "blue kettle of steel",
    "red toaster with lid",
    "small lamp for a desk",
    "green chair of wood",
    "soft scarf of wool",
)


def table(path, n, names, *columns):
    found = []
    for name, values in zip(names.split(", "), columns, strict=True):
        numbers = [float(v) for v in values] if all(isinstance(v, int | float) for v in values) else ()
        found.append(profile(name, [str(v) for v in values], numbers))
    return TableProfile(path, n, tuple(found))


def shop(items, events, judged, kinds):
    """A catalogue, a log and judgements in files whose names say nothing."""
    view, cart, buy = kinds.split(", ")
    ids = [f"A{i}" for i in range(40)]
    titles = [f"{THINGS[i % 5]} {i}" for i in range(40)]
    homes = [("Home", "Garden", "Kitchen")[i % 3] for i in range(40)]
    users, bought = [f"u{i % 23}" for i in range(120)], [ids[i % 40] for i in range(120)]
    times = [f"2024-05-{1 + i % 28:02d} 10:{i % 60:02d}:00" for i in range(120)]
    return (
        table("a.csv", 40, items, ids, titles, homes, [9.5 + i for i in range(40)], [i % 7 for i in range(40)]),
        table("b.csv", 120, events, users, bought, times, [(view, cart, buy)[i % 3] for i in range(120)]),
        table(
            "c.csv",
            60,
            judged,
            [THINGS[i % 5] for i in range(60)],
            [ids[i % 40] for i in range(60)],
            [i % 4 for i in range(60)],
        ),
    )


@pytest.mark.parametrize(
    ("items", "events", "judged", "kinds"), [one[1:] for one in SHOPS], ids=[one[0] for one in SHOPS]
)
def test_a_shop_of_any_of_these_languages_is_read_by_its_names(items, events, judged, kinds):
    found = guess(shop(items, events, judged, kinds)[::-1])

    roles = (found.item_roles, found.event_roles, found.judgement_roles)
    wanted = ("item_id title category price stock", "user item_id time kind", "query item_id gain")
    for got, names, columns in zip(roles, wanted, (items, events, judged), strict=True):
        assert {role: got[role].columns for role in names.split()} == dict(
            zip(names.split(), [(name,) for name in columns.split(", ")], strict=True)
        )
    view, cart, buy = kinds.split(", ")
    assert [found.kinds.get(word) for word in (view, cart, buy)] == ["view", "add_to_cart", "purchase"]
    assert not found.unmapped


@pytest.mark.parametrize(
    "names",
    [
        "商品編號 商品编号",
        "會員ID 会员id",
        "Ürün-Adı ÜRÜN_ADI urunadi UrunAdi",
        "FİYAT fiyat Fiyat",
        "Mã_sản_phẩm ma_san_pham MaSanPham",
        "Größe grösse GRÖSSE",
        "Stan-magazynowy STAN_MAGAZYNOWY stanMagazynowy",
        "Категория КАТЕГОРИЯ категория",
        "Τιμή ΤΙΜΗ τιμη",
        "الفئة الفئه",
        "Łódź lodz",
    ],
)
def test_one_name_may_be_spelt_in_many_ways(names):
    assert len({folded_name(name) for name in names.split()}) == 1


def test_marks_that_are_vowels_are_kept():
    assert folded_name("मूल्य") != folded_name("मल्य")
    assert folded_name("ราคา") == "ราคา"


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        ("Цена розничная", "Цена закупочная"),
        ("Cena brutto", "Cena zakupu"),
        ("Preço de venda", "Preço de custo"),
        ("Verkoopprijs", "Inkoopprijs"),
        ("Prezzo", "Prezzo di acquisto"),
        ("售價", "進貨價"),
        ("판매가격", "매입가격"),
        ("Giá bán", "Giá nhập"),
        ("Selling Price", "Cost Price"),
    ],
)
def test_a_price_that_is_not_asked_for_speaks_more_softly(chosen, other):
    assert name_score(other, "price") < 0.6 < name_score(chosen, "price")


@pytest.mark.parametrize("name", ["c1", "Feld A", "Колонка 3", "xyzzy", "列二", "Spalte", "attr_7"])
def test_a_name_that_says_nothing_speaks_for_no_role(name):
    assert {role: name_score(name, role) for role in ROLE_NAMES if name_score(name, role) >= 0.25} == {}


def test_what_groups_people_names_none_of_them():
    assert not [name for name in GROUPING if name in LEADING_TO_PEOPLE]
