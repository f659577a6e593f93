"""Where titles are marked: stems, codes and Chinese words, and never inside another word."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.models.text.marks import marks
from steelyard.models.text.segment import words
from steelyard.serving.search_pages import marked


def shown(text, query, language="en"):
    return marked(text, marks(text, words(query, language=language), language=language))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Running Shoes for men", "shoe", "Running <mark>Shoes</mark> for men"),
        ("Snowshoes", "shoe", "Snowshoes"),
        ("Sony WH-1000XM5 black", "wh1000xm5", "Sony <mark>WH-1000XM5</mark> black"),
        ("Case 15.6 inch", "15.6", "Case <mark>15.6</mark> inch"),
        ("T-Shirt & cap", "shirt cap", "T-<mark>Shirt</mark> &amp; <mark>cap</mark>"),
        ("男士休闲跑鞋", "跑鞋", "男士休闲<mark>跑鞋</mark>"),
        ("軍用望遠鏡", "望远镜", "軍用<mark>望遠鏡</mark>"),
        ("Nike跑鞋42码", "nike 跑鞋", "<mark>Nike跑鞋</mark>42码"),
        ("<b>lamp</b>", "lamp", "&lt;b&gt;<mark>lamp</mark>&lt;/b&gt;"),
        ("lamp", "", "lamp"),
    ],
)
def test_what_matches_is_marked(text, query, expected):
    assert shown(text, query) == expected


@given(st.text(max_size=40), st.text(max_size=12), st.sampled_from(["en", "zh", "mixed"]))
def test_without_its_marks_the_text_is_as_it_was(text, query, language):
    found = shown(text, query, language)

    assert html.unescape(found.replace("<mark>", "").replace("</mark>", "")) == html.unescape(html.escape(text))
    assert "<" not in found.replace("<mark>", "").replace("</mark>", "")
