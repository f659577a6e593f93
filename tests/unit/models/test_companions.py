"""What could be bought instead, and what is bought together, worked out by hand on a shelf of eight products."""

from fractions import Fraction

import numpy as np
import pytest

from steelyard.domain import NONE, CatalogueFacts, Interactions, Request, Texts
from steelyard.errors import StageError
from steelyard.models.companions.held_out import basket_questions, information, judged, leader, switch_questions
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.companions.switching import looked_at_together, switches
from steelyard.models.companions.together import EVIDENCE, SHRINKAGE, BoughtTogether
from steelyard.models.companions.visits import MAX_BASKET, Baskets, visits, when
from steelyard.models.retrieval.popularity import Popularity
from steelyard.models.retrieval.shortlists import is_clearly_worse

MILK, MILK_LARGE, OAT, BANANA, CEREAL, PETROL, SHAMPOO, SOAP = range(8)
TITLES = (
    "Milk 1 l", "Milk 2 l", "Oat milk 1 l", "Bananas 40 lb", "Cereal 14.5 oz", "Petrol", "Shampoo 14.5 oz", "Soap"
)  # fmt: skip
PATHS = (
    "Grocery > Milk", "Grocery > Milk", "Grocery > Milk", "Fruit > Tropical", "Grocery > Cereal", "Fuel", "Care > Hair",
    "Care > Body",
)  # fmt: skip
FACTS = CatalogueFacts(
    np.arange(8), np.arange(8), np.array([0, 0, 0, 1, 2, 3, 4, 5]), np.ones(8, np.int64), tuple(map(str, range(6)))
)
EMPTY = ("",) * 8
WARES = Wares(Texts(TITLES, EMPTY, PATHS, EMPTY, EMPTY), FACTS, np.array([1.0, 1.9, 1.2, 0.5, 3.0, np.nan, 2.0, 2.0]))
HOUR = 3600.0


def log(*baskets):
    """Events of baskets, given as user, hour and items."""
    rows = sorted((hour * HOUR, user, item) for user, hour, items in baskets for item in items)
    times, users, items = (np.array(column) for column in zip(*rows, strict=True)) if rows else ((), (), ())
    n = len(rows)
    return Interactions(np.array(users, np.int64), np.array(items, np.int64), np.array(times, float), np.ones(n), 4, 8)


BASKETS = log((0, 0, (MILK, CEREAL)), (0, 5, (MILK, CEREAL, BANANA)), (1, 0, (BANANA, SOAP)), (1, 9, (BANANA,)))


def row(ranked):
    return [item for item in ranked.items[0].tolist() if item != NONE]


def test_events_half_an_hour_apart_are_two_visits_and_users_never_share_one():
    number, order = visits(np.array([1, 0, 1, 1]), np.array([0.0, 0.0, 1800.0, 3601.0]))

    assert order.tolist() == [1, 0, 2, 3]
    assert number.tolist() == [0, 1, 1, 2]


def test_a_basket_holds_each_product_once_and_larger_ones_than_any_shoppers_are_left_out():
    many = Interactions(
        np.zeros(MAX_BASKET + 1, np.int64), np.arange(MAX_BASKET + 1), np.zeros(MAX_BASKET + 1),
        np.ones(MAX_BASKET + 1), 1, MAX_BASKET + 1,
    )  # fmt: skip
    baskets = Baskets.of(log((0, 0, (3, 3, 1)), (2, 1, (3,))), np.arange(8))

    assert baskets.products.tolist() == [1, 3, 3]
    assert (baskets.sizes.tolist(), baskets.users.tolist()) == ([2, 1], [0, 2])
    assert len(Baskets.of(many, np.arange(MAX_BASKET + 1))) == 0
    assert len(Baskets.of(log(), np.arange(8))) == 0


def test_only_the_marked_events_are_kept():
    kept = when(BASKETS, np.arange(20) % 2 == 0)

    assert kept.items.tolist() == BASKETS.items[::2].tolist()
    assert when(BASKETS, None) is BASKETS


