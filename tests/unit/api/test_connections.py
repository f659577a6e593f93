import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from steelyard.api.app import create_app
from steelyard.api.connections import connection_class
from steelyard.api.deadline import Protection

DEADLINE_S = 0.6


@pytest.fixture
def address(service):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # so that an unread answer stays in the server
    config = uvicorn.Config(
        create_app(service, protection=Protection(deadline_s=DEADLINE_S)),
        http=connection_class(DEADLINE_S),
        loop="uvloop",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_keep_alive=30,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def cut_after(address, first, *, then=b"", every_s=0.05):
    """Seconds until the server ends a connection that sends ``then`` again and again, and what it said."""
    said = b""
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(first)
        client.settimeout(every_s)
        start = time.monotonic()
        while time.monotonic() < start + 5:
            try:
                piece = client.recv(65536)
                if not piece:
                    break
                said += piece
            except TimeoutError:
                with contextlib.suppress(OSError):
                    client.sendall(then)
            except OSError:
                break
    return time.monotonic() - start, said


def test_a_request_is_answered_and_the_connection_kept(address):
    ask = b"GET /v1/search?q=7 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(address, timeout=5) as client:
        for _ in range(3):
            client.sendall(ask)
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(DEADLINE_S / 2)


def test_headers_that_never_end_are_cut(address):
    took, said = cut_after(address, b"GET / HTTP/1.1\r\nHost: localhost\r\n", then=b"X-A: b\r\n")

    assert took < DEADLINE_S * 3
    assert said == b""


def test_a_connection_that_says_nothing_is_cut(address):
    took, _ = cut_after(address, b"")

    assert took < DEADLINE_S * 3


def test_a_second_request_with_endless_headers_is_cut_too(address):
    whole = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    took, said = cut_after(address, whole + b"GET /health HT", then=b"x")

    assert took < DEADLINE_S * 3
    assert said.count(b"HTTP/1.1 200") == 1


def test_a_body_of_a_byte_at_a_time_is_answered_and_cut(address):
    head = (
        b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
    )

    took, said = cut_after(address, head, then=b"[")

    assert took < DEADLINE_S * 3
    assert said.startswith(b"HTTP/1.1 408")


def test_headers_too_long_are_refused(address):
    took, _ = cut_after(address, b"GET / HTTP/1.1\r\nX: " + b"y" * 40_000, then=b"y")

    assert took < DEADLINE_S


def test_a_client_that_does_not_read_is_cut(address):
    ask = b"GET /v1/recommend?k=100 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    said = b""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(address)
        client.settimeout(DEADLINE_S)
        client.sendall(ask * 10)
        time.sleep(DEADLINE_S * 2.5)
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(65536):
                said += piece

    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.1 200") < 10
