import re

import pytest


@pytest.fixture
def document(shopper):
    return shopper.get("/openapi.json").json()


def test_every_route_a_shop_uses_is_described(document):
    found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}

    assert document["openapi"] == "3.1.0"
    assert found == {
        ("GET", "/v1/search"),
        ("POST", "/v1/search"),
        ("GET", "/v1/recommend"),
        ("POST", "/v1/recommend"),
        ("GET", "/v1/similar"),
        ("GET", "/v1/bought-with"),
        ("GET", "/v1/suggest"),
        ("GET", "/v1/browse"),
        ("GET", "/pictures/{name}"),
        ("POST", "/v1/events"),
        ("GET", "/v1/items/{id}"),
        ("GET", "/v1/shop"),
        ("GET", "/v1/decision"),
        ("GET", "/v1/promises"),
        ("GET", "/v1/progress"),
        ("GET", "/v1/changes"),
        ("POST", "/v1/changes"),
        ("GET", "/v1/data-quality"),
        ("GET", "/v1/cost/bill"),
        ("GET", "/v1/cost/unit"),
        ("GET", "/v1/cost/explain"),
        ("GET", "/v1/cost/ledger"),
        ("GET", "/v1/cost/scenarios"),
        ("GET", "/v1/cost/scenario"),
        ("GET", "/v1/cost/budgets"),
        ("GET", "/v1/cost/forecast"),
        ("GET", "/health"),
    }


def test_every_reference_leads_to_a_schema(document):
    wanted = set(re.findall(r"#/components/schemas/(\w+)", str(document)))

    assert wanted
    assert wanted <= set(document["components"]["schemas"])


def test_limits_and_meanings_are_in_the_description(document):
    parameters = {p["name"]: p for p in document["paths"]["/v1/search"]["get"]["parameters"]}
    shown = document["components"]["schemas"]["Shown"]["properties"]
    event = document["components"]["schemas"]["EventIn"]["properties"]

    assert parameters["q"]["required"] is True
    assert (parameters["k"]["schema"]["minimum"], parameters["k"]["schema"]["maximum"]) == (1, 100)
    assert parameters["q"]["description"] == "What the shopper typed; of a longer one the first 256 letters count."
    assert "unknown" in shown["price"]["description"]
    assert event["position"]["description"] == "Rank at which the item was shown, from 1."


def test_every_refusal_is_described_with_its_codes(document):
    responses = document["paths"]["/v1/events"]["post"]["responses"]

    assert {"200", "400", "403", "408", "413", "415", "421", "422", "500", "503"} <= set(responses)
    assert "`time_in_future`" in responses["422"]["description"]


def test_the_reference_page_needs_nothing_from_elsewhere(shopper):
    page = shopper.get("/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"https?://", page.text)
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "/v1/recommend" in page.text
    assert shopper.get("/docs.css").headers["content-type"].startswith("text/css")


def test_every_link_of_the_page_leads_to_a_schema_on_it(shopper):
    page = shopper.get("/docs").text

    links = set(re.findall(r'href="#(\w+)"', page))
    assert "ErrorAnswer" in links
    assert links <= set(re.findall(r'id="(\w+)"', page))
