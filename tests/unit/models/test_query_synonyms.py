"""The shop's own other names of things: what they find, what they leave alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import NONE, Match, Request, Texts
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical

TITLES = (
    "Oak sideboard",  # 0
    "Oak buffet, two doors",  # 1
    "Window air conditioner 8000",  # 2
    "Car air freshener",  # 3
    "Hair conditioner",  # 4
    "Ceramic hob",  # 5
    "Ceramic tile",  # 6
    "Waste basket steel",  # 7
    "Steel basket for bread",  # 8
    "AC adapter",  # 9
    "移动电源 10000",  # 10
    "登山包",  # 11
)
RULES = (
    "sideboard, buffet",
    "ac => ac, air conditioner",
    "cooktop => hob",
    "rubbish bin, waste basket",
    "freshener => perfume",
    "快充宝, 移动电源",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Lexical:
    folder = tmp_path_factory.mktemp("index")
    empty = ("",) * len(TITLES)
    texts = Texts(TITLES, empty, empty, empty, empty, "mixed")
    build_tantivy_index(folder, documents(texts))
    return Lexical(fit_lexical(texts), open_tantivy_index(folder))


def found(shop: Lexical, query: str, rules: Sequence[str] = RULES) -> list[int]:
    shop.take_names(rules)
    items = shop.retrieve([Request(query=query)], k=5).items[0]
    return [item for item in items.tolist() if item != NONE]


@pytest.mark.parametrize(
    ("query", "first", "also"),
    [
        ("sideboard", 0, 1),  # the name that was typed comes first
        ("buffet", 1, 0),
        ("oak sideboards", 0, 1),  # in the plural, among other words
        ("cooktop", 5, None),
        ("快充宝", 10, None),
        ("steel rubbish bin", 7, None),  # a phrase for a phrase
        ("window ac", 2, 9),
    ],
)
def test_other_names_are_found_and_what_was_typed_stays_first(
    shop: Lexical, query: str, first: int, also: int | None
) -> None:
    items = found(shop, query)

    assert items[0] == first
    assert also is None or also in items


def test_a_name_of_two_words_needs_both_of_them(shop: Lexical) -> None:
    items = found(shop, "ac")

    assert items[0] == 9
    assert 2 in items
    assert not {3, 4} & set(items)  # an air freshener and a hair conditioner hold one word each


def test_a_name_that_the_catalogue_does_not_hold_changes_nothing(shop: Lexical) -> None:
    assert found(shop, "freshener") == found(shop, "freshener", ())


def test_a_rule_may_replace_what_was_typed(shop: Lexical) -> None:
    assert found(shop, "buffet", ("buffet => tile",))[0] == 6
    assert 1 not in found(shop, "buffet", ("buffet => tile",))


def test_a_name_that_the_shop_explains_is_not_guessed_at(shop: Lexical) -> None:
    shop.take_names(("hobb => tile",))
    reading = shop.read("hobb")

    assert not reading.guesses
    assert not reading.unknown
    assert shop.understand(Request(query="hobb"), np.array([6])).match is Match.ALL_WORDS


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from("oak sideboard buffet ac air rubbish bin cooktop zzz hob steel for".split()),
        min_size=1,
        max_size=7,
    ),
    st.booleans(),
)
def test_plans_keep_their_form_whatever_is_renamed(shop: Lexical, words: list[str], replaces: bool) -> None:
    shop.take_names((*RULES, "oak => steel") if replaces else RULES)
    reading = shop.read(" ".join(words))
    plan = reading.plan

    assert plan.group.tolist() == sorted(plan.group.tolist())
    assert sorted(set(plan.group.tolist())) == list(range(len(set(plan.group.tolist()))))
    assert len(reading.terms) == len(plan.terms) == len(plan.weights)
    assert all(0 <= first < last <= len(plan.units) for first, last in zip(plan.first, plan.last, strict=True))
    assert all(term >= -len(plan.together) for term in plan.terms)
    assert np.isfinite(shop.retrieve([Request(query=" ".join(words))], k=3).scores[0, 0]) or not len(plan.terms)


def test_stored_rules_are_used_when_the_model_is_opened(shop: Lexical, tmp_path: Path) -> None:
    build_tantivy_index(tmp_path, documents(Texts(TITLES, *(("",) * len(TITLES),) * 4, "mixed")))
    again = Lexical(shop.state, open_tantivy_index(tmp_path), synonyms=RULES)

    assert again.retrieve([Request(query="cooktop")], k=1).items[0, 0] == 5
