"""The run that a server starts is a process: locked, of lower priority, heard to the end, and ended in good order."""

import os
import sys
import time
from datetime import UTC, datetime

import pytest

from steelyard.adapters.rebuild_folder import LOG, RebuildFolder
from steelyard.documents.rebuild import RebuildRecord
from steelyard.errors import ArtefactError, StorageError

RECORD = RebuildRecord(datetime(2026, 3, 1, 12, tzinfo=UTC), failures=2, trouble="it failed")


def folder_of(path, script="pass"):
    return RebuildFolder(path / "rebuild", [sys.executable, "-S", "-c", script])


def ended(run):
    while run.status() is None:
        time.sleep(0.01)
    return run.status()


@pytest.fixture
def started(tmp_path):
    """Starts a script as a run; what is left of it is ended afterwards."""
    made = []

    def start(script):
        folder = folder_of(tmp_path, script)
        assert folder.take()
        made.append((folder, folder.start()))
        return made[-1]

    yield start
    for folder, run in made:
        run.stop()
        folder.release()


def test_one_holds_the_lock_at_a_time(tmp_path):
    one, other = folder_of(tmp_path), folder_of(tmp_path)

    assert (one.take(), other.take()) == (True, False)
    one.release()
    assert other.take()
    other.release()


def test_a_run_keeps_the_lock_that_its_server_lost(started, tmp_path):
    folder, run = started("import time; time.sleep(60)")
    folder.release()  # as the system does for a server that is killed

    assert not folder_of(tmp_path).take()
    run.stop()
    other = folder_of(tmp_path)
    assert other.take()
    other.release()


def test_a_failed_run_leaves_its_status_and_last_lines(started, tmp_path):
    _, run = started(
        "import sys\nfor n in range(50): print('line', n, flush=True)\n"
        "print('no column price', file=sys.stderr)\nsys.exit(3)"
    )

    assert ended(run) == 3
    assert run.last_lines()[-2:] == ("line 49", "no column price")
    assert len(run.last_lines()) == 8
    assert (tmp_path / "rebuild" / LOG).read_text().startswith("line 0")


def test_a_run_gives_way_to_the_server(started):
    _, run = started("import time; time.sleep(0.3)\nimport os; print(os.getpriority(os.PRIO_PROCESS, 0))")

    assert ended(run) == 0
    assert int(run.last_lines()[0]) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


def test_a_run_is_ended_as_by_its_user(started):
    _, run = started(
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # those who start tests may have it ignored
        "try:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('put away')"
    )
    while not run.last_lines():
        time.sleep(0.01)

    assert run.stop() == 0
    assert run.last_lines() == ("ready", "put away")


def test_the_record_is_replaced_and_read_back(tmp_path):
    folder = folder_of(tmp_path)
    assert folder.read() is None
    folder.take()

    folder.write(RECORD)

    assert folder.read() == RECORD
    (tmp_path / "rebuild" / "last-run.json").write_text("{")
    with pytest.raises(ArtefactError, match="record of rebuilds"):
        folder.read()
    folder.release()


def test_what_cannot_be_written_or_started_is_said(tmp_path):
    (tmp_path / "rebuild").write_text("a file in the way")
    with pytest.raises(StorageError, match="so no run is started"):
        folder_of(tmp_path).take()

    missing = RebuildFolder(tmp_path / "other", [str(tmp_path / "no-such-program")])
    missing.take()
    with pytest.raises(StorageError, match="a run cannot be started"):
        missing.start()
    missing.release()
