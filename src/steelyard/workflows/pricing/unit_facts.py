"""Where the cost of 1,000 requests comes from, three ways, as facts that can be explained down to their leaves."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from steelyard.cost import Instance, Terms, egress_of_more
from steelyard.cost.facts import EXACT, assumed, derived, exact
from steelyard.documents.line_words import line_said
from steelyard.domain import Candidate, CostLine, Fact, FactKind, Unpriced

__all__ = ["unit_facts"]

_HOUR_S = 3600


def unit_facts(
    candidate: Candidate,
    terms: Terms,
    *,
    machines: Sequence[Instance],
    http_s: float,
    requests_per_month: int,
    answer: Fact | None = None,
) -> dict[str, Fact]:
    """The facts behind ``marginal``, ``at_capacity`` and ``fully_loaded``.

    Args:
        candidate: A configuration, on its machines or on none.
        terms: Of its bill.
        machines: Those that were considered, as they were calibrated.
        http_s: Processor seconds of HTTP in each request.
        requests_per_month: By which the bill is divided.
        answer: Kilobytes of one answer; ``None`` leaves its traffic out of the marginal cost.

    Returns:
        By way, equal to the candidate's unit cost; empty where it fits on no machine, and without ``fully_loaded``
        where the bill is incomplete.
    """
    if candidate.capacity is None or candidate.bill is None:
        return {}
    machine = next(each for each in machines if each.name == candidate.capacity.instance)
    currency = terms.book.currency
    hour = Fact(machine.hourly, f"{currency}/hour", machine.price.kind, f"{machine.name}: {machine.price.source}",
                machine.price.as_of)  # fmt: skip
    unit = f"{currency} per 1,000 requests"
    found = {
        "marginal": _with_egress(_marginal(candidate, machine, hour, unit, exact(http_s), terms), answer, unit, terms),
        "at_capacity": _at_capacity(candidate, machine, hour, unit, terms),
    }
    total = candidate.bill.total
    if total is not None:
        lines = tuple(_line(line, currency) for line in candidate.bill.lines)
        whole = derived(total.amount, "sum of the bill's lines", lines, unit=currency)
        requests = assumed(requests_per_month, "request", source="[load] requests_per_month", as_of=terms.on)
        value = EXACT.divide(1000 * total.amount, requests.value)
        rule = "1000 x the whole bill / requests of the month"
        found["fully_loaded"] = derived(value, rule, (whole, requests), unit=unit)
    return found


def _line(line: CostLine, currency: str) -> Fact:
    assert not isinstance(line.price, Unpriced)
    per, price = f"{currency}/{line.price.unit}", line.price
    each = Fact(price.per_unit.amount, per, price.kind, f"{price.name}: {price.source}", price.as_of)
    cost = line.quantity.value * price.per_unit.amount
    return derived(cost, f"{line.stage}: {line_said(line).en}", (line.quantity, each), unit=currency)


def _marginal(candidate: Candidate, machine: Instance, hour: Fact, unit: str, http_s: Decimal, terms: Terms) -> Fact:
    measured = candidate.measured.cpu_s_per_request
    own = Fact(exact(measured.mean), "core_second", FactKind.MEASURED, f"mean of {measured.n} requests", terms.on,
               exact(measured.low), exact(measured.high))  # fmt: skip
    http = Fact(http_s, "core_second", FactKind.MEASURED, "HTTP, each request", terms.on)
    cores = Fact(machine.cores, "core", FactKind.QUOTED, f"cores of {machine.name}", machine.price.as_of)
    there_s = (own.value + http.value) * exact(machine.core_time)
    value = EXACT.divide(1000 * there_s * hour.value, _HOUR_S * cores.value)
    rule, inputs = "1000 x (own + HTTP) x price of an hour / 3600 / cores", (own, http, hour, cores)
    if machine.time_ratio is None:
        return derived(value, rule, inputs, unit=unit)
    return derived(value, f"{rule} x time ratio", (*inputs, machine.time_ratio), unit=unit)


def _with_egress(processor: Fact, answer: Fact | None, unit: str, terms: Terms) -> Fact:
    """Processor time and the traffic of 1,000 answers, at the price of the tier that the shop has come to."""
    more = egress_of_more(terms, answer.value) if answer is not None else None
    if more is None or answer is None:
        return processor
    price, gb = more
    per = Fact(price.per_unit.amount, f"{price.per_unit.currency}/GB", price.kind, f"{price.name}: {price.source}",
               price.as_of)  # fmt: skip
    traffic = derived(gb * per.value, "1000 x kB / 10^6 x price of a GB", (answer, per), unit=unit)
    return derived(processor.value + traffic.value, "processor time + answers sent", (processor, traffic), unit=unit)


def _at_capacity(candidate: Candidate, machine: Instance, hour: Fact, unit: str, terms: Terms) -> Fact:
    assert candidate.capacity is not None
    times = candidate.measured.service_s
    mean = Fact(exact(round(float(times.mean()), 9)), "second", FactKind.MEASURED,
                f"mean service time of {len(times)} requests", terms.on)  # fmt: skip
    rate = derived(
        exact(candidate.capacity.rate_per_replica_rps),
        "highest rate of one machine within the limits, simulated on measured times",
        (mean,) if machine.time_ratio is None else (mean, machine.time_ratio),
        unit="request_per_second",
    )
    value = EXACT.divide(1000 * hour.value, _HOUR_S * rate.value)
    return derived(value, "1000 x price of an hour / 3600 / rate", (hour, rate), unit=unit)
