"""R4.6: peaks: golden numbers of the money design, with the assumptions under which they hold."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.decision.autoscale import Peak, Plan, Scaler, outcome, reactive, scheduled
from steelyard.decision.capacity import replicas

SERVICE_S = np.array([0.030])
PEAK = Peak(usual_rps=50, peak_rps=500, starts_s=1200, lasts_s=600)  # ten minutes of an hour
SIZES = {
    "usual": replicas(50, 0.03, slots=2, max_p99_ms=100, max_utilisation=0.7, spare=1),
    "most": replicas(500, 0.03, slots=2, max_p99_ms=100, max_utilisation=0.7, spare=1),
}
SLOW, QUICK = Scaler(reacts_s=30, boots_s=90), Scaler(reacts_s=5, boots_s=20)


def outcomes(plan):
    """Late is more than 200 ms from arrival to answer; 30 ms a request, two at once on a replica."""
    return [outcome(PEAK, plan, service_s=SERVICE_S, slots=2, max_latency_s=0.2, seed=seed) for seed in range(20)]


def test_the_usual_hour_takes_three_replicas_and_the_peak_twelve():
    assert SIZES == {"usual": 3, "most": 12}


@pytest.mark.parametrize(("scaler", "percent"), [(SLOW, 27), (QUICK, 5)])
def test_a_scaler_that_reacts_makes_requests_late_until_the_queue_is_gone(scaler, percent):
    found = outcomes(reactive(PEAK, scaler, **SIZES))

    assert round(np.mean([each.late_share for each in found]) * 100) == percent
    assert np.std([each.late_share for each in found]) < 0.003


def test_scaled_beforehand_no_request_is_late():
    plan = scheduled(PEAK, **SIZES, before_s=600, after_s=600)  # from ten minutes before to ten minutes after

    assert [each.late_share for each in outcomes(plan)] == [0.0] * 20
    assert plan.replica_hours(3600) == 7.5


def test_a_reactive_scaler_bills_less():
    # Measured every 10 s, the peak is last seen 10 s before its end and its replicas held for 300 s from then:
    # 600 - 30 - 10 + 300 = 860 s of nine more replicas.
    assert reactive(PEAK, SLOW, **SIZES).replica_hours(3600) == pytest.approx(3 + 9 * 860 / 3600) == 5.15


def test_the_delay_of_the_scaler_is_felt_twice():
    # 6 slots serve 200 of 500 a second for 120 s, then 24 slots 800: until 240 s all are late, 120,000 of 450,000.
    # Who comes after 48 s finds 48 x 300 before him, just so many as are served by 120 s: he waits longest.
    found = outcomes(reactive(PEAK, SLOW, **SIZES))

    assert np.mean([each.late_share for each in found]) == pytest.approx(120_000 / 450_000, abs=0.003)
    assert np.mean([each.longest_wait_s for each in found]) == pytest.approx(48 * 300 / 200, abs=0.5)


def test_a_peak_between_two_measurements_is_never_seen():
    short = Peak(50, 500, starts_s=1201, lasts_s=5)

    plan = reactive(short, Scaler(30, 90), **SIZES)

    assert plan.replica_hours(3600) == SIZES["usual"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.01, 2)), min_size=1, max_size=60))
def test_with_one_slot_waits_are_those_of_a_queue_worked_off_one_by_one(requests):
    from steelyard.decision.autoscale import _begin

    arrivals = np.sort([arrival for arrival, _ in requests])
    service = np.array([each for _, each in requests])

    free, expected = 0.0, []
    for arrival, took in zip(arrivals, service, strict=True):
        expected.append(max(arrival, free))
        free = expected[-1] + took
    assert _begin(arrivals, service) == pytest.approx(expected)


def test_overloaded_the_pool_waits_as_its_slots_one_by_one_do():
    peak = Peak(50, 500, starts_s=20, lasts_s=40, window_s=200)
    plan = Plan(3, 12, launched_s=40, ready_s=50, gone_s=200)
    found = outcome(peak, plan, service_s=SERVICE_S, slots=2, max_latency_s=0.2, seed=0)

    assert found.late_share == pytest.approx(_slot_by_slot(peak, plan, seed=0), abs=0.005)


def _slot_by_slot(peak, plan, *, seed):
    """The same requests served by six slots, and eighteen more from when they are ready."""
    from steelyard.decision.autoscale import _arrivals

    free = [0.0] * 6 + [plan.ready_s] * 18
    heapq.heapify(free)
    late = []
    for arrival in _arrivals(peak, np.random.default_rng(seed)).tolist():
        start = max(arrival, free[0])
        heapq.heapreplace(free, start + 0.03)
        late.append(start + 0.03 - arrival > 0.2)
    return sum(late) / len(late)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Peak(50, 40, 0, 10),
        lambda: Peak(50, 500, 3500, 600),
        lambda: Scaler(-1, 0),
        lambda: Scaler(1, 0, samples_s=0),
        lambda: Plan(3, 2, 0, 0, 0),
        lambda: outcome(PEAK, Plan(1, 1, 0, 0, 0), service_s=np.array([]), slots=1, max_latency_s=1, seed=0),
        lambda: outcome(PEAK, Plan(1, 1, 0, 0, 0), service_s=np.array([0.1]), slots=0, max_latency_s=1, seed=0),
    ],
)
def test_what_is_no_peak_or_plan_is_refused(wrong):
    with pytest.raises(ValueError, match=r"peak|scaler|plan|service"):
        wrong()


def test_a_plan_too_small_for_the_usual_rate_is_late_nearly_always():
    plan = Plan(1, 1, 0, 0, math.inf)
    found = outcome(PEAK, plan, service_s=np.array([0.1]), slots=1, max_latency_s=0.2, seed=0)

    assert found.late_share > 0.99
