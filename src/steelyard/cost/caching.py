r"""What a cache and a cascade save.

.. math::
    c = h\,c_\text{hit} + (1 - h)\,c_\text{miss} + c_\text{cache} / N, \qquad
    h = \sum_i p_i \frac{\lambda p_i T}{1 + \lambda p_i T}

for a cache that keeps an answer for T after it was computed, under Poisson arrivals at rate λ. Source: Jung, Berger &
Balakrishnan 2003, "Modeling TTL-based Internet caches", doi:10.1109/INFCOM.2003.1208693.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from steelyard.cost.facts import EXACT
from steelyard.domain import FloatArray, Money
from steelyard.errors import PriceError

__all__ = ["break_even_escalation", "cached_cost", "ttl_hit_rate", "zipf"]


def zipf(n: int, exponent: float) -> FloatArray:
    """Popularity of ``n`` queries by rank, ``p_i ∝ i^(−exponent)``. Shape (n,), sums to 1."""
    weights = np.arange(1, n + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum(), np.float64)


def ttl_hit_rate(popularity: FloatArray, *, rate_rps: float, ttl_s: float) -> float:
    """Share of requests that find their answer in a cache with a time to live.

    Args:
        popularity: Share of the requests that ask each query. Shape (queries,), sums to 1.
        rate_rps: Requests a second, >= 0.
        ttl_s: Seconds an answer is kept after it was computed, >= 0.

    Returns:
        In [0, 1]. Room is taken to suffice for every live answer.
    """
    expected = rate_rps * popularity * ttl_s
    return float(np.sum(popularity * expected / (1 + expected)))


def cached_cost(hit_rate: Decimal, *, hit: Money, miss: Money, cache: Money, requests: int) -> Money:
    """Cost of a request behind a cache: ``h·c_hit + (1 − h)·c_miss + c_cache / N``.

    Args:
        hit_rate: In [0, 1].
        hit: Cost of answering from the cache.
        miss: Cost of computing the answer and keeping it.
        cache: Cost of the cache itself for a period.
        requests: Requests of that period, >= 1.

    Returns:
        Not rounded.

    Raises:
        PriceError: The share is not one, or there are no requests to carry the cache.
    """
    if not 0 <= hit_rate <= 1 or requests < 1:
        raise PriceError(
            f"a hit rate of {hit_rate} over {requests} requests has no unit cost: give a share and at least 1"
        )
    each = Money(EXACT.divide(cache.amount, Decimal(requests)), cache.currency)
    return hit * hit_rate + miss * (1 - hit_rate) + each


def break_even_escalation(*, small: Money, big: Money) -> Decimal:
    """Share of requests that may be passed on to a big model before a cascade costs more than the big one alone.

    Args:
        small: Cost of a request to the small model, which sees all of them.
        big: Cost of a request to the big model.

    Returns:
        ``(c_big − c_small) / c_big``; below zero where the small one is the dearer.

    Raises:
        PriceError: Two currencies, or a big model that costs nothing.
    """
    if not big.amount:
        raise PriceError("the big model costs nothing a request: measure or price it first")
    return EXACT.divide((big - small).amount, big.amount)
