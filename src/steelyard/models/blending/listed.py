"""The lists of all members for validation cases, from models that had not seen them: what fusion is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from steelyard.domain import NONE, Cases, CatalogueFacts, FloatArray, Ranked, Request, State
from steelyard.models.blending.members import Member
from steelyard.models.blending.pool import Pool, checked, filled, pooled
from steelyard.models.blending.weighted import LISTED
from steelyard.models.building import Bench
from steelyard.models.ranking.rules import Rules
from steelyard.models.recipe import REFUSED, find_recipe

__all__ = ["Asked", "asked_of", "lists_of", "pool_of", "usable_cases"]

_K = 10
_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Validation cases as the shop asks them, and what is right."""

    requests: tuple[Request, ...]
    """With what the rules keep out excluded."""
    relevant: tuple[Any, ...]
    """Right items that the rules let through; at least one for each request."""
    gains: tuple[FloatArray, ...]
    """> 0, aligned with ``relevant``."""

    @property
    def ideal(self) -> FloatArray:
        """Discounted gain of each request's best possible list of ten. Shape (requests,)."""
        best = [np.sort(each)[::-1][:_K] for each in self.gains]
        return np.array([float(each @ (1 / np.log2(np.arange(2, len(each) + 2)))) for each in best])


def asked_of(cases: Cases, rules: Rules, facts: CatalogueFacts, *, most: int, seed: int) -> Asked:
    """The validation cases that something can be fitted to.

    Args:
        cases: Of the validation period.
        rules: Of the shop: what was seen is neither offered nor right where they exclude it.
        facts: Say of which category an item is.
        most: Cases drawn where there are more.
        seed: Of the draw.

    Returns:
        Those with something right to find; none of no cases.
    """
    kept: list[tuple[Request, Any, FloatArray]] = []
    for request, relevant, gains in zip(cases.requests, cases.relevant, cases.gains, strict=True):
        without = rules.excluded(request, facts)
        is_right = (gains > 0) & np.array([item not in without for item in relevant.tolist()], bool)
        if is_right.any():
            asked = replace(request, exclude=tuple(sorted(without)))
            kept.append((asked, relevant[is_right], gains[is_right]))
    if len(kept) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(kept), most, replace=False))
        kept = [kept[row] for row in chosen.tolist()]
    return Asked(tuple(k[0] for k in kept), tuple(k[1] for k in kept), tuple(k[2] for k in kept))


def usable_cases(bench: Bench, rules: Rules, *, most: int) -> Asked:
    """The shop's validation cases; the same whenever they are asked for."""
    return asked_of(bench.shop.recommend_tuning, rules, bench.shop.facts, most=most, seed=bench.seed)


def lists_of(members: Sequence[Member], bench: Bench, rules: Rules, *, most: int) -> State:
    """What each member would have offered for the validation cases.

    Args:
        members: To be fused.
        bench: Where their earlier parts were made.
        rules: Of the shop.
        most: Cases drawn where there are more.

    Returns:
        The pool: ``items``, shape (cases, width), and ``scores``, shape (members, cases, width); facts ``members``, the
        names of those asked, and ``refused``, by name why one was not: it says itself that it does not pay.

    Raises:
        PluginError: A member gave a score that is no number.
    """
    asked = usable_cases(bench, rules, most=most)
    names, models, lists, refused = [], [], [], {}
    for member in members:
        tuned = {} if member.variant.tuned is None else bench.values(member.variant.tuned)
        if tuned.get(REFUSED):
            refused[member.kind] = dict(tuned[REFUSED])
            continue
        retriever = find_recipe(member.kind).open(bench.open(member.earlier), member.options(tuned))
        found = []
        for start in range(0, len(asked.requests), _BATCH):
            bench.progress(start, len(asked.requests), f"lists of {member.kind}")
            batch = asked.requests[start : start + _BATCH]
            found.append(checked(member.kind, retriever.retrieve(batch, k=LISTED)))
        names.append(member.kind)
        models.append(retriever)
        lists.append(_joined(found))
    facts = {"members": names, "refused": refused}
    if not lists:
        return State({}, facts)
    pool = filled(pooled(lists), names, models, asked.requests)
    return State({"items": pool.items.astype(np.int32), "scores": pool.scores.astype(np.float32)}, facts)


def pool_of(state: State) -> Pool:
    """The pool that was stored.

    Args:
        state: As ``lists_of`` gave it; at least one member.

    Returns:
        Models in the order of the fact ``members``.
    """
    return Pool(state.arrays["items"].astype(np.int64), state.arrays["scores"].astype(np.float64))


def _joined(batches: Sequence[Ranked]) -> Ranked:
    """Lists of all batches; of no batch none."""
    if not batches:
        return Ranked(np.full((0, LISTED), NONE), np.full((0, LISTED), -np.inf))
    return Ranked(np.concatenate([b.items for b in batches]), np.concatenate([b.scores for b in batches]))
