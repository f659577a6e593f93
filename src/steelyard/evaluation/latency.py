"""Latency as a shopper would feel it: an open loop, timed from when each request was meant to be sent.

A closed loop, which sends the next request when the last one is answered, slows down together with the server and
so misses the worst waits (coordinated omission): it is not offered. Time-outs and errors count as misses at the
time-out's value. The generator checks its own lag, and a run in which it was late is marked invalid.

Every latency is kept, not a histogram: a run holds at most a few hundred thousand values (8 bytes each), exact
order statistics are what ``proves`` counts, and two runs can be compared request by request.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from steelyard.domain import FloatArray
from steelyard.errors import MeasurementError

__all__ = [
    "MAX_LAG_P99_S",
    "OpenLoopRun",
    "open_loop",
    "percentile_of",
    "poisson_schedule",
    "proves",
    "requests_to_prove",
    "steady_schedule",
]

BoolArray = npt.NDArray[np.bool_]

MAX_LAG_P99_S = 0.001
"""A generator that sends its slowest percent of requests later than this measures itself."""
_HEAD_START_S = 0.01
"""Between the start of the clock and the first intended time, so that setting up is nobody's lag."""


@dataclass(frozen=True, slots=True)
class OpenLoopRun:
    """What one open-loop run saw. Warm-up requests were sent but are not in it."""

    latencies_s: FloatArray
    """From the intended send time to the whole answer; the time-out's value for misses. Shape (requests,)."""
    is_miss: BoolArray
    """True where there was no good answer in time. Shape (requests,)."""
    lags_s: FloatArray
    """How late the generator itself was. Shape (requests,), >= 0."""
    duration_s: float
    """Length of the schedule without warm-up."""
    time_out_s: float
    why_missed: dict[str, int]
    """Reason to count, for example ``TimeoutError``."""
    response_bytes: float | None = None
    """Mean length of an answer's body; ``None`` where it was not counted."""

    @property
    def invalid_because(self) -> str:
        """Why the run may not be used; empty when it may."""
        if not self.latencies_s.size:
            return "no request fell after the warm-up: run for longer"
        lag_s = percentile_of(self.lags_s, 0.99)
        if lag_s >= MAX_LAG_P99_S:
            return (
                f"the load generator was itself {lag_s * 1000:.2f} ms late at the 99th percentile "
                f"(limit {MAX_LAG_P99_S * 1000:g} ms): give it a core of its own, or lower the rate"
            )
        return ""

    @property
    def is_valid(self) -> bool:
        """Whether the figures may be used."""
        return not self.invalid_because

    @property
    def rate_rps(self) -> float:
        """Requests offered per second, warm-up not counted."""
        return len(self.latencies_s) / self.duration_s if self.duration_s > 0 else float("nan")

    def percentile_ms(self, percentile: float) -> float:
        """Latency that this share of the requests did not exceed, in milliseconds.

        Args:
            percentile: Share of the requests, in (0, 1], for example 0.99.

        Returns:
            A latency that really occurred, >= 0; a miss counts with the time-out's value.

        Raises:
            MeasurementError: The run is invalid.
        """
        if not self.is_valid:
            raise MeasurementError(f"this latency may not be used: {self.invalid_because}")
        return percentile_of(self.latencies_s, percentile) * 1000

    def goodput_rps(self, limit_s: float) -> float:
        """Requests per second that were answered well and within the limit."""
        good = int(((self.latencies_s <= limit_s) & ~self.is_miss).sum())
        return good / self.duration_s if self.duration_s > 0 else float("nan")


def poisson_schedule(rate_rps: float, duration_s: float, *, seed: int) -> FloatArray:
    """Send times of independent shoppers: exponential gaps, drawn before anything is sent.

    Args:
        rate_rps: Mean requests per second, > 0.
        duration_s: Length, > 0.
        seed: Seed of the gaps.

    Returns:
        Seconds since the start, increasing, all below ``duration_s``. Shape (about rate × duration,).

    Raises:
        ValueError: A rate or duration that is not positive.
    """
    if not (rate_rps > 0 and duration_s > 0):
        raise ValueError(f"a schedule needs a positive rate and length, got {rate_rps} rps for {duration_s} s")
    generator = np.random.default_rng(seed)
    block = math.ceil(rate_rps * duration_s) + 16
    times: FloatArray = generator.exponential(1 / rate_rps, block).cumsum()
    while times[-1] < duration_s:
        times = np.concatenate([times, times[-1] + generator.exponential(1 / rate_rps, block).cumsum()])
    return times[times < duration_s]


def steady_schedule(rate_rps: float, n_requests: int) -> FloatArray:
    """Send times at equal gaps: for reproducing published examples, not for claims about shoppers."""
    return np.arange(n_requests) / rate_rps


