from dataclasses import replace

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.parts import DirectoryParts
from steelyard.domain import NONE, CatalogueFacts, Configuration, Ranked, Reason, Request, Surface
from steelyard.errors import ConfigError
from steelyard.models.pipeline import Pipeline, catalogue_from_state, catalogue_state, open_pipeline
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.testing import toy_shop


class Fixed:
    """A retriever that offers the same list to everybody, best first."""

    def __init__(self, numbers, *, kind="fixed"):
        self.numbers = list(numbers)
        self.kind = kind
        self.asked = []

    def retrieve(self, requests, *, k):
        self.asked.append((tuple(requests), k))
        row = (self.numbers + [NONE] * k)[:k]
        scores = [-np.inf if n == NONE else float(len(self.numbers) - place) for place, n in enumerate(row)]
        return Ranked(np.array([row] * len(requests)), np.array([scores] * len(requests)))

    def explain(self, request, items):
        return [[Reason(self.kind, 1.0)] if item in self.numbers else [] for item in items.tolist()]


def facts(n_items, *, text_of_item=None, representative=None, in_stock=None, category=None):
    number = np.arange(n_items)
    return CatalogueFacts(
        number if text_of_item is None else np.asarray(text_of_item),
        number if representative is None else np.asarray(representative),
        np.full(n_items, -1) if category is None else np.asarray(category),
        np.ones(n_items, np.int64) if in_stock is None else np.asarray(in_stock),
        (),
    )


def recommend(retriever, n_items=10, *, fallback=None, **kwargs):
    return Pipeline(retriever, facts(n_items, **kwargs), surface=Surface.RECOMMEND, fallback=fallback)


def test_search_answers_with_the_items_that_stand_for_the_texts():
    shop = facts(5, text_of_item=[0, 0, 1, 1, 2], representative=[1, 2, 4])
    pipeline = Pipeline(Fixed([2, 0]), shop, surface=Surface.SEARCH)

    ranked = pipeline.answer([Request(query="kettle")], k=3)

    assert ranked.items[0].tolist() == [4, 1, NONE]
    assert ranked.scores[0].tolist() == [2, 1, -np.inf]


def test_search_does_not_pass_item_numbers_to_a_retriever_of_texts():
    retriever = Fixed([0])
    pipeline = Pipeline(retriever, facts(3), surface=Surface.SEARCH)

    pipeline.answer([Request(query="kettle", exclude=(2,), history=(1,))], k=1)

    assert retriever.asked[0][0] == (Request(query="kettle"),)


def test_search_results_that_are_excluded_or_out_of_stock_do_not_show():
    pipeline = Pipeline(Fixed([0, 1, 2]), facts(3, in_stock=[1, 0, 1]), surface=Surface.SEARCH)

    assert pipeline.answer([Request(query="kettle", exclude=(0,))], k=2).items[0].tolist() == [2, NONE]


def test_it_looks_deeper_when_the_rules_leave_too_few():
    n_items = 1000
    in_stock = np.zeros(n_items, np.int64)
    in_stock[[700, 900]] = 1
    retriever = Fixed(range(n_items))

    ranked = recommend(retriever, n_items, in_stock=in_stock).answer([Request(history=(3,))], k=2)

    assert ranked.items[0].tolist() == [700, 900]


def test_only_the_requests_that_need_more_are_asked_again():
    class Half(Fixed):
        def retrieve(self, requests, *, k):
            found = super().retrieve(requests, k=k)
            for row, request in enumerate(requests):
                found.items[row, 3 if request.history == (0,) else k :] = NONE
            return found

    retriever = Half(range(50))
    pipeline = recommend(retriever, 50, in_stock=[0] * 10 + [1] * 40)

    pipeline.answer([Request(history=(0,)), Request(history=(1,))], k=2)

    assert [len(asked) for asked, _ in retriever.asked[1:]] == [1] * (len(retriever.asked) - 1)


def test_a_short_recommendation_is_filled_from_the_fallback_with_falling_scores():
    pipeline = recommend(Fixed([7, 8]), fallback=Fixed([8, 1, 2, 3]))

    ranked = pipeline.answer([Request(history=(9,))], k=5)

    assert ranked.items[0].tolist() == [7, 8, 1, 2, 3]
    np.testing.assert_allclose(ranked.scores[0], [2, 1, 0.75, 0.5, 0.25])


def test_a_new_user_gets_what_is_popular_with_its_own_scores():
    ranked = recommend(Fixed([]), fallback=Fixed([4, 5])).answer([Request()], k=3)

    assert ranked.items[0].tolist() == [4, 5, NONE]
    assert ranked.scores[0].tolist() == [2, 1, -np.inf]


