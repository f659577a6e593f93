from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from steelyard.compression.neighbours import prune_neighbours
from steelyard.domain import NONE, Cases, Interactions, Request, Surface
from steelyard.errors import StageError
from steelyard.models.recipe import REFUSED, Plan
from steelyard.models.retrieval.link_batches import MANY, TuningCases, link_matrix
from steelyard.models.retrieval.neighbours import (
    ItemKnnRecipe,
    ItemNeighbours,
    latest_events,
    tune_decay,
    tune_neighbours,
)
from steelyard.models.retrieval.shortlists import is_clearly_worse, mean_ndcg
from steelyard.testing import toy_shop
from steelyard.testing.recipe_contract import toy_config

BEAUTY = Path(__file__).parents[3] / "../shared/data/amazon-reviews/beauty.sequences.parquet"


def log(*sequences, n_items=8):
    users = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
    items = np.array([item for s in sequences for item in s], dtype=np.int64)
    times = np.concatenate([np.arange(len(s), dtype=float) for s in sequences])
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), len(sequences), n_items)


def score_of(model, request, item):
    ranked = model.retrieve([request], k=8)
    return ranked.scores[0][ranked.items[0].tolist().index(item)]


def test_what_follows_at_once_counts_co_occurrence_and_direction():
    model = ItemNeighbours(0.5).fit(log([0, 1], [0, 1], [1, 2]), seed=0)

    found = score_of(model, Request(history=(0,)), 1)

    # n_0 = 2, n_1 = 3, two users took both, both took 1 right after 0
    assert found == pytest.approx(2 / (sqrt(6) + 20) + 2 / (sqrt(6) + 10), rel=1e-6)


def test_what_came_before_counts_co_occurrence_only():
    model = ItemNeighbours(0.5).fit(log([0, 1], [0, 1], [1, 2]), seed=0)

    assert score_of(model, Request(history=(1,)), 0) == pytest.approx(2 / (sqrt(6) + 20), rel=1e-6)


def test_direction_fades_with_the_gap_and_ends_after_five_steps():
    model = ItemNeighbours(0.5).fit(log([0, 1, 2, 3, 4, 5, 6]), seed=0)

    found = [score_of(model, Request(history=(0,)), item) for item in (1, 3, 5, 6)]

    np.testing.assert_allclose(found, [1 / 21 + 1 / 11, 1 / 21 + 1 / 33, 1 / 21 + 1 / 55, 1 / 21], rtol=1e-6)


def test_older_items_of_the_history_count_less_by_the_decay():
    model = ItemNeighbours(0.5).fit(log([0, 2], [1, 2]), seed=0)

    found = score_of(model, Request(history=(0, 1)), 2)

    one = 1 / (sqrt(2) + 20) + 1 / (sqrt(2) + 10)
    assert found == pytest.approx(one + 0.5 * one, rel=1e-6)


def test_items_asked_about_count_alike_and_win_over_the_history():
    model = ItemNeighbours(0.5).fit(log([0, 2], [1, 2], [3, 4]), seed=0)

    found = score_of(model, Request(items=(0, 1), history=(3,)), 2)

    one = 1 / (sqrt(2) + 20) + 1 / (sqrt(2) + 10)
    assert found == pytest.approx(2 * one, rel=1e-6)
    assert 4 not in model.retrieve([Request(items=(0, 1), history=(3,))], k=8).items


def test_a_user_who_buys_a_thing_weekly_counts_once_and_at_the_last_time():
    users, items = latest_events(log([0, 1, 0, 2, 0]), at_most=10)

    assert (users.tolist(), items.tolist()) == ([0, 0, 0], [1, 2, 0])


def test_only_the_latest_events_of_a_user_count():
    users, items = latest_events(log([0, 1, 2, 3], [4, 5]), at_most=2)

    assert (users.tolist(), items.tolist()) == ([0, 0, 1, 1], [2, 3, 4, 5])


def test_only_the_strongest_neighbours_are_kept():
    events = log([0, 1], [0, 1], [0, 2], [0, 3])

    model = ItemNeighbours(max_neighbours=2).fit(events, seed=0)

    assert model.retrieve([Request(history=(0,))], k=3).items[0].tolist() == [1, 2, NONE]


def test_many_small_blocks_give_what_one_block_gives(monkeypatch):
    events = toy_shop(seed=1).interactions
    whole = ItemNeighbours().fit(events, seed=0).state()
    monkeypatch.setattr("steelyard.models.retrieval.neighbours._BLOCK_PAIRS", 40)

    pieces = ItemNeighbours().fit(events, seed=0).state()

    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(array, pieces.arrays[name])


