"""An explanation in lines: parts indented below their whole, what another model names itself kept as it calls it."""

import pytest

from steelyard.documents.explanation import ItemExplained, ScorePart, SearchExplanation, StageTime, StepCount
from steelyard.reporting.explanation_lines import answer_lines, explanation_lines


def explanation(**given):
    parts = (
        ScorePart("words", 0.5, raw=5.0, weight=0.1, parts=(ScorePart("term", 0.5, "oak"),)),
        ScorePart("moonlight", 0.25, "tide"),
        ScorePart("term", 0.1, "oaks", counted=False),
    )
    item = ItemExplained("KB-1", "Oak board", "all_words", 0.75, parts)
    base = {
        "model": "hybrid",
        "tells": True,
        "read": None,
        "tiers": (StepCount("all_words", 1),),
        "items": (item,),
        "steps": (StepCount("sold_out", 0), StepCount("found", 1234), StepCount("tidal", 3)),
        "stages": (StageTime("read", 1204.4), StageTime("tide", 2.0)),
        "total_us": 1500.0,
    }
    return SearchExplanation(**{**base, **given})


def test_parts_stand_below_what_they_are_parts_of():
    lines = explanation_lines("oak", explanation(), language="en")

    at = lines.index("       +0.5000  words = 0.100 × 5.000")
    assert lines[at + 1] == "         +0.5000  “oak”"
    assert "       +0.1000  “oaks” – not counted, another form counted" in lines


def test_kinds_that_nobody_translated_keep_their_names():
    lines = explanation_lines("oak", explanation(), language="zh")

    assert "       +0.2500  moonlight tide" in lines
    assert "          3  tidal" in lines
    assert "  切词 1,204 µs · tide 2 µs" in lines


def test_what_left_out_nothing_is_not_said():
    lines = "\n".join(explanation_lines("oak", explanation(), language="en"))

    assert "1,234  items found" in lines and "sold out" not in lines


def test_a_model_that_does_not_tell_is_named_as_such():
    lines = explanation_lines("oak", explanation(tells=False, items=(), note="it has no method"), language="en")

    assert lines[1].startswith("This model does not tell")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(None, 200.0, "at most 200"), (20.0, None, "at least 20"), (20.0, 50.5, "20 to 50.5")],
)
def test_a_price_is_said_by_its_ends(low, high, said):
    lines = explanation_lines("oak", explanation(), language="en", price=("under 200", True, low, high))

    assert any(line.endswith(said) for line in lines)
    unused = explanation_lines("oak", explanation(), language="en", price=("under 200", False, low, high))
    assert any("does without" in line for line in unused)


def test_an_answer_alone_is_a_list():
    assert answer_lines("oak", [("KB-1", "Oak board", "9", 1.0)], language="en") == [" 1. Oak board · KB-1 · 9"]
    assert answer_lines("oak", [], language="zh") == ["没有找到“oak”"]
