r"""A sudden peak against replicas that are added when it is noticed, or before it by the calendar of promotions.

Requests queue first come, first served, before all replicas that are ready. The queue is followed by its work: with
:math:`C(t)` the service seconds that the ready slots have offered until *t*, a request that arrives at :math:`t_n`
finds the work :math:`V_n` before it and waits :math:`C^{-1}(C(t_n) + V_n) - t_n`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import FloatArray

__all__ = ["Outcome", "Peak", "Plan", "Scaler", "outcome", "reactive", "scheduled"]


@dataclass(frozen=True, slots=True)
class Peak:
    """A rate of requests that steps up and down again, in a window that is simulated and billed."""

    usual_rps: float
    peak_rps: float
    starts_s: float
    lasts_s: float
    window_s: float = 3600.0

    def __post_init__(self) -> None:
        is_inside = 0 <= self.starts_s and 0 < self.lasts_s and self.ends_s <= self.window_s
        if not (0 < self.usual_rps <= self.peak_rps and is_inside):
            raise ValueError(f"not a peak within its window: {self}")

    @property
    def ends_s(self) -> float:
        """When the rate is as usual again."""
        return self.starts_s + self.lasts_s


@dataclass(frozen=True, slots=True)
class Scaler:
    """How a reactive scaler behaves."""

    reacts_s: float
    """From the first measurement that needs more replicas to their launch."""
    boots_s: float
    """From launch to the first request served; billed."""
    samples_s: float = 10.0
    """Between two measurements of the rate."""
    holds_s: float = 300.0
    """Replicas stay so long after the last measurement that needed them."""

    def __post_init__(self) -> None:
        if min(self.reacts_s, self.boots_s, self.holds_s) < 0 or self.samples_s <= 0:
            raise ValueError(f"a scaler's times are not below zero: {self}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Replicas over the window: some all the time, more for a while."""

    usual: int
    most: int
    launched_s: float
    """When the further ones begin to be billed."""
    ready_s: float
    """When they begin to serve."""
    gone_s: float
    """When they stop, and their bill."""

    def __post_init__(self) -> None:
        if not (1 <= self.usual <= self.most and 0 <= self.launched_s <= self.ready_s):
            raise ValueError(f"not a plan of replicas: {self}")

    def replica_hours(self, window_s: float) -> float:
        """Billed hours of all replicas within the window."""
        extra_s = max(0.0, min(self.gone_s, window_s) - self.launched_s)
        return (self.usual * window_s + (self.most - self.usual) * extra_s) / 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan did to the requests of a window."""

    late_share: float
    """Of all requests of the window, in [0, 1]."""
    replica_hours: float
    longest_wait_s: float


def reactive(peak: Peak, scaler: Scaler, *, usual: int, most: int) -> Plan:
    """Replicas that are launched once the peak has been seen, and leave a while after it was last seen.

    Args:
        peak: The rate; the scaler measures it from the window's start on.
        scaler: Its times.
        usual: Replicas for the usual rate, >= 1.
        most: Replicas for the peak, see ``steelyard.decision.capacity.replicas``.

    Returns:
        One step up and one down: the scaler asks for all it needs at once.
    """
    first = np.ceil(peak.starts_s / scaler.samples_s) * scaler.samples_s
    last = (np.ceil(peak.ends_s / scaler.samples_s) - 1) * scaler.samples_s
    if last < first:  # it fell between two measurements and was never seen
        return Plan(usual, most, peak.window_s, peak.window_s, peak.window_s)
    launched = float(first + scaler.reacts_s)
    return Plan(usual, most, launched, launched + scaler.boots_s, max(launched, float(last + scaler.holds_s)))


def scheduled(peak: Peak, *, usual: int, most: int, before_s: float, after_s: float) -> Plan:
    """Replicas that a calendar launches ``before_s`` the peak, ready when it begins, and removes ``after_s`` it."""
    launched = max(0.0, peak.starts_s - before_s)
    return Plan(usual, most, launched, peak.starts_s, peak.ends_s + after_s)


def outcome(peak: Peak, plan: Plan, *, service_s: FloatArray, slots: int, max_latency_s: float, seed: int) -> Outcome:
    """Late requests and billed hours of a plan, simulated.

    Args:
        peak: The rate; arrivals are Poisson.
        plan: Replicas over time.
        service_s: Measured service times, drawn with replacement. Shape (n,), > 0.
        slots: Requests one replica serves at once, >= 1.
        max_latency_s: A request whose wait and service together take longer is late.
        seed: Of arrivals and draws.

    Returns:
        Shares and hours of the whole window.

    Raises:
        ValueError: No service times, one that is not positive, or no slots.

    Trust:
        All slots together are taken for one server that many times as fast: right to within a service time while
        the replicas are overloaded, too kind to a steady load (``capacity.size`` judges that). Shoppers who give up
        and retry are not simulated; nor is a queue that overflows.
    """
    if service_s.size == 0 or not (service_s > 0).all() or slots < 1:
        raise ValueError("service times must be positive, and there must be some, and a slot to serve them")
    generator = np.random.default_rng(seed)
    arrivals_s = _arrivals(peak, generator)
    drawn = generator.choice(service_s, len(arrivals_s))
    gone_s = max(plan.ready_s, min(plan.gone_s, peak.window_s))
    turns_s = np.array([0.0, plan.ready_s, gone_s, 0.0])
    turns_s[3] = turns_s[2] + drawn.sum() + peak.window_s  # by then even the slowest plan has served all
    rates = slots * np.array([plan.usual, plan.most, plan.usual])
    offered = np.concatenate([[0.0], (rates * np.diff(turns_s)).cumsum()])
    begun = _begin(np.interp(arrivals_s, turns_s, offered), drawn)
    waits_s = np.maximum(0.0, np.interp(begun, offered, turns_s) - arrivals_s)
    late = float((waits_s + drawn > max_latency_s).mean()) if len(drawn) else 0.0
    return Outcome(late, plan.replica_hours(peak.window_s), float(waits_s.max(initial=0.0)))


def _arrivals(peak: Peak, generator: np.random.Generator) -> FloatArray:
    """Poisson arrivals of the three stretches, in order."""
    ends = (0.0, peak.starts_s, peak.ends_s, peak.window_s)
    rates = (peak.usual_rps, peak.peak_rps, peak.usual_rps)
    stretches = [
        np.sort(generator.uniform(low, high, generator.poisson(rate * (high - low))))
        for rate, low, high in zip(rates, ends[:-1], ends[1:], strict=True)
    ]
    return np.concatenate(stretches)


def _begin(arrivals: FloatArray, service: FloatArray) -> FloatArray:
    """When each service begins on one server of unit speed, by Lindley's recursion without a loop."""
    before = np.concatenate([[0.0], service[:-1].cumsum()])
    begin: FloatArray = before + np.maximum.accumulate(arrivals - before)
    return begin
