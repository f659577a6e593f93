"""Hybrid search: fusion worked out by hand, then the real lexical side beside a small encoder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.compression.vectors import vectors_fp32
from steelyard.domain import NONE, Cases, Request, State, Surface, Texts
from steelyard.errors import ConfigError
from steelyard.models.retrieval.hybrid import HybridOptions, HybridRetriever, Pool, fuse, open_hybrid, options_from
from steelyard.models.retrieval.hybrid_tuning import tune_hybrid
from steelyard.models.retrieval.lexical import documents, fit_lexical
from steelyard.models.text.encode import normalised

TITLES = ("red couch", "crimson sofa", "red wagon", "green tea", "sofa cover red", "black coffee")
MEANING = {
    "red": (1.0, 0.0, 0.0),
    "crimson": (1.0, 0.0, 0.0),
    "sofa": (0.0, 1.0, 0.0),
    "couch": (0.0, 1.0, 0.0),
    "tea": (0.0, 0.0, 1.0),
    "coffee": (0.0, 0.0, 0.8),
}


class Meanings:
    """An encoder that knows six words, two pairs of which mean the same."""

    width = 3

    def encode(self, texts):
        sums = [np.sum([MEANING.get(word, (0.0, 0.0, 0.0)) for word in text.split()], axis=0) for text in texts]
        return normalised(np.array(sums, np.float32).reshape(len(texts), 3))


class Shelf:
    """Parts held in memory, but for the term index, which lives in a folder."""

    def __init__(self, folder: Path, titles: tuple[str, ...]) -> None:
        none = ("",) * len(titles)
        texts = Texts(titles, none, none, none, none)
        build_tantivy_index(folder, documents(texts))
        self.folder = folder
        self.states: dict[str, State] = {
            "lexical": fit_lexical(texts),
            "vectors": vectors_fp32(Meanings().encode(titles)),
        }

    def state(self, role: str) -> State:
        return self.states[role]

    def encoder(self, role: str) -> Meanings:
        return Meanings()

    def candidate_index(self, role: str):
        return open_tantivy_index(self.folder)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, TITLES)


def pool(**given) -> Pool:
    base = {
        "texts": np.array([3, 5, 8]),
        "lexical": np.array([4.0, 2.0, 0.0]),
        "cosine": np.array([0.2, 0.9, 0.7]),
        "lexical_rank": np.array([0, 1, -1]),
        "dense_rank": np.array([-1, 0, 1]),
        "is_exact": np.array([True, False, False]),
    }
    return Pool(**{**base, **given})


def cases(queries, relevant) -> Cases:
    return Cases(
        Surface.SEARCH,
        tuple(str(n) for n in range(len(queries))),
        tuple(Request(query=query) for query in queries),
        tuple(np.array(row, np.int64) for row in relevant),
        tuple(np.ones(len(row)) for row in relevant),
    )


def test_convex_fusion_weighs_cosine_and_the_share_of_the_highest_lexical_score():
    options = HybridOptions(fusion="convex", weight=0.25, is_tiered=False)

    found = fuse(pool(), options)

    assert found == pytest.approx([0.25 * 0.2 + 0.75 * 4 / 4, 0.25 * 0.9 + 0.75 * 2 / 4, 0.25 * 0.7])


def test_rank_fusion_adds_reciprocal_ranks():
    found = fuse(pool(), HybridOptions(fusion="rrf", is_tiered=False))

    assert found == pytest.approx([1 / 61, 1 / 62 + 1 / 61, 1 / 62])


@pytest.mark.parametrize("fusion", ["convex", "rrf"])
def test_an_exact_hit_is_never_buried(fusion):
    worst = pool(cosine=np.array([-1.0, 1.0, 1.0]), lexical=np.array([0.1, 9.0, 9.0]))

    found = fuse(worst, HybridOptions(fusion=fusion, weight=1.0, is_tiered=True))

    assert found.argmax() == 0


def test_words_that_match_nothing_leave_the_order_to_meaning():
    found = fuse(pool(lexical=np.zeros(3), is_exact=np.zeros(3, bool)), HybridOptions(weight=0.5))

    assert found == pytest.approx([0.1, 0.45, 0.35])


def test_a_product_is_found_by_its_meaning_when_no_word_matches(shelf):
    retriever = open_hybrid(shelf, {"weight": 0.5})

    found = retriever.retrieve([Request(query="couch")], k=3)

    assert found.items[0, 0] == 0
    assert 1 in found.items[0].tolist()


def test_a_title_with_every_word_stays_above_one_that_means_the_same(shelf):
    retriever = open_hybrid(shelf, {"weight": 1.0, "is_tiered": True})

    found = retriever.retrieve([Request(query="sofa red")], k=6)

    assert found.items[0, 0] == TITLES.index("sofa cover red")


def test_a_batch_equals_its_rows_and_no_words_give_no_texts(shelf):
    retriever = open_hybrid(shelf, {})
    requests = [Request(query=query) for query in ("red sofa", "", "tea", "zzz")]

    together = retriever.retrieve(requests, k=8)

    alone = [retriever.retrieve([request], k=8) for request in requests]
    assert together.items.tolist() == [row.items[0].tolist() for row in alone]
    assert together.scores.tolist() == [row.scores[0].tolist() for row in alone]
    assert together.items[1].tolist() == [NONE] * 8


def test_scores_are_those_of_retrieve(shelf):
    retriever = open_hybrid(shelf, {"weight": 0.4})
    found = retriever.retrieve([Request(query="red sofa")], k=3)

    scores = retriever.scores("red sofa", found.items[0])

    assert scores == pytest.approx(found.scores[0])
    assert retriever.scores("", found.items[0]).tolist() == [0.0] * 3


def test_reasons_share_the_score_between_words_and_meaning(shelf):
    retriever = open_hybrid(shelf, {"weight": 0.5})

    reasons = retriever.explain(Request(query="red couch"), np.array([0, 1, 3]))

    assert {reason.kind for reason in reasons[0]} == {"matches_words", "similar_meaning"}
    assert sum(reason.contribution for reason in reasons[0]) == pytest.approx(1.0)
    assert [(reason.kind, reason.contribution) for reason in reasons[1]] == [("similar_meaning", 1.0)]
    assert reasons[2] == []
    assert retriever.explain(Request(), np.array([0])) == [[]]


def test_all_wrong_options_are_reported_together():
    with pytest.raises(ConfigError, match=r"fusion.*weight.*candidates"):
        options_from({"fusion": "max", "weight": 1.5, "candidates": 0})


def test_an_unknown_option_is_refused(shelf):
    with pytest.raises(ConfigError, match="wieght"):
        open_hybrid(shelf, {"wieght": 0.5})


def test_with_few_judged_queries_nothing_is_fitted(shelf):
    retriever = open_hybrid(shelf, {})

    found = tune_hybrid(retriever, cases(["sofa"] * 19, [[1]] * 19))

    assert found["weight"] == HybridOptions().weight
    assert found["tuning"]["n_queries"] == 19
    assert open_hybrid(shelf, found).options == HybridOptions()


def test_queries_that_only_meaning_answers_bring_the_weight_up(tmp_path):
    titles = ("couch", "sofa table", "sofa lamp", "sofa rug", "tea")
    retriever: HybridRetriever = open_hybrid(Shelf(tmp_path, titles), {})

    found = tune_hybrid(retriever, cases(["sofa ladder", "sofa hook"] * 12, [[0], [0]] * 12))

    assert found["weight"] > HybridOptions().weight
    assert found["tuning"]["ndcg@10"] >= found["tuning"]["ndcg@10 at the default weight"]


def test_where_the_weight_makes_no_difference_the_default_stays(shelf):
    retriever = open_hybrid(shelf, {})

    found = tune_hybrid(retriever, cases(["green tea", "black coffee"] * 10, [[3], [5]] * 10))

    assert found["weight"] == HybridOptions().weight
    assert found["candidates"] == 20
    assert found["is_tiered"] is True


@pytest.mark.parametrize("fusion", ["convex", "rrf"])
@pytest.mark.parametrize("query", ["red sofa", "crimson", "tea", "wagon"])
def test_the_whole_list_holds_what_is_an_answer_in_the_order_of_its_scores(shelf, fusion, query):
    retriever = open_hybrid(shelf, {"fusion": fusion, "floor": 0.6, "candidates": len(TITLES)})
    texts = np.arange(len(TITLES))

    whole = retriever.retrieve([Request(query=query)], k=2 * len(TITLES)).items[0]

    scores = retriever.scores(query, texts)
    is_answer = (retriever.lexical.scores(query, texts) > 0) | (retriever.dense.scores(query, texts) >= 0.6)
    wanted = sorted(texts[is_answer].tolist(), key=lambda text: (-scores[text], text))
    assert whole[whole != NONE].tolist() == wanted


def test_of_texts_that_all_say_what_was_asked_for_the_one_that_people_buy_gains() -> None:
    alike = pool(is_exact=np.array([True, True, False]), popularity=np.array([0.0, 1.0, 1.0]))
    options = HybridOptions(weight=0.0, popular=0.1)

    more = fuse(alike, options) - fuse(alike, replace(options, popular=0.0))

    assert more.tolist() == pytest.approx([0.0, 0.1, 0.0])
    assert fuse(replace(alike, popularity=None), options).tolist() == fuse(alike, replace(options, popular=0)).tolist()
