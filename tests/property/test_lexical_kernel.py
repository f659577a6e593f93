"""Compiled search against the same search without compiled code: the very same numbers, and so the same order."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import IntArray, Request, Texts
from steelyard.models.retrieval import compiled
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, options_from

needs_compiled = pytest.mark.skipif(not compiled.is_compiled(), reason="no C compiler when it was installed")
WORDS = [
    "kettle",
    "kettles",
    "steel",
    "12oz",
    "wh-1000",
    "xm5",
    "red",
    "the",
    "保温杯",
    "杯",
    "鞋",
    "c++",
    "1/2",
    "tea",
]
QUERIES = [*WORDS, "ketle", "steal", "wh1000xm5", "teakettle", "杯子", "保温", "12 oz", "nothinglikeit"]
text = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
weight = st.floats(0, 1.5)


class EveryText:
    """A first phase that leaves all to the second."""

    def __init__(self, n: int) -> None:
        self._n = n

    def candidates(self, terms: tuple[str, ...], *, k: int) -> IntArray:
        return np.arange(self._n)


def both(texts: Texts, popularity: np.ndarray | None, **options: object) -> tuple[Lexical, Lexical]:
    state, index = fit_lexical(texts, popularity=popularity), EveryText(len(texts))
    chosen = options_from(options)
    return tuple(Lexical(state, index, options=chosen, is_compiled=compiled) for compiled in (True, False))


@needs_compiled
@settings(max_examples=80, deadline=None)
@given(
    shop=st.lists(st.tuples(text, text, text), min_size=1, max_size=12),
    query=st.lists(st.sampled_from(QUERIES), min_size=1, max_size=5).map(" ".join),
    rewards=st.tuples(weight, weight, weight, weight),
    extra=weight,
    k=st.integers(1, 15),
    has_popularity=st.booleans(),
)
def test_compiled_search_gives_the_same_numbers(shop, query, rewards, extra, k, has_popularity):
    title, described, brand = (tuple(row[at] for row in shop) for at in range(3))
    texts = Texts(title, described, ("",) * len(shop), brand, ("",) * len(shop), language="mixed")
    popularity = np.linspace(0, 1, len(shop)) if has_popularity else None
    names = ("all_units", "title_units", "title_order", "popular")
    fast, plain = both(texts, popularity, extra=extra, **dict(zip(names, rewards, strict=True)))
    request, every = Request(query=query), np.arange(len(shop))

    ranked, expected = fast.retrieve([request], k=k), plain.retrieve([request], k=k)

    np.testing.assert_array_equal(ranked.items, expected.items)
    np.testing.assert_array_equal(ranked.scores, expected.scores)
    np.testing.assert_array_equal(fast.scores(query, every), plain.scores(query, every))
    reading = fast.read(query)
    np.testing.assert_array_equal(fast.score(reading, every).is_exact, plain.score(reading, every).is_exact)
    assert fast.explain(request, every) == plain.explain(request, every)
    assert fast.understand(request, every[:3]) == plain.understand(request, every[:3])


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lexical, Lexical]]:
    """A shop whose texts are of all lengths, many of them alike, over a term index."""
    rng = np.random.default_rng(3)
    names = np.array([f"ba{letter}o" for letter in "bcdfghjklmnpqrtvwxz"])
    lengths = np.minimum(rng.zipf(1.4, 700), 220)
    titles = tuple(" ".join(names[np.minimum(rng.zipf(1.5, n), 19) - 1]) for n in lengths)
    empty = ("",) * len(titles)
    texts = Texts(titles, empty, empty, empty, empty)
    folder = tmp_path_factory.mktemp("large")
    build_tantivy_index(folder, documents(texts))
    state, index = fit_lexical(texts), open_tantivy_index(folder)
    yield tuple(Lexical(state, index, options=options_from({"candidates": 50}), is_compiled=c) for c in (True, False))


@needs_compiled
@pytest.mark.parametrize("query", ["babo", "baco bado", "bazo babo bajo", "bafo bafo", "zebra bapo", "zebra"])
@pytest.mark.parametrize("k", [1, 10, 200, 10_000])
def test_the_compiled_first_phase_finds_what_the_term_index_finds(large, query, k):
    fast, plain = large
    reading = plain.read(query)

    found = fast.candidates(reading, k=k)

    np.testing.assert_array_equal(found, plain.candidates(reading, k=k))


@needs_compiled
def test_one_question_leaves_nothing_behind_for_the_next(large):
    fast, _ = large
    first = fast.retrieve([Request(query="baco baho")], k=10)

    fast.retrieve([Request(query="babo baco bado bafo")], k=300)
    again = fast.retrieve([Request(query="baco baho")], k=10)

    np.testing.assert_array_equal(first.items, again.items)
    np.testing.assert_array_equal(first.scores, again.scores)


@needs_compiled
def test_an_index_that_does_not_say_how_it_scores_is_asked_itself(large):
    fast, _ = large
    other = Lexical(fast.state, EveryText(5), options=fast.options)

    assert other.candidates(other.read("babo")).tolist() == [0, 1, 2, 3, 4]


@needs_compiled
def test_a_query_of_more_units_than_bits_is_answered_without_compiled_code():
    texts = Texts(*[(" ".join(WORDS), "kettle steel")] * 5)
    fast, plain = both(texts, None)
    long = "杯鞋" * 60

    np.testing.assert_array_equal(
        fast.retrieve([Request(query=long)], k=2).scores, plain.retrieve([Request(query=long)], k=2).scores
    )


@needs_compiled
@pytest.mark.parametrize("texts", [[-3, 0], [0, 700], [10**9]])
def test_texts_that_are_not_there_never_reach_the_compiled_code(large, texts):
    fast, _ = large

    with pytest.raises(IndexError, match="there are 700"):
        fast.score(fast.read("baco"), np.array(texts))


def test_without_compiled_code_search_works(monkeypatch, large):
    _, plain = large
    monkeypatch.setattr(compiled, "library", lambda: None)

    found = Lexical(plain.state, plain.index, options=plain.options).retrieve([Request(query="baco baho")], k=10)

    np.testing.assert_array_equal(found.items, plain.retrieve([Request(query="baco baho")], k=10).items)


def test_source_and_caller_are_of_one_format():
    folder = Path(compiled.__file__).parent

    caller = re.search(r"^_FORMAT = (\d+)$", (folder / "compiled.py").read_text(), re.MULTILINE)
    source = re.search(r"steelyard_format\(void\) \{ return (\d+); \}", (folder / "lexical_kernel.c").read_text())

    assert caller[1] == source[1]
