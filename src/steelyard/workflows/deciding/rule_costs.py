"""What lists are like, and what each rule of re-ranking costs: told at ``measure``, shown with the decision.

The lists of every configuration are those that were measured. What a rule costs is told by asking a sample of the
requests again, with the rule and without it: paired, so that few requests say much.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from steelyard.documents.choice import Ends
from steelyard.documents.decision import Decision
from steelyard.documents.list_figures import ListFigures, ListRow, RuleRow
from steelyard.domain import Cases, CatalogueFacts, Configuration, FloatArray, IntArray, Measurement, Surface
from steelyard.evaluation.compare import paired_interval
from steelyard.evaluation.coverage import catalogue_coverage, intra_list_diversity, member_share
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.models.pipeline import Pipeline, open_pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import Rules
from steelyard.workflows.build import load_configurations
from steelyard.workflows.measure import answered
from steelyard.workflows.ports import Store
from steelyard.workflows.session import Run

__all__ = [
    "LEAST",
    "LISTS",
    "SAMPLE",
    "Scale",
    "figures_of",
    "rule_rows",
    "store_lists",
    "stored_lists",
    "under_rules",
    "with_lists",
]

LISTS = "lists"
"""Artefact: a row of each configuration that recommends."""
SAMPLE = 200
"""Requests that each rule is tried on."""
LEAST = 30
"""On fewer nothing is tried: of a model so slow only its measured lists are told."""
_BUDGET_S = 2.0
"""Processor seconds that trying the rules of one configuration may take, as its measurement foretells."""
_BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What lists are held against."""

    known: ListFacts
    facts: CatalogueFacts
    is_offered: npt.NDArray[np.bool_]
    """Which items the rule on stock lets through. Shape (n_items,)."""
    is_new: npt.NDArray[np.bool_]
    """Shape (n_items,)."""
    taken_again: tuple[IntArray, ...]
    """Of each request what its user took again that the rules do not offer again; empty where nobody knows."""
    k: int
    seed: int

    @classmethod
    def of(cls, run: Run) -> Scale:
        """That of a shop, its tables open."""
        shop, rules = run.bench.shop, run.config.rules
        known = ListFacts.of(shop.texts, shop.facts, shop.learn_all)
        is_offered = (shop.facts.in_stock > 0) | (not rules.exclude_out_of_stock)
        is_new = known.new(np.arange(len(shop.item_ids)), days=rules.new_days) > 0
        return cls(known, shop.facts, is_offered, is_new, shop.taken_again, run.config.measure.k, run.config.seed)


def store_lists(run: Run) -> None:
    """Tell what the lists of each configuration that recommends are like, and what each rule costs them.

    Args:
        run: Its tables are open, or are opened now; every configuration is measured.
    """
    measured = run.measured().get(Surface.RECOMMEND, ())
    rows = [msgspec.to_builtins(each) for each in _rows(run, measured)] if measured else []
    run.store.write_json(LISTS, {"format": 1, "recommend": rows})


def stored_lists(store: Store) -> tuple[ListRow, ...]:
    """A row of each configuration; none where they were measured by an earlier version."""
    found = store.read_json(LISTS)["recommend"] if store.has(LISTS) else ()
    return msgspec.convert(found, type=tuple[ListRow, ...])


def with_lists(decision: Decision, lists: Sequence[ListRow]) -> Decision:
    """The decision with what the lists of its recommendations are like."""
    surfaces = tuple(
        replace(row, lists=tuple(lists)) if row.surface == Surface.RECOMMEND else row for row in decision.surfaces
    )
    return replace(decision, surfaces=surfaces)


def figures_of(items: IntArray, scale: Scale) -> ListFigures:
    """What some lists are like.

    Args:
        items: Item numbers. Shape (requests, k), ``NONE`` in empty places.
        scale: What they are held against.

    Returns:
        Means over the lists.
    """
    diversity = intra_list_diversity(items, lambda one, other: scale.known.alike(one, other, scale.facts))
    return ListFigures(
        diversity=_mean(diversity),
        coverage=_known(catalogue_coverage(items, np.flatnonzero(scale.is_offered))),
        new_share=_mean(member_share(items, scale.is_new)),
    )


def under_rules(pipeline: Pipeline, rules: Rules) -> Pipeline:
    """The same models under other rules, sharing all that is loaded."""
    return Pipeline(
        pipeline.retriever,
        pipeline.facts,
        surface=pipeline.surface,
        rules=rules,
        fallback=pipeline.fallback,
        candidates=pipeline.candidates,
        known=pipeline.known,
    )


