"""Other names are taken where queries they were not found from gain by them, and only there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from steelyard.config.synonyms import read_synonyms
from steelyard.documents.name_report import Change, NameReport, TriedName, name_report_builtins
from steelyard.domain import Cases, IntArray, Request, Surface, Texts
from steelyard.errors import StageError
from steelyard.models.retrieval.lexical import Lexical, fit_lexical
from steelyard.reporting.name_lines import name_lines
from steelyard.workflows.synonyms import Trying, rules_of, try_names

COLOURS = tuple("red blue green white black grey pink brown olive beige ivory amber".split())
THINGS = ("lamp", "desk", "vase", "mirror", "settee")


class AllTexts:
    """A first phase that lets everything through."""

    def __init__(self, n: int) -> None:
        self._n = n

    def candidates(self, terms: Sequence[str], *, k: int) -> IntArray:
        return np.arange(min(self._n, k) if terms else 0)


def shop() -> tuple[Texts, Cases]:
    """Shoppers say lolling, titles say settee; cushions hold the colour and the word that goes with settees."""
    titles = [f"{colour} {thing} with feet" for thing in THINGS for colour in COLOURS]
    titles += [f"{colour} cushion" for colour in COLOURS]
    empty = ("",) * len(titles)
    names = (*THINGS[:-1], "lolling")
    queries = [(f"{colour} {name}", i * len(COLOURS) + j)
               for i, name in enumerate(names) for j, colour in enumerate(COLOURS)]  # fmt: skip
    queries += [(f"{name} {colour}", at) for words, at in queries for colour, name in [words.split()]]
    cases = Cases(
        Surface.SEARCH,
        tuple(words for words, _ in queries),
        tuple(Request(query=words) for words, _ in queries),
        tuple(np.array([at]) for _, at in queries),
        tuple(np.array([1.0]) for _ in queries),
    )
    return Texts(tuple(titles), empty, empty, empty, empty), cases


def tried(cases: Cases | None = None) -> NameReport:
    texts, own = shop()
    retriever = Lexical(fit_lexical(texts), AllTexts(len(texts)))
    trying = Trying(retriever, (), texts.title, "en", seed=1)
    seen: list[int] = []
    report = try_names(trying, own if cases is None else cases, own, lambda done, total, what: seen.append(done))
    assert seen == sorted(seen)
    return report


def test_a_name_that_finds_more_is_taken_and_one_that_finds_nothing_is_not() -> None:
    report = tried()
    taken = {(row.word, row.name) for row in report.tried if row.is_taken}

    assert ("lolling", "settee") in taken
    assert all(row.gain.mean > 0 and row.p_value <= report.most_p for row in report.tried if row.is_taken)
    assert all(row.gain.mean <= 0 or row.p_value > report.most_p for row in report.tried if not row.is_taken)
    assert report.together is not None
    assert report.together.mean > 0.1


def test_queries_that_nobody_judged_cannot_bear_a_name_out() -> None:
    _, cases = shop()

    with pytest.raises(StageError, match="judged queries, at least 50; there are 0"):
        tried(replace(cases, is_synthetic=True))


def test_the_file_holds_what_was_taken_as_rules_and_the_rest_as_remarks() -> None:
    report = tried()
    lines = rules_of(report)

    assert ("lolling", ("settee",)) in [(rule.words, rule.names) for rule in read_synonyms(lines, name="file")]
    assert len(lines) == 1 + 2 * len(report.tried)


def test_lines_show_gain_interval_and_chance_in_both_languages() -> None:
    gain = Change(queries=24, mean=0.1627, low=0.0683, high=0.2647)
    loss = Change(queries=19, mean=-0.0438, low=-0.1343, high=0.0290)
    report = NameReport(
        metric="ndcg@10(gain=linear)",
        tried=(
            TriedName(word="stove", name="range", gain=gain, p_value=0.006, is_taken=True),
            TriedName(word="bolt", name="screw", gain=loss, p_value=0.346, is_taken=False),
        ),
        together=replace_mean(gain, -0.01),
        few=3,
        most_p=0.1,
    )

    english = name_lines(report, language="en", file="names.txt")
    chinese = name_lines(report, language="zh", file="")

    assert "  stove -> range: +0.163 in 24 queries (+0.068 to +0.265), p = 0.006" in english
    assert "  bolt -> screw: -0.044 in 19 queries (-0.134 to +0.029), p = 0.346" in english
    assert any("Together they lose" in line for line in english)
    assert any("names.txt" in line for line in english)
    assert "  stove → range：24 个查询 +0.163（+0.068 ~ +0.265），p = 0.006" in chinese
    assert any("--out" in line for line in chinese)
    assert name_report_builtins(report)["tried"][0]["gain"]["queries"] == 24


def replace_mean(change: Change, mean: float) -> Change:
    return Change(queries=change.queries, mean=mean, low=change.low, high=change.high)
