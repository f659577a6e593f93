"""Each form a shop exports its tables in is read, or refused with what to do."""

import gzip
import io
import json
import sqlite3
import zipfile
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.adapters.table_files import Files

from steelyard.errors import SourceError

CSV = "id,name\n1,pan\n2,lid\n"
ROWS = [("1", "pan"), ("2", "lid")]
OBJECTS = [{"id": 1, "name": "pan"}, {"id": 2, "name": "lid"}]


@pytest.fixture
def files(tmp_path):
    opened = Files(tmp_path)
    yield opened
    opened.close()


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return out.getvalue()


# Packed files and folders.


def test_packed_files_are_read(files):
    files.write("a.csv.gz", gzip.compress(CSV.encode()))
    files.write(
        "b.jsonl.zst", pa.Codec("zstd").compress("".join(json.dumps(o) + "\n" for o in OBJECTS).encode(), asbytes=True)
    )
    files.write("c.zip", zipped(items__csv=CSV, readme__md="about"))

    assert all(files.read(path, "id", "name") == ROWS for path in ("a.csv.gz", "b.jsonl.zst", "c.zip"))


@pytest.mark.parametrize("path", ["log", "log/*.csv", "log.zip"])
def test_daily_files_are_one_table_and_each_is_told_with_its_rows(files, path):
    days = {f"2024-0{i}.csv": f"id,name\n{i},thing {i}\n{i}0,more\n" for i in (2, 1, 3)}
    for name, text in days.items():
        files.write(f"log/{name}", text)
    files.write("log.zip", zipped(**{name.replace(".", "__"): text for name, text in days.items()}))

    rows = files.read(path, "id")

    assert rows == [("1",), ("10",), ("2",), ("20",), ("3",), ("30",)]
    note = next(n for n in files.sources.cutting_notes("items") if n.reason == "files_joined")
    assert list(note.values.values()) == [2, 2, 2]


def test_columns_may_stand_in_another_order_but_not_be_others(files):
    files.write("log/1.csv", CSV).write("log/2.csv", "name,id\ncup,3\n")

    assert files.read("log", "id", "name") == [*ROWS, ("3", "cup")]
    files.write("odd/1.csv", CSV).write("odd/2.csv", "id,title\n3,cup\n")
    with pytest.raises(SourceError, match=r"same columns: 2\.csv has 'title' more, 'name' missing beside 1\.csv"):
        files.read("odd", "id")


