from math import log, sqrt

import numpy as np
import pytest

from steelyard.domain import NONE, Cases, Interactions, Request, Surface
from steelyard.errors import StageError
from steelyard.models.retrieval.link_batches import MANY
from steelyard.models.retrieval.user_neighbours import UserNeighbours, tune_user_neighbours
from steelyard.testing import toy_shop


def log_of(*sequences, n_items=8):
    users = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
    items = np.array([item for s in sequences for item in s], dtype=np.int64)
    return Interactions(users, items, np.arange(len(items), dtype=float), np.ones(len(items)), len(sequences), n_items)


def scores(model, request):
    ranked = model.retrieve([request], k=8)
    pairs = zip(ranked.items[0].tolist(), ranked.scores[0].tolist(), strict=True)
    return {item: score for item, score in pairs if item != NONE}


def test_people_count_by_their_cosine_and_their_items_by_how_recent_they_are():
    model = UserNeighbours(0.5).fit(log_of([0, 1], [2, 3]), seed=0)

    found = scores(model, Request(history=(0,)))

    # all four items are of one person in two, so all are equally rare: r = log 3
    rarity = log(1 + 2 / 1)
    similarity = rarity * (0.5 * rarity) / (rarity * sqrt(0.5**2 + 1))
    assert found == pytest.approx({1: similarity * 1, 0: similarity * 0.5})


def test_what_few_chose_says_more_of_a_taste_than_what_many_did():
    events = log_of([0, 4], [0, 5], [0, 6], [1, 7], n_items=8)
    model = UserNeighbours(1.0, neighbours=1).fit(events, seed=0)

    assert set(scores(model, Request(history=(0, 1)))) == {1, 7}


def test_only_the_nearest_people_are_asked():
    events = log_of([0, 1, 2], [0, 3])

    found = scores(UserNeighbours(1.0, neighbours=1).fit(events, seed=0), Request(history=(0, 1)))

    assert set(found) == {0, 1, 2}


def test_a_row_has_no_name_and_its_place_tells_nothing():
    sequences = [[3, 1], [0, 2], [5], [2, 4]]

    states = [UserNeighbours().fit(log_of(*order), seed=0).state() for order in (sequences, sequences[::-1])]

    assert sorted(states[0].arrays) == ["items", "starts"]
    for name in states[0].arrays:
        np.testing.assert_array_equal(states[0].arrays[name], states[1].arrays[name])


def test_who_is_left_out_of_the_log_is_in_no_row():
    before, after = (UserNeighbours().fit(log_of(*rows), seed=0).state() for rows in ([[0, 1], [6, 7]], [[0, 1], []]))

    assert 6 in before.arrays["items"]
    assert after.arrays["items"].tolist() == [0, 1]
    assert after.arrays["starts"].tolist() == [0, 2]


def test_a_batch_equals_its_requests_one_by_one_to_the_last_bit():
    shop = toy_shop(seed=2)
    model = UserNeighbours(0.7, neighbours=5).fit(shop.interactions, seed=0)
    asked = (*shop.cases.requests, Request(), Request(items=(1, 2)), Request(history=(10**6, 3)))
    requests = (list(asked) * MANY)[: 2 * MANY + 1]

    batch = model.retrieve(requests, k=7)

    for row, request in enumerate(requests):
        alone = model.retrieve([request], k=7)
        np.testing.assert_array_equal(batch.items[row], alone.items[0])
        np.testing.assert_array_equal(batch.scores[row], alone.scores[0])


def test_reasons_name_the_items_that_found_the_people():
    model = UserNeighbours(1.0).fit(log_of([0, 2], [1, 2], [1, 2]), seed=0)

    (reasons,) = model.explain(Request(history=(0, 1)), np.array([2]))

    assert {reason.kind for reason in reasons} == {"same_taste"}
    assert {reason.item for reason in reasons} == {0, 1}
    assert sum(reason.contribution for reason in reasons) == pytest.approx(1)


def test_who_shares_nothing_with_anybody_gets_nothing_and_no_reason():
    model = UserNeighbours().fit(log_of([0, 1]), seed=0)

    assert scores(model, Request(history=(5,))) == {}
    assert model.explain(Request(history=(5,)), np.array([1])) == [[]]
    assert scores(UserNeighbours().fit(log_of([0]), seed=0), Request(history=(0,))) == {0: pytest.approx(log(2))}


def test_tuning_takes_more_people_only_where_they_help():
    events = log_of(*[[0, 1]] * 3)
    cases = Cases(Surface.RECOMMEND, ("a",) * 4, (Request(history=(0,)),) * 4, (np.array([1]),) * 4, (np.ones(1),) * 4)

    assert tune_user_neighbours(events, cases) == {"decay": 0.8, "neighbours": 200, "cases": 4}
    assert tune_user_neighbours(events, cases, given={"neighbours": 7})["neighbours"] == 7


def test_an_unfitted_model_says_what_to_do():
    with pytest.raises(StageError, match="call fit"):
        UserNeighbours().retrieve([Request(history=(0,))], k=1)


@pytest.mark.parametrize("options", [{"decay": 0}, {"decay": 1.1}, {"neighbours": 0}])
def test_an_option_outside_its_range_is_refused(options):
    with pytest.raises(ValueError, match="must be"):
        UserNeighbours(**options)
