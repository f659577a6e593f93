"""Over HTTP: whose order a search is in, who may ask for it, and what is said when a page of it is gone."""

import numpy as np
import pytest

from steelyard.api.app import create_app
from steelyard.api.people import Readings
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import Interactions
from steelyard.models.ranking.personal import PersonalWeights
from steelyard.serving.admission import Limits
from steelyard.serving.history import LoggedHistories, histories_state
from steelyard.serving.service import About, Service
from steelyard.testing.shelf import shelf_engine

VISITOR = "visitor-0123456789ab"
HIDE = Pseudonyms(b"k" * 32)
NUMBERS = "10 20 30 40"


@pytest.fixture
def service(request):
    log = Interactions(np.zeros(1, int), np.array([40]), np.zeros(1), np.ones(1), 1, 200)
    about = About(
        "d" * 64,
        logged=LoggedHistories(histories_state(log, [HIDE(VISITOR)])),
        log_kind="purchase",
        personal=getattr(request, "param", PersonalWeights(1.0)),
    )
    found = Service(
        shelf_engine(200), about, events=None, pseudonym=HIDE, now=lambda: None, limits=Limits(answer_within_s=5)
    )
    yield found
    found.close()


@pytest.fixture
def shopper(service, shopper_at):
    return shopper_at(create_app(service))


def found(answer):
    return [each["id"] for each in answer.json()["items"]]


def test_a_search_for_a_visitor_is_in_their_order_with_the_reason(shopper):
    mine = shopper.post("/v1/search", {"q": NUMBERS, "user": VISITOR})
    all_the_same = shopper.get("/v1/search", params={"q": NUMBERS})

    assert found(mine)[0] == "item-40" and mine.json()["items"][0]["reasons"][0]["kind"] == "bought_before"
    assert found(all_the_same)[0] == "item-10"
    assert found(shopper.get("/v1/search", params={"q": NUMBERS, "user": VISITOR})) == found(mine)


def test_who_wants_nothing_personal_gets_the_list_of_everybody(shopper):
    opted_out = shopper.post("/v1/search", {"q": NUMBERS, "user": VISITOR, "personalise": False}).json()
    everybody = shopper.post("/v1/search", {"q": NUMBERS}).json()

    assert opted_out["items"] == everybody["items"]


def test_nobody_asks_for_anothers_order(shopper):
    answer = shopper.post("/v1/search", {"q": NUMBERS, "user": "Ann Miller"}, headers={"x-forwarded-for": "9.9.9.9"})

    assert answer.status_code in (401, 403)
    assert shopper.post("/v1/search", {"q": NUMBERS, "user": "Ann", "personalise": False}).status_code == 200


def test_a_page_of_a_list_that_is_no_longer_kept_is_refused_by_name(shopper, service):
    asked = {"q": NUMBERS, "user": VISITOR, "k": 2, "paged": True}
    first = shopper.post("/v1/search", asked).json()
    second = shopper.post("/v1/search", {**asked, "cursor": first["next"]})
    assert [each["id"] for each in first["items"]] + found(second) == ["item-40", "item-10", "item-20", "item-30"]

    service.forget(frozenset({HIDE(VISITOR)}))
    gone = shopper.post("/v1/search", {**asked, "cursor": first["next"]})

    assert gone.status_code == 400 and gone.json()["error"]["code"] == "cursor_of_another_shopper"


@pytest.mark.parametrize(
    ("service", "counted"), [(PersonalWeights(1.0), 1), (PersonalWeights(), 0)], indirect=["service"]
)
def test_the_shop_says_whether_searches_are_personal_and_readings_are_counted(service, counted, shopper_at):
    readings = Readings()
    shopper = shopper_at(create_app(service, readings=readings))

    shopper.post("/v1/search", {"q": NUMBERS, "user": VISITOR})

    assert shopper.get("/v1/shop").json()["is_search_personal"] is bool(counted)
    assert readings.taken() == ({("visitor", "search"): 1} if counted else {})
