"""Probes a real configuration in a real process."""

import numpy as np
import pytest

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.measuring.probe import Probe
from steelyard.domain import CatalogueFacts, Configuration, Interactions, Request, Surface
from steelyard.errors import MeasurementError
from steelyard.models.pipeline import catalogue_state
from steelyard.models.retrieval.popularity import Popularity

N_ITEMS = 40


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Artefacts(tmp_path_factory.mktemp("store"))
    items = np.repeat(np.arange(N_ITEMS), np.arange(N_ITEMS, 0, -1))  # item 0 was taken by 40 people, item 1 by 39 …
    taken = Interactions(
        users=np.arange(len(items)),
        items=items,
        times_s=np.arange(len(items), dtype=np.float64),
        weights=np.ones(len(items)),
        n_users=len(items),
        n_items=N_ITEMS,
    )
    facts = CatalogueFacts(
        text_of_item=np.arange(N_ITEMS),
        representative=np.arange(N_ITEMS),
        category=np.full(N_ITEMS, -1),
        in_stock=np.ones(N_ITEMS, dtype=np.int64),
        categories=(),
    )
    store.write_state("parts/recommend/popularity", Popularity().fit(taken, seed=0).state())
    store.write_state("parts/catalogue", catalogue_state(facts))
    return store


def popularity(**parts):
    own = {"model": "parts/recommend/popularity", "fallback": "parts/recommend/popularity"}
    return Configuration("popularity", Surface.RECOMMEND, "popularity", own | {"catalogue": "parts/catalogue"} | parts)


def requests():
    return [Request(history=(i % 5,), user="杆秤") for i in range(70)]


def test_every_request_is_answered_and_the_timed_ones_are_timed(store):
    found = Probe().measure(popularity(), store.root, requests(), k=3, timed=[5, 6, 5])

    assert found.items.shape == (70, 3)
    assert found.items[0].tolist() == [1, 2, 3]
    assert found.items[4].tolist() == [0, 1, 2]
    assert found.timed.tolist() == [5, 6, 5]
    assert (found.service_s > 0).all()
    assert (found.cpu_s > 0).all()
    assert found.facts["batch_agreement"] == 1.0
    assert found.facts["answered_alone"] is False


def test_memory_is_that_of_a_small_process_of_its_own(store):
    found = Probe().measure(popularity(), store.root, requests(), k=3, timed=[0], is_answering_all=False)

    assert 10e6 < found.rss_before_bytes <= found.peak_rss_bytes < 400e6
    assert found.load_s > 0
    assert found.surroundings.cpu_s > 0
    assert found.items[0].tolist() == [1, 2, 3]
    assert (found.items[1:] == -1).all()


def test_a_part_that_is_not_there_is_reported_in_its_own_words(store):
    with pytest.raises(MeasurementError, match=r"measuring popularity: .* no artefact named 'parts/nowhere'"):
        Probe().measure(popularity(catalogue="parts/nowhere"), store.root, requests(), k=3)


def test_a_process_that_takes_too_long_is_stopped(store):
    with pytest.raises(MeasurementError, match=r"no answer after 0\.05 s"):
        Probe(time_out_s=0.05).measure(popularity(), store.root, requests(), k=3)


def test_a_process_that_imported_torch_is_no_measurement_of_serving(store, tmp_path, monkeypatch):
    (tmp_path / "torch.py").touch()
    (tmp_path / "sitecustomize.py").write_text("import torch\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(MeasurementError, match="torch was imported"):
        Probe().measure(popularity(), store.root, requests(), k=3, timed=[0])
