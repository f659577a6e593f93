"""Which currency prices are written in, as far as they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.values.amounts import CODES, SIGNS, currency_of, mentions

SURE = {sign: codes[0] for sign, codes in SIGNS.items() if len(codes) == 1}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US$ 12.50", "USD"), ("HK$12", "HKD"), ("12 €", "EUR"), ("£3", "GBP"), ("3,50 zł", "PLN"), ("R$ 9,90", "BRL"),
        ("99 RMB", "CNY"), ("rmb 99", "CNY"), ("99元", "CNY"), ("99円", "JPY"), ("12.5 chf", "CHF"), ("A$7", "AUD"),
        ("C$7", "CAD"), ("CA$7", "CAD"), ("AU$7", "AUD"), ("NZ$7", "NZD"), ("MX$7", "MXN"),
    ],
)  # fmt: skip
def test_a_sign_that_means_one_currency_tells_it(written, code):
    found = currency_of([written, written], column="price")

    assert found.code == code
    assert found.why.startswith("written on the prices: ")
    assert found.why.endswith("2 of 2 looked at")


@given(st.sampled_from(sorted(SURE)), st.integers(1, 10**6), st.booleans())
def test_the_side_of_the_number_says_nothing(sign, number, is_before):
    written = f"{sign} {number}" if is_before else f"{number} {sign}"

    assert currency_of([written], column="price").code == SURE[sign]


@given(st.sampled_from(sorted(set(CODES) - {"RMB"})))
def test_a_code_in_the_name_of_the_column_is_read_where_the_prices_say_nothing(code):
    assert currency_of(["12", "13.50"], column=f"price_{code.lower()}").code == code
    assert currency_of(["12"], column=f"x{code.lower()}x").code == ""


def test_the_yen_and_the_yuan_share_a_sign_and_the_texts_tell_them_apart():
    prices = ["¥100", "￥200"]

    assert currency_of(prices, column="p", texts=["电热水壶"]).code == "CNY"
    assert currency_of(prices, column="p", texts=["電気ケトル"]).code == "JPY"
    alone = currency_of(prices, column="p", texts=["kettle"])
    assert alone.code == ""
    assert alone.why.endswith("which may be CNY or JPY")


def test_a_plain_dollar_is_taken_for_that_of_the_united_states_and_says_what_else_it_may_be():
    found = currency_of(["$5"], column="p")

    assert found.code == "USD"
    assert "it may also be CAD, AUD" in found.why


def test_a_clear_sign_beside_an_open_one_tells_what_the_open_one_means():
    assert currency_of(["￥100", "100元"], column="p").code == "CNY"
    assert currency_of(["$5", "C$6"], column="p").code == "CAD"


@pytest.mark.parametrize(
    ("prices", "says"),
    [
        (["€5", "£5"], "do not agree on a currency ('€' 1, '£' 1 of 2 looked at)"),
        (["€5", "5", "6"], "do not agree on a currency ('€' 1 of 3 looked at)"),
        (["5 kr"], "which may be SEK or NOK or DKK"),
        (["5", "6"], "nothing in the files says"),
        ([], "nothing in the files says"),
    ],
)
def test_where_nothing_tells_no_currency_is_guessed(prices, says):
    found = currency_of(prices, column="price")

    assert found.code == ""
    assert says in found.why


def test_half_of_the_prices_with_a_sign_are_enough_and_fewer_are_not():
    assert currency_of(["€5", "6"], column="price").code == "EUR"
    assert currency_of(["€5", "6", "7"], column="price").code == ""


def test_a_price_of_a_million_digits_is_looked_at_no_further_than_a_price_goes():
    assert mentions("9" * 1_000_000 + " €") is None
    assert mentions("1.299,00 €") == ("€", ("EUR",))
