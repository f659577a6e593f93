"""Numbers of a log that are no times and no words: ids of baskets, days that are counted, and kinds of events."""

import pytest

from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile
from steelyard.data.guessing.proposal import proposal, sentences

M = 120
ITEMS = {"item_id": [f"A{i}" for i in range(20)], "title": [f"walnut bowl no {i}" for i in range(20)]}
LOG = {"user_id": [f"u{i % 11}" for i in range(M)], "item_id": [f"A{i * 7 % 20}" for i in range(M)]}
CLOCK = {"timestamp": [str(1_700_000_000 + 60 * i) for i in range(M)]}


def table(path, columns):
    found = []
    for name, values in columns.items():
        numbers = [float(v) if v.replace(".", "").isdigit() else None for v in values]
        found.append(profile(name, values, numbers))
    return TableProfile(path, len(next(iter(columns.values()))), tuple(found))


def guessed(**more):
    return guess([table("items.csv", ITEMS), table("log.csv", LOG | more)])


def numbers(*values):
    return [str(values[i % len(values)]) for i in range(M)]


@pytest.mark.parametrize("first", [26_984_851_472, 1_609_459_200, 1_609_459_200_000])
def test_an_id_of_a_basket_is_no_time_however_large(first):
    found = guessed(basket_id=[str(first + i // 3) for i in range(M)], day=[str(1 + i // 10) for i in range(M)])

    assert found.events is None
    assert any("day is not: it holds '1', which counts days and is no date" in note for note in found.notes)


def test_a_number_that_is_a_time_in_no_unit_is_no_time():
    assert guessed(x7=[str(48_000_000_000 + i) for i in range(M)]).events is None
    assert guessed(x7=[str(1_600_000_000 + i) for i in range(M)]).event_roles["time"].columns == ("x7",)


@pytest.mark.parametrize("name", ["action_type", "behaviour", "type", "操作类型"])
def test_kinds_in_numbers_are_asked_for_and_never_taken_for_purchases(name):
    found = guessed(**CLOCK, **{name: numbers(0, 1, 2, 3)})

    assert found.event_roles["kind"].columns == (name,)
    assert found.event_roles["kind"].sureness < 0.95
    written = proposal(found, name="shop", paths={"items.csv": "items.csv", "log.csv": "log.csv"})
    assert f'# CHECK: {name} holds numbers (0, 1, 2, 3): say in kinds what each means' in written
    assert '# kinds = { 0 = "", 1 = "", 2 = "", 3 = "" }' in written
    assert '# kinds = { 0 = "click", 1 = "add_to_cart", 2 = "purchase", 3 = "click" }  # as in IJCAI-15' in written
    assert any(line.startswith(f"CHECK kinds: {name} holds numbers (0, 1, 2, 3)") for line in sentences(found))


def test_numbers_of_no_public_log_have_no_runner_up():
    numbered = guessed(**CLOCK, action_type=numbers(10, 20)).numbered

    assert numbered.values == ("10", "20")
    assert numbered.public == ""
