r"""From a measurement on one machine to a price on another: a minute of the same four kernels on both.

.. math::
    L' = L \cdot \frac{S(n')}{S(n)} \Big/ \sum_k w_k \frac{t'_k}{t_k}, \qquad S(n) = \frac{1}{(1 - p) + p/n}, \qquad
    c' = \frac{1000\, p'_h}{3600\, L' u}

``t`` are seconds of a kernel on one core, ``w`` the share of each in the pipeline's time, ``p`` the share of the work
that cores do side by side. The result is derived, its interval wide, and it holds within one class of instruction sets
only: between classes other code runs, and nothing but measuring there tells how fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from steelyard.cost.facts import EXACT, derived, exact
from steelyard.domain import Fact, FactKind, Money
from steelyard.errors import PriceError

__all__ = ["Calibration", "Kernel", "parse_calibration", "profile_of", "rate_there", "speed_up", "time_ratio",
           "unit_cost_there"]  # fmt: skip

FORMAT = 1
_ONE = Decimal(1)


class Kernel(StrEnum):
    """What is timed."""

    INT8 = "int8"
    """A product of matrices of 8-bit numbers."""
    FP32 = "fp32"
    """A product of matrices of 32-bit floating point numbers."""
    MEMORY = "memory"
    """A scan of more memory than the caches hold."""
    TEXT = "text"
    """Cutting texts into terms, and JSON."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a machine did in its minute."""

    machine: str
    instruction_set: str
    """Its class: what code the libraries choose."""
    cores: int
    seconds: Mapping[Kernel, Fact]
    """Of one round of each kernel on one core."""
    parallel_share: Fact | None
    """Share of the work that the cores do side by side, in [0, 1]; ``None`` where there was one core."""


