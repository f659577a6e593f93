"""A language model's endpoint that is late, busy, broken or slow, as a real server on a real socket is."""

import json
import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from steelyard.adapters.chat_endpoint import ChatEndpoint, open_chat_model
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.data.labels.asked import Busy
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.language_model.answers import read_order
from steelyard.models.language_model.asking import Product, ask_for_order

GOOD = {"choices": [{"message": {"content": "[2, 1]"}}], "usage": {"prompt_tokens": 41, "completion_tokens": 6}}
ENOUGH_S = 20.0
"""Nothing here takes so long, unless it hangs."""


@contextmanager
def serving(answer):
    """A server that answers every question by ``answer(handler, number)``."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer(self, len(asked))

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """Who hung up wants no answer."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler, content, *, status=200, headers=()):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    handler.send_response(status)
    for name, value in (("Content-Length", str(len(body))), *headers):
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def good(handler, number):
    send(handler, GOOD)


def ask(address, within_s=ENOUGH_S, **options):
    return ChatEndpoint(address, "m", **options).ask("rank", "1. a", max_tokens=9, within_s=within_s)


def test_an_answer_comes_with_its_tokens():
    with serving(good) as (address, asked):
        said = ask(address)

    assert (said.text, said.input_tokens, said.output_tokens) == ("[2, 1]", 41, 6)
    assert asked[0]["temperature"] == 0 and asked[0]["max_tokens"] == 9


def test_tokens_that_are_not_counted_are_not_taken_for_none():
    with serving(lambda handler, number: send(handler, {"choices": GOOD["choices"]})) as (address, _):
        said = ask(address)

    assert (said.input_tokens, said.output_tokens) == (None, None)


def test_an_answer_that_does_not_come_is_late():
    go = threading.Event()
    with serving(lambda handler, number: go.wait(ENOUGH_S)) as (address, _):
        with pytest.raises(Busy, match="did not answer") as error:
            ask(address, within_s=0.2)
        go.set()

    assert error.value.is_late


def test_an_answer_that_drips_letter_by_letter_is_late_though_no_step_is():
    ended = threading.Event()

    def drip(handler, number):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not ended.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    with serving(drip) as (address, _):
        with pytest.raises(Busy) as error:
            ask(address, within_s=0.3)
        ended.set()

    assert error.value.is_late


def test_headers_that_drip_are_late_too():
    ended = threading.Event()

    def drip(handler, number):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not ended.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    with serving(drip) as (address, _):
        with pytest.raises(Busy) as error:
            ask(address, within_s=0.3)
        ended.set()

    assert error.value.is_late


def test_one_that_asks_to_wait_is_asked_again_where_there_is_time():
    def busy_once(handler, number):
        if number == 1:
            send(handler, {}, status=429, headers=[("Retry-After", "1")])
        else:
            send(handler, GOOD)

    with serving(busy_once) as (address, asked):
        began = time.monotonic()
        assert ask(address).text == "[2, 1]"

    assert len(asked) == 2
    assert time.monotonic() - began >= 1


def test_one_that_asks_to_wait_for_long_is_left_alone_meanwhile():
    with serving(lambda handler, number: send(handler, {}, status=429, headers=[("Retry-After", "60")])) as (
        address,
        asked,
    ):
        endpoint = ChatEndpoint(address, "m")
        for _ in range(3):
            with pytest.raises(Busy, match="left alone for another"):
                endpoint.ask("rank", "1. a", max_tokens=9, within_s=0.5)

    assert len(asked) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_or_broken_one_is_not_asked_again_at_once(status):
    with serving(lambda handler, number: send(handler, b"oops", status=status)) as (address, asked):
        with pytest.raises(Busy, match=f"status {status}") as error:
            ask(address)

    assert len(asked) == 1
    assert not error.value.is_late


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1, 2",
        b'"text"',
        b"null",
        b'{"choices": []}',
        b'{"choices": [{"message": 7}]}',
        b"\xff\xfe",
        b"[" * 99,
    ],
)
def test_what_is_no_chat_completion_is_as_good_as_no_answer(content):
    with serving(lambda handler, number: send(handler, content)) as (address, _), pytest.raises(Busy):
        ask(address)


def test_words_that_are_no_text_are_none():
    with serving(lambda handler, number: send(handler, {"choices": [{"message": {"content": None}}]})) as (address, _):
        assert ask(address).text == ""


def test_an_answer_that_is_cut_off_is_no_answer():
    def cut(handler, number):
        handler.send_response(200)
        handler.send_header("Content-Length", "500")
        handler.end_headers()
        handler.wfile.write(json.dumps(GOOD).encode())

    with serving(cut) as (address, _), pytest.raises(Busy):
        ask(address)


def test_nobody_at_the_address_is_busy_and_not_late():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Busy, match="did not answer") as error:
        ask(f"http://127.0.0.1:{port}/v1")

    assert not error.value.is_late


def test_a_refused_key_names_the_table_and_no_key(monkeypatch):
    monkeypatch.setenv("SHOP_KEY", "sk-nobody-may-see-this")
    facts = {"model": "m", "key_env": "SHOP_KEY", "timeout_s": 5.0}
    with serving(lambda handler, number: send(handler, b"sk-nobody-may-see-this?", status=401)) as (address, _):
        model = open_chat_model({**facts, "endpoint": address})
        with pytest.raises(ConfigError, match="check the key in key_env") as error:
            model.ask("rank", "1. a", max_tokens=9, within_s=5)

    assert "sk-nobody" not in str(error.value)


def test_a_part_that_names_no_model_says_so():
    with pytest.raises(ArtefactError, match="names no language model"):
        open_chat_model({"endpoint": "http://127.0.0.1:1/v1"})


def _local():
    """Command and weights of a real server, where both are installed: see docs/howto/language-model.md."""
    command = os.environ.get("STEELYARD_LLAMA_SERVER") or shutil.which("llama-server")
    weights = os.environ.get("STEELYARD_GGUF", "")
    return (command, weights) if command and Path(weights).is_file() else None


def test_a_real_model_on_this_machine_answers_and_counts_its_tokens():
    local = _local()
    if local is None:
        pytest.skip("no llama.cpp server and weights: set STEELYARD_LLAMA_SERVER and STEELYARD_GGUF")
    command, weights = local
    argv = [command, "-m", weights, "--host", "127.0.0.1", "--port", "{port}", "-c", "2048", "-np", "1", "-ngl", "0"]
    asking = ask_for_order("angle bracket", [Product("white paint"), Product("steel angle bracket"), Product("desk")])
    with ServerProcess(argv) as server:
        model = ChatEndpoint(f"{server.url}/v1", "smollm2")
        limits = {"max_tokens": asking.max_tokens, "within_s": 60}
        said = model.ask(asking.system, asking.user, **limits, schema=asking.schema)

    assert said.input_tokens is not None and said.input_tokens > 50
    assert said.output_tokens is not None and 0 < said.output_tokens <= asking.max_tokens
    order = read_order(said.text, n=3)
    assert order is not None and sorted(order) == [0, 1, 2]
