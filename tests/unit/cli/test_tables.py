"""Rows as tables, CSV, JSON and workbooks: exact, and never a formula."""

import csv
import io
import json
import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from steelyard.cli.cost.grid import said, table_of, wrapped
from steelyard.cli.cost.tables import print_rows
from steelyard.errors import ConfigError, StorageError

ROWS = [
    {"name": "=cmd|' /C calc'!A0", "amount": Decimal("12.500000"), "is_it": True, "unknown": None},
    {"name": "秤", "amount": Decimal("-0.000000000001"), "is_it": False, "unknown": None},
]
COLUMNS = ("name", "amount", "is_it", "unknown")


def test_csv_says_nothing_a_spreadsheet_would_run(capsys):
    print_rows("t", COLUMNS, ROWS, "csv")

    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["name"] for row in found] == ["'=cmd|' /C calc'!A0", "秤"]
    assert [row["amount"] for row in found] == ["12.50", "-0.000000000001"]
    assert found[0]["unknown"] == ""


def test_json_keeps_unknown_apart_from_nothing(capsys):
    print_rows("t", COLUMNS, ROWS, "json")

    assert json.loads(capsys.readouterr().out)[0] == {
        "name": "=cmd|' /C calc'!A0", "amount": "12.50", "is_it": True, "unknown": None,
    }  # fmt: skip


def test_a_table_leaves_out_columns_that_say_nothing(capsys):
    print_rows("[t]", COLUMNS, ROWS, "table")

    shown = capsys.readouterr().out
    assert "[t]" in shown
    assert "unknown" not in shown
    assert "yes" in shown


def test_a_workbook_holds_numbers_and_no_formula(tmp_path):
    path = tmp_path / "a.xlsx"

    print_rows("a/b: [c]", COLUMNS, ROWS, "xlsx", out=path)

    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>12.5</v>" in sheet
    assert "=cmd" in texts


def test_a_workbook_goes_to_a_file():
    with pytest.raises(ConfigError, match="--out"):
        print_rows("t", COLUMNS, ROWS, "xlsx")


def cells(path):
    """Numbers and texts of a workbook, row by row."""
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        shared = book.read("xl/sharedStrings.xml").decode()
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", shared)
    found = re.findall(r'<c r="([A-Z]+\d+)"(?: s="1")?( t="s")?><v>([^<]*)</v>', sheet)
    return {place: texts[int(value)] if is_text else float(value) for place, is_text, value in found}


def test_a_name_that_looks_like_a_number_stays_as_it_is_written(tmp_path):
    rows = [{"a": text} for text in ("0012", "1,2", "1,234.50", "-3.20", "1e5", "١٢")]

    print_rows("t", ("a",), rows, "xlsx", out=tmp_path / "a.xlsx")

    found = cells(tmp_path / "a.xlsx")
    assert [found[f"A{at}"] for at in range(2, 8)] == ["0012", "1,2", 1234.5, -3.2, "1e5", "١٢"]


def test_what_is_no_finite_number_is_a_word(tmp_path):
    rows = [{"a": value} for value in (float("inf"), Decimal("NaN"), 1e-7, Decimal(10) ** 30)]

    print_rows("t", ("a",), rows, "xlsx", out=tmp_path / "a.xlsx")

    found = cells(tmp_path / "a.xlsx")
    assert [found[f"A{at}"] for at in range(2, 6)] == ["inf", "NaN", 1e-7, f"1{'0' * 30}"]


@pytest.mark.parametrize("text", ["\n=1+1", "＝1+1", "＠SUM(1)", "-1+cmd", "\t=1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(text, capsys):
    print_rows("t", (text, "b"), [{text: text, "b": "x"}], "csv")

    head, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head[0] == row[0] == f"'{text}"


def test_more_rows_or_longer_texts_than_a_sheet_holds_are_said_or_cut_with_a_mark(tmp_path):
    path = tmp_path / "a.xlsx"

    print_rows("t", ("a",), [{"a": "x" * 40_000}], "xlsx", out=path)

    assert cells(path)["A2"] == "x" * 32_766 + "…"
    with pytest.raises(ConfigError, match=r"1,048,576 rows .*csv"):
        print_rows("t", ("a",), [{"a": 1}] * 1_048_576, "xlsx", out=path)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "table"])
def test_a_place_that_cannot_be_written_is_said(form, tmp_path):
    (tmp_path / "file").write_text("x")

    for place in (tmp_path / "nowhere" / "a", tmp_path / "file" / "a"):
        with pytest.raises(StorageError, match="cannot write"):
            print_rows("t", ("a",), [{"a": 1}], form, out=place)


