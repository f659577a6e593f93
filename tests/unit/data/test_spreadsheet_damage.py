"""What spreadsheets and programs do to ids, dates and categories is told, and never taken for what it is not."""

import json

import pytest
from small_shop import reasons

from steelyard.data.remarks import Habits
from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.normalise import category_path
from steelyard.data.values.number_forms import FormCount, decide_mark
from steelyard.data.values.time_order import OrderCount, refuse_turned
from steelyard.errors import DataError

PLAIN = {"columns": {"item_id": "sku", "title": "title"}}
COLUMNS = {"user": "user", "item_id": "sku", "time": "time"}
ITEMS = "sku,title\n" + "".join(f"S{i},Oak board {i}\n" for i in range(6))


# People and items whose ids were damaged.


def test_people_who_share_an_id_in_powers_of_ten_are_nobody(shop):
    rows = [f"{'4.91512E+12' if i % 2 else f'u{i % 6}'},S{i % 6},2024-04-{1 + i:02} 09:00:00" for i in range(24)]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items=PLAIN, events={"columns": COLUMNS})

    assert reasons(quality, "events")["user_scientific"] == 12
    assert len({row["user"] for row in shop.rows("events")} - {None}) == 3


def test_an_id_that_a_narrow_column_hid_names_no_item(shop):
    shop.write("items.csv", "sku,title\n#######,Board\nS2,Bench\n")

    assert reasons(shop.prepare(items=PLAIN))["item_id_missing"] == 1
    assert [row["item_id"] for row in shop.rows("items")] == ["S2"]


def test_ids_that_look_like_a_spreadsheet_s_dates_are_told(shop):
    shop.write("items.csv", "sku,title\n1-Mar,Board\nDEC-10,Bench\nMAR-X,Box\n3月1日,Rug\n")

    assert reasons(shop.prepare(items=PLAIN))["item_id_as_date"] == 3


# Dates of which some were turned round.


def count(n_read, n_only):
    return OrderCount(n_read, n_only, "13/03/2024", "2024-03-13")


def test_dates_that_a_spreadsheet_turned_round_are_refused():
    counts = {"day-first": count(40, 40), "month-first": count(0, 0)}

    with pytest.raises(DataError, match="none of its 30 dates has a day above 12, and all its 40 texts have"):
        refuse_turned(counts, n_early=30, table="events", column="when")


@pytest.mark.parametrize(
    ("counts", "n_early"),
    [
        ({"day-first": count(40, 30), "month-first": count(10, 0)}, 30),  # texts of any day
        ({"day-first": count(40, 40), "month-first": count(0, 0)}, 9),  # so few dates say nothing
        ({"day-first": count(40, 40), "month-first": count(0, 0)}, 0),
    ],
)
def test_other_mixtures_of_dates_are_not_refused(counts, n_early):
    refuse_turned(counts, n_early=n_early, table="events", column="when")


def test_a_log_of_turned_dates_stops_unless_the_shop_says_how_it_is(shop):
    days = [f"2024-{1 + i % 12:02}-03" if i % 2 else f"{13 + i % 16}/03/2024" for i in range(60)]
    rows = [f"u{i % 5},S{i % 6},{day}" for i, day in enumerate(days)]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    with pytest.raises(DataError, match="day and month turned round"):
        shop.prepare(items=PLAIN, events={"columns": COLUMNS})
    shop.prepare(items=PLAIN, events={"columns": COLUMNS, "dates": "day-first"})


# Categories of answers of shop systems.


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        (["Garden/Pots", "New", "Garden/Pots/Clay"], ("Garden", "Pots", "Clay")),
        (["Garden/Pots", "New/Spring", "Garden/Pots/Clay"], ("Garden", "Pots", "Clay")),
        ([{"id": 4, "name": "Garden"}, {"id": 9, "name": "Pots/Tubs"}], ("Garden", "Pots/Tubs")),
        ({"id": 4, "name": "Garden"}, ("Garden",)),
        (["Women/Men", "Shoes"], ("Women/Men", "Shoes")),
    ],
)
def test_lists_and_objects_of_categories_are_one_path(cell, path):
    assert category_path([PathCutter()(json.dumps(cell))]) == path


# Currencies.


@pytest.mark.parametrize("value", ["KWD 1.250", "1.250 JOD"])
def test_prices_of_three_decimals_are_told_by_their_currency(value):
    mark, remarks = decide_mark([FormCount(value, 5, value)], Habits(), table="items", column="price")

    assert mark == "point"
    assert remarks[0].reason == "decimal_mark_guessed"


