"""The open loop, in simulated time: an event loop whose clock jumps to the next timer instead of waiting."""

import asyncio
import selectors

import numpy as np
import pytest

from steelyard.errors import MeasurementError
from steelyard.evaluation.latency import (
    OpenLoopRun,
    open_loop,
    percentile_of,
    poisson_schedule,
    proves,
    requests_to_prove,
    steady_schedule,
)


class _Jump(selectors.DefaultSelector):
    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        self.now += max(timeout or 0.0, 1e-9)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self):
        return self._jump.now


def simulate(make_ask, schedule, **options):
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        clock = runner.get_loop().time
        return runner.run(open_loop(make_ask(clock), schedule, now=clock, spin_s=0.0, **options))


def server_with_pauses(clock):
    """One server: 1 ms a request, and a pause of 200 ms before every 500th."""
    free = 0.0

    async def ask(i):
        nonlocal free
        pause = 0.2 if i and i % 500 == 0 else 0.0
        free = max(clock(), free) + pause + 0.001
        await asyncio.sleep(free - clock())

    return ask


def test_waits_behind_a_pause_are_counted_from_the_intended_time():
    run = simulate(server_with_pauses, steady_schedule(450, 20_000), time_out_s=5.0)

    assert run.is_valid
    assert [run.percentile_ms(p) for p in (0.5, 0.9, 0.99)] == pytest.approx([1, 138.67, 194.89], abs=0.02)


def test_a_closed_loop_would_have_missed_those_waits():
    async def closed_loop(clock):
        """Sends each request when the last one was answered: what the product does not offer."""
        ask, took = server_with_pauses(clock), []
        for i in range(20_000):
            sent = clock()
            await ask(i)
            took.append(clock() - sent)
        return np.array(took) * 1000

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        service_ms = runner.run(closed_loop(runner.get_loop().time))

    assert [percentile_of(service_ms, p) for p in (0.5, 0.9, 0.99)] == pytest.approx([1, 1, 1], abs=0.02)
    assert service_ms.max() == pytest.approx(201, abs=0.02)  # it met all 39 pauses, and let nobody wait behind them


def test_an_error_counts_as_a_miss_at_the_time_outs_value():
    def broken(clock):
        async def ask(i):
            await asyncio.sleep(0.01)
            if i % 2:
                raise ConnectionResetError

        return ask

    run = simulate(broken, steady_schedule(100, 10), time_out_s=2.0)

    assert run.is_miss.tolist() == [False, True] * 5
    assert run.latencies_s == pytest.approx([0.01, 2.0] * 5)
    assert run.why_missed == {"ConnectionResetError": 5}


def test_an_answer_that_never_comes_is_cut_at_the_time_out():
    def silent(clock):
        async def ask(i):
            await asyncio.Event().wait()

        return ask

    run = simulate(silent, steady_schedule(100, 3), time_out_s=0.5)

    assert run.latencies_s.tolist() == [0.5] * 3
    assert run.why_missed == {"TimeoutError": 3}
    assert run.goodput_rps(1.0) == 0.0


def test_warm_up_is_left_out_by_its_time_alone():
    def slow_at_first(clock):
        async def ask(i):
            await asyncio.sleep(0.3 if i < 5 else 0.001)

        return ask

    run = simulate(slow_at_first, steady_schedule(10, 15), time_out_s=2.0, warm_up_s=0.45)

    assert len(run.latencies_s) == 10
    assert run.latencies_s == pytest.approx([0.001] * 10, abs=1e-7)


def test_requests_are_sent_whether_or_not_earlier_ones_were_answered():
    seen = []

    def slow(clock):
        async def ask(i):
            seen.append(clock())
            await asyncio.sleep(1.0)

        return ask

    simulate(slow, steady_schedule(100, 10), time_out_s=5.0)

    assert np.diff(seen) == pytest.approx([0.01] * 9, abs=1e-6)


def test_a_late_generator_makes_the_run_invalid():
    def hogging(clock):
        async def ask(i):
            loop = asyncio.get_running_loop()
            loop._jump.now += 0.005  # the processor was busy elsewhere, so the next sends are late

        return ask

    run = simulate(hogging, steady_schedule(500, 200), time_out_s=5.0)

    assert not run.is_valid
    assert "ms late at the 99th percentile" in run.invalid_because
    with pytest.raises(MeasurementError, match="may not be used"):
        run.percentile_ms(0.99)


def test_a_run_without_counted_requests_is_invalid():
    def quick(clock):
        async def ask(i):
            return None

        return ask

    run = simulate(quick, steady_schedule(10, 5), time_out_s=1.0, warm_up_s=9.0)

    assert "no request fell after the warm-up" in run.invalid_because


def test_goodput_counts_only_good_answers_within_the_limit():
    run = OpenLoopRun(
        latencies_s=np.array([0.01, 0.02, 0.5, 1.0]),
        is_miss=np.array([False, True, False, True]),
        lags_s=np.zeros(4),
        duration_s=2.0,
        time_out_s=1.0,
        why_missed={"Refused": 1, "TimeoutError": 1},
    )

    assert run.goodput_rps(0.1) == 1 / 2
    assert run.rate_rps == 4 / 2


def test_the_open_loop_runs_in_real_time_too():
    async def quick(i):
        await asyncio.sleep(0)

    run = asyncio.run(open_loop(quick, steady_schedule(200, 20), time_out_s=1.0))

    assert len(run.latencies_s) == 20
    assert not run.is_miss.any()


def test_a_schedule_has_the_rate_and_the_gaps_of_independent_arrivals():
    schedule = poisson_schedule(100, 200, seed=0)

    gaps = np.diff(schedule)
    assert len(schedule) == pytest.approx(20_000, rel=0.02)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.03)
    assert (gaps > 0).all()
    assert schedule[-1] < 200
    np.testing.assert_array_equal(schedule, poisson_schedule(100, 200, seed=0))


@pytest.mark.parametrize("seed", range(20))
def test_a_short_schedule_is_never_cut_off(seed):
    schedule = poisson_schedule(1, 40, seed=seed)

    assert schedule[-1] > 20


def test_a_schedule_needs_a_rate():
    with pytest.raises(ValueError, match="positive rate"):
        poisson_schedule(0, 10, seed=0)


@pytest.mark.parametrize(
    ("percentile", "over", "needed"),
    [
        (0.99, 0, 459),
        (0.99, 1, 662),
        (0.99, 2, 838),
        (0.99, 5, 1307),
        (0.99, 10, 2010),
        (0.95, 0, 90),
        (0.95, 1, 130),
        (0.95, 5, 259),
    ],
)
def test_so_many_requests_prove_a_percentile(percentile, over, needed):
    latencies = np.full(needed, 0.01)
    latencies[:over] = 0.2

    assert requests_to_prove(percentile, 0.99, over) == needed
    assert proves(latencies, 0.1, percentile=percentile, confidence=0.99)
    assert not proves(latencies[:-1], 0.1, percentile=percentile, confidence=0.99)


def test_a_claim_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="percentile 1"):
        requests_to_prove(1.0, 0.99)


def test_a_percentile_is_a_value_that_occurred():
    values = np.array([4.0, 1.0, 3.0, 2.0])

    assert percentile_of(values, 0.5) == 2.0
    assert percentile_of(values, 0.51) == 3.0
    assert percentile_of(values, 1.0) == 4.0
    assert np.isnan(percentile_of(np.array([]), 0.5))
