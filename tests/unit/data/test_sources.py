import json
import resource

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steelyard.adapters.shop.cutting.source_files import locate
from steelyard.adapters.shop.sources import Sources
from steelyard.data.schema import Role, Wanted
from steelyard.errors import SourceError


@pytest.fixture
def sources(tmp_path):
    with Sources(tmp_path, scratch=tmp_path / "scratch", threads=1) as opened:
        yield opened


def read(sources, path, *roles):
    wanted = Wanted("events", path, roles)
    sources.check([wanted])
    return sources.scan(wanted, pseudonym=lambda raw: f"<{raw}>").sort("row").collect().to_native().to_pylist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_is_read_in_any_usual_encoding(sources, tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("编号,名称\n1,红色连衣裙，纯棉\n2,保温杯500毫升\n".encode(encoding))

    rows = read(sources, "a.csv", Role("item_id", ("编号",)), Role("title", ("名称",)))

    assert [(row["item_id"], row["title"]) for row in rows] == [("1", "红色连衣裙，纯棉"), ("2", "保温杯500毫升")]


def test_latin_text_is_not_taken_for_chinese(sources, tmp_path):
    (tmp_path / "a.csv").write_bytes("id,name\n1,Crème brûlée\n2,Café à la crème\n".encode("cp1252"))

    rows = read(sources, "a.csv", Role("title", ("name",)))

    assert [row["title"] for row in rows] == ["Crème brûlée", "Café à la crème"]


def test_numbers_are_read_as_people_write_them(sources, tmp_path):
    written = ["12.5", "£1,234.50", "3,20", "１２", "-4", "nan", "", "two", "1e3", "¥99元"]
    (tmp_path / "a.csv").write_text("x;y\n" + "".join(f"{value};.\n" for value in written), "utf-8")

    rows = read(sources, "a.csv", Role("price", ("x",), "number"))

    assert [row["price"] for row in rows] == [12.5, 1234.5, 3.2, 12.0, -4.0, None, None, None, 1000.0, 99.0]
    assert [row["price_text"] for row in rows][5:8] == [None, None, "two"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2024-05-01 10:00:00", 1714557600),
        ("2024-05-01T18:00:00+08:00", 1714557600),
        ("2024/5/1 10:00", 1714557600),
        ("2024年5月1日", 1714521600),
        ("20240501", 1714521600),
        ("1714557600", 1714557600),
        ("1714557600000", 1714557600),
        ("30/04/2024 10:00", 1714471200),
        ("soon", None),
    ],
)
def test_times_are_read_in_any_usual_form(sources, tmp_path, written, seconds):
    (tmp_path / "a.csv").write_text(f"t,x\n{written},1\n", "utf-8")

    rows = read(sources, "a.csv", Role("time", ("t",), "time"))

    assert rows[0]["time"] == seconds


def test_day_and_month_are_told_apart_by_the_whole_column(sources, tmp_path):
    (tmp_path / "a.csv").write_text("t,x\n03/04/2024,1\n25/04/2024,1\n", "utf-8")

    rows = read(sources, "a.csv", Role("time", ("t",), "time"))

    assert rows[1]["time"] - rows[0]["time"] == 22 * 86400


def test_identifiers_written_as_decimals_lose_them(sources, tmp_path):
    pq.write_table(pa.table({"user": [17850.0, None, 0.5]}), tmp_path / "a.parquet")

    rows = read(sources, "a.parquet", Role("user", ("user",), is_personal=True))

    assert [row["user"] for row in rows] == ["<17850>", None, "<0.5>"]


def test_json_lines_are_read_and_a_broken_line_is_told(sources, tmp_path):
    lines = [json.dumps({"id": 1, "tags": {"a": "b"}}), "{broken", json.dumps({"id": "x2", "more": 1})]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", "utf-8")

    rows = read(sources, "a.jsonl", Role("item_id", ("id",)), Role("attributes", ("tags",), is_list=True))

    assert [row["item_id"] for row in rows] == ["1", "x2"]
    assert list(sources.malformed("events")) == [2]
    assert json.loads(rows[0]["attributes_0"]) == {"a": "b"}