def test_signs_of_currencies_with_points_are_read(shop):
    shop.write("items.csv", 'sku,title,price\n1,A,"24,95 kr."\n2,B,kr. 899\n3,C,"12,50 лв."\n4,D,"1.299,00 lei"\n')

    shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "price": "price"}})

    assert [float(row["price"]) for row in shop.rows("items")] == [24.95, 899, 12.5, 1299]


# One user of a small log, and cells of several ids.


def test_a_user_with_half_of_a_small_log_is_told(shop):
    rows = [
        f"{'till@shop.example' if i % 2 else f'u{i % 30}'},S{i % 6},2024-04-{1 + i % 28:02} 09:{i:02}:00"
        for i in range(60)
    ]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    assert reasons(shop.prepare(items=PLAIN, events={"columns": COLUMNS}), "events")["user_dominates"] == 30


def test_cells_of_several_ids_are_told_as_such(shop):
    rows = [f"u{i},S{i}|S{i + 1},2024-04-01 09:0{i}:00" for i in range(5)]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    with pytest.raises(DataError, match="Each cell holds several of them: write one row for each"):
        shop.prepare(items=PLAIN, events={"columns": COLUMNS})


def test_a_price_that_is_told_on_request_is_none(shop):
    shop.write("items.csv", "sku,title,price\n1,A,9.50\n2,B,auf Anfrage\n3,C,面议\n4,D,POA\n")

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "price": "price"}})

    assert (reasons(quality)["price_missing"], "price_not_a_number" in reasons(quality)) == (3, False)


def test_visits_that_share_an_id_in_powers_of_ten_are_not_one_visit(shop):
    rows = [f"u{i % 6},S{i % 6},2024-04-{1 + i:02} 09:00:00,{'7.2E+11' if i % 3 else f'v{i}'}" for i in range(24)]
    shop.write("items.csv", ITEMS).write("events.csv", "user,sku,time,visit\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items=PLAIN, events={"columns": {**COLUMNS, "session": "visit"}})

    assert reasons(quality, "events")["session_scientific"] == 16
    assert len({row["session"] for row in shop.rows("events")} - {None}) == 8


# Days from which items are on show.


def test_items_of_a_day_to_come_and_without_a_day_are_known_and_not_shown(shop):
    days = ["2024-01-05", "", "03.02.2024", "2199-01-01T00:00:00Z", "01/07/2198"]
    rows = [f"S{i},Oak board {i},{day}" for i, day in enumerate(days)]
    shop.write("items.csv", "sku,title,published_at\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items={"columns": {"item_id": "sku", "title": "title", "published": "published_at"}})

    assert reasons(quality)["published_later"] == 2
    assert reasons(quality)["item_not_published"] == 1
    assert [row["in_stock"] for row in shop.rows("items")] == [1, 0, 1, 0, 0]


# Twins that differ in leading zeros, and grades of no known scale.

TWINS = "sku,title\n" + "".join(f"{'00' if i % 2 else ''}{70 + i // 2},Oak board {i}\n" for i in range(6))


@pytest.mark.parametrize(("first", "n"), [("", 12), ("00", None)])
def test_a_log_without_leading_zeros_is_told_where_the_catalogue_has_twins(shop, first, n):
    ids = [first + "72", "71", "70", "71"]
    rows = [f"u{i},{ids[i % 4]},2024-04-{1 + i:02} 09:00:00" for i in range(12)]
    shop.write("items.csv", TWINS).write("events.csv", "user,sku,time\n" + "\n".join(rows) + "\n")

    quality = shop.prepare(items=PLAIN, events={"columns": COLUMNS})

    assert reasons(quality, "events").get("event_item_twins") == n


def test_grades_of_which_some_are_known_are_proposed_with_what_they_are_worth(shop):
    rows = [f"oak {i},S{i % 6},{('Exact', 'Irrelevant', 'Perhaps')[i % 3]}" for i in range(9)]
    shop.write("items.csv", ITEMS).write("judgements.csv", "query,sku,grade\n" + "\n".join(rows) + "\n")
    columns = {"query": "query", "item_id": "sku", "gain": "grade"}

    with pytest.raises(DataError, match=r'grades = \{ "Exact" = 3, "Irrelevant" = 0, "Perhaps" = … \}'):
        shop.prepare(items=PLAIN, judgements={"columns": columns})
