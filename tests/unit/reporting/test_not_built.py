"""What was not built is said once for all that one configuration beats."""

from steelyard.documents.decision import Decision, NotBuilt
from steelyard.reporting.not_built import not_built_lines, not_built_list


def row(name, least="308.20", by="hybrid-static-1bit", bill="258.32", why="too_dear", surface="search"):
    return NotBuilt(name, surface, why, f"{name} in English", f"{name} 中文", least, by, bill, "USD")


def test_all_that_one_configuration_beats_are_named_in_one_sentence_with_the_least_of_them():
    (line,) = not_built_lines([row("dense-int8-1bit", "309.00"), row("hybrid-int8-1bit", "308.20")])

    assert "none can be cheaper than hybrid-static-1bit, which keeps the floors for 258.32 USD a month: " in line
    assert "dense-int8-1bit, hybrid-int8-1bit. The least that they can cost is 308.20;" in line


def test_models_the_shop_cannot_have_are_told_one_by_one_in_the_readers_language():
    rows = [row("ials", why="no_behaviour", surface=""), row("dense-int8-1bit")]

    lines = not_built_lines(rows, language="zh")

    assert lines[0] == "ials 中文"
    assert lines[1].startswith("未构建：dense-int8-1bit。其每月成本至少为 308.20 USD")


def test_nothing_is_said_where_everything_was_built():
    assert not_built_lines([]) == []


def test_the_name_of_a_configuration_that_is_left_out_keeps_its_letters_at_the_beginning_of_a_sentence():
    decision = Decision(not_built=(row("fused-weights", why="refused", surface="recommend"),))

    listed = str(not_built_list(decision, language="en"))

    assert "<li>fused-weights in English</li>" in listed
