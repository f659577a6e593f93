"""``build``: the parts of every configuration, each made once, and the list of what there is to measure."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.documents.configurations import Built, LeftOut, built_json, read_built
from steelyard.domain import Configuration
from steelyard.models.building import Part, Values, with_ancestors
from steelyard.models.recipe import find_recipe
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.builder import Builder
from steelyard.workflows.building.left_out import refusals
from steelyard.workflows.building.planned import (
    Planned,
    companions,
    fallback_part,
    planned_configurations,
    unmet,
)
from steelyard.workflows.building.shop_parts import BASICS, CARDS, CATALOGUE, HISTORIES, PASTS
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.stages import Steps

__all__ = ["build", "built_of", "load_built", "load_configurations", "standing_parts", "tuned_values"]


def build(bench: ShopBench, steps: Steps, *, progress: Progress) -> Built:
    """Make everything that is to be measured.

    Args:
        bench: Configuration, store, tables and tools.
        steps: Skips what is there and unchanged.
        progress: Told which part is being made.

    Returns:
        All configurations; also stored as ``configurations``.

    Raises:
        StageError: ``prepare`` was not run.
    """
    steps.require({"data": "prepare"})
    planned = planned_configurations(bench.config)
    lacking = unmet(bench.config, bench.shop, planned)
    left_out = {each.model for each in lacking}
    wanted = [each for each in planned if each.kind not in left_out]
    parts = [*standing_parts(bench), *(part for each in wanted for part in each.needed)]
    Builder(bench, steps).make(parts, progress=progress)
    refused = refusals(wanted, tuned_values(bench, wanted))
    names = {each.model for each in refused}
    return store_built(bench, steps, [each for each in wanted if each.name not in names], [*lacking, *refused])


def tuned_values(bench: ShopBench, planned: Sequence[Planned]) -> dict[str, Values]:
    """Tuned values of configurations whose parts were made, by name; empty where one has none."""
    tuned = {each.name: each.variant.tuned for each in planned}
    return {name: {} if part is None else bench.values(part) for name, part in tuned.items()}


def standing_parts(bench: ShopBench) -> list[Part]:
    """Parts that are served whatever is chosen: catalogue, cards, histories, best sellers, substitutes.

    Args:
        bench: Its configuration tunes them.

    Returns:
        In the order in which they are useful.
    """
    beside = [part for each in companions(bench.config) for part in each.needed]
    recipes = [find_recipe(name) for name in bench.config.models.recommend]
    pasts = [PASTS] if any(recipe.reads_past for recipe in recipes) else []
    basics = [BASICS] if bench.config.data.users and any(recipe.reads_basics for recipe in recipes) else []
    return [CATALOGUE, CARDS, HISTORIES, *pasts, *basics, fallback_part(bench.config), *beside]


def store_built(bench: ShopBench, steps: Steps, wanted: Sequence[Planned], left_out: Sequence[LeftOut]) -> Built:
    """The configurations with their tuned options, stored as ``configurations``.

    Args:
        bench: Holds the tuned values.
        steps: Skips it where nothing changed.
        wanted: Configurations whose parts were made.
        left_out: Models of which none was built.

    Returns:
        What was stored.
    """
    store, config = bench.store, bench.config
    tuned = {each.name: each.variant.tuned for each in wanted}
    digests = {name: store.digest(part.name) for name, part in tuned.items() if part is not None}
    names = [[each.name, sorted(part.name for part in each.needed)] for each in wanted]
    key = [names, digests, config.rules.model_dump(), [[each.model, each.why] for each in left_out]]

    key += [repr(each.variant.endpoint) for each in wanted if each.variant.endpoint is not None]

    def work() -> None:
        values = tuned_values(bench, wanted)
        configurations = [each.configuration(values[each.name]) for each in wanted]
        store.write_json("configurations", built_json(built_of(wanted, configurations, left_out)))

    steps.once("compress/configurations", key, ["configurations"], work)
    return load_built(store)


def built_of(
    planned: Sequence[Planned], configurations: Sequence[Configuration], left_out: Sequence[LeftOut] = ()
) -> Built:
    """Configurations with what each needs and what that is made of.

    Args:
        planned: Each configuration as it was planned.
        configurations: Their tuned options filled in.
        left_out: Models of which none was built.

    Returns:
        The document, not stored.
    """
    every = list(with_ancestors(part for each in planned for part in each.needed))
    lasting: dict[str, None] = {}
    for part in every:
        if not part.uses_tables and all(parent.name in lasting for parent in part.made_from):
            lasting[part.name] = None
    return Built(
        tuple(configurations),
        {each.name: tuple(part.name for part in each.needed) for each in planned},
        {part.name: tuple(parent.name for parent in part.made_from) for part in every if part.made_from},
        tuple(left_out),
        tuple(lasting),
    )


def load_built(store: Store) -> Built:
    """What ``build`` stored, by this version or one before."""
    return read_built(store.read_json("configurations"))


def load_configurations(store: Store) -> list[Configuration]:
    """The configurations that ``build`` stored."""
    return list(load_built(store).configurations)
