import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.domain import Event, EventKind
from steelyard.errors import ArtefactError, DataError, StorageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("click", "purchase")


def event(name, *, user="u", item="a", minutes=0, kind=EventKind.CLICK):
    return Event(name, kind, NOON + timedelta(minutes=minutes), user=user, item_id=item)


@pytest.fixture
def log(tmp_path):
    found = SqliteEvents(tmp_path / "state", retry_s=0.05)
    yield found
    found.close()


def test_an_event_is_acknowledged_once_it_is_stored(log):
    appended = log.append([event("1"), event("2")]).result(timeout=5)

    assert (appended.stored, appended.duplicates) == (2, 0)
    assert log.count() == 2
    assert log.stored == 2


def test_an_event_sent_again_is_acknowledged_and_counted_once(log):
    log.append([event("1")]).result(timeout=5)

    again = log.append([event("1"), event("2"), event("2")]).result(timeout=5)

    assert (again.stored, again.duplicates) == (1, 2)
    assert log.count() == 2


def test_many_clients_sending_the_same_events_store_each_once(log):
    def client():
        for n in range(30):
            log.append([event(f"{n}")]).result(timeout=5)

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert log.count() == 30


def test_a_history_is_in_order_of_the_events_own_times_and_cut_to_the_latest(log):
    log.append([event("1", item="late", minutes=9), event("2", item="early", minutes=1)]).result(timeout=5)
    log.append([event("3", item="middle", minutes=5), event("4", user="another", item="x")]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=9) == ["early", "middle", "late"]
    assert log.history("u", kinds=KINDS, limit=2) == ["middle", "late"]


def test_only_the_kinds_that_count_are_in_a_history_and_nobody_has_none(log):
    anonymous = event("3", user="", item="c")
    log.append([event("1", kind=EventKind.IMPRESSION), event("2", item="b"), anonymous]).result(timeout=5)

    assert log.history("u", kinds=KINDS, limit=9) == ["b"]
    assert log.history("", kinds=KINDS, limit=9) == []
    assert log.history("' OR 1=1 --", kinds=KINDS, limit=9) == []


def test_histories_are_there_after_a_restart(tmp_path):
    first = SqliteEvents(tmp_path)
    first.append([event("1", item="a"), event("2", item="b", minutes=1)]).result(timeout=5)
    first.close()

    second = SqliteEvents(tmp_path)

    assert second.history("u", kinds=KINDS, limit=9) == ["a", "b"]
    second.close()


def test_a_second_server_on_the_same_folder_is_refused(log, tmp_path):
    with pytest.raises(StorageError, match="used by another server"):
        SqliteEvents(tmp_path / "state")


def test_a_file_that_is_no_event_log_is_refused(tmp_path):
    (tmp_path / "events.sqlite").write_bytes(b"not a database at all" * 100)

    with pytest.raises(ArtefactError, match="no event log"):
        SqliteEvents(tmp_path)


def test_a_log_of_a_newer_version_is_refused_untouched(tmp_path):
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    before = (tmp_path / "events.sqlite").read_bytes()

    with pytest.raises(ArtefactError, match="format 99"):
        SqliteEvents(tmp_path)

    assert (tmp_path / "events.sqlite").read_bytes() == before


def test_half_a_surrogate_pair_is_refused_and_harms_nobody(log):
    with pytest.raises(DataError, match="not Unicode"):
        log.append([event("1", item="\ud800")])

    assert log.append([event("2")]).result(timeout=5).stored == 1


def test_a_closed_log_takes_nothing(tmp_path):
    log = SqliteEvents(tmp_path)
    log.close()

    with pytest.raises(StorageError, match="closed"):
        log.append([event("1")])


def test_what_was_accepted_before_closing_is_stored(tmp_path):
    log = SqliteEvents(tmp_path)
    futures = [log.append([event(f"{n}")]) for n in range(200)]

    log.close()

    assert sum(future.result(timeout=0).stored for future in futures) == 200