def test_the_score_is_the_weighted_count_over_both_frequencies():
    model = BoughtTogether(popularity=1.0).fit(BASKETS, seed=0)

    ranked = model.retrieve([Request(items=(MILK,))], k=3)

    milk = [2 + EVIDENCE, Fraction(3, 2), Fraction(1, 2)]  # baskets that hold it, with cereal, with bananas
    cereal, banana = (
        milk[1] / (Fraction(milk[0]) * (2 + int(SHRINKAGE))),
        milk[2] / (Fraction(milk[0]) * (3 + int(SHRINKAGE))),
    )
    assert row(ranked) == [CEREAL, BANANA]
    assert ranked.scores[0][:2].tolist() == pytest.approx([float(cereal), float(banana)], rel=1e-6)


def test_more_correction_moves_what_everybody_buys_down():
    baskets = [(n % 4, n, (MILK, BANANA)) for n in range(0, 600, 3)] + [
        (n % 4, n, (MILK, CEREAL)) for n in range(1, 300, 3)
    ]
    alone = [(n % 4, n, (BANANA, SOAP)) for n in range(601, 4000, 3)]
    model = BoughtTogether(popularity=0.0).fit(log(*baskets, *alone), seed=0)

    plain = row(model.retrieve([Request(items=(MILK,))], k=2))
    corrected = row(model.at(1.0).retrieve([Request(items=(MILK,))], k=2))

    assert (plain, corrected) == ([BANANA, CEREAL], [CEREAL, BANANA])


def test_nothing_of_the_basket_comes_back_nor_its_twins():
    twins = CatalogueFacts(
        np.array([0, 0, 1, 2, 3, 4, 5, 6]),
        np.array([0, 2, 3, 4, 5, 6, 7]),
        FACTS.category,
        FACTS.in_stock,
        FACTS.categories,
    )
    model = BoughtTogether().of_catalogue(twins).fit(BASKETS, seed=0)

    assert row(model.retrieve([Request(items=(CEREAL, BANANA))], k=8)) == [MILK, MILK_LARGE, SOAP]
    assert row(model.retrieve([Request(items=(MILK_LARGE,))], k=8)) == [CEREAL, BANANA]


def test_what_nobody_bought_with_anything_has_an_empty_list():
    model = BoughtTogether().fit(BASKETS, seed=0)

    assert row(model.retrieve([Request(items=(PETROL,))], k=4)) == []
    assert row(BoughtTogether().fit(log(), seed=0).retrieve([Request(items=(MILK,))], k=4)) == []


def test_an_unfitted_or_stored_model_says_what_is_missing():
    with pytest.raises(StageError, match="not fitted"):
        BoughtTogether().retrieve([Request(items=(0,))], k=1)
    with pytest.raises(StageError, match="keeps the strength"):
        BoughtTogether.from_state(BoughtTogether().fit(BASKETS, seed=0).state()).at(0.5)
    with pytest.raises(StageError, match="know no texts"):
        Substitutes().fit(BASKETS, seed=0)
    with pytest.raises(StageError, match="fit_texts"):
        Substitutes().retrieve([Request(items=(0,))], k=1)


@pytest.mark.parametrize("wrong", [{"popularity": -0.1}, {"price": -1.0}, {"prior": 0.0}])
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        Substitutes(**wrong)
    with pytest.raises(ValueError, match="must be in"):
        BoughtTogether(1.5)


def test_a_size_says_nothing_of_what_a_thing_is():
    found = row(Substitutes().fit_texts(WARES).retrieve([Request(items=(SHAMPOO,))], k=4))

    assert CEREAL not in found  # 14.5 oz as well


def test_milk_is_like_milk_before_what_shares_the_department():
    found = row(Substitutes().fit_texts(WARES).retrieve([Request(items=(MILK,))], k=8))

    assert set(found[:2]) == {MILK_LARGE, OAT}
    assert not {PETROL, BANANA, CEREAL} & set(found)  # cereal is a grocery as well, and shares no word


def test_what_is_taken_instead_wins_over_what_reads_alike():
    model = Substitutes(prior=1.0, price=0.0).fit_texts(WARES)
    plain = row(model.retrieve([Request(items=(MILK,))], k=1))
    switched = switches(
        Baskets.of(log(*((u, h, (i,)) for u in range(4) for h, i in ((0, MILK), (2, OAT)))), np.arange(8)),
        FACTS.category,
    )

    learnt = row(model.learn(np.zeros(8), switched).retrieve([Request(items=(MILK,))], k=1))

    assert switched.targets.tolist() == [OAT] * 4
    assert (plain, learnt) == ([MILK_LARGE], [OAT])


