"""What became of an order, and the currency of its price, are told by what stands in the columns."""

import pytest

from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import TableProfile, profile

N, M = 40, 200
CODES = [f"A{i}" for i in range(N)]
ITEMS = {"sku": CODES, "title": [f"oak tray no {i}" for i in range(N)], "price": [f"{i}.50" for i in range(N)]}
LOG = {
    "customer_id": [f"u{i % 31}" for i in range(M)],
    "sku": [CODES[(i * 7) % N] for i in range(M)],
    "order_date": [f"2024-05-{1 + i % 28:02d} {i % 24:02d}:00:01" for i in range(M)],
    "unit_price": [f"{i % 40}.50" for i in range(M)],
}


def cycle(*values):
    return [values[i % len(values)] for i in range(M)]


def table(path, columns):
    found = []
    for name, values in columns.items():
        numbers = [float(v) if v and v.replace(".", "").isdigit() else None for v in values]
        found.append(profile(name, values, numbers))
    return TableProfile(path, len(next(iter(columns.values()))), tuple(found))


def guessed(**more):
    return guess([table("items.csv", ITEMS), table("orders.csv", LOG | more)])


@pytest.mark.parametrize(
    ("name", "values", "sureness"),
    [
        ("order_status", cycle("completed", "cancelled", "shipped"), 0.96),
        ("订单状态", cycle("已完成", "交易关闭", "已发货"), 0.96),
        ("c9", cycle("geliefert", "storniert"), 0.96),
        ("status", cycle("paid", "pending"), 0.8),
        *(("訂單狀態", cycle("已付款", "處理中"), 0.8), ("注文状態", cycle("発送済み", "保留"), 0.8)),
        ("Статус заказа", cycle("доставлен", "новый"), 0.8),
    ],
)
def test_a_column_of_statuses_is_no_column_of_kinds(name, values, sureness):
    found = guessed(**{name: values})

    assert found.event_roles["status"].columns == (name,)
    assert found.event_roles["status"].sureness == sureness
    assert "kind" not in found.event_roles


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("action", cycle("view", "purchase", "cancelled")),
        ("status", cycle("view", "purchase")),
        ("channel", cycle("web", "app", "shop")),
        ("note", cycle("paid", "delivered")),  # nothing was undone: no name, no word that decides
    ],
)
def test_other_columns_are_no_statuses(name, values):
    assert "status" not in guessed(**{name: values}).event_roles


def test_a_column_of_currencies_tells_the_shops():
    one = guessed(money=cycle("EUR"))
    mostly = guessed(money=cycle(*["eur"] * 19, "CHF"))
    several = guessed(money=cycle("EUR", "USD"))

    assert one.event_roles["currency"].columns == ("money",)
    assert one.currency.code == mostly.currency.code == "EUR"
    assert "'money'" in one.currency.why and "CHF 10" in mostly.currency.why
    assert several.currency.code == "" and "several currencies" in several.currency.why


def test_without_prices_no_currency_is_looked_for():
    log = {name: values for name, values in LOG.items() if name != "unit_price"}
    found = guess([table("items.csv", ITEMS), table("orders.csv", log | {"money": cycle("EUR")})])

    assert "currency" not in found.event_roles
