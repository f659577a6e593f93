"""Numbers of a bill: a column is read in one notation; where two fit it, the file is refused with both readings."""

from decimal import Decimal

import pytest
from bills import booked, line, written
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.errors import DataError
from steelyard.ledger.invoices.numbers import LARGEST_AMOUNT, Notation, decide_notations, in_plain_numbers, plain_number
from steelyard.ledger.invoices.problems import BillProblems


def read(*texts, told=None, is_comma_separated=False):
    """What a column of texts reads as, and what is wrong with it."""
    problems = BillProblems("bill.csv")
    lines = [(number, {"cost": text}) for number, text in enumerate(texts, start=2)]
    notations = decide_notations(lines, ["cost"], problems, told=told, is_comma_separated=is_comma_separated)
    plain = [found["cost"] for _, found in in_plain_numbers(lines, notations)]
    return plain, problems.sentences()


@pytest.mark.parametrize(
    ("texts", "plain"),
    [
        (["12.50", "1.234"], ["12.50", "1.234"]),
        (["12,50", "1.234"], ["12.50", "1234"]),
        (["1.234,50", "7"], ["1234.50", "7"]),
        (["1,234.50", "1,234"], ["1234.50", "1234"]),
        (["1.234.567", "1.234"], ["1234567", "1234"]),
        (["1 234,50", "1\u00a0234\u202f567,5"], ["1234.50", "1\u00a0234\u202f567,5"]),
        (["1\u202f234,50"], ["1234.50"]),
        (["1'234.50", "-1’234.5"], ["1234.50", "-1234.5"]),
        (["12,34,567.50"], ["1234567.50"]),
        (["0.123"], ["0.123"]),
        (["1.2E-7", "1.234"], ["1.2E-7", "1.234"]),
        (["+.5", "-0"], ["+.5", "-0"]),
        (["", "NULL", "12"], ["", "NULL", "12"]),
    ],
)
def test_the_values_of_a_column_decide_how_its_numbers_are_written(texts, plain):
    assert read(*texts) == (plain, [])


@pytest.mark.parametrize(
    ("texts", "readings"),
    [
        (["7", "1.234"], "line 3: cost '1.234' is 1.234 with a decimal point, 1234 with a decimal comma"),
        (["1,234"], "line 2: cost '1,234' is 1234 with a decimal point, 1.234 with a decimal comma"),
    ],
)
def test_a_number_that_reads_two_ways_is_asked_for_with_both_readings(texts, readings):
    assert readings in read(*texts)[1][0]
    assert read(*texts, told=Notation.POINT)[1] == []


def test_between_commas_a_point_is_a_decimal_point_and_a_comma_is_asked_for():
    assert read("1.234", is_comma_separated=True) == (["1.234"], [])
    assert "reads two ways" in read("1.234", "1,234", is_comma_separated=True)[1][0]


def test_a_column_in_two_notations_is_refused_with_both_lines():
    (said,) = read("1.234,50", "1,234.50")[1]

    assert "line 3: cost '1,234.50' has a decimal point, '1.234,50' of line 2 a decimal comma" in said


@pytest.mark.parametrize("text", ["", "1_000", "١٢", "１２", "nan", "inf", "1e", "(5)", "1.2.3", "1e9999999", "0x1"])
def test_what_is_no_number_is_none(text):
    with pytest.raises(ValueError, match="not a number"):
        plain_number(text, below=LARGEST_AMOUNT)


@pytest.mark.parametrize("text", ["1e400", "1e15", "-9e99999", "1e-999999"])
def test_what_no_ledger_can_keep_is_refused(text):
    with pytest.raises(ValueError, match="no bill has that"):
        plain_number(text, below=LARGEST_AMOUNT)


def test_nothing_has_no_sign():
    assert str(plain_number("-0.00", below=LARGEST_AMOUNT)) == "0"


@settings(deadline=None)
@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([(".", ","), (",", "."), (".", "'"), (",", " ")]))
def test_however_a_number_is_written_it_is_read_right_or_asked_for(number, signs):
    point, mark = signs
    text = f"{number:,.2f}".replace(",", "\0").replace(".", point).replace("\0", mark)

    (plain,), problems = read(text)

    assert problems == []
    assert Decimal(plain) == number


def test_a_file_of_a_spreadsheet_with_decimal_commas_is_read(tmp_path):
    text = written(tmp_path, line(BilledCost="1.234,50", EffectiveCost="0,5", ListCost="", PricingQuantity="24"))

    ((_, billed, effective, _),) = booked(tmp_path, text).bills

    assert (billed.amount, effective.amount) == (Decimal("1234.50"), Decimal("0.5"))


def test_a_file_with_semicolons_whose_dots_may_be_thousands_is_refused_and_read_once_it_is_told(tmp_path):
    told = line(BilledCost="1.234", EffectiveCost="1.234", ListCost="1.234", Tags="")
    path = tmp_path / "bill.csv"
    path.write_text("\n".join(";".join(row) for row in (told.keys(), told.values())) + "\n")

    with pytest.raises(DataError, match=r"line 2: BilledCost '1.234' is 1.234 with a decimal point, 1234 with"):
        booked(tmp_path, path)
    ((_, billed, _, _),) = booked(tmp_path, path, decimal=Notation.COMMA).bills

    assert billed.amount == Decimal(1234)
