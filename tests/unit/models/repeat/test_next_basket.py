"""The next basket: own habits, people alike, popularity and what completes a basket; nothing of a person is kept."""

import numpy as np
import pytest

from steelyard.domain import Cases, Interactions, Past, Request, Surface
from steelyard.errors import StageError
from steelyard.models.repeat.baskets import Baskets
from steelyard.models.repeat.frequency import frequency, tune_frequency
from steelyard.models.repeat.habits import Decay
from steelyard.models.repeat.links_of_baskets import links_in_baskets, links_of_people
from steelyard.models.repeat.next_basket import NextBasket, Weights
from steelyard.models.repeat.tuning import tune_weights

N = 8


def events(rows, *, n_items=N):
    """Rows of user, item and time."""
    rows = sorted(rows, key=lambda row: row[2])
    users, items, times = (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.empty(0, int)] * 3
    n_users = int(users.max()) + 1 if rows else 0
    return Interactions(users, items, times.astype(float), np.ones(len(rows)), n_users, n_items)


# Milk (0) and bread (1) go into one basket; tea (2) is bought by those who buy bread; 3 is popular, but never again.
LOG = [
    *[(0, 0, 1), (0, 1, 1), (0, 0, 2), (0, 1, 2), (0, 2, 3)],
    *[(1, 0, 1), (1, 1, 1), (1, 2, 4)],
    *[(2, 3, 1)],
    *[(3, 3, 1)],
    *[(4, 3, 1)],
    *[(5, 3, 2), (5, 4, 2)],
]


def past(*pairs, **more):
    return Request(past=Past(tuple(i for i, _ in pairs), tuple(float(t) for _, t in pairs)), **more)


@pytest.fixture(scope="module")
def model():
    return NextBasket().fit(events(LOG), seed=0)


def top(model, request, k=3):
    return model.retrieve([request], k=k).items[0].tolist()


def test_frequency_counts_baskets_breaks_ties_by_popularity_and_goes_on_with_it():
    plain = frequency().fit(events(LOG), seed=0)

    assert top(plain, past((4, 1), (4, 2), (2, 3), (1, 4)), k=6) == [4, 1, 2, 3, 0, 5]


def test_a_decay_lets_the_latest_baskets_count_more():
    request = past((4, 1), (4, 2), (5, 3), (6, 4), (2, 5))

    assert top(frequency(0.5).fit(events(LOG), seed=0), request, k=1) == [2]
    assert top(frequency().fit(events(LOG), seed=0), request, k=1) == [4]


def test_a_decay_out_of_range_is_refused():
    with pytest.raises(ValueError, match="decay must be in"):
        frequency(0)


def test_what_people_alike_buy_is_offered_before_what_is_popular(model):
    assert top(model.weighing(Weights(people=0.5, popularity=0.01)), past((1, 1)), k=4) == [1, 0, 2, 3]


def test_links_of_people_are_everybodys_vectors_by_cosine():
    baskets = Baskets.of(events(LOG), at_most=99)
    decay = Decay(0.5, 1.0, 9)

    links = links_of_people(baskets, decay=decay, most_items=99, max_neighbours=99)

    vectors = np.zeros((6, N))
    for user, item, age in zip(baskets.users, baskets.items, baskets.ages, strict=True):
        vectors[user, item] += 0.5**age
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    own = vectors[0]
    ids, sums = links.totals(np.arange(N), own)
    expected = own @ (vectors.T @ vectors - np.diag(np.diag(vectors.T @ vectors)))
    dense = np.zeros(N)
    dense[ids] = sums
    assert dense == pytest.approx(expected, abs=1e-6)


def test_links_in_baskets_are_shares_of_baskets():
    links = links_in_baskets(Baskets.of(events(LOG), at_most=99), most_items=99, max_neighbours=99)

    ids, sums = links.totals(np.array([0]), np.ones(1))

    assert ids.tolist() == [1]
    assert sums[0] == pytest.approx(3 / (3 + 10))  # three baskets of both, three of each


def test_a_basket_is_completed_and_never_holds_what_is_in_it(model):
    found = top(model, Request(items=(0,)), k=N)

    assert found[0] == 1
    assert 0 not in found


def test_own_purchases_count_in_a_basket_too(model):
    assert top(model.weighing(Weights(basket=0.5)), past((5, 1), (5, 2), (5, 3), items=(0,)), k=1) == [5]


