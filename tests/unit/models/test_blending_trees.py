"""Trees over fused recommenders: what they look at, and that they are grown only where they pay."""

import numpy as np
import pytest

from steelyard.data.tables import ShopTables
from steelyard.domain import NONE, Cases, CatalogueFacts, Interactions, Past, Ranked, Request, Surface, Texts
from steelyard.models.blending.growing import MIN_CASES, Described, learn_trees
from steelyard.models.blending.traits import NAMES, ItemTraits, traits_of
from steelyard.models.blending.tree_fusion import TreeFusion
from steelyard.models.blending.tree_rows import RowMaker, TextLinks
from steelyard.models.blending.weighted import Candidates, Weight, WeightedFusion
from steelyard.models.deriving import Stopwatch
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.tree_arrays import trees_from
from steelyard.models.retrieval.links import Links

DAY = 86_400.0
GROWTH = Growth(leaves=4, least_rows=5, seed=2)


def untold(done, total, what):
    """Nobody wants to know."""


def shop(users, items, days, *, price=None, category=(0, 0, 1)):
    n = len(category)
    log = Interactions(*(np.array(each) for each in (users, items)), np.array(days) * DAY, np.ones(len(items)), 9, n)
    nothing, empty = Cases(Surface.SEARCH, (), (), (), ()), ("",) * n
    facts = CatalogueFacts(np.arange(n), np.arange(n), np.array(category), np.ones(n, int), ("a", "b"))
    texts = Texts(empty, empty, empty, empty, empty)
    cases = (nothing, nothing, nothing, nothing)
    return ShopTables(tuple("abc"[:n]), texts, facts, log, log, *cases, (), price=price)


def column(table, name):
    return table[:, NAMES.index(name)].tolist()


def test_figures_of_items_by_hand():
    users, items, days = [1, 2, 1, 3, 1], [0, 0, 0, 1, 1], [0.0, 50.0, 95.0, 98.0, 100.0]

    found = traits_of(shop(users, items, days, price=np.array([9.0, 3.0, np.nan]))).table

    log = np.log1p
    np.testing.assert_allclose(column(found, "popularity_all"), [1, 1, 0])
    np.testing.assert_allclose(column(found, "popularity_7d"), [log(1) / log(2), 1, 0], rtol=1e-6)
    np.testing.assert_allclose(column(found, "days_since_last"), [5, 0, 3650])
    np.testing.assert_allclose(column(found, "age_days"), [100, 2, 3650])
    np.testing.assert_allclose(column(found, "repeat_share"), [(1 + 5 / 4) / 7, (0 + 5 / 4) / 7, 1 / 4], rtol=1e-6)
    np.testing.assert_allclose(column(found, "log_price"), [log(9), log(3), 0], rtol=1e-6)
    np.testing.assert_allclose(column(found, "price_level"), [np.log(9 / 6), np.log(3 / 6), 0], rtol=1e-6)


def test_a_shop_without_events_or_prices_has_figures_all_the_same():
    found = traits_of(shop([], [], [])).table

    assert found.shape == (3, len(NAMES))
    assert np.isfinite(found).all()


@pytest.fixture(scope="module")
def maker():
    links = Links(np.array([0, 1, 1, 1]), np.array([1]), np.array([0.5], np.float32), np.ones(3, np.float32))
    items = traits_of(shop([1, 2], [0, 1], [0.0, 1.0], price=np.array([9.0, 3.0, 1.0])))
    return RowMaker(["one", "two"], items, TextLinks(links, np.arange(3)))


def fused(items=(0, 1, 2)):
    raw = np.array([[3.0, np.nan, 1.0], [np.nan, 8.0, np.nan]])
    scaled = np.array([[1.0, 0.0, 1 / 3], [0.0, 1.0, 0.0]])
    return Candidates(np.array(items), raw, scaled, np.array([0.5, 0.5]) @ scaled)


def test_rows_say_what_members_the_item_and_the_shopper_are(maker):
    past = Past((0, 0, 1), (0.0, 2 * DAY, 3 * DAY))
    request = Request(history=(1, 0), past=past, asked_s=5 * DAY)

    rows = dict(zip(maker.names, maker.rows(request, fused(), np.array([1, 0, 2])).T.tolist(), strict=True))

    assert rows["one score"] == pytest.approx([0, 1, 1 / 3])
    assert rows["one raw"] == [-1, 3, 1]
    assert rows["one rank"] == [0, 1, 1 / 2]
    assert rows["two rank"] == [1, 0, 0]
    assert rows["lists"] == [1, 1, 1]
    assert rows["fused_place"] == [0, 1, 2]
    assert rows["category_share"] == [1, 1, 0]
    assert rows["past_times"] == [1, 2, 0]
    assert rows["past_days"] == [2, 3, -1]
    assert rows["text_last"] == [0.5, 1, 0]
    assert rows["text_recent"] == [1.5, 1, 0]
    assert rows["own_repeat_share"] == pytest.approx([1 / 3] * 3)
    assert rows["idle_days"] == [2] * 3
    assert rows["history"] == [2] * 3
    assert rows["categories"] == [1] * 3
    assert rows["hour"] == [0] * 3
    assert rows["weekday"] == [(5 + 3) % 7] * 3
    assert len(maker.groups) == len(maker.names)


