"""Changes of the catalogue over HTTP: what is acknowledged is kept, and what has its token in it is answered."""

import json
from datetime import UTC, datetime

import pytest
from tests.unit.serving.changed_shop import card, shop_of

from steelyard.adapters.change_journal import FILE, ChangeJournal
from steelyard.api.app import create_app
from steelyard.api.changing import Changer, Pace
from steelyard.data.changes.reading import Terms
from steelyard.errors import ArtefactError
from steelyard.serving.admission import Limits
from steelyard.serving.service import About, Service, Shop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = [
    card("p1", "Steel pan", ("Kitchen", "Pans"), "12.00", stock=3),
    card("p2", "Steel kettle", ("Kitchen", "Kettles"), "30.00", stock=1),
    card("p3", "Wooden spoon", ("Kitchen", "Spoons"), "3.50"),
]
ABOUT = About("d" * 64, shop=Shop("Toy", "EUR", "en"))


class Shop_:
    """A server of a few cards that can be changed."""

    def __init__(self, folder, shopper_at, *, about=ABOUT, rows=ROWS, pace=None):
        limits = Limits(answer_within_s=5)
        self.service = Service(shop_of(rows), about, events=None, pseudonym=str, now=lambda: NOON, limits=limits)
        self.changer = Changer(
            self.service,
            lambda: ChangeJournal(folder),
            terms=Terms(currency="EUR"),
            now=NOON.isoformat,
            pace=pace or Pace(every_s=0.02),
        )
        self.changer.start()
        self.shopper = shopper_at(create_app(self.service, changer=self.changer))

    def close(self):
        self.changer.close()
        self.service.close()

    def send(self, *changes, status=200, headers=None, **more):
        answer = self.shopper.post("/v1/changes", {"changes": list(changes), **more}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def ids(self, query, after="", **more):
        body = {"q": query, "after": after, "explain": False, **more}
        answer = self.shopper.post("/v1/search", body)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]


@pytest.fixture
def opened(tmp_path, shopper_at):
    shops = []

    def open_one(**more):
        shops.append(Shop_(tmp_path / "changes", shopper_at, **more))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(opened):
    return opened()


def test_what_was_added_is_found_by_whoever_has_its_token(shop):
    answer = shop.send({"id": "n1", "title": "Copper pan", "category": "Kitchen > Pans", "price": "40 €"})

    assert (answer["added"], answer["changed"], answer["deleted"]) == (1, 0, 0)
    assert shop.ids("copper", after=answer["token"]) == ["n1"]
    found = shop.shopper.get("/v1/items/n1", headers={"steelyard-after": answer["token"]}).json()
    assert (found["price"], found["category"]) == ("40.00", ["Kitchen", "Pans"])


def test_a_batch_holds_as_a_whole_or_not_at_all(shop):
    answer = shop.send(
        {"op": "price", "id": "p1", "price": 9}, {"op": "price", "id": "nobody", "price": 1}, {"op": "pirce", "id": 1},
        status=422,
    )  # fmt: skip

    assert answer["error"]["code"] == "bad_changes"
    assert "change 3: op is 'pirce'; the nearest is 'price'" in answer["error"]["message"]
    answer = shop.send({"op": "price", "id": "p1", "price": 9}, {"op": "delete", "id": "nobody"}, status=422)
    assert "change 2: the catalogue has no item 'nobody'" in answer["error"]["message"]
    assert shop.shopper.get("/v1/items/p1").json()["price"] == "12.00"


def test_a_request_sent_again_under_its_key_is_done_once(shop):
    key = {"idempotency-key": "order 7"}
    first = shop.send({"id": "n1", "title": "Copper pan"}, headers=key)

    again = shop.send({"id": "n1", "title": "Copper pan"}, headers=key)
    other = shop.send({"id": "n2", "title": "Iron pan"}, headers=key, status=409)

    assert again == {**first, "added": 0, "repeated": True}
    assert other["error"]["code"] == "key_taken"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(shop):
    answer = shop.send({"op": "delete", "id": "p1"}, {"id": "n1", "title": "Pan"}, dry_run=True)

    assert answer == {"token": "", "added": 1, "changed": 0, "deleted": 1, "repeated": False}
    assert set(shop.ids("pan")) == {"p1"}


