"""Which of a book's machines the figures say something about: those of the architecture that was measured."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from steelyard.cost import Instance, PriceBook
from steelyard.cost.calibration import Calibration, profile_of, time_ratio
from steelyard.cost.prices.families import ARM, X86
from steelyard.documents.machine import MachineFacts
from steelyard.domain import Bilingual, Fact
from steelyard.errors import PriceError

__all__ = ["architecture_measured", "calibrated", "time_ratios", "usable_machines"]

_SAME = {"x86_64": X86, "amd64": X86, "arm64": ARM, "aarch64": ARM}


def architecture_measured(machine: MachineFacts) -> str:
    """Architecture of the machine that measured; empty where its facts do not say it."""
    return _SAME.get(machine.architecture.lower(), "")


def usable_machines(
    book: PriceBook, names: Sequence[str], *, measured_on: MachineFacts
) -> tuple[tuple[Instance, ...], tuple[Bilingual, ...]]:
    """The machines to consider, and why others are not.

    Args:
        book: Prices.
        names: Of instance types; empty for all of the book's.
        measured_on: Facts of the machine that measured.

    Returns:
        Those of its architecture, and those whose architecture nobody says, with a sentence for each kind of others.

    Raises:
        PriceError: There is no such type, or all of them are of another architecture.
    """
    machines, here = book.instances(names), architecture_measured(measured_on)
    others = [each for each in machines if here and each.arch and each.arch != here]
    if not others:
        return machines, _unsaid(machines, here)
    kept = tuple(each for each in machines if each not in others)
    listed, known = ", ".join(_short(each) for each in others), ", ".join(sorted({each.arch for each in others}))
    if not any(not each.gpu for each in kept):
        raise PriceError(
            f"price book {book.name}: {listed} is {known}, and the times were measured on {here}: other code runs "
            f"there, so they say nothing about it; measure on a machine with {known}, or consider {here} machines "
            "([cost] instances, book)"
        )
    aside = Bilingual(
        f"{listed}: not considered: {known}, and the times were measured on {here}; measure there to consider them",
        f"{listed}：未予考虑，架构为 {known}，而时间在 {here} 上测得；如需考虑，请在该架构上测量",
    )
    return kept, (aside, *_unsaid(kept, here))


def calibrated(machines: Sequence[Instance], ratios: Mapping[str, Fact]) -> tuple[Instance, ...]:
    """The machines with what is known of their cores.

    Args:
        machines: Those that are considered.
        ratios: Time of one core over that of one that measured, by name or family; a name wins over its family.

    Returns:
        In the same order.

    Raises:
        PriceError: A name is that of no machine considered.
    """
    used, found = set(), []
    for each in machines:
        short = _short(each)
        known = [name for name in (each.name, short, short.partition(".")[0]) if name in ratios]
        used |= set(known)
        found.append(replace(each, time_ratio=ratios[known[0]]) if known else each)
    for name in ratios.keys() - used:
        near = difflib.get_close_matches(name, [_short(each) for each in machines], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PriceError(f"[cost.calibration] there: no machine that is considered is called {name!r}{hint}")
    return tuple(found)


def time_ratios(
    here: Calibration, there: Mapping[str, Calibration], *, profile: str, measured_on: MachineFacts, on: date
) -> dict[str, Fact]:
    """Time of one core of each over that of one that measured.

    Args:
        here: Calibration of the machine that measured.
        there: By name or family of instance types.
        profile: Shares of the kernels; empty for equal ones.
        measured_on: Facts of the machine that measured.
        on: The day.

    Returns:
        Derived facts with wide intervals.

    Raises:
        PriceError: ``here`` is another machine, the classes of instruction sets differ, or the profile is wrong.
    """
    model = measured_on.cpu_model
    if model and not here.machine.startswith(model):
        raise PriceError(
            f"[cost.calibration] here is of {here.machine}, and the times were measured on {model}: calibrate the "
            "machine that measured, or measure again on the one that is calibrated"
        )
    shares = profile_of(profile, on=on)
    return {name: time_ratio(here, each, shares) for name, each in there.items()}


def _unsaid(machines: Sequence[Instance], here: str) -> tuple[Bilingual, ...]:
    unsaid = ", ".join(_short(each) for each in machines if not each.arch)
    if not unsaid or not here:
        return ()
    return (
        Bilingual(
            f"{unsaid}: its architecture is in no row and no name; taken for {here}, as measured: "
            "add arch (x86_64, arm64) to its row",
            f"{unsaid}：价格行与名称均未说明架构，按测量所用的 {here} 处理；请在其行中填写 arch（x86_64 或 arm64）",
        ),
    )


def _short(machine: Instance) -> str:
    return machine.name.rsplit("/", 1)[-1]
