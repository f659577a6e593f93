"""A place in recommendations that is given to something to learn about it, with the chance that it was given by.

Candidates are the next items of the list that the rules allow, so that nothing is shown that could not have been. The
chance of what is shown goes out with the answer, and onto every event that names the answer's ``request_id``: the log
then says what another way of filling the place would have earned (``steelyard experiment offpolicy``).

What was learnt is kept beside the server's events (``documents.exploration``) and taken up again by the process that
follows, if it serves the same bundle under the same options. Answers whose events are waited for live in this process.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from steelyard.documents.exploration import Exploration
from steelyard.domain import Event, EventKind, FloatArray, Request, Surface
from steelyard.models.exploring.thompson import LinearThompson, drawn, uniform
from steelyard.serving.answers import Answer
from steelyard.serving.arrange import FIRST, MAX_OF_CATEGORY
from steelyard.serving.engine import Engine
from steelyard.serving.shown import Explored, Shown

__all__ = ["WIDTH", "Explorer", "Exploring", "Turn", "explorer_of"]

WIDTH = 6
"""Features of a candidate."""
_MOST_REMEMBERED = 100_000
"""Answers whose events are waited for."""
_REWARDS = frozenset({EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE, EventKind.VIEW})


@dataclass(frozen=True, slots=True)
class Exploring:
    """How is explored: the table ``[serve.explore]``."""

    share: float = 0.0
    slot: int = 5
    pool: int = 20
    floor: float = 0.01
    prior: float = 1.0
    seed: int = 0


@dataclass(slots=True)
class _Remembered:
    """An answer, while its events are waited for."""

    row: FloatArray
    told: Explored
    bundle: str
    """Whose list it was of: what comes of it says nothing of another's."""
    is_shown: bool = False
    is_rewarded: bool = False


class Explorer:
    """Chooses what is shown at the place, and learns from what follows. Thread-safe.

    Args:
        options: How.
        bundle: Digest of the bundle that is explored.
    """

    def __init__(self, options: Exploring, *, bundle: str = "") -> None:
        self.options, self.bundle = options, bundle
        self.n_changes = 0
        """How often something was learnt, or all of it forgotten."""
        self._model = self._nothing_learnt()
        self._answers: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def begin_anew(self, bundle: str) -> None:
        """Forget what was learnt of another bundle's lists; of the same one nothing is forgotten.

        Args:
            bundle: Digest of the one that is explored from now on.
        """
        with self._lock:
            if bundle != self.bundle:
                self.bundle, self._model = bundle, self._nothing_learnt()
                self.n_changes += 1

    def learnt(self) -> tuple[int, Exploration]:
        """How often something was learnt so far, and what."""
        with self._lock:
            told = Exploration(
                bundle=self.bundle,
                options=asdict(self.options),
                shown=tuple(tuple(row) for row in self._model.shown_.tolist()),
                rewarded=tuple(self._model.rewarded_.tolist()),
                n_shown=self._model.n_shown_,
            )
            return self.n_changes, told

    def resume(self, learnt: Exploration) -> str:
        """Go on with what another process learnt.

        Args:
            learnt: As ``learnt`` gave it there.

        Returns:
            Why nothing of it can be used, and nothing is known then; empty where all of it is.
        """
        if learnt.bundle != self.bundle:
            return "another bundle is served"
        if learnt.options != asdict(self.options):
            return "[serve.explore] was changed"
        shown, rewarded = np.array(learnt.shown, np.float64), np.array(learnt.rewarded, np.float64)
        if shown.shape != (WIDTH, WIDTH) or rewarded.shape != (WIDTH,):
            return "it has other features"
        with self._lock:
            self._model.shown_, self._model.rewarded_, self._model.n_shown_ = shown, rewarded, learnt.n_shown
        return ""

    def _nothing_learnt(self) -> LinearThompson:
        return LinearThompson(WIDTH, prior=self.options.prior, seed=self.options.seed)

    def wants(self, request_id: str, *, k: int) -> bool:
        """Whether a request is one of those that explore: the seed and its identifier alone decide.

        Args:
            request_id: Of the answer.
            k: Length of its list; one that ends before the place does not explore.

        Returns:
            True for about ``share`` of all.
        """
        return k >= self.options.slot and uniform(self.options.seed, "share", request_id) < self.options.share

    def depth(self, k: int) -> int:
        """How long a list is to be asked for."""
        return max(k, self.options.slot - 1 + self.options.pool)

    def explore(
        self, shown: Sequence[Shown], request_id: str, *, k: int, engine: Engine, is_laid_out: bool = False
    ) -> tuple[list[Shown], Explored | None]:
        """The list with something else at the place, or the same thing by chance.

        Args:
            shown: A list of ``depth(k)`` that keeps to all rules.
            request_id: Of the answer; with the seed and what was learnt it decides what is shown.
            k: Length of the list wanted.
            engine: Knows what was bought.
            is_laid_out: Whether not many of one category may be among the first: none is put there that would be one
                too many.

        Returns:
            At most ``k`` items, all of them of the list; ``None`` where there was no choice.
        """
        at = self.options.slot - 1
        pool = [n for n in range(at, len(shown)) if not is_laid_out or n == at or _fits(shown, at, n)]
        pool = pool[: self.options.pool]
        usual = list(shown[:k])
        if len(pool) < 2:
            return usual, None
        rows = _rows(shown, pool, engine)
        with self._lock:
            chances = self._model.chances(rows, floor=self.options.floor)
            learnt_from, bundle = self._model.n_shown_, self.bundle
        place = drawn(chances, uniform(self.options.seed, "slot", request_id))
        chosen = shown[pool[place]]
        told = Explored(
            request_id,
            self.options.slot,
            chosen.id,
            float(chances[place]),
            shown[at].id,
            len(pool),
            learnt_from,
        )
        self._remember(_Remembered(rows[place], told, bundle))
        rest = [one for n, one in enumerate(shown) if n >= at and n != pool[place]]
        return [*shown[:at], chosen, *rest][:k], told

    def marked(self, events: Sequence[Event]) -> list[Event]:
        """Events with the chance of what they are about, where they name an answer that explored and its item.

        Args:
            events: About to be stored; what a client says of a chance is not asked.

        Returns:
            In their order. Of an answer that is not remembered no chance is known, and none is made up.
        """
        with self._lock:
            found = [self._of(event) for event in events]
        return [
            event
            if answer is None
            else replace(event, propensity=answer.told.propensity, is_usual=answer.told.item_id == answer.told.usual)
            for event, answer in zip(events, found, strict=True)
        ]

    def learn(self, events: Sequence[Event]) -> None:
        """Learn from events that were stored: a showing counts once, and so does its reward.

        Args:
            events: Of any kind; those that name no answer that explored say nothing.
        """
        with self._lock:
            for event in events:
                answer = self._of(event)
                if answer is None or event.kind not in (EventKind.IMPRESSION, *_REWARDS):
                    continue
                if answer.bundle != self.bundle:
                    continue
                if not answer.is_shown:
                    answer.is_shown = True
                    self._model.show(answer.row)
                    self.n_changes += 1
                if event.kind in _REWARDS and not answer.is_rewarded:
                    answer.is_rewarded = True
                    self._model.reward(answer.row)
                    self.n_changes += 1

    def _of(self, event: Event) -> _Remembered | None:
        answer = self._answers.get(event.request_id) if event.request_id else None
        return answer if answer is not None and answer.told.item_id == event.item_id else None

    def _remember(self, answer: _Remembered) -> None:
        with self._lock:
            if answer.told.request_id in self._answers:
                return  # asked again: what was told first holds
            self._answers[answer.told.request_id] = answer
            while len(self._answers) > _MOST_REMEMBERED:
                self._answers.popitem(last=False)


