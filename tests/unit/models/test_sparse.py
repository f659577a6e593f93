"""Sparse search: words stand for others where judgements say so, and nothing is learnt where they do not."""

from zlib import crc32

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import NONE, Cases, Request, State, Surface, Texts
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.learned_sparse.asked_queries import ask, asked_units, asked_words
from steelyard.models.learned_sparse.impacts import TermImpacts, build_impacts, flops, no_impacts
from steelyard.models.learned_sparse.sparse import EXPANDED, SparseRetriever, open_sparse
from steelyard.models.learned_sparse.sparse_recipe import drawn, meaning_of, refusal
from steelyard.models.learned_sparse.term_learning import Tables, learn_tables
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical

KINDS = ("steel", "oak", "brass", "large", "small", "long", "outdoor", "garden", "double", "quiet", "round", "flat")
COLOURS = ("red", "blue", "green", "white")
THINGS = ("stool", "rug", "hammer", "lamp", "door", "hinge")
TITLES = (
    *(f"{brand} {kind} {thing}" for thing in THINGS for kind in KINDS for brand in ("Borun", "Celdor")),
    *(f"{brand} {colour} seat cover" for colour in COLOURS for brand in ("Acme", "Dunmo")),
)


def judged(*, prefers, asks="seat", repeats=3):
    """Queries for things of each kind, and what judges gave the products that hold a word of them."""
    queries = [f"{kind} {asks} {size}" for size in range(10, 10 + repeats) for kind in KINDS]
    relevant = [np.array([i for i, t in enumerate(TITLES) if {*t.split()} & {*query.split()}]) for query in queries]
    gains = [
        np.array([prefers(query, TITLES[i]) for i in found]) for query, found in zip(queries, relevant, strict=True)
    ]
    requests = tuple(Request(query=query) for query in queries)
    return Cases(Surface.SEARCH, tuple(queries), requests, tuple(relevant), tuple(gains))


def stools(query, title):
    return 2.0 if "stool" in title and query.split()[0] in title else 0.0


def toss(query, title):
    return 2.0 if crc32(f"{query} {title}".encode()) % 6 == 0 else 0.0


def quiet(*told):
    """Nobody is told how far it has come."""


@pytest.fixture(scope="module")
def lexical(tmp_path_factory):
    folder, none = tmp_path_factory.mktemp("index"), ("",) * len(TITLES)
    texts = Texts(TITLES, none, none, none, none)
    build_tantivy_index(folder, documents(texts))
    return Lexical(fit_lexical(texts), open_tantivy_index(folder))


@pytest.fixture(scope="module")
def learned(lexical):
    asked = ask(lexical, judged(prefers=stools), words={}, k=60)
    return learn_tables(lexical, asked, meaning=None, seed=1, progress=quiet)


@pytest.fixture(scope="module")
def impacts(learned, lexical):
    return build_impacts(lexical.state, learned.tables, None, asked=[], terms=8, progress=quiet)


@pytest.fixture(scope="module")
def retriever(learned, lexical, impacts):
    return SparseRetriever(lexical, TermImpacts.of(impacts), weight=learned.weight)


def best_of(retriever, query, k=2):
    items = retriever.retrieve([Request(query=query)], k=k).items[0]
    return [TITLES[item] for item in items[items != NONE]]


def test_a_word_stands_for_another_in_queries_that_nobody_judged(retriever, lexical):
    assert "seat cover" in best_of(lexical, "round seat 99")[0]
    assert all("round stool" in title for title in best_of(retriever, "round seat 99"))


def test_what_was_gained_on_queries_not_seen_is_known_part_by_part(learned):
    assert learned.gain.is_certain
    assert learned.gain.n == 36
    assert set(learned.parts) == {"weights_alone", "expansion_alone"}


def test_judgements_without_a_pattern_are_not_learnt(lexical):
    asked = ask(lexical, judged(prefers=toss, asks="garden"), words={}, k=60)

    found = learn_tables(lexical, asked, meaning=None, seed=1, progress=quiet)

    assert found.tables is None
    assert learn_tables(lexical, asked[:3], meaning=None, seed=1, progress=quiet).tables is None