def test_all_problems_of_all_files_are_told_at_once_with_the_nearest_names(sources, tmp_path):
    (tmp_path / "a.csv").write_text("product_id,titel\n1,x\n", "utf-8")
    wanted = [
        Wanted("items", "a.csv", (Role("item_id", ("productid",)), Role("title", ("title",)))),
        Wanted("events", "evnts.csv", ()),
    ]

    with pytest.raises(SourceError) as caught:
        sources.check(wanted)

    message = str(caught.value)
    assert "no column 'productid'. Did you mean 'product_id'?" in message
    assert "no column 'title'. Did you mean 'titel'? It has: product_id, titel" in message
    assert "[data.events] no file" in message


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.xlsx", b"PK"), ("a.parquet", b"PAR1 no")])
def test_what_is_no_table_is_refused(sources, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(SourceError, match=name):
        sources.look(name)


def test_a_csv_of_300_000_columns_is_refused_from_its_header(sources, tmp_path):
    header = ",".join(f"column{i}" for i in range(300_000))
    (tmp_path / "wide.csv").write_text(header + "\n" + "," * 299_999 + "\n", "utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(SourceError, match="columns, at most 2,000 are allowed"):
        sources.look("wide.csv")

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_parquet_file_that_declares_far_more_than_it_holds_is_refused(sources, tmp_path):
    pq.write_table(pa.table({"x": pa.array([0]).take(pa.array([0] * 10_000_000))}), tmp_path / "bomb.parquet")

    with pytest.raises(SourceError, match="made to exhaust memory"):
        sources.look("bomb.parquet")


def test_a_file_of_a_package_is_found_without_importing_it(tmp_path):
    found = locate("package:pyarrow/include/arrow/api.h", tmp_path)

    assert found.name == "api.h"
    with pytest.raises(SourceError, match="pip install no-such-thing"):
        locate("package:no_such_thing/a.csv", tmp_path)
    with pytest.raises(SourceError, match="leads out of the package"):
        locate("package:pyarrow/../numpy/__init__.py", tmp_path)


def test_nothing_is_left_in_the_scratch_folder(tmp_path):
    (tmp_path / "a.csv").write_bytes("编号\n一\n不锈钢锅\n".encode("gb18030"))
    with Sources(tmp_path, scratch=tmp_path / "scratch", threads=1) as opened:
        wanted = Wanted("items", "a.csv", (Role("item_id", ("编号",)),))
        opened.keep(opened.scan(wanted, pseudonym=str), "kept")

    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("at", [1, 3])
def test_a_quotation_mark_that_is_never_closed_swallows_nothing(sources, tmp_path, at):
    lines = ["id,time", *(f"{i},2024-01-0{i}" for i in range(1, 9))]
    lines.insert(at, '"never closed,2024-01-01')
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    wanted = Wanted("events", "a.csv", (Role("item_id", ("id",)),))

    read = len(sources.scan(wanted, pseudonym=str).collect())

    assert (read, sources.count(wanted), len(sources.malformed("events"))) == (9, 9, 0)


def test_a_stray_quotation_mark_is_a_letter_of_its_cell(sources, tmp_path):
    (tmp_path / "a.csv").write_text('id,name\n"1","pan"\n"2","5" pan"\n"3","pot"\n')
    wanted = Wanted("events", "a.csv", (Role("item_id", ("id",)), Role("title", ("name",))))

    read = sources.scan(wanted, pseudonym=str).sort("row").collect().to_native().to_pylist()

    assert [row["title"] for row in read] == ["pan", '5" pan', "pot"]
    assert {note.reason: note.count for note in sources.cutting_notes("events")} == {"quotes_mended": 1}


def test_mixed_line_ends_are_all_line_ends(sources, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,time\r\n1,2024-01-01\r\n2,2024-01-02\n")

    assert len(read(sources, "a.csv", Role("time", ("time",), "time"))) == 2
    assert [note.reason for note in sources.cutting_notes("events")] == ["line_ends_mixed"]
