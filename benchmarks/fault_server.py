"""A shop's real server, in a process of its own, and questions to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class Server:
    """Serves the newest bundle of the shop in a folder, from ``with`` to the end of the block."""

    def __init__(self, folder: Path, *options: str, state: Path | None = None) -> None:
        self._folder = folder
        self._options = [*options, *(("--state", str(state)) if state else ())]
        self.address = ""

    def __enter__(self) -> Server:
        argv = [sys.executable, "-m", "steelyard", "serve", "--port", "0", "-c", str(self._folder / "steelyard.toml")]
        self._log = (self._folder / "server.log").open("w")
        self._process = subprocess.Popen(
            [*argv, *self._options], stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=self._folder
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if not found:
            raise SystemExit(f"the server does not start: {line}{(self._folder / 'server.log').read_text()[-2000:]}")
        self.address = found.group()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


def ask(address: str, path: str, **query: object) -> bytes:
    with urlopen(f"{address}{path}?{urlencode(query)}", timeout=10) as answer:
        return answer.read()


def post(address: str, events: list[dict[str, Any]], *, timeout: float = 30) -> dict[str, Any]:
    asked = Request(f"{address}/v1/events", json.dumps(events).encode(), {"content-type": "application/json"})
    with urlopen(asked, timeout=timeout) as answer:
        return json.load(answer)
