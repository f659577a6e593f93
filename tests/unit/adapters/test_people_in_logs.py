"""People in the event log: gone from every byte of it, while a server writes (R1.7: P2, P4, P8)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from steelyard.adapters.privacy.event_log import change_event_log, erase_once, is_served, people_of_log
from steelyard.adapters.privacy.traces import find_traces
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.change import Change
from steelyard.domain import Event, EventKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME = Pseudonyms(b"k" * 32)
APART = """
import sys
from pathlib import Path
from steelyard.adapters.privacy.event_log import change_event_log
from steelyard.data.privacy.change import Change
print(change_event_log(Path(sys.argv[1]), Change(erased=frozenset(sys.argv[2:]))))
"""


def event(name, user="", visit="", *, days=0):
    return Event(name, EventKind.CLICK, NOON - timedelta(days=days), user=user, session=visit, item_id="a")


@pytest.fixture
def folder(tmp_path):
    log = SqliteEvents(tmp_path)
    rows = [event(f"{n}-{k}", NAME(f"user {n}"), NAME(f"visit {n}"), days=k) for n in range(40) for k in range(30)]
    log.append(
        [*rows, event("nobody", visit=NAME("visit 3")), event("shared", NAME("user 5"), NAME("visit 3"))]
    ).result()
    log.close()
    return tmp_path


def rows_of(folder):
    log = SqliteEvents(folder)
    n = log.count()
    log.close()
    return n


def test_no_byte_of_the_files_holds_an_erased_person_or_a_visit_of_theirs(folder):
    gone = [NAME(f"user {n}") for n in (3, 7)]
    visits = [NAME("visit 3"), NAME("visit 7")]
    assert find_traces([folder], pseudonyms=gone).found

    n = change_event_log(folder, Change(erased=frozenset(gone)))

    assert n == 60 + 2  # with the row of nobody, and the visit of user 5
    assert find_traces([folder], pseudonyms=[*gone, *visits]).found == {}
    assert rows_of(folder) == 1200 + 2 - 61
    assert change_event_log(folder, Change(erased=frozenset(gone))) == 0


def test_a_server_goes_on_writing_while_another_process_erases(folder):
    log = SqliteEvents(folder)
    assert is_served(folder)

    erasing = subprocess.Popen([sys.executable, "-c", APART, str(folder), NAME("user 3")], stdout=subprocess.PIPE)
    stored = sum(log.append([event(f"new-{n}", NAME("user 9"))]).result(timeout=10).stored for n in range(200))
    n_erased = int(erasing.communicate(timeout=60)[0])

    assert (stored, n_erased, log.trouble) == (200, 32, "")
    assert log.history(NAME("user 3"), kinds=["click"], limit=5) == []
    log.close()
    assert not is_served(folder)
    assert find_traces([folder], pseudonyms=[NAME("user 3"), NAME("visit 3")]).found == {}
    assert rows_of(folder) == 1200 + 2 - 31 + 200


def test_another_process_that_looks_into_the_log_takes_nothing_away_from_the_server(folder):
    log = SqliteEvents(folder)
    log.append([event("first", NAME("user 9"))]).result(timeout=5)
    before = (folder / "events.sqlite-wal").stat().st_ino
    looks = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT 1 FROM events'); db.close()"

    subprocess.run([sys.executable, "-c", looks, str(folder / "events.sqlite")], check=True)

    assert (folder / "events.sqlite-wal").stat().st_ino == before
    log.append([event("second", NAME("user 9"))]).result(timeout=5)
    log.close()
    assert rows_of(folder) == 1200 + 2 + 2


def test_a_pseudonym_takes_the_place_of_another(folder):
    log = SqliteEvents(folder)

    n = change_event_log(folder, Change(renamed={NAME("user 3"): NAME("new 3")}), is_open_here=True)

    assert n == 30
    assert log.history(NAME("new 3"), kinds=["click"], limit=5) == ["a"]
    log.close()
    assert NAME("user 3") not in people_of_log(folder)


def test_old_rows_go_by_their_own_time(folder):
    change_event_log(folder, Change(before_s=(NOON - timedelta(days=9)).timestamp()))

    assert rows_of(folder) == 40 * 10 + 2


def test_a_list_is_applied_once_to_a_log_and_again_to_a_restored_one(folder):
    people = frozenset({NAME("user 3")})

    assert erase_once(folder, people) > 0
    assert erase_once(folder, people) == 0
    (folder / "erased.applied").unlink()  # as a backup of before has none
    assert erase_once(folder, people) == 0
    assert erase_once(folder, people | {NAME("user 4")}) == 30


def test_where_there_is_no_log_there_is_nothing_to_do(tmp_path):
    assert change_event_log(tmp_path, Change(erased=frozenset({NAME("x")}))) == 0
    assert people_of_log(tmp_path) == set()
    assert not is_served(tmp_path)