def test_reasons_name_the_items_of_the_history_by_their_share():
    model = ItemNeighbours(0.5).fit(log([0, 2], [1, 2], [3, 4]), seed=0)

    (reasons,) = model.explain(Request(history=(3, 0, 1)), np.array([2]))

    assert [(reason.kind, reason.item) for reason in reasons] == [("bought_together", 1), ("bought_together", 0)]
    assert [reason.contribution for reason in reasons] == pytest.approx([2 / 3, 1 / 3])


def test_what_nothing_links_to_has_no_reason():
    model = ItemNeighbours().fit(log([0, 1]), seed=0)

    assert model.explain(Request(history=(0,)), np.array([5])) == [[]]
    assert model.explain(Request(), np.array([1])) == [[]]


def turned(n, *, to):
    """Shoppers whose latest item led to ``to``, against what the item before it leads to more often."""
    return Cases(
        Surface.RECOMMEND, ("a",) * n, (Request(history=(0, 1)),) * n, (np.array([to]),) * n, (np.ones(1),) * n
    )


HABITS = log(*[[0, 2]] * 8, *[[1, 3]] * 3)


def test_where_only_the_latest_item_counts_a_small_decay_is_found():
    assert tune_decay(HABITS, turned(20, to=3)) == {"decay": 0.4}


def test_where_old_items_count_a_decay_that_does_as_well_as_any_stays_the_default():
    assert tune_decay(HABITS, turned(20, to=2)) == {"decay": 0.6}


def test_what_is_beaten_by_less_than_its_error_is_not_clearly_worse():
    ahead = np.array([1.0, 0.0, 1.0, 0.0])

    assert not is_clearly_worse(np.array([1.0, 0.0, 0.0, 0.5]), ahead)
    assert is_clearly_worse(np.zeros(4), np.full(4, 0.1))
    assert is_clearly_worse(np.array([0.0, 0.0, 0.0, 0.0]), ahead)


def test_a_tuned_option_wins_over_the_stored_one():
    state = ItemNeighbours(0.5).fit(log([0, 1]), seed=0).state()

    class Stored:
        def state(self, role):
            return {"model": state}[role]

    assert ItemKnnRecipe().open(Stored(), {"decay": 0.7}).decay == 0.7
    assert ItemKnnRecipe().open(Stored(), {}).decay == 0.5


def test_recommendations_stay_in_the_segment_of_the_shopper():
    for seed in range(5):
        shop = toy_shop(seed=seed, loyalty=1.0)
        model = ItemNeighbours().fit(shop.interactions, seed=0)

        ranked = model.retrieve(shop.cases.requests, k=5)

        for items, request in zip(ranked.items, shop.cases.requests, strict=True):
            found = items[items != NONE]
            assert set(shop.segment_of_item[found]) <= set(shop.segment_of_item[list(request.history)])


def test_an_unfitted_model_says_what_to_do():
    with pytest.raises(StageError, match="call fit"):
        ItemNeighbours().retrieve([Request(history=(0,))], k=1)


@pytest.mark.parametrize("decay", [0, -1, 1.1])
def test_a_decay_outside_its_range_is_refused(decay):
    with pytest.raises(ValueError, match="decay"):
        ItemNeighbours(decay)


@pytest.mark.skipif(not BEAUTY.exists(), reason=f"the Amazon Beauty sequences are not at {BEAUTY}")
def test_published_quality_is_reached_on_beauty():
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.connect().execute("select items from read_parquet(?)", [str(BEAUTY)]).fetchall()
    sequences = [row[0] for row in rows]
    n_items = max(map(max, sequences)) + 1
    model = ItemNeighbours(0.6, max_neighbours=None).fit(log(*(s[:-2] for s in sequences), n_items=n_items), seed=0)
    asked = range(0, len(sequences), 8)

    requests = [Request(history=tuple(sequences[u][:-1]), exclude=tuple(sequences[u][:-1])) for u in asked]
    found = model.retrieve(requests, k=10).items == np.array([sequences[u][-1] for u in asked])[:, None]

    ndcg = (found / np.log2(np.arange(2, 12))).sum(axis=1)
    # .0520 over all users; three standard errors of an eighth of them are .012
    assert ndcg.mean() == pytest.approx(0.052, abs=3 * ndcg.std() / sqrt(len(ndcg)))


