"""Rules of merchandisers over the whole result of a search: what is first, what is moved, what is not shown.

A rule never breaks a filter: it acts on the list before filters are applied, and what it puts there is filtered as all
else is. Item numbers that are asked for stay before pins. Orders by price and the like are kept, pins included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from steelyard.config.curation import CurationRule
from steelyard.domain import NONE, FloatArray
from steelyard.errors import AskError
from steelyard.models.text.folding import fold
from steelyard.models.whole import Whole, with_first
from steelyard.serving.lists.fields import Condition, Fields

__all__ = ["NO_RULES", "Curation", "InForce", "Trouble"]

State = Literal["in_force", "not_begun", "ended", "dead"]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a rule cannot do all that it says."""

    rule: str
    """Its id."""
    why: str


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that a search is answered under."""

    ids: tuple[str, ...] = ()
    """Of those that may change the list, in their order."""
    redirect: str = ""
    """Where to go instead; empty for nowhere."""

    def __bool__(self) -> bool:
        return bool(self.ids)


NO_RULES = InForce()


@dataclass(frozen=True, slots=True)
class _Resolved:
    rule: CurationRule
    words: tuple[str, ...]
    begins: datetime | None
    ends: datetime | None
    """The first moment at which it no longer holds."""
    items: tuple[int, ...]
    """Item numbers that are named, in their order."""
    acted_on: Mask | None
    """Of every item whether a boost, a burial or a hiding means it. Shape (n_items,)."""

    def is_for(self, words: tuple[str, ...], audience: str, now: datetime) -> bool:
        """Whether it holds for a search."""
        if self.rule.audience and self.rule.audience != audience:
            return False
        if (self.begins and now < self.begins) or (self.ends and now >= self.ends):
            return False
        if not self.words or self.words == words:
            return True
        n = len(self.words)
        return self.rule.match == "contains" and any(
            words[at : at + n] == self.words for at in range(len(words) - n + 1)
        )


class Curation:
    """The rules of a shop over one catalogue.

    Args:
        rules: As they were written.
        fields: Of the catalogue.
        number: From an item id to its number, ``NONE`` for an unknown one.
        now: The clock, with time zone.
        timezone: In which days begin; UTC where it is empty.
    """

    def __init__(
        self,
        rules: Iterable[CurationRule],
        *,
        fields: Fields,
        number: Callable[[str], int],
        now: Callable[[], datetime],
        timezone: str = "",
    ) -> None:
        self._now = now
        zone: tzinfo = ZoneInfo(timezone) if timezone else UTC
        self.troubles: list[Trouble] = []
        """What was found wrong with rules: pins of items that left the catalogue, fields that are not there."""
        self._fields = fields
        self._number = number
        self._of: dict[str, _Resolved] = {}
        for rule in rules:
            self._of[rule.id] = self._resolved(rule, zone)

    def of(self, query: str, *, audience: str) -> InForce:
        """The rules for a search at this moment.

        Args:
            query: As it was typed.
            audience: Who asks, as the shop's page says; empty for nobody in particular.

        Returns:
            Nothing where no rule holds.
        """
        words, now = tuple(fold(query).split()), self._now()
        held = [each for each in self._of.values() if each.is_for(words, audience, now)]
        redirect = next((each.rule.to for each in held if each.rule.action == "redirect"), "")
        return InForce(tuple(each.rule.id for each in held if each.rule.action != "redirect"), redirect)

    def state(self, name: str) -> State:
        """Whether a rule holds now.

        Args:
            name: Its id.

        Returns:
            ``dead`` where it means nothing of the catalogue, whatever the time.
        """
        each, now = self._of[name], self._now()
        means = bool(each.items) if each.acted_on is None else bool(each.acted_on.any())
        if each.rule.action != "redirect" and not means:
            return "dead"
        if each.begins and now < each.begins:
            return "not_begun"
        return "ended" if each.ends and now >= each.ends else "in_force"

    def begins(self, name: str) -> datetime | None:
        """The first moment of a rule; ``None`` where it always held."""
        return self._of[name].begins

    def arranged(self, whole: Whole, rules: InForce, *, offers: Callable[[int], bool]) -> tuple[Whole, tuple[int, ...]]:
        """The list as the rules want it.

        Args:
            whole: All that the search finds.
            rules: Those in force.
            offers: Whether an item may be offered at all; a pin of another is left out.

        Returns:
            Each item once, pins first in the order of the rules; and the pins.
        """
        held = [self._of[name] for name in rules.ids]
        whole = _moved(whole, held)
        pins = [item for each in held if each.rule.action == "pin" for item in each.items if offers(item)]
        hidden = [each.acted_on for each in held if each.rule.action == "hide" and each.acted_on is not None]
        pinned = tuple(dict.fromkeys(pins))
        whole = with_first(whole, pinned)
        return _where(whole, ~np.logical_or.reduce(hidden)[whole.items]) if hidden else whole, pinned

    def moves(self, rules: InForce) -> Mask:
        """Which items rules in force put up or down. Shape (n_items,)."""
        moved: Mask = np.zeros(self._fields.n_items, bool)
        for each in (self._of[name] for name in rules.ids):
            if each.rule.action in ("boost", "bury") and each.acted_on is not None:
                moved |= each.acted_on
        return moved

    def hides(self, rules: InForce, item: int) -> bool:
        """Whether rules in force take an item out of every list."""
        held = (self._of[name] for name in rules.ids)
        return any(each.rule.action == "hide" and each.acted_on is not None and each.acted_on[item] for each in held)

    def moving(self, rules: InForce, item: int) -> list[CurationRule]:
        """The rules in force that put an item first, up or down, in their order."""
        held = (self._of[name] for name in rules.ids)
        return [
            each.rule
            for each in held
            if (each.rule.action == "pin" and item in each.items)
            or (each.rule.action in ("boost", "bury") and each.acted_on is not None and each.acted_on[item])
        ]

    def _resolved(self, rule: CurationRule, zone: tzinfo) -> _Resolved:
        items = []
        for name in rule.items:
            number = self._number(name)
            if number == NONE:
                self.troubles.append(Trouble(rule.id, f"item {name!r} is not in the catalogue"))
            else:
                items.append(number)
        begins, ends = _moment(rule.begins, zone, is_end=False), _moment(rule.ends, zone, is_end=True)
        words = tuple(fold(rule.query).split())
        return _Resolved(rule, words, begins, ends, tuple(items), self._acted_on(rule, items))

    def _acted_on(self, rule: CurationRule, items: Sequence[int]) -> Mask | None:
        if rule.action in ("pin", "redirect"):
            return None
        mask: Mask = np.zeros(self._fields.n_items, bool)
        if rule.where:
            try:
                wanted: dict[str, Condition] = {
                    name: one if isinstance(one, str) else list(one) for name, one in rule.where.items()
                }
                filters = self._fields.read(wanted)
                mask = np.logical_and.reduce([self._fields.mask(each) for each in filters])
            except AskError as error:
                self.troubles.append(Trouble(rule.id, str(error)))
        mask = mask.copy()
        mask[list(items)] = True
        if not mask.any() and not rule.items:
            self.troubles.append(Trouble(rule.id, "no item of the catalogue is meant"))
        return mask


def _moment(when: datetime | date | None, zone: tzinfo, *, is_end: bool) -> datetime | None:
    """The moment a rule begins to hold, or no longer holds; a day that ends it holds until midnight."""
    if when is None or isinstance(when, datetime):
        return when
    day = when + timedelta(days=1) if is_end else when
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _moved(whole: Whole, held: Sequence[_Resolved]) -> Whole:
    """With scores multiplied and divided; what is found stays before what is merely near."""
    factors: FloatArray = np.ones(len(whole.items))
    for each in held:
        if each.acted_on is not None and each.rule.action in ("boost", "bury"):
            factor = each.rule.factor if each.rule.action == "boost" else 1 / each.rule.factor
            factors[each.acted_on[whole.items]] *= factor
    if (factors == 1).all():
        return whole
    scores = np.where(whole.scores >= 0, whole.scores * factors, whole.scores / factors)
    is_near = np.arange(len(scores)) >= whole.n_matched
    order = np.lexsort((-scores, is_near))
    return Whole(whole.items[order], whole.units[order], scores[order], whole.n_matched)


def _where(whole: Whole, kept: Mask) -> Whole:
    n_matched = int(kept[: whole.n_matched].sum())
    return replace(
        whole, items=whole.items[kept], units=whole.units[kept], scores=whole.scores[kept], n_matched=n_matched
    )
