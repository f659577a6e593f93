"""The sentences about how hard the data is, in both languages."""

from __future__ import annotations

import pytest

from steelyard.documents.hardness import Hardness, HardnessFigure
from steelyard.reporting.hardness_lines import hardness_lines, hardness_section
from steelyard.reporting.page import raw
from steelyard.reporting.words.hardness import HARDNESS

FOUND = Hardness(
    events=1_000,
    users=50,
    items=20,
    held_out=100,
    successors=HardnessFigure(mean=12.4, low=11.0, high=13.6, n=50),
    alike=HardnessFigure(mean=15.0, low=14.0, high=16.0, n=50),
    top_hit=HardnessFigure(mean=0.25, n=50),
    history=HardnessFigure(mean=0.02, low=-0.01, high=0.05, n=500),
    ndcg_last=0.1,
    verdict="unlikely",
    reasons=("history_little",),
)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["12 (11 – 14)", "A transformer is unlikely to pay here: the history adds less than 7 %", "unknown"]),
        ("zh", ["12 (11 – 14)", "在这里用 Transformer 多半不划算：可以肯定历史", "未知"]),
    ],
)
def test_figures_stand_with_their_intervals_and_the_verdict_with_its_reason(language, wanted):
    lines = "\n".join(hardness_lines(FOUND, language=language))

    assert all(each in lines for each in wanted), lines
    assert "{" not in lines


def test_the_section_of_the_report_says_the_same():
    section = str(raw(hardness_section(FOUND, language="en")))

    assert "A transformer is unlikely to pay here" in section


@pytest.mark.parametrize("verdict", ["unlikely", "open", "worth_a_trial", "unknown"])
def test_every_verdict_is_said(verdict):
    found = Hardness(events=0, users=0, items=0, held_out=0, verdict=verdict, reasons=("few_held_out",))

    assert "transformer" in " ".join(hardness_lines(found, language="en"))


def test_every_reason_that_a_verdict_gives_has_a_sentence():
    reasons = {
        *("few_held_out", "repeats", "repeats_unsure", "history_little", "history_as_measured", "history_much"),
        *("order_little", "order_unsure", "few_events"),
    }

    assert {f"hard_why_{reason}" for reason in reasons} <= set(HARDNESS)
