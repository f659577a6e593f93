"""An explained answer is the same list, its parts add up, and what was taken out of it is counted."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.config.curation import CurationRule
from steelyard.documents.explanation import counted
from steelyard.domain import CatalogueFacts, Surface, Texts
from steelyard.models.pipeline import Pipeline
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Engine
from steelyard.serving.lists.curation import Curation
from steelyard.serving.lists.listing import ALL_FACETS, Question, Sort
from steelyard.serving.search_pages import SearchPages
from steelyard.serving.timely import Told
from steelyard.testing.shelf import shelf_engine

CARDS = [
    {"item_id": "KB-1", "title": "Oak kitchen board", "price": "30.00", "brand": "Lind", "category": ["Kitchen"]},
    {"item_id": "KB-2", "title": "Oak bread board", "price": "240.00", "brand": "Lind", "category": ["Kitchen"]},
    {"item_id": "TB-1", "title": "Beech toast board", "price": "20.00", "brand": "Ask", "category": ["Kitchen"]},
    {"item_id": "OL-1", "title": "Oak floor lamp", "price": "90.00", "brand": "Ask", "category": ["Light"]},
    {"item_id": "OL-2", "title": "Oak table lamp", "price": "60.00", "brand": "Ask", "category": ["Light"]},
    {"item_id": "TEA", "title": "绿茶 茶叶", "price": "9.00", "brand": "Lind", "category": ["Tea"]},
]
SOLD_OUT = 4
WAYS = {
    "a few items": {},
    "variants": {"diversify": True},
    "pages": {"is_paged": True},
    "facets": {"facets": (ALL_FACETS,), "diversify": True},
    "filters": {"filters": {"brand": "Lind"}},
    "an order": {"sort": Sort.PRICE_UP},
    "marks": {"highlight": True},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("index")
    titles = tuple(card["title"] for card in CARDS)
    none = ("",) * len(CARDS)
    texts = Texts(
        titles,
        tuple(card["brand"] for card in CARDS),
        tuple(" > ".join(card["category"]) for card in CARDS),
        none,
        none,
    )
    build_tantivy_index(folder, documents(texts))
    lexical = Lexical(fit_lexical(texts), open_tantivy_index(folder))
    n = len(CARDS)
    in_stock = np.ones(n, np.int64)
    in_stock[SOLD_OUT] = 0
    facts = CatalogueFacts(np.arange(n), np.arange(n), np.zeros(n, np.int64), in_stock, ("",))
    pipeline = Pipeline(lexical, facts, surface=Surface.SEARCH)
    lines = [json.dumps(card).encode() for card in CARDS]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    return Engine(search=pipeline, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards))


@pytest.fixture
def pages(engine):
    return SearchPages(engine, "d" * 64, currency="USD", model="lexical")


def ruled(engine, *rules):
    now = datetime(2026, 5, 1, tzinfo=UTC)
    made = [CurationRule(**{"id": f"r{at}", "owner": "Kim", "reason": "test", **each}) for at, each in enumerate(rules)]
    curation = Curation(made, fields=engine.fields, number=engine.number, now=lambda: now)
    return SearchPages(engine, "d" * 64, currency="USD", curation=curation, model="lexical")


def explained(pages, query, **how):
    return pages.page(pages.check(Question(query, is_explained=True, **how)))


def steps(page):
    return {(step.kind, step.of): step.n for step in page.explanation.steps}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("query", ["oak board", "the lamp", "绿茶", "boad", "xyzzy", "KB-2", "board under 100"])
def test_the_list_is_the_same_with_and_without_an_explanation(pages, query, way):
    page = explained(pages, query, **WAYS[way])
    plain = pages.page(pages.check(Question(query, **WAYS[way])))

    assert plain.explanation is None
    assert msgspec.structs.asdict(pages_answer(page, query, way)) == msgspec.structs.asdict(
        pages_answer(plain, query, way)
    )
    assert [each.id for each in page.explanation.items] == [shown.id for shown in page.items]


def pages_answer(page, query, way):
    answer = page.answer(Told(False, "", 0.0, ""), Question(query, **WAYS[way]), bundle="d" * 64)
    return msgspec.structs.replace(answer, explanation=msgspec.UNSET)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("query", ["oak board", "the lamp", "绿茶", "KB-2", "board under 100"])
def test_the_parts_of_every_item_shown_add_up_to_its_score(pages, query, way):
    page = explained(pages, query, **WAYS[way])

    assert page.explanation.note == ""
    for item, shown in zip(page.explanation.items, page.items, strict=True):
        assert item.score == shown.score
        assert counted(item.parts) == pytest.approx(shown.score, rel=1e-5)


def test_each_item_says_of_which_tier_it_is(pages):
    page = explained(pages, "oak board")

    tiers = {item.id: item.tier for item in page.explanation.items}
    assert tiers["KB-1"] == tiers["KB-2"] == "all_words"
    assert tiers["TB-1"] == "most_words"
    assert [(step.kind, step.n) for step in page.explanation.tiers] == [("all_words", 2), ("most_words", 2)]
    assert explained(pages, "oak bread board").explanation.items[0].tier == "exact_phrase"


def test_an_items_number_is_told_as_such(pages):
    (item, *_) = explained(pages, "KB-2").explanation.items

    assert (item.id, item.tier) == ("KB-2", "item_number")


def test_what_was_left_out_is_counted(pages):
    page = explained(pages, "oak", filters={"brand": "Lind"})

    assert steps(page)[("sold_out", "")] == 1
    assert steps(page)[("filter", "brand")] == 1
    assert steps(page)[("holding_a_word", "")] == 4


def test_a_price_in_the_words_is_told_as_what_it_took_away(pages):
    page = explained(pages, "board under 100")

    assert page.explanation.read.folded == "board"
    assert steps(page)[("price", "price")] == 1


def test_a_rule_is_a_part_of_the_score_that_it_changed(engine):
    pages = ruled(
        engine,
        {"action": "boost", "query": "oak", "items": ["OL-1"], "factor": 3.0},
        {"action": "pin", "query": "oak", "items": ["KB-2"]},
        {"action": "hide", "query": "oak", "items": ["KB-1"]},
    )

    page = explained(pages, "oak")

    first, second = page.explanation.items
    assert (first.id, first.tier, [moved.action for moved in first.moved]) == ("KB-2", "pinned", ["pin"])
    assert (second.id, [part.of for part in second.parts if part.kind == "rule"]) == ("OL-1", ["r0"])
    assert second.place_without_rules is not None
    assert steps(page)[("hidden", "")] == 1
    assert page.explanation.note == ""
    for item in page.explanation.items:
        assert counted(item.parts) == pytest.approx(item.score, rel=1e-5)


def test_how_the_query_was_read_is_told(pages):
    read = explained(pages, "the oakk lamp").explanation.read

    assert (read.language, read.stop_words, read.unknown) == ("en", ("the",), ("oakk",))
    assert [(each.typed, each.words) for each in read.corrections] == [("oakk", ("oak",))]
    assert {term.word: term.kind for term in read.terms}["lamp"] == "word"


def test_every_stage_is_timed(pages):
    page = explained(pages, "oak board", is_paged=True)

    assert [stage.name for stage in page.explanation.stages] == [
        "read", "plan", "first_phase", "second_phase", "rules", "list", "cards",
    ]  # fmt: skip
    assert page.explanation.total_us > 0


def test_a_model_that_does_not_tell_is_not_spoken_for():
    pages = SearchPages(shelf_engine(20), "d" * 64)

    page = explained(pages, "3 5")

    assert not page.explanation.tells and "does not tell" in page.explanation.note
    assert [(item.tier, item.parts, item.score) for item in page.explanation.items] == [("", (), 1.0), ("", (), 0.5)]
    assert page.explanation.read is None
