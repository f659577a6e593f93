"""Which configurations a shop may have: every variant of every model it names, before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.config import Config
from steelyard.config.schema import Rules
from steelyard.data.tables import ShopTables
from steelyard.documents.configurations import LeftOut
from steelyard.domain import Configuration, Surface
from steelyard.errors import ConfigError
from steelyard.models.building import Part, Values
from steelyard.models.ranking.rules import Rules as RankingRules
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant, find_recipe
from steelyard.workflows.building.shop_parts import CATALOGUE, LIST_FACTS

__all__ = [
    "CANDIDATES",
    "Planned",
    "can_be_judged",
    "companions",
    "fallback_part",
    "plan_of",
    "planned_as",
    "planned_configurations",
    "unmet",
]

CANDIDATES = 200
"""A recommender brings so many before the rules apply."""
_FALLBACK = "popularity"
_COMPANIONS = ("substitutes", "bought-together")


@dataclass(frozen=True, slots=True)
class Planned:
    """A configuration to be."""

    kind: str
    """Name of its recipe."""
    surface: Surface
    variant: Variant
    common: Mapping[str, Part]
    """Parts that the pipeline adds, by role."""
    fixed: Mapping[str, Any]
    """Options of the pipeline, beside those of the retriever."""
    has_encoder: bool = False
    """Whether its recipe needs a pre-trained encoder: dear to make."""

    @property
    def name(self) -> str:
        """Of the configuration."""
        return self.variant.name

    @property
    def needed(self) -> tuple[Part, ...]:
        """All parts it is opened with or made ready by."""
        return (*self.variant.needed, *self.common.values())

    def configuration(self, tuned: Values) -> Configuration:
        """The configuration, once its values are tuned.

        Args:
            tuned: Values of ``variant.tuned``; empty where it has none.

        Returns:
            Parts named, options filled in.
        """
        variant = self.variant
        kept = {name: value for name, value in tuned.items() if name != REFUSED}
        opened = variant.parts if variant.opened is None else variant.opened(kept)
        own = {role: part for role, part in variant.parts.items() if role in opened}
        parts = {role: part.name for role, part in {**own, **self.common}.items()}
        options = {"retriever": dict(variant.options(kept)), **self.fixed}
        return Configuration(
            variant.name,
            self.surface,
            self.kind,
            parts,
            options,
            variant.upkeep,
            variant.is_uncompressed,
            variant.endpoint,
        )


def plan_of(config: Config, name: str, recipe: Recipe) -> Plan:
    """What a recipe is told of the shop.

    Args:
        config: The shop's settings.
        name: Of the recipe.
        recipe: Its options are those of ``[models.<name>]``, defaults where there is no such table.

    Returns:
        The plan.
    """
    return Plan(config, config.models.tables.get(name) or recipe.options())


def planned_configurations(config: Config) -> list[Planned]:
    """Every variant of every model that the shop names, search first.

    Args:
        config: The shop's settings.

    Returns:
        Their names are distinct.

    Raises:
        ConfigError: Two variants have one name.
    """
    wanted = [(Surface.SEARCH, config.models.search), (Surface.RECOMMEND, config.models.recommend)]
    found = [
        each for surface, names in wanted for name in dict.fromkeys(names) for each in planned_as(config, surface, name)
    ]
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two configurations are called {', '.join(twice)}: a recipe names its variants after itself")
    return found


def planned_as(config: Config, surface: Surface, name: str) -> list[Planned]:
    """Every variant of one model.

    Args:
        config: The shop's settings.
        surface: That it is to answer.
        name: Of its recipe.

    Returns:
        The whole one first.
    """
    recipe = find_recipe(name)
    fixed: dict[str, Any] = {"rules": config.rules.model_dump()}
    common = {"catalogue": CATALOGUE}
    if surface is Surface.RECOMMEND:
        common["fallback"] = fallback_part(config)
        fixed["candidates"] = CANDIDATES
        if RankingRules.from_options(fixed["rules"]).needs_list_facts:
            common["list_facts"] = LIST_FACTS
    variants = recipe.variants(plan_of(config, name, recipe))
    has_encoder = Need.ENCODER in recipe.needs
    return [Planned(name, surface, variant, common, fixed, has_encoder) for variant in variants]


def fallback_part(config: Config) -> Part:
    """What fills recommendations that came out short, and says how often each item is bought.

    Args:
        config: The shop's settings.

    Returns:
        The fitted model of the best sellers.
    """
    recipe = find_recipe(_FALLBACK)
    return next(iter(recipe.variants(plan_of(config, _FALLBACK, recipe)))).parts["model"]


def companions(config: Config) -> list[Planned]:
    """What answers for a single item beside the surfaces, whether the shop names it or not.

    Args:
        config: The shop's settings.

    Returns:
        What says which items can stand in for another, and what says which are bought with it; their rules are those of
        recommendations.
    """
    rules = {"rules": config.rules.model_dump()}
    found = []
    for name in _COMPANIONS:
        recipe = find_recipe(name)
        variant = next(iter(recipe.variants(plan_of(config, name, recipe))))
        found.append(Planned(name, Surface.SIMILAR, variant, {"catalogue": CATALOGUE}, rules))
    return found


def unmet(config: Config, shop: ShopTables, planned: Sequence[Planned]) -> list[LeftOut]:
    """Models whose needs the shop does not meet.

    Args:
        config: The shop's settings.
        shop: The prepared tables.
        planned: What is to be built.

    Returns:
        Each model once, with the reason.
    """
    has_behaviour = can_be_judged(shop, config.rules)
    taught = shop.search_teaching
    is_taught = taught is not None and not taught.is_synthetic
    has_judged = bool(shop.search_test.requests) and (is_taught or not shop.search_test.is_synthetic)
    lacking = {
        Need.BEHAVIOUR: (not has_behaviour, "no_behaviour"),
        Need.JUDGEMENTS: (not has_judged, "no_judgements"),
        Need.TEXT: (not any(title.strip() for title in shop.texts.title), "no_text"),
    }
    found: dict[str, LeftOut] = {}
    for each in planned:
        reasons = [why for need, (is_lacking, why) in lacking.items() if is_lacking and need in _needs(each)]
        if reasons:
            found[each.kind] = LeftOut(each.kind, reasons[0])
    return list(found.values())


def _needs(planned: Planned) -> frozenset[Need]:
    """What its recipe needs; no recommender can be judged without behaviour."""
    own = find_recipe(planned.kind).needs
    return own | {Need.BEHAVIOUR} if planned.surface is Surface.RECOMMEND else own


def can_be_judged(shop: ShopTables, rules: Rules) -> bool:
    """Whether any recommender can be right: somebody interacted afterwards with something new that may be offered now.

    Args:
        shop: The prepared tables.
        rules: Whether sold-out items are offered.

    Returns:
        False where every list would have quality 0, which tells nothing of any model.
    """
    relevant = shop.recommend_test.relevant
    if not rules.exclude_out_of_stock:
        return bool(relevant)
    return any(bool((shop.facts.in_stock[items] > 0).any()) for items in relevant)
