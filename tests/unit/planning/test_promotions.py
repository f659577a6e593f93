"""Calendars: moving days, a shop's own days, and what is refused."""

import json
from datetime import date, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import DataError
from steelyard.planning.promotions import combined, easter_sunday, own_days, parse_calendar

SHIPPED = ("china", "america", "britain")


def shipped(name):
    path = files("steelyard.planning") / "calendars" / f"{name}.json"
    return parse_calendar(json.loads(path.read_text("utf-8")), where=name)


def days_of(name, year, *, own=()):
    found = combined([shipped(name)], own, first=date(year, 1, 1), last=date(year, 12, 31))
    names: dict[str, list[date]] = {}
    for each in found:
        names.setdefault(each.name, []).append(each.day)
    return names


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1818, (3, 22)),
        (1943, (4, 25)),
        (2000, (4, 23)),
        (2011, (4, 24)),
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2038, (4, 25)),
    ],
)
def test_easter_falls_where_the_church_says(year, day):
    assert easter_sunday(year) == date(year, *day)


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year):
    found = easter_sunday(year)

    assert found.weekday() == 6
    assert date(year, 3, 22) <= found <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("year", "black_friday", "cyber_monday"), [(2017, 24, 27), (2024, 29, 32), (2025, 28, 31), (2026, 27, 30)]
)
def test_black_friday_follows_thanksgiving_even_into_december(year, black_friday, cyber_monday):
    found = days_of("america", year)

    assert found["Black Friday"] == [date(year, 11, black_friday)]
    assert found["Cyber Monday"] == [date(year, 11, 1) + timedelta(days=cyber_monday - 1)]


def test_china_has_its_sales_and_a_moving_new_year():
    found = days_of("china", 2026)

    assert found["Chinese New Year"] == [date(2026, 2, 17), date(2026, 2, 18), date(2026, 2, 19)]
    assert found["Chinese New Year's Eve"] == [date(2026, 2, 16)]
    assert found["618"] == [date(2026, 6, 18)]
    assert found["618 eve"] == [date(2026, 6, 16), date(2026, 6, 17)]
    assert (found["11.11"], found["12.12"]) == ([date(2026, 11, 11)], [date(2026, 12, 12)])


def test_british_bank_holidays_know_their_exceptions():
    found = days_of("britain", 2011)["bank holiday"]

    assert date(2011, 4, 29) in found  # a royal wedding
    assert date(2011, 8, 29) in found


@pytest.mark.parametrize("name", SHIPPED)
def test_every_day_of_a_calendar_has_a_source_and_no_effect(name):
    for each in shipped(name).days(date(2020, 1, 1), date(2030, 12, 31)):
        assert each.source
        assert each.expected_lift is None


def row(day, name, lift=None):
    return {"date": day, "name": name} | ({} if lift is None else {"expected_lift": lift})


def test_a_shops_own_file_wins_by_name_and_by_day():
    own = own_days([row("2026-06-20", "618", "1.5"), row("2026-11-11", "stocktaking", "-1")], where="own.csv")

    found = days_of("china", 2026, own=own)

    assert found["618"] == [date(2026, 6, 20)]  # the calendar's 18 June is gone
    assert found["stocktaking"] == [date(2026, 11, 11)]
    assert "11.11" not in found


@given(st.lists(st.sampled_from(SHIPPED), unique=True), st.dates(date(2011, 1, 1), date(2034, 1, 1)))
def test_no_day_has_two_names(names, first):
    found = combined([shipped(name) for name in names], [], first=first, last=first + timedelta(days=365))
    days = [each.day for each in found]

    assert days == sorted(set(days))


def test_all_problems_of_an_own_file_are_told_at_once():
    rows = [
        row("2026-02-30", "no such day"),
        row("18.06.2026", "618"),
        row("2026-06-18", ""),
        row("2026-06-19", "a", "plenty"),
        row("2026-06-20", "b", "-1.5"),
        row("2026-06-21", "c", "nan"),
        row("2026-06-22", "d"),
        row("2026-06-22", "e"),
    ]

    with pytest.raises(DataError) as raised:
        own_days(rows, where="own.csv")

    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"own.csv, line {n}" for n in (2, 3, 4, 5, 6, 7, 9)]
    assert "is in line 8 already" in lines[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x", "rule": "lunar", "source": "s"},
        {"name": "x", "rule": "fixed", "source": "s", "month": 2, "day": 30},
        {"name": "x", "rule": "nth_weekday", "source": "s", "month": 2, "weekday": 1, "nth": 6},
        {"name": "x", "rule": "fixed", "month": 2, "day": 3},
        {"name": "x", "rule": "dates", "source": "s", "dates": ["2026-13-01"]},
    ],
)
def test_a_calendar_with_a_wrong_rule_is_refused(wrong):
    with pytest.raises(DataError, match="row 1"):
        parse_calendar({"name": "c", "as_of": "2026-11-01", "rows": [wrong]}, where="c.json")
