"""The network of responses: what it learns, that it is the same run after an interruption, and its graph."""

import numpy as np
import pytest
from tests.shown_shop import shown_log

from steelyard.adapters import response_learning
from steelyard.adapters.response_learning import learn_response
from steelyard.data.labels.outcomes import outcomes
from steelyard.models.response.chain import Seen
from steelyard.models.response.deep import NetworkScorer, deep_lessons
from steelyard.models.response.features import catalogue_of
from steelyard.models.response.learning import learn, taught
from steelyard.testing.memory_bench import toy_tables
from steelyard.testing.toy_shop import toy_shop


class Interrupted(Exception):
    """The process was ended."""


@pytest.fixture(scope="module")
def lessons():
    shop = toy_shop(seed=11)
    log = shown_log(shop, n=1500)
    return taught(log, catalogue_of(toy_tables(shop), text_share=0.0), outcomes(log, window_s=3600.0))


def deep(lessons, **more):
    return deep_lessons(lessons, **{"epochs": 6, "dropout": 0.1, "decay": 1e-4, "minutes": 5.0, "seed": 3, **more})


@pytest.fixture(scope="module")
def learnt(lessons):
    return learn_response(deep(lessons), None)


def test_it_tells_better_than_everybody_s_share_what_is_clicked(lessons, learnt):
    graph, note = learnt
    made = learn(lessons, lambda _: NetworkScorer(graph), seed=0)
    assert made.gains[0].is_certain
    assert note["steps"] > 0
    assert max(note["looks"]) > note["looks"][0]


def test_a_purchase_is_never_likelier_than_its_click(lessons, learnt):
    made = learn(lessons, lambda _: NetworkScorer(learnt[0]), seed=0)
    chances = made.model.chances(lessons.part(lessons.periods.judge))
    assert (chances["buy"] <= chances["click"] + 1e-12).all()


def test_a_row_s_chances_do_not_depend_on_the_rows_beside_it_and_a_history_may_be_empty(lessons, learnt):
    scorer = NetworkScorer(learnt[0])
    seen = lessons.part(lessons.periods.judge[:6])
    bare = Seen(seen.rows, seen.items, np.full_like(seen.history, -1))
    alone = [Seen(bare.rows[n : n + 1], bare.items[n : n + 1], bare.history[n : n + 1]) for n in range(6)]
    found = scorer.conditionals(bare)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.concatenate([scorer.conditionals(one) for one in alone]), found, atol=1e-6)


def test_a_training_that_was_ended_goes_on_with_the_same_numbers(lessons, learnt, tmp_path, monkeypatch):
    steps = iter(range(10_000))
    step = response_learning._step

    def ended(*given):
        if next(steps) == 9:
            raise Interrupted
        step(*given)

    monkeypatch.setattr(response_learning, "_SAVED_EVERY_S", -1.0)
    monkeypatch.setattr(response_learning, "_step", ended)
    with pytest.raises(Interrupted):
        learn_response(deep(lessons), tmp_path / "response")
    saved = list((tmp_path / "response").glob("*.safetensors"))
    monkeypatch.setattr(response_learning, "_step", step)
    graph, note = learn_response(deep(lessons), tmp_path / "response")

    assert saved
    assert graph == learnt[0]
    assert note["looks"] == learnt[1]["looks"]
    assert not (tmp_path / "response").exists()


def test_other_settings_do_not_go_on_with_it(lessons):
    assert deep(lessons).key != deep(lessons, dropout=0.2).key != deep(lessons, seed=4).key
    assert deep(lessons).key == deep(lessons).key


def test_steps_go_through_every_row_once_in_an_epoch(lessons):
    found = deep(lessons)
    rows = np.concatenate([found.step(n) for n in range(found.in_epoch)])
    assert sorted(rows.tolist()) == list(range(len(found.reached)))
    assert found.step(found.in_epoch + 1).tolist() != found.step(1).tolist()
