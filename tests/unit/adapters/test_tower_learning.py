"""Training of two towers: it learns, goes on after an interruption, and is served by numpy as torch computes it."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: networks cannot be trained")

import torch

from steelyard.adapters.sequences.sequence_learning import SequencePace
from steelyard.adapters.sequences.tower_learning import TowerLearner, learn_towers
from steelyard.domain import Cases, Interactions, Request, State, Surface
from steelyard.models.towers.basic_facts import NO_BASICS, basic_facts
from steelyard.models.towers.item_content import ItemContent
from steelyard.models.towers.tower_lessons import TowerSettings, shop_towers
from steelyard.models.towers.two_tower import TwoTower, served_state

N = 12
PACE = SequencePace(rate=2e-2, warm=5, average=0.9)
SAVING = replace(PACE, save_every_s=0.0)
SETTINGS = TowerSettings(width=8, length=6, dropout=0.1, no_id=0.2, negatives=16, batch=8, epochs=4, patience=10)
GROUPS = [("group=even",), ("group=odd",)] * 12


def events(*, after):
    """Of 24 people, those with an even number take even items, the others odd ones; item N is new."""
    users = np.repeat(np.arange(24), 3 + after)
    items = np.array([(user + 2 * step) % N for user in range(24) for step in range(3 + after)])
    times = np.tile(np.arange(3.0 + after), 24)
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), 24, N + 1)


def lessons(settings=SETTINGS, *, later=False, basics=GROUPS, start=None):
    asked = tuple(Request(history=(u % N, (u + 2) % N, (u + 4) % N)) for u in range(N))
    held = Cases(
        Surface.RECOMMEND,
        tuple(map(str, range(N))),
        asked,
        tuple(np.array([(u + 6) % N]) for u in range(N)),
        tuple(np.ones(1) for _ in asked),
    )
    learn = events(after=0)
    codes = np.array([[1 + item % 2] for item in range(N + 1)])
    return shop_towers(
        learn,
        held,
        settings,
        seed=3,
        content=ItemContent(np.eye(N + 1, dtype=np.float32), codes, ("even", "odd")),
        basics=basic_facts(basics, columns=None, learnt=learn.users),
        everything=events(after=1) if later else None,
        start=start,
    )


def served(state, taught, *, bits=16):
    content, settings = taught.content, taught.settings
    names = taught.basics.names
    return TwoTower(
        served_state(state, content, length=settings.length, attends=settings.attends, basics=names, bits=bits)
    )


@pytest.fixture(scope="module")
def learnt():
    taught = lessons(replace(SETTINGS, epochs=20))
    return taught, learn_towers(taught, unfinished=None, progress=lambda done, total, what: None, pace=PACE)


def test_it_learns_what_people_take_who_took_the_like(learnt):
    learning = learnt[1].facts["learning"]

    assert learning["best"] > 0.8
    assert learning["looks"][0] < learning["best"]


def test_who_has_done_nothing_is_offered_what_their_like_take(learnt):
    found = served(learnt[1], learnt[0]).retrieve([Request(basics=facts) for facts in GROUPS[:2]], k=6).items

    assert [{item % 2 for item in row} for row in found.tolist()] == [{0}, {1}]


def test_a_new_item_is_offered_by_its_content(learnt):
    found = served(learnt[1], learnt[0])

    ranked = found.retrieve([Request(basics=facts) for facts in GROUPS[:2]], k=N + 1).items.tolist()

    # item N is even by its attribute: to the even it is offered before all that is odd
    assert ranked[0].index(N) <= 6
    assert ranked[1].index(N) > 5


def test_numpy_answers_as_torch_does(tmp_path):
    taught = lessons(replace(SETTINGS, attends=True), basics=GROUPS)
    learner = TowerLearner(taught, tmp_path, pace=PACE)
    torch.manual_seed(0)
    with torch.no_grad():
        for value in learner.network.parameters():
            value.add_(torch.randn_like(value) * 0.3)
        learner.network.attributes[0] = 0.0
        learner.network.basics[0] = 0.0
    learner.network.eval()
    requests = [Request(history=(1, 2, 3)), Request(history=(4,), basics=GROUPS[0]), Request(basics=GROUPS[1])]
    expected = learner._users(requests)

    model = served(State(learner.arrays(), {}), taught)

    for request, row in zip(requests, expected, strict=True):
        found = model.wanted(np.array(request.history, np.int64), request.basics)
        np.testing.assert_allclose(found, row, atol=2e-2)  # vectors of 16 bits


class Killed(Exception):
    """As if the process had been ended."""


def killed_at(n):
    told = iter(range(1, 10_000))

    def tell(done, total, what):
        if next(told) == n:
            raise Killed

    return tell


@pytest.mark.parametrize("n", [5, 13])
def test_an_interrupted_training_ends_with_the_same_towers(tmp_path, n):
    whole = TowerLearner(lessons(later=True), tmp_path / "whole", pace=PACE)
    note = whole.learn()
    with pytest.raises(Killed):
        TowerLearner(lessons(later=True), tmp_path / "parts", pace=SAVING, told=killed_at(n)).learn()

    again = TowerLearner(lessons(later=True), tmp_path / "parts", pace=SAVING)

    assert again.learn()["looks"] == note["looks"]
    expected = whole.arrays()
    for name, value in again.arrays().items():
        np.testing.assert_array_equal(value, expected[name])


def test_it_starts_from_what_texts_say_of_the_start_vectors(tmp_path):
    start = np.random.default_rng(0).standard_normal((N + 1, 8)).astype(np.float32)
    start[N] = 0

    network = TowerLearner(lessons(start=start), tmp_path, pace=PACE).network

    # each text has a word of its own, whose weight is halved by the penalty of 1: the items' own vectors hold the rest
    said = network.of_content(torch.arange(N)).detach().numpy()
    np.testing.assert_allclose(said, PACE.start_length * start[:N] / 2, rtol=1e-5)
    own = network.items.detach().numpy()[:N]
    np.testing.assert_allclose(said + own, PACE.start_length * start[:N], rtol=1e-5)


def test_without_steps_and_after_an_explosion_nothing_is_written():
    nobody = Interactions(np.array([0]), np.array([1]), np.zeros(1), np.ones(1), 1, 3)
    bare = ItemContent(None, np.zeros((3, 1), np.int64), ())
    none = Cases(Surface.RECOMMEND, (), (), (), ())
    taught = shop_towers(nobody, none, SETTINGS, seed=0, content=bare, basics=NO_BASICS)
    exploding = replace(lessons(), start=np.full((N + 1, 8), np.nan, np.float32))
    exploding = replace(exploding, content=replace(exploding.content, texts=None))

    found = [learn_towers(each, unfinished=None, progress=print, pace=PACE) for each in (taught, exploding)]

    assert [dict(state.arrays) for state in found] == [{}, {}]
    assert [state.facts["learning"]["best"] < 0 for state in found] == [True, True]
    assert found[0].facts["learning"]["steps"] == 0
