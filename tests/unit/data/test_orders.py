"""Lines of orders: what stands once an order counts for all its lines, and what came to nothing was not bought."""

import pytest
from small_shop import Shop, reasons

from steelyard.data.values.order_status import is_date_of_undoing, read_order_status

ITEMS = "sku,title,price,money\nA,Oak tray,9,EUR\nB,Pine box,12,eur\nC,Tin cup,300,JPY\nD,Jar,4,\n"
COLUMNS = {"user": "who", "item_id": "sku", "time": "at", "session": "order"}
AT = "2024-05-0{} 10:00:00"


def prepared(folder, lines, *, events=None, header="order,who,at,sku", **more):
    made = Shop(folder).write("items.csv", ITEMS).write("events.csv", "\n".join([header, *lines]) + "\n")
    quality = made.prepare(events={"columns": COLUMNS | (events or {}), **more})
    return made, quality


def test_lines_take_the_buyer_and_the_time_of_their_order(tmp_path):
    lines = [f"1,ann,{AT.format(1)},A", "1,,,B", "1,,,C", f"2,,{AT.format(2)},A", f"3,,{AT.format(3)},C", "3,bob,,D"]

    made, quality = prepared(tmp_path, lines)

    rows = made.rows("events")
    assert len(rows) == 6 and len({row["user"] for row in rows if row["user"]}) == 2
    assert sum(row["user"] is None for row in rows) == 1  # order 2 names nobody
    assert reasons(quality, "events")["event_from_order"] == 4


@pytest.mark.parametrize(
    ("lines", "n_kept"),
    [
        ([f"1,ann,{AT.format(1)},A", f"1,bob,{AT.format(1)},B", f"1,,{AT.format(1)},C"], 3),  # two buyers
        ([f"1,ann,{AT.format(1)},A", "1,ann,soon,B", f"2,bob,{AT.format(2)},A"], 2),  # a time that cannot be read
        ([f"1,ann,{AT.format(1)},A", f"1,ann,{AT.format(2)},B", "1,ann,,C", f"2,bob,{AT.format(2)},A"], 3),  # two times
    ],
)
def test_what_an_order_does_not_tell_is_not_made_up(tmp_path, lines, n_kept):
    made, quality = prepared(tmp_path, lines, header="order,who,at,sku")

    assert "event_from_order" not in reasons(quality, "events")
    assert len(made.rows("events")) == n_kept


def test_visits_that_name_somebody_late_stay_as_they_are(tmp_path):
    lines = [f"v1,,{AT.format(1)},A,view", f"v1,ann,{AT.format(1)},B,purchase", f"v1,,{AT.format(1)},C,view"]

    made, _ = prepared(tmp_path, lines, events={"kind": "what"}, header="order,who,at,sku,what")

    assert sorted(row["user"] is None for row in made.rows("events")) == [False, True, True]


def test_what_was_cancelled_refunded_or_never_paid_is_not_learnt_from(tmp_path):
    lines = [
        f"1,ann,{AT.format(1)},A,paid,",
        "1,,,B,,",
        f"2,bob,{AT.format(2)},A,Refunded,",
        "2,,,C,,",
        f"3,cyd,{AT.format(3)},A,paid,{AT.format(4)}",
        f"4,dan,{AT.format(4)},B,pending,",
    ]
    header = "order,who,at,sku,Financial Status,Cancelled at"
    status = {"status": ["Financial Status", "Cancelled at"]}

    made, quality = prepared(tmp_path, lines, events=status, header=header)

    found = reasons(quality, "events")
    assert len(made.rows("events")) == 3
    assert (found["order_cancelled"], found["order_status_unread"]) == (3, 1)
    assert next(f for f in quality["findings"] if f["reason"] == "order_status_unread")["values"] == {"pending": 1}


def test_the_shops_own_words_of_a_status_win(tmp_path):
    lines = [f"{n},u{n},{AT.format(n)},A,{said}" for n, said in ((1, "wc-on-hold"), (2, "Returned"), (3, "done"))]

    made, quality = prepared(
        tmp_path,
        lines,
        events={"status": "state"},
        header="order,who,at,sku,state",
        status_words={"on hold": False, "returned": True},
    )

    assert len(made.rows("events")) == 2
    assert reasons(quality, "events")["order_cancelled"] == 1


def test_prices_of_another_currency_are_emptied_and_said(tmp_path):
    made = Shop(tmp_path).write("items.csv", ITEMS)
    lines = [
        "order,who,at,sku,paid,money",
        f"1,ann,{AT.format(1)},A,9,EUR",
        "1,,,B,12,",
        f"2,bob,{AT.format(2)},C,300,¥",
    ]
    lines += [f"{n},u{n},{AT.format(3)},A,9,€" for n in range(3, 9)]
    made.write("events.csv", "\n".join(lines) + "\n")

    quality = made.prepare(
        items={"columns": {"item_id": "sku", "title": "title", "price": "price", "currency": "money"}},
        events={"columns": COLUMNS | {"price": "paid", "currency": "money"}},
    )

    assert reasons(quality, "items")["price_other_currency"] == 1
    assert reasons(quality, "events")["price_other_currency"] == 1
    assert "price_not_a_number" not in reasons(quality, "events") | reasons(quality, "items")
    assert [row["price"] for row in made.rows("events") if row["quantity"] is None].count(None) == 1
    prices = {row["item_id"]: row["price"] for row in made.rows("items")}
    assert prices["C"] is None and float(prices["B"]) == 12


@pytest.mark.parametrize(
    ("text", "column", "stands"),
    [
        *(("paid", "", True), ("wc-completed", "", True), ("Partially refunded", "", True), ("已完成", "", True)),
        *(("Geliefert", "", True), ("teslim edildi", "", True), ("発送済み", "", True), ("배송완료", "", True)),
        *(("VOIDED", "", False), ("wc-cancelled", "", False), ("交易关闭", "", False), ("storniert", "", False)),
        *(("отменён", "", False), ("İptal edildi", "", False), ("キャンセル", "", False), ("환불", "", False)),
        *(("pending", "", None), ("closed", "", None), ("7", "", None), ("on-hold", "", None)),
        *(("2024-05-01", "Cancelled at", False), ("2024/5/1", "退款时间", False), ("0", "cancelled", True)),
        *(("yes", "refunded", False), ("false", "is_paid", None)),
    ],
)
def test_words_of_a_status(text, column, stands):
    assert read_order_status(text, column=column) is stands


def test_columns_of_dates_at_which_orders_were_undone():
    assert is_date_of_undoing("cancelled_at") and is_date_of_undoing("Refund date") and is_date_of_undoing("取消时间")
    assert not is_date_of_undoing("Financial Status") and not is_date_of_undoing("created_at")
