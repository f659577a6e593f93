"""A real server that follows bundles: it is asked all the time while one after the other is published."""

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.unit.adapters.packed import package

from steelyard.workflows.bundles.package import Details

PATHS = ("/v1/search?q=lamp&k=3", "/v1/recommend?k=5", "/v1/browse?k=3", "/v1/shop", "/v1/decision", "/health")
EVENT = {"kind": "click", "item_id": "SKU 2", "user": "visitor-0123456789ab"}


@pytest.fixture
def publish(toy_store, search, recommend, toy_decision, toy_key, tmp_path):
    """Packages the toy shop with other examples and another name of its recommendation; gives the bundle's folder."""
    (tmp_path / "secret.key").write_bytes(toy_key)

    def published(example, name, *, has_recommendation=True):
        return package(
            toy_store,
            search=search,
            recommend=replace(recommend, name=name) if has_recommendation else None,
            out=tmp_path / "bundles",
            decision=toy_decision,
            details=Details(query_examples=(example,), max_history=20),
        )

    return published


@contextmanager
def following(bundles):
    argv = [sys.executable, "-m", "steelyard", "serve", str(bundles), "--follow", "--port", "0"]
    process = subprocess.Popen(
        [*argv, "--answer-within-ms", "5000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found, process.stderr.read()
        yield process, int(found.group(1))
    finally:
        process.kill()
        process.communicate()


class Shopper(threading.Thread):
    """Asks without a pause over one connection, and keeps what is not 200 and not full."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.n, self.failed, self.bundles, self.is_ended = port, 0, [], set(), False

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self.is_ended:
            path = PATHS[self.n % len(PATHS)]
            self.ask(connection, "GET", path)
            self.ask(connection, "POST", "/v1/events", json.dumps({**EVENT, "event_id": f"{self.name} {self.n}"}))
            self.n += 1
        connection.close()

    def ask(self, connection, method, path, body=None):
        try:
            connection.request(method, path, body, {"content-type": "application/json"} if body else {})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failed.append((path, repr(error)))
            connection.close()
            return
        if response.status != 200 or answer.get("degraded") or answer.get("refused"):
            self.failed.append((path, response.status, answer))
        if "bundle" in answer:
            self.bundles.add(answer["bundle"][:16])


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def wait_for(port, folder):
    end = time.monotonic() + 60
    while not ask(port, "/health")["bundle"].startswith(folder.name):
        assert time.monotonic() < end, f"{folder.name} was never served"
        time.sleep(0.05)


def wait_until_seen(folder, shoppers):
    """A busy machine may serve the next bundle before a shopper's first answer: each one has to meet each bundle."""
    end = time.monotonic() + 60
    while not all(folder.name in shopper.bundles for shopper in shoppers):
        assert time.monotonic() < end, f"{folder.name} was not met by each shopper"
        time.sleep(0.01)


def test_no_request_fails_while_better_bundles_take_each_others_place(publish, tmp_path):
    folders = [publish("first", "popular")]
    with following(tmp_path / "bundles") as (process, port):
        shoppers = [Shopper(port) for _ in range(3)]
        for shopper in shoppers:
            shopper.start()
        wait_until_seen(folders[0], shoppers)
        examples = [ask(port, "/v1/shop")["query_examples"]]
        for n in range(2, 6):
            folders.append(publish(f"number {n}", f"item-knn-{n}"))
            wait_for(port, folders[-1])
            wait_until_seen(folders[-1], shoppers)
            examples.append(ask(port, "/v1/shop")["query_examples"])
        for shopper in shoppers:
            shopper.is_ended = True
            shopper.join(20)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)

    assert [shopper.failed[:3] for shopper in shoppers] == [[], [], []]
    assert min(shopper.n for shopper in shoppers) > 20
    assert examples == [["first"], ["number 2"], ["number 3"], ["number 4"], ["number 5"]]
    assert [shopper.bundles for shopper in shoppers] == [{folder.name for folder in folders}] * 3
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_a_damaged_bundle_is_passed_over_and_the_next_adds_what_the_first_did_not_have(publish, tmp_path):
    out = tmp_path / "bundles"
    first = publish("first", "popular", has_recommendation=False)
    with following(out) as (process, port):
        before = ask(port, "/v1/shop")
        (out / "latest").write_text("f" * 64 + "\n")  # a pointer to nothing
        time.sleep(2.5)
        meanwhile = ask(port, "/v1/shop")
        good = publish("good", "item-knn")
        wait_for(port, good)
        after = ask(port, "/v1/shop")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)

    assert before["bundle"].startswith(first.name)
    assert meanwhile == before
    assert ("recommend" in before["surfaces"], "recommend" in after["surfaces"]) == (False, True)
    assert "event=bundle_not_followed" in said
    assert "Traceback" not in said


def test_a_folder_without_bundles_cannot_be_followed(publish, tmp_path):
    folder = publish("first", "popular")
    argv = [sys.executable, "-m", "steelyard", "serve", str(folder), "--follow", "--port", "0"]

    process = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert process.returncode == 1
    assert "name the folder they are published in" in process.stderr.replace("\n", " ")
