"""What the decision and the record say of promises: kept, missed, or judged by processor time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents_of import promise_row_of

from steelyard.documents.readings import Reading
from steelyard.workflows.evidence.standing import Correction, Ruling, Standing
from steelyard.workflows.promises.promises import TOLERANCES, check_rows, correction_said, summary

READING = Reading(
    "lexical", "id", "s1", "2026-11-28T12:00:00+00:00", 50.0, 5.0, 11.0, 0.0021, 500, 2, 10**8, 10.0, 0.002,
    response_bytes=812.34, busy_share=0.012345,
)  # fmt: skip


def standing(ruling, by=READING, **correction):
    return Standing(ruling, by, Correction(0.0005, **correction))


def row_of(ruling, by=READING, *, is_final=True, **correction):
    return check_rows({"lexical": standing(ruling, by, **correction)}, {"lexical": 50.0}, is_final=is_final)["lexical"]


def test_a_kept_promise_has_its_figures_beside_what_was_read():
    row = row_of(Ruling.KEPT, stretch=1.23456)

    assert (row.rate_rps, row.promised_p99_ms, row.measured_p99_ms) == (50.0, 10.0, 11.0)
    assert (row.promised_cpu_ms, row.measured_cpu_ms) == (2.0, 2.1)
    assert (row.requests, row.errors, row.response_bytes, row.busy_share) == (500, 2, 812.3, 0.0123)
    assert (row.is_valid, row.is_kept, row.ruling, row.stretch) == (True, True, "kept", 1.2346)
    assert (row.note, row.note_zh) == ("server on one core, limit 50 ms", "服务器占一核，上限 50 ms")


def test_a_limit_that_was_missed_loses_in_the_end_and_may_be_asked_lower_before():
    final, draft = row_of(Ruling.ASK_LOWER), row_of(Ruling.ASK_LOWER, is_final=False)

    assert (final.ruling, draft.ruling) == ("missed", "ask_lower")
    assert not final.is_kept and not draft.is_kept
    assert final.is_valid  # the clock judged it


def test_what_a_busy_machine_read_is_no_latency_and_says_what_to_do():
    row = row_of(Ruling.BY_PROCESSOR_TIME, replace(READING, invalid_because="busy", busy_share=0.37))

    assert (row.measured_p99_ms, row.is_valid, row.is_kept) == (None, False, False)
    assert row.measured_cpu_ms == 2.1
    assert row.note == (
        "the machine was 37% busy with other programs: judged by processor time, with a margin of 25 %. Check again "
        "on a quiet machine: `steelyard verify`"
    )
    assert row.note_zh.startswith("机器有 37% 被其他程序占用：改按处理器时间判断，并留 25% 余量")


def test_another_reason_for_a_run_without_worth_is_given_in_its_words():
    row = row_of(Ruling.BY_PROCESSOR_TIME, replace(READING, invalid_because="the load generator was late"))

    assert row.note.startswith("the load generator was late: judged by processor time")
    assert "the load generator was late" in row.note_zh


def test_what_was_never_served_has_no_row():
    found = {"a": standing(Ruling.KEPT), "b": standing(Ruling.UNTRIED, None)}

    assert set(check_rows(found, {"a": 50.0, "b": 50.0})) == {"a"}


@pytest.mark.parametrize(
    ("ruling", "correction", "said"),
    [
        (Ruling.KEPT, {}, None),
        (Ruling.KEPT, {"stretch": 1.5}, None),  # from nowhere: nothing was served
        (Ruling.KEPT, {"stretch": 1.0, "basis": "own"}, None),
        (
            Ruling.KEPT,
            {"stretch": 1.5, "basis": "own"},
            "lexical: served, its service times were 1.50 times those measured in a loop; it is sized so",
        ),
        (
            Ruling.UNTRIED,
            {"stretch": 1.5, "basis": "kind"},
            "lexical: not served itself; others of its kind took 1.50 times as long served as in a loop, and it is "
            "sized with that",
        ),
        (
            Ruling.BY_PROCESSOR_TIME,
            {"stretch": 1.25, "basis": "own"},
            "lexical: no quiet moment was found to check it, so its service times are multiplied by 1.25",
        ),
    ],
)
def test_a_correction_says_by_what_and_why(ruling, correction, said):
    found = correction_said("lexical", standing(ruling, **correction))

    assert (found.en if found else None) == said
    assert found is None or f"{correction['stretch']:.2f}" in found.zh


def test_an_empty_record_says_how_near_nothing_came():
    assert {figure: (each.n, each.n_within, each.median, each.largest) for figure, each in summary(()).items()} == {
        figure: (0, 0, None, None) for figure in ("cpu", "p99", "machines")
    }


def test_an_error_on_the_tolerance_is_within_it_and_direction_does_not_count():
    rows = [promise_row_of(p99_error=error) for error in (-0.15, 0.15, 0.151, None)]

    found = summary(rows)["p99"]

    assert (found.n, found.n_within, found.tolerance) == (3, 2, 0.15)
    assert (found.median, found.largest) == (0.15, 0.151)


@given(st.lists(st.none() | st.floats(-2, 2), max_size=30))
def test_a_summary_is_that_of_the_sizes_of_the_known_errors(errors):
    found = summary([promise_row_of(cpu_error=error) for error in errors])["cpu"]

    sizes = [abs(error) for error in errors if error is not None]
    assert found.n == len(sizes)
    assert found.n_within == sum(size <= TOLERANCES["cpu"] for size in sizes)
    assert found.largest == max(sizes, default=None)
    assert found.median == (np.median(sizes) if sizes else None)


def test_the_median_of_two_is_between_them():
    found = summary([promise_row_of(cpu_error=error) for error in (-0.119, -0.016)])["cpu"]

    assert found.median == pytest.approx(0.0675)
