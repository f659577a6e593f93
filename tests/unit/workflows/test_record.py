"""The record: the newest reading beside what was promised; and what readings at a part of the rate judge."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from tests.documents_of import candidate_of, decision_of, line_of, surface_of

from steelyard.adapters.artefacts import Artefacts
from steelyard.documents.decision import read_decision
from steelyard.documents.readings import Reading
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.workflows.evidence.standing import Ruling, standing
from steelyard.workflows.promises.record import complete_records, machines_decided, note_promise, read_record

LEXICAL = Configuration("lexical", Surface.SEARCH, "lexical", {"model": "parts/lexical"})
READING = Reading(
    "lexical", "id", "s1", "2026-11-28T12:00:00+00:00", 50.0, 5.0, 11.0, 0.0021, 500, 0, 10**8, 10.0, 0.002
)


@pytest.fixture
def run(tmp_path):
    return SimpleNamespace(store=Artefacts(tmp_path))


def held(*readings):
    return SimpleNamespace(judging=lambda: list(readings))


def test_the_newest_reading_is_noted_beside_what_was_promised_and_the_metered_bill_comes_after_it(run):
    older = replace(READING, at="2026-11-28T11:00:00+00:00", p99_ms=99.0)

    note_promise(run, held(older, READING), LEXICAL, {"lexical": Decimal("50.00")})
    complete_records(run, {"lexical": Decimal("51.00"), "other": Decimal("9.00")})
    (row,) = read_record(run)

    assert (row.p99_promised_ms, row.p99_measured_ms, row.p99_error) == (10.0, 11.0, 0.1)
    assert row.cpu_error == pytest.approx(0.05)
    assert (row.machines_promised, row.machines_metered, row.machines_error) == (
        Decimal("50.00"),
        Decimal("51.00"),
        0.02,
    )


def test_a_row_is_completed_once_and_an_earlier_one_is_left_as_it_was(run):
    note_promise(run, held(READING), LEXICAL, {"lexical": Decimal("50.00")})
    complete_records(run, {"lexical": Decimal("51.00")})
    note_promise(run, held(READING), LEXICAL, {"lexical": Decimal("51.00")})
    complete_records(run, {"lexical": Decimal("54.00")})

    assert [row.machines_metered for row in read_record(run)] == [Decimal("51.00"), Decimal("54.00")]


def test_what_a_busy_machine_read_is_no_p99_and_no_error_of_it(run):
    note_promise(run, held(replace(READING, invalid_because="busy", busy_share=0.4)), LEXICAL, {})
    (row,) = read_record(run)

    assert (row.p99_measured_ms, row.p99_error, row.cpu_error, row.machines_error) == (None,) * 4
    assert row.busy_share == 0.4


def test_nothing_is_noted_of_what_was_not_read(run):
    note_promise(run, held(), LEXICAL, {})

    assert read_record(run) == ()


def test_machines_are_the_serving_lines_and_unknown_where_one_has_no_price():
    def row(name, *costs):
        lines = [line_of("serving", "1 x box", cost) for cost in costs]
        return candidate_of(name, bill=[*lines, line_of("data", "data and event log", "7.00")])

    rows = (row("a", "30.10", "1.20"), row("b", "30.10", None), row("c"))
    decision = read_decision(decision_of(surface_of("search", "a", *rows)))

    assert machines_decided(decision) == {"a": Decimal("31.30"), "b": None, "c": None}


def judged(*readings):
    cpu_s = Interval(0.002, 0.002, 0.002, 200)
    found = Measurement(
        "lexical", "ndcg@10", Interval(0.4, 0.4, 0.4, 200), np.full(200, 0.4), cpu_s, np.full(200, 0.002), 10**8, 10**6
    )
    return standing(list(readings), [LEXICAL], {"lexical": found}, limits_ms={"lexical": 50.0}, seed=0)["lexical"]


def test_a_promise_kept_at_half_the_rate_says_nothing_of_the_whole():
    half = replace(READING, share=0.5, rate_rps=25.0, session="s2")

    assert judged(half).ruling is Ruling.UNTRIED
    assert judged(READING, half).held_rps == 50.0


def test_a_limit_missed_at_half_the_rate_is_missed_at_the_whole():
    missed = replace(READING, share=0.5, rate_rps=25.0, p99_ms=80.0)

    assert judged(READING, missed).ruling is Ruling.ASK_LOWER


def test_a_probe_corrects_what_is_promised_and_holds_nothing():
    probed = judged(replace(READING, is_probe=True))

    assert (probed.ruling, probed.held_rps) == (Ruling.KEPT, 0.0)
    assert probed.correction.basis == "own"
    assert judged(replace(READING, is_probe=True), READING).held_rps == 50.0


def test_what_is_expected_at_a_rate_is_what_was_read_at_rates_like_it():
    slow = replace(READING, share=0.5, rate_rps=25.0, p99_ms=30.0)

    found = judged(READING, slow).correction

    assert found.expected_at(26.0) > 2 * found.expected_at(49.0)
    assert found.expected_at(5.0) == found.expected
