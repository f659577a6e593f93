"""Which of a book's machines the figures say something about: those of the architecture that was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.cost import Instance, PriceBook
from steelyard.cost.book.families import ARM, X86
from steelyard.domain import Said
from steelyard.errors import PriceError

__all__ = ["architecture_measured", "usable_machines"]

_SAME = {"x86_64": X86, "amd64": X86, "arm64": ARM, "aarch64": ARM}


def architecture_measured(facts: Mapping[str, Any]) -> str:
    """Architecture of the machine that measured; empty where its facts do not say it."""
    return _SAME.get(str(facts.get("architecture") or "").lower(), "")


def usable_machines(
    book: PriceBook, names: Sequence[str], *, measured_on: Mapping[str, Any]
) -> tuple[tuple[Instance, ...], tuple[Said, ...]]:
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
            f"there, so they say nothing about it; measure on a {known} machine, or consider {here} machines "
            "([cost] instances, book)"
        )
    aside = Said(
        f"{listed}: not considered: {known}, and the times were measured on {here}; measure there to consider them",
        f"{listed}：未予考虑，架构为 {known}，而时间在 {here} 上测得；如需考虑，请在该架构上测量",
    )
    return kept, (aside, *_unsaid(kept, here))


def _unsaid(machines: Sequence[Instance], here: str) -> tuple[Said, ...]:
    unsaid = ", ".join(_short(each) for each in machines if not each.arch)
    if not unsaid or not here:
        return ()
    return (
        Said(
            f"{unsaid}: its architecture is in no row and no name; taken for {here}, as measured: "
            "add arch (x86_64, arm64) to its row",
            f"{unsaid}：价格行与名称均未说明架构，按测量所用的 {here} 处理；请在其行中填写 arch（x86_64 或 arm64）",
        ),
    )


def _short(machine: Instance) -> str:
    return machine.name.rsplit("/", 1)[-1]
