"""Sentences: where they begin with a capital and where with a name."""

import pytest

from steelyard.domain import capitalised

NAMES = {"ials", "hybrid-fp32"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ials would be chosen", "ials would be chosen"),
        ("ials: measured", "ials: measured"),
        ("hybrid-fp32 is cheapest", "hybrid-fp32 is cheapest"),
        ("people cost nothing", "People cost nothing"),
        ("ialsx is a word", "Ialsx is a word"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_configuration(text, wanted):
    assert capitalised(text, NAMES) == wanted
