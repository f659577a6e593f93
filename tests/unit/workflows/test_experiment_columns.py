"""Columns of an experiment's file: all that is wrong with them is said at once, with what to do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.shop.sources import Sources
from steelyard.errors import DataError
from steelyard.workflows.experiments.figures import percent_text
from steelyard.workflows.experiments.reading import Bounds, Number, read_columns

ANY = Bounds()
SHARE = Bounds(0, 1, is_low_excluded=True)


@pytest.fixture
def read(tmp_path):
    def of(text, *, bounds=ANY, column="spent", unit="user"):
        (tmp_path / "arms.csv").write_text(text, "utf-8")
        with Sources(tmp_path, scratch=tmp_path / "tmp", threads=1) as sources:
            return read_columns(
                sources,
                "arms.csv",
                texts={"unit": (unit, "--unit")},
                numbers={"metric": Number(column, "--metric", "write 0 for nothing", bounds)},
            )

    return of


def test_columns_come_whole_and_in_order(read):
    found = read("user,spent\nb,2.5\na,0\n007,-1\n")

    assert found.n_rows == 3
    assert found.texts == {"unit": ["b", "a", "007"]}
    assert found.numbers["metric"].tolist() == [2.5, 0.0, -1.0]


def test_a_column_that_is_missing_is_answered_with_the_nearest_and_with_all(read):
    with pytest.raises(DataError) as raised:
        read("user,spend\na,1\n", unit="arm")

    text = str(raised.value)
    assert "arms.csv lacks columns; it has user, spend" in text
    assert "no column 'arm': name it with --unit COLUMN" in text
    assert "no column 'spent': name it with --metric COLUMN; did you mean 'spend'?" in text


def test_a_file_with_a_header_alone_is_refused(read):
    with pytest.raises(DataError, match=r"arms.csv has no row below its header: nothing to compute from"):
        read("user,spent\n")


def test_rows_that_lack_something_are_counted_and_the_first_is_named(read):
    with pytest.raises(DataError) as raised:
        read("user,spent\na,1\n,2\n,x\nb,\n")

    text = str(raised.value)
    assert "arms.csv cannot be used, nothing was computed" in text
    assert "2 rows have nothing in 'user' (first: row 2): fill it in" in text
    assert "2 rows have no number in 'spent' (first: row 3): write 0 for nothing" in text


def test_a_number_out_of_bounds_is_named_with_the_bounds(read):
    with pytest.raises(DataError, match=r"1 row has no number in \(0, 1\] in 'spent' \(row 2\)"):
        read("user,spent\na,1\nb,0\n", bounds=SHARE)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_bound_holds_what_is_not_finite_and_an_excluded_end_is_not_held(value):
    (anything,) = ANY.holds(np.array([value]))
    (share,) = SHARE.holds(np.array([value]))

    assert anything == np.isfinite(value)
    assert share == (0 < value <= 1)


def test_bounds_are_written_as_intervals_are():
    assert str(SHARE) == "(0, 1]"
    assert str(Bounds(0, 10)) == "[0, 10]"


@pytest.mark.parametrize(
    ("share", "places", "signed", "text"),
    [(0.125, 1, False, "12.5 %"), (0.5, 2, False, "50.00 %"), (0.02, 1, True, "+2.0 %"), (-0.02, 0, True, "-2 %")],
)
def test_a_share_is_written_as_a_percentage(share, places, signed, text):
    assert percent_text(share, places, is_signed=signed) == text
