"""Searches over texts of which some are gone and others came."""

import numpy as np
import pytest
from tests.unit.serving.changed_shop import card, texts_and_facts

from steelyard.domain import NONE, Ranked, Reason, Request, Texts
from steelyard.models.retrieval.changed_lexical import ChangedTexts, Numbered
from steelyard.models.retrieval.changed_search import ChangedSearch, placed
from steelyard.models.retrieval.changed_vectors import ChangedVectors
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridRetriever
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import documents, fit_lexical
from steelyard.models.retrieval.shortlists import stacked
from steelyard.models.retrieval.vectors import FloatVectors, NarrowVectors
from steelyard.models.text.encode import passages
from steelyard.testing.memory_bench import HashEncoder, TermIndex

TITLES = (
    "steel pan",
    "steel kettle 1.7 l",
    "wooden spoon",
    "WH-1000XM5 headphones",
    "red running shoes",
    "garden hose",
)
QUERIES = ("steel pan", "wooden", "wh 1000 xm5", "shoe", "hose garden", "kettle")


@pytest.fixture(params=[True, False], ids=["compiled", "plain"])
def lexical(request):
    texts, _ = shop()
    return Lexical(fit_lexical(texts), TermIndex(documents(texts)), is_compiled=request.param)


def shop(titles=TITLES, language="en"):
    return texts_and_facts([card(f"i{n}", title, ("Shop", "All")) for n, title in enumerate(titles)], language)


def came(*titles, language="en"):
    n = len(titles)
    return Texts(titles, ("",) * n, ("Shop > All",) * n, ("",) * n, ("",) * n, language)


def changed(n_before, *titles, gone=(), language="en"):
    return ChangedTexts(
        n_before, np.array(gone, np.int64), came(*titles, language=language), np.full(len(titles), NONE)
    )


@pytest.mark.parametrize("query", QUERIES)
def test_a_text_that_came_scores_as_one_that_was_fitted(lexical, query):
    _, facts = shop()
    other = Numbered(lexical, facts).changed(changed(len(TITLES), *TITLES))

    scores = other.scores(query, np.arange(2 * len(TITLES)))

    np.testing.assert_allclose(scores[: len(TITLES)], lexical.scores(query, np.arange(len(TITLES))))
    np.testing.assert_allclose(scores[len(TITLES) :], scores[: len(TITLES)])


def test_what_is_gone_is_not_found_and_new_words_are(lexical):
    _, facts = shop()
    other = Numbered(lexical, facts).changed(changed(len(TITLES), "steel zorblax", gone=[0]))

    ranked = other.retrieve([Request(query="steel"), Request(query="zorblax")], k=6)

    assert set(ranked.items[0].tolist()) == {1, 6, NONE}
    assert ranked.items[1].tolist() == [6, *[NONE] * 5]
    assert other.explain(Request(query="zorblax"), np.array([6, 0]))[0][0].words == ("zorblax",)


def test_chinese_texts_that_came_are_found_by_parts_of_their_words():
    texts, facts = shop(("不锈钢锅", "木勺"), "zh")
    lexical = Lexical(fit_lexical(texts), TermIndex(documents(texts)))
    other = Numbered(lexical, facts).changed(changed(2, "望远镜", "男鞋", language="zh"))

    assert other.best("望远镜", 3)[0].tolist() == [2]
    assert other.best("鞋", 3)[0].tolist() == [3]


def test_hybrid_search_finds_what_came_by_words_and_by_meaning():
    texts, facts = shop()
    encoder = HashEncoder()
    dense = DenseRetriever(encoder, FloatVectors(encoder.encode(passages(texts))))
    hybrid = HybridRetriever(Lexical(fit_lexical(texts), TermIndex(documents(texts))), dense)

    other = ChangedSearch(facts).of(hybrid, changed(len(TITLES), "steel zorblax", gone=[0]))
    ranked = other.retrieve([Request(query="steel zorblax")], k=7)

    assert isinstance(other, HybridRetriever)
    assert ranked.items[0, 0] == 6
    assert 0 not in ranked.items[0]


class Alphabet:
    """Puts fitted texts in the order of their numbers, backwards, whatever is asked."""

    def __init__(self, lexical):
        self._lexical = lexical

    def by_words(self):
        return self._lexical

    def retrieve(self, requests, *, k):
        found = np.arange(len(TITLES))[::-1][:k]
        return stacked(((found, 10.0 - np.arange(len(found))) for _ in requests), k=k)

    def explain(self, request, items):
        return [[Reason("alphabet", 1.0)] for _ in items]


def test_another_model_gives_what_came_the_place_of_its_words(lexical):
    _, facts = shop()

    other = ChangedSearch(facts).of(Alphabet(lexical), changed(len(TITLES), "garden hose long", gone=[0]))
    ranked: Ranked = other.retrieve([Request(query="garden hose")], k=8)

    assert ranked.items[0].tolist() == [5, 6, 4, 3, 2, 1, NONE, NONE]
    assert (np.diff(ranked.scores[0, :6]) <= 0).all()
    reasons = other.explain(Request(query="garden hose"), np.array([5, 6]))
    assert [why[0].kind for why in reasons] == ["alphabet", "matches_words"]


def test_what_fits_worse_than_all_comes_last():
    numbers, scores = placed(
        (np.array([3, 1]), np.array([2.0, 1.0]), np.array([5.0, 4.0])), (np.array([7]), np.array([1.0]))
    )

    assert (numbers.tolist(), scores.tolist()) == ([3, 1, 7], [2.0, 1.0, 0.0])


def test_what_came_is_compared_in_the_directions_of_narrow_vectors():
    random = np.random.default_rng(0)
    vectors, query = random.normal(size=(4, 6)).astype(np.float32), random.normal(size=6).astype(np.float32)
    directions = np.linalg.qr(random.normal(size=(6, 2)))[0].astype(np.float32)
    narrow = NarrowVectors(FloatVectors(vectors @ directions), directions)

    both = ChangedVectors(narrow, changed(4, *"abcd"), vectors)

    np.testing.assert_allclose(both.scores(query, np.arange(4, 8)), both.scores(query, np.arange(4)), rtol=1e-5)
    assert both.search(query, k=2)[0].tolist() == [(best := int(narrow.search(query, k=1)[0][0])), best + 4]
