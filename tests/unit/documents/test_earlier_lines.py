"""Lines of bills that knew themselves by a sentence are read back to what they paid for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.documents.earlier_decision import with_keys
from steelyard.documents.earlier_lines import key_of_sentence, with_key
from steelyard.documents.line_words import words_of
from steelyard.domain import LineKey

BARE = [key for key in LineKey if words_of(key, "?").en == words_of(key).en and key is not LineKey.OTHER]


@pytest.mark.parametrize("key", BARE)
def test_a_sentence_of_today_is_read_back_to_its_key(key):
    assert key_of_sentence(words_of(key).en, "serving") == (key, "")


@pytest.mark.parametrize(
    ("sentence", "stage", "key", "detail"),
    [
        ("making parts/lexical", "training", LineKey.PART_TRAINING, "parts/lexical"),
        ("making parts/lexical, again", "retraining", LineKey.PART_RETRAINING, "parts/lexical"),
        ("2 x x/m", "serving", LineKey.SERVING_MACHINES, "2 x x/m"),
        ("2 x x/m reserved", "serving", LineKey.RESERVED_MACHINES, "2 x x/m"),
        ("x/m on demand", "serving", LineKey.ON_DEMAND_MACHINES, "x/m"),
        ("x/m spot", "serving", LineKey.SPOT_MACHINES, "x/m"),
        ("2 x x/m", "storage", LineKey.OTHER, "2 x x/m"),  # machines are on the bill where they serve
        ("setting up and tuning, people", "tuning", LineKey.PEOPLE_TUNING, ""),
        ("find, above its last tier", "serving", LineKey.SERVICE_ABOVE_TIERS, "find"),
        ("something of somebody's own", "software", LineKey.OTHER, "something of somebody's own"),
    ],
)
def test_sentences_of_before_are_read(sentence, stage, key, detail):
    assert key_of_sentence(sentence, stage) == (key, detail)


@given(st.text(min_size=1), st.sampled_from(["serving", "training", "storage"]))
def test_no_sentence_is_lost(sentence, stage):
    key, detail = key_of_sentence(sentence, stage)

    if key is LineKey.OTHER:
        assert detail == sentence == words_of(key, detail).en


def test_a_line_with_a_key_is_left_alone():
    row = {"key": "traffic", "item": "x", "stage": "bandwidth"}

    assert with_key(row) == row


def surface(**fields):
    return {"candidates": [], "floor": {"text": "at least 90 % of the best"}, **fields}


def test_a_floor_of_before_says_whether_it_is_one_of_the_bests():
    found = with_keys({"surfaces": [surface(), surface(floor={"text": "at least 90 % of lexical"})]})

    assert [each["floor"]["is_of_best"] for each in found["surfaces"]] == [True, False]


def test_what_has_no_price_is_named_in_chinese_as_its_line_is():
    line = {"item": "setting up and tuning, people", "stage": "tuning"}
    candidate = {"bill": [line], "unpriced": ["setting up and tuning, people", "a thing without a line"]}

    (found,) = with_keys({"surfaces": [surface(candidates=[candidate])]})["surfaces"][0]["candidates"]

    assert found["unpriced_zh"] == [words_of(LineKey.PEOPLE_TUNING).zh, "a thing without a line"]


def test_nothing_is_said_of_how_sure_a_choice_is_that_was_not_made():
    sure, unsure = ({"probability": each} for each in (0.9, None))

    found = with_keys({"surfaces": [surface(stays_chosen=sure), surface(stays_chosen=unsure)], "total": None})

    assert found["surfaces"][0]["stays_chosen"] == sure
    assert "stays_chosen" not in found["surfaces"][1]
    assert "total" not in found


def test_parts_that_were_left_out_are_named_by_a_sentence_or_whole():
    whole = {"part": "nat", "text": "a gateway", "text_zh": "网关", "switch": None}

    found = with_keys({"total": {"left_out": ["backups", whole]}})

    assert found["total"]["left_out"] == [
        {"part": "", "text": "backups", "text_zh": "backups", "switch": ""}, {**whole, "switch": ""},
    ]  # fmt: skip
