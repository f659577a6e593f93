"""Runs that a server starts: when, how often, one at a time, and what is said of those that fail."""

from datetime import UTC, datetime, timedelta

import pytest

from steelyard.documents.rebuild import Outcome, RebuildRecord, read_rebuild, rebuild_content
from steelyard.errors import ArtefactError, StorageError
from steelyard.serving.answers import ChangesState
from steelyard.workflows.rebuilding import LONGEST_REST, Rebuilds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Run:
    """A run in memory; it ends when it is told how."""

    def __init__(self):
        self.code, self.was_stopped = None, False

    def status(self):
        return self.code

    def stop(self):
        self.was_stopped = True
        self.code = -2 if self.code is None else self.code
        return self.code

    def last_lines(self):
        return ("reading orders.csv", "error: no column price")


class Disk:
    """What servers of the same bundles share."""

    def __init__(self):
        self.record, self.holder, self.runs = None, None, []
        self.is_full, self.is_damaged = False, False


class Folder:
    """One server's view of it."""

    def __init__(self, disk):
        self.disk = disk

    def take(self):
        if self.disk.is_full:
            raise StorageError("no space left beside the bundles")
        if self.disk.holder not in (None, self):
            return False
        self.disk.holder = self
        return True

    def release(self):
        if self.disk.holder is self:
            self.disk.holder = None

    def read(self):
        if self.disk.is_damaged:
            raise ArtefactError("this is no record")
        return self.disk.record

    def write(self, record):
        if self.disk.is_full:
            raise StorageError("no space left beside the bundles")
        self.disk.record = record

    def start(self):
        self.disk.runs.append(Run())
        return self.disk.runs[-1]


class Shop:
    """A shop whose catalogue changes, and its servers."""

    def __init__(self):
        self.now, self.since, self.is_busy = NOON, NOON - timedelta(minutes=5), False
        self.disk = Disk()

    def server(self):
        return Rebuilds(Folder(self.disk), self.changes, is_busy=lambda: self.is_busy, now=lambda: self.now, pause_s=60)

    def changes(self):
        if self.since is None:
            return ChangesState("t-1")
        return ChangesState("t-1", beside=9, items=9, since=self.since.isoformat(), rebuild_due=True)

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def fail(self, server, code=1):
        self.disk.runs[-1].code = code
        server.step()


@pytest.fixture
def shop():
    return Shop()


def test_nothing_is_started_before_a_run_is_due(shop):
    shop.since = None
    server = shop.server()

    server.step()

    assert (server.state.state, shop.disk.runs) == ("idle", [])


def test_one_run_is_started_when_it_is_due_and_its_bundle_ends_the_matter(shop):
    server = shop.server()
    server.step()
    server.step()
    assert (server.state.state, len(shop.disk.runs)) == ("running", 1)

    shop.wait(30)
    shop.disk.runs[0].code = 0
    server.step()
    assert server.state.state == "resting"  # the bundle is being opened
    shop.since = None
    server.step()

    state = server.state
    assert (state.state, state.failures, state.trouble) == ("idle", 0, "")
    assert (state.began, state.ended) == ("2026-03-01T12:00:00+00:00", "2026-03-01T12:00:30+00:00")
    assert (shop.disk.record.outcome, shop.disk.holder) == (Outcome.DONE, None)


def test_changes_that_came_during_a_run_wait_for_the_pause(shop):
    server = shop.server()
    server.step()
    shop.wait(30)
    shop.since = shop.now
    shop.disk.runs[0].code = 0

    server.step()
    shop.wait(59)
    server.step()
    assert (server.state.not_before, len(shop.disk.runs)) == ("2026-03-01T12:01:30+00:00", 1)
    shop.wait(1)
    server.step()

    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("running", 0, 2)


def test_only_one_of_two_servers_runs(shop):
    one, other = shop.server(), shop.server()

    one.step()
    other.step()

    assert (one.state.state, other.state.state, len(shop.disk.runs)) == ("running", "elsewhere", 1)
    assert other.state.failures == 0
    shop.disk.runs[0].code = 0
    one.step()
    other.step()
    assert (other.state.state, len(shop.disk.runs)) == ("resting", 1)


def test_somebodys_own_run_is_waited_for(shop):
    shop.is_busy = True
    server = shop.server()
    server.step()
    assert (server.state.state, shop.disk.runs) == ("elsewhere", [])

    shop.is_busy = False
    server.step()

    assert server.state.state == "running"


