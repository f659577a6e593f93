"""The load generator and the server it is pointed at, for real: two processes and a socket."""

import os
import sys

import numpy as np
import pytest

from steelyard.adapters.measuring.http_load import Call, HttpLoad
from steelyard.adapters.measuring.server_process import ServerProcess
from steelyard.errors import MeasurementError

SERVER = """
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/slow":
            time.sleep(3)
        status = 503 if self.path == "/refuse" else 200
        found = {"items": [], "degraded": self.path == "/less", "echo": json.loads(body or b"null")}
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
    do_GET = do_POST = answer
    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def server():
    with ServerProcess([sys.executable, "-c", SERVER, "{port}"]) as running:
        yield running


def load(server, calls, *, time_out_s=2.0, rate_rps=50.0, seconds=0.6):
    return HttpLoad(time_out_s=time_out_s).run(
        server.url, calls, rate_rps=rate_rps, seconds=seconds, warm_up_s=0.2, seed=0
    )


def test_answers_are_timed_and_none_is_missed(server):
    run = load(server, [Call("/v1/search", "POST", {"query": "杆秤"}), Call("/health")])

    assert 10 < len(run.latencies_s) < 60
    assert not run.is_miss.any()
    assert ((run.latencies_s > 0) & (run.latencies_s < 2.0)).all()
    assert len(run.lags_s) == len(run.latencies_s)


@pytest.mark.parametrize(("path", "reason"), [("/refuse", "Refused"), ("/less", "Degraded")])
def test_an_answer_that_is_no_good_is_a_miss_at_the_time_outs_value(server, path, reason):
    run = load(server, [Call(path)], seconds=0.3)

    assert run.is_miss.all()
    assert run.why_missed == {reason: len(run.is_miss)}
    assert (run.latencies_s == 2.0).all()


def test_a_slow_answer_is_cut_and_counted(server):
    run = load(server, [Call("/slow")], time_out_s=0.3, rate_rps=20.0, seconds=0.4)

    assert run.why_missed == {"TimeoutError": len(run.is_miss)}
    np.testing.assert_array_equal(run.latencies_s, 0.3)


def test_the_servers_own_use_is_read_while_it_runs(server):
    before = server.cpu_s()
    load(server, [Call("/health")], rate_rps=200.0)

    assert server.cpu_s() > before
    assert 1e6 < server.rss_bytes() <= server.peak_rss_bytes()


def test_nothing_to_send_is_refused():
    with pytest.raises(MeasurementError, match="no requests to send"):
        HttpLoad().run("http://127.0.0.1:1", [], rate_rps=1.0, seconds=1.0, warm_up_s=0.0, seed=0)


def test_a_server_that_ends_at_once_is_reported_with_its_last_words():
    argv = [sys.executable, "-c", "raise SystemExit('no bundle at /nowhere')"]

    with pytest.raises(MeasurementError, match=r"ended before it was ready\. Last words: no bundle at /nowhere"):
        ServerProcess(argv).__enter__()


def test_a_server_that_never_gets_healthy_is_given_up_and_stopped():
    server = ServerProcess([sys.executable, "-c", "import time; time.sleep(60)"], ready_s=0.5)

    with pytest.raises(MeasurementError, match=r"not ready after 0\.5 s"):
        server.__enter__()

    with pytest.raises(MeasurementError, match="not running"):
        server.cpu_s()


def test_a_command_that_does_not_exist_is_reported():
    with pytest.raises(MeasurementError, match="cannot start steelyard-that-is-not-there"):
        ServerProcess(["steelyard-that-is-not-there"]).__enter__()


def test_a_server_that_will_not_end_is_killed():
    stubborn = SERVER.replace("import json", "import signal; signal.signal(15, signal.SIG_IGN)\nimport json")
    with ServerProcess([sys.executable, "-c", stubborn, "{port}"], stop_s=0.2) as server:
        process = server._process

    assert process.poll() == -9


def test_a_server_keeps_to_the_cores_it_was_given():
    core = max(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)

    with ServerProcess([sys.executable, "-c", SERVER, "{port}"], cores=[core]) as server:
        assert os.sched_getaffinity(server._process.pid) == {core}

    assert os.sched_getaffinity(0) == before