def test_a_table_repeats_no_leading_cell_and_cuts_nothing_off(capsys):
    long = "metered/2026-11-21T11:34:44.817+00:00/" + "step/" * 40
    rows = [
        {"surface": "search", "entry": long, "cost": "12,345,678.90 USD"},
        {"surface": "search", "entry": "other", "cost": "0.00 USD"},
    ]

    print_rows("t", ("surface", "entry", "cost"), rows, "table")

    shown = capsys.readouterr().out
    assert shown.count("search") == 1
    assert "…" not in shown
    cells = [line.split("│") for line in shown.splitlines() if line.startswith("│")]
    assert "".join(cell[2].strip() for cell in cells) == long + "other"
    assert "12,345,678.90 USD" in shown
    assert max(map(len, shown.splitlines())) == 160


def test_rows_that_are_all_the_same_keep_their_last_cell(capsys):
    print_rows("t", ("a", "b"), [{"a": "one", "b": "two"}] * 2, "table")

    shown = capsys.readouterr().out
    assert shown.count("one") == 1
    assert shown.count("two") == 2


NARROW = [
    {"stage": "serving", "item": "4 x aws/us-east-1/t3.micro", "hours": 2920, "price": "0.0104 USD",
     "cost": "30.37 USD", "low": "30.37 USD", "high": "30.37 USD", "source": "read by hand from the public list"},
    {"stage": "serving", "item": "轻量应用服务器 / 上海", "hours": 2920, "price": "0.0104 USD", "cost": "30.37 USD",
     "low": "30.37 USD", "high": "30.37 USD", "source": "read by hand from another list"},
]  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_a_table_is_never_wider_than_the_screen_and_every_figure_is_whole(width):
    shown = table_of("the month's bill of a long name", list(NARROW[0]), NARROW, width=width)

    assert max(map(cell_len, shown.splitlines())) <= width
    assert shown.count("30.37 USD") == 6
    assert shown.count("2920") == 2
    assert "…" not in shown


def test_an_amount_is_shown_again_where_it_is_the_same_as_above():
    rows = [
        {"day": "2026-11-01", "amount": "5.00 USD", "of": "a"},
        {"day": "2026-11-01", "amount": "5.00 USD", "of": "b"},
    ]

    shown = table_of("t", ("day", "amount", "of"), rows, width=80)
    first = table_of("t", ("amount", "of"), [{**row, "of": "same " * 30} for row in rows], width=60)

    assert (shown.count("2026-11-01"), shown.count("5.00 USD")) == (1, 2)
    assert first.count("5.00 USD") == 2


cells_of = st.none() | st.text(max_size=40) | st.integers(-(10**9), 10**9) | st.decimals(-(10**9), 10**9, places=4)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 9).flatmap(lambda n: st.lists(st.lists(cells_of, min_size=n, max_size=n), min_size=1, max_size=5)),
    st.integers(40, 170),
)
def test_whatever_the_rows_hold_the_table_fits_and_no_figure_is_lost(values, width):
    names = [f"column {at}" for at in range(len(values[0]))]
    rows = [dict(zip(names, row, strict=True)) for row in values]

    shown = table_of("title", names, rows, width=width)

    assert max(map(cell_len, shown.split("\n"))) <= width
    for name in names:
        given_ = [row[name] for row in rows if row[name] is not None]
        if given_ and all(isinstance(value, int | Decimal) for value in given_):
            assert all(said(value) in shown for value in given_)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("making parts/encoder/minilm-static", ["making parts/", "encoder/minilm-", "static"]),
        ("a" * 20, ["a" * 15, "a" * 5]),
        ("上海上海上海上海上海", ["上海上海上海上", "海上海"]),
        ("", [""]),
        ("one two", ["one two"]),
    ],
)
def test_a_text_is_broken_between_words(text, lines):
    assert wrapped(text, 15) == lines


def test_no_rows_are_said_and_a_file_that_cannot_be_written_too(capsys, tmp_path):
    print_rows("t", COLUMNS, [], "table")

    assert capsys.readouterr().out == "t: nothing\n"
    for form in ("csv", "xlsx"):
        with pytest.raises(StorageError, match="cannot write"):
            print_rows("t", COLUMNS, ROWS, form, out=tmp_path / "none" / "a")


def test_what_is_the_same_in_every_row_is_said_once_where_the_table_is_too_wide(capsys):
    rows = [{"name": name, "note": "n" * 150, "region": "DE"} for name in ("one", "two")]

    print_rows("t", ("name", "note", "region"), rows, "table")
    wide = capsys.readouterr().out
    print_rows("t", ("name", "region"), rows, "table")
    narrow = capsys.readouterr().out

    assert wide.startswith("t · note nnn")
    assert wide.count("DE") == 1
    assert narrow.count("DE") == 2
