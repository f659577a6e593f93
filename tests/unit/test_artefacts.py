import errno
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from steelyard.adapters.artefacts import MANIFEST, Artefacts
from steelyard.domain import State
from steelyard.errors import ArtefactError, StorageError


@pytest.fixture
def store(tmp_path):
    return Artefacts(tmp_path / "store")


def test_what_was_written_comes_back(store):
    state = State({"a": np.arange(6).reshape(2, 3)}, {"name": "kNN 杆秤", "n": 3})

    store.write_state("parts/knn", state)

    back = store.read_state("parts/knn")
    np.testing.assert_array_equal(back.arrays["a"], state.arrays["a"])
    assert back.facts == state.facts


def test_the_same_content_has_the_same_digest(store, tmp_path):
    other = Artefacts(tmp_path / "other")
    store.write_json("x", {"b": 1, "a": 2})
    other.write_json("y", {"b": 1, "a": 2})

    assert store.digest("x") == other.digest("y")


@pytest.mark.parametrize("position", range(0, 400, 37))
def test_one_flipped_bit_is_refused_before_parsing(store, position):
    store.write_state("m", State({"a": np.arange(64.0)}))
    folder = store.path("m")
    file = folder / "arrays.safetensors"
    data = bytearray(file.read_bytes())
    data[position % len(data)] ^= 1
    file.write_bytes(data)

    with pytest.raises(ArtefactError, match="content changed"):
        Artefacts(store.root).read_state("m")


@pytest.mark.parametrize("damage", ["missing", "extra", "manifest", "no manifest"])
def test_other_damage_is_refused_too(store, damage):
    store.write_json("v", [1])
    folder = store.path("v")
    if damage == "missing":
        (folder / "value.json").unlink()
    elif damage == "extra":
        (folder / "evil.bin").write_bytes(b"x")
    elif damage == "manifest":
        (folder / MANIFEST).write_text(json.dumps({"files": {}}))
    else:
        (folder / MANIFEST).unlink()

    with pytest.raises(ArtefactError, match="again"):
        Artefacts(store.root).read_json("v")


def test_an_error_while_writing_leaves_the_old_version(store):
    store.write_json("v", "old")

    with pytest.raises(RuntimeError), store.writing("v") as folder:
        (folder / "value.json").write_text('"half', "utf-8")
        raise RuntimeError

    assert store.read_json("v") == "old"
    assert not list((store.root / "tmp").iterdir())


def test_a_full_disk_says_what_to_do_and_loses_nothing(store):
    store.write_json("v", "old")

    with pytest.raises(StorageError, match="free some space"), store.writing("v"):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert store.read_json("v") == "old"


@pytest.mark.parametrize("kind", [ValueError, RuntimeError, OSError])
def test_a_full_disk_is_known_by_its_words_whatever_an_engine_makes_of_it(store, kind):
    with pytest.raises(StorageError, match="free some space"), store.writing("v"):
        raise kind("I/O error: No space left on device (os error 28)")

    assert not store.has("v")


def test_writing_again_repairs_a_damaged_object(store):
    store.write_json("v", "same")
    (store.path("v") / "value.json").write_text("broken")

    fresh = Artefacts(store.root)
    fresh.write_json("v", "same")

    assert fresh.read_json("v") == "same"


def test_sweep_deletes_only_what_no_name_means(store):
    store.write_json("v", 1)
    store.write_json("v", 2)

    assert store.sweep() == 1
    assert store.read_json("v") == 2


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "", "a/../b", "a b"])
def test_names_cannot_leave_the_store(store, name):
    with pytest.raises(ArtefactError, match="cannot name"), store.writing(name):
        pass


def test_a_name_may_be_the_beginning_of_another(store):
    store.write_json("steps/measure", 1)
    store.write_json("steps/measure/http", 2)

    assert store.names("steps/") == ["steps/measure", "steps/measure/http"]
    assert (store.read_json("steps/measure"), store.read_json("steps/measure/http")) == (1, 2)


def test_processes_that_write_one_name_at_once_do_not_break_each_other(tmp_path):
    stores = [Artefacts(tmp_path) for _ in range(4)]
    failures = []

    def write(store):
        try:
            for number in range(50):
                store.write_json("parts/same", {"n": number % 3})
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at below
            failures.append(error)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(write, stores))

    assert failures == []
    assert Artefacts(tmp_path).read_json("parts/same")["n"] in (0, 1, 2)
    stores[0].sweep()
    assert list((tmp_path / "tmp").iterdir()) == []
