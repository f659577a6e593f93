"""Every route, with no key, a wrong one and the right one, by every method, however its path is written."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

import httpx
import pytest

from steelyard.api.admin_key import AdminKey
from steelyard.api.app import create_app, route_table
from steelyard.api.deadline import Guard, Protection
from steelyard.api.gate import SESSION_COOKIE, Attempts, Entry, Gate, Group, gated_router
from steelyard.errors import ConfigError, StorageError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "BREW")
RIGHT, KEPT = AdminKey.make()


class Quick(AdminKey):
    """Knows the key without the work of scrypt, where thousands of wrong ones are tried."""

    __slots__ = ()

    def matches(self, key):
        return key == RIGHT


QUICK = Quick(KEPT.salt, KEPT.digest)
ADMINISTRATION = {
    "/decision", "/v1/decision", "/v1/cost/bill", "/v1/cost/unit", "/v1/cost/explain", "/v1/cost/ledger",
    "/v1/cost/scenarios", "/v1/cost/scenario", "/v1/cost/budgets", "/v1/cost/forecast", "/docs", "/docs.css",
    "/openapi.json", "/promises", "/v1/promises", "/v1/progress", "/v1/changes", "/data-quality", "/data-quality.css",
    "/v1/data-quality",
}  # fmt: skip
SHOPPING = {
    "/", "/login", "/health", "/v1/search", "/v1/recommend", "/v1/similar", "/v1/bought-with", "/v1/suggest",
    "/v1/browse", "/pictures/{name:path}",
    "/v1/events", "/v1/items/{id:path}",
    "/v1/shop",
}  # fmt: skip


class Clock:
    """Stands still until it is put forward."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


class Client:
    """Asks over and over on one event loop; each test holds many requests."""

    def __init__(self, app, *, address="203.0.113.9"):
        self.app, self.address = app, address

    def ask_all(self, requests):
        async def all_of_them():
            transport = httpx.ASGITransport(app=self.app, client=(self.address, 4711))
            async with httpx.AsyncClient(transport=transport, base_url="https://192.0.2.1") as client:
                return [await client.request(method, path, **more) for method, path, more in requests]

        return asyncio.run(all_of_them())

    def ask_raw(self, requests):
        """Method, path and key of each as they go over the wire: nothing is tidied on the way."""

        async def one(method, path, key):
            sent = []
            scope = {
                "type": "http", "http_version": "1.1", "method": method, "path": unquote(path), "query_string": b"",
                "raw_path": path.encode(), "root_path": "", "scheme": "https", "client": (self.address, 4711),
                "headers": [(b"host", b"192.0.2.1"), *([(b"authorization", f"Bearer {key}".encode())] if key else [])],
            }  # fmt: skip

            async def receive():
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message):
                sent.append(message)

            await self.app(scope, receive, send)
            return sent[0]["status"]

        async def all_of_them():
            return [await one(*request) for request in requests]

        return asyncio.run(all_of_them())

    def ask(self, method, path, **more):
        return self.ask_all([(method, path, more)])[0]


def bearer(key):
    return {"headers": {"authorization": f"Bearer {key}"}}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate(clock):
    return Gate(KEPT, attempts=Attempts(now=clock), now=clock)


@pytest.fixture
def table(service, gate):
    return route_table(service, gate=gate)


@pytest.fixture
def client(service, gate):
    return Client(create_app(service, gate=gate))


def spellings(path):
    """The same path as a careless or a cunning client writes it."""
    bare = path.replace("{id:path}", "item-1")
    last = bare.rpartition("/")[2]
    coded = f"%{ord(last[0]):02x}{last[1:]}" if last else ""
    written = bare[: len(bare) - len(last)] + coded
    return [bare, f"{bare}/", f"/{bare}", f"/{bare}//", written, f"/.{bare}", f"/x/..{bare}", f"{bare};a=1",
            bare.upper(), f"{bare}%00", f"{bare}%2f", bare.replace("/", "/%2e/", 1)]  # fmt: skip


def test_each_route_is_in_the_group_that_the_documents_say(table):
    groups = {entry.path: entry.group for entry in table}
    static = {path for path in groups if path.startswith("/static/")}

    assert {path for path, group in groups.items() if group is Group.ADMINISTRATOR} == ADMINISTRATION
    assert {path for path, group in groups.items() if group is Group.SHOPPER} - static == SHOPPING