def test_the_same_seed_learns_the_same(lexical, learned):
    asked = ask(lexical, judged(prefers=stools), words={}, k=60)

    again = learn_tables(lexical, asked, meaning=None, seed=1, progress=quiet)

    assert np.array_equal(again.tables.trust, learned.tables.trust)
    assert again.weight == learned.weight


def test_no_product_is_expanded_by_more_words_than_allowed(lexical, learned):
    none = build_impacts(lexical.state, learned.tables, None, asked=[], terms=0, progress=quiet)
    one = build_impacts(lexical.state, learned.tables, None, asked=[], terms=1, progress=quiet)

    held = {
        (term, text) for term in none.arrays["terms"].tolist() for text in lexical.postings.documents(term).tolist()
    }
    cells = {
        name: list(zip(np.repeat(s.arrays["terms"], np.diff(s.arrays["starts"])).tolist(),
                       s.arrays["documents"].tolist(), strict=True))
        for name, s in (("none", none), ("one", one))
    }  # fmt: skip
    assert set(cells["none"]) <= held
    added = [text for term, text in cells["one"] if (term, text) not in held]
    assert added
    assert len(added) == len(set(added))


def test_impacts_in_eight_bits_are_near_what_was_learnt(lexical, learned, impacts):
    tables, n = learned.tables, len(lexical.postings.idf)
    seat = lexical.read("seat").plan.units[0]
    stool = lexical.read("stool").plan.units[0]
    at = np.searchsorted(tables.pairs, seat * n + stool)
    text = next(i for i, title in enumerate(TITLES) if title == "Borun oak stool")
    exact = sum(
        float(tables.trust[place]) for place, pair in enumerate(tables.pairs.tolist())
        if pair // n == seat and pair % n in lexical.state.arrays["title_units"][3 * text : 3 * text + 3]
    )  # fmt: skip

    assert tables.trust[at] > 0
    assert impacts.arrays["impacts"].dtype == np.int8
    assert TermImpacts.of(impacts).of_text(int(seat), text) == pytest.approx(exact, abs=impacts.facts["scale"])


def test_a_title_with_every_word_stays_above_what_was_expanded(lexical):
    seat, stool = (lexical.read(word).plan.units[0] for word in ("seat", "stool"))
    n = len(lexical.postings.idf)
    tables = Tables(np.array([seat * n + stool]), np.array([50.0], np.float32), None)
    state = build_impacts(lexical.state, tables, None, asked=[], terms=8, progress=quiet)

    found = best_of(SparseRetriever(lexical, TermImpacts.of(state), weight=1.0), "blue seat cover", k=3)

    assert ["blue seat cover" in title for title in found] == [True, True, False]


def of_meaning(lexical, asked):
    """A meaning in which a divan is a stool, and everything else is nothing in particular."""
    vectors = np.array([[1.0, 0.0] if "stool" in title else [0.0, 1.0] for title in TITLES], np.float32)

    def encode(words):
        return np.array([[1.0, 0.0] if word == "divan" else [0.0, 0.0] for word in words], np.float32)

    return meaning_of(lexical, asked, vectors, encode)


def test_a_word_that_no_product_holds_finds_what_the_encoder_says_it_means(lexical):
    asked = {"divan": len(lexical.postings.idf)}
    meaning = of_meaning(lexical, asked)
    tables = Tables(np.empty(0, np.int64), np.empty(0, np.float32), meaning.words)
    state = build_impacts(lexical.state, tables, meaning, asked=["divan"], terms=8, progress=quiet)
    found = SparseRetriever(lexical, TermImpacts.of(state), weight=0.1)

    assert not best_of(lexical, "divan")
    assert all("stool" in title for title in best_of(found, "divan", k=5))
    assert best_of(found, "qwertyuiop") == []


