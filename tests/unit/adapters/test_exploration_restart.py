"""What a place that explores has learnt outlives the server's process, in a file that is checked before it is used."""

import contextlib
import json
import subprocess
import sys
import time
import urllib.request

import msgspec
import pytest
from packed import package

from steelyard.adapters.exploration_file import FILE, ExplorationFile
from steelyard.documents.exploration import Exploration
from steelyard.errors import ArtefactError
from steelyard.workflows.bundles.package import Details

KEY = b"k" * 32
LEARNT = Exploration(
    bundle="d" * 64, options={"share": 1.0}, shown=((2.0, 0.5), (0.5, 1.0)), rewarded=(1, 0), n_shown=3
)
SERVER = """
import json, sys
from pathlib import Path
from steelyard.api.server import serve
from steelyard.assembly import Tools

folder, explore = Path(sys.argv[1]), json.loads(sys.argv[2])
serve(
    announce=lambda name, address: print(address, flush=True), hand_over=print, tools=Tools(), bundle=folder, port=0,
    state=folder / "state", key=(folder.parent / "secret.key").read_bytes, explore=explore, answer_within_ms=5000.0,
)
"""
EXPLORE = {"share": 1, "slot": 2, "pool": 4}


@pytest.fixture
def bundles(toy_store, search, recommend, toy_decision, toy_key, tmp_path):
    out = tmp_path / "bundles"
    package(toy_store, search=search, recommend=recommend, out=out, decision=toy_decision, details=Details())
    (tmp_path / "secret.key").write_bytes(toy_key)
    return out


@contextlib.contextmanager
def running(bundles, explore):
    argv = [sys.executable, "-c", SERVER, str(bundles), json.dumps(explore)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        yield address
    finally:
        process.kill()
        process.communicate()


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read())


def explored(url, name):
    return ask(f"{url}/v1/recommend?k=5&request_id={name}")["explored"]


def test_a_killed_server_goes_on_with_what_it_had_kept_and_other_options_begin_anew(bundles):
    with running(bundles, EXPLORE) as url:
        for n in range(8):
            told = explored(url, f"r{n}")
            ask(f"{url}/v1/events", {"kind": "click", "item_id": told["item_id"], "request_id": f"r{n}"})
        kept = bundles / "state" / FILE
        for _ in range(200):
            if kept.is_file() and json.loads(kept.read_bytes())["n_shown"] == 8:
                break
            time.sleep(0.1)
    with running(bundles, EXPLORE) as url:
        resumed = explored(url, "new")
    with running(bundles, EXPLORE | {"pool": 3}) as url:
        anew = explored(url, "new")

    assert (resumed["learnt_from"], anew["learnt_from"]) == (8, 0)


def test_what_was_learnt_comes_back_as_it_was_also_under_the_key_before(tmp_path):
    ExplorationFile(tmp_path, lambda: [KEY]).write(LEARNT)

    assert ExplorationFile(tmp_path, lambda: [KEY]).read() == LEARNT
    assert ExplorationFile(tmp_path, lambda: [b"n" * 32, KEY]).read() == LEARNT
    assert ExplorationFile(tmp_path / "other", lambda: [KEY]).read() is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("harm", ["changed", "cut", "other key", "no object"])
def test_a_file_that_is_not_as_it_was_written_is_refused(tmp_path, harm):
    file = ExplorationFile(tmp_path, lambda: [KEY])
    file.write(LEARNT)
    path = tmp_path / FILE
    content = path.read_bytes()
    if harm == "changed":
        path.write_bytes(content.replace(b'"n_shown": 3', b'"n_shown": 4'))
    elif harm == "cut":
        path.write_bytes(content[:-9])
    elif harm == "no object":
        path.write_bytes(b"[]")
    keys = [b"n" * 32] if harm == "other key" else [KEY]

    with pytest.raises(ArtefactError, match=r"exploration\.json is damaged"):
        ExplorationFile(tmp_path, lambda: keys).read()


def test_a_later_format_is_refused(tmp_path):
    file = ExplorationFile(tmp_path, lambda: [KEY])
    file.write(msgspec.structs.replace(LEARNT, format=9))

    with pytest.raises(ArtefactError, match="format 9"):
        file.read()
