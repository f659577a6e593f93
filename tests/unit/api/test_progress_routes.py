"""The progress of the run over HTTP."""

from datetime import UTC, datetime

import pytest

from steelyard.api.app import Work, create_app
from steelyard.documents.progress import Action, Progress, Step, StepState
from steelyard.errors import ArtefactError
from steelyard.serving.service import About
from steelyard.testing.shelf import shelf_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Progress("Toy", NOON, NOON, steps=(Step("measure x", Action.MEASURE, StepState.RUNNING, "x"),))


@pytest.fixture
def waiting(shopper, service):
    shopper.app = create_app(service, work=Work(progress=lambda: RUN))
    return shopper


def test_the_progress_comes_with_what_is_served(waiting, service):
    service.swap(shelf_engine(9), About("e" * 64, configurations={"recommend": "item-knn"}))

    answer = waiting.get("/v1/progress").json()

    assert answer["progress"]["steps"][0]["state"] == "running"
    assert (answer["bundle"], answer["configurations"]) == ("e" * 64, {"recommend": "item-knn"})


def test_what_has_not_changed_is_not_sent_again_until_another_bundle_answers(waiting, service):
    tag = waiting.get("/v1/progress").headers["etag"]
    same = waiting.get("/v1/progress", headers={"if-none-match": tag})
    service.swap(shelf_engine(9), About("e" * 64))
    other = waiting.get("/v1/progress", headers={"if-none-match": tag})

    assert (same.status_code, same.content, other.status_code) == (304, b"", 200)
    assert same.headers["cache-control"] == "private, no-cache"


def damaged():
    raise ArtefactError("this is no progress document")


@pytest.mark.parametrize(
    ("progress", "says"),
    [(None, "without a shop's configuration"), (lambda: None, "steelyard run"), (damaged, "no progress document")],
)
def test_where_there_is_no_progress_it_is_said(shopper, service, progress, says):
    shopper.app = create_app(service, work=Work(progress=progress))

    answer = shopper.get("/v1/progress")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_progress")
    assert says in answer.json()["error"]["message"]
