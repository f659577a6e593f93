"""The second process: asked by name, heard line by line, still while something is timed, gone with whoever asked."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from steelyard.adapters.part_worker import PartWorker

SCRIPT = textwrap.dedent(
    """
    import json, sys, time
    def say(**word):
        print(json.dumps(word), flush=True)
    for line in sys.stdin:
        name = line.strip()
        if name == "breaks":
            say(part=name, failed=True, what="it broke")
        elif name == "dies":
            sys.exit(1)
        elif name == "counts":
            for n in range(1, 1000):
                say(part=name, done=n, total=1000, what="rows")
                time.sleep(0.01)
        else:
            print("a library that prints", flush=True)
            say(part=name, done=3, total=4, what="rows")
            say(part=name, seconds=2.5)
    """
)


def untold(done, total, what):
    pass


@pytest.fixture
def worker():
    found = PartWorker([sys.executable, "-c", SCRIPT])
    yield found
    found.close()


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def seen(condition, *, seconds=5.0):
    """Whether something comes to be."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_part_that_was_made_says_how_long_it_took(worker):
    worker.ask(["one", "two"])

    assert worker.wait("two", untold) == 2.5
    assert worker.wait("one", untold) == 2.5


def test_what_was_not_asked_for_is_not_waited_for(worker):
    assert worker.wait("other", untold) is None


def test_what_could_not_be_made_is_said_and_the_next_is_made(worker):
    worker.ask(["breaks", "one"])

    assert worker.wait("breaks", untold) is None
    assert worker.wait("one", untold) == 2.5


def test_a_process_that_dies_leaves_what_it_had_not_made(worker):
    worker.ask(["one", "dies", "two"])

    assert worker.wait("one", untold) == 2.5
    assert worker.wait("two", untold) is None
    worker.ask(["three"])
    assert worker.wait("three", untold) is None


def test_whoever_waits_hears_how_far_it_has_come(worker):
    worker.ask(["counts"])
    told = []

    class Enough(Exception):
        pass

    def heard(done, total, what):
        told.append((total, what))
        raise Enough

    with pytest.raises(Enough):
        worker.wait("counts", heard)
    assert told == [(1000, "rows")]


def test_it_stands_still_while_something_is_timed(worker):
    worker.ask(["counts"])
    pid = worker._process.pid

    with worker.paused():
        assert seen(lambda: state_of(pid) == "T")
    assert seen(lambda: state_of(pid) in "SR")


def test_closing_ends_it_even_when_it_stands_still(worker):
    worker.ask(["counts"])
    pid = worker._process.pid

    with worker.paused():
        worker.close()

    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no /proc: processes cannot be looked at")
def test_it_does_not_outlive_whoever_asked_though_it_stands_still(tmp_path):
    code = """
import sys, time
from steelyard.adapters.part_worker import PartWorker
worker = PartWorker([sys.executable, "-c", "import time; time.sleep(60)"])
with worker.paused():
    print(worker._process.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as asking:
        pid = int(asking.stdout.readline())
        assert seen(lambda: state_of(pid) == "T")
        asking.send_signal(signal.SIGKILL)

    assert seen(lambda: not _runs(pid))


def _runs(pid):
    try:
        os.kill(pid, 0)
        return state_of(pid) != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
