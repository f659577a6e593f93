"""What a cache and a cascade save: golden numbers of the money design, and a simulated cache."""

from decimal import Decimal

import numpy as np
import pytest

from steelyard.cost.caching import break_even_escalation, cached_cost, ttl_hit_rate, zipf
from steelyard.domain import Money
from steelyard.errors import PriceError


def usd(amount):
    return Money(Decimal(amount), "USD")


@pytest.mark.parametrize(("rate", "expected"), [(1, 0.16), (20, 0.34), (200, 0.53)])
def test_a_million_queries_kept_for_ten_minutes(rate, expected):
    assert ttl_hit_rate(zipf(1_000_000, 0.9), rate_rps=rate, ttl_s=600) == pytest.approx(expected, abs=0.005)


def test_the_formula_is_what_a_cache_does():
    popularity, rate, ttl = zipf(50, 1.0), 2.0, 30.0
    draw = np.random.default_rng(0)
    times = np.cumsum(draw.exponential(1 / rate, 60_000))
    queries = draw.choice(50, p=popularity, size=60_000)
    until, hits = np.full(50, -1.0), 0
    for time, query in zip(times, queries, strict=True):
        if time < until[query]:
            hits += 1
        else:
            until[query] = time + ttl

    assert ttl_hit_rate(popularity, rate_rps=rate, ttl_s=ttl) == pytest.approx(hits / 60_000, abs=0.01)


def test_nothing_kept_or_nothing_asked_is_never_a_hit():
    assert ttl_hit_rate(zipf(10, 1.0), rate_rps=5, ttl_s=0) == 0
    assert ttl_hit_rate(zipf(10, 1.0), rate_rps=0, ttl_s=60) == 0


def test_cost_behind_a_cache():
    found = cached_cost(Decimal("0.5"), hit=usd("0.001"), miss=usd("0.010"), cache=usd("20"), requests=10_000)

    assert found == usd("0.0075")


@pytest.mark.parametrize(("rate", "requests"), [("1.2", 10), ("-0.1", 10), ("0.5", 0)])
def test_a_cache_that_makes_no_sense_is_refused(rate, requests):
    with pytest.raises(PriceError, match="has no unit cost"):
        cached_cost(Decimal(rate), hit=usd(0), miss=usd(1), cache=usd(1), requests=requests)


def test_a_cascade_pays_until_enough_is_passed_on():
    assert break_even_escalation(small=usd("0.2"), big=usd("1")) == Decimal("0.8")
    assert break_even_escalation(small=usd("2"), big=usd("1")) == Decimal(-1)
    with pytest.raises(PriceError, match="costs nothing"):
        break_even_escalation(small=usd("1"), big=usd(0))
    with pytest.raises(PriceError, match="cannot add"):
        break_even_escalation(small=Money(Decimal(1), "CNY"), big=usd(2))
