"""The private recommender: what it promises is what was reached, and answers need neither torch nor opacus."""

import importlib.util

import numpy as np
import pytest

from steelyard.domain import NONE, Interactions, Request, State
from steelyard.errors import DataError, MissingExtra, StageError
from steelyard.models.retrieval.private import PrivateAutoencoder
from steelyard.testing import toy_shop


def stored():
    """Three items; item 0 points to item 1, item 2 to nothing."""
    codes = np.array([[1, 0], [0, 1], [0, 0]], np.float32)
    decoder = np.array([[0, 0], [2, 0], [1, 3]], np.float32)
    told = {"unit": "person", "epsilon": 2.5, "delta": 1e-6, "noise": 1.1, "people": 90, "steps": 40}
    facts = {"factors": 2, "epsilon": 3.0, "delta": 1e-6, "epochs": 1, "batch": 8, "rate": 0.02, "privacy": told}
    return State({"codes": codes, "decoder": decoder, "bias": np.array([0.5, 0, 0], np.float32)}, facts)


def test_scores_are_the_sum_over_the_history_of_length_1():
    model = PrivateAutoencoder.from_state(stored())

    ranked = model.retrieve([Request(history=(0, 1)), Request(history=()), Request(items=(0,))], k=3)

    half = 1 / np.sqrt(2)
    assert ranked.items[0].tolist() == [2, 1, 0]
    assert ranked.scores[0] == pytest.approx([half * 4, half * 2, 0.5], abs=1e-6)
    assert set(ranked.items[1].tolist()) == {NONE}
    assert ranked.items[2].tolist() == [1, 2, NONE]  # what was asked about does not come back


def test_the_guarantee_is_stored_with_the_model_and_comes_back():
    model = PrivateAutoencoder.from_state(stored())

    assert model.guarantee_.epsilon == 2.5 and model.state().facts["privacy"]["people"] == 90
    assert model.state().facts == stored().facts


def test_what_adds_most_to_a_score_is_its_reason():
    model = PrivateAutoencoder.from_state(stored())

    (reasons,) = model.explain(Request(history=(0, 1)), np.array([2]))

    assert (reasons[0].item, reasons[0].contribution) == (1, pytest.approx(0.75))


def test_too_few_people_for_the_delta_are_refused_and_nothing_answers_before_learning():
    few = Interactions(
        users=np.array([0, 1]), items=np.array([0, 1]), weights=np.ones(2), times_s=np.zeros(2), n_users=2, n_items=2
    )

    with pytest.raises(DataError, match="promises nothing"):
        PrivateAutoencoder(delta=0.5).fit(few, seed=0)
    with pytest.raises(StageError, match="not fitted"):
        PrivateAutoencoder().retrieve([Request(history=(0,))], k=1)


def test_without_the_library_the_command_that_brings_it_is_named():
    if importlib.util.find_spec("opacus") is not None:
        pytest.skip("opacus is installed: nothing is missing")

    with pytest.raises(MissingExtra, match=r"pip install 'steelyard\[private\]'"):
        PrivateAutoencoder().fit(toy_shop(seed=3).interactions, seed=0)


def test_the_promise_is_kept_and_a_stricter_one_takes_more_noise():
    pytest.importorskip("opacus", reason="opacus is not installed: the extra private brings it")
    shop = toy_shop(seed=3, loyalty=1.0)

    loose = PrivateAutoencoder(8, epsilon=50.0, epochs=4, batch=40).fit(shop.interactions, seed=0)
    strict = PrivateAutoencoder(8, epsilon=2.0, epochs=4, batch=40).fit(shop.interactions, seed=0)

    assert 0 < loose.guarantee_.epsilon <= 50.0 and 0 < strict.guarantee_.epsilon <= 2.0
    assert strict.guarantee_.noise > loose.guarantee_.noise > 0
    assert loose.guarantee_.people == len(np.unique(shop.interactions.users)) and loose.guarantee_.delta == 1e-6
    assert strict.state().arrays["codes"].shape == (shop.interactions.n_items, 8)


def test_the_noise_cannot_be_made_again_from_the_seed():
    pytest.importorskip("opacus", reason="opacus is not installed: the extra private brings it")
    shop = toy_shop(seed=3, loyalty=1.0)

    first, second = (PrivateAutoencoder(4, epochs=1, batch=40).fit(shop.interactions, seed=0) for _ in range(2))

    assert not np.array_equal(first.state().arrays["decoder"], second.state().arrays["decoder"])