def explorer_of(table: Mapping[str, Any], *, bundle: str = "") -> Explorer | None:
    """The explorer of a table ``[serve.explore]`` over a bundle's lists; ``None`` where nothing is explored."""
    options = Exploring(**table)
    return Explorer(options, bundle=bundle) if options.share > 0 else None


class Turn:
    """One request for recommendations, and whether it explores.

    Args:
        explorer: ``None`` where this request does not explore.
        request_id: Of the answer.
        k: Length of its list.
        explain: Whether reasons are worked out.
        diversify: Whether the list is laid out for shoppers.
    """

    def __init__(
        self, explorer: Explorer | None, request_id: str, *, k: int, explain: bool = True, diversify: bool = False
    ) -> None:
        self._explorer, self._request_id, self._k = explorer, request_id, k
        self._explain, self._diversify = explain, diversify
        self._explored: Explored | None = None

    @classmethod
    def of(cls, explorer: Explorer | None, request_id: str, *, k: int, **how: bool) -> Turn:
        """The turn of a request; where it may explore and brings no identifier, with a new one."""
        if explorer is None:
            return cls(None, request_id, k=k, **how)
        name = request_id or uuid.uuid4().hex
        return cls(explorer if explorer.wants(name, k=k) else None, name, k=k, **how)

    def answer(self, engine: Engine, request: Request) -> list[Shown]:
        """The list."""
        how = {"explain": self._explain, "diversify": self._diversify}
        if self._explorer is None:
            return engine.answer(Surface.RECOMMEND, request, k=self._k, **how)
        shown = engine.answer(Surface.RECOMMEND, request, k=self._explorer.depth(self._k), **how)
        items, self._explored = self._explorer.explore(
            shown, self._request_id, k=self._k, engine=engine, is_laid_out=self._diversify
        )
        return items

    def told(self, answer: Answer) -> Answer:
        """The answer, with what it explored: nothing where there was no time for it."""
        if self._explored is None or answer.degraded:
            return answer
        return msgspec.structs.replace(answer, explored=self._explored)


def _fits(shown: Sequence[Shown], at: int, chosen: int) -> bool:
    """Whether putting one item at a place leaves no category with too many items among the first."""
    first = [*shown[:at], shown[chosen], *(one for n, one in enumerate(shown) if n >= at and n != chosen)][:FIRST]
    usual = Counter(one.category for one in shown[:FIRST])
    found = Counter(one.category for one in first)
    return all(n <= max(MAX_OF_CATEGORY, usual[category]) for category, n in found.items() if category)


def _rows(shown: Sequence[Shown], pool: Sequence[int], engine: Engine) -> FloatArray:
    """Features of the candidates: what the list thinks of them, how new they are, and how they differ from the rest."""
    price = np.array([_price(shown[n].price) for n in pool])
    usual = np.nanmedian(price) if (~np.isnan(price)).any() else np.nan
    ahead = Counter(one.category for one in shown[: pool[0]])
    rows = np.zeros((len(pool), WIDTH))
    for row, n in enumerate(pool):
        sold = None if engine.sold is None else int(engine.sold[engine.number(shown[n].id)])
        relative = price[row] - usual
        rows[row] = (
            1.0,
            1 / (1 + row),
            0.0 if sold is None else 1 / (1 + sold),
            0.0 if np.isnan(relative) else float(np.tanh(relative)),
            float(np.isnan(price[row])),
            ahead[shown[n].category] / max(pool[0], 1),
        )
    return rows


def _price(price: str | None) -> float:
    """Logarithm of a price, NaN where it is not known."""
    value = float(Decimal(price)) if price is not None else 0.0
    return float(np.log(value)) if value > 0 else float("nan")
