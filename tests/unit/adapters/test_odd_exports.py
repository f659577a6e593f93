"""Exports as databases, spreadsheets and old systems leave them are read whole, or refused with what to do."""

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.adapters.table_files import Files

from steelyard.adapters.shop.cutting.encodings import encoding_of
from steelyard.data.schema import Reading, Role, Wanted
from steelyard.errors import SourceError


@pytest.fixture
def files(tmp_path):
    opened = Files(tmp_path)
    yield opened
    opened.close()


# Letters.

OLD = {
    "cp932": "id,name\n1,ﾀｵﾙ 白\n2,ﾏｸﾞｶｯﾌﾟ\n3,ｽﾌﾟｰﾝ 木\n",
    "iso8859-5": "id,name\n1,Чайник медный\n2,Полотенце\n3,Ложка деревянная\n",
    "mac_cyrillic": "id,name\n1,Чайник медный\n2,Полотенце\n3,Ложка деревянная\n",
    "cp1125": "id,name\n1,Мідний чайник\n2,Рушник бавовняний\n3,Ложка дерев'яна їдальня\n",
    "cp737": "id,name\n1,Χάλκινος βραστήρας\n2,Πετσέτα\n3,Ξύλινο κουτάλι\n",
    "mac_greek": "id,name\n1,Χάλκινος βραστήρας\n2,Πετσέτα\n3,Ξύλινο κουτάλι\n",
    "cp852": "id,name\n1,Měděná konvice\n2,Ručník žlutý\n3,Dřevěná lžíce\n",
    "mac_latin2": "id,name\n1,Měděná konvice\n2,Ručník žlutý\n3,Dřevěná lžíce\n",
    "cp857": "id,name\n1,Bakır çaydanlık\n2,Havlu yeşil\n3,Ahşap kaşık\n",
    "cp1256": "id,name\n1,إبريق نحاس\n2,منشفة قطن\n3,ملعقة خشبية\n4,كوب زجاج\n",
    "cp1258": "id,name\n1,A\u0301o sơ mi tră\u0301ng\n2,Ghê\u0301 gô\u0303\n3,Tha\u0309m xanh đe\u0323p\n",
    "big5hkscs": "id,name\n1,嘢食盒 不鏽鋼\n2,冇糖茶 禮盒\n3,電腦檯 黑色\n4,毛巾 純棉\n",
}


@pytest.mark.parametrize("encoding", OLD)
def test_a_catalogue_of_an_old_system_is_read_in_its_letters_or_refused(tmp_path, encoding):
    content = OLD[encoding].encode(encoding)
    (tmp_path / "a.csv").write_bytes(content)

    assert content.decode(encoding_of(tmp_path / "a.csv").name) == OLD[encoding]


@pytest.mark.parametrize(
    ("encoding", "text"), [("johab", "1,면 수건\n2,대나무 도마\n3,소가죽 벨트\n"), ("cp500", "1,Gäste\n2,Öl\n")]
)
def test_letters_of_no_known_encoding_are_refused_rather_than_read_as_another_language(tmp_path, encoding, text):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))

    with pytest.raises(SourceError, match="cannot be told for sure"):
        encoding_of(tmp_path / "a.csv")


# Bytes inside lists and objects.


def test_bytes_inside_lists_and_objects_are_texts_too(files):
    names = pa.array([{"de": "Bürste".encode()}, None, {"de": "毛刷".encode()}], pa.struct([("de", pa.binary())]))
    levels = pa.array([["Küche".encode()], [], None], pa.list_(pa.binary()))
    pq.write_table(pa.table({"id": ["1", "2", "3"], "name": names, "levels": levels}), files.folder / "a.parquet")

    assert files.read("a.parquet", "id", "name.de") == [("1", "Bürste"), ("2", None), ("3", "毛刷")]


def test_bytes_inside_a_list_that_are_not_utf8_are_refused(files):
    levels = pa.array([["Küche".encode("cp1252")]], pa.list_(pa.binary()))
    pq.write_table(pa.table({"id": ["1"], "levels": levels}), files.folder / "a.parquet")

    with pytest.raises(SourceError, match=r"columns levels hold bytes that are not UTF-8 \(1 values"):
        files.read("a.parquet", "id", "levels")


# Lines.


def test_doubled_apostrophes_stand_in_cells_between_apostrophes(files):
    files.write("a.csv", "id,name,price\n1,'pan, red',5\n2,'cook''s lid',6\n3,'cup',2\n4,'tray, oval',3\n")

    assert files.read("a.csv", "name") == [("pan, red",), ("cook's lid",), ("cup",), ("tray, oval",)]


@pytest.mark.parametrize("mark", ["^", "~", "¦"])
def test_rare_delimiters_are_told(files, mark):
    files.write("a.txt", f"id{mark}name{mark}price\n1{mark}pan, red{mark}5\n2{mark}lid{mark}6\n")

    assert files.read("a.txt", "id", "name") == [("1", "pan, red"), ("2", "lid")]


