"""A load that loses more than a tenth of a table for one reason stops and asks."""

import pytest

from steelyard.data.quality import Finding
from steelyard.errors import ConfigError, DataError

ITEMS = "sku,title,price\n" + "".join(f"A{n},Pan {n},{n}.50\n" for n in range(1, 11))
KINDS = {"columns": {"user": "user", "item_id": "sku", "time": "time", "kind": "kind"}}


def log(kinds):
    rows = (f"u{n % 7},A{n % 10 + 1},2024-05-{n % 28 + 1:02d} 10:{n % 60:02d},{kind}\n" for n, kind in enumerate(kinds))
    return "user,sku,time,kind\n" + "".join(rows)


def test_kinds_nobody_mapped_stop_the_load_with_each_value_and_its_count(shop):
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", log(["purchase"] * 60 + ["点击"] * 30 + ["scroll"] * 10))

    with pytest.raises(DataError) as stopped:
        shop.prepare(events=KINDS, accept=())

    said = str(stopped.value)
    assert "events: event_kind_unknown: 40 rows (40.0%" in said
    assert "'点击' 30, 'scroll' 10" in said
    assert "--accept event_kind_unknown" in said and 'accept = ["event_kind_unknown"] in [data]' in said


def test_lines_that_are_no_rows_lose_nothing_and_stop_nothing(shop):
    header, first, *others = ITEMS.splitlines()
    shop.write("items.csv", "\n".join([header, first, *others, ",,", ",,", ",,", header, "B1,Pot,2.50"]) + "\n")

    quality = shop.prepare(accept=())

    found = {row["reason"]: row for row in quality["findings"]}
    assert (found["row_blank"]["count"], found["row_header"]["count"]) == (3, 1)
    assert not any(row["stops"] for row in quality["findings"])
    assert quality["rows"]["items"]["kept"] == 11


def test_what_was_prepared_before_stays_when_a_later_load_is_stopped(shop):
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", log(["purchase"] * 100))
    shop.prepare(events=KINDS, accept=())
    before = shop.store.digest("data")
    shop.write("events.csv", log(["purchase"] * 80 + ["kauf"] * 20))

    with pytest.raises(DataError, match="'kauf' 20"):
        shop.prepare(events=KINDS, accept=())

    assert shop.store.digest("data") == before
    assert shop.store.read_json("refused")["findings"][0]["stops"] is True


def test_an_accepted_reason_stops_nothing_and_the_report_says_that_it_was_accepted(shop):
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", log(["purchase"] * 80 + ["kauf"] * 20))
    with pytest.raises(DataError):
        shop.prepare(events=KINDS, accept=())

    quality = shop.prepare(events=KINDS, accept=("event_kind_unknown",))

    (found,) = [row for row in quality["findings"] if row["reason"] == "event_kind_unknown"]
    assert (found["stops"], found["is_accepted"]) == (False, True)
    assert not shop.store.has("refused")


@pytest.mark.parametrize(("n_lost", "stops"), [(10, False), (11, True)])
def test_a_tenth_may_be_lost_and_no_more(shop, n_lost, stops):
    shop.write("items.csv", ITEMS)
    shop.write("events.csv", log(["purchase"] * (100 - n_lost) + ["kauf"] * n_lost))

    if stops:
        with pytest.raises(DataError, match="11 rows"):
            shop.prepare(events=KINDS, accept=())
    else:
        shop.prepare(events=KINDS, accept=())


def test_one_broken_row_never_stops_a_load(shop):
    shop.write("items.csv", "sku,title,price\nA,Pan,9.50\nB,Pot,ask\nC,Lid,4.00\n")

    quality = shop.prepare(accept=())

    assert [row["stops"] for row in quality["findings"]] == [False]


def test_returns_and_cancellations_are_the_shops_own_doing_and_stop_nothing(shop):
    shop.write("items.csv", ITEMS)
    rows = "".join(f"u{n},A{n % 10 + 1},2024-05-{n % 28 + 1:02d} 10:00,{-1 if n % 2 else 1}\n" for n in range(40))
    shop.write("events.csv", "user,sku,time,quantity\n" + rows)

    quality = shop.prepare(events={}, accept=())

    assert {row["reason"]: row["count"] for row in quality["findings"]}["quantity_not_positive"] == 20


def test_times_that_cannot_be_read_are_shown_as_they_are_written(shop):
    shop.write("items.csv", ITEMS)
    good = "".join(f"u{n},A1,2024-05-{n + 1:02d} 10:00,1\n" for n in range(20))
    shop.write("events.csv", "user,sku,time,quantity\n" + good + "u1,A2,gestern,1\n" * 3 + "u2,A3,32.13.2024,1\n")

    with pytest.raises(DataError, match=r"event_time_unreadable: 4 rows .*\n    'gestern' 3, '32.13.2024' 1"):
        shop.prepare(events={}, accept=())


def test_a_reason_that_is_none_is_answered_with_the_nearest(shop):
    shop.write("items.csv", ITEMS)

    with pytest.raises(ConfigError, match="did you mean 'event_kind_unknown'"):
        shop.prepare(accept=("event_kinds_unknown",))


@pytest.mark.parametrize(
    ("given", "asks"),
    [
        ({"is_loss": True}, True),
        ({"is_loss": False}, False),
        ({"is_loss": True, "action": "flag"}, False),
        ({"is_loss": True, "count": 1}, False),
        ({"is_loss": True, "share": 0.1}, False),
        ({"is_breach": True, "action": "flag", "count": 1, "share": 0.0}, True),
    ],
)
def test_a_finding_asks_where_much_is_lost_or_a_contract_is_broken(given, asks):
    finding = {"table": "events", "reason": "event_item_unknown", "severity": "error", "action": "quarantine"}
    finding |= {"count": 50, "share": 0.5, "says": "the item is not in the catalogue"}

    assert Finding(**(finding | given)).asks is asks
