"""The journal of the meters: what was written stays, a torn line is passed over."""

import resource
import signal

import pytest

from steelyard.adapters.ledgers.journal import UsageJournal
from steelyard.errors import StorageError


def test_readings_come_back_in_order(tmp_path):
    journal = UsageJournal(tmp_path / "a" / "usage.jsonl")

    journal.append({"id": "1", "what": "准备"})
    journal.append({"id": "2"})

    assert journal.read() == [{"id": "1", "what": "准备"}, {"id": "2"}]


def test_there_is_nothing_before_the_first_reading(tmp_path):
    assert UsageJournal(tmp_path / "usage.jsonl").read() == []


def test_a_line_cut_off_by_a_crash_costs_that_line_only(tmp_path):
    path = tmp_path / "usage.jsonl"
    UsageJournal(path).append({"id": "1"})
    path.write_bytes(path.read_bytes() + b'{"id": "2", "wh')

    UsageJournal(path).append({"id": "3"})

    assert [each["id"] for each in UsageJournal(path).read()] == ["1", "3"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(StorageError, match="usage journal"):
        UsageJournal(tmp_path / "file" / "usage.jsonl").append({})


def test_a_disk_that_takes_half_a_line_is_said_and_the_line_is_passed_over(tmp_path):
    path = tmp_path / "usage.jsonl"
    UsageJournal(path).append({"id": "1"})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
    try:
        with pytest.raises(StorageError, match="usage journal"):
            UsageJournal(path).append({"id": "2"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    UsageJournal(path).append({"id": "3"})

    assert [each["id"] for each in UsageJournal(path).read()] == ["1", "3"]