def test_the_dearer_thing_is_moved_down():
    dear = Wares(WARES.texts, FACTS, np.array([1.0, 9.0, 1.0, 1, 1, 1, 1, 1]))
    at = {
        price: row(Substitutes(price=price).fit_texts(dear).retrieve([Request(items=(MILK,))], k=1))
        for price in (0.0, 2.0)
    }

    assert at == {0.0: [MILK_LARGE], 2.0: [OAT]}


def test_a_switch_is_what_the_next_visit_takes_of_the_category_unless_it_was_bought_again():
    baskets = log(
        (0, 0, (MILK, BANANA)), (0, 2, (SOAP,)), (0, 4, (OAT,)), (0, 6, (OAT, MILK)), (1, 0, (CEREAL,)), (1, 2, (MILK,))
    )
    found = switches(Baskets.of(baskets, np.arange(8)), FACTS.category)

    assert list(zip(found.sources.tolist(), found.targets.tolist(), strict=True)) == [(MILK, OAT)]
    assert found.times_s.tolist() == [4 * HOUR]
    assert len(found.since(4 * HOUR).sources) == 1
    assert len(found.before(4 * HOUR).sources) == 0


def test_who_stocks_up_and_what_has_no_category_switches_nothing():
    of_one = np.zeros(8, np.int64)
    baskets = Baskets.of(log((0, 0, (0, 1, 2, 3)), (0, 2, (4,)), (0, 4, (5,))), np.arange(8))

    assert switches(baskets, of_one).sources.tolist() == [4]
    assert switches(baskets, np.full(8, -1)).sources.tolist() == []
    assert switches(Baskets.of(log(), np.arange(8)), of_one).sources.tolist() == []


def test_what_is_looked_at_in_one_visit_is_weighed_against_each_other_within_a_category():
    times = np.array([0.0, 60, 120, 180, 9000])
    views = Interactions(np.zeros(5, np.int64), np.array([MILK, OAT, OAT, BANANA, MILK]), times, np.ones(5), 1, 8)

    found = looked_at_together(views, np.arange(8), FACTS.category)

    assert sorted(zip(found.sources.tolist(), found.targets.tolist(), strict=True)) == [(MILK, OAT), (OAT, MILK)]


def test_held_out_baskets_are_judged_by_their_other_products_and_rare_ones_count_more():
    baskets = Baskets.of(BASKETS, np.arange(8))
    asked = basket_questions(baskets, np.arange(8), at_most=10, seed=3)
    bits = information(np.array([0.0, 1, 3, 7]), 7)
    model = BoughtTogether().fit(BASKETS, seed=0)

    figures = judged(model, asked, np.arange(8), np.ones(8))

    assert len(asked) == 3  # one basket holds a single product
    assert bits.tolist() == [3, 2, 1, 0]
    assert figures.recall.tolist() == [1.0, 1.0, 1.0]
    assert (figures.ndcg > 0.9).all()
    assert figures.informed.tolist() == pytest.approx(figures.ndcg.tolist())  # all worth the same
    assert judged(Popularity().fit(log(), seed=0), asked, np.arange(8), np.ones(8)).ndcg.shape == (3,)


def test_a_switch_is_a_question_of_what_was_taken_before():
    found = switches(Baskets.of(log((0, 0, (MILK,)), (0, 2, (OAT,))), np.arange(8)), FACTS.category)

    (asked,) = switch_questions(found, np.arange(8), at_most=5, seed=0)

    assert (asked.item, asked.texts.tolist()) == (MILK, [OAT])


def test_of_values_that_are_level_the_nearest_to_the_default_is_taken():
    level, worse = np.array([1.0, 0.9, 1.0, 0.95]), np.zeros(4)

    assert leader({0.0: level, 0.3: level, 0.5: worse}, at=0.4, is_worse=is_clearly_worse) == 0.3


def test_the_counts_are_the_same_for_every_strength():
    many = Interactions(np.zeros(150, np.int64), np.arange(150), np.zeros(150), np.ones(150), 1, 150)
    model = BoughtTogether(popularity=0.5).fit(many, seed=0)
    before = model.state().arrays["strengths"]

    again = model.at(0.0).at(0.5).state().arrays["strengths"]

    np.testing.assert_array_equal(before, again)
    assert len(again) == 150 * 100
