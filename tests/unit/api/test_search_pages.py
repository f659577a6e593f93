"""Filters, facets, orders and pages of a search over HTTP; the search of the shelf finds the numbers it is given."""

import json
from dataclasses import replace

import pytest

THINGS = " ".join(map(str, range(100, 160)))


def ids(response):
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def refusal(response):
    assert 400 <= response.status_code < 500, response.text
    return response.json()["error"]


def test_a_filter_by_price_holds(shopper):
    found = shopper.post("/v1/search", {"q": "7 3 12 5", "filters": {"price": {"min": 5.5, "max": 12.5}}})

    assert ids(found) == ["item-7", "item-12", "item-5"]
    assert found.json()["n_results"] == 3


def test_a_filter_in_the_address_is_json(shopper):
    found = shopper.get("/v1/search", params={"q": "7 3 12", "filters": '{"price": {"below": 7.5}}'})

    assert ids(found) == ["item-3"]


def test_an_attribute_may_be_named_without_its_prefix_and_in_any_case(shopper):
    assert ids(shopper.post("/v1/search", {"q": "7 3", "filters": {"Colour": "红", "brand": ["acme"]}})) == [
        "item-7",
        "item-3",
    ]


def test_an_unknown_value_finds_nothing(shopper):
    assert ids(shopper.post("/v1/search", {"q": "7 3", "filters": {"brand": ["nobody"]}})) == []


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("colur", "attributes.colour"), ("Brnad", "brand"), ("prices", "price"), ("kategory", "category")],
)  # fmt: skip
def test_an_unknown_field_names_the_nearest(shopper, asked, nearest):
    error = refusal(shopper.post("/v1/search", {"q": "7", "filters": {asked: ["x"]}}))

    assert error["code"] == "unknown_field"
    assert repr(nearest) in error["message"]


@pytest.mark.parametrize(
    "filters",
    [
        {"brand": []},
        {"brand": {"min": 3}},
        {"brand": True},
        {"in_stock": ["true"]},
        {"price": "9"},
        {"price": {}},
        {"price": {"least": 3}},
        {"price": {"min": "cheap"}},
        {"brand": None},
        {"brand": ["a"], "BRAND": ["b"]},
    ],
)
def test_a_filter_that_does_not_suit_its_field_is_refused(shopper, filters):
    assert refusal(shopper.post("/v1/search", {"q": "7", "filters": filters}))["message"]


@pytest.mark.parametrize("filters", ["{", "[]", '{"price": {"min": 1e999}}', '{"brand": 7}', "brand:ACME"])
def test_filters_that_are_no_such_json_are_refused(shopper, filters):
    assert refusal(shopper.get("/v1/search", params={"q": "7", "filters": filters}))["code"].startswith("bad_")


def test_ten_thousand_values_are_answered_rightly_and_as_many_fields_are_refused(shopper):
    values = [f"v{n}" for n in range(7_000)] + ["acme"]

    many_values = shopper.post("/v1/search", {"q": "7 3", "filters": {"brand": values}})
    many_fields = shopper.post("/v1/search", {"q": "7", "filters": {f"f{n}": "" for n in range(6_000)}})
    too_long = shopper.post("/v1/search", {"q": "7", "filters": {f"field-{n}": "x" for n in range(10_000)}})

    assert ids(many_values) == ["item-7", "item-3"]
    assert refusal(many_fields)["code"] == "too_many_filters"
    assert too_long.status_code == 413


@pytest.mark.parametrize("k", [10**9, 0, -1, 101])
def test_a_page_of_a_length_that_is_never_asked_for_is_refused(shopper, k):
    assert refusal(shopper.post("/v1/search", {"q": "7", "k": k, "paged": True}))["code"] == "bad_value"


def test_facets_count_the_whole_result_and_not_the_page(shopper):
    found = shopper.get("/v1/search", params={"q": THINGS, "k": 3, "facets": "brand,price"}).json()

    brand, price = found["facets"]
    assert brand["values"] == [{"value": "ACME", "n": 60, "is_chosen": False}]
    assert (price["least"], price["most"]) == (100.5, 159.5)
    assert sum(one["n"] for one in price["ranges"]) == 60
    assert len(found["items"]) == 3


def test_a_search_without_facets_is_answered_as_before(shopper):
    found = shopper.get("/v1/search", params={"q": "7 3"}).json()

    assert "facets" not in found
    assert "next" not in found


def test_pages_by_cursor_give_each_result_once(shopper):
    asked = {"q": THINGS, "k": 7, "sort": "price_down", "filters": '{"price": {"min": 110}}'}
    seen, cursor = [], ""
    while cursor is not None:
        page = shopper.get("/v1/search", params=asked | {"cursor": cursor, "paged": "true"})
        seen += ids(page)
        cursor = page.json()["next"]

    assert seen == [f"item-{n}" for n in range(159, 109, -1)]


def test_a_cursor_of_another_search_says_so(shopper):
    cursor = shopper.get("/v1/search", params={"q": THINGS, "paged": "true"}).json()["next"]

    for other in ({"q": "7 3"}, {"q": THINGS, "sort": "price_up"}, {"q": THINGS, "filters": '{"brand": "ACME"}'}):
        error = refusal(shopper.get("/v1/search", params=other | {"cursor": cursor}))
        assert error["code"] == "cursor_of_another_search"


def test_a_cursor_of_another_bundle_says_so(shopper, service):
    cursor = shopper.get("/v1/search", params={"q": THINGS, "paged": "true"}).json()["next"]
    service.swap(service.engine, replace(service.about, digest="e" * 64))

    response = shopper.get("/v1/search", params={"q": THINGS, "cursor": cursor})
    assert response.status_code == 410
    assert refusal(response)["code"] == "cursor_of_another_bundle"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "k" * 150, "!!!!", "kwAB"])
def test_what_is_no_cursor_is_refused(shopper, cursor):
    assert refusal(shopper.get("/v1/search", params={"q": "7", "cursor": cursor}))["code"] == "bad_cursor"


def test_an_order_that_nobody_knows_is_refused(shopper):
    wrong = refusal(shopper.get("/v1/search", params={"q": "7", "sort": "cheapest"}))
    without_log = refusal(shopper.get("/v1/search", params={"q": "7", "sort": "best_selling"}))

    assert wrong["code"] == "bad_parameter"
    assert without_log["code"] == "no_such_sort"


@pytest.mark.parametrize("field", ["filters", "facets", "sort", "cursor", "paged", "highlight"])
@pytest.mark.parametrize(
    "value", [None, 1, -1.5, "x", [], ["x"], [[]], {}, {"x": {}}, {"price": {"min": float(10**300)}}]
)
def test_any_value_of_any_part_is_answered_or_refused_with_a_code(shopper, field, value):
    response = shopper.ask(
        "POST", "/v1/search", content=json.dumps({"q": "7", field: value}).encode(),
        headers={"content-type": "application/json"},
    )  # fmt: skip

    assert response.status_code < 500
    assert response.status_code == 200 or response.json()["error"]["code"]
