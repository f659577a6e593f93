"""The server as a process of its own: how it starts, what it says, how it ends, and what survives its death."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from packed import package

from steelyard.workflows.bundles.package import Details


@pytest.fixture
def bundles(toy_store, search, recommend, toy_decision, toy_key, tmp_path):
    out = tmp_path / "bundles"
    details = Details(query_examples=("green tea",), max_history=20)
    package(toy_store, search=search, recommend=recommend, out=out, decision=toy_decision, details=details)
    (tmp_path / "secret.key").write_bytes(toy_key)
    return out


def start(bundles, *more):
    argv = [sys.executable, "-m", "steelyard", "serve", str(bundles), "--answer-within-ms", "5000", *more]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def running(bundles, *more):
    process = start(bundles, "--port", "0", *more)
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + process.stderr.read()
        yield process, found.group()
    finally:
        process.kill()
        process.communicate()


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read())


def titles(answer):
    return [item["title"] for item in answer["items"]]


def test_a_server_says_where_it_is_answers_and_ends_in_good_order(bundles):
    with running(bundles, "--example-users", "2") as (process, url):
        health = ask(f"{url}/health")
        found = ask(f"{url}/v1/search?q=lamp&k=3")
        shop = ask(f"{url}/v1/shop")
        known = ask(f"{url}/v1/recommend?user=user%203&k=3")
        page = urllib.request.urlopen(f"{url}/", timeout=10).read()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)

    assert (health["status"], health["surfaces"]) == ("ok", ["search", "recommend", "similar"])
    assert all("lamp" in title for title in titles(found))
    assert [user["user"] for user in shop["users"]] == ["example-1", "example-2"]
    assert all("lamp" in title for title in titles(known))
    assert b"<html" in page.lower()
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_a_killed_server_has_lost_nothing_it_acknowledged(bundles):
    acknowledged = 0
    sent = [{"event_id": f"e{n}", "kind": "click", "item_id": f"SKU {2 * n % 20}", "user": "new"} for n in range(40)]
    with running(bundles) as (process, url):
        for event in sent:
            acknowledged += ask(f"{url}/v1/events", event)["stored"]
        before = ask(f"{url}/v1/recommend?user=new&k=5")
        process.kill()
    with running(bundles) as (_, url):
        after = ask(f"{url}/v1/recommend?user=new&k=5")
        again = ask(f"{url}/v1/events", sent)

    assert acknowledged == 40
    assert all("tea" in title for title in titles(before))
    assert titles(after) == titles(before)
    assert (again["stored"], again["duplicates"]) == (0, 40)


def test_a_taken_port_is_named_with_a_way_out(bundles):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start(bundles, "--port", port)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert f"port {port}" in said
    assert "--port" in said
    assert "Traceback" not in said


def test_a_damaged_bundle_is_not_served(bundles):
    folder = next(path for path in bundles.iterdir() if path.is_dir())
    (folder / "decision.json").write_text("{}")

    process = start(bundles, "--port", "0")
    _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "content changed" in said


def test_a_second_server_on_the_same_state_is_refused(bundles):
    with running(bundles):
        process = start(bundles, "--port", "0")
        _, said = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "used by another server" in said