def test_the_fallback_obeys_the_rules_and_looks_deeper_too():
    in_stock = [0] * 90 + [1] * 10
    pipeline = recommend(Fixed([]), 100, fallback=Fixed(range(100)), in_stock=in_stock)

    assert pipeline.answer([Request(history=(90,))], k=3).items[0].tolist() == [91, 92, 93]


def test_similar_items_stay_short_rather_than_show_what_does_not_belong():
    ranked = recommend(Fixed([7]), fallback=Fixed([1, 2])).answer([Request(items=(0,))], k=2)

    assert ranked.items[0].tolist() == [7, NONE]


def test_a_category_cap_holds_over_retrieved_and_filled_items():
    pipeline = recommend(Fixed([0, 1]), fallback=Fixed([2, 3, 4]), category=[0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    pipeline.rules = Rules(category_cap=1)

    assert pipeline.answer([Request(history=(9,))], k=4).items[0].tolist() == [0, 3, NONE, NONE]


def test_a_batch_equals_its_rows_one_by_one():
    shop = toy_shop(seed=4)
    pipeline = Pipeline(
        ItemNeighbours().fit(shop.interactions, seed=0),
        shop.facts,
        surface=Surface.RECOMMEND,
        fallback=Popularity().fit(shop.interactions, seed=0),
    )
    requests = [*shop.cases.requests[:20], Request(), Request(items=(1,))]

    batch = pipeline.answer(requests, k=8)

    for row, request in enumerate(requests):
        alone = pipeline.answer([request], k=8)
        np.testing.assert_array_equal(batch.items[row], alone.items[0])
        np.testing.assert_array_equal(batch.scores[row], alone.scores[0])


def test_reasons_come_from_the_retriever_and_else_from_the_fallback():
    pipeline = recommend(Fixed([7], kind="bought_together"), fallback=Fixed([1], kind="popular"))

    reasons = pipeline.explain(Request(history=(9,)), np.array([7, 1, 5, NONE]))

    assert [[reason.kind for reason in of_item] for of_item in reasons] == [["bought_together"], ["popular"], [], []]


def test_reasons_of_search_are_asked_for_texts():
    shop = facts(4, text_of_item=[0, 0, 1, 1], representative=[1, 3])
    pipeline = Pipeline(Fixed([1], kind="matches_words"), shop, surface=Surface.SEARCH)

    reasons = pipeline.explain(Request(query="kettle"), np.array([3, 1]))

    assert [len(of_item) for of_item in reasons] == [1, 0]


def test_a_list_of_no_length_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        recommend(Fixed([1])).answer([Request()], k=0)


def test_more_than_the_catalogue_holds_is_padded():
    ranked = recommend(Fixed([0, 1]), 2).answer([Request()], k=5)

    assert ranked.items[0].tolist() == [0, 1, NONE, NONE, NONE]


def test_the_catalogue_comes_back_from_its_state():
    shop = toy_shop()

    back = catalogue_from_state(catalogue_state(shop.facts))

    for name in ("text_of_item", "representative", "category", "in_stock"):
        np.testing.assert_array_equal(getattr(back, name), getattr(shop.facts, name))
    assert back.categories == shop.facts.categories


@pytest.fixture
def stored(tmp_path):
    shop = toy_shop(seed=5)
    store = Artefacts(tmp_path)
    store.write_state("parts/recommend/item-knn.full", ItemNeighbours().fit(shop.interactions, seed=0).state())
    store.write_state("parts/recommend/popularity", Popularity().fit(shop.interactions, seed=0).state())
    store.write_state("parts/catalogue", catalogue_state(shop.facts))
    roles = {
        "model": "parts/recommend/item-knn.full",
        "catalogue": "parts/catalogue",
        "fallback": "parts/recommend/popularity",
    }
    return shop, Configuration("item-knn-full", Surface.RECOMMEND, "item-knn", roles), DirectoryParts(store.path, roles)


def test_a_stored_configuration_is_opened_with_its_options(stored):
    shop, configuration, parts = stored
    options = {"retriever": {"decay": 0.7}, "rules": {"category_cap": 2}, "candidates": 30}

    pipeline = open_pipeline(replace(configuration, options=options), parts)

    assert pipeline.retriever.decay == 0.7
    assert pipeline.rules == Rules(category_cap=2)
    assert pipeline.candidates == 30
    assert (pipeline.answer([Request(), shop.cases.requests[0]], k=10).items != NONE).all()


def test_an_option_nobody_knows_is_refused(stored):
    _, configuration, parts = stored

    with pytest.raises(ConfigError, match="candidate"):
        open_pipeline(replace(configuration, options={"candidate": 30}), parts)
