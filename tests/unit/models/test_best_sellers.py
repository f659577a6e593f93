"""What people buy comes first among what fits alike, and only there."""

from pathlib import Path

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import Cases, Interactions, Request, Surface, Texts
from steelyard.models.retrieval.best_sellers import WEIGHTS, behaviour_cases, best_weight, popularity_of_texts
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, options_from
from steelyard.models.retrieval.lexical_recipe import fit_popular

TITLES = (*(f"Tea of kind {name}" for name in "abcdefghijklmnopqrstuvwxyz"), "Cup for tea", "Spoon")
N = len(TITLES)


def texts() -> Texts:
    empty = ("",) * N
    return Texts(TITLES, empty, empty, empty, empty)


def bought(*pairs: tuple[int, int]) -> Interactions:
    users, items = np.array(pairs or np.empty((0, 2)), np.int64).T
    return Interactions(users, items, np.arange(len(users), dtype=float), np.ones(len(users)), 99, N)


def opened(folder: Path, popularity: np.ndarray, *, weight: float) -> Lexical:
    build_tantivy_index(folder, documents(texts()))
    state = fit_lexical(texts(), popularity=popularity)
    return Lexical(state, open_tantivy_index(folder), options=options_from({"popular": weight, "candidates": 5}))


def test_a_person_who_buys_often_counts_once_and_the_scale_is_logarithmic() -> None:
    popularity = popularity_of_texts(bought((1, 0), (1, 0), (1, 1), (2, 1), (3, 1)), np.arange(N), n_texts=N)

    assert popularity[:3] == pytest.approx([np.log(2) / np.log(4), 1.0, 0.0])
    assert not popularity_of_texts(bought(), np.arange(N), n_texts=N).any()


def test_the_best_seller_comes_first_even_where_the_first_phase_did_not_bring_it(tmp_path: Path) -> None:
    popularity = np.zeros(N)
    popularity[19], popularity[-1] = 1.0, 1.0

    shop = opened(tmp_path, popularity, weight=0.2)

    found = shop.retrieve([Request(query="tea")], k=3).items[0].tolist()
    assert found[0] == 19
    assert N - 1 not in found, "popular, but it holds no word"


def test_popularity_does_not_outweigh_a_word(tmp_path: Path) -> None:
    popularity = np.zeros(N)
    popularity[3] = 1.0

    shop = opened(tmp_path, popularity, weight=0.2)

    assert shop.retrieve([Request(query="tea cup")], k=1).items[0].tolist() == [N - 2]


def test_the_weight_rests_on_what_was_bought_later(tmp_path: Path) -> None:
    names = ("of kind " + name for name in "ab")
    rng = np.random.default_rng(0)
    earlier = rng.permutation(N) / N
    taste = np.argsort(-earlier)[:6]
    later = Cases(Surface.RECOMMEND, ("u", *names), (Request(),) * 3, (taste, taste[:3], taste[:2]), (np.ones(1),) * 3)

    cases = behaviour_cases(texts(), later, np.arange(N), seed=1)
    many = Cases(Surface.SEARCH, cases.ids * 10, cases.requests * 10, cases.relevant * 10, cases.gains * 10)
    shop = opened(tmp_path, earlier, weight=0.1)

    assert "bought-tea" in cases.ids
    assert all("spoon" not in name for name in cases.ids), "held by too few to ask which one"
    assert fit_popular(shop, many, seed=1)["popular"] > 0


def test_of_weights_as_good_as_the_best_the_smallest_is_taken_and_few_cases_give_none() -> None:
    rng = np.random.default_rng(3)
    start = rng.random(50)
    quality = [start, start + 0.1, *(start + 0.1 for _ in WEIGHTS[2:])]

    assert best_weight(quality)[0] == WEIGHTS[1]
    assert best_weight([each[:5] for each in quality]) == (0.0, {"cases": 5})


def test_behaviour_alone_sets_no_more_than_what_it_is_trusted_with() -> None:
    rising = [np.full(40, weight) for weight in WEIGHTS]

    weight, note = best_weight(rising)

    assert weight == note["most_allowed"] == 0.4
    assert best_weight(rising, judged=[np.ones(5)] * len(WEIGHTS))[0] == 0.4, "five judged queries say nothing"


def test_a_weight_under_which_judged_queries_lose_is_not_taken() -> None:
    rng = np.random.default_rng(5)
    rising = [np.full(40, weight) for weight in WEIGHTS]
    fits = rng.random(30)

    unharmed = best_weight(rising, judged=[fits] * len(WEIGHTS))
    harmed = best_weight(rising, judged=[fits - (weight > 0.2) * 0.1 for weight in WEIGHTS])

    assert unharmed[0] == WEIGHTS[-1]
    assert harmed[0] == 0.2
