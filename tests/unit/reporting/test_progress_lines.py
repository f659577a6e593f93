"""The progress of a run in a terminal."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from steelyard.documents.progress import Action, Point, Progress, Step, StepState
from steelyard.domain import Surface
from steelyard.reporting.progress_lines import left_words, progress_lines
from steelyard.reporting.words import page_words

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Progress(
    "Toy shop", NOON, NOON, seconds_left=130.0, currency="EUR",
    steps=(
        Step("encode", Action.ENCODE, StepState.DONE, "minilm"),
        Step("measure a", Action.MEASURE, StepState.DONE, "a"),
        Step("measure b", Action.MEASURE, StepState.RUNNING, "b", done=300, total=12000, rows_per_s=830.4),
    ),
    points=(
        Point(Surface.SEARCH, "a", "ndcg@10", 0.4, 0.39, 0.41, monthly=Decimal("1200.50")),
        Point(Surface.SEARCH, "c", "ndcg@10", 0.3),
    ),
)  # fmt: skip


def test_a_run_under_way_says_what_is_done_how_long_and_the_best_so_far():
    assert progress_lines(RUN) == [
        "Building your shop: measuring b (2 of 2) · about 2 min left",
        "300 of 12,000 requests, 830 a second",
        "Search: 2 measured so far, ndcg@10; a 0.400 ±0.010, 1,200.50 EUR",
    ]
    assert progress_lines(RUN, language="zh")[0] == "正在搭建您的商店：测量 b（2/2） · 大约还需 2 分钟"


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (None, "time left not known yet"),
        (0.0, "a few seconds left"),
        (42.0, "about 40 s left"),
        (58.0, "about 1 min left"),
        (5399.0, "about 90 min left"),
        (7200.0, "about 2 h left"),
    ],
)
def test_the_time_left_is_said_as_an_estimate_and_never_as_zero(seconds, says):
    assert left_words(msgspec.structs.replace(RUN, seconds_left=seconds)) == says


def test_a_run_that_has_ended_says_how():
    ready, failed = (
        msgspec.structs.replace(RUN, is_done=True, points=(), failure=why) for why in ("", "the disk is full")
    )

    assert progress_lines(ready) == ["Your shop is ready"]
    assert progress_lines(failed) == ["The run failed: the disk is full"]


def test_between_two_steps_the_stage_is_named():
    between = msgspec.structs.replace(RUN, stage="verify", steps=(), points=(), seconds_left=None)

    assert progress_lines(between) == ["Building your shop: checking the promise · time left not known yet"]


def test_a_run_that_is_not_heard_of_keeps_the_best_so_far_and_no_time_left():
    lines = progress_lines(RUN, is_silent=True)

    assert lines[0].startswith("No news from the run: it may have been stopped")
    assert lines[1:] == progress_lines(RUN)[2:]


def test_every_action_and_state_of_a_step_has_words():
    found = set(page_words())

    assert {f"do_{action}{end}" for action in Action for end in ("", "_all")} <= found
    assert {f"step_{each}" for each in (*Action, *StepState)} <= found
