"""Training a transformer: it learns an order, goes on after an interruption, and is served as it is in torch."""

from dataclasses import fields, replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: networks cannot be trained")
pytest.importorskip("onnx", reason="onnx is not installed: networks cannot be written")

import torch

from steelyard.adapters.sequences.sequence_graph import write_graphs
from steelyard.adapters.sequences.sequence_learning import SequenceLearner, SequencePace, learn_sequences
from steelyard.adapters.sequences.sequence_network import SequenceNetwork
from steelyard.domain import Cases, Interactions, Past, Request, State, Surface
from steelyard.models.sequence.sequence_lessons import SequenceSettings, ShopSequences, shop_sequences
from steelyard.models.sequence.transformer import Transformer, served_state

N = 12
PACE = SequencePace(rate=0.03, warm=2, average=0.8)
SAVING = replace(PACE, save_every_s=0)
SETTINGS = SequenceSettings(width=8, length=6, dropout=0.1, negatives=16, batch=8, epochs=4, patience=10)


def chain(n, *, after):
    """What comes after an item is the item of the next number, of the last the first."""
    histories = [[(start + step) % N for step in range(3 + after)] for start in range(n)]
    users = np.repeat(np.arange(n), 3 + after)
    items = np.array([item for each in histories for item in each])
    times = np.tile(np.arange(3.0 + after), n)
    order = np.argsort(times, kind="stable")
    return Interactions(users[order], items[order], times[order], np.ones(len(items)), n, N + 1)


def lessons(settings=SETTINGS, *, later=False, texts=None, start=None):
    asked = range(N)
    held = Cases(
        Surface.RECOMMEND,
        tuple(map(str, asked)),
        tuple(Request(history=(row % N, (row + 1) % N, (row + 2) % N)) for row in asked),
        tuple(np.array([(row + 3) % N]) for row in asked),
        tuple(np.ones(1) for _ in asked),
    )
    return shop_sequences(
        chain(24, after=0),
        held,
        settings,
        seed=3,
        everything=chain(24, after=1) if later else None,
        vectors=(start, texts),
    )


class Killed(Exception):
    """As if the process had been ended."""


def killed_at(n):
    told = iter(range(1, 10_000))

    def tell(done, total, what):
        if next(told) == n:
            raise Killed

    return tell


def weights(learner):
    return {name: value.detach().numpy().copy() for name, value in learner.network.named_parameters()}


def test_it_learns_which_item_comes_after_which(tmp_path):
    learner = SequenceLearner(lessons(replace(SETTINGS, epochs=25)), tmp_path, pace=PACE)

    note = learner.learn()

    assert note["best"] > 0.9
    assert note["looks"][0] < 0.9
    assert note["best_step"] <= note["steps"] == 75


def timed(n, *, times):
    """After 0 comes 1 within a minute, and 2 where months lie between."""
    gaps = np.where(np.arange(n) % 2, 30.0, 9e6)
    users, items = np.tile(np.arange(n), 2), np.concatenate([np.zeros(n, np.int64), 2 - np.arange(n) % 2])
    order = np.argsort(np.concatenate([np.zeros(n), gaps]), kind="stable")
    rows = users[order], items[order], np.concatenate([np.zeros(n), gaps])[order]
    given = Interactions(*rows, np.ones(2 * n), n, 3)
    requests = tuple(Request(history=(0,), past=Past((0,), (0.0,)), asked_s=gap) for gap in (30.0, 9e6))
    held = Cases(Surface.RECOMMEND, ("a", "b"), requests, (np.array([1]), np.array([2])), (np.ones(1),) * 2)
    settings = replace(SETTINGS, epochs=12, dropout=0.0, times=times)
    start = np.eye(3, 8, dtype=np.float32)  # of items that always come after the same, vectors would become the same
    return shop_sequences(given, held, settings, seed=3, vectors=(start, None)), requests


@pytest.mark.parametrize(("times", "first"), [(True, [1, 2]), (False, None)])
def test_only_where_times_count_can_it_tell_what_is_taken_at_once_from_what_comes_later(tmp_path, times, first):
    given, requests = timed(24, times=times)

    state, files = learn_sequences(given, unfinished=None, progress=lambda *_: None, pace=PACE)
    model = Transformer(served_state(state, files["fp32.onnx"], length=6, bits=16, times=times))

    found = model.retrieve(requests, k=1).items[:, 0].tolist()
    assert found == first if times else found[0] == found[1]
    assert (state.facts["learning"]["best"] == 1) == times


def test_a_network_that_looks_at_times_is_served_as_it_is_in_torch(tmp_path):
    given, requests = timed(24, times=True)
    given = replace(given, settings=replace(given.settings, blocks=2))
    learner = SequenceLearner(given, tmp_path, pace=PACE)
    learner.learn()
    expected = learner._users(requests)
    vectors, known = learner.item_vectors()
    files, _ = write_graphs(learner.network.cpu(), tmp_path)
    state = State({"items": vectors, "known": known}, {})

    model = Transformer(served_state(state, files["fp32.onnx"], length=6, bits=16, times=True))

    found = np.array([model.wanted(np.array([0]), request) for request in requests])
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert np.abs(found[0] - found[1]).max() > 1e-2


