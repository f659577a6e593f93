"""Serves the shop while it is still being built: the server starts with the first bundle and follows the next ones."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NoReturn

import click

from steelyard.assembly import Tools
from steelyard.errors import ConfigError

__all__ = ["Doors"]

_WAITER = (
    "import os, signal, sys\n"
    "server = int(sys.argv[1])\n"
    "signal.signal(signal.SIGTERM, lambda *_: os.kill(server, signal.SIGTERM))\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"  # the terminal sends it to the server too
    "sys.exit(os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]))\n"
)


class Doors:
    """The shop's server, started when there is a bundle to serve.

    Args:
        tools: Start the server.
        path: The shop's configuration file.
        port: To listen on.

    Raises:
        ConfigError: Another program listens there.
    """

    def __init__(self, tools: Tools, path: Path, port: int) -> None:
        if not tools.serving.is_free(port):
            raise ConfigError(f"port {port} is taken by another program: name a free one with --port, or 0 for any")
        argv = [sys.executable, "-P", "-m", "steelyard", "serve", "-c", str(path), "--follow", "--port", "{port}"]
        self._server = tools.serving.running(argv, port=port)
        self._began_s = time.monotonic()
        self.is_open = False

    def open(self) -> None:
        """Start the server and say where it answers, and how long that took since the beginning."""
        self._server.__enter__()
        self.is_open = True
        taken_s = time.monotonic() - self._began_s
        click.echo(
            f"open {self._server.url}/ : the shop is up after {taken_s:.0f} s, better models follow while it runs"
        )
        sys.stdout.flush()

    def say(self, what: str) -> None:
        """A milestone, with the seconds since the beginning."""
        click.echo(f"{what} after {time.monotonic() - self._began_s:.0f} s")
        sys.stdout.flush()

    def close(self) -> None:
        """End the server."""
        if self.is_open:
            self._server.stop()
            self.is_open = False

    def stay(self) -> NoReturn:
        """Give this process's memory back and wait until the server is ended."""
        pid = self._server.let_go()
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-c", _WAITER, str(pid)])  # noqa: S606 - a process without models
