import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.decision.capacity import (
    erlang_c,
    mean_wait_s,
    rate_within,
    replicas,
    response_p99_s,
    simulate_waits,
    size,
    wait_percentile_s,
)

THIRTY_MS = np.full(300, 0.030)


def naive_erlang_c(servers, load):
    waiting = load**servers / math.factorial(servers) * servers / (servers - load)
    return waiting / (sum(load**j / math.factorial(j) for j in range(servers)) + waiting)


def naive_waits(arrivals, services, servers):
    free = [0.0] * servers
    waits = []
    for arrival, service in zip(arrivals, services, strict=True):
        first = free.index(min(free))
        start = max(arrival, free[first])
        free[first] = start + service
        waits.append(start - arrival)
    return waits


def sized(**changes):
    options = {"cores": 2.0, "peak_rps": 50.0, "max_p99_ms": 100.0, "max_utilisation": 0.7, "spare": 1, "seed": 0}
    return size(THIRTY_MS, **options | changes)


def test_ten_servers_at_eight_erlang():
    assert erlang_c(10, 8) == pytest.approx(0.40918, abs=5e-6)


def test_eight_servers_at_two_hundred_requests_of_thirty_milliseconds():
    assert erlang_c(8, 200 * 0.030) == pytest.approx(0.3570, abs=5e-5)
    assert mean_wait_s(200, 0.030, 8) * 1000 == pytest.approx(5.35, abs=0.005)
    assert wait_percentile_s(200, 0.030, 8) * 1000 == pytest.approx(53.6, abs=0.05)


@given(st.integers(1, 30), st.floats(0.01, 0.99))
def test_the_recursion_is_erlangs_formula(servers, utilisation):
    load = servers * utilisation

    assert erlang_c(servers, load) == pytest.approx(naive_erlang_c(servers, load), rel=1e-9)


def test_an_overloaded_queue_never_empties():
    assert erlang_c(2, 2.5) == 1.0
    assert mean_wait_s(100, 0.030, 2) == math.inf
    assert wait_percentile_s(100, 0.030, 2) == math.inf


def test_where_hardly_anybody_waits_the_percentile_is_zero():
    assert wait_percentile_s(1, 0.001, 4) == 0.0
    assert wait_percentile_s(0, 0.001, 4) == 0.0


def test_a_queue_without_servers_is_refused():
    with pytest.raises(ValueError, match="0 servers"):
        erlang_c(0, 1.0)


def test_simulated_waits_agree_with_erlang():
    # The page of golden numbers simulated 5.14 and 50.9 ms once; the mean over many seeds is the formula's.
    means, high = [], []
    for seed in range(12):
        generator = np.random.default_rng(seed)
        arrivals = generator.exponential(1 / 200, 40_000).cumsum()
        waits = simulate_waits(arrivals, generator.exponential(0.030, 40_000), servers=8)[4_000:]
        means.append(waits.mean() * 1000)
        high.append(np.quantile(waits, 0.99) * 1000)

    assert np.mean(means) == pytest.approx(5.35, rel=0.08)
    assert np.mean(high) == pytest.approx(53.6, rel=0.10)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), min_size=1, max_size=40),
    st.integers(1, 4),
)
def test_the_recursion_is_first_come_first_served(pairs, servers):
    arrivals = np.cumsum([gap for gap, _ in pairs]).astype(float)
    services = np.array([service for _, service in pairs], dtype=float)

    found = simulate_waits(arrivals, services, servers=servers)

    assert found.tolist() == naive_waits(arrivals.tolist(), services.tolist(), servers)


def test_one_server_by_hand():
    # Arrivals at 0, 1, 5 with service 3 each: the second waits 2, the third 1.
    waits = simulate_waits(np.array([0.0, 1.0, 5.0]), np.full(3, 3.0), servers=1)

    assert waits.tolist() == [0.0, 2.0, 1.0]


@pytest.mark.parametrize(("peak", "expected"), [(1, 3), (3, 5), (10, 12)])
def test_the_golden_replicas(peak, expected):
    found = replicas(50 * peak, 0.030, slots=2, max_p99_ms=100, max_utilisation=0.7, spare=1)

    assert found == expected


