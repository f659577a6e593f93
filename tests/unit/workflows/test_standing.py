"""Where a configuration stands after what was read of it: the ruling, and what corrects it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.decision.capacity import response_p99_s
from steelyard.documents.readings import Reading
from steelyard.domain import Configuration, Interval, Measurement, Surface
from steelyard.workflows.evidence.standing import (
    LEAST_MISSES,
    LOWER,
    MAX_MISSES,
    STRETCHES,
    Correction,
    Ruling,
    carried_rps,
    latency_stretch,
    served_service_s,
    standing,
)

LIMIT_MS = 50.0
SERVICE_S = np.full(50, 0.010)
READING = Reading(
    configuration="a", identity="id", session="one", at="2026-11-28T12:00:00+00:00", rate_rps=40.0, p50_ms=10.0,
    p99_ms=30.0, cpu_s_per_request=0.011, requests=600, errors=0, peak_rss_bytes=10**8, promised_p99_ms=30.0,
    promised_cpu_s=0.011,
)  # fmt: skip
MISS = replace(READING, p99_ms=80.0)
BUSY = replace(READING, p99_ms=5000.0, busy_share=0.6, invalid_because="busy")


def measurement(name="a", **fields):
    time = Interval(0.010, 0.010, 0.010, n=50)
    found = Measurement(name, "ndcg@10", Interval(0.5, 0.5, 0.5), np.full(4, 0.5), time, SERVICE_S, 10**8, 10**7)
    return replace(found, **fields)


def stand(*readings, kinds=None):
    kinds = kinds or {"a": "k"}
    configurations = [Configuration(name, Surface.SEARCH, kind, {}) for name, kind in kinds.items()]
    measured = {name: measurement(name) for name in kinds}
    found = standing(readings, configurations, measured, limits_ms=dict.fromkeys(kinds, LIMIT_MS), seed=0)
    return found if len(kinds) > 1 else found["a"]


def at(rate_rps, reading=MISS, **fields):
    return replace(reading, rate_rps=rate_rps, **fields)


def test_what_was_never_served_is_untried_and_corrected_by_nothing():
    found = stand()

    assert (found.ruling, found.judged_by, found.held_rps) == (Ruling.UNTRIED, None, 0)
    assert (found.correction.stretch, found.correction.basis, found.correction.overhead_s) == (1.0, "", None)


def test_the_latest_valid_reading_judges():
    assert stand(MISS, READING).ruling is Ruling.KEPT
    assert stand(READING, MISS).ruling is Ruling.ASK_LOWER
    kept = stand(READING, replace(BUSY, session="two"))
    assert (kept.ruling, kept.judged_by) == (Ruling.KEPT, READING)


def test_an_error_breaks_a_promise_however_fast_the_rest_was():
    assert stand(replace(READING, errors=1)).ruling is Ruling.ASK_LOWER


def test_the_limit_itself_is_kept():
    assert stand(replace(READING, p99_ms=LIMIT_MS)).ruling is Ruling.KEPT
    assert stand(replace(READING, p99_ms=LIMIT_MS + 0.001)).ruling is Ruling.ASK_LOWER


def test_what_it_held_is_the_highest_rate_of_the_latest_session_that_was_no_probe():
    one = [at(30, READING), at(40, READING, is_probe=True), at(35, READING)]

    assert stand(*one).held_rps == 35
    assert stand(at(90, READING, session="zero"), *one).held_rps == 35


def test_at_a_part_of_the_rate_only_a_miss_says_anything():
    assert stand(at(20, READING, share=0.5)).ruling is Ruling.UNTRIED
    assert stand(at(20, MISS, share=0.5)).ruling is Ruling.ASK_LOWER


def test_without_a_quiet_moment_processor_time_judges_with_a_quarter_more():
    found = stand(replace(BUSY, cpu_s_per_request=0.022))

    assert found.ruling is Ruling.BY_PROCESSOR_TIME
    assert found.correction.stretch == pytest.approx(0.022 / 0.011 * 1.25)
    assert stand(replace(BUSY, cpu_s_per_request=0.001)).correction.stretch == 1.25  # never less than measured


def test_rates_that_each_fall_are_asked_until_the_fourth_miss():
    rates = [30, 20, 12, 7]
    rulings = [stand(*(at(rate, p99_ms=60.0) for rate in rates[:n])).ruling for n in range(1, 5)]

    assert rulings == [Ruling.ASK_LOWER] * (MAX_MISSES - 1) + [Ruling.MISSED]


def test_where_no_correction_lowers_the_rate_any_further_two_misses_are_enough():
    least = 0.5 / (8 * 0.011)  # half a core's time where even an idle one misses, eight times as slow as measured
    runs = ([40], [40, least], [40, least, least])
    rulings = [stand(*(at(rate, p99_ms=900.0) for rate in rates)).ruling for rates in runs]

    assert rulings == [Ruling.ASK_LOWER] + [Ruling.MISSED] * 2
    assert LEAST_MISSES == 2


def test_misses_of_an_earlier_session_are_not_counted_again():
    before = [at(rate, p99_ms=900.0, session="before") for rate in (40, 8, 6)]

    assert stand(*before, at(40, session="now")).ruling is Ruling.ASK_LOWER


def test_one_that_missed_and_was_then_asked_in_a_noisy_moment_loses():
    assert stand(at(40), at(20, BUSY)).ruling is Ruling.MISSED


def test_others_of_its_kind_correct_what_was_not_served():
    found = stand(at(20, READING, p99_ms=45.0), kinds={"a": "k", "b": "k", "c": "other"})

    assert [found[name].correction.basis for name in "abc"] == ["own", "kind", ""]
    assert found["b"].correction.stretch == found["a"].correction.stretch > 1
    assert found["c"].correction.stretch == 1
    assert found["c"].correction.overhead_s == pytest.approx(0.001)  # processor time of HTTP is nobody's own


def test_what_a_correction_expects_is_the_median_of_readings_at_rates_like_it():
    found = Correction(0.001, expected=2.0, near=((100.0, 1.1), (104.0, 1.5), (96.0, 1.3), (10.0, 9.0)))

    assert found.expected_at(100.0) == 1.3
    assert found.expected_at(10.0) == 9.0
    assert found.expected_at(40.0) == 2.0  # none at such a rate


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.01))
def test_waking_costs_most_when_idle_and_nothing_when_full(one, other, idle_s):
    found = Correction(0.001, idle_s=idle_s, utilisation=0.6)
    low, high = sorted((one, other))

    assert found.waking_s(low) >= found.waking_s(high) >= 0
    assert found.waking_s(0) == pytest.approx(0.6 * idle_s)
    assert found.waking_s(max(high, 0.6)) == 0


@given(st.floats(0.8, 7.0), st.floats(5, 60))
@settings(max_examples=20)
def test_the_stretch_of_a_simulated_p99_is_the_one_it_was_simulated_with(factor, rate_rps):
    service_s = np.linspace(0.001, 0.003, 40)
    p99_ms = response_p99_s(service_s * factor, rate_rps, slots=1, seed=0) * 1000

    assert latency_stretch(service_s, rate_rps, p99_ms, seed=0) == pytest.approx(factor, rel=0.01)


def test_a_stretch_stays_within_its_ends():
    low, high = STRETCHES

    assert latency_stretch(SERVICE_S, 10.0, 0.001, seed=0) == pytest.approx(low, rel=1e-3)
    assert latency_stretch(SERVICE_S, 10.0, 1e9, seed=0) == pytest.approx(high, rel=1e-3)


def test_one_core_carries_what_keeps_the_limit_and_half_of_its_time_where_nothing_does():
    def carried(times, utilisation=1.0):
        return carried_rps(SERVICE_S * times, max_p99_ms=LIMIT_MS, max_utilisation=utilisation, seed=0)

    assert carried(6) == 0.5 / 0.060  # sixty milliseconds each: idle it misses fifty
    assert carried(1, 0.1) == pytest.approx(0.1 / 0.010)  # a tenth of a core has no queue
    assert carried(1) > carried(1.5) > carried(2)
    assert carried(1) < 1 / 0.010


@given(st.floats(0, 0.01))
def test_http_is_added_to_each_request_and_a_noisy_machine_is_judged_by_processor_time(overhead_s):
    noisy = measurement(is_quiet=False, facts={"cpu_s": [0.004] * 50})

    assert served_service_s(measurement(), overhead_s) == pytest.approx(0.010 + overhead_s)
    assert served_service_s(noisy, overhead_s) == pytest.approx(0.004 + overhead_s)
    assert served_service_s(measurement(is_quiet=False), overhead_s) == pytest.approx(0.010 + overhead_s)
    assert (served_service_s(measurement(service_s=np.zeros(3)), 0.0) > 0).all()


def test_the_next_rate_after_a_miss_is_a_seventh_lower_at_least():
    found = stand(at(40, p99_ms=60.0))
    service_s = served_service_s(measurement(), found.correction.overhead_s) * found.correction.stretch

    assert carried_rps(service_s, max_p99_ms=LIMIT_MS, max_utilisation=1, seed=0) <= LOWER * 40
