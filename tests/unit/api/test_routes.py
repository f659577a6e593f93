import pytest

from steelyard.documents.decision import read_decision

CLICK = {"kind": "click", "item_id": "item-50", "user": "Ann"}


def ids(response):
    return [item["id"] for item in response.json()["items"]]


def code(response):
    return response.json()["error"]["code"]


def test_a_search_answers_with_items_and_reasons(shopper):
    response = shopper.get("/v1/search?q=7%203&k=5")

    body = response.json()
    assert response.status_code == 200
    assert [item["id"] for item in body["items"]] == ["item-7", "item-3"]
    assert body["items"][0]["reasons"] == [{"kind": "matches_words", "contribution": 1.0, "words": ["7"]}]
    assert (body["degraded"], body["bundle"]) == (False, "d" * 64)
    assert body["took_ms"] >= 0


def test_a_question_in_a_body_has_the_same_answer_as_one_in_the_address(shopper):
    asked = shopper.get("/v1/search?q=7&k=2&explain=false").json()
    posted = shopper.post("/v1/search", {"q": "7", "k": 2, "explain": False}).json()

    assert asked["items"] == posted["items"]


def test_an_event_changes_the_next_recommendation_unless_it_may_not(shopper):
    before = shopper.get("/v1/recommend?user=Ann&k=1")
    stored = shopper.post("/v1/events", CLICK)
    after = shopper.post("/v1/recommend", {"user": "Ann", "k": 1})
    opted_out = shopper.get("/v1/recommend?user=Ann&k=1&personalise=false")

    assert stored.status_code == 200
    assert (stored.json()["stored"], len(stored.json()["ids"])) == (1, 1)
    assert (ids(before), ids(after), ids(opted_out)) == (["item-0"], ["item-51"], ["item-0"])


def test_similar_items_and_the_card_of_an_item(shopper):
    assert ids(shopper.get("/v1/similar?item=item-5&k=2")) == ["item-6", "item-7"]
    card = shopper.get("/v1/items/item-5").json()
    assert (card["item_id"], card["price"], card["attributes"]) == ("item-5", "5.50", {"colour": "红"})


def test_a_list_of_events_keeps_the_good_ones_and_names_the_others(shopper):
    early = {**CLICK, "event_id": "a", "time": "2026-03-01T11:00:00Z"}
    future = {**CLICK, "event_id": "b", "time": "2026-03-01T13:00:00Z"}

    body = shopper.post("/v1/events", [early, future, early]).json()

    assert (body["ids"], body["stored"], body["duplicates"]) == (["a", "a"], 1, 1)
    assert [(refusal["index"], refusal["code"]) for refusal in body["refused"]] == [(1, "time_in_future")]


def test_one_event_from_the_future_is_refused(shopper):
    response = shopper.post("/v1/events", {**CLICK, "time": "2027-01-01T00:00:00Z"})

    assert (response.status_code, code(response)) == (422, "time_in_future")


def test_shop_decision_and_health_are_as_packaged(shopper):
    shop = shopper.get("/v1/shop").json()
    decision = shopper.get("/v1/decision")
    health = shopper.get("/health").json()

    assert (shop["name"], shop["currency"], shop["query_examples"], shop["users"]) == ("Toy shop", "EUR", ["7"], [])
    assert (decision.json()["shop"]["name"], decision.json()["surfaces"]) == ("Toy shop", [])
    assert read_decision(decision.content).shop.name == "Toy shop"
    assert decision.headers["content-type"] == "application/json"
    assert (health["status"], health["read_only"], health["bundle"]) == ("ok", False, "d" * 64)


@pytest.mark.parametrize(
    ("path", "status", "wanted"),
    [
        ("/v1/search", 400, "missing_parameter"),
        ("/v1/search?q=", 400, "bad_parameter"),
        ("/v1/search?q=%20%20", 400, "bad_parameter"),
        (f"/v1/search?q={'x' * 20_001}", 400, "bad_parameter"),
        ("/v1/search?q=a&k=0", 400, "bad_parameter"),
        ("/v1/search?q=a&k=101", 400, "bad_parameter"),
        ("/v1/search?q=a&k=1e9", 400, "bad_parameter"),
        ("/v1/search?q=a&k=99999999999999999999999", 400, "bad_parameter"),
        ("/v1/search?q=a&k=1&k=2", 400, "bad_parameter"),
        ("/v1/search?q=%FF%FE", 400, "bad_parameter"),
        ("/v1/search?q=%ED%A0%80", 400, "bad_parameter"),
        ("/v1/search?q=a&limit=3", 400, "unknown_parameter"),
        ("/v1/search?" + "&".join(f"a{n}=1" for n in range(100)), 400, "bad_parameter"),
        ("/v1/recommend?personalise=maybe", 400, "bad_parameter"),
        ("/v1/similar?item=no-such", 404, "no_such_item"),
        ("/v1/items/no-such", 404, "no_such_item"),
        ("/v1/items/..%2f..%2fetc%2fpasswd", 404, "no_such_item"),
        ("/v1/items/item-1?verbose=1", 400, "unknown_parameter"),
        ("/v1/nothing", 404, "not_found"),
        ("/static/../app.py", 404, "not_found"),
        ("/static/%2e%2e%2fapp.py", 404, "not_found"),
    ],
)
def test_a_wrong_address_is_refused_by_name(shopper, path, status, wanted):
    response = shopper.get(path)

    assert (response.status_code, code(response)) == (status, wanted)