@pytest.mark.parametrize("n", [1, 5, 12, 14])
def test_an_interrupted_training_ends_with_the_same_network(tmp_path, n):
    whole = SequenceLearner(lessons(later=True), tmp_path / "whole", pace=PACE)
    note = whole.learn()
    with pytest.raises(Killed):
        SequenceLearner(lessons(later=True), tmp_path / "parts", pace=SAVING, told=killed_at(n)).learn()

    again = SequenceLearner(lessons(later=True), tmp_path / "parts", pace=SAVING)
    resumed = again.learn()

    assert note["later_steps"] == resumed["later_steps"] == round(note["best_step"] / 4) > 0
    assert resumed["looks"] == note["looks"]
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(weights(again)[name], value)


def test_a_training_on_other_events_begins_anew(tmp_path):
    with pytest.raises(Killed):
        SequenceLearner(lessons(), tmp_path, pace=SAVING, told=killed_at(6)).learn()

    other = SequenceLearner(lessons(replace(SETTINGS, dropout=0.0)), tmp_path, pace=PACE)

    assert len(other.learn()["looks"]) == 4
    fresh = SequenceLearner(lessons(replace(SETTINGS, dropout=0.0)), tmp_path / "fresh", pace=PACE)
    fresh.learn()
    for name, value in weights(fresh).items():
        np.testing.assert_array_equal(weights(other)[name], value)


def test_training_ends_where_nothing_gets_better_and_where_time_is_over(tmp_path):
    stubborn = SequenceLearner(
        lessons(replace(SETTINGS, epochs=50, patience=2)), tmp_path / "a", pace=replace(PACE, rate=0.0)
    ).learn()
    hasty = SequenceLearner(lessons(replace(SETTINGS, epochs=50, minutes=1e-9)), tmp_path / "b", pace=PACE).learn()

    assert stubborn["looks"][0] == stubborn["best"]
    assert (hasty["steps"], len(hasty["looks"])) == (1, 1)


class LongAfter(ShopSequences):
    """Three steps on all events, however few came before."""

    def n_later(self, steps):
        return 3


def test_where_time_is_up_within_an_epoch_all_events_are_still_learnt_from(tmp_path):
    """The clock ran out after the first of several steps of an epoch: what comes later is counted from there."""
    given = lessons(replace(SETTINGS, epochs=50, minutes=60), later=True)
    given = LongAfter(**{each.name: getattr(given, each.name) for each in fields(given) if each.init})
    assert given.steps_in_epoch > 1

    note = SequenceLearner(given, tmp_path, pace=replace(PACE, for_best=0.0)).learn()

    assert (len(note["looks"]), note["best_step"]) == (1, 1)
    assert (note["later_steps"], note["steps"]) == (3, 4)


def test_a_training_that_explodes_is_told_and_leaves_nothing(tmp_path):
    state, files = learn_sequences(
        lessons(start=np.full((N + 1, 8), np.nan, np.float32)), unfinished=tmp_path / "un", progress=print, pace=PACE
    )

    assert state.facts["learning"]["best"] < 0
    assert (dict(state.arrays), files, (tmp_path / "un").exists()) == ({}, {}, False)


def test_without_steps_nothing_is_written():
    nobody = Interactions(np.array([0]), np.array([1]), np.zeros(1), np.ones(1), 1, 3)
    taught = shop_sequences(nobody, Cases(Surface.RECOMMEND, (), (), (), ()), SETTINGS, seed=0)

    state, files = learn_sequences(taught, unfinished=None, progress=print)

    assert (state.facts["learning"]["steps"], dict(state.arrays), files) == (0, {}, {})


def test_a_new_item_has_a_vector_where_texts_are_read_and_none_where_not(tmp_path):
    texts = np.eye(N + 1, dtype=np.float32)
    by_text = SequenceLearner(lessons(texts=texts), tmp_path / "a", pace=PACE)
    plain = SequenceLearner(lessons(), tmp_path / "b", pace=PACE)
    by_text.learn(), plain.learn()

    vectors, known = by_text.item_vectors()

    assert known[N]
    np.testing.assert_array_equal(vectors[N], by_text.network.text.weight.detach().numpy()[:, N])
    assert not plain.item_vectors()[1][N]
    assert not plain.item_vectors()[0][N].any()


def test_the_graph_answers_as_torch_does_and_that_of_8_bits_nearly(tmp_path):
    torch.manual_seed(0)
    network = SequenceNetwork(N, width=8, blocks=2, length=6, dropout=0.5, texts=None).eval()
    with torch.no_grad():
        for value in network.parameters():
            value.add_(torch.randn_like(value) * 0.3)
    vectors = network.items.detach().numpy()

    files, difference = write_graphs(network, tmp_path)

    sizes = torch.tensor([3, 6, 1])
    read = torch.tensor([[1, 4, 2, 0, 0, 0], [5, 4, 3, 2, 1, 0], [7, 0, 0, 0, 0, 0]])
    with torch.no_grad():
        hidden = network.hidden(network.items[read], sizes)
    found = {}
    for form, bits in (("fp32", 16), ("int8", 8)):
        state = served_state(served_of(vectors), files[f"{form}.onnx"], length=6, bits=bits)
        found[form] = [Transformer(state).wanted(read[row, :n].numpy()) for row, n in enumerate(sizes.tolist())]
    assert difference < 1e-5
    for row, n in enumerate(sizes.tolist()):
        np.testing.assert_allclose(found["fp32"][row], hidden[row, n - 1].numpy(), atol=5e-3)  # vectors of 16 bits
        assert np.corrcoef(found["int8"][row], hidden[row, n - 1].numpy())[0, 1] > 0.99


def served_of(vectors):
    from steelyard.domain import State

    return State({"items": vectors, "known": np.ones(len(vectors), np.bool_)})