def test_an_item_that_is_due_comes_before_one_bought_just_now(model):
    alike = Weights(Decay(), repeat=0, people=0, popularity=1e-6, cycle=0.5)
    request = past((4, 0), (5, 8), (4, 10), (5, 18), asked_s=20.0)

    assert top(model.weighing(alike), request, k=2) == [4, 5]
    assert top(model.weighing(alike), past((4, 8), (5, 0), (4, 18), (5, 10), asked_s=20.0), k=2) == [5, 4]


def test_what_nobody_buys_again_counts_less_than_what_everybody_does():
    about = Baskets.of(events(LOG), at_most=99).about_items()

    # 2 of 13 pairs were bought again; milk by 1 of its 2 buyers, item 3 by none of 4.
    mean = 2 / 11
    assert about.repeat[0] == pytest.approx((1 + 10 * mean) / 12 / mean)
    assert about.repeat[3] == pytest.approx(10 * mean / 14 / mean)
    assert about.cycle_s[0] == 1
    assert np.isnan(about.cycle_s[3])


def test_reasons_say_own_purchases_people_and_popularity(model):
    request = past((1, 0), (1, 10), (0, 10), asked_s=20.0)

    (bread, milk, tea) = model.explain(request, np.array([1, 0, 2]))

    assert bread[0].kind == "due_again"
    assert {"bought_before", "bought_together"} <= {one.kind for one in milk}
    assert (tea[0].kind, tea[0].item) == ("bought_together", 1)
    assert sum(one.contribution for one in bread) == pytest.approx(1)
    assert model.explain(Request(), np.array([3, 7])) == [model.explain(Request(), np.array([3]))[0], []]


def test_bought_often_is_said_of_what_is_not_due(model):
    request = past((1, 0), (1, 1), asked_s=100.0)

    assert model.explain(request, np.array([1]))[0][0].kind == "bought_often"


def test_the_stored_model_answers_alike_and_holds_no_row_of_a_person(model):
    restored = NextBasket.from_state(model.state())
    request = past((1, 1), (2, 2), asked_s=3.0)

    assert top(restored, request, k=N) == top(model, request, k=N)
    assert all(len(array) in (N, N + 1) or "neighbours" in name or "strengths" in name
               for name, array in model.state().arrays.items())  # fmt: skip


def test_no_past_one_event_a_thousand_and_unknown_numbers_have_answers(model):
    many = past(*[(n % 5, n) for n in range(1000)], asked_s=1000.0)
    batch = [Request(), past((1, 1)), many, past((99, 1), (-5, 2)), Request(history=(1,))]

    together = model.retrieve(batch, k=4).items

    assert together[0].tolist() == together[3].tolist() == [3, 0, 1, 2]
    for row, request in zip(together, batch, strict=True):
        assert row.tolist() == top(model, request, k=4)


def test_a_model_of_nothing_has_an_answer_too():
    empty = NextBasket().fit(events([], n_items=2), seed=0)

    assert top(empty, past((1, 1)), k=2) == [1, 0]
    with pytest.raises(StageError, match="not fitted"):
        NextBasket().retrieve([Request()], k=1)


def case(request, *relevant):
    return request, np.array(relevant)


def cases(*pairs, excludes_seen):
    requests, relevant = zip(*pairs, strict=True)
    gains = tuple(np.ones(len(each)) for each in relevant)
    return Cases(
        Surface.RECOMMEND, tuple("abcdefgh"[: len(pairs)]), requests, relevant, gains, excludes_seen=excludes_seen
    )


def test_tuning_asks_what_the_shop_will_judge(model):
    seen = past((5, 1), (6, 2), history=(5, 6))
    repeats = cases(case(seen, 5), case(seen, 6), excludes_seen=False)
    new = cases(case(past((1, 1), history=(1,)), 2), case(past((0, 1), history=(0,)), 2), excludes_seen=True)

    of_repeats, of_new = tune_weights(model, repeats), tune_weights(model, new)

    assert set(top(model.weighing(of_repeats), seen, k=2)) == {5, 6}
    assert top(model.weighing(of_new), past((1, 1), history=(1,), exclude=(1, 0)), k=1) == [2]
    assert tune_weights(model, cases(case(seen, 5), excludes_seen=True)) == model.weights  # nothing is left to be found


def test_the_decay_is_tuned_on_repeats_where_they_count():
    log = events(LOG)
    latest = past((4, 1), (4, 2), (5, 3), (6, 4), (2, 5), history=(4, 5, 6, 2))

    assert tune_frequency(log, cases(case(latest, 2), excludes_seen=False))["decay"] < 1
    assert tune_frequency(log, cases(case(latest, 4), excludes_seen=False)) == {"decay": 1.0}
    assert tune_frequency(log, cases(case(latest, 2), excludes_seen=True)) == {"decay": 1.0}
