"""From the start of a server to its first right answer, on a bundle of any size.

    python benchmarks/restart.py BUNDLE [--times 10] [--query "green tea"]

Starts `steelyard serve` again and again, each time in a process of its own with an empty state folder, and asks one
search from the first moment on, until an answer comes that is not degraded. The right answer is what the first start
gave; another one ends the benchmark. Then a question in Chinese is asked, twice: what loads on first use would make the
first one slower. Prints one JSON line: least, median and most of the seconds, of the
processor time until then (what counts on a busy machine), and of both questions in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

FIRST_IN_CHINESE = ("牛奶", "面包")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--query", default="orange juice")
    parser.add_argument("--seconds", type=float, default=60.0, help="a start that takes longer is given up")
    args = parser.parse_args()
    found = [start(args) for _ in range(args.times)]
    if len({run["first"] for run in found}) > 1:
        raise SystemExit(
            "the same question got different answers: the bundle, or the server, is not the same each time"
        )
    names = ("ready_s", "cpu_s", "chinese_ms", "again_ms")
    figures = {name: spread([run[name] for run in found]) for name in names}
    print(json.dumps({"bundle": args.bundle.name, "starts": len(found), "load": os.getloadavg()[0], **figures}))


def start(args: argparse.Namespace) -> dict[str, Any]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        argv = [sys.executable, "-m", "steelyard", "serve", str(args.bundle), "--port", str(port), "--state", state]
        began = time.monotonic()
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}/v1/search?k=5&q="
            first = wait_for(server, address + quote(args.query), began + args.seconds)
            ready_s, cpu_s = time.monotonic() - began, processor_seconds(server.pid)
            timed = [milliseconds(address + quote(query)) for query in FIRST_IN_CHINESE]
        finally:
            server.terminate()
            server.wait(30)
    return {"ready_s": ready_s, "cpu_s": cpu_s, "first": first, "chinese_ms": timed[0], "again_ms": timed[1]}


def wait_for(server: subprocess.Popen[bytes], address: str, until: float) -> str:
    """Identifiers of the first answer that is not degraded."""
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(address, timeout=5) as answer:
                body = json.load(answer)
        except (URLError, OSError):
            time.sleep(0.01)
            continue
        if not body["degraded"]:
            return ",".join(item["id"] for item in body["items"])
    raise SystemExit("the server did not answer: start it by hand to see why")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def milliseconds(address: str) -> float:
    began = time.monotonic()
    with urlopen(address, timeout=30) as answer:
        answer.read()
    return (time.monotonic() - began) * 1000


def spread(values: list[float]) -> dict[str, float]:
    return {
        "least": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "most": round(max(values), 3),
    }


if __name__ == "__main__":
    main()
