import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.compression.neighbours import prune_neighbours
from steelyard.domain import Request
from steelyard.models.retrieval.links import Links
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.testing import toy_shop


@pytest.fixture(scope="module")
def whole():
    return ItemNeighbours(max_neighbours=None).fit(toy_shop(seed=2).interactions, seed=0).state()


def test_the_strongest_neighbours_of_each_item_are_kept(whole):
    before = Links.from_state(whole)

    after = Links.from_state(prune_neighbours(whole, n=3, bits=8))

    for item in range(before.n_rows):
        old, new = (slice(links.starts[item], links.starts[item + 1]) for links in (before, after))
        cut = np.sort(before.strengths[old])[::-1][:3]
        kept = np.isin(before.neighbours[old], after.neighbours[new])
        np.testing.assert_array_equal(np.sort(before.strengths[old][kept])[::-1], cut)


def test_strengths_come_back_within_half_a_step(whole):
    before = Links.from_state(whole)

    after = Links.from_state(prune_neighbours(whole, n=1000, bits=8))

    read = after.strengths * np.repeat(after.scales, np.diff(after.starts))
    step = np.repeat(after.scales, np.diff(after.starts))
    assert (np.abs(read - before.strengths) <= np.where(after.strengths == 1, 1.0, 0.501) * step).all()
    assert (after.strengths > 0).all()


def test_a_pruned_model_takes_three_bytes_a_link(whole):
    small = Links.from_state(prune_neighbours(whole, n=5, bits=8))

    assert small.neighbours.dtype == np.uint16
    assert small.strengths.dtype == np.uint8
    assert (np.diff(small.starts) <= 5).all()


def test_a_large_catalogue_keeps_four_byte_numbers():
    starts = np.zeros((1 << 16) + 3, np.int64)
    starts[1:] = 1
    large = Links(starts, np.array([1 << 16], np.int32), np.ones(1, np.float32), np.ones(len(starts) - 1, np.float32))
    state = ItemNeighbours().fit(toy_shop().interactions, seed=0).state()

    small = prune_neighbours(type(state)(large.arrays(), state.facts), n=20, bits=8)

    assert small.arrays["neighbours"].tolist() == [1 << 16]


def test_pruning_twice_is_pruning_once(whole):
    once = prune_neighbours(whole, n=4, bits=8)

    twice = prune_neighbours(prune_neighbours(whole, n=9, bits=8), n=4, bits=8)

    np.testing.assert_array_equal(once.arrays["starts"], twice.arrays["starts"])


def test_a_pruned_model_is_read_back_from_disk_and_answers(whole, tmp_path):
    store = Artefacts(tmp_path)
    small = prune_neighbours(whole, n=20, bits=8)
    store.write_state("parts/recommend/item-knn.20x8bit", small)

    back = ItemNeighbours.from_state(store.read_state("parts/recommend/item-knn.20x8bit"))

    expected = ItemNeighbours.from_state(small).retrieve([Request(history=(1, 2))], k=5)
    found = back.retrieve([Request(history=(1, 2))], k=5)
    np.testing.assert_array_equal(found.items, expected.items)
    np.testing.assert_array_equal(found.scores, expected.scores)


def test_the_order_of_the_whole_model_is_nearly_kept(whole):
    requests = toy_shop(seed=2).cases.requests
    expected = ItemNeighbours.from_state(whole).retrieve(requests, k=5).items

    found = ItemNeighbours.from_state(prune_neighbours(whole, n=50, bits=8)).retrieve(requests, k=5).items

    shared = [len(set(a.tolist()) & set(b.tolist())) / 5 for a, b in zip(expected, found, strict=True)]
    assert np.mean(shared) > 0.95


@pytest.mark.parametrize(("n", "bits", "says"), [(0, 8, "at least 1"), (5, 4, "must be 8")])
def test_what_cannot_be_made_is_refused(whole, n, bits, says):
    with pytest.raises(ValueError, match=says):
        prune_neighbours(whole, n=n, bits=bits)
