"""An answer for which a model was not asked is marked as what it is, and the model knows how much time there is."""

import asyncio

import pytest

from steelyard.models.allowance import fell_back, time_left
from steelyard.serving.admission import Limits
from steelyard.serving.timely import Timely

PLENTY_S = 30.0


@pytest.fixture
def timely():
    made = Timely(Limits(workers=1, answer_within_s=PLENTY_S))
    yield made
    made.close()


def run(timely, work):
    return asyncio.run(timely.run(work, words=lambda: "words", ready=lambda: "popular"))


def test_a_model_that_answered_leaves_nothing_to_be_said(timely):
    found, told = run(timely, lambda: "whole")

    assert (found, told.degraded, told.reason, told.instead) == ("whole", False, "", "")


@pytest.mark.parametrize("why", ["late", "busy", "unread", "withheld"])
def test_the_first_stage_is_sent_and_said_to_be_it(timely, why):
    def work():
        fell_back(why)
        return "first"

    found, told = run(timely, work)

    assert found == "first"
    assert (told.degraded, told.reason, told.instead) == (True, f"model_{why}", "first_stage")
    assert timely.refused == 1


def test_one_answers_trouble_is_not_the_nexts(timely):
    run(timely, lambda: fell_back("late"))

    assert not run(timely, lambda: "whole")[1].degraded


def test_whoever_answers_is_told_the_time_that_is_left_for_it(timely):
    left, _ = run(timely, time_left)

    assert 0 < left <= PLENTY_S * 0.8


def test_outside_an_answer_there_is_no_end():
    assert time_left() is None
    fell_back("late")  # nobody to tell
