"""Quality of a running pipeline on data it never saw: the shop's own, in the shop's own item identifiers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from steelyard.documents.measurements import IntervalRow
from steelyard.domain import (
    MAX_PAST,
    NONE,
    Cases,
    CatalogueFacts,
    FloatArray,
    IntArray,
    Past,
    Ranked,
    Request,
    Surface,
    split_history,
)
from steelyard.errors import DataError
from steelyard.evaluation.compare import bootstrap_interval
from steelyard.evaluation.coverage import catalogue_coverage
from steelyard.evaluation.judge import judge_items, metric_names

__all__ = [
    "Answers",
    "Evaluated",
    "EvaluatedRequest",
    "Evaluation",
    "cases_from_events",
    "cases_from_judgements",
    "evaluate",
]


class Answers(Protocol):
    """What is evaluated (``steelyard.models.pipeline.Pipeline``)."""

    def answer(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Item numbers, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Requests made from a shop's rows, and what was left out on the way."""

    cases: Cases
    counts: Mapping[str, int]
    """``rows``, ``unknown_items`` (rows whose item is not in the catalogue) and whatever else was left out."""
    protocol: str
    """How the requests were made, in words."""


class EvaluatedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request's answer and figures."""

    id: str
    items: tuple[str, ...]
    """The shop's identifiers, best first."""
    relevant: dict[str, float]
    """Gain by item."""
    metrics: dict[str, float | None]


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """Quality of a pipeline on requests that it never saw."""

    surface: str
    metrics: dict[str, IntervalRow]
    """By name."""
    requests: int
    undefined: int
    """Requests with nothing relevant in the catalogue, in no mean."""
    coverage: float
    counts: dict[str, int]
    """What was left out on the way."""
    protocol: str
    seed: int
    per_request: tuple[EvaluatedRequest, ...] | UnsetType = UNSET
    """Where it was asked for."""


def cases_from_judgements(
    rows: Iterable[tuple[str, str, float]], *, item_ids: Sequence[str], facts: CatalogueFacts
) -> Evaluation:
    """Search requests from judged pairs of query and item.

    Args:
        rows: Query, the shop's item identifier, gain (>= 0, higher is better).
        item_ids: Item number to the shop's identifier.
        facts: Tells which item stands for a product text in search results.

    Returns:
        One request a distinct query, in order of first appearance.

    Raises:
        DataError: A gain is negative or not a number, or there are no rows.
    """
    numbers = {item_id: i for i, item_id in enumerate(item_ids)}
    judged: dict[str, dict[int, float]] = {}
    n_rows = unknown = 0
    for query, item_id, gain in rows:
        n_rows += 1
        if not gain >= 0 or math.isinf(gain):
            raise DataError(f"row {n_rows} gives {item_id!r} the gain {gain}: a gain is a number of at least 0")
        gains = judged.setdefault(query, {})
        if item_id not in numbers:
            unknown += 1
            continue
        shown = int(facts.representative[facts.text_of_item[numbers[item_id]]])
        gains[shown] = max(gain, gains.get(shown, 0.0))
    cases = _cases(Surface.SEARCH, {q: (Request(query=q), gains) for q, gains in judged.items()})
    protocol = (
        "one request a query; items nobody judged have gain 0; of items with one text the one that is shown counts"
    )
    return Evaluation(cases, {"rows": n_rows, "unknown_items": unknown}, protocol)


