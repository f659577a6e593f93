"""Keys of older files are read where they are now; what is said twice is refused."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.config.older import MOVED, moved_keys, renewed
from steelyard.errors import ConfigError


def document(*places, value=7):
    found = {}
    for place in places:
        table = found
        for part in place[:-1]:
            table = table.setdefault(part, {})
        table[place[-1]] = value
    return found


def at(found, place):
    for part in place:
        found = found.get(part) if isinstance(found, dict) else None
    return found


@pytest.mark.parametrize(("old", "new"), sorted(MOVED.items()))
def test_an_old_key_is_read_in_its_new_place_and_said(old, new):
    raw = document(old)

    found = renewed(raw)

    assert (at(found, new), at(found, old)) == (7, None)
    (said,) = moved_keys(raw)
    assert said == f"{'.'.join(old)} is now {'.'.join(new)}; the old key is still read"


@pytest.mark.parametrize(("old", "new"), sorted(MOVED.items()))
def test_both_keys_are_one_too_many(old, new):
    with pytest.raises(ConfigError) as raised:
        renewed(document(old, new), name="shop.toml")

    text = str(raised.value)
    assert text.startswith("shop.toml says things twice; no work was begun:")
    assert f"{'.'.join(old)} is now {'.'.join(new)}, and both are given: keep the new one" in text


def test_all_that_is_said_twice_is_said_at_once():
    with pytest.raises(ConfigError) as raised:
        renewed(document(*MOVED, *MOVED.values()))

    assert str(raised.value).count("both are given") == len(MOVED)


def test_what_else_stands_beside_the_new_key_stays():
    raw = {"models": {"ials_factors": 64, "ials": {"alpha": 2}, "search": ["lexical"]}}

    assert renewed(raw) == {"models": {"ials": {"alpha": 2, "factors": 64}, "search": ["lexical"]}}


@given(st.dictionaries(st.sampled_from(["models", "data", "cost"]), st.one_of(st.integers(), st.just({"a": {"b": 1}}))))
def test_a_document_without_old_keys_stays_as_it_is(raw):
    before = copy.deepcopy(raw)

    assert renewed(raw) == before
    assert moved_keys(raw) == []


def test_what_was_given_is_not_changed():
    raw = document(*MOVED)
    before = copy.deepcopy(raw)

    found = renewed(raw)

    assert raw == before
    assert renewed(found) == found  # a second time changes nothing


@pytest.mark.parametrize("raw", [{"models": 3}, {"models": None, "data": []}, {"data": {"events": "x"}}])
def test_a_table_that_is_none_is_left_for_the_schema_to_refuse(raw):
    assert renewed(raw) == raw
