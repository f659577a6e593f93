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
    assert f"# CHECK: {name} holds numbers (0, 1, 2, 3): say in kinds what each means" in written
    assert '# kinds = { 0 = "", 1 = "", 2 = "", 3 = "" }' in written
    assert '# kinds = { 0 = "click", 1 = "add_to_cart", 2 = "purchase", 3 = "click" }  # as in IJCAI-15' in written
    assert any(line.startswith(f"CHECK kinds: {name} holds numbers (0, 1, 2, 3)") for line in sentences(found))


def test_numbers_of_no_public_log_have_no_runner_up():
    numbered = guessed(**CLOCK, action_type=numbers(10, 20)).numbered

    assert numbered.values == ("10", "20")
    assert numbered.public == ""


def test_stars_without_a_kind_are_ratings_and_no_purchases():
    found = guessed(**CLOCK, stars=numbers(5, 3, 1))

    assert found.event_roles["rating"].columns == ("stars",)
    assert found.event_kind == "rating"


def test_a_time_of_day_in_a_column_of_its_own_is_told():
    days = [f"2024-04-{1 + i % 28:02}" for i in range(M)]

    lines = sentences(guessed(date=days, hour=[f"{i % 24}:{i % 60:02}" for i in range(M)]))

    assert any("hour ('0:00'; a time of day: write it behind date into one column" in line for line in lines)


def test_cells_of_several_items_in_json_are_told_with_what_to_do():
    cells = [f'[{{"sku":"A{i % 20}"}},{{"sku":"A{(i + 1) % 20}"}}]' for i in range(M)]
    orders = {"customer_id": LOG["user_id"], "created_at": [f"2024-04-{1 + i % 28:02}" for i in range(M)]}

    found = guess([table("items.csv", ITEMS), table("orders.csv", orders | {"lines": cells})])

    assert any("lines holds JSON" in note and "one row for each entry of a cell" in note for note in found.notes)