def test_changes_are_still_there_after_a_restart(shop, opened):
    token = shop.send({"op": "stock", "id": "p1", "stock": 0}, {"op": "price", "id": "p2", "price": 2})["token"]
    shop.close()

    other = opened()

    assert other.ids("steel", after=token, sort="price_up") == ["p2"]
    assert other.shopper.get("/v1/changes").json()["beside"] == 2


def test_two_servers_of_one_journal_answer_alike(shop, opened):
    other = opened()

    token = shop.send({"id": "n1", "title": "Copper pan"})["token"]
    later = other.send({"op": "patch", "id": "n1", "title": "Brass pan"})["token"]

    assert "n1" in other.ids("pan", after=token)  # called copper or brass: the token speaks of the first change alone
    assert other.ids("brass", after=later) == ["n1"]
    assert shop.ids("brass", after=later) == ["n1"]
    assert shop.ids("copper", after=later) == []


def test_a_bundle_that_holds_changes_is_not_changed_by_them_again(shop, opened):
    token = shop.send({"id": "n1", "title": "Copper pan"})["token"]
    later = shop.send({"op": "price", "id": "p1", "price": 1})["token"]
    about = About("e" * 64, shop=Shop("Toy", "EUR", "en"), changes=token)

    shop.changer.swap(shop_of([*ROWS, card("n1", "Copper pan")]), about)

    state = shop.shopper.get("/v1/changes").json()
    assert (state["token"], state["beside"], state["items"]) == (later, 1, 1)
    assert shop.ids("copper", after=later) == ["n1"]
    assert shop.shopper.get("/v1/items/p1").json()["price"] == "1.00"
    assert shop.shopper.get("/health").json()["changes"]["beside"] == 1


def test_a_token_of_nothing_waits_and_then_says_so(opened):
    shop = opened(pace=Pace(every_s=0.02, patience_s=0.05))

    answer = shop.shopper.get(f"/v1/search?q=pan&after={'0' * 16}-7")
    wrong = shop.shopper.get("/v1/search?q=pan&after=yesterday")

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "not_included_yet")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "bad_token")


def test_a_server_that_takes_no_changes_says_so(shopper):
    assert shopper.post("/v1/changes", {"changes": [{"op": "delete", "id": "1"}]}).status_code == 404
    assert shopper.get("/v1/search?q=7&after=x").json()["error"]["code"] == "takes_no_changes"
    assert shopper.get("/health").json()["changes"] is None


def test_too_many_changes_are_refused_with_what_to_do(shop):
    answer = shop.send(*[{"op": "delete", "id": str(n)} for n in range(10_001)], status=413)

    assert "steelyard run" in answer["error"]["message"]


def test_a_disk_that_refuses_leaves_everything_as_it_was(shop, monkeypatch):
    import errno
    import os

    token = shop.send({"op": "price", "id": "p1", "price": 5})["token"]

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    answer = shop.send({"op": "delete", "id": "p1"}, status=507)
    monkeypatch.undo()

    assert answer["error"]["code"] == "not_stored"
    assert shop.ids("pan", after=token) == ["p1"]
    assert shop.send({"op": "delete", "id": "p1"})["token"].endswith("-2")


def test_a_server_does_not_start_over_a_damaged_journal(shop, opened, tmp_path):
    for price in (1, 2, 3):
        shop.send({"op": "price", "id": "p1", "price": price})
    shop.close()
    path = tmp_path / "changes" / FILE
    path.write_bytes(path.read_bytes().replace(b'"price":"2.00"', b'"price":"9.00"'))

    with pytest.raises(ArtefactError, match="is damaged at line 3"):
        opened()


def test_a_body_of_another_form_is_refused(shop):
    for body in ([], {"changes": 7}, {"changes": [{}], "more": 1}, {"changes": [7]}):
        answer = shop.shopper.ask(
            "POST", "/v1/changes", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, answer.text
    half = '{"changes": [{"id": "\\ud800", "title": "x"}]}'
    answer = shop.shopper.ask("POST", "/v1/changes", content=half, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
