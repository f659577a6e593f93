"""The quality report: every row is accounted for, the gravest findings come first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.quality import Finding, TableReport, report
from steelyard.errors import DataError


def finding(reason, severity, count):
    return Finding("items", reason, severity, "flag", count, count / 100, "says")


def test_rows_that_are_not_accounted_for_stop_everything():
    lost = TableReport("items", n_in=10, n_kept=7, n_quarantined=2)

    with pytest.raises(DataError, match="rows of items were lost"):
        report([TableReport("events", 1, 1, 0), lost])


@given(*[st.integers(0, 1000)] * 3)
def test_kept_quarantined_and_merged_make_up_what_came_in(kept, quarantined, merged):
    whole = kept + quarantined + merged

    assert TableReport("items", whole, kept, quarantined, merged).is_balanced
    assert not TableReport("items", whole + 1, kept, quarantined, merged).is_balanced
    assert report([TableReport("items", whole, kept, quarantined, merged)]).rows["items"].n_in == whole


def test_errors_come_first_then_warnings_then_notes_and_of_each_the_commonest():
    items = TableReport("items", 1, 1, 0, findings=(finding("a", "info", 90), finding("b", "warning", 1)))
    events = TableReport("events", 1, 1, 0, findings=(finding("c", "error", 2), finding("d", "warning", 5)))

    assert [each.reason for each in report([items, events]).findings] == ["c", "d", "b", "a"]
