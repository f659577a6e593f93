"""Whatever is sent, the answer is 2xx or a 4xx with a code: never a crash, never a wrong value accepted."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["q", "k", "explain", "user", "personalise", "item", "kind", "item_id", "time", "quantity", "position"]
HALF_KNOWN = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON_VALUES, max_size=6)


def hold(response):
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        error = response.json()["error"]
        assert error["code"].isascii()
        assert error["message"]


@QUICK
@given(st.sampled_from(["/v1/search", "/v1/recommend", "/v1/events"]), JSON_VALUES | HALF_KNOWN)
def test_any_json_is_answered(shopper, path, body):
    content = json.dumps(body).encode()

    hold(shopper.ask("POST", path, content=content, headers={"content-type": "application/json"}))


@QUICK
@given(st.sampled_from(["/v1/search", "/v1/recommend", "/v1/events"]), st.binary(max_size=200))
def test_any_bytes_are_answered(shopper, path, content):
    hold(shopper.ask("POST", path, content=content, headers={"content-type": "application/json"}))


@QUICK
@given(
    st.sampled_from(["/v1/search", "/v1/recommend", "/v1/similar", "/v1/items/x", "/v1/shop", "/v1/decision"]),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), st.text(max_size=300), max_size=4),
)
def test_any_parameters_are_answered(shopper, path, parameters):
    hold(shopper.get(path, params={name: value for name, value in parameters.items() if is_unicode(name + value)}))


def is_unicode(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\\u202e", "a\\u0301\\u200d", "x" * 60_000])
@pytest.mark.parametrize("field", ["item_id", "user", "query", "event_id", "platform", "session"])
def test_strange_text_in_an_event_is_stored_or_refused(shopper, field, text):
    fields = {"kind": "click", "item_id": "item-1", "query": "q"} | {field: "@"}
    content = json.dumps(fields).replace("@", text).encode()

    hold(shopper.ask("POST", "/v1/events", content=content, headers={"content-type": "application/json"}))


@pytest.mark.parametrize(
    "body",
    [
        '{"kind":"click","item_id":"a","quantity":1e999999999}',
        '{"kind":"click","item_id":"a","quantity":"-Infinity"}',
        '{"kind":"click","item_id":"a","position":9223372036854775808}',
        '{"kind":"click","item_id":"a","time":"9999-12-31T23:59:59.999999Z"}',
        '{"kind":"click","item_id":"a","time":"0001-01-01T00:00:00+23:59"}',
        '{"kind":"click","item_id":"a","time":"2026-03-01T12:00:00"}',
        '{"kind":"click","item_id":"a","kind":"drop table"}',
        '{"kind":"click","item_id":"a","user":"\' OR 1=1 --"}',
    ],
)
def test_strange_numbers_and_times_are_stored_or_refused(shopper, body):
    hold(shopper.ask("POST", "/v1/events", content=body.encode(), headers={"content-type": "application/json"}))
