"""What the shop's own people may ask of the running server: bills, unit costs, and where figures come from."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from tests.documents_of import decision_of, surface_of

from steelyard.config.schema import Cost
from steelyard.cost import Terms, UsageRecord, parse_book, read_usage
from steelyard.cost.facts import assumed
from steelyard.decision.space import Load
from steelyard.documents.bills import bills_builtins
from steelyard.domain import (
    Bill,
    Candidate,
    Capacity,
    Configuration,
    CostLine,
    FactKind,
    Interval,
    LineKey,
    Measurement,
    Money,
    Price,
    Stage,
    Surface,
    UnitCost,
    Unpriced,
)
from steelyard.serving.service import About
from steelyard.workflows.pricing.bill_document import bills
from steelyard.workflows.pricing.price import Evidence, Priced, Pricing

DAY = date(2026, 11, 2)


def usd(amount):
    return Money(Decimal(amount), "USD")


def line(stage, item, hours, price):
    quantity = assumed(Decimal(hours), "hour", source="[cost] test", as_of=DAY)
    if price is None:
        return CostLine(stage, LineKey.OTHER, quantity, Unpriced("cloud/gpu", "hour", "not in book x"), detail=item)
    return CostLine(
        stage,
        LineKey.OTHER,
        quantity,
        Price("cloud/box", usd(price), "hour", FactKind.QUOTED, "list", DAY),
        detail=item,
    )


def candidate(name, surface, *lines, unit=None):
    configuration = Configuration(name, surface, "lexical", {}, {})
    measured = Measurement(
        name, "ndcg@10", Interval(0.5, 0.4, 0.6, n=9), np.full(9, 0.5), Interval(0.002, 0.001, 0.003, n=9),
        np.full(9, 0.002), 10**8, 10**7,
    )  # fmt: skip
    return Candidate(configuration, measured, Capacity("cloud/box", 2, 0.5, 10.0, 5.0), Bill(name, lines, "USD"), unit)


@pytest.fixture
def stored():
    """Bills as ``steelyard decide`` stores them: 730 h × 0.10 = 73.00 and 2 h × 50 = 100.00, in all 173.00."""
    serving, people = line(Stage.SERVING, "2 x box", 730, "0.10"), line(Stage.MAINTENANCE, "people", 2, "50")
    unit = UnitCost(usd("0.00002"), usd("0.0004"), usd("0.0173"))
    priced = {
        Surface.SEARCH: (
            candidate("hybrid-1bit", Surface.SEARCH, serving, people, unit=unit),
            candidate("dense-gpu", Surface.SEARCH, serving, line(Stage.SERVING, "gpu", 730, None)),
        ),
        Surface.RECOMMEND: (candidate("item-knn", Surface.RECOMMEND, people, unit=unit),),
    }
    row = {"service": "instance", "unit": "hour", "kind": "quoted", "source": "list", "as_of": "2026-11-02"}
    box = {**row, "name": "cloud/box", "price": "0.10", "vcpus": 1, "memory_gb": "1"}
    book = parse_book({"name": "test-book", "currency": "USD", "rows": [box]}, where="test")
    terms = Terms(book, Cost(), read_usage({"prepare": {"cpu_s": 0}}, on=DAY), book.instances()[0], DAY)
    load = Load(np.ones(1), 5.0, 100.0, 10**6)
    surfaces = {
        surface: tuple(Priced(each, load, (), requests_per_month=10_000) for each in found)
        for surface, found in priced.items()
    }
    return bills_builtins(bills(Pricing(Evidence((), {}, UsageRecord()), terms, book.instances(), surfaces)))


@pytest.fixture
def served(shopper_of):
    def opened(document):
        surfaces = (surface_of("search", "hybrid-1bit"), surface_of("recommend", None))
        decision = json.dumps(decision_of(*surfaces)).encode()
        return shopper_of(About(digest="d" * 64, decision=decision, bills=document))

    return opened


@pytest.fixture
def shop(stored, served):
    return served(json.dumps(stored).encode())


def test_the_bill_of_what_is_served_adds_up_in_strings_with_a_currency(shop):
    answer = shop.get("/v1/cost/bill").json()

    (bill,) = answer["bills"]
    assert (bill["surface"], bill["configuration"], bill["is_chosen"]) == ("search", "hybrid-1bit", True)
    assert bill["monthly"] == {"amount": "173.00", "currency": "USD"}
    assert [each["cost"]["amount"] for each in bill["lines"]] == ["73.00", "100.00"]
    assert bill["lines"][0] == {
        "stage": "serving",
        "key": "other",
        "detail": "2 x box",
        "item": "2 x box",
        "item_zh": "2 x box",
        "quantity": "730",
        "unit": "hour",
        "quantity_kind": "assumed",
        "unit_price": {"amount": "0.1", "currency": "USD"},
        "price_kind": "quoted",
        "cost": {"amount": "73.00", "currency": "USD"},
        "is_one_off": False,
        "source": "cloud/box: list",
        "as_of": "2026-11-02",
    }
    assert answer["book"] == {"name": "test-book", "as_of": "2026-11-02", "currency": "USD"}
    assert answer["bundle"] == "d" * 64


def test_an_unknown_price_is_null_and_leaves_no_total(shop):
    (bill,) = shop.get("/v1/cost/bill?configuration=dense-gpu").json()["bills"]

    assert (bill["monthly"], bill["unpriced"], bill["is_chosen"]) == (None, ["gpu"], False)
    assert [each["cost"] and each["cost"]["amount"] for each in bill["lines"]] == ["73.00", None]
    assert bill["lines"][1]["source"] == "not in book x"


def test_unit_costs_of_all_or_of_one(shop):
    every = shop.get("/v1/cost/unit").json()["units"]
    (one,) = shop.get("/v1/cost/unit?configuration=item-knn").json()["units"]

    assert [(each["configuration"], each["is_chosen"]) for each in every] == [
        ("hybrid-1bit", True), ("dense-gpu", False), ("item-knn", False),
    ]  # fmt: skip
    assert every[1]["fully_loaded"] is None
    assert {way: one[way]["amount"] for way in ("marginal", "at_capacity", "fully_loaded")} == {
        "marginal": "0.00002", "at_capacity": "0.0004", "fully_loaded": "0.0173",
    }  # fmt: skip


def test_a_figure_is_explained_down_to_its_sources(shop):
    (found,) = shop.get("/v1/cost/explain?configuration=hybrid-1bit&line=SERVING").json()["explanations"]

    assert (found["item"], found["cost"]["amount"]) == ("2 x box", "73.00")
    assert "730 hour [assumed; [cost] test" in found["explained"]
    assert "cloud/box: 0.10 USD per hour [quoted; list; 2026-11-02]" in found["explained"]
    assert len(shop.get("/v1/cost/explain").json()["explanations"]) == 2


@pytest.mark.parametrize(
    ("path", "status", "code", "said"),
    [
        ("/v1/cost/bill?configuration=hybrid-1bti", 404, "no_such_configuration", "did you mean: hybrid-1bit"),
        ("/v1/cost/unit?configuration=zzz", 404, "no_such_configuration", "there is: hybrid-1bit, dense-gpu, item-knn"),
        ("/v1/cost/explain?line=peolpe", 404, "no_such_line", "did you mean: people"),
        ("/v1/cost/explain?line=bandwidth", 404, "no_such_line", "there is: 2 x box, people"),
        ("/v1/cost/bill?config=x", 400, "unknown_parameter", "known: configuration"),
        ("/v1/cost/bill?configuration=" + "x" * 300, 400, "bad_parameter", "256"),
        ("/v1/cost", 404, "not_found", "what there is: /docs"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_names(shop, path, status, code, said):
    response = shop.get(path)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert said in response.json()["error"]["message"]


def test_nothing_can_be_written(shop):
    for method in ("POST", "PUT", "DELETE"):
        assert shop.ask(method, "/v1/cost/bill").status_code == 405


@pytest.mark.parametrize(
    ("document", "said"), [(b"", "holds no bills"), (b'{"surfaces": {}}', "made by another version")]
)
def test_a_bundle_without_readable_bills_says_how_to_get_them_and_serves_all_else(served, document, said):
    shop = served(document)

    for path in ("/v1/cost/bill", "/v1/cost/unit", "/v1/cost/explain?line=x"):
        response = shop.get(path)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "no_bills")
        assert f"{said}: run `steelyard decide` and `steelyard package` again" in response.json()["error"]["message"]
    assert shop.get("/v1/search?q=7").status_code == 200
    assert shop.get("/v1/decision").status_code == 200


def test_what_shoppers_ask_for_holds_no_cost(shop):
    for path in ("/v1/shop", "/health", "/v1/search?q=7", "/v1/recommend", "/v1/similar?item=item-5", "/"):
        said = shop.get(path).text
        assert "173.00" not in said
        assert "fully_loaded" not in said


def test_the_answers_are_described(shop):
    document = shop.get("/openapi.json").json()
    described = document["paths"]["/v1/cost/explain"]["get"]

    assert {each["name"] for each in described["parameters"]} == {"configuration", "line"}
    assert "`no_such_line`" in described["responses"]["404"]["description"]
    shown = document["components"]["schemas"]
    assert set(shown["Amount"]["properties"]) == {"amount", "currency"}
    assert "not free" in shown["BillLine"]["properties"]["unit_price"]["description"]
    assert "MonthlyBill" in shown
    assert "/v1/cost/bill" in shop.get("/docs").text