def rule_rows(pipeline: Pipeline, cases: Cases, scale: Scale) -> Iterator[RuleRow]:
    """What each rule that is switched on costs.

    Args:
        pipeline: With all rules.
        cases: A sample of the requests, and what is right.
        scale: Its ``taken_again`` is of these requests.

    Yields:
        A row for each rule, in the order in which they act.
    """
    rules, metric = pipeline.rules, metric_names(scale.k)["ndcg"]
    whole = _asked(pipeline, cases, scale.k)
    figures = figures_of(whole, scale)
    for name in rules.switched_on:
        is_of_repeats = name == "exclude_seen" and any(len(each) for each in scale.taken_again)
        judged = _with_repeats(cases, scale.taken_again) if is_of_repeats else cases
        without = _asked(under_rules(pipeline, rules.without(name)), cases, scale.k)
        own, other = (judge_items(items, judged, k=scale.k)[metric] for items in (whole, without))
        gain = paired_interval(own, other, seed=scale.seed)
        yield RuleRow(
            rule=name,
            value=_value(rules, name),
            ndcg=_mean(own),
            ndcg_without=_mean(other),
            gain=Ends(mean=_known(gain.mean), low=_known(gain.low), high=_known(gain.high)),
            figures=figures,
            without=figures_of(without, scale),
            is_of_repeats=is_of_repeats,
        )


def _rows(run: Run, measured: Sequence[Measurement]) -> Iterator[ListRow]:
    cases, scale = run.bench.shop.recommend_test, Scale.of(run)
    configurations = {each.name: each for each in load_configurations(run.store)}
    for each in measured:
        items = answered(run.store, each.configuration)
        if items is None or len(items) < len(cases.requests):
            continue
        items = items[: len(cases.requests)]
        asked = int((items >= 0).any(axis=1).sum())
        row = ListRow(configuration=each.configuration, n=asked, k=scale.k, figures=figures_of(items, scale))
        yield _tried(run, configurations[each.configuration], each, row, scale)


def _tried(run: Run, configuration: Configuration, measured: Measurement, row: ListRow, scale: Scale) -> ListRow:
    """The row with what each rule costs; as it is where a question is paid for, or takes too long."""
    rules, cases = Rules.from_options(configuration.options.get("rules", {})), run.bench.shop.recommend_test
    passes = 1 + len(rules.switched_on)
    n = min(SAMPLE, int(_BUDGET_S / passes / max(measured.cpu_s_per_request.mean, 1e-6)))
    if configuration.endpoint is not None or passes == 1 or min(n, len(cases.requests)) < min(LEAST, len(cases.ids)):
        return row
    drawn = np.sort(np.random.default_rng(scale.seed).permutation(len(cases.requests))[:n]).tolist()
    some = cases.at(drawn)
    again = tuple(scale.taken_again[at] for at in drawn) if scale.taken_again else ()
    pipeline = open_pipeline(configuration, run.tools.files.parts(run.store.path, configuration.parts))
    rows = rule_rows(pipeline, some, dataclasses.replace(scale, taken_again=again))
    return replace(row, rules=tuple(rows), n_rules=len(drawn))


def _with_repeats(cases: Cases, taken_again: Sequence[IntArray]) -> Cases:
    """The cases in which what users took again is right as well."""
    pairs = list(zip(cases.relevant, cases.gains, taken_again, strict=True))
    relevant = tuple(np.concatenate([own, more]) for own, _, more in pairs)
    gains = tuple(np.concatenate([own, np.ones(len(more))]) for _, own, more in pairs)
    return dataclasses.replace(cases, relevant=relevant, gains=gains)


def _asked(pipeline: Pipeline, cases: Cases, k: int) -> IntArray:
    starts = range(0, len(cases.requests), _BATCH)
    return np.concatenate([pipeline.answer(cases.requests[at : at + _BATCH], k=k).items for at in starts])


def _value(rules: Rules, name: str) -> str:
    value = getattr(rules, name)
    if name == "diversity":
        return f"{value:g} ({rules.variety})"
    return ", ".join(value) if isinstance(value, tuple) else "true" if value is True else f"{value:g}"


def _mean(values: FloatArray) -> float | None:
    defined = values[~np.isnan(values)]
    return _known(float(defined.mean())) if len(defined) else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