def test_no_number_of_replicas_makes_a_slow_model_fast():
    assert replicas(50, 0.130, slots=2, max_p99_ms=100, max_utilisation=0.7, spare=1) is None
    assert sized(max_p99_ms=29.0) is None


def test_the_response_time_never_falls_with_the_rate():
    services = np.random.default_rng(0).gamma(4, 0.0075, 300)

    found = [response_p99_s(services, rate, slots=2, seed=1) for rate in (0, 5, 10, 20, 40, 60)]

    assert found == sorted(found)


def test_an_idle_replica_only_takes_its_service_time():
    assert response_p99_s(THIRTY_MS, 0.0, slots=1, seed=0) == 0.030


def test_a_loose_latency_limit_leaves_the_utilisation_as_the_limit():
    rate = rate_within(THIRTY_MS, cores=2.0, max_p99_ms=10_000, max_utilisation=0.7, seed=0)

    assert rate == pytest.approx(0.7 * 2 / 0.030)


def test_a_tight_latency_limit_lowers_the_rate_and_is_met_there():
    rate = rate_within(THIRTY_MS, cores=2.0, max_p99_ms=60, max_utilisation=0.7, seed=0)

    assert 0 < rate < 0.7 * 2 / 0.030
    assert response_p99_s(THIRTY_MS, rate, slots=2, seed=0) <= 0.060
    assert response_p99_s(THIRTY_MS, rate * 1.01, slots=2, seed=0) > 0.060


def test_sizing_counts_each_replicas_own_queue():
    assert [sized(peak_rps=50.0 * peak).replicas for peak in (1, 3)] == [3, 5]
    assert sized(peak_rps=500.0).replicas >= 12


def test_a_sizing_keeps_every_limit_with_and_without_its_spare():
    found = sized(peak_rps=150.0)

    assert found.replicas == found.working + 1
    assert found.working * found.rate_per_replica_rps >= 150
    assert found.p99_ms <= 100
    assert found.utilisation == pytest.approx(150 / found.replicas * 0.030 / 2)


def test_a_burstable_instance_is_sized_on_what_it_can_sustain():
    # Two processors of which 0.4 may be used for ever: 0.7 * 0.4 / 30 ms = 9.3 rps.
    found = sized(cores=0.4, slots=2, peak_rps=20.0, spare=0)

    assert found.rate_per_replica_rps == pytest.approx(0.7 * 0.4 / 0.030)
    assert found.replicas == 3
    assert found.utilisation <= 0.7


def test_a_fraction_of_a_core_serves_one_request_at_a_time():
    found = rate_within(THIRTY_MS, cores=0.4, max_p99_ms=1000, max_utilisation=1.0, seed=0)

    assert found == pytest.approx(0.4 / 0.030)


@pytest.mark.parametrize(
    ("services", "options", "message"),
    [
        (np.array([]), {}, "must be positive"),
        (np.array([0.0]), {}, "must be positive"),
        (THIRTY_MS, {"cores": 0.0}, "0.0 cores"),
        (THIRTY_MS, {"max_utilisation": 1.5}, "utilisation 1.5"),
    ],
)
def test_impossible_sizings_are_refused(services, options, message):
    with pytest.raises(ValueError, match=message):
        rate_within(services, **{"cores": 1.0, "max_p99_ms": 100.0, "max_utilisation": 0.7, "seed": 0} | options)


def test_a_peak_of_nothing_is_refused():
    with pytest.raises(ValueError, match="peak of 0"):
        sized(peak_rps=0.0)


def test_one_server_waits_by_the_running_maximum_as_by_the_recursion():
    random = np.random.default_rng(3)
    arrivals = random.exponential(1.0, 2000).cumsum()
    service = random.exponential(0.8, 2000)
    free, expected = 0.0, []
    for arrival, length in zip(arrivals, service, strict=True):
        start = max(arrival, free)
        free = start + length
        expected.append(start - arrival)

    assert simulate_waits(arrivals, service, servers=1) == pytest.approx(np.array(expected), abs=1e-9)
