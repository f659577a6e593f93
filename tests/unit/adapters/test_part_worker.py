"""The second process: asked by name, heard line by line, still while something is timed, gone with whoever asked."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from steelyard.adapters.measuring.machine import usable_cores
from steelyard.adapters.part_worker import PartWorker, has_room

SCRIPT = textwrap.dedent(
    """
    import json, subprocess, sys, time
    def say(**word):
        print(json.dumps(word), flush=True)
    for line in sys.stdin:
        name = line.strip()
        if name == "raw":
            sys.stdout.buffer.write(b"\\xff\\xfe not utf-8\\n")
            sys.stdout.flush()
            say(part=name, seconds=1.0)
        elif name == "wrong":
            print("[1, 2]", flush=True)
            print('{"part": 3}', flush=True)
            print('{"part": "wrong", "done": "x"}', flush=True)
            say(part=name, seconds=1.5)
        elif name == "starts":
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            say(part=name, seconds=1.0)
        elif name == "breaks":
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


@pytest.mark.parametrize(("part", "seconds"), [("raw", 1.0), ("wrong", 1.5)])
def test_whatever_a_library_writes_between_its_words_nobody_waits_for_ever(worker, part, seconds):
    worker.ask([part, "one"])

    assert worker.wait(part, untold) == seconds
    assert worker.wait("one", untold) == 2.5


def test_why_a_part_could_not_be_made_is_logged(worker, caplog):
    worker.ask(["breaks", "dies"])
    worker.wait("breaks", untold)
    worker.wait("dies", untold)

    said = " ".join(record.getMessage() for record in caplog.records)
    assert "could not make breaks (it broke): it will be made here" in said
    assert "ended before it made dies" in said


def test_closing_ends_what_it_started_as_well(worker):
    worker.ask(["starts"])
    assert worker.wait("starts", untold) == 1.0
    group = worker._process.pid

    began_s = time.monotonic()
    worker.close()

    assert time.monotonic() - began_s < 10
    assert seen(lambda: not _members(group))


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
child = "from steelyard.adapters.part_worker import end_with_parent; end_with_parent(); print(1); "
worker = PartWorker([sys.executable, "-c", child + "import time, sys; sys.stdout.flush(); time.sleep(60)"])
time.sleep(3)
with worker.paused():
    print(worker._process.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as asking:
        pid = int(asking.stdout.readline())
        assert seen(lambda: state_of(pid) == "T")
        asking.send_signal(signal.SIGKILL)

    assert seen(lambda: not _runs(pid))


def _members(group):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(folder.name)
    return found


def _runs(pid):
    try:
        os.kill(pid, 0)
        return state_of(pid) != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def room(folder, **files):
    """Files of a system that tells of its memory, and of what a container may use."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_max", ".max").replace("_current", ".current")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {"proc": folder / "proc", "cgroup": folder / "cgroup"}


FREE = "MemTotal: 9000000 kB\nMemAvailable: 8000000 kB\n"
FULL = "MemTotal: 9000000 kB\nMemAvailable: 1000000 kB\n"


@pytest.mark.skipif(len(usable_cores()) < 2, reason="one core: there is never room for a second process")
@pytest.mark.parametrize(
    ("files", "is_there"),
    [
        ({}, False),
        ({"proc__meminfo": FREE}, True),
        ({"proc__meminfo": FULL}, False),
        ({"proc__meminfo": FREE, "cgroup__memory_max": "max\n", "cgroup__memory_current": "1000\n"}, True),
        ({"proc__meminfo": FREE, "cgroup__memory_max": "2147483648\n", "cgroup__memory_current": "0\n"}, False),
        (
            {"proc__meminfo": FREE, "cgroup__memory_max": f"{8 * 2**30}\n", "cgroup__memory_current": f"{6 * 2**30}"},
            False,
        ),
        (
            {"proc__meminfo": FREE, "cgroup__memory_max": f"{8 * 2**30}\n", "cgroup__memory_current": f"{4 * 2**30}"},
            True,
        ),
        ({"proc__meminfo": FREE, "cgroup__cpu_max": "max 100000\n"}, True),
        ({"proc__meminfo": FREE, "cgroup__cpu_max": "150000 100000\n"}, False),
        ({"proc__meminfo": FREE, "cgroup__cpu_max": "200000 100000\n"}, True),
    ],
)
def test_there_is_room_where_the_machine_and_the_container_have_two_cores_and_memory(tmp_path, files, is_there):
    assert has_room(**room(tmp_path, **files)) is is_there
