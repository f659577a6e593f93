"""What each step up the frontier costs, worked out by hand."""

import unicodedata
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from steelyard.documents.decision import read_decision
from steelyard.reporting.frontier_steps import frontier_steps, steps_table, steps_text
from steelyard.reporting.words import words_in

GOLDEN = Path(__file__).parents[2] / "golden/decision.json"


def surface(*rows):
    """A surface with these configurations: name, quality, p99, money a month, whether it is on the frontier."""
    found = read_decision(GOLDEN.read_bytes()).surfaces[0]
    like = found.candidates[0]
    candidates = tuple(
        msgspec.structs.replace(
            like,
            name=name,
            quality=msgspec.structs.replace(like.quality, mean=quality),
            p99_ms=p99,
            monthly=None if monthly is None else Decimal(monthly),
            is_on_frontier=on,
        )
        for name, quality, p99, monthly, on in rows
    )
    return msgspec.structs.replace(found, candidates=candidates)


SHOP = surface(
    ("llm-rerank", 0.47, 2000.0, "5240", True),
    ("lexical", 0.44, 5.0, "240", True),
    ("dense", 0.40, 9.0, "250", False),
    ("ltr-words", 0.445, 6.5, "241", True),
    ("no-price", 0.5, 6.5, None, False),
)


def test_each_step_is_beside_the_cheaper_one_before():
    steps = frontier_steps(SHOP)

    assert [each.name for each in steps] == ["lexical", "ltr-words", "llm-rerank"]
    assert [each.points for each in steps] == [None, 0.5, 2.5]
    assert [each.more for each in steps] == [None, Decimal(1), Decimal(4999)]
    assert [each.per_point for each in steps] == [None, Decimal(2), Decimal("1999.6")]


def test_what_has_no_price_is_no_step():
    assert "no-price" not in {each.name for each in frontier_steps(surface(("no-price", 0.5, 1.0, None, True)))}


def test_what_is_no_better_for_the_same_or_more_money_is_no_step():
    found = frontier_steps(
        surface(
            ("popularity", 0.11, 7.0, "241", True),
            ("frequency", 0.34, 8.0, "241", True),
            ("worse-and-dearer", 0.2, 8.0, "250", True),
            ("fused", 0.35, 25.0, "324", True),
        )
    )

    assert [each.name for each in found] == ["frequency", "fused"]
    assert all(each.points is None or each.points > 0 for each in found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_terminal_of_80_columns_holds_it_in_both_languages(language):
    long = surface(
        ("learnt-static-ranked-1bit-of-a-long-name", 0.44, 12345.6, "123456.78", True),
        ("llm-rewrite", 0.54, 98765.4, "9123456.78", True),
    )
    for each in (SHOP, long):
        lines = steps_text(each, language=language).splitlines()
        wide = [sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines]
        assert max(wide) <= 80
    assert "+2.50 +4,999.00 1,999.60" in " ".join(steps_text(SHOP).splitlines()[3].split())


def test_the_report_has_the_table_where_there_is_a_step():
    made = steps_table(SHOP, words_in("en"), str)

    assert made is not None
    assert "What each step up costs" in made and "1999.6" in made
    assert steps_table(surface(("lexical", 0.44, 5.0, "240", True)), words_in("en"), str) is None
