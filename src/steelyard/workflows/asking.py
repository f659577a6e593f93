"""``search``: what a bundle answers to a query, as its server would, and how the answer came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from steelyard.config.curation import CurationRule
from steelyard.serving.engine import Engine
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.listing import Question
from steelyard.serving.searches import SearchAnswer
from steelyard.serving.served import About, Served
from steelyard.serving.timely import Told

__all__ = ["Asked", "Rules", "SearchAnswer", "answered"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked."""

    query: str
    k: int = 10
    explain: bool = False
    """Whether the answer says how it came about."""
    verbatim: bool = False
    variants: bool = False
    """Whether lists are laid out as in the store front."""
    audience: str = ""

    @property
    def question(self) -> Question:
        """As it is answered."""
        return Question(
            self.query[:256].encode("utf-8", "replace").decode(),  # a terminal may hand over bytes that are no text
            k=self.k,
            diversify=self.variants,
            verbatim=self.verbatim,
            audience=self.audience,
            is_explained=self.explain,
        )


class Rules:
    """Rules of merchandisers for one search.

    Args:
        rules: As they were written.
        now: The clock, with time zone.
        timezone: In which their days begin; UTC where it is empty.
    """

    def __init__(self, rules: Sequence[CurationRule], now: Callable[[], datetime], *, timezone: str = "") -> None:
        self._rules, self._now, self._timezone = rules, now, timezone

    def over(self, engine: Engine) -> Curation:
        """Over the catalogue of an engine."""
        return Curation(self._rules, fields=engine.fields, number=engine.number, now=self._now, timezone=self._timezone)


def answered(
    engine: Engine, about: About, asked: Asked, *, clock_s: Callable[[], float], rules: Rules | None = None
) -> SearchAnswer:
    """What a bundle answers.

    Args:
        engine: Of the bundle.
        about: What the bundle says of itself.
        asked: What is asked.
        clock_s: A clock that only goes forward, in seconds.
        rules: Of merchandisers; none where there are none.

    Returns:
        The full answer, however long it takes.

    Raises:
        StageError: The bundle has no search.
        AskError: It cannot be answered as it was asked.
    """
    pages = Served(engine, about, events=None, curated=None if rules is None else rules.over).pages
    question = asked.question
    if engine.n_items:  # what is loaded on first use is not to be counted
        pages.page(pages.check(replace(question, query=engine.card(0).title[:256] or "the", is_explained=False)))
    began = clock_s()
    page = pages.page(pages.check(question))
    took_ms = round(1000 * (clock_s() - began), 3)
    return page.answer(Told(False, "", took_ms, ""), question, bundle=about.digest)