def test_an_unknown_parameter_is_answered_with_the_known_ones(shopper):
    message = shopper.get("/v1/search?q=a&limit=3").json()["error"]["message"]

    assert "limit" in message
    assert "known: q, k, explain" in message


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b'{"q": "a"} trailing', "bad_json"),
        (b'{"q": "a", "q2": 1}', "bad_value"),
        (b'{"q": 7}', "bad_value"),
        (b'{"q": "a", "k": "5"}', "bad_value"),
        (b'{"q": "a", "k": 5.5}', "bad_value"),
        (b'{"q": null}', "bad_value"),
        (b"[]", "bad_value"),
        (b"[" * 50_000, "bad_value"),
        (b'{"q":' + b"[" * 50_000, "bad_value"),
    ],
)
def test_a_wrong_body_is_refused_by_name(shopper, content, wanted):
    response = shopper.ask("POST", "/v1/search", content=content, headers={"content-type": "application/json"})

    assert (response.status_code, code(response)) == (400, wanted)


@pytest.mark.parametrize("padding", ["x" * 10_000, "🎁" * 10_000, " ؟" * 5_000])
def test_of_a_very_long_query_the_beginning_counts(shopper, padding):
    long = shopper.post("/v1/search", {"q": "kettle " + padding})
    short = shopper.post("/v1/search", {"q": ("kettle " + padding)[:256]})

    assert (long.status_code, short.status_code) == (200, 200)
    assert long.json()["items"] == short.json()["items"]


def test_a_body_too_long_or_of_another_type_is_refused(shopper):
    long = shopper.post("/v1/search", {"q": "x" * 70_000})
    streamed = shopper.ask(
        "POST", "/v1/search", content=pieces(b"x" * 1000, 100), headers={"content-type": "application/json"}
    )
    form = shopper.ask("POST", "/v1/search", data={"q": "a"})
    zipped = shopper.ask(
        "POST", "/v1/search", content=b"x", headers={"content-type": "application/json", "content-encoding": "gzip"}
    )

    assert [(r.status_code, code(r)) for r in (long, streamed)] == [(413, "body_too_large")] * 2
    assert [(r.status_code, code(r)) for r in (form, zipped)] == [(415, "unsupported_media_type")] * 2


async def pieces(piece, n):
    for _ in range(n):
        yield piece


def test_more_than_a_thousand_events_are_refused(shopper):
    response = shopper.post("/v1/events", [{"kind": "click", "item_id": "a"}] * 1001)

    assert (response.status_code, code(response)) == (413, "too_many_events")


def test_another_method_is_refused_with_what_is_allowed(shopper):
    response = shopper.ask("DELETE", "/v1/events")

    assert (response.status_code, code(response)) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_when_events_cannot_be_stored_they_are_refused_and_answers_go_on(shopper, service, monkeypatch):
    log = service._events
    monkeypatch.setattr(log, "_trouble", "events cannot be stored: disk full")

    refused = shopper.post("/v1/events", CLICK)
    search = shopper.get("/v1/search?q=7")
    health = shopper.get("/health")

    assert (refused.status_code, code(refused)) == (503, "read_only")
    assert int(refused.headers["retry-after"]) > 0
    assert search.status_code == 200
    assert health.status_code == 200
    assert (health.json()["status"], health.json()["why"]) == ("read_only", "events cannot be stored: disk full")


def test_a_crowded_store_asks_to_come_again(shopper, service, monkeypatch):
    monkeypatch.setattr(service._events, "_max_waiting", 0)

    response = shopper.post("/v1/events", CLICK)

    assert (response.status_code, code(response)) == (503, "busy")


def test_a_bundle_without_a_surface_says_what_it_serves(shopper, service):
    service.engine._pipelines.clear()

    response = shopper.get("/v1/search?q=a")

    assert (response.status_code, code(response)) == (404, "not_served")


def test_a_failure_inside_is_a_popular_answer_for_lists_and_hides_its_trace(shopper, service, monkeypatch):
    monkeypatch.setattr(type(service.engine), "card", lambda *_: 1 / 0)
    monkeypatch.setattr(type(service.engine._pipelines["search"]), "answer", lambda *_, **__: 1 / 0)

    search = shopper.get("/v1/search?q=7&k=1")
    card = shopper.get("/v1/items/item-1")

    assert (search.status_code, search.json()["degraded_reason"], ids(search)) == (200, "failed", ["item-0"])
    assert (card.status_code, code(card)) == (500, "internal")
    assert "ZeroDivision" not in card.text
