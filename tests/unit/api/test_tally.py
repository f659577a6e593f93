"""What the server did, as readings of the meters."""

import json
from datetime import UTC, datetime, timedelta

from starlette.responses import Response
from tests.documents_of import candidate_of, surface_of

from steelyard.api.tally import Meter, Tally, costs_of, weights
from steelyard.documents.meter_line import meter_line_builtins
from steelyard.domain import Stage, Surface
from steelyard.errors import StorageError
from steelyard.ledger.metering import read_metered

COSTS = {Surface.SEARCH: ("hybrid", 3.0), Surface.RECOMMEND: ("ials", 5.0), Surface.SIMILAR: ("ials", 5.0)}


class Clock:
    def __init__(self):
        self.at = datetime(2026, 11, 3, tzinfo=UTC)

    def __call__(self):
        self.at += timedelta(seconds=1)
        return self.at


def test_each_reading_holds_what_was_done_since_the_last():
    kept, tally = [], Tally()
    meter = Meter(tally, kept.append, COSTS, now=Clock())

    tally.count(Surface.SEARCH, Response(b"12345"))
    meter.read()
    tally.count(Surface.SIMILAR, Response(b"123"))
    meter.close()

    first, second = (read_metered(meter_line_builtins(each)) for each in kept)
    assert (first.sent_bytes, second.sent_bytes) == (5, 3)
    assert (dict(first.shares), dict(second.shares)) == ({"hybrid": 3}, {"ials": 5})
    assert first.stage is Stage.SERVING
    assert first.ended == second.began
    assert first.id != second.id


def test_a_journal_that_cannot_be_written_loses_nothing_of_the_count():
    kept, tally, is_full = [], Tally(), True

    def append(reading):
        if is_full:
            raise StorageError("full")
        kept.append(reading)

    meter = Meter(tally, append, COSTS, now=Clock())
    tally.count(Surface.SEARCH, Response(b"12345"))
    meter.read()
    is_full = False
    meter.read()

    assert [each.sent_bytes for each in kept] == [5]


def test_surfaces_answered_by_one_configuration_are_added():
    done = {Surface.SEARCH: 0, Surface.RECOMMEND: 2, Surface.SIMILAR: 1}

    assert weights(done, COSTS) == {"ials": 15.0}


def test_the_costs_come_from_the_decision_of_the_bundle():
    row = surface_of("recommend", "ials", candidate_of("ials", cpu_ms={"mean": 5.0, "low": 4.0, "high": 6.0}))

    assert costs_of(json.dumps({"surfaces": [row]}).encode()) == {
        Surface.RECOMMEND: ("ials", 5.0),
        Surface.SIMILAR: ("ials", 5.0),
    }
    assert costs_of(b"{}") == {}


def test_what_is_written_again_after_a_fault_has_the_same_id():
    kept, tally = [], Tally()

    def append(reading):
        kept.append(reading)
        if len(kept) == 1:
            raise StorageError("written, and perhaps not on the disk")

    meter = Meter(tally, append, COSTS, now=Clock())
    tally.count(Surface.SEARCH, Response(b"12345"))
    meter.read()
    tally.count(Surface.SEARCH, Response(b"123"))
    meter.read()
    meter.read()

    assert [each.sent_bytes for each in kept] == [5, 8, 0]
    assert kept[0].id == kept[1].id != kept[2].id


def test_a_clock_that_is_set_back_makes_no_reading_that_cannot_be_read():
    kept, times = [], iter([10, 10, 5, 7])
    meter = Meter(Tally(), kept.append, COSTS, now=lambda: datetime(2026, 11, 3, next(times), tzinfo=UTC))

    meter.read()
    meter.read()

    first, second = (read_metered(meter_line_builtins(each)) for each in kept)
    assert first.ended.hour == 5
    assert (second.began.hour, second.ended.hour) == (5, 7)


def test_what_was_answered_from_the_bundle_before_is_borne_by_its_own_configuration():
    kept, tally, is_full = [], Tally(), [True]

    def append(reading):
        if is_full[0]:
            raise StorageError("full")
        kept.append(reading)

    meter = Meter(tally, append, COSTS, now=Clock())
    tally.count(Surface.SEARCH, Response(b"1"))
    meter.follow({Surface.SEARCH: ("static", 0.5)})
    tally.count(Surface.SEARCH, Response(b"1"))
    meter.read()
    is_full[0] = False
    meter.follow({})
    tally.count(Surface.SEARCH, Response(b"1"))
    meter.read()
    meter.read()

    assert [each.shares for each in kept] == [{"hybrid": 3.0, "static": 0.5}, {}]
    assert [each.sent_bytes for each in kept] == [3, 0]