def test_too_much_waiting_is_refused(tmp_path):
    log = SqliteEvents(tmp_path, max_waiting=3)

    with pytest.raises(StorageError, match="waiting"):
        log.append([event(f"{n}") for n in range(4)])

    log.close()


def test_when_the_file_cannot_grow_nothing_is_acknowledged_and_storing_resumes_by_itself(log, tmp_path):
    log.append([event("before")]).result(timeout=5)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "state" / "events.sqlite-wal").stat().st_size
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with pytest.raises(StorageError, match="cannot be stored"):
            log.append([event(f"{n}", item="x" * 200) for n in range(500)]).result(timeout=5)
        trouble = log.trouble
        with pytest.raises(StorageError):
            log.append([event("meanwhile")]).result(timeout=5)
        read = log.history("u", kinds=KINDS, limit=9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    deadline = time.monotonic() + 5
    while log.trouble and time.monotonic() < deadline:
        time.sleep(0.02)

    assert "cannot be stored" in trouble
    assert read == ["a"]
    assert log.trouble == ""
    assert log.append([event("after")]).result(timeout=5).stored == 1
    assert log.count() == 2


def test_kill_in_the_middle_of_storing_loses_no_acknowledged_event(tmp_path):
    writer = textwrap.dedent("""
        import sys, itertools
        from datetime import UTC, datetime
        from pathlib import Path
        from steelyard.adapters.sqlite_events import SqliteEvents
        from steelyard.domain import Event, EventKind
        log = SqliteEvents(Path(sys.argv[1]))
        for n in itertools.count():
            name = f"{sys.argv[2]}-{n}"
            log.append([Event(name, EventKind.CLICK, datetime.now(UTC), user="u", item_id="i")]).result()
            print(name, flush=True)
    """)
    acknowledged = set()
    for round_ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", writer, str(tmp_path), str(round_)], stdout=subprocess.PIPE, text=True
        ) as child:
            for _ in range(100 + 37 * round_):
                acknowledged.add(child.stdout.readline().strip())
            child.send_signal(signal.SIGKILL)
            acknowledged.update(line.strip() for line in child.stdout if line.endswith("\n"))

    log = SqliteEvents(tmp_path)
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        stored = {name for (name,) in connection.execute("SELECT event_id FROM events")}
    connection.close()
    again = log.append([event(name) for name in sorted(acknowledged)]).result(timeout=5)
    log.close()

    assert len(acknowledged) >= 300
    assert acknowledged <= stored
    assert (again.stored, again.duplicates) == (0, len(acknowledged))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(StorageError, match="cannot write"):
        SqliteEvents(tmp_path)

    tmp_path.chmod(0o700)


def test_a_state_folder_that_is_a_file_is_refused(tmp_path):
    path = Path(tmp_path / "file")
    path.write_text("x")

    with pytest.raises(StorageError, match=os.strerror(errno.EEXIST)):
        SqliteEvents(path)


def test_the_chance_of_what_was_shown_is_stored_also_in_a_log_of_the_version_before(tmp_path):
    SqliteEvents(tmp_path).close()
    drop = "".join(f"ALTER TABLE events DROP COLUMN {name}; " for name in ("request_id", "propensity", "is_usual"))
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        connection.executescript(f"{drop} PRAGMA user_version=2")
    log = SqliteEvents(tmp_path)
    shown = Event("1", EventKind.CLICK, NOON, item_id="a", request_id="r1", propensity=0.25, is_usual=False)
    log.append([shown, event("2")]).result(timeout=5)
    log.append([Event("1", EventKind.CLICK, NOON, item_id="a", request_id="r1")]).result(timeout=5)
    log.close()

    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        rows = connection.execute(
            "SELECT event_id, request_id, propensity, is_usual FROM events ORDER BY seq"
        ).fetchall()
    assert rows == [("1", "r1", 0.25, 0), ("2", "", None, None)]
