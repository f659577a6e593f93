"""``fused``: several recommenders in one list, by weights or by trees, as it is built."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from pydantic import Field

from steelyard.config.section import Section
from steelyard.domain import Bilingual, State, Surface, Upkeep
from steelyard.errors import ConfigError
from steelyard.models.blending.choosing import choose, nothing_chosen
from steelyard.models.blending.listed import lists_of, pool_of, usable_cases
from steelyard.models.blending.members import Member, members_of, upkeep_of_all
from steelyard.models.blending.told import refusal
from steelyard.models.blending.tree_recipe import TREE_ROLES, Trees, open_trees
from steelyard.models.blending.weighted import LISTED, open_weighted
from steelyard.models.building import Bench, Part, Values
from steelyard.models.ports import Parts, Retriever
from steelyard.models.ranking.rules import Rules
from steelyard.models.recipe import REFUSED, Need, Plan, Recipe, Variant, find_recipe

__all__ = ["FusedOptions", "FusedRecipe"]

_FORMAT = 1
_SMALL = "-small"


class FusedOptions(Section):
    """Table ``[models.fused]``."""

    of: list[str] | None = Field(None, min_length=1)
    """Recipes whose lists are fused; those of ``[models] recommend`` where left out."""
    variants: list[Literal["weights", "weights-small", "trees", "trees-small"]] = Field(
        ["weights", "weights-small", "trees"], min_length=1
    )
    """How they are fused, each a configuration of its own: by a weight for each, or by trees that look at all scores,
    the item, the shopper and the time besides; ``-small`` fuses each recommender in its smallest form."""
    cases: int = Field(25_000, ge=100, le=100_000)
    """Validation cases that weights and trees are fitted to; as many are drawn where there are more."""
    candidates: int = Field(100, ge=20, le=1000)
    """Items that trees put in order, the best by weights."""
    leaves: int = Field(15, ge=2, le=255)
    """Leaves of each tree."""


class FusedRecipe(Recipe):
    """Fuses the lists of several recommenders, with weights that validation cases chose."""

    surface = Surface.RECOMMEND
    options = FusedOptions
    needs = frozenset({Need.BEHAVIOUR})
    reads_past = True
    reads_basics = True

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """One for each way to fuse; none of small forms where no member has one."""
        whole, lacking = members_of(plan, "fused", small=False)
        if not whole:
            why = "; ".join(f"{name}: {reason}" for name, reason in lacking.items()) or "no other model is named"
            raise ConfigError(f"[models.fused]: there is nothing to fuse ({why}); name recommenders in of")
        for name in dict.fromkeys(plan.options.variants):
            method = name.removesuffix(_SMALL)
            form = name[len(method) :]
            members, lacking = members_of(plan, "fused", small=bool(form))
            if form and [each.variant.name for each in members] == [each.variant.name for each in whole]:
                continue
            fusion = _Fusion(plan, tuple(members), lacking, form)
            yield fusion.by_trees() if method == "trees" else fusion.by_weights()

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Retriever:
        """The members' roles, and ``trees``, ``items`` and ``texts`` where trees were grown."""
        return open_trees(parts, options) if "trees" in options else open_weighted(parts, options)

    def sentences(self, options: Mapping[str, Any]) -> Mapping[str, Bilingual]:
        """Those of the members that are opened: a fusion gives their reasons."""
        told = [find_recipe(each["kind"]).sentences(each["options"]) for each in options.get("members", ())]
        return {kind: said for each in told for kind, said in each.items()}


class _Fusion:
    """Parts of one way to fuse."""

    def __init__(self, plan: Plan, members: Sequence[Member], lacking: Mapping[str, str], form: str) -> None:
        self.plan, self.members, self.lacking, self.form = plan, members, lacking, form
        self.rules = Rules.from_options(plan.config.rules.model_dump())

    def by_weights(self) -> Variant:
        """A weight for each member."""
        return Variant(
            f"fused-weights{self.form}", self._roles, self.weights(), upkeep=self._upkeep, opened=self._opened
        )

    def by_trees(self) -> Variant:
        """Trees over what weights put first."""
        trees = Trees(self.plan, self.members, (self.lists(), self.weights()), self.form, self.rules)
        roles = {**self._roles, **trees.roles}
        return Variant(f"fused-trees{self.form}", roles, trees.tuned(), upkeep=self._upkeep, opened=self._opened)

    def lists(self) -> Part:
        """What each member offers for validation cases that it had not seen."""
        earlier = [part for member in self.members for part in member.earlier.values()]
        make = partial(_lists, self.members, self.rules, self.plan.options.cases)
        made_from = tuple({part.name: part for part in (*earlier, *self._tuned)}.values())
        return Part(f"parts/fused/lists{self.form}", make, made_from, self._settings)

    def weights(self) -> Part:
        """Members, scales and weights."""
        lists = self.lists()
        return Part(
            f"tuned/fused-weights{self.form}", partial(_weighed, self, lists), (lists, *self._tuned), self._settings
        )

    @property
    def _roles(self) -> dict[str, Part]:
        return {role: part for member in self.members for role, part in member.roles.items()}

    @property
    def _upkeep(self) -> Upkeep:
        return upkeep_of_all(self.members)

    @property
    def _tuned(self) -> list[Part]:
        return [member.variant.tuned for member in self.members if member.variant.tuned is not None]

    @property
    def _settings(self) -> Any:
        names = [member.variant.name for member in self.members]
        return [_FORMAT, names, dict(self.lacking), LISTED, self.plan.options.cases, self.rules.exclude_seen]

    def _opened(self, tuned: Mapping[str, Any]) -> Collection[str]:
        """Roles of members that count for something, and what trees look at."""
        kinds = {each["kind"] for each in tuned.get("members", ())}
        own = TREE_ROLES if tuned.get("trees", {}).get("is_adopted") else ()
        return {*own, *(role for member in self.members if member.kind in kinds for role in member.roles)}


def _lists(members: Sequence[Member], rules: Rules, most: int, bench: Bench) -> State:
    return lists_of(members, bench, rules, most=most)


def _weighed(fusion: _Fusion, lists: Part, bench: Bench) -> Values:
    """Options of ``open_weighted``, what they rest on, and why the fusion is not to be measured where it cannot pay."""
    state, most = bench.state(lists), fusion.plan.options.cases
    by_kind = {member.kind: member for member in fusion.members}
    names = list(state.facts["members"]) or list(by_kind)
    asked = usable_cases(bench, fusion.rules, most=most)
    if state.facts["members"]:
        pool = pool_of(state)
        gains = pool.gains(asked.relevant, asked.gains)
        chosen = choose(pool, gains, asked.ideal, names=names, seed=bench.seed, progress=bench.progress)
    else:
        chosen = nothing_chosen(len(names))
    members = []
    each = zip(chosen.members, chosen.scales, chosen.units, chosen.weights.tolist(), strict=True)
    for number, scale, unit, weight in each:
        member = by_kind[names[number]]
        tuned = {} if member.variant.tuned is None else bench.values(member.variant.tuned)
        options = dict(member.options(tuned))
        members.append(
            {"kind": member.kind, "weight": round(weight, 6), "scale": scale, "unit": unit, "options": options}
        )
    skipped = {"refused": dict(state.facts["refused"]), "lacking": dict(fusion.lacking)}
    note = {**chosen.note, **{name: why for name, why in skipped.items() if why}}
    return {"members": members, "listed": LISTED, "learning": note, REFUSED: refusal(note)}
