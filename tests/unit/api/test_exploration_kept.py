"""The state of what explores: taken up again, begun anew where it is of something else, and written once."""

import asyncio
import logging
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from steelyard.adapters.exploration_file import ExplorationFile
from steelyard.api.exploration import ExplorationKeeper, resume
from steelyard.domain import EventKind
from steelyard.errors import StorageError
from steelyard.serving.events import EventIn
from steelyard.serving.exploring import Explorer, Exploring
from steelyard.testing.shelf import shelf_engine

OPTIONS = Exploring(share=1, slot=2, pool=6)
BUNDLE = "d" * 64


@pytest.fixture
def file(tmp_path):
    return ExplorationFile(tmp_path, lambda: [b"k" * 32])


def used(service, explorer=None, n=5):
    """The service's explorer, after ``n`` answers of which every other was clicked."""
    service.explorer = explorer or Explorer(OPTIONS, bundle=BUNDLE)

    async def shop():
        for number in range(n):
            told = (await service.recommend("", k=8, request_id=f"r{number}")).explored
            kind = EventKind.CLICK if number % 2 else EventKind.IMPRESSION
            await service.take([EventIn(kind=kind, item_id=told.item_id, request_id=f"r{number}")])

    asyncio.run(shop())
    return service.explorer


def test_a_new_process_knows_all_that_was_written_and_chooses_alike(service, file):
    explorer = Explorer(OPTIONS, bundle=BUNDLE)
    with ExplorationKeeper(explorer, file, every_s=60):
        used(service, explorer)
    before = [await_answer(service, f"s{n}") for n in range(6)]

    service.explorer = Explorer(OPTIONS, bundle=BUNDLE)
    resume(service.explorer, file)

    assert service.explorer.learnt()[1] == explorer.learnt()[1]
    assert service.explorer.learnt()[1].n_shown == 5
    assert [await_answer(service, f"s{n}") for n in range(6)] == before


def await_answer(service, name):
    return asyncio.run(service.recommend("", k=8, request_id=name)).explored


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Explorer(OPTIONS, bundle="e" * 64), "another bundle is served"),
        (Explorer(replace(OPTIONS, floor=0.05), bundle=BUNDLE), "was changed"),
    ],
)
def test_another_bundle_or_other_options_begin_anew_and_say_so(service, file, other, says, caplog):
    file.write(used(service).learnt()[1])

    with caplog.at_level(logging.WARNING):
        resume(other, file)

    assert other.learnt()[1].n_shown == 0
    assert says in caplog.text and "n_shown_before=5" in caplog.text


def test_a_state_of_other_features_or_a_damaged_one_begins_anew_and_says_so(service, tmp_path, file, caplog):
    learnt = used(service).learnt()[1]
    file.write(msgspec.structs.replace(learnt, rewarded=(1.0,)))
    explorer = Explorer(OPTIONS, bundle=BUNDLE)

    resume(explorer, file)
    (tmp_path / "exploration.json").write_bytes(b"{")
    resume(explorer, file)

    assert "other features" in caplog.text and "is damaged" in caplog.text
    assert explorer.learnt()[1].n_shown == 0


def test_a_new_bundle_begins_anew_and_late_events_of_the_old_one_teach_nothing(service, file):
    explorer = used(service)
    told = await_answer(service, "late")

    service.swap(shelf_engine(200), replace(service.about, digest="e" * 64))
    asyncio.run(service.take([EventIn(kind=EventKind.CLICK, item_id=told.item_id, request_id="late")]))

    found = explorer.learnt()[1]
    assert (found.bundle, found.n_shown) == ("e" * 64, 0)
    assert np.array_equal(found.shown, np.eye(6))


def test_the_same_bundle_taken_again_forgets_nothing(service):
    explorer = used(service)

    service.swap(shelf_engine(200), service.about)

    assert explorer.learnt()[1].n_shown == 5


def test_nothing_is_written_without_news_and_a_disk_that_refuses_is_asked_again(service, caplog):
    class Full:
        def __init__(self):
            self.written, self.is_full = [], True

        def read(self):
            return None

        def write(self, learnt):
            if self.is_full:
                raise StorageError("no space left")
            self.written.append(learnt.n_shown)

    kept, explorer = Full(), Explorer(OPTIONS, bundle=BUNDLE)
    keeper = ExplorationKeeper(explorer, kept, every_s=60)
    keeper.write()
    service.explorer = explorer
    told = await_answer(service, "r")
    asyncio.run(service.take([EventIn(kind=EventKind.CLICK, item_id=told.item_id, request_id="r")]))
    keeper.write()
    kept.is_full = False
    keeper.write()
    keeper.write()

    assert "exploration_not_kept" in caplog.text
    assert kept.written == [1]
