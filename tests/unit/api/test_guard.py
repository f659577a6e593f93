import asyncio
import json

import pytest

from steelyard.api.app import create_app
from steelyard.api.deadline import Guard, Protection

CLICK = {"kind": "click", "item_id": "item-50"}


def test_every_answer_carries_the_headers_that_protect_a_page(shopper):
    for path in ("/v1/search?q=1", "/v1/nothing", "/docs", "/health"):
        headers = shopper.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_pictures_come_from_elsewhere_only_when_it_is_allowed():
    closed, opened = (dict(Protection(image_sources=sources).headers) for sources in ((), ("https:",)))

    assert b"img-src 'self' data:;" in closed[b"content-security-policy"]
    assert b"img-src 'self' data: https:;" in opened[b"content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:8787", "[::1]:8787", "192.168.1.5", "Shop.Example"])
def test_own_names_and_addresses_are_served(service, shopper, host):
    shopper.app = create_app(service, protection=Protection(hosts=("shop.example",)))

    assert shopper.get("/v1/search?q=1", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_a_foreign_name_is_refused_except_for_health(shopper, host):
    response = shopper.get("/v1/decision", headers={"host": host})

    assert (response.status_code, response.json()["error"]["code"]) == (421, "bad_host")
    assert shopper.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_cannot_store_an_event(shopper, service, headers):
    response = shopper.post("/v1/events", CLICK, headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_origin")
    assert service.health().events_stored == 0


@pytest.mark.parametrize("headers", [{}, {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}])
def test_the_shops_own_pages_can(shopper, headers):
    assert shopper.post("/v1/events", CLICK, headers=headers).status_code == 200


def call(app, *, body=b"", receive=None):
    sent = []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "query_string": b""}

    async def give():
        return {"type": "http.request", "body": body, "more_body": False}

    async def take(message):
        sent.append(message)

    asyncio.run(app(scope, receive or give, take))
    return sent


def test_a_request_that_never_ends_is_answered_at_the_deadline():
    async def stuck(scope, receive, send):
        while True:
            await receive()

    async def never():
        await asyncio.sleep(30)

    sent = call(Guard(stuck, Protection(deadline_s=0.05)), receive=never)

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["error"]["code"] == "deadline"


def test_an_answer_that_was_begun_and_never_ends_is_cut():
    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        call(Guard(endless, Protection(deadline_s=0.05)))


def test_a_crash_is_an_answer_without_its_reason(caplog):
    async def crash(scope, receive, send):
        raise RuntimeError("password=hunter2")

    sent = call(Guard(crash, Protection()))

    assert sent[0]["status"] == 500
    assert b"hunter2" not in sent[1]["body"]
    assert "hunter2" in caplog.text
