"""Makes parts: each when something asks for it, once, remembered by the digest of all that it rests on."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from steelyard.domain import State
from steelyard.models.building import Part, with_ancestors
from steelyard.workflows.building.ahead import Ahead
from steelyard.workflows.building.bench import ShopBench
from steelyard.workflows.building.first_wave import n_searches
from steelyard.workflows.ports import Progress
from steelyard.workflows.stages import Besides, Steps

__all__ = ["Builder", "Watched", "step_of"]

Watched = Callable[[Part], AbstractContextManager[None]]
"""Entered while a part is made."""


def step_of(part: Part) -> str:
    """Name of the step that makes a part: the head it is booked under, and the part.

    Args:
        part: Any.

    Returns:
        Such as ``train/lexical`` or ``compress/encoder/minilm-int8``.
    """
    return f"{part.work}/{part.name.removeprefix('parts/')}"


class Builder:
    """Makes parts on a bench.

    Args:
        bench: Tables, store and tools.
        steps: Skips what is there and unchanged; an interrupted build goes on where it stopped.
        watched: Entered while a part is made; not where it is there already.
        awaited: Entered while a part that a second process makes is waited for.
        ahead: Parts that a second process makes.
    """

    def __init__(
        self,
        bench: ShopBench,
        steps: Steps,
        *,
        watched: Watched = lambda part: nullcontext(),
        awaited: Watched = lambda part: nullcontext(),
        ahead: Ahead | None = None,
    ) -> None:
        self._bench, self._steps = bench, steps
        self._watched, self._awaited = watched, awaited
        self._ahead = ahead or Ahead()

    @staticmethod
    def order(parts: Iterable[Part]) -> list[Part]:
        """Parts and all they are made from, each once, in an order in which they can be made."""
        return list(with_ancestors(parts))

    def make(
        self, parts: Iterable[Part], *, progress: Progress, unchanged: Callable[[str, str], None] | None = None
    ) -> list[str]:
        """Make parts and all they are made from.

        Args:
            parts: Wanted.
            progress: Told which part is being made, and how far a long making has come.
            unchanged: Told the step of a part that is there already, and the key ``unchanged``.

        Returns:
            Names of the steps that were done; those that were skipped are not among them.

        Raises:
            StageError: ``prepare`` was not run.
        """
        plan = self.order(parts)
        if any(part.uses_tables for part in plan):
            self._steps.require({"data": "prepare"})
        done = []
        for place, part in enumerate(plan):
            progress(place, len(plan), part.name)
            self._bench.progress = progress
            was_made = self._made_ahead(part, progress)
            self._bench.besides = Besides()
            if self._steps.once(
                step_of(part),
                self._key(part),
                [part.name],
                lambda part=part: self._write(part),  # type: ignore[misc]
                besides=lambda: self._bench.besides,
            ):
                was_made = True
            if was_made:
                done.append(step_of(part))
            elif unchanged is not None:
                unchanged(step_of(part), "unchanged")
        return done

    def begin_ahead(self, parts: Iterable[Part]) -> None:
        """Have the second process make what is not there yet, while we go on with something else.

        Args:
            parts: With all they are made from, what is needed before what needs it.
        """
        lacking: dict[str, Part] = {}
        for part in parts:
            if any(parent.name in lacking for parent in part.made_from) or not self._is_made(part):
                lacking[part.name] = part
        self._ahead.begin(list(lacking))

    def _is_made(self, part: Part) -> bool:
        return self._steps.is_done(step_of(part), self._key(part), [part.name])

    def _made_ahead(self, part: Part, progress: Progress) -> bool:
        """Whether the second process made it; what it could not make is made here."""
        if not self._ahead.has(part.name):
            return False
        with self._awaited(part):
            return self._ahead.wait(part.name, progress)

    def _key(self, part: Part) -> list[Any]:
        """All that a part depends on."""
        store, config = self._bench.store, self._bench.config
        tables = [store.digest("data"), config.models.max_history, config.data.event_weights]
        is_searched = part.is_searched and config.tune.is_on
        return [
            part.settings,
            config.seed,
            {parent.name: store.digest(parent.name) for parent in part.made_from},
            tables if part.uses_tables else None,
            part.outside(self._bench) if part.outside is not None else None,
            *([[config.tune.model_dump(mode="json"), n_searches(config)]] if is_searched else []),
        ]

    def _write(self, part: Part) -> None:
        store = self._bench.store
        with self._watched(part):
            product = part.make(self._bench)
            if isinstance(product, State):
                store.write_state(part.name, product)
            elif callable(product):
                with store.writing(part.name) as folder:
                    product(self._bench.folder(folder))
            else:
                store.write_json(part.name, dict(product))
        del product
        if self._bench.is_large:
            gc.collect()  # what a part was made of remembers itself in rings, which would stay while the next is made
