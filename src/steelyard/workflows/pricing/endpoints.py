"""What a configuration asks of a model behind an address, by what was counted while it was measured. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from steelyard.config.schema import Config, SurfaceLoad
from steelyard.cost.endpoints import EndpointUse
from steelyard.cost.facts import EXACT, assumed, derived, exact
from steelyard.domain import Configuration, Endpoint, Fact, FactKind, FloatArray, Measurement

__all__ = ["Waits", "endpoint_use", "waits_of"]

_ESTIMATE = "one token for three bytes where the endpoint counted none"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long answers waited for somebody else's processor."""

    seconds: FloatArray
    """Of each timed request. Shape (timed,)."""

    @property
    def p99_ms(self) -> float:
        """Their 99th percentile."""
        return float(np.quantile(self.seconds, 0.99, method="inverted_cdf")) * 1000

    def most_rps(self, configuration: Configuration, workers: int) -> float:
        """Rate at which one server gives whole answers.

        Args:
            configuration: Says how many questions may be under way at once.
            workers: Threads of the server, each of which waits for one.

        Returns:
            Answers under way at once over the time that one takes.
        """
        mean_s, endpoint = float(self.seconds.mean()), configuration.endpoint
        at_once = min(workers, endpoint.concurrency if endpoint is not None else workers)
        return at_once / mean_s if mean_s > 0 else math.inf


def waits_of(configuration: Configuration, measured: Measurement) -> Waits | None:
    """Wall time that was no processor time of ours; ``None`` for a configuration that asks nobody."""
    cpu_s = measured.facts.get("cpu_s")
    if configuration.endpoint is None or not cpu_s or len(cpu_s) != len(measured.service_s):
        return None
    return Waits(np.maximum(measured.service_s - np.asarray(cpu_s, np.float64), 0.0))


def endpoint_use(
    configuration: Configuration, measured: Measurement, traffic: SurfaceLoad, *, config: Config, on: date
) -> EndpointUse | None:
    """Tokens or machines of a month.

    Args:
        configuration: What asks.
        measured: Its measurement, nothing answered from memory.
        traffic: Of its surface.
        config: Utilisation and spare machines.
        on: Day of the bill.

    Returns:
        ``None`` for a configuration that asks nobody; quantities of ``None`` where nothing was counted.
    """
    endpoint = configuration.endpoint
    if endpoint is None:
        return None
    counts = _counts(measured.facts.get("rounds", ()))
    if not counts.get("asked"):
        return EndpointUse(endpoint, None, None)
    n, month = len(measured.service_s), traffic.requests_per_month
    # what the endpoint was too busy for would have been asked of it, too
    share = EXACT.divide(Decimal(counts["asked"] + counts["busy"]), Decimal(counts["asked"] * n))
    kind = FactKind.ASSUMED if counts["estimated"] else FactKind.MEASURED
    tokens = []
    for name in ("prompt_tokens", "completion_tokens"):
        source = (
            f"mean of {n} requests, {_ESTIMATE}: {counts['estimated']}" if counts["estimated"] else f"of {n} requests"
        )
        each = Fact(exact(round(float(counts[name] * share), 4)), "token_per_request", kind, source, on)
        requests = assumed(month, "request", source="[load] requests_per_month", as_of=on)
        millions = EXACT.divide(each.value * requests.value, Decimal(10**6))
        tokens.append(derived(millions, "tokens x requests / 10^6", (each, requests), unit="Mtoken"))
    waits = waits_of(configuration, measured)
    if not endpoint.machine or waits is None:
        return EndpointUse(endpoint, tokens[0], tokens[1])
    mean_s = exact(round(float(waits.seconds.mean()), 6))
    wait = Fact(mean_s, "second", FactKind.MEASURED, f"mean wait for the model of {n} requests", on)
    return EndpointUse(endpoint, tokens[0], tokens[1], _machines(endpoint, wait, traffic, config), wait)


def _machines(endpoint: Endpoint, each: Fact, traffic: SurfaceLoad, config: Config) -> Fact:
    """So many of the shop's own as carry the peak."""
    on = each.as_of
    peak = assumed(traffic.peak_rps, "request_per_second", source="[load] peak_rps", as_of=on)
    at_once = assumed(endpoint.at_once, "1", source="at_once of the model's table", as_of=on)
    most = assumed(config.decide.max_utilisation, "1", source="[decide] max_utilisation", as_of=on)
    spare = assumed(config.decide.spare_replicas, "replica", source="[decide] spare_replicas", as_of=on)
    busy = float(peak.value * each.value) / (float(at_once.value) * float(most.value))
    number = max(1, math.ceil(busy - 1e-9)) + int(spare.value)
    rule = "peak x wait / (at once x utilisation), rounded up, + spare"
    return derived(Decimal(number), rule, (peak, each, at_once, most, spare), unit="replica")


def _counts(rounds: Any) -> dict[str, int]:
    """What was counted in all rounds while requests were timed."""
    total: dict[str, int] = {}
    for each in rounds:
        counted: Mapping[str, int] = each.get("asked_timed") or {}
        for name, count in counted.items():
            total[name] = total.get(name, 0) + count
    return total