def test_a_guessed_word_is_not_looked_for_as_it_was_typed(lexical):
    reading = lexical.read("hamer")
    applied = [guess for guess in reading.guesses if guess.is_applied]

    units, weights = asked_units(reading, lexical.postings.idf, {"hamer": len(lexical.postings.idf)})

    assert applied
    assert len(lexical.postings.idf) not in units
    assert len(units) == len(weights)


def test_words_of_queries_that_no_product_holds_are_numbered_after_those_of_products(lexical):
    cases = judged(prefers=stools, repeats=1)
    strange = Request(query="pouffe oak divan")
    cases = Cases(
        Surface.SEARCH, ("a", *cases.ids), (strange, *cases.requests), cases.relevant[:1] * 13, cases.gains[:1] * 13
    )

    assert asked_words(lexical, cases) == {"divan": len(lexical.postings.idf), "pouffe": len(lexical.postings.idf) + 1}


def test_an_answer_says_by_which_words_it_was_expanded_and_how_much(retriever, lexical):
    stool = next(i for i, title in enumerate(TITLES) if title == "Borun oak stool")

    reasons = retriever.explain(Request(query="oak seat"), np.array([stool]))[0]

    by_kind = {reason.kind: reason for reason in reasons}
    assert by_kind["matches_words"].words == ("oak",)
    assert any(word.startswith("seat +0.") for word in by_kind[EXPANDED].words)
    assert sum(reason.contribution for reason in reasons) == pytest.approx(1.0)


def test_scores_are_those_of_the_list(retriever):
    ranked = retriever.retrieve([Request(query="oak seat")], k=5)
    items = ranked.items[0]

    assert retriever.scores("oak seat", items) == pytest.approx(ranked.scores[0])


def test_where_nothing_was_learnt_the_answers_are_those_of_lexical_search(lexical):
    plain = SparseRetriever(lexical, TermImpacts.of(no_impacts(len(TITLES))), weight=0.1)
    requests = [Request(query=query) for query in ("oak seat", "", "brass hinge", "zzzz")]

    assert np.array_equal(plain.retrieve(requests, k=5).items, lexical.retrieve(requests, k=5).items)


def test_a_query_reads_the_lists_of_its_words():
    arrays = {"terms": np.array([3, 7]), "starts": np.array([0, 2, 5])}

    assert flops(State(arrays), [np.array([3]), np.array([3, 7]), np.array([9])]) == pytest.approx((2 + 5 + 0) / 3)
    assert flops(State(arrays), []) == 0.0


def test_more_queries_than_memory_is_meant_for_are_drawn():
    one = judged(prefers=stools, repeats=1)
    many = Cases(one.surface, one.ids * 600, one.requests * 600, one.relevant * 600, one.gains * 600)

    assert len(drawn(many, seed=0).ids) == 6000
    assert drawn(one, seed=0) is one


def test_what_does_not_pay_is_refused_in_both_languages_with_its_figures():
    facts = {"why": "no_gain", "queries": 300, "gain": 0.0012, "error": 0.001}
    said = refusal({**facts, "weights_alone": 0.0005, "expansion_alone": 0.0007})

    assert "gained +0.0012 nDCG@10" in said["en"]
    assert "+0.0012" in said["zh"]
    assert "fewer than 200" in refusal({"why": "few_judgements", "least": 200})["en"]
    assert refusal({"gain": 0.01}) == {}


class _Parts:
    def __init__(self, lexical, impacts):
        self._lexical, self._impacts = lexical, impacts

    def state(self, role):
        return self._lexical.state if role == "lexical" else self._impacts

    def candidate_index(self, role):
        return self._lexical.index


def test_parts_of_another_catalogue_and_unknown_options_are_refused(lexical, impacts):
    with pytest.raises(ConfigError, match="no option speed"):
        open_sparse(_Parts(lexical, impacts), {"speed": 9})
    with pytest.raises(ArtefactError, match="different catalogues"):
        open_sparse(_Parts(lexical, no_impacts(3)), {})
    assert open_sparse(_Parts(lexical, impacts), {"weight": 0.1, "added": 5}).n_added == 5
