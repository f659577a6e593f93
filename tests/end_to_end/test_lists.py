"""Lists a shopper sees, from files to the answer over HTTP: nothing bought, disliked or sold out comes back."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from steelyard.adapters.bundle import Bundle
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.api.app import create_app
from steelyard.cli import main
from steelyard.data.privacy import Pseudonyms
from steelyard.serving.service import Service
from tests.end_to_end.conftest import steelyard

QUICK = """
[models]
search = ["lexical"]
recommend = ["popularity"]
[split]
synthetic_queries = 30
[measure]
timed_requests = 20
http_best = 0
http_seconds = 1.0
quiet_wait_s = 1
check_seconds = 30
bootstrap = 100
"""
FILES = """
[shop]
name = "corner"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
stock = "stock"
[data.events]
path = "log.csv"
[data.events.columns]
user = "user"
item_id = "item"
time = "time"
"""


def write(folder, items, log, *, more="", head="user,item,time"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "items.csv").write_text("id,title,stock\n" + "\n".join(items) + "\n", "utf-8")
    (folder / "log.csv").write_text(head + "\n" + "\n".join(log) + "\n", "utf-8")
    (folder / "steelyard.toml").write_text(FILES + more + QUICK, "utf-8")
    return folder / "steelyard.toml"


def decided(folder):
    store = folder / ".steelyard"
    digest = (store / "refs" / "decision.ref").read_text().strip()
    return json.loads((store / "objects" / digest / "value.json").read_text())


@contextmanager
def served(folder, state):
    bundle = Bundle.open(folder / ".steelyard" / "bundles")
    key = (folder / ".steelyard" / "secret.key").read_bytes()
    given = {"events": SqliteEvents(state), "pseudonym": Pseudonyms(key), "now": lambda: datetime.now(UTC)}
    service = Service(bundle.engine(), bundle.about(), **given)
    try:
        yield TestClient(create_app(service), base_url="http://127.0.0.1")
    finally:
        service.close()


def ids(answer):
    return [item["id"] for item in answer.json()["items"]]


def day(n):
    return f"2024-{1 + n // 28:02d}-{1 + n % 28:02d} 10:00"


@pytest.fixture(scope="module")
def corner(tmp_path_factory):
    """Seventy things: the first sixty bought by one person, some sold out in words, one rated down by all others."""
    folder = tmp_path_factory.mktemp("corner")
    words = {61: "out of stock", 62: "缺货", 63: "ask us", 64: "InStock", 65: "0.0"}
    items = [f"{n},{'red blue green'.split()[n % 3]} thing {n},{words.get(n, 9)}" for n in range(70)]
    log = [f"heavy,{n}.0,{day(n)},purchase," for n in range(60)]
    log += [f"heavy,0,{day(60 + n)},view," for n in range(60)]
    log += [f"u{n},69,{day(n)},rating,{1 if n % 9 else 5}" for n in range(40)]
    log += [f"u{n},{(n + turn) % 69},{day(n + 40 * turn)},purchase," for n in range(40) for turn in range(3)]
    more = 'kind = "kind"\nrating = "rating"\n'
    config = write(folder, items, log, more=more, head="user,item,time,kind,rating")
    done = steelyard("run", "-c", config)
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_bought_comes_back_however_long_ago(corner, tmp_path):
    with served(corner, tmp_path) as shop:
        found = ids(shop.get("/v1/recommend", params={"user": "heavy", "k": 100}))

    assert found
    assert not {int(item) for item in found} & set(range(60))


def test_what_is_bought_now_stays_away_also_after_a_restart(corner, tmp_path):
    bought = [{"kind": "purchase", "item_id": str(n), "user": "new"} for n in range(60)]
    views = [{"kind": "view", "item_id": "60", "user": "new"} for _ in range(80)]

    with served(corner, tmp_path) as shop:
        shop.post("/v1/events", json=bought + views)
        first = ids(shop.get("/v1/recommend", params={"user": "new", "k": 100}))
    with served(corner, tmp_path) as shop:
        second = ids(shop.get("/v1/recommend", params={"user": "new", "k": 100}))

    assert first == second
    assert not {int(item) for item in first} & set(range(61))


def test_what_is_sold_out_in_words_or_cannot_be_read_is_not_offered(corner, tmp_path):
    with served(corner, tmp_path) as shop:
        found = ids(shop.get("/v1/recommend", params={"k": 100}))

    assert not {"61", "62", "63", "65"} & set(found)
    assert "64" in found


def test_one_star_from_everybody_makes_nothing_popular(corner, tmp_path):
    with served(corner, tmp_path) as shop:
        found = ids(shop.get("/v1/recommend", params={"k": 20}))

    assert "69" not in found


def test_an_event_id_with_other_content_is_refused_by_code_and_a_repeat_is_not(corner, tmp_path):
    one = {"kind": "view", "item_id": "1", "user": "a", "event_id": "e" * 128}
    other = {**one, "kind": "purchase", "user": "b"}

    with served(corner, tmp_path) as shop:
        answers = [shop.post("/v1/events", json=one) for _ in range(2)]
        refused = shop.post("/v1/events", json=other)
        both = shop.post("/v1/events", json=[one, other]).json()

    assert [answer.json()["duplicates"] for answer in answers] == [0, 1]
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "event_id_taken")
    assert (both["duplicates"], [(r["index"], r["code"]) for r in both["refused"]]) == (1, [(1, "event_id_taken")])


def test_a_rating_over_http_has_a_value_on_the_shop_s_scale(corner, tmp_path):
    rated = {"kind": "rating", "item_id": "1", "user": "a"}

    with served(corner, tmp_path) as shop:
        answers = [shop.post("/v1/events", json={**rated, **more}) for more in ({}, {"rating": 6}, {"rating": 1})]

    assert [answer.status_code for answer in answers] == [422, 422, 200]
    assert [answer.json()["error"]["code"] for answer in answers[:2]] == ["missing_rating", "bad_rating"]


def test_a_shop_whose_people_buy_once_says_what_is_not_judged_and_serves_popular_items(tmp_path):
    items = [f"{n},{'red blue green'.split()[n % 3]} thing {n},5" for n in range(30)]
    log = [f"u{n},{n % 7},{day(n)}" for n in range(80)]
    config = write(tmp_path / "once", items, log)

    done = steelyard("run", "-c", config)

    assert done.returncode == 0, done.stderr
    assert "Recommendation cannot be judged: nobody has a history and something new after it" in done.stdout
    assert "Served instead: the most popular items" in done.stdout
    assert "Both together" not in done.stdout
    (row,) = decided(tmp_path / "once")["not_judged"]
    assert (row["surface"], row["why_zh"][:2]) == ("recommend", "没有")
    with served(tmp_path / "once", tmp_path / "state") as shop:
        assert set(ids(shop.get("/v1/recommend", params={"k": 5}))) <= {str(n) for n in range(7)}


def test_a_shop_with_nothing_to_offer_is_refused_before_any_work(tmp_path):
    config = write(tmp_path, [f"{n},thing {n},sold out" for n in range(9)], ["u,1,2024-01-01"])

    done = CliRunner().invoke(main, ["run", "-c", str(config)])

    assert done.exit_code == 1
    assert "none of the 9 items of [data.items] can be offered" in done.stderr
    assert not (tmp_path / ".steelyard" / "refs" / "decision.ref").exists()


def test_a_search_kind_given_as_a_recommender_is_refused_before_any_work(tmp_path):
    config = write(tmp_path, ["1,thing,5"], ["u,1,2024-01-01"])
    config.write_text(
        config.read_text("utf-8").replace('recommend = ["popularity"]', 'recommend = ["lexical"]'), "utf-8"
    )

    done = CliRunner().invoke(main, ["run", "-c", str(config)])

    assert done.exit_code == 1
    assert "it belongs in models.search" in done.stderr
    assert not (tmp_path / ".steelyard").exists()
