"""Prices that a query asks for, and numbers that are none."""

from decimal import Decimal

import pytest

from steelyard.models.text.price_phrases import price_wish


@pytest.mark.parametrize(
    ("query", "currency", "low", "high", "rest"),
    [
        ("boots under 200", "USD", None, "200", "boots"),
        ("Boots UNDER $200 for men", "USD", None, "200", "boots for men"),
        ("shoes $20-$50", "USD", "20", "50", "shoes"),
        ("shoes between 20 and 50 euros", "EUR", "20", "50", "shoes"),
        ("lamp over 100", "USD", "100", None, "lamp"),
        ("lamp less than 1,299.99 dollars", "USD", None, "1299.99", "lamp"),
        ("fernseher unter 1.299,50 €", "EUR", None, "1299.50", "fernseher"),
        ("wine £5 to £10", "GBP", "5", "10", "wine"),
        ("laptop under 2k", "USD", None, "2000", "laptop"),
        ("gift under 25 for mom", "USD", None, "25", "gift for mom"),
        ("wire 12/2 under 50", "USD", None, "50", "wire 12/2"),
        ("200元以下 耳机", "CNY", None, "200", "耳机"),
        ("耳机100到200块", "CNY", "100", "200", "耳机"),
        ("不超过五百元的耳机", "CNY", None, "500", "耳机"),
        ("三百五以内 耳机", "CNY", None, "350", "耳机"),
        ("两千元以上手机", "CNY", "2000", None, "手机"),
        ("1.5万元以下 钢琴", "CNY", None, "15000", "钢琴"),
        ("２００元以下　耳机", "CNY", None, "200", "耳机"),
    ],
)
def test_a_price_is_read_and_taken_out_of_the_words(
    query: str, currency: str, low: str | None, high: str | None, rest: str
) -> None:
    wish = price_wish(query, currency=currency)

    assert wish is not None
    assert (wish.low, wish.high) == (low and Decimal(low), high and Decimal(high))
    assert wish.rest == rest


@pytest.mark.parametrize(
    "query",
    [
        "tv under 50 inches",
        "cabinet under sink",
        "kids under 5 toys",
        "under armour 200",
        "size 20-50",
        "hose over 50 ft",
        "lego 100-200 pieces",
        "door 30 to 36",
        "bulb up to 60w",
        "dumbbell under 50 pounds",
        "m6x20 - 30 $",
        "under 200",
        "5元",
        "",
        "3以上 积木",
        "18寸以内 轮毂",
        "boots under 200 €",
        "耳机 200元以下",
        "screw 1/4-20 under",
        "shoes $50-$20",
    ],
)
def test_a_number_that_is_no_price_in_this_shop_is_left_alone(query: str) -> None:
    assert price_wish(query, currency="USD") is None


def test_what_money_is_called_is_that_of_the_shop() -> None:
    assert price_wish("耳机 200元以下", currency="CNY") is not None
    assert price_wish("dumbbell under 50 pounds", currency="GBP") is not None
    assert price_wish("boots under $200", currency="") is None
