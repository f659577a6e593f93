import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.domain import NONE, Bilingual, Request, State, Surface
from steelyard.errors import ArtefactError, StageError
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import MAX_K, Beside, Engine, Why
from steelyard.testing.shelf import shelf_engine


def test_a_search_gives_what_a_page_shows(engine):
    found = engine.answer(Surface.SEARCH, Request(query="7 3"), k=5, explain=True)

    assert [shown.id for shown in found] == ["item-7", "item-3"]
    first = found[0]
    assert (first.title, first.price, first.brand, first.category) == ("Thing 7", "7.50", "ACME", ("Things", "Small"))
    assert (first.score, found[1].score) == (1.0, 0.5)
    assert first.reasons == [Why("matches_words", 1.0, words=("7",))]


def test_a_reason_names_the_item_that_led_here(engine):
    found = engine.answer(Surface.RECOMMEND, Request(history=(4,)), k=1, explain=True)

    assert found[0].id == "item-5"
    assert found[0].reasons == [Why("bought_together", 1.0, item_id="item-4", title="Thing 4")]


def test_a_sentence_of_a_model_is_spaced_in_chinese_around_the_name():
    said = Bilingual("Bought together with {item}", "与{item}一起购买")
    engine = shelf_engine(9, Beside(sentences={"bought_together": said}))

    (why,) = engine.answer(Surface.RECOMMEND, Request(history=(4,)), k=1, explain=True)[0].reasons

    assert (why.text, why.text_zh) == ("Bought together with Thing 4", "与 Thing 4 一起购买")


def test_reasons_are_worked_out_only_when_asked_for(engine):
    found = engine.answer(Surface.RECOMMEND, Request(history=(4,)), k=3, explain=False)

    assert [shown.reasons for shown in found] == [[], [], []]


def test_an_unknown_price_is_not_zero(engine):
    assert engine.answer(Surface.SEARCH, Request(query="0"), k=1, explain=False)[0].price is None


def test_a_search_without_an_answer_is_an_empty_list(engine):
    assert engine.answer(Surface.SEARCH, Request(query="nothing"), k=5, explain=True) == []


def test_the_popular_answer_is_what_a_stranger_is_recommended(engine):
    popular = engine.popular(k=3)

    assert [shown.id for shown in popular] == ["item-0", "item-1", "item-2"]
    assert popular[0].reasons == [Why("popular", 1.0)]
    assert len(engine.popular(k=MAX_K)) == MAX_K


def test_a_bundle_without_a_surface_says_what_it_serves(cards):
    engine = Engine(search=None, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards))

    with pytest.raises(StageError, match="serves nothing"):
        engine.answer(Surface.SEARCH, Request(query="a"), k=1, explain=False)
    assert [shown.id for shown in engine.popular(k=2)] == ["item-0", "item-1"]


@given(st.lists(st.text(max_size=8), unique=True, max_size=30), st.text(max_size=8))
def test_every_identifier_leads_to_its_number_and_no_other_does(names, stranger):
    import msgspec

    lines = [msgspec.json.encode({"item_id": name}) for name in names]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    ids = ItemIds(index_ids(cards), cards)

    assert [ids.number(name) for name in names] == list(range(len(names)))
    assert ids.number(stranger) == (names.index(stranger) if stranger in names else NONE)


def test_two_identifiers_with_one_hash_are_told_apart_by_the_card(cards):
    state = index_ids(cards)
    same = np.full_like(state.arrays["hashes"], index_ids(cards).arrays["hashes"][0])
    first = int(state.arrays["numbers"][0])
    ids = ItemIds(State({"hashes": same, "numbers": np.arange(len(cards))}), cards)

    assert ids.number(f"item-{first}") == first


def test_cards_cut_short_are_refused():
    with pytest.raises(ArtefactError, match="offsets"):
        Cards(b"{}", np.array([0, 99]))