def test_a_failure_is_told_with_its_last_words_and_the_rest_is_doubled_each_time(shop):
    server, rests = shop.server(), []
    server.step()
    for n in range(1, 5):
        shop.fail(server, code=2)
        state = server.state
        assert (state.state, state.failures, state.trouble) == ("resting", n, "the run ended with status 2")
        assert state.last_lines == ("reading orders.csv", "error: no column price")
        rest = datetime.fromisoformat(state.not_before) - shop.now
        rests.append(rest.total_seconds())
        shop.wait(rest.total_seconds() - 1)
        server.step()
        assert len(shop.disk.runs) == n
        shop.wait(1)
        server.step()
        assert len(shop.disk.runs) == n + 1

    assert rests == [120, 240, 480, 960]


def test_the_rest_after_failures_is_never_longer_than_a_day(shop):
    shop.disk.record = RebuildRecord(NOON, Outcome.FAILED, NOON, failures=10_000, trouble="it failed")
    server = shop.server()
    server.step()

    assert datetime.fromisoformat(server.state.not_before) - NOON == LONGEST_REST


def test_a_server_that_starts_again_knows_of_the_failures_before(shop):
    first = shop.server()
    first.step()
    shop.fail(first)
    first.close()

    second = shop.server()
    second.step()

    assert (second.state.state, second.state.failures, len(shop.disk.runs)) == ("resting", 1, 1)


def test_a_run_by_hand_that_mends_it_ends_the_failures(shop):
    server = shop.server()
    server.step()
    shop.fail(server)
    shop.since = None

    server.step()

    assert (server.state.state, server.state.failures, server.state.trouble) == ("idle", 0, "")
    assert (shop.disk.record.failures, shop.disk.holder) == (0, None)


def test_a_run_that_ends_well_and_changes_nothing_counts_as_a_failure(shop):
    server = shop.server()
    server.step()
    shop.wait(10)
    shop.disk.runs[0].code = 0
    server.step()
    shop.wait(60)

    server.step()

    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("resting", 1, 1)
    assert "not in the bundle" in server.state.trouble
    shop.wait(60)
    server.step()
    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("running", 1, 2)


def test_a_server_that_ends_stops_its_run_and_the_next_one_goes_on_at_once(shop):
    server = shop.server()
    server.step()
    server.close()
    assert (shop.disk.runs[0].was_stopped, shop.disk.record.outcome, shop.disk.holder) == (True, Outcome.STOPPED, None)

    shop.server().step()

    assert len(shop.disk.runs) == 2
    assert shop.disk.record.failures == 0


def test_a_run_that_ended_just_before_its_server_is_not_called_stopped(shop):
    server = shop.server()
    server.step()
    shop.disk.runs[0].code = 3

    server.close()

    assert (shop.disk.record.outcome, shop.disk.record.failures) == (Outcome.FAILED, 1)
    assert not shop.disk.runs[0].was_stopped


def test_a_run_that_was_ended_by_hand_is_no_failure_and_rests(shop):
    server = shop.server()
    server.step()
    shop.fail(server, code=-15)

    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("resting", 0, 1)
    shop.wait(60)
    server.step()
    assert len(shop.disk.runs) == 2


def test_a_run_that_was_killed_for_memory_says_so(shop):
    server = shop.server()
    server.step()
    shop.fail(server, code=-9)

    assert server.state.trouble == "the run ended by signal 9: most often the machine was out of memory"


def test_a_run_that_was_cut_off_with_its_server_counts_as_a_failure(shop):
    shop.server().step()
    shop.disk.holder = None  # the machine lost power
    shop.wait(10)

    server = shop.server()
    server.step()

    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("resting", 1, 1)
    assert "cut off" in server.state.trouble


def test_a_run_that_outlived_its_server_and_ended_well_is_none(shop):
    shop.server().step()
    shop.disk.holder = None
    shop.wait(300)
    shop.since = shop.now  # what came before is in its bundle

    server = shop.server()
    server.step()

    assert (server.state.state, server.state.failures, len(shop.disk.runs)) == ("running", 0, 2)


def test_a_full_disk_starts_nothing_and_is_told(shop):
    shop.disk.is_full = True
    server = shop.server()
    server.step()
    server.step()

    assert (server.state.state, server.state.failures, shop.disk.runs) == ("resting", 1, [])
    assert "no space left" in server.state.trouble
    shop.disk.is_full = False
    shop.wait(120)
    server.step()
    assert server.state.state == "running"


def test_a_record_that_cannot_be_read_stops_nothing(shop):
    shop.disk.is_damaged = True
    server = shop.server()

    server.step()
    shop.fail(server)

    assert (server.state.state, server.state.failures) == ("resting", 1)


def test_a_record_comes_back_as_it_was_kept():
    record = RebuildRecord(NOON, Outcome.FAILED, NOON, failures=3, trouble="no room", last_lines=("a", "b"))

    assert read_rebuild(rebuild_content(record)) == record
    with pytest.raises(ArtefactError, match="record of rebuilds"):
        read_rebuild(b"[]")
