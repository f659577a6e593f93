"""Numbers that may be shown to anybody, and what can be learnt by subtracting them (R1.7, P6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.privacy.least_counts import published, with_noise
from steelyard.errors import DataError

TABLES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 100), max_size=12)


def test_small_groups_are_shown_together_and_numbers_in_multiples():
    found = published({"tea": 47, "pots": 20, "rare": 19, "rarer": 4}, least=20)

    assert dict(found.counts) == {"tea": 40, "pots": 20}
    assert (found.other, found.n_hidden) == (20, 2)


def test_a_single_small_group_takes_a_shown_one_with_it():
    found = published({"tea": 47, "pots": 30, "rare": 3}, least=20)

    assert dict(found.counts) == {"tea": 40}
    assert (found.other, found.n_hidden) == (20, 2)


@given(TABLES, st.integers(1, 30))
def test_no_group_is_small_and_no_two_tables_tell_of_one_by_subtraction(people, least):
    before = published(people, least=least)
    names = sorted(people)
    after = published({**people, names[0]: max(people[names[0]] - 1, 0)} if names else {}, least=least)

    for found in (before, after):
        assert all(n >= least for n in found.counts.values())
    every = [*before.counts.values(), *after.counts.values(), before.other, after.other]
    totals = [sum(found.counts.values()) + found.other for found in (before, after)]
    assert all((a - b) % least == 0 for a in (*every, *totals) for b in (*every, *totals))


def test_noise_decides_what_is_shown():
    found = with_noise({"a": 20, "b": 25}, {"a": 3, "b": -9}, least=20)

    assert (dict(found.counts), found.n_hidden) == ({"a": 23}, 1)


def test_a_least_of_nobody_is_refused():
    with pytest.raises(DataError, match="at least 1"):
        published({}, least=0)
