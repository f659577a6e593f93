"""Documents and JSON: exact decimals, later formats refused, damage said."""

from decimal import Decimal

import pytest
from tests.documents_of import bills_of, candidate_of, decision_of, entry_of, line_of, surface_of

from steelyard.documents.bills import bills_builtins, read_bills
from steelyard.documents.decision import Decision, decision_builtins, read_decision
from steelyard.errors import ArtefactError


def test_an_amount_is_written_as_it_was_read_whatever_its_size():
    amounts = ["0.0000000493", "492.68", "0.00", "1460", "12345678901234567890.10"]
    lines = [line_of("serving", "1 x box", amount) for amount in amounts]

    found = read_bills(bills_of({"search": [entry_of("a", None, *lines)]}))

    (entry,) = bills_builtins(found)["surfaces"]["search"]
    assert [line["cost"] for line in entry["lines"]] == amounts
    assert found.surfaces["search"][0].lines[0].cost == Decimal("4.93E-8")


def test_an_unknown_price_stays_unknown():
    line = line_of("serving", "1 x box", None)

    (entry,) = read_bills(bills_of({"search": [entry_of("a", None, line, unpriced=["1 x box"])]})).surfaces["search"]

    assert (entry.lines[0].cost, entry.lines[0].unit_price, entry.monthly) == (None, None, None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"[]", "an object was expected"),
        (b"{", "cannot be read"),
        (b'{"format": 99}', "format 99, and this version reads up to 1"),
        (b'{"format": "1"}', "format '1'"),
        (b'{"surfaces": [{"surface": "search"}]}', "cannot be read"),
        (b'{"format": 1, "surfaces": [{"surface": "search"}]}', "missing required field"),
    ],
)
def test_what_is_no_decision_is_refused_with_what_to_do(source, said):
    with pytest.raises(ArtefactError, match=said):
        read_decision(source)


def test_a_floor_of_the_best_is_told_from_one_of_a_named_configuration():
    def is_of_best(text):
        floor = {"text": text, "text_zh": "", "min_quality": None, "min_quality_share": 0.99}
        return read_decision(decision_of(surface_of("search", "a", floor=floor))).surfaces[0].floor.is_of_best

    assert is_of_best("at least 99 % of the best, a")
    assert not is_of_best("at least 99 % of a")


def test_an_empty_document_is_a_decision_without_surfaces():
    assert read_decision(b"{}") == Decision()
    assert read_decision(decision_builtins(Decision())) == Decision()


def test_a_surface_knows_its_winner_and_its_candidates():
    rows = (candidate_of("a", verdict="chosen"), candidate_of("b"))

    found = read_decision(decision_of(surface_of("search", "a", *rows)))

    assert found.of("search").winner.name == "a"
    assert found.of("recommend") is None
    assert found.surfaces[0].candidate("c") is None
    assert found.names == {"a", "b"}


def test_an_earlier_decision_that_chose_nothing_says_nothing_of_how_sure_it_is():
    unsure = {"draws": 10, "probability": None, "by_configuration": {"a": 1.0}, "none": 0.0, "load": [0.5, 1.5]}
    surface = surface_of("search", "a") | {"stays_chosen": unsure | {"says": "", "says_zh": ""}}

    found = read_decision(decision_of(surface) | {"format": 0})

    assert found.surfaces[0].stays_chosen is None
