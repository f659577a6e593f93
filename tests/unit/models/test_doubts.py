"""What others dislike is held back where the held-out purchases say so, and only there."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from steelyard.models.retrieval.doubts import kept_shares
from steelyard.models.retrieval.neighbours import ItemKnnOptions, ItemKnnRecipe, ItemNeighbours, tune_neighbours
from steelyard.models.retrieval.popularity import Popularity, PopularityOptions, PopularityRecipe, tune_dislikes
from steelyard.models.retrieval.shortlists import mean_ndcg
from steelyard.testing.toy_shop import toy_shop

SHOP = toy_shop(seed=4, n_users=300)
LOG, N = SHOP.interactions, SHOP.interactions.n_items
LIKERS = np.bincount(LOG.items, minlength=N)
BAD = np.arange(N) % 16 % 4 == 0  # the best seller of each segment, and some that sell less
GIVEN = {"decay": 0.6, "max_neighbours": 200, "shrinkage": 1.0, "popularity": 0.0}


def word_gets_round():
    """Three in four buyers of a bad item come to dislike it, and in the held-out time nobody buys it any more."""
    kept = tuple(relevant[~BAD[relevant]] for relevant in SHOP.cases.relevant)
    cases = replace(SHOP.cases, relevant=kept, gains=tuple(np.ones(len(each)) for each in kept))
    return np.where(BAD, 3 * LIKERS, 0), cases


def at_random(seed=0):
    """As many dislike something, whatever it is, and buy on as before."""
    random = np.random.default_rng(seed)
    return random.multinomial(3 * LIKERS[BAD].sum(), LIKERS / LIKERS.sum()), SHOP.cases


def strengths(dislikers, cases):
    kept = kept_shares(LOG, dislikers)
    knn = tune_neighbours(LOG, cases, given=GIVEN, kept=kept)
    return knn["dislikes"], tune_dislikes(LOG, cases, kept=kept, half_life_days=None)["dislikes"], kept


def test_dislikes_that_foretell_what_others_do_hold_an_item_back_from_all():
    dislikers, cases = word_gets_round()

    knn, popular, kept = strengths(dislikers, cases)

    assert knn > 0
    assert popular > 0
    for plain, own in (
        (ItemNeighbours(**GIVEN), ItemNeighbours(**GIVEN, dislikes=knn)),
        (Popularity(), Popularity(dislikes=popular)),
    ):
        before, after = (mean_ndcg(m.with_kept(kept).fit(LOG, seed=0), cases) for m in (plain, own))
        assert after > 1.1 * before


@pytest.mark.parametrize("seed", range(3))
def test_dislikes_that_foretell_nothing_count_nothing(seed):
    knn, popular, _ = strengths(*at_random(seed))

    assert (knn, popular) == (0.0, 0.0)


def test_a_share_is_drawn_to_the_shops_own_and_only_ever_takes_away():
    items = np.array([0] * 30 + [1] * 10)
    users, ones = np.arange(40), np.ones(40)
    log = replace(LOG, users=users, items=items, times_s=ones, weights=ones, n_users=40, n_items=3)

    kept = kept_shares(log, np.array([0, 10, 0]))

    # usual: 10 of 50; of the second item 10 + 4 of 20 + 20, and nothing of the first, which is disliked less than usual
    assert kept.tolist() == pytest.approx([1.0, (1 - 14 / 40) / (1 - 10 / 50), 1.0])
    assert kept_shares(log, None) is None
    assert kept_shares(log, np.zeros(3, np.int64)) is None
    assert kept_shares(log, np.array([6, 2, 1])) is not None


def test_without_a_strength_nothing_changes():
    kept = kept_shares(LOG, word_gets_round()[0])

    for made in (ItemNeighbours, Popularity):
        plain, own = made().fit(LOG, seed=0), made().with_kept(kept).fit(LOG, seed=0)
        requests = SHOP.cases.requests[:9]
        np.testing.assert_array_equal(plain.retrieve(requests, k=9).items, own.retrieve(requests, k=9).items)


@pytest.mark.parametrize(
    ("recipe", "options"), [(ItemKnnRecipe(), ItemKnnOptions(**{"neighbours": 200, "shrinkage": 1, "popularity": 0})),
    (PopularityRecipe(), PopularityOptions(half_life_days=30))],
)  # fmt: skip
def test_the_recipes_tune_it_on_what_was_known_then_and_fit_with_what_is_known_now(recipe, options):
    dislikers, cases = word_gets_round()
    shop = SimpleNamespace(learn=LOG, learn_all=LOG, recommend_tuning=cases, dislikers=(dislikers, dislikers))
    bench = SimpleNamespace(shop=shop, seed=0)

    tuned = recipe.tune(bench, options)
    state = recipe.fit(bench, options, tuned)
    without = recipe.fit(bench, options.model_copy(update={"dislikes": 0.0}), {**tuned, "dislikes": 0.0})
    nobody = SimpleNamespace(shop=SimpleNamespace(**{**vars(shop), "dislikers": None}), seed=0)

    assert tuned["dislikes"] > 0
    assert "dislikes" not in recipe.tune(nobody, options)
    name = "scores" if "scores" in state.arrays else "strengths"
    assert not np.array_equal(state.arrays[name], without.arrays[name])
    np.testing.assert_array_equal(recipe.fit(nobody, options, tuned).arrays[name], without.arrays[name])
