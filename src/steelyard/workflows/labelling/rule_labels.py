"""``labels rules``: labels from weak rules, weighed by how often each is right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from steelyard.config.data_tables import FIXED_WEIGHTS
from steelyard.data.labels.agreement import MISSING, DawidSkene, cohen_kappa, dawid_skene, krippendorff_alpha
from steelyard.data.labels.behaviour import TOP_GRADE, cells_of, label_pairs
from steelyard.data.labels.rules import RULES, Pair, votes
from steelyard.documents.label_report import AgreementRow, LabelNote, LabelReport
from steelyard.domain import IntArray
from steelyard.errors import DataError
from steelyard.models.text.segment import words
from steelyard.workflows.labelling.behaviour_labels import behaviour_events
from steelyard.workflows.labelling.candidates import PreparedWords, read_prepared
from steelyard.workflows.labelling.label_files import LabelRows, counted, note_of, store_labels

if TYPE_CHECKING:
    from steelyard.workflows.open_shop import AccountsShop

__all__ = ["label_by_rules"]

_PEOPLE = "people"
_LEAST_KAPPA = 0.4
_BELIEVED = 0.6
"""Below this chance, or above its counterpart, a pair is left out: the rules do not tell."""
Behaviour = dict[tuple[str, int], tuple[float, float, float]]
"""Looks, clicks and purchases by folded query and item."""


def label_by_rules(shop: AccountsShop, *, per_query: int = 30, out: Path | None = None) -> LabelReport:
    """Labels of the pairs that people judged and of the items that share most words with each query.

    Args:
        shop: A shop that was prepared.
        per_query: So many items of each query, besides those judged.
        out: Parquet file that is written too.

    Returns:
        With the agreement of the rules with one another and, where people judged, with them.

    Raises:
        StageError: Nothing was prepared.
        DataError: No rule said anything.
    """
    prepared = read_prepared(shop)
    keys, pairs = _pairs(shop, prepared, per_query)
    said = votes(pairs)
    if not len(pairs) or not (said != MISSING).any():
        raise DataError("no rule says anything of any pair: the catalogue and the queries share no word")
    people = np.array([_people(prepared, key) for key in keys]) if prepared.is_judged else None
    found = dawid_skene(said, classes=2, silence_tells=True)
    rows, chances = LabelRows(), []
    for (place, item), chance, row in zip(keys, found.chances[:, 1], said, strict=True):
        if min(chance, 1 - chance) <= 1 - _BELIEVED and (row != MISSING).any():
            grade = float(np.rint(TOP_GRADE * chance))
            spoken = float((row != MISSING).sum())
            rows.add(prepared.queries[place].query, prepared.items[item].item_id, grade, spoken)
            chances.append(float(chance))
    report = LabelReport(
        origin="rules",
        labels=len(rows.query),
        queries=len(set(rows.query)),
        left_out=len(pairs) - len(rows.query),
        by_gain=counted(rows),
        agreement=tuple(_agreement(said, found, people)),
        notes=tuple(_notes(found, said, people)),
    )
    store_labels(shop, rows, report, more={"chance": chances}, out=out)
    return report


def _pairs(shop: AccountsShop, prepared: PreparedWords, per_query: int) -> tuple[list[tuple[int, int]], list[Pair]]:
    """Places of query and item, and what the rules may look at of each."""
    language = shop.config.shop.language

    def cut(text: str) -> frozenset[str]:
        return frozenset(words(text, language=language))

    titles = {number: cut(item.title) for number, item in prepared.items.items()}
    brands = {number: cut(item.brand) for number, item in prepared.items.items()}
    categories = {text: cut(text) for text in {item.category for item in prepared.items.values()}}
    every_brand = frozenset().union(*brands.values())
    prepared.index({number: titles[number] | brands[number] for number in titles})
    behaviour = _behaviour(shop)
    keys, pairs = [], []
    for place, asked in enumerate(prepared.queries):
        query = cut(asked.query)
        wanted = dict.fromkeys([*(i for i in asked.judged if i in titles), *prepared.alike(query, per_query)])
        for item in wanted:
            did = behaviour.get((asked.query.strip().lower(), item), (0.0, 0.0, 0.0))
            category = categories[prepared.items[item].category]
            keys.append((place, item))
            pairs.append(Pair(query, titles[item], category, brands[item], query & every_brand, *did))
    return keys, pairs


def _behaviour(shop: AccountsShop) -> Behaviour:
    if shop.config.data.events is None or shop.config.data.events.columns.query is None:
        return {}
    found: dict[tuple[str, int], list[float]] = {}
    with shop.tools.shop.sources(shop.store.path("data")) as sources:
        events = behaviour_events(sources)
        for place, says in ((1, dict.fromkeys(FIXED_WEIGHTS, 1.0)), (2, {"purchase": 1.0})):
            labels = label_pairs(cells_of(sources, events, says=says), min_looked=0.0, max_weight=10.0)
            for query, item, looked, done in zip(labels.query, labels.item, labels.looked, labels.clicked, strict=True):
                of_pair = found.setdefault((query, int(item)), [0.0, 0.0, 0.0])
                of_pair[place] = float(done)
                of_pair[0] = max(of_pair[0], float(looked))
    return {key: (looked, clicked, bought) for key, (looked, clicked, bought) in found.items()}


def _people(prepared: PreparedWords, key: tuple[int, int]) -> int:
    """1 where people found it relevant, 0 where not, ``MISSING`` where nobody said."""
    gain = prepared.queries[key[0]].judged.get(key[1])
    return MISSING if gain is None else int(gain > 0)


def _agreement(said: IntArray, found: DawidSkene, people: IntArray | None) -> Iterator[AgreementRow]:
    alpha, n = krippendorff_alpha(said)
    yield _row(("all rules",), "krippendorff", alpha, n)
    for one, other in combinations(range(len(RULES)), 2):
        kappa, n = cohen_kappa(said[:, one], said[:, other])
        if n:
            yield _row((RULES[one].name, RULES[other].name), "cohen", kappa, n)
    if people is not None:
        for place, rule in enumerate(RULES):
            kappa, n = cohen_kappa(said[:, place], people)
            if n:
                yield _row((rule.name, _PEOPLE), "cohen", kappa, n)
        kappa, n = cohen_kappa((found.chances[:, 1] > 0.5).astype(np.int64), people)
        yield _row(("rules together", _PEOPLE), "cohen", kappa, n)


def _row(between: tuple[str, ...], measure: str, value: float, n: int) -> AgreementRow:
    return AgreementRow(between=between, measure=measure, value=None if np.isnan(value) else value, pairs=n)


def _notes(found: DawidSkene, said: IntArray, people: IntArray | None) -> Iterator[LabelNote]:
    speaks = (said != MISSING).mean(axis=0)
    told = [
        f"{rule.name} {100 * right:.0f} % ({100 * share:.0f} %)"
        for rule, right, share in zip(RULES, found.accuracy, speaks, strict=True)
        if share
    ]
    yield note_of("rules_right", rules=", ".join(told))
    if people is None:
        yield note_of("rules_unchecked", is_warning=True)
        return
    kappa, n = cohen_kappa((found.chances[:, 1] > 0.5).astype(np.int64), people)
    if np.isnan(kappa) or kappa < _LEAST_KAPPA:
        yield note_of("rules_disagree", is_warning=True, kappa=f"{kappa:.2f}", n=f"{n:,}")