def test_somebody_of_whom_nothing_is_known_has_a_row_too(maker):
    found = maker.rows(Request(), fused(), np.array([0]))
    strange = maker.rows(Request(history=(99,), items=(-1, 99)), fused(), np.array([0]))

    assert np.isfinite(found).all()
    assert np.isfinite(strange).all()


def described(n, *, tells, seed=1):
    """Cases of five candidates, one right; with ``tells`` the second feature says which."""
    rng = np.random.default_rng(seed)
    right = rng.integers(0, 5, n)
    rows = rng.random((n, 5, 2)).astype(np.float32)
    if tells:
        rows[np.arange(n), right, 1] += 1
    gains = np.zeros((n, 5))
    gains[np.arange(n), right] = 1
    return Described(rows.reshape(-1, 2), gains.ravel(), np.full(n, 5), np.ones(n))


def learnt(cases, n):
    return learn_trees(cases, GROWTH, n_cases=n, names=("noise", "signal"), progress=untold)


def test_trees_are_kept_where_held_out_users_gain():
    found = learnt(described(110, tells=True), 150)

    assert found.forest is not None
    assert found.note["after"] > 0.95 * 110 / 150
    assert found.note["gain"] > 2 * found.note["error"]
    assert found.note["looked_at"]["signal"] > 0.9


def test_trees_that_gain_nothing_are_refused_and_so_are_too_few_cases():
    noise, few = learnt(described(110, tells=False), 110), learnt(described(MIN_CASES - 1, tells=True), 200)

    assert (noise.forest, noise.note["why"]) == (None, "no_gain")
    assert (few.forest, few.note["why"]) == (None, "few_cases")


class Numbered:
    """Offers the items below ten, the lower the better, to whoever is not kept from them."""

    def retrieve(self, requests, *, k):
        items, scores = np.full((len(requests), k), NONE), np.full((len(requests), k), -np.inf)
        for row, request in enumerate(requests):
            found = [item for item in range(10) if item not in request.exclude][:k]
            items[row, : len(found)], scores[row, : len(found)] = found, [10.0 - item for item in found]
        return Ranked(items, scores)

    def explain(self, request, items):
        return [[] for _ in items]


@pytest.fixture(scope="module")
def model():
    """Trees that have learnt that dear items are right."""
    traits = ItemTraits(np.zeros((10, len(NAMES)), np.float32), np.full(10, NONE))
    traits.table[:, NAMES.index("log_price")] = np.arange(10) % 5
    rows = RowMaker(["numbered"], traits, None)
    weighted = WeightedFusion([Weight("numbered", 1.0, "max", 1.0, {})], [Numbered()], listed=8)
    described = [
        rows.rows(Request(), weighted.candidates(Request(), weighted.lists([Request()], k=8), 0), np.arange(8))
    ] * 120
    right = (described[0][:, rows.names.index("log_price")] == 4).astype(float)
    cases = Described(np.concatenate(described), np.tile(right, 120), np.full(120, 8), np.ones(120))
    forest = learn_trees(cases, GROWTH, n_cases=120, names=rows.names, progress=untold).forest
    assert forest is not None
    return TreeFusion(weighted, rows, open_forest(forest.graph(), trees_from(forest.trees())), candidates=6)


def test_the_best_by_weights_are_put_in_order_and_the_others_follow(model):
    found = model.retrieve([Request(), Request(exclude=(4,)), Request(exclude=tuple(range(10)))], k=10)

    assert found.items[0, 0] == 4
    assert sorted(found.items[0, :6].tolist()) == [0, 1, 2, 3, 4, 5]
    assert found.items[0, 6:].tolist() == [6, 7, 8, 9]
    assert (np.diff(found.scores[0]) <= 0).all()
    assert 4 not in found.items[1]
    assert (found.items[2] == NONE).all()
    np.testing.assert_array_equal(model.retrieve([Request()], k=3).items[0], found.items[0, :3])


def test_what_trees_add_by_kind_of_feature_adds_up(model):
    ranked = model.retrieve([Request()], k=10)

    told = model.derivation(Request(), ranked.items[0], depth=10, watch=Stopwatch(iter(range(99)).__next__))

    for item, score in zip(told.items, ranked.scores[0].tolist(), strict=True):
        assert item.score == pytest.approx(score, abs=1e-6)
        assert sum(part.value for part in item.parts) == pytest.approx(score, abs=1e-6)
    first = {part.of: part.value for part in told.items[0].parts}
    assert first["item"] > 0
    assert [feature.name for feature in told.items[0].features] == list(model.rows.names)
    assert not told.items[-1].features
