"""Re-ranking: the network's word counts where it is asked, and the first stage's list is untouched where it is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import NONE, Cases, Request, Surface, Texts
from steelyard.models.recipe import REFUSED, Plan
from steelyard.models.reranking.cross import CrossReranker, Head, Reranking, fused
from steelyard.models.reranking.cross_recipe import CrossOptions, CrossRecipe, refusal
from steelyard.models.reranking.first_stage import open_first
from steelyard.models.reranking.fusion_fit import ask, fit_fusion
from steelyard.models.reranking.gate import FEATURES, Gate
from steelyard.models.reranking.pair_lessons import PairSettings, parted, shop_pairs
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import toy_config
from steelyard.testing.toy_shop import toy_shop

THINGS = ("kettle", "mug", "plate", "bowl", "spoon", "tray", "jug", "lid")
KINDS = ("steel", "glass", "blue", "large", "small", "oval", "plain")
TITLES = tuple(f"{kind} {thing} number {n}" for thing in THINGS for kind in KINDS for n in range(5))
BEST = 3
"""Of five alike products the judges want this one."""


def texts_of(titles):
    none = ("",) * len(titles)
    return Texts(titles, none, none, none, none)


class Reader:
    """Reads pairs in memory: it likes what the judges like."""

    def __init__(self, likes=1.0):
        self.likes, self.n_read = likes, 0

    def n_tokens(self, query, texts):
        return 10 * len(texts)

    def scores(self, query, texts):
        self.n_read += 1
        return np.array([self.likes if TITLES[text].endswith(f" {BEST}") else 0.0 for text in texts.tolist()])


def judged(n):
    """Queries of a kind of a thing, asked in other words, and what judges gave its five products."""
    asked = [(kind, thing) for thing in THINGS for kind in KINDS]
    rows = [asked[row % len(asked)] for row in range(n)]
    queries = [f"{kind} {thing} w{place}" for place, (kind, thing) in enumerate(rows)]
    relevant = tuple(
        np.array([i for i, title in enumerate(TITLES) if title.startswith(f"{kind} {thing} ")]) for kind, thing in rows
    )
    gains = tuple(np.array([2.0 if TITLES[i].endswith(f" {BEST}") else 0.5 for i in found]) for found in relevant)
    return Cases(Surface.SEARCH, tuple(queries), tuple(Request(query=q) for q in queries), relevant, gains)


@pytest.fixture(scope="module")
def lexical(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("index")
    texts = texts_of(TITLES)
    build_tantivy_index(folder, documents(texts))
    return Lexical(fit_lexical(texts), open_tantivy_index(folder))


def gate(*, threshold):
    n = len(FEATURES)
    return Gate((0.0,) * n, (0.0,) * n, (1.0,) * n, 0.1, threshold)


def found(retriever, query, k=10):
    items = retriever.retrieve([Request(query=query)], k=k).items[0]
    return items[items != NONE].tolist()


def test_the_network_puts_the_candidates_in_order(lexical):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=5.0), options=Reranking(weight=0.5))

    assert TITLES[found(reranker, "blue mug")[0]] == f"blue mug number {BEST}"
    assert TITLES[found(lexical, "blue mug")[0]] == "blue mug number 0"


def test_what_holds_every_word_in_its_title_stays_above_what_the_network_prefers(lexical):
    options = Reranking(weight=0.0, candidates=40)
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=50.0), options=options)

    tiered = found(reranker, "blue mug", k=20)
    flat = CrossReranker(lexical, lexical, network=Reader(likes=50.0), options=replace(options, is_tiered=False))

    assert all(TITLES[text].startswith("blue mug") for text in tiered[:5])
    assert not all(TITLES[text].startswith("blue mug") for text in found(flat, "blue mug", k=20)[:5])


@pytest.mark.parametrize("k", [1, 10, 20, 60, 280])
def test_a_query_that_is_not_worth_it_keeps_the_list_of_the_first_stage(lexical, k):
    reader = Reader(likes=5.0)
    reranker = CrossReranker(lexical, lexical, network=reader, gate=gate(threshold=1e9))

    assert found(reranker, "oval tray", k) == found(lexical, "oval tray", k)
    assert reader.n_read == 0


@pytest.mark.parametrize("k", [1, 10, 20, 60, 280])
def test_a_longer_list_begins_with_what_was_re_ranked_and_goes_on_as_it_was(lexical, k):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=5.0), options=Reranking(candidates=20))

    ranked = reranker.retrieve([Request(query="oval tray")], k=k)

    items = ranked.items[0][ranked.items[0] != NONE].tolist()
    scores = ranked.scores[0][: len(items)]
    assert len(items) == len(set(items)) == len(found(lexical, "oval tray", k))
    assert items[:20] == found(reranker, "oval tray", 20)[:k]
    assert (np.diff(scores) <= 0).all()


def test_an_answer_says_whether_it_was_re_ranked(lexical):
    request, items = Request(query="steel kettle"), np.array([0, 1])

    def told(**more):
        return CrossReranker(lexical, lexical, **more).understand(request, items).is_reranked

    assert told(network=Reader(), gate=gate(threshold=0.0)) is True
    assert told(network=Reader(), gate=gate(threshold=1e9)) is False
    assert told() is None


def test_the_parts_of_each_score_are_there_to_be_shown(lexical):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=5.0), gate=gate(threshold=0.0))

    shown = reranker.reranked(Request(query="glass bowl"))

    assert shown.is_called
    assert shown.expected_gain == pytest.approx(0.1)
    assert shown.tokens == 10 * len(shown.head.texts)
    np.testing.assert_allclose(shown.fused, fused(shown.cross, shown.head, reranker.options))


@pytest.mark.parametrize("query", ["", "zzzz qqqq", "!!!", "x" * 300])
def test_a_query_that_finds_nothing_asks_no_network(lexical, query):
    reader = Reader()

    assert found(CrossReranker(lexical, lexical, network=reader), query) == found(lexical, query)
    assert reader.n_read == 0


def test_fused_scores_by_hand():
    head = Head(np.array([7, 8]), np.array([3.0, 1.0]), np.array([False, True]), np.zeros(len(FEATURES)))

    flat = fused(np.array([0.0, 1.0]), head, Reranking(weight=2.0, is_tiered=False))

    assert flat.tolist() == [0.0 + 2 * 1.0, 1.0 - 2 * 1.0]
    assert fused(np.array([0.0, 1.0]), head, Reranking(weight=2.0)).tolist() == [2.0, -1.0 + 3.0 + 1.0]


def test_what_gains_on_held_back_queries_is_fitted_and_pays(lexical):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=5.0), options=Reranking(candidates=20))
    asked = ask(reranker, judged(60), progress=lambda *_: None)

    fitted = fit_fusion(asked, reranker.options, mean_tokens=1e6, seed=1)

    assert fitted.gain.is_certain
    assert fitted.note["after"] > fitted.note["before"]
    assert fitted.note["called"] == 1.0


def test_what_does_not_gain_does_not_pay_and_is_hardly_called(lexical):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=-5.0), options=Reranking(candidates=20))
    asked = ask(reranker, judged(60), progress=lambda *_: None)

    fitted = fit_fusion(asked, reranker.options, mean_tokens=1e6, seed=1)

    assert not fitted.gain.is_certain


def test_the_mean_that_is_allowed_is_kept_on_queries_the_gate_was_not_fitted_on(lexical):
    reranker = CrossReranker(lexical, lexical, network=Reader(likes=5.0), options=Reranking(candidates=20))
    asked = ask(reranker, judged(120), progress=lambda *_: None)

    fitted = fit_fusion(asked, reranker.options, mean_tokens=60.0, seed=1)

    assert fitted.note["tokens"] <= 90.0


@pytest.fixture(scope="module")
def lessons(lexical):
    learning, stopping, _ = parted(judged(300), seed=2)
    return shop_pairs(learning, stopping, lexical, PairSettings(TITLES, [2], 16, 1.0, 2, "key"))


def test_a_step_is_the_same_whenever_it_is_asked_for(lessons):
    one, again, other = lessons.step(3), lessons.step(3), lessons.step(4)

    np.testing.assert_array_equal(one.texts, again.texts)
    assert one.texts.tolist() != other.texts.tolist()


def test_grades_stay_grades(lessons):
    step = lessons.step(0)

    for query in np.unique(step.queries):
        mine = step.queries == query
        assert step.shares[mine].sum() == pytest.approx(1.0)
        worth = {
            TITLES[t].endswith(f" {BEST}"): s for t, s in zip(step.texts[mine], step.shares[mine], strict=True) if s > 0
        }
        assert worth[True] == pytest.approx(4 * worth[False])


def test_negatives_were_found_by_words_and_say_nothing_that_a_relevant_text_says(lessons):
    step = lessons.step(1)

    for query in np.unique(step.queries):
        wrong = step.texts[(step.queries == query) & (step.shares == 0)]
        assert np.isin(wrong, lessons.found[query]).all()
        assert not np.isin(wrong, lessons.training.cases.relevant[query]).any()


def test_each_epoch_asks_each_query_once(lessons):
    steps = lessons.n_steps // 2
    asked = np.concatenate([np.unique(lessons.step(number).queries) for number in range(steps)])

    assert len(np.unique(asked)) == len(asked) >= len(lessons.training) - 8


def test_a_network_that_likes_what_judges_like_is_better_than_words_alone(lessons):
    def likes(queries, texts):
        return np.array([5.0 if TITLES[text].endswith(f" {BEST}") else 0.0 for text in texts.tolist()])

    assert lessons.quality(likes) > lessons.quality(lambda queries, texts: np.zeros(len(texts)))


def test_queries_to_learn_from_to_stop_by_and_to_decide_by_are_different_ones():
    parts = parted(judged(300), seed=4)

    names = [set(part.ids) for part in parts]
    assert sum(map(len, names)) == len(set().union(*names)) == 300
    assert all(names)


def test_nothing_is_learnt_from_few_queries_or_from_made_ones():
    assert parted(judged(150), seed=0) is None
    assert parted(replace(judged(300), is_synthetic=True), seed=0) is None


def test_each_depth_and_number_of_candidates_is_a_configuration():
    options = CrossOptions(layers=[2, 6, 2], candidates=[20, 50])

    names = [variant.name for variant in CrossRecipe().variants(Plan(toy_config(), options))]

    assert names == ["cross-6-20", "cross-6-50", "cross-2-20", "cross-2-50"]


def test_where_nothing_was_learnt_it_is_words_alone_and_it_is_said_why():
    bench, recipe = MemoryBench(toy_tables(toy_shop(seed=3))), CrossRecipe()
    variant = next(iter(recipe.variants(Plan(toy_config(), CrossOptions()))))
    bench.make(variant.needed)
    values = bench.values(variant.tuned)

    opened = recipe.open(bench.open(variant.parts), {name: value for name, value in values.items() if name != REFUSED})

    assert opened.network is None
    assert set(values[REFUSED]) == {"en", "zh"}
    assert "too few to train a cross-encoder on" in values[REFUSED]["en"]


def test_a_refusal_names_its_figures():
    note = {
        "why": "no_gain",
        "called": 0.31,
        "mean_cpu_ms": 8.0,
        "gain": 0.0012,
        "error": 0.0034,
        "queries": 790,
        "gain_of_all": -0.002,
    }

    said = refusal(note)

    assert "called for 31% of the queries within 8 CPU ms" in said["en"]
    assert "+0.0012 nDCG@10 (standard error 0.0034)" in said["en"]
    assert "790" in said["zh"] and "+0.0012" in said["zh"]
    assert refusal({"gain": 0.1}) == {}


def test_another_first_stage_is_a_configuration_of_its_own():
    options = CrossOptions(layers=[2], candidates=[20], first=["lexical", "ltr-words"])

    variants = list(CrossRecipe().variants(Plan(toy_config(), options)))

    assert [variant.name for variant in variants] == ["cross-2-20", "cross-2-20-ltr-words"]
    assert "ranking" in variants[1].parts and "ranking" not in variants[0].parts


def test_learning_to_rank_that_does_not_pay_leaves_lexical_search_first():
    bench, recipe = MemoryBench(toy_tables(toy_shop(seed=3))), CrossRecipe()
    options = CrossOptions(layers=[2], candidates=[20], first=["ltr-words"])
    variant = next(iter(recipe.variants(Plan(toy_config(), options))))
    bench.make(variant.needed)
    parts = bench.open(variant.parts)
    lexical = recipe.open(parts, {}).lexical

    assert open_first(parts, lexical, "ltr-words") is lexical
