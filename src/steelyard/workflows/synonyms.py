"""``synonyms``: finds other names of the words shoppers use, tries each on queries it was not found from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from steelyard.data.dividing.held_back import chosen
from steelyard.documents.name_report import Change, NameReport, TriedName
from steelyard.domain import Cases, FloatArray
from steelyard.errors import StageError
from steelyard.evaluation.compare import paired_interval, randomisation_test
from steelyard.evaluation.judge import judge, metric_names
from steelyard.models.retrieval.lexical import Lexical, open_lexical
from steelyard.models.retrieval.lexical_recipe import LEXICAL_INDEX, lexical_tuned
from steelyard.models.retrieval.synonym_mining import MinedName, mine_names
from steelyard.models.text.segment import cut
from steelyard.workflows.building.bench import ShopBench, in_text_space

if TYPE_CHECKING:
    from steelyard.workflows.ports import Progress

__all__ = ["MOST_P", "Trying", "rules_of", "try_names", "try_shop_names"]

MOST_P = 0.1
"""Taken is what gains, where chance gives such a gain in one of ten at most; all of them together are tried besides."""
LEAST_QUERIES = 5
"""Fewer queries cannot tell."""
_FOLDS = 5
_LEAST_CASES = 50
_K = 10


def try_shop_names(bench: ShopBench, progress: Progress) -> NameReport:
    """Other names for a shop that has been built.

    Args:
        bench: Over the store of the shop.
        progress: Told how many names were tried.

    Returns:
        What was tried.

    Raises:
        StageError: Lexical search was not built, or people judged too few queries.
    """
    words = lexical_tuned(bench.config)
    if not bench.store.has(words.name):
        raise StageError("names are tried on the built search: run `steelyard build` first")
    retriever = open_lexical(bench.open({"lexical": LEXICAL_INDEX}), bench.values(words))
    shop = bench.shop
    test = in_text_space(shop.search_test, shop.facts)
    titles, language = shop.texts.title, shop.texts.language
    return try_names(
        Trying(retriever, bench.config.models.synonyms, titles, language, bench.seed),
        bench.search_tuning,
        test,
        progress,
    )


@dataclass(frozen=True, slots=True)
class Trying:
    """What names are tried with."""

    retriever: Lexical
    own: tuple[str, ...]
    """Rules the shop has already: they stay."""
    titles: tuple[str, ...]
    language: str
    seed: int

    def quality(self, cases: Cases, rules: tuple[str, ...] = ()) -> FloatArray:
        """Quality of each case with further rules."""
        self.retriever.take_names((*self.own, *rules))
        found = judge(self.retriever.retrieve(cases.requests, k=_K), cases, k=_K)[metric_names(_K)["ndcg"]]
        return np.nan_to_num(found)

    def change(self, with_names: FloatArray, without: FloatArray) -> Change:
        """The mean difference and its interval."""
        found = paired_interval(with_names, without, seed=self.seed)
        ends = [found.mean if np.isnan(end) else end for end in (found.low, found.high)]
        return Change(queries=len(without), mean=found.mean, low=ends[0], high=ends[1])


@dataclass(slots=True)
class _Found:
    """Quality with a name and without, query by query."""

    with_name: list[FloatArray] = field(default_factory=list)
    without: list[FloatArray] = field(default_factory=list)


def try_names(trying: Trying, cases: Cases, test: Cases, progress: Progress) -> NameReport:
    """Find names from four fifths of the queries and try them on the last, five times.

    Args:
        trying: The search, and the titles.
        cases: Judged queries to learn from; ``relevant`` are text numbers.
        test: Judged queries of which nothing is learnt.
        progress: Told how many names were tried.

    Returns:
        Each name with what it changes on the queries that hold its word and that it was not found from.

    Raises:
        StageError: Too few queries were judged by people.
    """
    if cases.is_synthetic or len(cases.ids) < _LEAST_CASES:
        raise StageError(
            f"a name is tried on judged queries, at least {_LEAST_CASES}; there are "
            f"{0 if cases.is_synthetic else len(cases.ids)}: give [data.judgements], "
            "or make some with `steelyard labels behaviour`"
        )
    found = _try_all(trying, cases, progress)
    tried = [_row(trying, pair, each) for pair, each in found.items() if _n(each) >= LEAST_QUERIES]
    tried.sort(key=lambda row: (not row.is_taken, row.p_value, row.word, row.name))
    taken = tuple(_rule(row) for row in tried if row.is_taken)
    together = trying.change(trying.quality(test, taken), trying.quality(test)) if taken and len(test.ids) else None
    return NameReport(
        metric=metric_names(_K)["ndcg"],
        tried=tuple(tried),
        together=together,
        few=sum(_n(each) < LEAST_QUERIES for each in found.values()),
        most_p=MOST_P,
    )


def rules_of(report: NameReport) -> list[str]:
    """Lines for ``synonyms_file``: what was taken as rules, what was not as remarks, each with what it changed.

    Args:
        report: What was tried.

    Returns:
        Lines without ends.
    """
    lines = [f"# Tried on judged queries, {report.metric}: look through them, delete what is wrong."]
    for row in report.tried:
        gain = row.gain
        lines.append(
            f"# {gain.mean:+.4f} over {gain.queries} queries (95 %: {gain.low:+.4f} to {gain.high:+.4f}), "
            f"p = {row.p_value:.3f}"
        )
        lines.append(_rule(row) if row.is_taken else f"# refused: {_rule(row)}")
    return lines


def _try_all(trying: Trying, cases: Cases, progress: Progress) -> Mapping[tuple[str, str], _Found]:
    folds = np.random.default_rng(trying.seed).permutation(len(cases.ids)) % _FOLDS
    held = [set(cut(request.query, language=trying.language).units) for request in cases.requests]
    without = trying.quality(cases)
    found: dict[tuple[str, str], _Found] = defaultdict(_Found)
    for fold in range(_FOLDS):
        names = mine_names(
            trying.titles, chosen(cases, np.flatnonzero(folds != fold).tolist()), language=trying.language
        )
        mine = np.flatnonzero(folds == fold)
        for at, name in enumerate(names):
            progress(fold * len(names) + at, _FOLDS * len(names), "names")
            unit = cut(name.word, language=trying.language).units[0]
            those = mine[[unit in held[i] for i in mine.tolist()]]
            if len(those):
                each = found[name.word, name.name]
                each.with_name.append(trying.quality(chosen(cases, those.tolist()), (_rule(name),)))
                each.without.append(without[those])
    return found


def _row(trying: Trying, pair: tuple[str, str], found: _Found) -> TriedName:
    with_name, without = np.concatenate(found.with_name), np.concatenate(found.without)
    gain = trying.change(with_name, without)
    p_value = randomisation_test(with_name, without, seed=trying.seed)
    is_taken = gain.mean > 0 and p_value <= MOST_P
    return TriedName(word=pair[0], name=pair[1], gain=gain, p_value=p_value, is_taken=is_taken)


def _n(found: _Found) -> int:
    return sum(map(len, found.without))


def _rule(row: TriedName | MinedName) -> str:
    return f"{row.word} => {row.word}, {row.name}"