def test_bad_lines_of_daily_files_name_the_file(files):
    files.write("log/1.csv", CSV).write("log/2.csv", "id,name\n3,cup,7\n")

    assert len(files.read("log", "id")) == 2
    note = next(n for n in files.sources.cutting_notes("items") if n.reason == "row_malformed")
    assert note.values == {"2.csv": 1}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", zipped(readme__md="x"), "holds no table"),
        ("a.zip", zipped(inner__zip=zipped(a__csv=CSV)), "packed file inside a packed file"),
        ("a.csv", zipped(a__csv=CSV), "is a zip or Excel file"),
        ("a.csv.gz", b"\x1f\x8bnot", "cannot be unpacked"),
        ("a.csv", "<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        ("a.csv", b"\xd0\xcf\x11\xe0rest", "old Excel file"),
        ("a.json", '[{"id": 1}, {"id": ', "no sound JSON"),
        ("a.json", '{"a": [{"x": 1}, {"x": 2}], "b": [{"y": 1}, {"y": 2}]}', "several lists: a"),
        ("a.json", '{"a": 1, "b": [1, 2]}', "holds no list of objects"),
        ("a.xml", "<a><b>", "no sound XML"),
        ("a.xlsx", zipped(a__txt="x"), "no sound Excel file"),
        ("log", None, "Did you mean|no file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(files, name, content, says):
    if content is not None:
        files.write(name, content)

    with pytest.raises(SourceError, match=says):
        files.read(name, "id")


# JSON.


@pytest.mark.parametrize(
    "document",
    [
        OBJECTS,
        {"products": OBJECTS, "page": 1, "links": [{"next": "x"}] * 0},
        {"data": {"catalog": {"edges": [{"node": o, "cursor": "c"} for o in OBJECTS]}}},
        {"@context": "https://schema.org", "@graph": [{"@type": "Product", **o} for o in OBJECTS]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": o} for o in OBJECTS]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_documents_are_searched_for_their_list_of_rows(files, document, indent):
    files.write("a.json", json.dumps(document, indent=indent))

    assert files.read("a.json", "id", "name") == ROWS


def test_the_list_that_is_meant_can_be_named(files):
    files.write("a.json", json.dumps({"shops": [{"id": 9, "name": "x"}] * 2, "goods": OBJECTS}))

    assert files.read("a.json", "id", "name", records="goods") == ROWS


def test_objects_after_one_another_are_rows_even_on_several_lines(files):
    files.write("a.json", "\n".join(json.dumps(o, indent=1) for o in OBJECTS))

    assert files.read("a.json", "id", "name") == ROWS


def test_json_lines_with_words_for_no_number_are_kept(files):
    files.write("a.jsonl", '{"id": 1, "p": NaN}\n\n{"id": 2, "p": 3}\n[1]\n{"id": 3, "p": Infinity}')

    assert files.read("a.jsonl", "id", "p") == [("1", None), ("2", "3"), ("3", None)]
    assert files.bad_lines == [4]


# Values inside others.


def test_a_price_given_as_an_object_is_read_where_one_value_can_be_meant(files):
    lines = [{"id": i, "price": {"amount": f"{i}.50", "currencyCode": "EUR"}} for i in (1, 2)]
    files.write("a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    assert files.read("a.jsonl", "price", numbers=("price",)) == [(1.5,), (2.5,)]
    assert files.notes == {"object_read": 1}
    assert files.read("a.jsonl", "price.currencyCode") == [("EUR",), ("EUR",)]


def test_a_price_in_which_two_values_can_be_meant_is_refused_with_their_names(files):
    files.write("a.jsonl", '{"id": 1, "price": {"value": 3, "amount": 4}}\n')

    with pytest.raises(SourceError, match=r"holds objects.*price\.(value|amount), price\.(value|amount)"):
        files.read("a.jsonl", "price", numbers=("price",))


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_list_of_objects_gives_a_row_an_element(files, form):
    events = [
        {"who": "a", "items": [{"sku": "1", "n": 2}, {"sku": "2", "n": 1}]},
        {"who": "b", "items": []},
        {"who": "c", "items": [{"sku": "3", "n": 1}]},
    ]
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(events), files.folder / "a.parquet")
    else:
        files.write("a.jsonl", "".join(json.dumps(event) + "\n" for event in events))

    rows = files.read(f"a.{form}", "who", "items.sku", "items.n", numbers=("items.n",))

    assert rows == [("a", "1", 2.0), ("a", "2", 1.0), ("b", None, None), ("c", "3", 1.0)]
    assert files.notes == {"list_unfolded": 4}


def test_parameters_of_an_event_are_named_by_their_key(files):
    value = pa.struct([("string_value", pa.string()), ("int_value", pa.int64())])
    kind = pa.list_(pa.struct([("key", pa.string()), ("value", value)]))
    word = {"key": "term", "value": {"string_value": "pan", "int_value": None}}
    page = {"key": "page", "value": {"string_value": None, "int_value": 7}}
    table = pa.table({"who": ["a", "b"], "params": pa.array([[word, page], []], kind)})
    pq.write_table(table, files.folder / "a.parquet")

    assert files.read("a.parquet", "who", "params.term", "params.page") == [("a", "pan", "7"), ("b", None, None)]


def test_a_path_that_leads_nowhere_is_refused_with_the_nearest(files):
    files.write("a.jsonl", '{"id": 1, "price": {"value": 3}}\n')

    with pytest.raises(SourceError, match=r"no column 'price\.valeu'\. Did you mean 'price\.value'"):
        files.read("a.jsonl", "price.valeu")


def test_bytes_that_are_utf8_are_text_and_others_need_the_encoding(files):
    pq.write_table(pa.table({"id": [b"1"], "name": ["毛刷".encode()]}), files.folder / "a.parquet")
    pq.write_table(pa.table({"id": [b"1"], "name": ["红色毛刷".encode("gb18030")]}), files.folder / "b.parquet")

    assert files.read("a.parquet", "id", "name") == [("1", "毛刷")]
    with pytest.raises(SourceError, match="name hold bytes that are not UTF-8"):
        files.read("b.parquet", "name")
    assert files.read("b.parquet", "name", encoding="gb18030") == [("红色毛刷",)]


# Workbooks, feeds, databases.


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_a_workbook_is_read_as_it_is_shown(files):
    rows = [
        ["Autumn"],
        ["id", "name", "since", "price"],
        [101.0, "pan", datetime.fromisoformat("2024-05-01T09:30:00"), 3.5],
    ]
    rows.append([102, None, date(2024, 5, 2)])
    workbook(files.folder / "a.xlsx", Goods=rows, Notes=[["made by", None], ["x"]])
    book = openpyxl.load_workbook(files.folder / "a.xlsx")
    book["Goods"]["A4"].number_format = "00000"
    book.save(files.folder / "a.xlsx")

    read = files.read("a.xlsx", "id", "name", "since", "price")

    assert read == [("101", "pan", "2024-05-01 09:30:00", "3.5"), ("00102", None, "2024-05-02", None)]
    assert files.notes == {"lines_before_header": 1}


def test_of_several_sheets_one_is_named(files):
    table = [["id", "name"], [1, "pan"], [2, "lid"]]
    workbook(files.folder / "a.xlsx", One=table, Two=table)

    with pytest.raises(SourceError, match="several sheets with a table \\('One', 'Two'\\)"):
        files.read("a.xlsx", "id")
    assert files.read("a.xlsx", "id", "name", sheet="Two") == ROWS


def test_a_merchant_feed_is_read(files):
    entry = "<item><title>{n}</title><g:id>{i}</g:id><g:price>3 EUR</g:price>"
    entry += "<g:image>a</g:image><g:image>b</g:image></item>"
    items = "".join(entry.format(i=i, n=n) for i, n in ROWS)
    head = '<?xml version="1.0" encoding="gb2312"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    head += "<title>店铺</title>"
    files.write("feed.xml", f"{head}{items}</channel></rss>", "gb2312")

    assert files.read("feed.xml", "id", "title") == ROWS
    assert files.read("feed.xml", "price", "image", "image_2")[0] == ("3 EUR", "a", "b")


def test_attributes_and_named_parameters_of_a_feed_are_columns(files):
    offers = '<offer id="7"><name>pan</name><param name="colour">red</param><size><w>3</w></size></offer>'
    files.write("feed.xml", f"<shop><categories><category id='1'/></categories><offers>{offers}</offers></shop>")

    assert files.read("feed.xml", "id", "name", "param.colour", "size.w") == [("7", "pan", "red", "3")]


def test_a_database_is_read_by_its_url(files, monkeypatch):
    with sqlite3.connect(files.folder / "shop.db") as db:
        db.execute("CREATE TABLE goods (id INTEGER, name TEXT, price REAL)")
        db.executemany("INSERT INTO goods VALUES (?, ?, ?)", [(1, "pan", 3.0), (2, "lid", None)])
        db.execute("CREATE TABLE others (x INTEGER)")
    db.close()

    assert files.read("sqlite:///shop.db", "id", "name", sql="goods") == ROWS
    query = "SELECT id, upper(name) AS n FROM goods WHERE price IS NOT NULL"
    assert files.read("sqlite:///shop.db", "n", sql=query) == [("PAN",)]
    with pytest.raises(SourceError, match="has goods, others: name one"):
        files.read("sqlite:///shop.db", "id")
    with pytest.raises(SourceError, match="cannot be read: no such column"):
        files.read("sqlite:///shop.db", "id", sql="SELECT colour FROM goods")
    with pytest.raises(SourceError, match=r"variables that are not set.*: NO_SUCH_SECRET"):
        files.read("postgresql://me:${NO_SUCH_SECRET}@nowhere/shop", "id")
