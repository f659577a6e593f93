"""What is written of a run while it goes on: nothing before it did something, and again while a step is long."""

import threading
from datetime import UTC, datetime

import pytest

from steelyard.cli.whole_run import _Published
from steelyard.documents.progress import Progress

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def progress(stage, **more):
    return Progress("Shop", NOW, NOW, stage=stage, **more)


def test_nothing_is_written_before_something_was_prepared():
    written = []
    published = _Published(written.append, lambda: NOW, is_open=False)

    published.write(progress("prepare"))
    published.write(progress("prepare", is_done=True, failure="no such file"))

    assert written == []


def test_everything_is_written_once_something_was_prepared():
    written = []
    published = _Published(written.append, lambda: NOW, is_open=False)

    published.write(progress("prepare"))
    published.write(progress("build"))

    assert [each.stage for each in written] == ["build"]


def test_a_run_that_is_watched_is_told_from_the_start():
    written = []

    _Published(written.append, lambda: NOW, is_open=True).write(progress("prepare"))

    assert [each.stage for each in written] == ["prepare"]


def test_a_long_step_is_told_again_with_a_new_time():
    later, again = NOW.replace(hour=1), threading.Event()

    def write(document):
        if document.updated_at == later:
            again.set()

    published = _Published(write, lambda: later, is_open=True, every_s=0.01)
    with published.beating():
        published.write(progress("build"))

        assert again.wait(10)


@pytest.mark.parametrize("failure", ["", "the disk is full"])
def test_a_run_that_ended_is_not_told_again(failure):
    written = []
    published = _Published(written.append, lambda: NOW.replace(hour=1), is_open=True, every_s=0.001)

    with published.beating():
        published.write(progress("build", is_done=True, failure=failure))
        threading.Event().wait(0.05)

    assert len(written) == 1
