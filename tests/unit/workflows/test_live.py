"""What a run tells of itself: steps, the time left, and the configurations measured so far."""

from datetime import UTC, datetime, timedelta

import pytest

from steelyard.documents.progress import Action, Point, Step, StepState
from steelyard.domain import Surface
from steelyard.workflows.live import LiveRun, left_s


class Clock:
    def __init__(self):
        self.s = 0.0

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.s)

    def monotonic_s(self):
        return self.s


@pytest.fixture
def run():
    written = []
    live = LiveRun("Shop", Clock(), written.append)
    live.written = written
    return live


def test_a_step_is_running_while_it_is_done_and_done_with_its_seconds_afterwards(run):
    with run.step(Step("prepare", Action.PREPARE)):
        run.clock.s = 4.0
        during = run.document.running

    assert during.key == "prepare"
    assert run.document.running is None
    (step,) = run.document.steps
    assert (step.state, step.seconds) == (StepState.DONE, 4.0)
    assert run.written[-1] is run.document


def test_a_step_that_was_done_in_this_run_is_not_said_to_be_unchanged(run):
    with run.step(Step("train/lexical", Action.TRAIN)):
        pass
    run.skip("train/lexical", "unchanged")

    assert run.document.steps[0].state is StepState.DONE


def test_a_planned_step_that_is_there_already_is_skipped_with_its_reason(run):
    run.plan([Step("train/lexical", Action.TRAIN)])
    run.skip("train/lexical", "unchanged")

    assert (run.document.steps[0].state, run.document.steps[0].reason) == (StepState.SKIPPED, "unchanged")


def test_rows_are_told_at_most_twice_a_second_with_their_rate(run):
    with run.step(Step("vectors", Action.ENCODE)):
        run.clock.s = 10.0
        run.told(500, 2000, "encoding")
        n_written = len(run.written)
        run.clock.s = 10.2
        run.told(510, 2000, "encoding")
        step = run.document.running

    assert len(run.written) - n_written == 1  # the end of the step; the second telling came too soon
    assert (step.done, step.total, step.rows_per_s) == (500, 2000, 50.0)


def test_rows_that_a_second_process_had_done_before_are_not_counted_to_its_pace(run):
    with run.step(Step("vectors", Action.ENCODE)):
        run.clock.s = 0.2
        run.told(9000, 20000, "encoding")
        at_first = run.document.running.rows_per_s
        run.clock.s = 10.2
        run.told(9500, 20000, "encoding")
        step = run.document.running

    assert at_first is None
    assert step.rows_per_s == pytest.approx(50.0)


def test_how_long_a_second_process_was_waited_for_says_nothing_of_the_pace(run):
    for key in ("a", "b", "c"):
        with run.step(Step(key, Action.TRAIN)):
            run.clock.s += 8.0
    run.plan([Step("d", Action.ENCODE), Step("e", Action.TRAIN)])
    before_s = run.document.seconds_left
    with run.step(Step("d", Action.ENCODE), is_awaited=True):
        run.clock.s += 0.2

    assert (run.document.steps[3].state, run.document.steps[3].seconds) == (StepState.DONE, None)
    assert before_s == pytest.approx(98.0)
    assert run.document.seconds_left == pytest.approx(8.0)


def test_a_step_that_is_begun_again_counts_its_rows_from_the_start(run):
    with run.step(Step("vectors", Action.ENCODE), is_awaited=True):
        run.clock.s = 0.2
        run.told(9000, 20000, "encoding")
    with run.step(Step("vectors", Action.ENCODE)):
        run.clock.s = 10.2
        run.told(500, 20000, "encoding")
        rate = run.document.running.rows_per_s

    assert rate == pytest.approx(50.0)


def test_nothing_is_estimated_before_three_steps_are_done():
    done = [Step(str(i), Action.MEASURE, StepState.DONE, seconds=5.0) for i in range(2)]

    assert left_s([*done, Step("next", Action.MEASURE)]) is None


def test_what_is_left_is_told_from_the_pace_so_far():
    done = [Step(str(i), Action.MEASURE, StepState.DONE, seconds=5.0) for i in range(3)]
    waiting = [Step(f"w{i}", Action.MEASURE) for i in range(4)]
    skipped = [Step("s", Action.MEASURE, StepState.SKIPPED)]

    assert left_s([*done, *waiting, *skipped]) == pytest.approx(20.0)


def test_a_step_that_counts_its_rows_is_left_at_their_rate():
    done = [Step(str(i), Action.MEASURE, StepState.DONE, seconds=5.0) for i in range(3)]
    running = Step("v", Action.ENCODE, StepState.RUNNING, done=1000, total=3000, rows_per_s=100.0, seconds=10.0)

    assert left_s([*done, running]) == pytest.approx(20.0)


def test_points_come_in_as_they_are_measured(run):
    run.points([Point(Surface.SEARCH, "lexical", "ndcg@10", 0.5)], currency="USD")

    assert (run.document.points[0].name, run.document.currency) == ("lexical", "USD")
    assert run.document.points[0].monthly is None


def test_a_failed_run_says_why_and_estimates_nothing(run):
    run.finish("the disk is full")

    assert run.document.is_done
    assert run.document.failure == "the disk is full"
    assert run.document.seconds_left is None
