"""What a load of the log never stores: marks of people, the erased, and what is too old (R1.7: P1, P2, P3, P4)."""

from datetime import UTC, datetime

import pytest
from small_shop import KEY, reasons

from steelyard.data.privacy import Pseudonyms

ITEMS = "sku,title,price\nA,Tea pot,12.50\nB,Tea cup,3.20\nC,Desk lamp,20\n"
COLUMNS = {
    "user": "user", "item_id": "sku", "time": "time", "kind": "what", "session": "visit", "query": "typed",
    "position": "place", "quantity": "pieces", "price": "paid", "platform": "where", "event_id": "event",
    "rating": "stars",
}  # fmt: skip
HEADER = ["user", "sku", "time", "what", "visit", "typed", "place", "pieces", "paid", "where", "event", "stars"]
GOOD = ["", "A", "2024-01-0{day} 10:00", "purchase", "v", "tea", "1", "1", "2", "web", "", ""]
MARKS = ("cust-mark-77", "mark77@post.example", "13877777777", "+49 30 77777777", "77 mark cust-mark-77")


def log(rows):
    return "\n".join(",".join(row) for row in [HEADER, *rows]) + "\n"


def row(user, day, n, **more):
    found = [value.format(day=day) for value in GOOD]
    found[0], found[10] = user, f"{user}/{n}"
    for name, value in more.items():
        found[HEADER.index(name)] = value
    return found


def people(n=30):
    """Rows of ordinary people; every third one shares the first visit."""
    return [row(f"user{u}", 1 + u % 9, k, sku="ABC"[(u + k) % 3], visit=f"v{u}") for u in range(n) for k in range(3)]


def test_no_mark_of_a_person_is_stored_whatever_column_it_stands_in(shop):
    marked = [
        row("cust-mark-77", 1 + n % 9, n, **{column: mark})
        for n, (column, mark) in enumerate((c, m) for c in HEADER[1:] for m in MARKS)
    ]
    shop.write("items.csv", ITEMS).write("events.csv", log(people() + marked))

    quality = shop.prepare(events={"columns": COLUMNS})

    found = reasons(quality, "events")
    assert found["text_names_person"] > 0
    assert quality["rows"]["events"]["is_balanced"]
    texts = [*(str(shop.rows(p.stem)) for p in shop.data.glob("*.parquet"))]
    texts += [str(shop.rows(f"quarantine/{p.stem}")) for p in (shop.data / "quarantine").glob("*.parquet")]
    texts += [p.read_text("utf-8") for p in shop.data.rglob("*.json")]
    for mark in ("mark-77", "mark77", "13877777777", "77777777"):
        assert not any(mark in text for text in texts), mark


def test_samples_of_the_log_name_nobody_and_quote_no_query(shop):
    shop.write("items.csv", ITEMS).write(
        "events.csv", log([*people(), row("user1", 3, 9, sku="Z", typed="lonely words")])
    )

    quality = shop.prepare(events={"columns": COLUMNS})

    samples = [sample for finding in quality["findings"] for sample in finding["samples"]]
    assert any(sample.get("item_id") == "Z" for sample in samples)
    assert not any({"user", "session", "event_id", "query"} & sample.keys() for sample in samples)


def test_telephone_numbers_that_are_the_shops_own_item_ids_stay(shop):
    shop.write("items.csv", ITEMS + "13812345678,Phone case,9\n")
    shop.write("events.csv", log([*people(), row("user1", 3, 9, sku="13812345678")]))

    quality = shop.prepare(events={"columns": COLUMNS})

    assert "text_names_person" not in reasons(quality)
    assert len(shop.rows("items")) == 4
    assert any(event["item"] == 3 for event in shop.rows("events"))


def test_a_load_without_somebody_is_the_load_of_a_file_that_never_had_them(shop):
    rows = people()
    gone = {"user3", "user7"}
    shop.write("items.csv", ITEMS).write("events.csv", log(rows))
    hide = Pseudonyms(KEY)
    quality = shop.prepare(events={"columns": COLUMNS}, erased=frozenset(map(hide, gone)))
    own = {name: shop.rows(name) for name in ("events", "targets", "items", "texts")}
    split = shop.split()

    shop.write("events.csv", log([each for each in rows if each[0] not in gone]))
    shop.prepare(events={"columns": COLUMNS})

    assert reasons(quality)["person_erased"] == 6
    assert quality["rows"]["events"]["is_balanced"]
    for name, table in own.items():  # the same tables and the same seeds: every model is the one that never knew them
        assert table == shop.rows(name), name
    assert split == shop.split()


def test_with_an_erased_person_go_their_visits_and_shared_ones_lose_their_name(shop):
    extra = [row("user3", 1, 7, visit="own"), row("", 2, 8, visit="own"), row("user4", 2, 8, visit="own")]
    shop.write("items.csv", ITEMS).write("events.csv", log([*people(), *extra]))

    quality = shop.prepare(events={"columns": COLUMNS}, erased=frozenset({Pseudonyms(KEY)("user3")}))

    assert reasons(quality)["person_erased"] == 3 + 1 + 1
    visits = {event["session"] for event in shop.rows("events") if event["user"] == Pseudonyms(KEY)("user4")}
    assert Pseudonyms(KEY)("own") not in visits
    assert None in visits


@pytest.mark.parametrize("days", [4, 400])
def test_events_older_than_the_policy_are_left_out_and_counted(shop, days):
    shop.write("items.csv", ITEMS).write("events.csv", log(people()))
    now = datetime(2024, 1, 9, 12, tzinfo=UTC)

    quality = shop.prepare(events={"columns": COLUMNS}, now=now, privacy={"keep_days": days})

    limit = now.timestamp() - days * 86_400
    assert all(event["time"] >= limit for event in shop.rows("events"))
    n_old = sum(f"2024-01-0{day} 10:00" < "2024-01-05 12:00" for day in (int(r[2][9]) for r in people()))
    assert reasons(quality).get("event_too_old", 0) == (n_old if days == 4 else 0)
    assert quality["rows"]["events"]["is_balanced"]


def test_a_query_is_proposed_to_others_only_when_enough_people_typed_it(shop):
    typed = [row(f"user{n}", 3, 50, what="search", typed="blue pot" if n < 6 else "rare pot") for n in range(9)]
    shop.write("items.csv", ITEMS).write("events.csv", log([*people(), *typed]))

    shop.prepare(events={"columns": COLUMNS}, privacy={"least_people": 5})

    shown = [query["query"] for query in shop.rows("queries") if query["part"] == "example"]
    assert shown == ["blue pot"]
    assert shop.rows("popular_queries") == [{"query": "blue pot", "users": 5}]
