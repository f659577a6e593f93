"""Whose training is whose: what each configuration was made of, parents included, and what was made for the others.

Every step of training and compression is borne once: by the configurations that need what it made, and else by the
overhead of a search among many. So over a surface, what a chosen configuration bears and what was made for those not
chosen are together what was metered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from steelyard.config.schema import Config
from steelyard.cost.facts import exact
from steelyard.domain import Configuration, Surface

__all__ = ["Made", "made_of", "making_usage", "parents_in"]

_STAGES = ("train", "compress")


@dataclass(frozen=True, slots=True)
class Made:
    """A step of training or compression that was done."""

    outputs: tuple[str, ...]
    """Artefacts it wrote."""
    cpu_s: Decimal


def parents_in(config: Config) -> dict[str, tuple[str, ...]]:
    """What each artefact is made of, by the names that the stages give.

    Args:
        config: Names the encoder and the variants.

    Returns:
        Parents by artefact; those of the data alone are left out.
    """
    name = config.models.encoder.name
    teacher, vectors = f"parts/encoder/{name}-fp32", f"vectors/{name}"
    found: dict[str, tuple[str, ...]] = {"parts/lexical": ("tuned/lexical",), vectors: (teacher,)}
    for variant in config.compress.encoders:
        if variant != "fp32":
            found[f"parts/encoder/{name}-{variant}"] = (vectors,)  # quantised, pruned or distilled by its vectors
        found[f"tuned/hybrid-{variant}"] = (f"parts/encoder/{name}-{variant}",)
    found |= {f"parts/vectors/{name}.{form}": (vectors,) for form in config.compress.vectors}
    full = "parts/recommend/item-knn.full"
    found |= {f"parts/recommend/item-knn.{form}": (full,) for form in config.compress.neighbours if form != "full"}
    return found


def making_usage(
    steps: Mapping[str, Made], configurations: Sequence[Configuration], *, parents: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """What making each configuration took, step by step, and what was made for the others of its surface.

    Args:
        steps: By name, such as ``train/lexical``; other stages are passed over.
        configurations: All that were measured.
        parents: As ``parents_in``.

    Returns:
        For the record of what a run used: ``parts``, processor seconds by artefact; ``needs``, the artefacts of each
        configuration; ``others``, processor seconds by configuration of what it does not need. Of each configuration
        needs and others are its surface's share of all that was metered: a step that several surfaces need, or that
        none does, is shared by them in equal parts.
    """
    found = {name: made for name, made in steps.items() if name.split("/")[0] in _STAGES}
    step_of = {output: name for name, made in found.items() for output in made.outputs}
    needed = {each.name: _steps_of(each, step_of, parents) for each in configurations}
    by_surface: dict[Surface, set[str]] = {}
    for each in configurations:
        by_surface.setdefault(each.surface, set()).update(needed[each.name])
    borne = {name: _share(name, made, by_surface) for name, made in found.items()}
    for_none = set(found).difference(*by_surface.values())
    return {
        "parts": {_named(found[name]): {"cpu_s": str(share)} for name, share in borne.items()},
        "needs": {name: sorted(_named(found[step]) for step in own) for name, own in needed.items()},
        "others": {
            each.name: str(_sum(borne[step] for step in (by_surface[each.surface] | for_none) - needed[each.name]))
            for each in configurations
        },
    }


def _steps_of(
    configuration: Configuration, step_of: Mapping[str, str], parents: Mapping[str, Collection[str]]
) -> set[str]:
    """Steps that made its parts, what they were made of, and its tuned options."""
    encoder = configuration.parts.get("encoder", "")
    tuned = (child for child in parents if _tunes(child, configuration, encoder, parents))
    wanted = [*configuration.parts.values(), *tuned]
    seen: set[str] = set()
    while wanted:
        artefact = wanted.pop()
        if artefact not in seen:
            seen.add(artefact)
            wanted += parents.get(artefact, ())
    return {step_of[artefact] for artefact in seen if artefact in step_of}


def _tunes(artefact: str, configuration: Configuration, encoder: str, parents: Mapping[str, Collection[str]]) -> bool:
    """Whether an artefact holds options that were tuned for a kind of retriever over this encoder."""
    return artefact.startswith(f"tuned/{configuration.kind}-") and encoder in parents[artefact]


def _share(name: str, made: Made, by_surface: Mapping[Surface, Collection[str]]) -> Decimal:
    """What each surface that needs a step bears of it; each of all where none does."""
    n = sum(name in those for those in by_surface.values()) or len(by_surface)
    return made.cpu_s / max(n, 1)


def _named(made: Made) -> str:
    """One name for what a step made: a part rather than its options."""
    return next((output for output in made.outputs if not output.startswith("tuned/")), made.outputs[0])


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def made_of(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Made]:
    """Steps from their records.

    Args:
        records: By name, with ``outputs`` and ``usage``, as ``Steps`` writes them.

    Returns:
        Exact processor seconds.
    """
    return {name: Made(tuple(each["outputs"]), exact(each["usage"]["cpu_s"])) for name, each in records.items()}
