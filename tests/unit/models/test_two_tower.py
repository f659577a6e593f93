"""Serving two towers: what is read, what is offered, what is said of it; numbers that any hand can check."""

import numpy as np
import pytest

from steelyard.domain import NONE, Reason, Request, State
from steelyard.errors import ArtefactError
from steelyard.models.towers.item_content import ItemContent
from steelyard.models.towers.two_tower import TwoTower, item_vectors, served_state
from steelyard.models.towers.two_tower_recipe import TwoTowerOptions

ITEMS = np.array([[13, 0], [0, 13], [12, 5], [0, 0], [5, 12]], np.float32)
"""All of one length, as they are served."""
KNOWN = np.array([True, True, True, False, True])
BARE = ItemContent(None, np.zeros((5, 1), np.int64), ())


def learnt(**arrays):
    """The latest item counts three times as much as the one before; what the small network adds is nothing."""
    plain = {
        "items": ITEMS,
        "known": KNOWN,
        "attributes": np.zeros((1, 2)),
        "scale": np.array(13.0, np.float32),
        "basics": np.array([[0, 0], [4, 0]], np.float32),
        "places": np.log(np.array([3, 1], np.float32)),
        "asked": np.zeros((2, 2), np.float32),
        "normal.weight": np.ones(2, np.float32),
        "normal.bias": np.zeros(2, np.float32),
        "wide.weight": np.ones((4, 2), np.float32),
        "wide.bias": np.zeros(4, np.float32),
        "narrow.weight": np.zeros((2, 4), np.float32),
        "narrow.bias": np.zeros(2, np.float32),
    }
    return State({**plain, **arrays}, {})


def opened(state=None, *, bits=16, content=BARE, attends=False):
    made = state or learnt()
    return TwoTower(served_state(made, content, length=2, attends=attends, basics=["age=old"], bits=bits))


@pytest.mark.parametrize("bits", [16, 8])
def test_items_are_scored_by_the_mean_of_what_was_done(bits):
    found = opened(bits=bits).retrieve([Request(history=(0, 1))], k=6)

    # a quarter of (13, 0) and three quarters of (0, 13)
    assert found.items.tolist() == [[4, 1, 2, 0, NONE, NONE]]
    np.testing.assert_allclose(found.scores[0, :4], [133.25, 126.75, 87.75, 42.25], rtol=0.01)


def test_what_agrees_with_the_latest_item_counts_more_where_it_was_taught_so():
    asked = np.full((2, 2), 0.0, np.float32)
    asked[1, 0] = np.log(3) * np.sqrt(2) / 13**2  # the latest is (0, 13): it asks for what is like (13, 0)

    found = opened(learnt(asked=asked), attends=True).wanted(np.array([0, 1]))

    np.testing.assert_allclose(found, [6.5, 6.5], rtol=1e-5)


def test_what_is_known_of_a_shopper_is_enough():
    found = opened().retrieve([Request(basics=("age=old", "town=none"))], k=5)

    assert found.items.tolist() == [[0, 2, 4, 1, NONE]]
    np.testing.assert_allclose(found.scores[0, :4], [52, 48, 20, 0])


def test_what_is_known_of_a_shopper_is_added_to_what_they_did():
    found = opened().wanted(np.array([0, 1]), ("age=old",))

    np.testing.assert_allclose(found, [7.25, 9.75])


def test_only_the_latest_items_that_have_a_vector_are_read():
    found = opened().retrieve([Request(history=(4, 0, 3, 1, 99, -1))], k=1)

    np.testing.assert_allclose(found.scores, [[133.25]])  # 3, 99 and -1 are not known, 4 is too long ago


def test_items_asked_about_are_read_in_place_of_the_shopper_and_do_not_come_back():
    found = opened().retrieve([Request(history=(4,), items=(1,), basics=("age=old",), exclude=(0,))], k=5)

    assert found.items.tolist() == [[4, 2, NONE, NONE, NONE]]
    np.testing.assert_allclose(found.scores[0, :2], [156, 65])


@pytest.mark.parametrize(
    "request_",
    [Request(), Request(history=(3,)), Request(history=(77,)), Request(items=(3,)), Request(basics=("x=1",))],
)
def test_nothing_is_offered_where_nothing_can_be_read(request_):
    assert opened().retrieve([request_], k=3).items.tolist() == [[NONE] * 3]
    assert opened().explain(request_, np.array([0, 1])) == [[], []]


def test_reasons_are_the_shares_of_the_score():
    request = Request(history=(0, 1), basics=("age=old",))

    reasons = opened().explain(request, np.array([2, 1, 3, 99]))

    # of item 2, (12, 5): 4 * 12 by what is known, .75 * 13 * 5 by item 1, .25 * 13 * 12 by item 0
    of_2 = [
        Reason("tower_near_history", pytest.approx(48.75 / 135.75), 1),
        Reason("tower_of_basics", pytest.approx(48 / 135.75), words=("age=old",)),
        Reason("tower_near_history", pytest.approx(39 / 135.75), 0),
    ]
    assert reasons == [of_2, [Reason("tower_near_history", 1.0, 1)], [], []]


def test_an_item_that_came_later_has_the_vector_that_its_content_gives():
    attributes = np.array([[0, 0], [5, 0], [0, 7]], np.float32)
    texts = np.array([[1.0], [0], [0], [0], [0], [2.0]], np.float32)
    content = ItemContent(texts, np.array([[0, 0], [1, 0], [0, 0], [0, 0], [0, 0], [1, 2]]), ("a", "b"))
    arrays = {"attributes": attributes, "text.weight": np.array([[10.0], [0.0]], np.float32)}

    vectors, known = item_vectors(learnt(**arrays), content)

    assert known.tolist() == [True, True, True, False, True, True]  # of 3 nothing is known at all
    sums = np.array([[23, 0], [5, 13], [12, 5], [1, 0], [5, 12], [25, 7]])
    lengths = np.array([23, 194**0.5, 13, np.inf, 13, 674**0.5])
    np.testing.assert_allclose(vectors, 13 * sums / lengths[:, None], rtol=1e-6)
    assert opened(learnt(**arrays), content=content).retrieve([Request(history=(5,))], k=2).items.tolist() == [[5, 2]]


def test_a_catalogue_of_one_is_answered():
    one = ItemContent(None, np.zeros((1, 1), np.int64), ())
    model = opened(learnt(items=ITEMS[:1], known=KNOWN[:1]), content=one)

    found = model.retrieve([Request(history=(0,)), Request(history=(0,), exclude=(0,))], k=1)

    assert found.items.tolist() == [[0], [NONE]]


def test_where_nothing_was_learnt_nothing_is_offered():
    model = opened(State({}, {"learning": {"steps": 0}}))

    assert model.retrieve([Request(history=(0,)), Request(basics=("age=old",))], k=2).items.tolist() == [[NONE] * 2] * 2
    assert model.explain(Request(history=(0,)), np.array([0])) == [[]]


def test_a_damaged_part_is_refused():
    stored = opened().state()
    without = {name: array for name, array in stored.arrays.items() if name != "places"}

    with pytest.raises(ArtefactError, match="lack 'places'; run build again"):
        TwoTower(State(without, stored.facts))


@pytest.mark.parametrize("wrong", [{"width": 0}, {"id_dropout": 1.0}, {"forms": ["fp64"]}, {"basics": [""]}])
def test_options_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TwoTowerOptions(**wrong)
