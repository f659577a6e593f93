"""The progress of a run as a document."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from steelyard.documents.progress import (
    Action,
    Point,
    Progress,
    Step,
    StepState,
    progress_content,
    read_progress,
)
from steelyard.domain import Surface
from steelyard.errors import ArtefactError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = (
    Step("prepare", Action.PREPARE, StepState.DONE, seconds=4.0),
    Step("measure lexical", Action.MEASURE, StepState.SKIPPED, "lexical", reason="unchanged"),
    Step("measure hybrid", Action.MEASURE, StepState.RUNNING, "hybrid", done=300, total=1200, rows_per_s=50.0),
    Step("measure dense", Action.MEASURE, name="dense"),
)
RUN = Progress("Toy shop", NOON, NOON + timedelta(seconds=30), stage="measure", currency="EUR", steps=STEPS)


def test_what_was_written_is_read_again_with_money_exact():
    point = Point(Surface.SEARCH, "hybrid", "ndcg@10", 0.41, 0.40, 0.42, monthly=Decimal("120.10"), is_on_frontier=True)
    written = msgspec.structs.replace(RUN, points=(point,), seconds_left=90.0)

    content = progress_content(written)

    assert read_progress(content) == written
    assert b'"monthly":"120.10"' in content


def test_a_price_and_a_time_that_are_not_known_are_null_and_not_zero():
    content = msgspec.json.decode(progress_content(msgspec.structs.replace(
        RUN, points=(Point(Surface.SEARCH, "hybrid", "ndcg@10", None),)
    )))  # fmt: skip

    assert content["seconds_left"] is None
    assert (content["points"][0]["monthly"], content["points"][0]["quality"]) == (None, None)


def test_the_share_is_by_time_where_the_time_left_is_known_and_else_by_steps():
    assert RUN.share == (1 + 1 + 0.25) / 4
    assert msgspec.structs.replace(RUN, seconds_left=90.0).share == 0.25
    assert msgspec.structs.replace(RUN, is_done=True).share == 1.0
    assert msgspec.structs.replace(RUN, steps=()).share is None


def test_a_step_knows_its_place_among_those_that_do_the_same():
    assert RUN.running == STEPS[2]
    assert RUN.place_of(STEPS[2]) == (2, 3)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": 1, "steps": [3]}', b'{"format": 99, "shop": "x"}', b"\xff"],
)
def test_what_is_no_progress_document_is_refused(content):
    with pytest.raises(ArtefactError, match="progress document"):
        read_progress(content)


def test_a_negative_time_left_is_refused():
    content = progress_content(RUN).replace(b'"seconds_left":null', b'"seconds_left":-1.0')

    with pytest.raises(ArtefactError, match="seconds_left"):
        read_progress(content)


def test_a_time_without_a_zone_is_not_written():
    with pytest.raises(ValueError, match="time zone"):
        progress_content(msgspec.structs.replace(RUN, updated_at=datetime(2026, 3, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("page", ["howto/follow-bundles.md", "zh/follow-bundles.md"])
def test_the_example_in_the_documents_is_a_progress_document(page):
    text = (Path(__file__).parents[3] / "docs" / page).read_text("utf-8")
    example = msgspec.json.decode(text.partition("```json")[2].partition("```")[0])["progress"]

    found = msgspec.json.decode(progress_content(read_progress(msgspec.json.encode(example))))

    assert found == example


def test_a_document_of_before_has_its_stage_check_under_the_name_of_today():
    step = Step("verify", Action.VERIFY, StepState.RUNNING)
    now = msgspec.structs.replace(RUN, stage="verify", steps=(*STEPS, step))
    content = progress_content(now).replace(b'"action":"verify"', b'"action":"check"')
    content = content.replace(b'"stage":"verify"', b'"stage":"check"').replace(b'"format":2', b'"format":1')

    assert read_progress(content) == now