def test_without_the_right_key_no_spelling_and_no_method_opens_an_administrators_route(table, service, clock):
    wrong = AdminKey.make()[0]
    patient = Attempts(each=10**6, together=10**6, now=clock)
    app = create_app(service, gate=Gate(QUICK, attempts=patient, now=clock))
    paths = [each for entry in table if entry.group is Group.ADMINISTRATOR for each in spellings(entry.path)]
    asked = [(method, path, key) for path, method, key in itertools.product(paths, METHODS, (None, wrong))]

    answers = Client(app).ask_raw(asked)

    assert {(a, *request[:2]) for a, request in zip(answers, asked, strict=True) if a != 401} == set()


def test_with_the_right_key_every_route_answers_as_on_loopback(table, service, client):
    inside = Client(create_app(service), address="127.0.0.1")
    asked = [
        (method, path, RIGHT)
        for entry in table
        for path in spellings(entry.path)
        for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "BREW")
    ]

    guarded = client.ask_raw(asked)
    open_to_all = inside.ask_raw([(method, path, None) for method, path, _ in asked])

    assert guarded == open_to_all
    assert 401 not in guarded


def test_shoppers_are_asked_for_no_key_and_a_wrong_one_takes_nothing_from_them(table, service, client):
    paths = [
        entry.path.replace("{id:path}", "item-1")
        for entry in table
        if entry.group is Group.SHOPPER and not entry.path.startswith("/static/")
    ]
    inside = Client(create_app(service), address="127.0.0.1")
    plain = [(method, path, {}) for path in paths for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE")]

    wanted = [answer.status_code for answer in inside.ask_all(plain)]
    without = [answer.status_code for answer in client.ask_all(plain)]
    wrong = [answer.status_code for answer in client.ask_all([(m, p, bearer("nonsense")) for m, p, _ in plain])]

    assert wanted == without == wrong


def test_what_does_not_exist_looks_like_what_is_not_for_you(client):
    there, not_there = (client.ask("GET", path) for path in ("/v1/decision", "/v1/secret"))
    known = client.ask("GET", "/v1/secret", **bearer(RIGHT))

    assert there.status_code == not_there.status_code == 401
    assert there.json() == not_there.json()
    assert known.status_code == 404


def test_a_route_without_a_group_is_an_error_at_the_start(gate):
    async def handler(_):
        raise AssertionError

    with pytest.raises(ConfigError, match="belongs to no group"):
        gated_router([Entry("/new", handler, None)], gate, lambda request, problem: None)
    with pytest.raises(TypeError):
        Entry("/new", handler)
    with pytest.raises(ConfigError, match="twice"):
        twice = [Entry("/new", handler, Group.SHOPPER), Entry("/new", handler, Group.ADMINISTRATOR)]
        gated_router(twice, gate, lambda request, problem: None)


@pytest.mark.parametrize(
    "header",
    [
        RIGHT,
        f"Basic {RIGHT}",
        "Bearer",
        "Bearer ",
        f"Bearer {RIGHT}x",
        f"Bearer {RIGHT[:-1]}",
        "Bearer \u00ff",
        "x" * 9000,
    ],
    ids=["bare", "basic", "no key", "empty key", "longer", "shorter", "not ascii", "endless"],
)
def test_a_key_is_the_whole_key_in_its_form(client, header):
    answer = client.ask("GET", "/v1/decision", headers={"authorization": header.encode("latin-1")})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_key")
    assert client.ask("GET", "/v1/decision", headers={"authorization": f"bearer  {RIGHT}"}).status_code == 200
    assert client.ask("GET", f"/v1/decision?key={RIGHT}").status_code == 401


def test_two_keys_in_one_request_are_none(client):
    headers = [("authorization", f"Bearer {RIGHT}"), ("authorization", "Bearer x")]

    assert client.ask("GET", "/v1/decision", headers=headers).status_code == 401


def test_no_cache_keeps_what_an_administrator_saw(client):
    for path in ("/v1/decision", "/decision"):
        assert client.ask("GET", path, **bearer(RIGHT)).headers["cache-control"] == "no-store"


# Wrong keys are counted.


def test_an_address_that_guesses_must_wait_and_others_need_not(service, gate, clock):
    app = create_app(service, gate=gate)
    guesser, owner = Client(app), Client(app, address="198.51.100.7")

    guesses = guesser.ask_all([("GET", "/v1/decision", bearer(f"guess-{n}")) for n in range(12)])
    right_one = guesser.ask("GET", "/v1/decision", **bearer(RIGHT))
    owners = owner.ask("GET", "/v1/decision", **bearer(RIGHT))
    clock.at += 60
    later = guesser.ask("GET", "/v1/decision", **bearer(RIGHT))

    assert [answer.status_code for answer in guesses] == [401] * 10 + [429] * 2
    assert (right_one.status_code, int(right_one.headers["retry-after"]) > 0) == (429, True)
    assert guesser.ask("GET", "/v1/search?q=7", **bearer("x")).status_code == 200
    assert (owners.status_code, later.status_code) == (200, 200)


def test_addresses_that_guess_together_are_held_up_and_a_key_that_was_used_is_not(clock):
    attempts = Attempts(each=3, together=5, now=clock)

    for n in range(5):
        attempts.spend(f"10.0.0.{n}")

    assert attempts.wait_s("10.0.0.9") == 0
    assert attempts.wait_all_s() > 0
    clock.at += 1
    assert attempts.wait_all_s() == 0


def test_the_memory_of_wrong_keys_is_bounded(clock):
    attempts = Attempts(together=10**9, now=clock)

    for n in range(3 * Attempts.MOST_ADDRESSES):
        attempts.spend(str(n))

    assert len(attempts) == Attempts.MOST_ADDRESSES


def test_the_proxys_word_about_an_address_counts_only_where_there_is_one(service, clock):
    def refused_after(gate):
        client = Client(create_app(service, gate=gate))
        more = [
            {"headers": {"authorization": "Bearer x", "x-forwarded-for": f"203.0.113.{n}, 198.51.100.1, 192.0.2.{n}"}}
            for n in range(14)
        ]
        answers = client.ask_all([("GET", "/v1/decision", each) for each in more])
        return [answer.status_code for answer in answers].count(429)

    def attempts():
        return Attempts(each=3, now=clock)

    assert refused_after(Gate(KEPT, attempts=attempts())) == 11
    assert refused_after(Gate(KEPT, attempts=attempts(), is_behind_proxy=True)) == 0


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host"])
def test_a_proxy_nobody_told_of_opens_no_administration(service, header):
    client = Client(create_app(service), address="127.0.0.1")

    decision = client.ask("GET", "/v1/decision", headers={header: "203.0.113.9"})
    search = client.ask("GET", "/v1/search?q=7", headers={header: "203.0.113.9"})

    assert (decision.status_code, decision.json()["error"]["code"]) == (403, "through_a_proxy")
    assert "--behind-proxy" in decision.json()["error"]["message"]
    named = client.ask("GET", "/v1/recommend?user=Ann", headers={header: "203.0.113.9"})
    assert (named.status_code, named.json()["error"]["code"]) == (403, "through_a_proxy")
    assert search.status_code == 200


# Names.

VISITOR = "visitor-1x9k2m4q7z5w"


@pytest.mark.parametrize(
    "user", ["Ann", "visitor-", "visitor-1", "visitor-1X9K2M4Q7Z5W", f"{VISITOR}!", "example-1", f"{VISITOR}\n"]
)
def test_a_stranger_acts_under_no_name_but_that_of_their_browser(client, service, user):
    event = {"kind": "click", "item_id": "item-50", "user": user}

    told = client.ask("POST", "/v1/events", json=[{**event, "user": VISITOR}, event])
    asked = client.ask("POST", "/v1/recommend", json={"user": user})
    for answer in (told, asked):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_user")
    assert service.health().events_stored == 0
    assert client.ask("POST", "/v1/events", json={**event, "user": VISITOR}).status_code == 200
    assert client.ask("POST", "/v1/events", json={**event, "personalise": False}).status_code == 200
    assert client.ask("POST", "/v1/recommend", json={"user": user, "personalise": False}).status_code == 200
    assert client.ask("POST", "/v1/recommend", json={"user": VISITOR}).status_code == 200


def test_the_shops_own_servers_act_under_any_name(client, service):
    event = {"kind": "click", "item_id": "item-50", "user": "Ann"}
    trusting = Client(create_app(service, gate=Gate(KEPT, trusts_user_ids=True)))

    assert client.ask("POST", "/v1/events", json=event, **bearer(RIGHT)).status_code == 200
    assert client.ask("GET", "/v1/recommend?user=Ann", **bearer(RIGHT)).status_code == 200
    assert client.ask("POST", "/v1/events", json=event, **bearer("wrong")).status_code == 401
    assert trusting.ask("POST", "/v1/events", json=event).status_code == 200


def test_a_user_to_try_is_anybodys(service, gate):
    service.served.aliases["example-1"] = "p"

    answer = Client(create_app(service, gate=gate)).ask("GET", "/v1/recommend?user=example-1")

    assert answer.status_code == 200


# Browsers.

PAGE = {"headers": {"accept": "text/html,*/*"}}


def logged_in(client, key=RIGHT, back="/decision", **headers):
    return client.ask("POST", "/login", data={"key": key, "next": back}, headers=headers)


def test_a_browser_is_shown_a_form_and_let_in_with_a_cookie_no_script_reads(client):
    form = client.ask("GET", "/decision", **PAGE)
    answer = logged_in(client)
    cookie = answer.headers["set-cookie"]
    ticket = cookie.partition(";")[0]
    page = client.ask("GET", "/decision", headers={"cookie": ticket})

    assert (form.status_code, 'name="key"' in form.text, 'value="/decision"' in form.text) == (401, True, True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/decision")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert RIGHT not in cookie
    assert page.status_code == 200


def test_a_wrong_key_in_the_form_gives_no_cookie_and_is_counted(client):
    answers = client.ask_all([("POST", "/login", {"data": {"key": f"k{n}"}}) for n in range(12)])

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert all('name="key"' in answer.text for answer in answers)


def test_a_session_ends_and_cannot_be_made_up(client, service, gate, clock):
    ticket = logged_in(client).cookies[SESSION_COOKIE]
    until, nonce, seal = ticket.split(".")
    other = Gate(KEPT, now=clock).session()

    def opens(value):
        return client.ask("GET", "/v1/decision", headers={"cookie": f"{SESSION_COOKIE}={value}"}).status_code == 200

    made_up = [f"{int(until) + 9}.{nonce}.{seal}", f"{until}.{nonce}.", f"{until}.{nonce}", "", "..", other, "a" * 5000]
    assert [opens(value) for value in made_up] == [False] * 7
    assert opens(ticket)
    clock.at += 13 * 3600
    assert not opens(ticket)


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nset-cookie: x"],
)
def test_the_form_sends_nobody_elsewhere(client, back):
    assert logged_in(client, back=back).headers["location"] == "/decision"


def test_the_form_is_not_sent_by_another_sites_page_nor_in_another_form(client):
    foreign = logged_in(client, origin="https://evil.example")
    as_json = client.ask("POST", "/login", json={"key": RIGHT})
    too_much = client.ask("POST", "/login", data={f"f{n}": "x" for n in range(9)})

    assert [answer.status_code for answer in (foreign, as_json, too_much)] == [403, 415, 400]
    assert not any("set-cookie" in answer.headers for answer in (foreign, as_json, too_much))


def test_the_cookie_is_for_encrypted_connections_where_there_are_such(service, gate):
    proxied = Client(create_app(service, gate=Gate(KEPT, is_behind_proxy=True)))
    over_tls = Client(create_app(service, gate=Gate(KEPT, is_tls=True)))
    in_the_clear = Client(create_app(service, gate=gate))

    secure = [
        "secure" in logged_in(each, **{"x-forwarded-proto": "https"}).headers["set-cookie"].lower()
        for each in (proxied, over_tls, in_the_clear)
    ]

    assert secure == [True, True, False]


# The file.


def test_of_a_key_only_a_hash_is_kept_and_only_for_its_owner(tmp_path):
    key, kept = AdminKey.make()
    path = tmp_path / "state" / "admin.key"

    kept.write(path, now=datetime(2026, 3, 1, tzinfo=UTC))
    read = AdminKey.read(path)

    assert read == kept
    assert read.matches(key)
    assert not read.matches(key[:-1])
    assert key.removeprefix("steelyard-") not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["admin.key"]
    assert AdminKey.read(tmp_path / "none") is None
    assert AdminKey.make()[0] != AdminKey.make()[0]


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"salt": "zz", "scrypt": ""}', '{"salt": "00", "scrypt": "00"}', "\xff"]
)
def test_a_spoiled_key_file_opens_nothing(tmp_path, content):
    path = tmp_path / "admin.key"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(StorageError, match="--new-admin-key"):
        AdminKey.read(path)


def test_the_guard_stands_before_the_gate(service, gate):
    app = create_app(service, gate=gate, protection=Protection())
    foreign = Client(app).ask("GET", "/v1/decision", headers={"host": "evil.example", **bearer(RIGHT)["headers"]})

    assert isinstance(app, Guard)
    assert foreign.status_code == 421
    assert replace(Protection(), hosts=("x",)).hosts == ("x",)
