"""Rows as tables, CSV, JSON and workbooks: exact, and never a formula."""

import csv
import io
import json
import zipfile
from decimal import Decimal

import pytest

from steelyard.cli.cost.tables import print_rows
from steelyard.errors import ConfigError

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
