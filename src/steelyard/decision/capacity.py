"""How many instances carry a peak within the latency limit: Erlang's formulas, and simulation of measured times.

The formulas assume exponential service times and one queue for all; they check the simulation and give rough answers
at once. Decisions rest on the simulation: Poisson arrivals, the measured service times drawn again and again, and a
queue of each replica's own, because a load balancer that knows nothing sends each request to any replica.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray

__all__ = [
    "Sizing",
    "erlang_c",
    "mean_wait_s",
    "rate_within",
    "replicas",
    "response_p99_s",
    "simulate_waits",
    "size",
    "wait_percentile_s",
]

_ARRIVALS = 20_000
"""Simulated requests; the first tenth fills the queue and is not counted."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """What it takes to carry a peak."""

    working: int
    """Replicas that carry the peak when the spare ones have failed."""
    replicas: int
    """Working and spare."""
    rate_per_replica_rps: float
    """Highest rate one replica carries within both limits."""
    p99_ms: float
    """99th percentile of the response time at the peak with all replicas, spare included."""
    utilisation: float
    """Share of the processors used at the peak with all replicas, in [0, 1]."""


def erlang_c(servers: int, load: float) -> float:
    r"""Probability that a request has to wait, with one queue before equal servers.

    .. math:: B_j = \frac{a B_{j-1}}{j + a B_{j-1}}, \quad C = \frac{B_c}{1 - \rho (1 - B_c)}, \quad \rho = a / c

    Args:
        servers: :math:`c`, >= 1.
        load: :math:`a`, rate × mean service time (erlang), >= 0.

    Returns:
        In [0, 1]; 1 where the load is at least the servers, since the queue then grows without end.

    Raises:
        ValueError: Fewer than one server, or a negative load.

    Source:
        Erlang 1917; recursion as in Cooper 1981, Introduction to Queueing Theory.
    """
    if servers < 1 or load < 0:
        raise ValueError(f"no such queue: {servers} servers, {load} erlang")
    if load >= servers:
        return 1.0
    blocked = 1.0
    for j in range(1, servers + 1):
        blocked = load * blocked / (j + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait_s(rate_rps: float, service_s: float, servers: int) -> float:
    """Mean wait before service starts, exponential service times; infinite where the queue grows without end."""
    load = rate_rps * service_s
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * service_s / (servers - load)


def wait_percentile_s(rate_rps: float, service_s: float, servers: int, percentile: float = 0.99) -> float:
    r"""Wait that this share of the requests does not exceed: :math:`P(W > t) = C e^{-(c/s - \lambda) t}` solved for t.

    Args:
        rate_rps: Requests per second, >= 0.
        service_s: Mean service time; exponential.
        servers: Requests served at once, >= 1.
        percentile: In (0, 1).

    Returns:
        Seconds; 0 where fewer requests wait at all, infinite where the queue grows without end.
    """
    waiting = erlang_c(servers, rate_rps * service_s)
    drain = servers / service_s - rate_rps
    if drain <= 0:
        return math.inf
    return max(0.0, math.log(waiting / (1 - percentile)) / drain) if waiting > 0 else 0.0


def replicas(
    rate_rps: float,
    service_s: float,
    *,
    slots: int,
    max_p99_ms: float,
    max_utilisation: float,
    spare: int,
) -> int | None:
    """Replicas by Erlang's formula: one queue before all, p99 of the wait plus the mean service within the limit.

    Args:
        rate_rps: Peak requests per second, >= 0.
        service_s: Mean service time, exponential.
        slots: Requests one replica serves at once.
        max_p99_ms: Limit on the 99th percentile of the wait plus the mean service time.
        max_utilisation: Highest share of the slots in use, in (0, 1].
        spare: Added on top.

    Returns:
        Working and spare replicas; ``None`` where the service time alone is above the limit.

    Trust:
        Rough: ``size`` simulates the measured times and a queue for each replica.
    """
    if service_s * 1000 > max_p99_ms:
        return None
    working = max(1, math.ceil(rate_rps * service_s / (slots * max_utilisation) - 1e-9))
    while (wait_percentile_s(rate_rps, service_s, working * slots) + service_s) * 1000 > max_p99_ms:
        working += 1
    return working + spare


def simulate_waits(arrivals_s: FloatArray, service_s: FloatArray, *, servers: int) -> FloatArray:
    """Wait of each request, first come first served, before ``servers`` equal servers.

    The Kiefer–Wolfowitz recursion: only the moment at which each server falls free is kept. With one server it is
    Lindley's, whose running maximum is taken at once.

    Args:
        arrivals_s: Arrival times, non-decreasing. Shape (requests,).
        service_s: Service time of each. Shape (requests,), >= 0.
        servers: >= 1.

    Returns:
        Shape (requests,), >= 0.

    Source:
        Kiefer & Wolfowitz 1955, doi:10.1090/S0002-9947-1955-0066587-3.
    """
    if servers == 1:
        before = service_s.cumsum() - service_s
        start_s = before + np.maximum.accumulate(arrivals_s - before)
        return np.maximum(start_s - arrivals_s, 0.0)
    free = [0.0] * servers
    waits: list[float] = []
    take, wait = heapq.heapreplace, waits.append  # a decision goes through this loop a million times
    for arrival, service in zip(arrivals_s.tolist(), service_s.tolist(), strict=True):
        start = free[0]
        if start > arrival:
            take(free, start + service)
            wait(start - arrival)
        else:
            take(free, arrival + service)
            wait(0.0)
    return np.array(waits)


def response_p99_s(service_s: FloatArray, rate_rps: float, *, slots: int, seed: int) -> float:
    """99th percentile of the response time of one replica under Poisson arrivals, simulated.

    The same seed draws the same requests at every rate, only closer together, so the figure never falls with the rate.

    Args:
        service_s: Measured service times, drawn with replacement. Shape (n,), n >= 1.
        rate_rps: Mean arrivals per second, >= 0; 0 is an idle replica.
        slots: Requests served at once, >= 1.
        seed: Seed of arrivals and draws.

    Returns:
        Seconds.
    """
    generator = np.random.default_rng(seed)
    drawn = generator.choice(service_s, _ARRIVALS)
    gaps = generator.exponential(1.0, _ARRIVALS)
    waits = simulate_waits(gaps.cumsum() / rate_rps, drawn, servers=slots) if rate_rps > 0 else 0.0
    counted = (drawn + waits)[_ARRIVALS // 10 :]
    return float(np.quantile(counted, 0.99, method="inverted_cdf"))


def rate_within(
    service_s: FloatArray,
    *,
    cores: float,
    max_p99_ms: float,
    max_utilisation: float,
    seed: int,
    slots: int | None = None,
) -> float:
    """Highest rate one replica carries with its p99 and its utilisation within their limits.

    Args:
        service_s: Measured service times of requests asked alone, each on one core. Shape (n,), n >= 1.
        cores: Processors that can be used without end; a fraction for burstable instances.
        max_p99_ms: Limit on the 99th percentile of the response time.
        max_utilisation: Highest share of ``cores`` in use, in (0, 1].
        seed: Seed of the simulation.
        slots: Requests served at once; the whole part of ``cores``, at least 1, where ``None``.

    Returns:
        Requests per second, found by bisection to one part in a thousand; 0 where even an idle replica misses the
        limit.

    Raises:
        ValueError: No service times, one that is not positive, or limits that are not.

    Trust:
        A p99 of service times needs some hundred of them; arrivals of real shops are burstier than Poisson.
    """
    _check(service_s, cores, max_p99_ms, max_utilisation)
    slots = slots or max(1, math.floor(cores))
    limit_s = max_p99_ms / 1000
    if response_p99_s(service_s, 0.0, slots=slots, seed=seed) > limit_s:
        return 0.0
    low, high = 0.0, max_utilisation * min(cores, slots) / float(service_s.mean())
    if response_p99_s(service_s, high, slots=slots, seed=seed) <= limit_s:
        return high
    while high - low > 0.001 * high:
        middle = (low + high) / 2
        if response_p99_s(service_s, middle, slots=slots, seed=seed) <= limit_s:
            low = middle
        else:
            high = middle
    return low


def size(
    service_s: FloatArray,
    *,
    cores: float,
    peak_rps: float,
    max_p99_ms: float,
    max_utilisation: float,
    spare: int,
    seed: int,
    slots: int | None = None,
) -> Sizing | None:
    """Replicas that carry the peak within the limits, and what the peak then feels like.

    Args:
        service_s: Measured service times of requests asked alone, each on one core. Shape (n,), n >= 1.
        cores: Processors of one replica that can be used without end; a fraction for burstable instances.
        peak_rps: Requests per second at the peak, > 0.
        max_p99_ms: Limit on the 99th percentile of the response time.
        max_utilisation: Highest share of ``cores`` in use, in (0, 1].
        spare: Replicas that may fail without the limits being missed, >= 0.
        seed: Seed of the simulation.
        slots: Requests one replica serves at once; the whole part of ``cores``, at least 1, where ``None``.

    Returns:
        The sizing; ``None`` where even an idle replica misses the limit.

    Raises:
        ValueError: An argument is out of its range.

    Trust:
        As ``rate_within``; the peak is spread evenly at random over the replicas.
    """
    if not (peak_rps > 0 and spare >= 0):
        raise ValueError(f"cannot size for a peak of {peak_rps} rps with {spare} spare replicas")
    slots = slots or max(1, math.floor(cores))
    rate = rate_within(
        service_s, cores=cores, max_p99_ms=max_p99_ms, max_utilisation=max_utilisation, seed=seed, slots=slots
    )
    if rate <= 0:
        return None
    working = max(1, math.ceil(peak_rps / rate - 1e-9))
    each = peak_rps / (working + spare)
    return Sizing(
        working=working,
        replicas=working + spare,
        rate_per_replica_rps=rate,
        p99_ms=response_p99_s(service_s, each, slots=slots, seed=seed) * 1000,
        utilisation=each * float(service_s.mean()) / cores,
    )


def _check(service_s: FloatArray, cores: float, max_p99_ms: float, max_utilisation: float) -> None:
    if service_s.size == 0 or not (service_s > 0).all():
        raise ValueError("service times must be positive, and there must be some")
    if not (cores > 0 and max_p99_ms > 0 and 0 < max_utilisation <= 1):
        raise ValueError(f"no such limits: {cores} cores, p99 {max_p99_ms} ms, utilisation {max_utilisation}")
