"""Learning to rank: what judges prefer is learnt where it is there, and refused where it is not."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.documents.explanation import counted
from steelyard.domain import NONE, Cases, Request, State, Surface, Texts
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.deriving import Stopwatch
from steelyard.models.learned_ranking.candidate_features import describer_from, state_of
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.learning import usable
from steelyard.models.learned_ranking.ltr import LearnedRanker, Nearest, open_ltr
from steelyard.models.learned_ranking.ltr_recipe import Shop, brands_of, kinds_of, learn_ranking, refusal
from steelyard.models.learned_ranking.title_features import Candidates
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.models.retrieval.vectors import FloatVectors
from steelyard.models.text.encode import normalised
from steelyard.testing.memory_bench import HashEncoder

pytest.importorskip("lightgbm", reason="lightgbm is not installed: the extra train brings it")

THINGS = ("drill", "saw", "hammer", "lamp", "door", "hinge", "rake", "faucet", "valve", "ladder")
KINDS = ("steel", "oak", "brass", "large", "small", "long", "outdoor", "garden", "double", "quiet", "round", "flat")
BRANDS = ("Borun", "Acme", "Celdor", "Dunmo")
TITLES = tuple(f"{brand} {kind} {thing}" for thing in THINGS for kind in KINDS for brand in BRANDS)
FAVOURITE = "Celdor"
GROWTH = Growth(leaves=4, seed=3)


def texts_of(titles):
    none = ("",) * len(titles)
    return Texts(titles, none, none, none, none)


def judged(*, prefers, every=1):
    """A query for each kind of each thing, and what judges gave its four products."""
    queries = [f"{kind} {thing}" for thing in THINGS for kind in KINDS][::every]
    relevant = [np.array([i for i, title in enumerate(TITLES) if title.endswith(query)]) for query in queries]
    gains = [np.array([prefers(TITLES[i], i) for i in found], np.float64) for found in relevant]
    return Cases(
        Surface.SEARCH, tuple(queries), tuple(Request(query=q) for q in queries), tuple(relevant), tuple(gains)
    )


def favour(title, number):
    return 2.0 if title.startswith(FAVOURITE) else 0.5


def toss(title, number):
    return float(np.random.default_rng(number).choice([2.0, 0.5], p=[0.25, 0.75]))


@pytest.fixture(scope="module")
def lexical(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("index")
    texts = texts_of(TITLES)
    build_tantivy_index(folder, documents(texts))
    return Lexical(fit_lexical(texts), open_tantivy_index(folder))


@pytest.fixture(scope="module")
def shop(lexical):
    return Shop(texts_of(TITLES), lexical, None, None)


@pytest.fixture(scope="module")
def learned(shop):
    return learn_ranking(shop, judged(prefers=favour), GROWTH, candidates=40, progress=lambda *told: None)


@pytest.fixture(scope="module")
def ranker(learned, lexical):
    state, graph = learned
    return LearnedRanker(lexical, describer_from(state, lexical), open_forest(graph), candidates=40)


def best_of(retriever, query, k=4):
    items = retriever.retrieve([Request(query=query)], k=k).items[0]
    return [TITLES[item] for item in items[items != NONE]]


def test_what_judges_prefer_comes_first_for_queries_nobody_judged(ranker, lexical):
    assert not best_of(lexical, "drill large")[0].startswith(FAVOURITE)
    assert best_of(ranker, "drill large")[0] == "Celdor large drill"
    assert best_of(ranker, "hinge for a garden")[0] == "Celdor garden hinge"


def test_what_was_gained_on_queries_not_seen_is_noted(learned):
    note = learned[0].facts["learning"]

    assert note["queries"] == 120
    assert note["held_out_gain"] > 2 * note["held_out_error"]
    assert note["after"] > note["before"]
    assert refusal(note) == {}


def test_few_judgements_teach_nothing_and_it_is_said(shop):
    state, graph = learn_ranking(
        shop, judged(prefers=favour, every=3), GROWTH, candidates=40, progress=lambda *told: None
    )

    assert graph is None
    assert not state.facts["is_adopted"]
    assert "40 queries judged by people" in refusal(state.facts["learning"])["en"]
    assert "40" in refusal(state.facts["learning"])["zh"]


def test_judgements_without_a_pattern_are_not_learnt(shop):
    state, graph = learn_ranking(shop, judged(prefers=toss), GROWTH, candidates=40, progress=lambda *told: None)

    assert graph is None
    assert state.facts["learning"]["why"] == "no_gain"
    assert "not clearly more than nothing" in refusal(state.facts["learning"])["en"]


def test_made_queries_are_no_judgements():
    made = replace(judged(prefers=favour), is_synthetic=True)

    assert usable(made, seed=0).ids == ()


def test_the_same_seed_learns_the_same(shop, learned):
    again = learn_ranking(shop, judged(prefers=favour), GROWTH, candidates=40, progress=lambda *told: None)

    assert again[1] == learned[1]
    assert again[0].facts == learned[0].facts


def test_what_was_judged_for_a_like_query_is_not_looked_at(ranker):
    assert not [name for name in ranker.describer.names if "judged" in name]


def test_what_is_beyond_the_candidates_follows_as_lexical_search_has_it(learned, lexical):
    state, graph = learned
    short = LearnedRanker(lexical, describer_from(state, lexical), open_forest(graph), candidates=2)
    found, plain = (each.retrieve([Request(query="oak door")], k=30) for each in (short, lexical))

    shown, by_words = (each.items[0][each.items[0] != NONE].tolist() for each in (found, plain))
    tail = [item for item in by_words if item in shown[-10:]]
    assert set(by_words[:2]) <= set(shown)
    assert shown[-10:] == tail
    assert len(set(shown)) == len(shown)
    finite = found.scores[0][np.isfinite(found.scores[0])]
    assert (np.diff(finite) <= 0).all()


def test_words_the_catalogue_does_not_know_find_nothing(ranker):
    assert best_of(ranker, "zzzqqq") == []
    assert best_of(ranker, "") == []


def test_it_explains_by_the_words(ranker, lexical):
    request, items = Request(query="brass valve"), np.array([0, 5])

    assert ranker.explain(request, items) == lexical.explain(request, items)
    assert ranker.understand(request, items) == lexical.understand(request, items)
    assert ranker.by_words() is lexical


class Held:
    """Parts of a learned ranking in memory."""

    def __init__(self, state, graph, lexical, vectors=None):
        self._graph, self._lexical = graph, lexical
        stored = State({"vectors": vectors}, {"format": "fp32"})
        self._states = {"lexical": lexical.state, "ranking": state, "vectors": stored}

    def state(self, role):
        return self._states[role]

    def content(self, role, name):
        return self._graph

    def candidate_index(self, role):
        return self._lexical.index

    def encoder(self, role):
        return HashEncoder()


def test_what_was_stored_answers_as_what_was_learnt(learned, ranker, lexical):
    opened = open_ltr(Held(*learned, lexical), learned[0].facts)

    assert best_of(opened, "quiet faucet", k=10) == best_of(ranker, "quiet faucet", k=10)


def test_where_nothing_was_adopted_lexical_search_answers(learned, lexical):
    opened = open_ltr(Held(*learned, lexical), {**learned[0].facts, "is_adopted": False})

    assert best_of(opened, "quiet faucet", k=10) == best_of(lexical, "quiet faucet", k=10)


def test_where_nothing_was_adopted_categories_count_as_in_lexical_search(tmp_path):
    titles = ("Filter for coffee", "Dark roast", "Coffee mug", "Roast pan")
    texts = replace(texts_of(titles), category=("Filters", "Coffee", "Mugs", "Pans"))
    build_tantivy_index(tmp_path, documents(texts))
    lexical = Lexical(fit_lexical(texts), open_tantivy_index(tmp_path))
    ask = [Request(query="coffee"), Request(query="roast coffee")]

    plain, unlearnt = (each.retrieve(ask, k=4) for each in (lexical, LearnedRanker(lexical, None, None)))

    assert lexical.categories is not None
    np.testing.assert_array_equal(unlearnt.items, plain.items)
    np.testing.assert_allclose(unlearnt.scores, plain.scores)


def test_what_was_looked_at_adds_up_to_the_score(learned, lexical):
    opened = open_ltr(Held(*learned, lexical), learned[0].facts)
    reading = lexical.read("quiet faucet")
    rows = opened.describer.rows(reading, None, opened.candidates(reading, k=opened.n))

    added = opened.forest.trees.contributions(rows)

    assert added.shape == (len(rows), len(opened.describer.names))
    np.testing.assert_allclose(opened.forest.trees.start + added.sum(axis=1), opened.forest.scores(rows), atol=1e-4)


def test_an_option_it_does_not_have_is_refused(learned, lexical):
    with pytest.raises(ConfigError, match="no option depth"):
        open_ltr(Held(*learned, lexical), {"depth": 3})


def test_meaning_is_looked_at_with_an_encoder_of_its_own_space_only(lexical):
    encoder = HashEncoder()
    vectors = normalised(encoder.encode(list(TITLES)))
    shop = Shop(texts_of(TITLES), lexical, encoder, vectors)
    state, graph = learn_ranking(shop, judged(prefers=favour), GROWTH, candidates=40, progress=lambda *told: None)
    describer = describer_from(state, lexical)
    opened = open_ltr(Held(state, graph, lexical), state.facts)

    assert {"cosine_z", "near_best_5"} <= set(describer.names)
    assert best_of(opened, "long ladder")[0] == "Celdor long ladder"
    assert state_of(describer).arrays.keys() <= state.arrays.keys()
    worded = {name: array for name, array in state.arrays.items() if not name.startswith("space_")}
    with pytest.raises(ArtefactError, match="do not fit together"):
        open_ltr(Held(replace(state, arrays=worded), graph, lexical), state.facts)


def test_what_is_near_in_meaning_is_put_in_order_beside_what_holds_the_words(lexical):
    reading, other = lexical.read("oak door"), TITLES.index("Acme steel rake")
    best = Candidates.of(lexical, reading, k=5)
    near = np.array([other, best.texts[0]])

    found = Candidates.of(lexical, reading, k=5, near=near)

    assert found.texts.tolist() == [*best.texts.tolist(), other]
    np.testing.assert_array_equal(found.scores, [*best.scores, 0.0])
    assert not found.is_exact[-1]
    assert Candidates.of(lexical, lexical.read("zzzqqq"), k=5, near=near).texts.tolist() == []


def test_meaning_brings_candidates_in_the_stored_ranking_too(lexical):
    encoder = HashEncoder()
    vectors = normalised(encoder.encode(list(TITLES)))
    nearest = Nearest(FloatVectors(vectors), 6)
    shop = Shop(texts_of(TITLES), lexical, encoder, vectors, nearest)
    state, graph = learn_ranking(shop, judged(prefers=favour), GROWTH, candidates=20, progress=lambda *told: None)

    opened = open_ltr(Held(state, graph, lexical, vectors), state.facts)

    request, reading = Request(query="long ladder"), lexical.read("long ladder")
    near, _ = nearest.vectors.search(opened.asked("long ladder"), k=6)
    head = opened.head(reading, opened.asked("long ladder"))
    assert state.facts["near"] == 6
    assert set(near.tolist()) <= set(head.texts.tolist())
    assert len(head.texts) <= 26
    assert best_of(opened, "long ladder")[0] == "Celdor long ladder"
    by_words, by_meaning = opened.explain(request, np.array([TITLES.index("Acme long ladder"), int(near[0])]))
    assert by_words[0].kind == "matches_words"
    assert by_meaning


def test_the_last_word_before_a_comma_or_with_is_what_a_thing_is():
    titles = ("Acme 3 in. Oak Door, white", "Acme Door with Brass Hinge", "Borun 2 in. Hinge for Doors")
    kinds = kinds_of(texts_of(titles))

    assert kinds[0] == kinds[1]
    assert kinds[0] != kinds[2]
    assert brands_of(texts_of(titles)).tolist() == [0, 0, 1]
    assert kinds_of(replace(texts_of(titles), category=("Doors", "Hinges", "Hinges"))).tolist() == [0, 1, 1]


@pytest.mark.parametrize(("candidates", "k"), [(40, 4), (2, 30)])
def test_an_explained_score_is_the_forests_with_all_that_it_looked_at(learned, lexical, candidates, k):
    state, graph = learned
    ranker = LearnedRanker(lexical, describer_from(state, lexical), open_forest(graph), candidates=candidates)
    request = Request(query="drill large oak")
    ranked = ranker.retrieve([request], k=k)
    items = ranked.items[0][ranked.items[0] != NONE]

    told = ranker.derivation(request, items, depth=k, watch=Stopwatch(itertools.count().__next__))

    head, rest = told.items[:candidates], told.items[candidates:]
    for item, score in zip(told.items, ranked.scores[0].tolist(), strict=False):
        assert item.score == pytest.approx(score, abs=1e-6)
        assert counted(item.parts) == pytest.approx(score, abs=1e-5)
    assert all([feature.name for feature in item.features] == list(ranker.describer.names) for item in head)
    assert all(item.parts[-1].kind == "below_ranked" and not item.features for item in rest)
    assert "learned_ranking" in [stage.name for stage in told.stages]
