"""Every search says how it was understood and counts once, whether it is asked for a few items, filtered or paged."""

import asyncio
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from steelyard.domain import Guess, Match, Understood
from steelyard.serving.admission import Limits
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.lists.fields import Range
from steelyard.serving.lists.listing import ALL_FACETS, Question, Sort
from steelyard.serving.numbers import Numbers, index_numbers
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import Shelf

COATS = [
    {"item_id": "CO-7/41", "title": "Rain coat", "price": "80.00", "brand": "Wader", "attributes": {"Size": "XL"}},
    {"item_id": "CO-7/40", "title": "Rain coat", "price": "60.00", "brand": "Wader", "attributes": {"Size": "S"}},
    {"item_id": "HAT-2", "title": "Rain hat", "price": "19.00", "brand": "Brim"},
    {"item_id": "BOOT", "title": "Boot", "price": "45.00", "brand": "Wader"},
    {"item_id": "SOCK", "title": "Sock", "price": "5.00", "brand": "Brim"},
]
WAYS = {
    "a few items": {},
    "filters": {"filters": {"price": Range(min=10)}},
    "facets": {"facets": (ALL_FACETS,)},
    "an order": {"sort": Sort.PRICE_UP},
    "pages": {"is_paged": True},
    "variants": {"diversify": True, "is_paged": True},
}


class Coats(Shelf):
    """Words find what their letters say; the best item decides how well the answer fits."""

    def _find(self, request):
        finds = {"rain": [0, 1, 2], "rian": [] if request.verbatim else [2, 0, 1], "all": [4, 3, 2, 1, 0]}
        return finds.get(request.query, [])

    def understand(self, request, items):
        if not len(items):
            return Understood(Match.NOTHING, is_weak=True)
        if request.query == "rian":
            return Understood(Match.GUESSED, guesses=(Guess("rian", ("rain",), is_applied=True),))
        return Understood(Match.ALL_WORDS) if items[0] == 4 else Understood(Match.SOME_WORDS, is_weak=True)


@pytest.fixture
def service():
    lines = [json.dumps(card).encode() for card in COATS]
    cards, shelf = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)])), Coats(len(COATS))
    beside = Beside(words=shelf, numbers=Numbers.of(index_numbers(cards), cards))
    engine = Engine(
        search=shelf, recommend=None, similar=None, cards=cards, ids=ItemIds(index_ids(cards), cards), beside=beside
    )
    found = Service(
        engine, About("d" * 64), events=None, pseudonym=str, now=lambda: datetime(2026, 5, 1, tzinfo=UTC),
        limits=Limits(answer_within_s=5),
    )  # fmt: skip
    yield found
    found.close()


def ask(service, query, **how):
    return asyncio.run(service.search(Question(query, **how)))


def ids(answer):
    return [shown.id for shown in answer.items]


def counted(service):
    health = service.health()
    return health.searches, health.searches_without_result, health.searches_weak


@pytest.mark.parametrize("way", WAYS)
def test_a_guessed_word_is_told(service, way):
    answer = ask(service, "rian", **WAYS[way])

    assert answer.match == Match.GUESSED
    assert [(guess.typed, guess.words, guess.applied) for guess in answer.read_as] == [("rian", ("rain",), True)]


@pytest.mark.parametrize("way", WAYS)
def test_words_taken_as_typed_are_not_guessed(service, way):
    answer = ask(service, "rian", verbatim=True, **WAYS[way])

    assert (ids(answer), answer.match, answer.weak) == ([], Match.NOTHING, True)


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_hardly_fits_is_weak(service, way):
    assert ask(service, "rain", **WAYS[way]).weak is True


@pytest.mark.parametrize("way", WAYS)
def test_an_items_number_puts_it_first(service, way):
    answer = ask(service, "co 7/41", **WAYS[way])

    assert (answer.items[0].id, answer.match, answer.weak) == ("CO-7/41", Match.ITEM_NUMBER, False)
    assert answer.items[0].reasons[0].kind == "item_number"


def test_the_number_of_one_size_shows_its_product_with_all_sizes(service):
    answer = ask(service, "CO-7/41", diversify=True, is_paged=True)

    assert [(option.id, option.size) for option in answer.items[0].options] == [("CO-7/40", "S"), ("CO-7/41", "XL")]


def test_a_filter_wins_over_an_items_number(service):
    answer = ask(service, "CO-7/41", filters={"brand": "Brim"})

    assert (ids(answer), answer.match) == ([], Match.NOTHING)


def test_what_is_found_by_its_number_only_is_counted_by_facets(service):
    answer = ask(service, "boot", facets=("brand",))

    assert (ids(answer), answer.n_results, answer.n_matched) == (["BOOT"], 1, 1)
    assert [(one.value, one.n) for one in answer.facets[0].values] == [("Wader", 1)]


def test_order_and_page_do_not_change_how_a_query_was_understood(service):
    plain = ask(service, "all", k=2)
    first = ask(service, "all", k=2, sort=Sort.PRICE_DOWN)
    second = ask(service, "all", k=2, sort=Sort.PRICE_DOWN, cursor=first.next)

    assert (ids(plain), ids(first), ids(second)) == (["SOCK", "BOOT"], ["CO-7/41", "CO-7/40"], ["BOOT", "HAT-2"])
    assert {(a.match, a.weak) for a in (plain, first, second)} == {(Match.ALL_WORDS, False)}


def test_a_search_counts_once_and_not_once_a_page(service):
    first = ask(service, "rain", k=1, is_paged=True)
    second = ask(service, "rain", k=1, is_paged=True, cursor=first.next)
    ask(service, "rain", k=1, is_paged=True, cursor=second.next)

    assert counted(service) == (1, 0, 1)


def test_a_search_that_finds_nothing_counts_however_it_is_asked(service):
    for how in WAYS.values():
        ask(service, "asdf", **how)

    assert counted(service) == (len(WAYS), len(WAYS), 0)


def test_filters_that_leave_nothing_are_no_search_without_result(service):
    answer = ask(service, "rain", filters={"price": Range(min=1000)})

    assert (ids(answer), answer.n_results) == ([], 0)
    assert counted(service) == (1, 0, 0)
