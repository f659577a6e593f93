"""The journal of the meters: what was written stays, a torn line is passed over."""

import resource
import signal
from decimal import Decimal

import pytest

from steelyard.adapters.ledgers.journal import UsageJournal
from steelyard.documents.meter_line import MeterLine
from steelyard.errors import StorageError
from steelyard.ledger.metering import MeterReadings


def line(name, **fields):
    began, ended = "2026-11-20T10:00:00+00:00", "2026-11-20T11:00:00+00:00"
    return MeterLine(id=name, what="serve", began=began, ended=ended, cpu_s=1.5, **fields)


def test_readings_come_back_in_order(tmp_path):
    journal = UsageJournal(tmp_path / "a" / "usage.jsonl")

    journal.append(line("一", shares={"热门": 0.5}, sent_bytes=7))
    journal.append(line("2", stored_bytes=9, peak_rss_bytes=1))

    first, second = journal.read().metered
    assert (first.id, first.shares, first.sent_bytes, first.stored_bytes) == ("一", {"热门": Decimal("0.5")}, 7, None)
    assert (second.id, second.stored_bytes, second.cpu_s) == ("2", 9, Decimal("1.5"))


def test_a_line_holds_what_was_metered_and_nothing_else(tmp_path):
    UsageJournal(tmp_path / "usage.jsonl").append(line("1", shares={}))

    assert (tmp_path / "usage.jsonl").read_text() == (
        '{"began": "2026-11-20T10:00:00+00:00", "cpu_s": 1.5, "ended": "2026-11-20T11:00:00+00:00", "id": "1", '
        '"shares": {}, "what": "serve"}\n'
    )


def test_a_line_that_is_no_reading_is_said_and_the_others_are_read(tmp_path):
    path = tmp_path / "usage.jsonl"
    UsageJournal(path).append(line("1"))
    path.write_bytes(b'{"id": "0"}\n' + path.read_bytes())

    found = UsageJournal(path).read()

    assert [each.id for each in found.metered] == ["1"]
    assert "a line of the usage journal cannot be read" in found.refused[0]


def test_there_is_nothing_before_the_first_reading(tmp_path):
    assert UsageJournal(tmp_path / "usage.jsonl").read() == MeterReadings()


def test_a_line_cut_off_by_a_crash_costs_that_line_only(tmp_path):
    path = tmp_path / "usage.jsonl"
    UsageJournal(path).append(line("1"))
    path.write_bytes(path.read_bytes() + b'{"id": "2", "wh')

    UsageJournal(path).append(line("3"))

    assert [each.id for each in UsageJournal(path).read().metered] == ["1", "3"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(StorageError, match="usage journal"):
        UsageJournal(tmp_path / "file" / "usage.jsonl").append(line("1"))


def test_a_disk_that_takes_half_a_line_is_said_and_the_line_is_passed_over(tmp_path):
    path = tmp_path / "usage.jsonl"
    UsageJournal(path).append(line("1"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
    try:
        with pytest.raises(StorageError, match="usage journal"):
            UsageJournal(path).append(line("2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    UsageJournal(path).append(line("3"))

    assert [each.id for each in UsageJournal(path).read().metered] == ["1", "3"]