def parse_calibration(document: Any, *, where: str) -> Calibration:
    """A calibration from what its file holds.

    Args:
        document: As ``steelyard cost calibrate --out`` writes it.
        where: The file, for messages.

    Returns:
        With all four kernels.

    Raises:
        PriceError: It is something else, of another format, or lacks a kernel.
    """
    try:
        if document["format"] != FORMAT:
            raise PriceError(f"{where}: format {document['format']!r} is not known here; calibrate that machine again")
        day, machine = date.fromisoformat(document["as_of"]), str(document["machine"])
        share = document["parallel_share"]
        return Calibration(
            machine,
            str(document["instruction_set"]),
            int(document["cores"]),
            {kernel: _fact(document["kernels"][kernel], "second", f"{kernel} on {machine}", day) for kernel in Kernel},
            None if share is None else _fact(share, "1", f"share done side by side on {machine}", day),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PriceError(f"{where} is no calibration ({error!r}): make it with `steelyard cost calibrate`") from error


def profile_of(text: str, *, on: date) -> dict[Kernel, Fact]:
    """Shares of the kernels in a pipeline's time, as the command line writes them.

    Args:
        text: ``int8=0.6,text=0.4``; empty for equal shares.
        on: The day.

    Returns:
        Assumed facts above zero that sum to 1.

    Raises:
        PriceError: No such kernel, a share that is no share, or another sum.
    """
    written = text or ",".join(f"{kernel}=0.25" for kernel in Kernel)
    source = "profile of the pipeline, as given" if text else "equal shares, nobody gave a profile"
    try:
        pairs = [each.split("=") for each in written.split(",")]
        shares = {Kernel(name.strip()): exact(share.strip()) for name, share in pairs}
    except ValueError:
        raise PriceError(f"profile {text!r}: write shares of {', '.join(Kernel)}, like int8=0.6,text=0.4") from None
    if sum(shares.values()) != 1 or min(shares.values()) < 0 or len(shares) != len(pairs):
        raise PriceError(f"profile {text!r}: each kernel once, no share below 0, together 1")
    return {kernel: Fact(share, "1", FactKind.ASSUMED, f"{kernel}: {source}", on) for kernel, share in shares.items()
            if share}  # fmt: skip


def time_ratio(here: Calibration, there: Calibration, profile: Mapping[Kernel, Fact]) -> Fact:
    """How much longer one core there takes for the same work.

    Args:
        here: Where it was measured.
        there: Where it is to be priced.
        profile: Share of each kernel in the work's time; they sum to 1.

    Returns:
        Derived; the interval goes from the best to the worst of the kernels in the profile, since nobody knows which
        of them the work is most like.

    Raises:
        PriceError: The machines are of two classes of instruction sets.
    """
    if here.instruction_set != there.instruction_set:
        raise PriceError(
            f"{here.machine} is of the class {here.instruction_set}, {there.machine} of {there.instruction_set}: other "
            "code runs there, so a figure from here says nothing about it; measure there"
        )
    value, ends, inputs = Decimal(0), [], []
    for kernel, weight in profile.items():
        mine, other = here.seconds[kernel], there.seconds[kernel]
        ratio = EXACT.divide(other.value, mine.value)
        value += weight.value * ratio
        ends += [ratio, EXACT.divide(_low(other), _high(mine)), EXACT.divide(_high(other), _low(mine))]
        inputs += [weight, other, mine]
    made = derived(value, "sum of share x seconds there / seconds here", tuple(inputs), unit="1")
    return _within(made, ends)


def speed_up(share: Decimal, cores: int) -> Decimal:
    """Amdahl's law: how many times faster ``cores`` are than one, of which ``share`` of the work makes use."""
    return EXACT.divide(_ONE, (_ONE - share) + EXACT.divide(share, Decimal(cores)))


def rate_there(rate: Fact, here: Calibration, there: Calibration, *, profile: Mapping[Kernel, Fact]) -> Fact:
    """The rate within the latency limit that the other machine may be expected to carry.

    Args:
        rate: Requests a second that ``here`` carries within the limit.
        here: Where it was measured.
        there: Where it is to be priced.
        profile: As ``time_ratio``.

    Returns:
        Derived, with its interval.

    Raises:
        PriceError: As ``time_ratio``; or the machines differ in cores, and what cores do side by side was not measured.
    """
    if rate.value <= 0:
        raise PriceError(f"a rate of {rate.value} requests/s has no price: measure the rate first")
    ratio = time_ratio(here, there, profile)
    gains, inputs = [_ONE] * 3, [rate, ratio]
    if here.cores != there.cores:
        share = here.parallel_share
        if share is None:
            raise PriceError(
                f"{here.machine} has one core, {there.machine} {there.cores}: what cores do side by side was not "
                "measured; calibrate on a machine with several, or measure there"
            )
        gains = [EXACT.divide(speed_up(each, there.cores), speed_up(each, here.cores))
                 for each in (share.value, _low(share), _high(share))]  # fmt: skip
        inputs.append(share)
    rule = f"rate here / time ratio x speed-up of {there.cores} cores / of {here.cores}"
    made = derived(EXACT.divide(rate.value * gains[0], ratio.value), rule, tuple(inputs), unit=rate.unit)
    ends = [EXACT.divide(at * gain, slow) for at in (_low(rate), _high(rate)) for gain in gains
            for slow in (_low(ratio), _high(ratio))]  # fmt: skip
    return _within(made, ends)


def unit_cost_there(per_hour: Money, rate: Fact, *, utilisation: Fact, kind: FactKind = FactKind.QUOTED) -> Fact:
    """Instance cost of 1,000 requests at such a rate: ``1000 · p / (3600 · L · u)``.

    Args:
        per_hour: Price of an hour of the other machine.
        rate: As ``rate_there`` gives it.
        utilisation: Share of that rate that really arrives, in (0, 1].
        kind: Where the price comes from.

    Returns:
        Derived, per 1,000 requests, in the currency of ``per_hour``; the slower end of the rate is the dearer end.

    Raises:
        PriceError: The utilisation is no share above zero.
    """
    if not 0 < utilisation.value <= 1:
        raise PriceError(f"utilisation is {utilisation.value}: write a share above 0 and at most 1")
    hour = Fact(per_hour.amount, f"{per_hour.currency}/hour", kind, "price of the machine there", rate.as_of)
    low, value, high = (
        EXACT.divide(1000 * per_hour.amount, 3600 * each * utilisation.value)
        for each in (_high(rate), rate.value, _low(rate))
    )
    unit = f"{per_hour.currency} per 1,000 requests"
    return _within(derived(value, "1000 x price / (3600 x rate x utilisation)", (hour, rate, utilisation), unit=unit),
                   [low, high])  # fmt: skip


def _fact(reading: Mapping[str, Any], unit: str, what: str, day: date) -> Fact:
    value, low, high = (exact(reading[name]) for name in ("value", "low", "high"))
    if not 0 <= low <= value <= high or (unit == "second" and not low) or (unit == "1" and high > 1):
        raise ValueError(f"{value} between {low} and {high} is no reading")
    return Fact(value, unit, FactKind.MEASURED, f"calibration: {what}", day, low, high)


def _low(fact: Fact) -> Decimal:
    return fact.value if fact.low is None else fact.low


def _high(fact: Fact) -> Decimal:
    return fact.value if fact.high is None else fact.high


def _within(fact: Fact, ends: list[Decimal]) -> Fact:
    low, high = min(fact.value, *ends), max(fact.value, *ends)
    return Fact(fact.value, fact.unit, fact.kind, fact.source, fact.as_of, low, high, fact.inputs)
