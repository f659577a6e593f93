"""S5: the webhook reaches public addresses, networks that were allowed, and nothing else."""

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from steelyard.adapters.webhook import Webhook, WebhookError, public_address
from steelyard.errors import ConfigError

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOCAL = ("127.0.0.0/8",)

ATTACKS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "3232235521", "0xc0a80001",
    "100.64.0.1", "100.100.100.200", "169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.170.2",
    "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]", "[fc00::1]", "[fec0::1]", "168.63.129.16",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2001:0:1::1]", "[2001:db8::1]",
    "[2001:10::1]", "[2001:20::1]", "[100::1]", "[3fff::1]", "[5f00::1]", "[fe80::1%25lo]",
]  # fmt: skip


class Recorder(BaseHTTPRequestHandler):
    """Keeps what was posted; answers as the path asks."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        status = int(self.path.strip("/").split("?")[0] or 200)
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/200")
        self.end_headers()

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    made.seen = []
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def at(server, path="/200", **options):
    settings = {"allows_http": True, "networks": LOCAL} | options
    return Webhook(f"http://127.0.0.1:{server.server_port}{path}", **settings)


def test_json_arrives_at_an_address_that_was_allowed(server):
    assert at(server, "/200?a=b").post({"text": "预算"}, now=NOW) == 200

    path, headers, body = server.seen[0]
    assert (path, json.loads(body)) == ("/200?a=b", {"text": "预算"})
    assert "Steelyard-Signature" not in headers


def test_the_signature_is_that_of_time_and_body(server):
    key = b"sixteen bytes !!"

    at(server, key=key).post({"n": 1}, now=NOW)

    _, headers, body = server.seen[0]
    stamp, given = (part.split("=")[1] for part in headers["Steelyard-Signature"].split(","))
    assert int(stamp) == NOW.timestamp()
    assert given == hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("host", ATTACKS)
def test_an_address_of_this_machine_or_network_is_never_connected_to(host, server, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("a connection was made"))
    hook = Webhook(f"http://{host}:{server.server_port}/200", allows_http=True)

    with pytest.raises(WebhookError, match=r"no public address|cannot be resolved"):
        hook.post({}, now=NOW)

    assert server.seen == []


def test_without_leave_the_local_server_is_not_reached(server):
    with pytest.raises(WebhookError, match="webhook_networks"):
        at(server, networks=()).post({}, now=NOW)

    assert server.seen == []


def resolver(*answers):
    """Answers one list of addresses after the other."""
    left = list(answers)

    def resolve(host, port, **_):
        found = left.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    return resolve


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    hook = Webhook("https://two.example", resolve=resolver(["8.8.8.8", "10.0.0.1"]))

    with pytest.raises(WebhookError, match=r"10\.0\.0\.1"):
        hook.post({}, now=NOW)


def test_a_name_that_changes_its_mind_is_asked_only_once(server):
    """DNS rebinding: the second answer would be another address."""
    hook = Webhook(
        f"http://shop.example:{server.server_port}/200",
        allows_http=True,
        networks=LOCAL,
        resolve=resolver(["127.0.0.1"]),  # a second question would raise IndexError
    )

    assert hook.post({}, now=NOW) == 200
    assert server.seen[0][1]["Host"].startswith("shop.example")


def test_where_the_first_address_takes_no_connection_the_next_is_tried(server):
    hook = Webhook(
        f"http://shop.example:{server.server_port}/200",
        allows_http=True,
        networks=LOCAL,
        resolve=resolver(["127.0.0.2", "127.0.0.1"]),  # the server listens on the second only
    )

    assert hook.post({}, now=NOW) == 200


def test_a_redirect_is_not_followed(server):
    with pytest.raises(WebhookError, match="redirects are not followed"):
        at(server, "/302").post({}, now=NOW)

    assert [path for path, _, _ in server.seen] == ["/302"]


def test_a_failure_is_told_without_the_path(server):
    with pytest.raises(WebhookError, match="status 500") as raised:
        at(server, "/500?token=geheim").post({}, now=NOW)

    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("sends", [b"", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_a_server_that_never_ends_its_answer_is_cut_off(sends, scheme):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def drip():
            link, _ = listening.accept()
            with link:
                link.sendall(sends)
                while not done.wait(0.05):
                    try:
                        link.sendall(b"x" if sends else b"")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/"
        hook = Webhook(url, allows_http=True, networks=LOCAL, deadline_s=0.3)

        with pytest.raises(WebhookError, match="did not answer in time"):
            hook.post({}, now=NOW)

        done.set()
        thread.join()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/", "not https"),
        ("file:///etc/passwd", "must be an address"),
        ("gopher://example.com/", "must be an address"),
        ("https:///path", "must be an address"),
        ("https://user:word@example.com/", "a user or a password"),
        ("https://example.com:99999/", "no address"),
        ("https://exa\nmple.com/", "must be an address"),
        ("https://example.com/ x", "must be an address"),
        ("https://例子.example/", "must be an address"),
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused(url, said):
    with pytest.raises(ConfigError, match=said):
        Webhook(url)


def test_a_short_key_and_a_wrong_network_are_refused():
    with pytest.raises(ConfigError, match="5 bytes"):
        Webhook("https://example.com", key=b"short")
    with pytest.raises(ConfigError, match="webhook_networks"):
        Webhook("https://example.com", networks=["10.0.0.0/99"])


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "99.255.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111"]
)
def test_an_address_of_the_open_internet_is_public(text):
    assert public_address(ipaddress.ip_address(text))
