"""Kinds of queries: each told from the shop's own words, a query being of several intents at once."""

import pytest

from steelyard.domain import Texts
from steelyard.models.text.query_kinds import GROUPS, language_of, query_kinds

TEXTS = Texts(
    title=("Oak board", "Rain boots"),
    description=("", ""),
    category=("Home > Kitchen Boards", "鞋靴 > 男鞋"),
    brand=("Red Wing", "步履"),
    attributes=("Colour: Dark Red; Size: 42", "Material: 橡胶"),
    language="mixed",
)


def kinds_of(query, **how):
    found = query_kinds([query], TEXTS, **how)
    return {name for name, places in found.items() if places}


@pytest.mark.parametrize(
    ("query", "intents"),
    [
        ("red wing", {"brand"}),
        ("RED WING dark red boots", {"brand", "attribute"}),
        ("kitchen boards", {"category"}),
        ("boards", {"plain"}),
        ("步履男鞋", {"brand", "category"}),
        ("橡胶", {"attribute"}),
        ("wh-1000xm5", {"model_number"}),
        ("bottle 500 ml", {"measure"}),
        ("500ml", {"measure"}),
        ("boots under 50", {"price"}),
        ("42", {"plain"}),
    ],
)
def test_what_a_query_is_after(query, intents):
    found = {name.split("/")[1] for name in kinds_of(query, currency="USD") if name.startswith("intent/")}

    assert found == intents


@pytest.mark.parametrize(
    ("query", "length"),
    [("boots", "one_word"), ("rain boots", "two_words"), ("a b c", "three_words"), ("a b c d e", "more_words")],
)
def test_how_long_it_is(query, length):
    assert f"length/{length}" in kinds_of(query)


@pytest.mark.parametrize(
    ("query", "language"),
    [("boots", "en"), ("Größe", "en"), ("靴子", "zh"), ("nike 鞋", "mixed"), ("сапоги", "other"), ("42", "")],
)
def test_in_which_letters_it_is_written(query, language):
    assert language_of(query) == language


def test_head_is_what_many_people_typed_and_unknown_where_nobody_counted():
    found = query_kinds(["Boots", "oak plank"], TEXTS, popular=["boots"])

    assert (found["frequency/head"], found["frequency/tail"]) == ([0], [1])
    assert not any(name.startswith("frequency/") for name in kinds_of("boots"))


def test_every_kind_is_told_even_without_queries():
    assert set(query_kinds([], TEXTS)) == {f"{group}/{kind}" for group, kinds in GROUPS.items() for kind in kinds}
