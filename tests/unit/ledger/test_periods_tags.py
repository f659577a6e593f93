"""Whether a charge lies near its bill, and tags as the cells of bills hold them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.ledger.invoices.charges import Period
from steelyard.ledger.invoices.periods import is_far, is_long, maybe_swapped, outside
from steelyard.ledger.invoices.tags import json_tags, pair_tags


def period(first, last):
    return Period(*(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last)))


NOVEMBER = period("2026-11-01", "2026-12-01")


@pytest.mark.parametrize(
    ("first", "last", "is_odd"),
    [
        ("2026-11-03", "2026-11-04", False),
        ("2026-10-01", "2026-10-02", False),  # 31 days before
        ("2026-09-30", "2026-10-01", True),
        ("2027-01-01", "2027-01-01", False),  # 31 days behind its end
        ("2027-01-02", "2027-01-02", True),
        ("2026-11-01", "2027-01-02", True),  # ends too late
    ],
)
def test_a_charge_within_a_month_of_its_bill_is_not_odd(first, last, is_odd):
    said = outside(period(first, last), NOVEMBER)

    assert said == (f"used {first} to {last}, billed for 2026-11-01 to 2026-12-01" if is_odd else "")


@pytest.mark.parametrize(
    ("first", "is_swapped"),
    [
        ("2026-03-11", True),  # the 3rd of November, written the American way
        ("2026-10-11", True),
        ("2026-10-31", False),  # there is no 31st month
        ("2026-10-12", False),  # the 10th of December is outside too
        ("2026-11-03", False),  # inside
        ("2026-12-02", False),  # two days may be local time
        ("2026-12-11", True),
    ],
)
def test_a_day_outside_that_would_lie_inside_with_day_and_month_swapped_is_a_slip(first, is_swapped):
    assert bool(maybe_swapped(period(first, first), NOVEMBER)) is is_swapped


@pytest.mark.parametrize(
    ("first", "far"),
    [("2025-10-31", False), ("2025-10-30", True), ("2027-01-01", False), ("2027-01-02", True), ("2026-11-15", False)],
)
def test_more_than_a_year_before_or_a_month_after_its_bill_is_far(first, far):
    assert is_far(period(first, first), NOVEMBER) is far  # 366 days before, 31 days after


def test_a_bill_for_more_than_a_quarter_is_long():
    assert not is_long(period("2026-01-01", "2026-04-11"))  # 31 + 28 + 31 + 10 days
    assert is_long(period("2026-01-01", "2026-04-12"))


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4))
def test_tags_are_read_in_each_form_that_clouds_write(tags):
    whole = json.dumps(tags)

    assert json_tags(whole) == tags
    assert json_tags(whole[1:-1]) == tags  # Azure leaves the braces out
    assert json_tags(json.dumps([{"key": key, "value": value} for key, value in tags.items()])) == tags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("null", {}),
        ("[]", {}),
        ('[{"key": "prod"}]', {"prod": True}),
        ('{"n": 1.50}', {"n": "1.50"}),  # as it was written
        ("team search", {"tags": "team search"}),
        ('"team"', {"tags": "team"}),
    ],
)
def test_what_is_no_object_is_kept_as_it_is(text, tags):
    assert json_tags(text) == tags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("team:search; stage:serving", {"team": "search", "stage": "serving"}),
        ("key:team value:search", {"team": "search"}),
        ("key:a b value:c:d", {"a b": "c:d"}),
        ("url:https://x", {"url": "https://x"}),
        ("", {}),
        ("alone", {}),
        ("empty:", {"empty": ""}),
    ],
)
def test_pairs_are_cut_at_their_first_colon(text, tags):
    assert pair_tags(text) == tags