def test_where_no_size_is_clearly_better_the_list_stays_as_it_was():
    found = tune_neighbours(HABITS, turned(20, to=2))

    assert found == {"decay": 0.6, "max_neighbours": 200, "shrinkage": 1.0, "popularity": 0.0, "cases": 20}


def test_a_list_that_is_cut_short_wins_where_the_rest_of_it_misleads(monkeypatch):
    monkeypatch.setattr("steelyard.models.retrieval.neighbours.SIZES", (1, 200))
    # 0 leads to 2 and 1 to 3, each firmly; both lead faintly to 4, which together is more than either.
    events = log(*[[0, 2]] * 6, *[[1, 3]] * 6, *[[0, 4]] * 5, *[[1, 4]] * 5)

    found = tune_neighbours(events, turned(20, to=3), given={"decay": 1.0, "shrinkage": 1.0, "popularity": 0.0})

    assert found["max_neighbours"] == 1


def test_what_the_shop_sets_is_not_tuned():
    given = {"decay": 0.9, "max_neighbours": 7, "shrinkage": 2.0, "popularity": 0.5}

    assert tune_neighbours(HABITS, turned(20, to=3), given=given) == {**given, "cases": 20}


def test_at_most_so_many_cases_are_looked_at_and_the_seed_draws_them(monkeypatch):
    monkeypatch.setattr("steelyard.models.retrieval.link_batches.MOST_CASES", 5)

    first, again = (TuningCases(turned(20, to=3), n_items=8, seed=1) for _ in range(2))

    assert (len(first.requests), first.n_all) == (5, 20)
    assert first.requests == again.requests


def test_tuning_judges_as_the_model_answers():
    shop = toy_shop(seed=3)
    model = ItemNeighbours(0.6).fit(shop.interactions, seed=0)
    asked = TuningCases(shop.cases, n_items=shop.interactions.n_items, seed=0)

    found = asked.ndcgs(asked.interests.rows(0.6), link_matrix(model.links_))

    assert found.mean() == pytest.approx(mean_ndcg(model, shop.cases), rel=1e-12)


def test_shrinkage_and_popularity_count_as_the_formula_says():
    events = log([0, 1], [0, 1], [1, 2])

    model = ItemNeighbours(0.5, shrinkage=2.0, popularity=0.5).fit(events, seed=0)

    expected = 3**0.5 * (2 / (sqrt(6) + 40) + 2 / (sqrt(6) + 20))
    assert score_of(model, Request(history=(0,)), 1) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("bits", [None, 8])
def test_a_large_batch_equals_its_requests_one_by_one_to_the_last_bit(bits):
    shop = toy_shop(seed=2)
    model = ItemNeighbours(0.7).fit(shop.interactions, seed=0)
    if bits:
        model = ItemNeighbours.from_state(prune_neighbours(model.state(), n=5, bits=bits))
    asked = (*shop.cases.requests, Request(), Request(items=(1, 2)), Request(history=(10**6, 3), exclude=(4,)))
    requests = (list(asked) * MANY)[: 2 * MANY + 1]

    batch = model.retrieve(requests, k=7)

    for row, request in enumerate(requests):
        alone = model.retrieve([request], k=7)
        np.testing.assert_array_equal(batch.items[row], alone.items[0])
        np.testing.assert_array_equal(batch.scores[row], alone.scores[0])


def tuned_of(form):
    variants = ItemKnnRecipe().variants(Plan(toy_config(), ItemKnnRecipe.options()))
    return next(variant.tuned for variant in variants if variant.name == f"item-knn-{form}")


def told(form, kept):
    """What the tuned part of one form says where tuning keeps so many neighbours."""

    class Bench:
        def values(self, part):
            return {"decay": 0.6, "max_neighbours": kept}

    return tuned_of(form).make(Bench())


def test_a_form_that_holds_no_more_than_a_smaller_one_is_left_out():
    assert "20" in told("50x8bit", 20)[REFUSED]["en"]
    assert REFUSED not in told("50x8bit", 50)
    assert tuned_of("20x8bit").name == tuned_of("full").name  # nothing smaller could hold them


@pytest.mark.parametrize("options", [{"shrinkage": 0}, {"shrinkage": float("nan")}, {"max_neighbours": 0}])
def test_an_option_outside_its_range_is_refused(options):
    with pytest.raises(ValueError, match="must be"):
        ItemNeighbours(**options)
