"""What the files of a folder are taken for, and the configuration that is proposed of it."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.config import parse
from steelyard.data.guessing.guess import Guess, RoleGuess, TableProfile, guess
from steelyard.data.guessing.proposal import proposal
from steelyard.data.guessing.roles import profile
from steelyard.data.values.amounts import CurrencyGuess

TEXT = st.text(st.sampled_from("aé价 \t\n\r\x00\x1f\x7f\x85\u2028\"'#=[]\\") | st.characters(codec="utf-8"), max_size=6)


def table(path, n_rows=100, /, numbers=(), **columns):
    def numeric(values):
        return [float(value) for value in values]

    found = [profile(name, list(v), numeric(v) if name in numbers else ()) for name, v in columns.items()]
    return TableProfile(path, n_rows, tuple(found))


ITEMS = table(
    "items.csv",
    numbers=("price_cents",),
    sku=("a1", "a2", "a3"),
    title=("blue kettle of steel", "red toaster with a lid", "small lamp for a desk"),
    category=("kitchen > kettles", "kitchen > toasters", "home > lamps"),
    price_cents=("1250", "990", "400"),
)
EVENTS = table(
    "orders.csv", 5000,
    customer_id=("u1", "u2", "u1"), sku=("a1", "a1", "a3"), order_date=("2024-05-01", "2024-05-02", "2024-05-03"),
)  # fmt: skip
JUDGED = table(
    "judged.csv", 30, numbers=("relevance",),
    query=("kettle", "lamp", "red toaster"), sku=("a1", "a3", "a2"), relevance=("1", "2", "4"),
)  # fmt: skip


def test_each_file_is_taken_for_what_it_has():
    found = guess([EVENTS, JUDGED, ITEMS])

    assert (found.items, found.events, found.judgements) == (ITEMS, EVENTS, JUDGED)
    assert found.item_roles["item_id"].columns == ("sku",)
    assert found.event_roles["user"].columns == ("customer_id",)
    assert found.price_unit.divisor == 100
    assert found.gain_offset == -1.0  # the lowest grade is worth nothing
    assert (found.event_kind, found.language, found.is_log) == ("purchase", "en", False)
    assert found.notes == ()


@given(st.permutations([ITEMS, EVENTS, JUDGED]))
def test_the_order_of_the_files_does_not_matter(tables):
    found = guess(tables)

    assert (found.items, found.events, found.judgements) == (ITEMS, EVENTS, JUDGED)


def test_a_column_plays_one_role_in_a_table():
    for roles in (guess([ITEMS]).item_roles, guess([EVENTS, ITEMS]).event_roles):
        used = [name for role in roles.values() for name in role.columns]
        assert len(used) == len(set(used))


def test_what_is_missing_is_said_and_what_a_file_lacks():
    stray = table("notes.csv", comment=("nice shop with a garden", "will come again soon", "too far away from home"))

    found = guess([ITEMS, stray])

    assert found.notes[:2] == ("no behaviour log found", "no relevance judgements found")
    assert found.notes[2].startswith("notes.csv was not used: as ")
    assert found.notes[2].endswith("(its columns: comment)")


def test_of_two_catalogues_one_is_read_and_the_other_named_with_it():
    twin = replace(ITEMS, path="items_old.csv")

    found = guess([ITEMS, twin])

    assert found.items is ITEMS
    assert found.notes[-1] == (
        "items_old.csv was not used: it looks like a catalogue, and items.csv was taken for that (100 rows against "
        "100, the same columns: if both are parts of one table, put them into one folder or file); one file is read"
    )


def test_a_log_with_titles_is_the_catalogue_too():
    log = table(
        "reviews.csv",
        user_id=("u1", "u2", "u3"), asin=("a1", "a1", "a2"), product_title=("blue kettle", "blue kettle", "red lamp"),
        time=("2024-05-01", "2024-05-02", "2024-05-03"),
    )  # fmt: skip

    found = guess([log])

    assert found.items is found.events is log
    assert found.is_log
    assert found.event_kind == "rating"  # by the name of the file


def test_words_of_the_kind_column_are_mapped_and_the_others_counted():
    log = table(
        "log.csv",
        user=("u1", "u2", "u3"), item=("a1", "a2", "a1"), time=("2024-05-01", "2024-05-02", "2024-05-03"),
        event=("buy", "view", "teleport"),
    )  # fmt: skip

    found = guess([log, ITEMS])

    assert found.kinds == {"buy": "purchase"}  # ``view`` names its kind itself
    assert found.unmapped == {"teleport": 1}


@pytest.mark.parametrize(
    ("titles", "language"),
    [
        (("kettle", "lamp", "toaster"), "en"),
        (("电热水壶", "台灯", "多士炉"), "zh"),
        (("电热水壶 kettle", "台灯 lamp", "多士炉 toaster"), "mixed"),
        (("电热水壶", "lamp", "toaster"), "mixed"),
    ],
)
def test_the_language_is_that_of_the_titles(titles, language):
    assert guess([table("items.csv", sku=("a1", "a2", "a3"), title=titles)]).language == language


def test_what_is_proposed_is_read_back_as_it_was_guessed():
    found = guess([ITEMS, EVENTS, JUDGED])
    paths = {each.path: f"files/{each.path}" for each in (ITEMS, EVENTS, JUDGED)}

    config = parse(proposal(found, name="The Shop", paths=paths))

    assert config.shop.name == "The Shop"
    assert config.data.items.path == "files/items.csv"
    assert config.data.items.columns.item_id == "sku"
    assert config.data.items.columns.price_divisor == 100
    assert config.data.events.columns.user == "customer_id"
    assert config.data.judgements.gain_offset == -1.0


def test_what_was_not_found_stands_there_as_a_comment():
    text = proposal(guess([ITEMS]), name="x", paths={"items.csv": "items.csv"})

    assert "# [data.events]" in text.splitlines()
    assert set(tomllib.loads(text)["data"]) == {"items"}


@given(name=TEXT, path=TEXT, column=TEXT, others=st.lists(TEXT, max_size=2), unread=TEXT, value=TEXT, why=TEXT)
@settings(max_examples=40)
def test_whatever_a_shop_calls_its_columns_and_values_the_file_reads(name, path, column, others, unread, value, why):
    role = RoleGuess((column,), 0.6, tuple(others), (unread,))
    found = Guess(
        items=replace(ITEMS, path="i"),
        events=replace(EVENTS, path="e"),
        item_roles={"item_id": role, "title": role, "price": role},
        event_roles={"user": role, "item_id": role, "time": role, "kind": role},
        kinds={value: "click"},
        unmapped={value: 3},
        unread={"stock": (column, (value,))},
        currency=CurrencyGuess("", why),
    )

    document = tomllib.loads(proposal(found, name=name, paths={"i": path, "e": path}))

    assert document["shop"]["name"] == name
    assert document["data"]["items"]["path"] == path
    assert document["data"]["items"]["columns"]["title"] == column
    assert document["data"]["events"]["kinds"] == {value: "click"}


def test_several_columns_of_one_role_are_a_list():
    role = RoleGuess(("department", 'the "class"'), 0.9)
    text = proposal(Guess(items=ITEMS, item_roles={"category": role}), name="x", paths={"items.csv": "items.csv"})

    assert tomllib.loads(text)["data"]["items"]["columns"]["category"] == ["department", 'the "class"']


def test_a_column_that_is_no_stock_though_its_values_read_is_not_called_unreadable():
    texts = {
        "sku": [f"A{i % 3}" for i in range(12)],
        "title": [f"green lamp {i % 3}" for i in range(12)],
        "customer": [f"c{i % 4}" for i in range(12)],
        "date": [f"2024-05-{i + 1:02d}" for i in range(12)],
        "Quantity": ["6", "8", "2"] * 4,
    }
    columns = tuple(
        profile(name, values, [None] * 12 if name != "Quantity" else [6.0, 8.0, 2.0] * 4)
        for name, values in texts.items()
    )

    assert guess([TableProfile("log.csv", 12, columns)]).unread == {}
