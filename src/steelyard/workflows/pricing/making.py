"""Whose training is whose: what each configuration was made of, parents included, and what was made for the others.

Every step of training and compression is borne once: by the configurations that need what it made, and else by the
overhead of a search among many. So over a surface, what a chosen configuration bears and what was made for those not
chosen are together what was metered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from steelyard.cost import StepUsage, UsageRecord
from steelyard.cost.facts import exact
from steelyard.documents.configurations import Built
from steelyard.domain import Surface
from steelyard.workflows.stages import StepRecord

__all__ = ["Made", "is_of_today", "made_of", "making_usage"]

_STAGES = ("train", "compress")


@dataclass(frozen=True, slots=True)
class Made:
    """A step that was done."""

    outputs: tuple[str, ...]
    """Artefacts it wrote."""
    cpu_s: Decimal
    peak_rss_bytes: int = 0


def is_of_today(name: str, made: Made, built: Built) -> bool:
    """Whether a step is one that this version does for what there is now, and not the record of an older one.

    Args:
        name: Of the step.
        made: What it made.
        built: What is measured; of an older version it tells no parents, and all its steps count.

    Returns:
        True for steps of other stages.
    """
    head, _, rest = name.partition("/")
    if head == "measure" and rest:
        return rest in built.needs
    if head not in _STAGES or not built.parents:
        return True
    return len(made.outputs) == 1 and rest == made.outputs[0].removeprefix("parts/")


def making_usage(steps: Mapping[str, Made], built: Built) -> UsageRecord:
    """What making each configuration took, step by step, and what was made for the others of its surface.

    Args:
        steps: By name, such as ``train/lexical``; what other stages took is recorded and is nobody's alone.
        built: All configurations that are measured, and what they are made of.

    Returns:
        The record of what a run used: ``steps`` as they are; ``parts``, processor seconds by artefact; ``needs``, the
        artefacts of each configuration; ``others``, processor seconds by configuration of what it does not need;
        ``lasting``, artefacts that are not made again with new data. Of
        each configuration needs and others are its surface's share of all that was metered: a step that several
        surfaces need, or that none does, is shared by them in equal parts.
    """
    found = {name: made for name, made in steps.items() if name.split("/")[0] in _STAGES}
    step_of = {output: name for name, made in found.items() for output in made.outputs}
    configurations = built.configurations
    needed = {each.name: _steps_of(built, each.name, step_of) for each in configurations}
    by_surface: dict[Surface, set[str]] = {}
    for each in configurations:
        by_surface.setdefault(each.surface, set()).update(needed[each.name])
    borne = {name: _share(name, made, by_surface) for name, made in found.items()}
    for_none = set(found).difference(*by_surface.values())
    return UsageRecord(
        steps={name: StepUsage(made.cpu_s, made.peak_rss_bytes) for name, made in steps.items()},
        parts={_named(found[name]): share for name, share in borne.items()},
        needs={name: tuple(sorted(_named(found[step]) for step in own)) for name, own in needed.items()},
        others={
            each.name: _sum(borne[step] for step in (by_surface[each.surface] | for_none) - needed[each.name])
            for each in configurations
        },
        lasting=frozenset(built.lasting),
    )


def _steps_of(built: Built, name: str, step_of: Mapping[str, str]) -> set[str]:
    """Steps that made what a configuration needs, and what that was made of."""
    wanted = list(built.needs.get(name, ()))
    seen: set[str] = set()
    while wanted:
        artefact = wanted.pop()
        if artefact not in seen:
            seen.add(artefact)
            wanted += built.parents.get(artefact, ())
    return {step_of[artefact] for artefact in seen if artefact in step_of}


def _share(name: str, made: Made, by_surface: Mapping[Surface, Collection[str]]) -> Decimal:
    """What each surface that needs a step bears of it; each of all where none does."""
    n = sum(name in those for those in by_surface.values()) or len(by_surface)
    return made.cpu_s / max(n, 1)


def _named(made: Made) -> str:
    """One name for what a step made: a part rather than its options."""
    return next((output for output in made.outputs if not output.startswith("tuned/")), made.outputs[0])


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def made_of(records: Mapping[str, StepRecord]) -> dict[str, Made]:
    """Steps from their records.

    Args:
        records: By name.

    Returns:
        Exact processor seconds.
    """
    return {
        name: Made(tuple(each.outputs), exact(each.usage.cpu_s), each.usage.peak_rss_bytes)
        for name, each in records.items()
    }
