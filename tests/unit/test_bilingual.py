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
        ("stores.csv has 3 values twice", "stores.csv has 3 values twice"),
        ("sale_price: 4 % are missing", "sale_price: 4 % are missing"),
        ("nDCG@10 is skewed", "nDCG@10 is skewed"),
        ("p99 is above the limit", "p99 is above the limit"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_name(text, wanted):
    assert capitalised(text, NAMES) == wanted
