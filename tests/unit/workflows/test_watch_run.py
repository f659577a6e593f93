"""A run is followed from one change to the next until it has ended or falls silent."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from steelyard.documents.progress import Progress
from steelyard.errors import StageError
from steelyard.workflows.watch_run import SILENT_S, follow, standing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Progress("Toy shop", NOON, NOON, stage="prepare")


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.waited_s = 0.0

    def now(self):
        return NOON + timedelta(seconds=self.waited_s)

    def monotonic_s(self):
        return self.waited_s

    def sleep(self, seconds):
        self.waited_s += seconds


def test_each_change_is_told_once_and_the_end_is_the_last():
    documents = iter([
        RUN, RUN, msgspec.structs.replace(RUN, stage="build"), msgspec.structs.replace(RUN, stage="build"),
        msgspec.structs.replace(RUN, is_done=True),
    ])  # fmt: skip
    clock = Clock()

    found = list(follow(lambda: next(documents), clock))

    assert [(each.progress.stage, each.is_over) for each in found] == [
        ("prepare", False), ("build", False), ("prepare", True),
    ]  # fmt: skip
    assert clock.waited_s == 4


def test_a_run_that_falls_silent_is_told_as_such_and_left():
    clock = Clock()

    found = list(follow(lambda: RUN, clock, every_s=10))

    assert [each.is_silent for each in found] == [False, True]
    assert SILENT_S < clock.waited_s <= SILENT_S + 10


def test_a_run_that_has_ended_is_never_silent():
    clock = Clock()
    clock.sleep(10 * SILENT_S)

    assert not standing(lambda: msgspec.structs.replace(RUN, is_done=True), clock).is_silent


def test_without_a_run_it_is_said_how_to_start_one():
    with pytest.raises(StageError, match="`steelyard run` starts one"):
        standing(lambda: None, Clock())