def cases_from_events(
    events: Iterable[tuple[str, str, float]],
    *,
    item_ids: Sequence[str],
    max_history: int,
    cut_s: float | None = None,
    excludes_seen: bool = True,
    again: frozenset[int] = frozenset(),
    is_new_only: bool = True,
    n_known: int = 0,
) -> Evaluation:
    """Recommendation requests from events: earlier items of a user are the history, later ones the answer.

    Args:
        events: User, the shop's item identifier, time in seconds since 1970; in any order.
        item_ids: Item number to the shop's identifier.
        max_history: Latest distinct items of the history that are given to the pipeline.
        cut_s: Events from this time on are the answers; where ``None``, each user's last event is.
        excludes_seen: Whether the pipeline offers nobody what the user interacted with before.
        again: Items that it offers again all the same.
        is_new_only: Leave out answers that the pipeline does not offer the user for this; else they count against it.
        n_known: Events that were known without the rows that are evaluated: no ``rows`` are they.

    Returns:
        One request a user with something to answer, users in order of name. What is to be found is what is judged by
        ``measure``, of the rules that the pipeline keeps.

    Raises:
        DataError: There are no events, or none of them leaves an answer; why is said.
    """
    numbers = {item_id: i for i, item_id in enumerate(item_ids)}
    by_user: dict[str, list[tuple[float, int]]] = {}
    counts = {"rows": -n_known, "unknown_items": 0, "taken_before": 0, "users_without_answer": 0}
    for user, item_id, time_s in events:
        counts["rows"] += 1
        if item_id in numbers:
            by_user.setdefault(user, []).append((time_s, numbers[item_id]))
        else:
            counts["unknown_items"] += 1
    made: dict[str, tuple[Request, dict[int, float]]] = {}
    for user in sorted(by_user):
        dated = sorted(by_user[user])  # of one instant by item: the order of the rows says nothing
        cut = dated[-1][0] if cut_s is None else cut_s
        before = [(time_s, item) for time_s, item in dated if time_s < cut]
        history = [item for _, item in before]
        later = {item for time_s, item in dated if time_s >= cut}
        new = later - (set(history) - again) if is_new_only and excludes_seen else later
        counts["taken_before"] += len(later) - len(new)
        counts["users_without_answer"] += not new
        if new:
            latest, older = split_history(history, max_history=max_history)
            times_s, items = zip(*before[-MAX_PAST:], strict=True) if before else ((), ())
            seen = older if excludes_seen else ()
            request = Request(history=latest, seen=seen, past=Past(items, times_s), asked_s=cut, user=user)
            made[user] = (request, dict.fromkeys(sorted(new), 1.0))
    if not made:
        raise DataError(_NOTHING_TAKEN.format(**counts))
    counts["users_without_history"] = sum(not request.history for request, _ in made.values())
    answers = "each user's last event" if cut_s is None else "each user's events from the given time on"
    cases = replace(_cases(Surface.RECOMMEND, made), excludes_seen=excludes_seen, again=again)
    said = _said_again(excludes_seen=excludes_seen and is_new_only, some=bool(again))
    return Evaluation(cases, counts, f"the answer is {answers}, {said}; the rest is history")


def _said_again(*, excludes_seen: bool, some: bool) -> str:
    if not excludes_seen:
        return "items interacted with before included"
    but = ", but for those of repeat_categories, which are offered again" if some else ""
    return f"without items interacted with before{but}"


def evaluate(
    pipeline: Answers,
    evaluation: Evaluation,
    *,
    item_ids: Sequence[str],
    k: int,
    seed: int,
    has_rows: bool = False,
) -> Evaluated:
    """Quality of a pipeline on these requests; asked one by one, as it is served.

    Args:
        pipeline: Open.
        evaluation: Requests with their answers.
        item_ids: Item number to the shop's identifier.
        k: Cut-off rank, >= 1.
        seed: Seed of the resampling.
        has_rows: Whether to add ``per_request``: each request's answer and figures.

    Returns:
        The figures; ``None`` where they are undefined.
    """
    cases = evaluation.cases
    items = np.stack([pipeline.answer([request], k=k).items[0] for request in cases.requests])
    values = judge_items(items, cases, k=k)
    first = values[metric_names(k)["ndcg"]]
    return Evaluated(
        surface=cases.surface.value,
        metrics={name: IntervalRow.of(bootstrap_interval(v, seed=seed)) for name, v in values.items()},
        requests=len(cases.requests),
        undefined=int(np.isnan(first).sum()),
        coverage=catalogue_coverage(items, np.arange(len(item_ids))),
        counts=dict(evaluation.counts),
        protocol=evaluation.protocol,
        seed=seed,
        per_request=tuple(_row(i, cases, items[i], values, item_ids) for i in range(len(items))) if has_rows else UNSET,
    )


_NOTHING_TAKEN = (
    "nothing to evaluate: of {rows} rows {unknown_items} name items that the bundle does not have, {taken_before} "
    "answers were interacted with before (--repeats counts them), and {users_without_answer} users are left without an "
    "answer; are these the right files?"
)


def _cases(surface: Surface, made: Mapping[str, tuple[Request, Mapping[int, float]]]) -> Cases:
    if not made:
        raise DataError("nothing to evaluate: no row gives a request with an answer; are these the right files?")
    return Cases(
        surface=surface,
        ids=tuple(made),
        requests=tuple(request for request, _ in made.values()),
        relevant=tuple(np.array(list(gains), dtype=np.int64) for _, gains in made.values()),
        gains=tuple(np.array(list(gains.values()), dtype=np.float64) for _, gains in made.values()),
    )


def _row(
    i: int, cases: Cases, items: IntArray, values: Mapping[str, FloatArray], item_ids: Sequence[str]
) -> EvaluatedRequest:
    gains = zip(cases.relevant[i].tolist(), cases.gains[i].tolist(), strict=True)
    return EvaluatedRequest(
        id=cases.ids[i],
        items=tuple(item_ids[n] for n in items.tolist() if n != NONE),
        relevant={item_ids[n]: gain for n, gain in gains},
        metrics={name: None if math.isnan(v[i]) else float(v[i]) for name, v in values.items()},
    )
