"""What a query string may ask: each parameter once, known, within its bounds; a refusal says what is known."""

from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.api.basket_ask import MAX_BASKET, BoughtWithAsk
from steelyard.api.schemas import BrowseAsk, Problem, RecommendAsk, SearchAsk, SimilarAsk, read_query
from steelyard.serving.browse import Order
from steelyard.serving.engine import MAX_K


def refused(raw, wanted=SearchAsk):
    with pytest.raises(Problem) as raised:
        read_query(raw, wanted)
    return raised.value


def test_what_is_not_given_has_its_default():
    assert read_query(b"q=kettle", SearchAsk) == SearchAsk(q="kettle", k=10, explain=msgspec.UNSET, diversify=False)
    assert read_query(b"", RecommendAsk) == RecommendAsk(user="", k=10, personalise=True)
    assert read_query(b"", BrowseAsk) == BrowseAsk(department="", order=Order.LATEST, k=10)


@given(
    q=st.text(st.characters(codec="utf-8"), min_size=1, max_size=256), k=st.integers(1, MAX_K), explain=st.booleans()
)
def test_a_search_is_read_as_it_was_written(q, k, explain):
    raw = urlencode({"q": q, "k": k, "explain": str(explain).lower()}).encode()

    assert read_query(raw, SearchAsk) == SearchAsk(q=q, k=k, explain=explain)


@pytest.mark.parametrize("k", ["0", "-1", str(MAX_K + 1), "ten", "1.5", ""])
def test_a_list_is_as_long_as_may_be_asked(k):
    problem = refused(f"q=x&k={k}".encode())

    assert (problem.status, problem.code) == (400, "bad_parameter")
    assert "$.k" in problem.message


@pytest.mark.parametrize(
    ("raw", "code", "says"),
    [
        (b"", "missing_parameter", "missing required field `q`; known: q, k, explain, diversify"),
        (b"q=", "bad_parameter", "$.q"),
        (b"q=" + b"x" * 20_001, "bad_parameter", "$.q"),
        (b"q=a&limit=5", "unknown_parameter", "unknown parameter 'limit'; known: q, k, explain, diversify"),
        (b"q=a&q=b", "bad_parameter", "parameter 'q' is given more than once"),
        (b"q=a&k=1&q=a", "bad_parameter", "parameter 'q' is given more than once"),
        (b"q=%ff", "bad_parameter", "the query string cannot be read"),
        (b"q=\xff", "bad_parameter", "the query string cannot be read"),
        (b"&".join([b"q=a"] * 21), "bad_parameter", "the query string cannot be read"),
        (b"q=a&explain=perhaps", "bad_parameter", "$.explain"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(raw, code, says):
    problem = refused(raw)

    assert (problem.status, problem.code) == (400, code)
    assert says in problem.message


def test_an_unknown_name_is_shown_at_most_in_part():
    assert f"'{'x' * 64}'" in refused(b"q=a&" + b"x" * 500 + b"=1").message


def test_an_item_is_needed_to_find_similar_ones():
    assert refused(b"k=3", SimilarAsk).code == "missing_parameter"
    assert read_query(b"item=a%2Fb+c", SimilarAsk).item == "a/b c"


@given(st.text(), st.integers(-3, 100))
def test_a_refusal_is_json_whatever_it_has_to_say_and_tells_when_to_come_back(message, seconds):
    problem = Problem(503, "busy", message, retry_after_s=seconds)

    assert msgspec.json.decode(problem.body)["error"]["code"] == "busy"
    assert problem.headers == ({"retry-after": str(seconds)} if seconds else {})


def test_half_a_character_in_a_message_does_not_break_the_refusal():
    assert msgspec.json.decode(Problem(400, "x", "a\ud800b").body)["error"]["message"] == "a?b"


@pytest.mark.parametrize(
    ("query", "items"),
    [
        (b"item=a", ["a"]),
        (b"basket=a,+b,,a", ["a", "b"]),
        (b"basket=%5B%22a,1%22,%22b%22%5D", ["a,1", "b"]),
        (b"item=c&basket=a,c", ["c", "a"]),
    ],
)
def test_a_basket_is_a_list_as_json_or_names_between_commas(query, items):
    assert read_query(query, BoughtWithAsk).items == items


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"", "missing_parameter"),
        (b"basket=%20", "missing_parameter"),
        (b"basket=%5B1%5D", "bad_parameter"),
        (b"basket=" + b",".join(b"%d" % n for n in range(MAX_BASKET + 1)), "bad_parameter"),
    ],
)
def test_a_basket_of_nothing_or_of_too_much_is_refused(query, code):
    with pytest.raises(Problem) as refusal:
        _ = read_query(query, BoughtWithAsk).items
    assert refusal.value.code == code
