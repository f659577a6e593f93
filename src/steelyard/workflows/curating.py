"""``curation``: whether rules of merchandisers hold, what each gains on judged queries, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from steelyard.config.curation import CurationRule
from steelyard.data.dividing.held_back import chosen
from steelyard.documents.curation_report import CurationReport, RuleRow
from steelyard.domain import NONE, Cases, FloatArray, IntArray
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.serving.engine import Engine
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.listing import Question
from steelyard.serving.search_pages import SearchPages

__all__ = ["Clocks", "curation_report"]

_K = 10
_MOST_QUERIES = 500
_TIMED = 20


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day, and the processor time of this process."""

    now: Callable[[], datetime]
    cpu_s: Callable[[], float]


def curation_report(
    engine: Engine, rules: Sequence[CurationRule], cases: Cases, clocks: Clocks, *, timezone: str = ""
) -> CurationReport:
    """What each rule does by itself.

    Args:
        engine: Of the bundle that is served.
        rules: As they were written.
        cases: Judged queries; ``relevant`` are item numbers of the bundle.
        clocks: For what holds now, and what answers take.
        timezone: In which days of the rules begin; UTC where it is empty.

    Returns:
        A row for each rule, in their order. What people judge as relevant is not all that a rule may be for: a loss
        says what it costs shoppers, not that it is wrong.
    """
    metric = metric_names(_K)["ndcg"]
    measured = _Measured(engine, cases, clocks, metric)
    return CurationReport(metric=metric, rows=tuple(_row(rule, measured, timezone) for rule in rules))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What rules are measured with."""

    engine: Engine
    cases: Cases
    clocks: Clocks
    metric: str

    def curation(self, rule: CurationRule, now: datetime, timezone: str) -> Curation:
        """The rule alone, at a moment."""
        engine = self.engine
        return Curation([rule], fields=engine.fields, number=engine.number, now=lambda: now, timezone=timezone)

    def quality(self, places: Sequence[int], curation: Curation | None, audience: str) -> FloatArray:
        """Quality of some cases, under a rule or under none."""
        pages = SearchPages(self.engine, "", curation=curation)
        items: IntArray = np.full((len(places), _K), NONE, np.int64)
        for row, place in enumerate(places):
            shown = self._ids(pages, self.cases.requests[place].query, audience)
            items[row, : len(shown)] = shown
        some = chosen(self.cases, places)
        return np.nan_to_num(judge_items(items, some, k=_K)[self.metric])

    def cpu_ms(self, queries: Sequence[str], curation: Curation | None, audience: str) -> float:
        """Processor time of an answer."""
        pages = SearchPages(self.engine, "", curation=curation)
        began = self.clocks.cpu_s()
        for query in queries:
            self._ids(pages, query, audience)
        return 1000 * (self.clocks.cpu_s() - began) / len(queries)

    def _ids(self, pages: SearchPages, query: str, audience: str) -> list[int]:
        question = Question(query, k=_K, explain=False, audience=audience)
        return [self.engine.number(shown.id) for shown in pages.page(pages.check(question)).items]


def _row(rule: CurationRule, measured: _Measured, timezone: str) -> RuleRow:
    made = measured.curation(rule, measured.clocks.now(), timezone)
    state = made.state(rule.id)
    places: list[int] = []
    if state in ("in_force", "not_begun") and rule.action != "redirect":
        begins = made.begins(rule.id)
        now = measured.clocks.now() if state == "in_force" or begins is None else begins + timedelta(seconds=1)
        made = measured.curation(rule, now, timezone)
        requests = measured.cases.requests
        places = [at for at, each in enumerate(requests) if made.of(each.query, audience=rule.audience)]
        places = places[:_MOST_QUERIES]
    gain = low = high = cpu_ms = None
    if places:
        own, without = (measured.quality(places, each, rule.audience) for each in (made, None))
        interval = paired_interval(own, without, seed=0)
        gain = interval.mean
        low, high = (gain if np.isnan(end) else end for end in (interval.low, interval.high))
        queries = [measured.cases.requests[at].query for at in places[:_TIMED]]
        times = [measured.cpu_ms(queries, each, rule.audience) for each in (made, None)]
        cpu_ms = times[0] - times[1]
    return RuleRow(
        id=rule.id,
        action=rule.action,
        query=rule.query,
        owner=rule.owner,
        reason=rule.reason,
        state=state,
        troubles=tuple(trouble.why for trouble in made.troubles),
        queries=len(places),
        gain=gain,
        low=low,
        high=high,
        cpu_ms=cpu_ms,
    )