def test_a_remark_on_the_file_is_no_header(files):
    files.write("a.csv", "#v2;utf-8\nid;name;price\n1;pan;5\n2;lid;6\n3;cup;7\n")

    assert files.read("a.csv", "id", "name") == [("1", "pan"), ("2", "lid"), ("3", "cup")]
    assert files.notes == {"lines_before_header": 1}


def test_the_line_that_a_database_client_draws_below_the_names_is_no_row(files):
    files.write("a.csv", "id,name\n--,----\n1,pan\n2,lid\n")

    assert files.read("a.csv", "id", "name") == [("1", "pan"), ("2", "lid")]
    assert files.notes == {"header_second": 1}


def test_line_ends_that_a_workbook_writes_in_letters_are_line_ends(files):
    book = openpyxl.Workbook()
    for row in (["id", "name"], ["1", "pan_x000D_\nred"], ["2", "part_x123_y"]):
        book.active.append(row)
    book.save(files.folder / "a.xlsx")

    assert files.read("a.xlsx", "name") == [("pan\r\nred",), ("part_x123_y",)]


# Orders of several lines.

ORDERS = "".join(
    f"<order id='o{i}'><who>w{i}</who><lines><line><sku>a{i}</sku></line><line><sku>b</sku></line></lines>"
    f"<day>2024-05-0{i}</day></order>"
    for i in (1, 2)
)


def test_each_line_of_an_order_is_a_row_with_what_stands_around_it(files):
    files.write("a.xml", f"<orders><made>today</made>{ORDERS}</orders>")

    rows = files.read("a.xml", "sku", "order.who", "order.day", "order.id", records="orders.order.lines.line")

    assert rows == [
        ("a1", "w1", "2024-05-01", "o1"),
        ("b", "w1", "2024-05-01", "o1"),
        ("a2", "w2", "2024-05-02", "o2"),
        ("b", "w2", "2024-05-02", "o2"),
    ]


def test_orders_of_which_only_the_first_line_would_be_read_are_refused(files):
    files.write("a.xml", f"<orders>{ORDERS}</orders>")
    roles = (Role("user", ("who",), "person"), Role("item_id", ("lines.line.sku",), "text"))
    wanted = Wanted("events", "a.xml", roles, Reading(records="orders.order"))

    with pytest.raises(SourceError, match=r"only the first would be read: set records = 'orders\.order\.lines\.line'"):
        files.sources.scan(wanted, pseudonym=str)


def test_a_folder_of_folders_is_one_table(files):
    for day in (1, 2):
        files.write(f"log/dt=2024-05-0{day}/part-0.csv", f"id,name\n{day},pan\n").write("log/_SUCCESS", "")
    files.write("log/_temporary/part-0.csv", "id,name\n9,lid\n")

    assert files.read("log", "id") == [("1",), ("2",)]


# Backslashes.


def test_marks_after_backslashes_in_every_row_shift_no_column(files):
    files.write("a.csv", "id,name,price\n" + "".join(f'"{i}","pan 9\\" wide, red","5"\n' for i in range(1, 4)))

    assert files.read("a.csv", "id", "name", "price") == [(str(i), 'pan 9" wide, red', "5") for i in range(1, 4)]


def test_apostrophes_after_backslashes_stand_in_cells_between_apostrophes(files):
    files.write("a.csv", "id,name,price\n1,'cook\\'s pan',5\n2,'lid, red',6\n3,'cup',7\n4,'tray, oval',8\n")

    assert files.read("a.csv", "name") == [("cook's pan",), ("lid, red",), ("cup",), ("tray, oval",)]


def test_a_table_that_a_database_wrote_without_quotation_marks_is_read_with_its_escapes(files):
    rows = ["1\tpan\t\\N\tone\\", "two", "2\tlid\tBo\tleft\\\tright", "3\tcup\t\\N\tback\\\\slash", "4\tpot\tBo\tplain"]
    files.write("a.tsv", "id\tname\tbrand\tnote\n" + "\n".join(rows) + "\n")

    assert files.read("a.tsv", "id", "note") == [
        ("1", "one\ntwo"),
        ("2", "left\tright"),
        ("3", "back\\slash"),
        ("4", "plain"),
    ]
    assert files.bad_lines == []


def test_an_amount_in_a_smaller_unit_is_not_taken_for_a_price(files):
    files.write("a.jsonl", '{"id": 1, "price": {"amount": 1250, "currency": "EUR", "precision": 2}}\n')
    wanted = Wanted("items", "a.jsonl", (Role("item_id", ("id",), "text"), Role("price", ("price",), "number")))

    with pytest.raises(SourceError, match=r"unit is told by price\.precision.*price_divisor = 100"):
        files.sources.scan(wanted, pseudonym=str)