async def open_loop(
    ask: Callable[[int], Awaitable[object]],
    schedule_s: FloatArray,
    *,
    time_out_s: float,
    warm_up_s: float = 0.0,
    now: Callable[[], float] = time.perf_counter,
    spin_s: float = 0.0015,
) -> OpenLoopRun:
    """Send each request at its time, whether or not earlier ones were answered, and time it from there.

    Args:
        ask: Sends request number i and returns when its whole answer is there; raises when the answer is no good.
        schedule_s: Intended send times since the start, increasing. Shape (requests,).
        time_out_s: A request without an answer so long after its intended time is a miss.
        warm_up_s: Requests intended before this are sent, and left out by this rule alone.
        now: Clock, in seconds.
        spin_s: The last stretch before each send is waited for awake, because timers are coarse; 0 in simulated time.

    Returns:
        The figures; look at ``is_valid`` first.
    """
    sender = _Sender(ask, len(schedule_s), time_out_s, now)
    start = now() + (_HEAD_START_S if spin_s else 0.0)
    waiting: set[asyncio.Task[None]] = set()
    for i, offset in enumerate(schedule_s.tolist()):
        while (left := start + offset - now()) > 0:
            await asyncio.sleep(left - spin_s if left > spin_s else 0)
        task = asyncio.create_task(sender.send(i, start + offset))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    return sender.run(schedule_s, warm_up_s)


class _Sender:
    """Sends single requests and keeps what became of them."""

    def __init__(
        self, ask: Callable[[int], Awaitable[object]], n: int, time_out_s: float, now: Callable[[], float]
    ) -> None:
        self._ask, self._time_out_s, self._now = ask, time_out_s, now
        self._latencies = np.full(n, time_out_s)
        self._lags = np.zeros(n)
        self._why = [""] * n

    async def send(self, i: int, intended: float) -> None:
        sent = self._now()
        self._lags[i] = max(0.0, sent - intended)
        try:
            async with asyncio.timeout(intended + self._time_out_s - sent):
                await self._ask(i)
        except Exception as error:  # noqa: BLE001 - any failure of any callable is a miss, named in the result
            self._why[i] = type(error).__name__
            return
        took = self._now() - intended
        self._latencies[i] = min(took, self._time_out_s)
        self._why[i] = TimeoutError.__name__ if took > self._time_out_s else ""

    def run(self, schedule_s: FloatArray, warm_up_s: float) -> OpenLoopRun:
        kept = schedule_s >= warm_up_s
        reasons = [self._why[i] for i in np.flatnonzero(kept)]
        return OpenLoopRun(
            latencies_s=self._latencies[kept],
            is_miss=np.array([bool(reason) for reason in reasons], dtype=np.bool_),
            lags_s=self._lags[kept],
            duration_s=float(schedule_s[-1] - warm_up_s) if len(schedule_s) else 0.0,
            time_out_s=self._time_out_s,
            why_missed={reason: reasons.count(reason) for reason in sorted(set(reasons)) if reason},
        )


def percentile_of(values: FloatArray, percentile: float) -> float:
    """Smallest of the values that at least this share of them do not exceed: one that really occurred.

    Args:
        values: Shape (n,), n >= 1.
        percentile: In (0, 1], for example 0.99.

    Returns:
        One of the values; NaN where there is none.
    """
    if values.size == 0:
        return float("nan")
    return float(np.quantile(values, percentile, method="inverted_cdf"))


def requests_to_prove(percentile: float, confidence: float, over: int = 0) -> int:
    """How many independent requests it takes to prove a percentile, when ``over`` of them exceed the limit.

    The smallest n for which, were the percentile above the limit, so few of n requests over it would be seen with a
    probability of at most 1 − confidence.

    Args:
        percentile: In (0, 1), for example 0.99.
        confidence: In (0, 1), for example 0.99.
        over: Requests seen above the limit, >= 0.

    Returns:
        Number of requests: 459 for p99 at 99 % confidence with none over, 662 with one.

    Raises:
        ValueError: An argument is out of its range.
    """
    if not (0 < percentile < 1 and 0 < confidence < 1 and over >= 0):
        raise ValueError(f"no such claim: percentile {percentile}, confidence {confidence}, {over} over")
    low, high = over, over + 1
    while bdtr(over, high, 1 - percentile) > 1 - confidence:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(over, middle, 1 - percentile) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def proves(latencies_s: FloatArray, limit_s: float, *, percentile: float = 0.99, confidence: float = 0.99) -> bool:
    """Whether these latencies prove that the percentile is within the limit.

    Args:
        latencies_s: Independent requests, misses at the time-out's value. Shape (requests,).
        limit_s: The limit; a latency of exactly the limit is within it.
        percentile: The claim's percentile, in (0, 1).
        confidence: How sure, in (0, 1).

    Returns:
        False also where there are merely too few requests to tell.

    Trust:
        Requests that waited behind the same pause are not independent: prove on several fresh runs.
    """
    over = int((latencies_s > limit_s).sum())
    return bool(bdtr(over, len(latencies_s), 1 - percentile) <= 1 - confidence)
