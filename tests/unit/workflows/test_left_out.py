"""What was not built is told beside what was chosen in the end, whose bill may have changed since."""

from decimal import Decimal

import msgspec
import pytest
from tests.golden.write import GOLDEN

from steelyard.documents.configurations import LeftOut
from steelyard.documents.decision import Decision, read_decision
from steelyard.workflows.building.left_out import left_out_words, not_built


@pytest.fixture(scope="module")
def decided() -> Decision:
    return read_decision(GOLDEN.read_bytes())


def left_out(least):
    return LeftOut("dense-int8-1bit", "too_dear", "search", least, "early-choice", "1.00", "USD")


def chosen(decided):
    surface = decided.of("search")
    return next(row for row in surface.candidates if row.name == surface.chosen)


def test_the_final_choice_and_its_bill_are_named(decided):
    row = not_built(left_out("9999.00"), decided)

    assert (row.why, row.by, Decimal(row.bill)) == ("too_dear", chosen(decided).name, chosen(decided).monthly)
    assert chosen(decided).name in row.says and chosen(decided).name in row.says_zh


def test_one_that_may_be_cheaper_than_the_choice_came_to_is_said_to_be_open(decided):
    row = not_built(left_out("0.01"), decided)

    assert row.why == "may_be_cheaper"
    assert "may be cheaper" in row.says and "可能更便宜" in row.says_zh


def test_without_a_choice_the_figures_of_the_time_stand(decided):
    nothing = msgspec.structs.replace(decided, surfaces=())

    assert not_built(left_out("9.00"), nothing).by == "early-choice"


def test_what_a_recipe_refuses_is_told_in_its_own_words(decided):
    refused = LeftOut("scales", "refused", "search", en="it learnt nothing", zh="没有学到任何东西")
    row = not_built(refused, decided)

    assert (row.says, row.says_zh) == ("scales is left out: it learnt nothing", "scales 未参评：没有学到任何东西")
    assert left_out_words(LeftOut("scales", "refused", en="it learnt nothing")).zh.endswith("it learnt nothing")


def test_a_model_that_cannot_be_judged_leaves_the_reason_to_the_decision():
    """It may be the stock or a setting, not the log's length."""
    words = left_out_words(LeftOut("ials", "no_behaviour"))

    assert words.en == (
        "ials is left out: recommendation cannot be judged by these data; `steelyard decide` says why and what to do"
    )
    assert "`steelyard decide`" in words.zh


@pytest.mark.parametrize("why", ["no_behaviour", "no_judgements", "no_text", "too_dear", "may_be_cheaper"])
def test_every_reason_has_words_in_both_languages(why):
    words = left_out_words(LeftOut("ials", why))

    assert words.en.startswith("ials ") and "ials" in words.zh
