"""The recommenders that are fused: found by name, planned in one of their forms, opened from parts of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from steelyard.domain import State, Surface, Upkeep
from steelyard.errors import ConfigError, MissingExtra, UnknownPlugin
from steelyard.models.blending.earlier import earlier_parts
from steelyard.models.building import Part
from steelyard.models.ports import CandidateIndex, ChatModel, Encoder, Parts, Retriever
from steelyard.models.recipe import REFUSED, Plan, Recipe, Variant, find_recipe

__all__ = ["Member", "PrefixedParts", "members_of", "open_member", "upkeep_of_all"]


class PrefixedParts:
    """The parts of one member among those of all: as ``steelyard.models.ports.Parts``.

    Args:
        parts: Of all members.
        prefix: Before each role of this one.
    """

    def __init__(self, parts: Parts, prefix: str) -> None:
        self._parts, self._prefix = parts, prefix

    def state(self, role: str) -> State:
        """Arrays and facts of the part in this role."""
        return self._parts.state(self._prefix + role)

    def content(self, role: str, name: str) -> bytes:
        """A file of the part's own in this role."""
        return self._parts.content(self._prefix + role, name)

    def candidate_index(self, role: str) -> CandidateIndex:
        """The term index stored in the part in this role."""
        return self._parts.candidate_index(self._prefix + role)

    def encoder(self, role: str) -> Encoder:
        """The encoder stored in the part in this role."""
        return self._parts.encoder(self._prefix + role)

    def chat_model(self, role: str) -> ChatModel:
        """The language model that the part in this role names."""
        return self._parts.chat_model(self._prefix + role)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A recommender that is fused with others."""

    kind: str
    """Name of its recipe."""
    variant: Variant
    """The form that it is fused in."""

    @property
    def roles(self) -> dict[str, Part]:
        """Its parts as they are served, by their role among those of all members."""
        return {_prefix(self.kind) + role: part for role, part in self.variant.parts.items()}

    @property
    def earlier(self) -> dict[str, Part]:
        """Its parts as they were before the validation period, by the role that it opens them in."""
        twins = earlier_parts(self.variant.parts.values(), tuned=self.variant.tuned)
        return {role: twins[part.name] for role, part in self.variant.parts.items()}

    def options(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it is opened with, from its tuned values."""
        return self.variant.options({name: value for name, value in tuned.items() if name != REFUSED})


def open_member(kind: str, parts: Parts, options: Mapping[str, Any]) -> Retriever:
    """A member from the parts of all.

    Args:
        kind: Name of its recipe.
        parts: Opens the roles of ``Member.roles``.
        options: As ``Member.options`` gave them.

    Returns:
        Ready to answer.
    """
    return find_recipe(kind).open(PrefixedParts(parts, _prefix(kind)), options)


def members_of(plan: Plan, name: str, *, small: bool) -> tuple[list[Member], dict[str, str]]:
    """The recommenders to fuse.

    Args:
        plan: The shop's settings; ``options.of`` names recipes, those of ``[models] recommend`` where it is left out.
        name: Of the recipe that fuses: it is not fused with itself.
        small: Each in its smallest form, not as it was fitted.

    Returns:
        Members, and by name why one that was asked for is none.

    Raises:
        UnknownPlugin: ``of`` names a recipe that is not installed; the message offers the nearest names.
        ConfigError: ``of`` names the recipe itself, or a search.
    """
    named: Iterable[str] | None = plan.options.of
    found, lacking = [], {}
    for kind in dict.fromkeys(plan.config.models.recommend if named is None else named):
        if kind == name:
            if named is not None:
                raise ConfigError(f"[models.{name}] of: {name!r} cannot be fused with itself; take it out of the list")
            continue
        try:
            recipe = find_recipe(kind)
        except UnknownPlugin as error:
            raise UnknownPlugin(f"[models.{name}] of: {error}") from error
        except MissingExtra as error:
            lacking[kind] = str(error)
            continue
        if recipe.surface is not Surface.RECOMMEND:
            raise ConfigError(f"[models.{name}] of: {kind!r} answers searches; name recipes of [models] recommend")
        variant = _form(plan, kind, recipe, small=small)
        if variant.endpoint is not None:
            lacking[kind] = "it asks a model behind an address, which is not fused"
            continue
        found.append(Member(kind, variant))
    return found, lacking


def upkeep_of_all(members: Iterable[Member]) -> Upkeep:
    """What people have to do for all members together.

    Args:
        members: Any number.

    Returns:
        Hours added up; one transformer is kept for all.
    """
    each = [member.variant.upkeep for member in members]
    return Upkeep(
        any(one.has_transformer for one in each),
        sum((one.hours_per_month for one in each), Decimal(0)),
        sum((one.label_hours for one in each), Decimal(0)),
    )


def _form(plan: Plan, kind: str, recipe: Recipe, *, small: bool) -> Variant:
    """The recipe's first variant, which is the whole one, or its last, the smallest; of several sizes the first."""
    options = plan.config.models.tables.get(kind) or recipe.options()
    for size in filter(None, [recipe.size]):
        if isinstance(listed := getattr(options, size), tuple):
            options = options.model_copy(update={size: listed[:1]})
    variants = list(recipe.variants(Plan(plan.config, options)))
    if not variants:
        raise ConfigError(f"the recipe {kind!r} has no variant with these options, so it cannot be fused")
    return variants[-1 if small else 0]


def _prefix(kind: str) -> str:
    return f"{kind}."
