"""A served shop whose catalogue changes: killed, started again, built anew, and never without what it acknowledged."""

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Client:
    """Asks a server."""

    def __init__(self, address):
        self.address = address

    def get(self, path, **query):
        asked = f"{self.address}{path}?{urllib.parse.urlencode(query)}" if query else self.address + path
        with NO_PROXY.open(asked, timeout=30) as answer:
            return json.load(answer)

    def send(self, *changes):
        body = json.dumps({"changes": changes}).encode()
        request = urllib.request.Request(f"{self.address}/v1/changes", body, {"content-type": "application/json"})
        with NO_PROXY.open(request, timeout=30) as answer:
            return json.load(answer)["token"]

    def ids(self, query, after, **more):
        return [one["id"] for one in self.get("/v1/search", q=query, after=after, explain="false", **more)["items"]]


@contextmanager
def served(bundles, state):
    argv = [sys.executable, "-m", "steelyard", "serve", str(bundles), "--port", "0", "--state", str(state)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            said = server.stdout.readline()
            yield server, Client(re.search(r"http://[\d.:]+", said)[0])
        finally:
            server.kill()


@pytest.fixture
def bundles(shop, tmp_path):
    folder, _ = shop
    return shutil.copytree(folder / ".steelyard" / "bundles", tmp_path / "bundles", symlinks=True)


def test_a_killed_server_comes_back_with_all_that_it_acknowledged(bundles, tmp_path):
    with served(bundles, tmp_path / "state") as (server, client):
        first = client.get("/v1/search", q="steel pan")["items"][0]["id"]
        client.send({"id": "NEW 1", "title": "Zorblax lamp", "category": "office > lamp", "price": 2.5})
        client.send({"op": "price", "id": first, "price": 0.5}, {"op": "stock", "id": "SKU-1-0", "stock": 0})
        token = client.send({"op": "delete", "id": "SKU-0-1"})
        assert client.ids("zorblax", token) == ["NEW 1"]
        server.send_signal(signal.SIGKILL)
        server.wait()

    with served(bundles, tmp_path / "state") as (_, client):
        assert client.ids("zorblax", token) == ["NEW 1"]
        assert client.ids("steel", token, sort="price_up", k=1) == [first]
        assert client.ids("steel", token, filters='{"price": {"max": 1}}') == [first]
        assert "SKU-1-0" not in client.ids("spade", token, k=50)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            client.get("/v1/items/SKU-0-1")
        assert client.get("/health")["changes"] | {"since": ""} == {
            "token": token, "beside": 4, "items": 4, "since": "", "waiting": 0, "without_vector": 0,
            "rebuild_due": False, "trouble": "", "rebuild": None,
        }  # fmt: skip
