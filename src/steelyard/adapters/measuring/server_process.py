"""Runs a server in a process of its own, for the length of a measurement or of a run, and reads what it uses."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from types import TracebackType
from typing import IO, Self

from steelyard.adapters.measuring.child_process import ONE_THREAD, last_lines
from steelyard.adapters.measuring.machine import peak_rss_bytes, process_cpu_s, rss_bytes
from steelyard.errors import MeasurementError

__all__ = ["ServerProcess", "is_free"]

_HOST = "127.0.0.1"


class ServerProcess:
    """A server from ``with`` to the end of the block.

    Args:
        argv: Command; ``{port}`` in any argument is replaced by the port.
        port: To listen on; 0 picks a free one.
        cores: Numbers of the cores it may use; ``None`` for all.
        health: Path that answers with status 200 once the server is ready.
        ready_s: It must be ready this long after its start.
        stop_s: It is killed when it still runs this long after being told to end.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        port: int = 0,
        cores: Collection[int] | None = None,
        health: str = "/health",
        ready_s: float = 60.0,
        stop_s: float = 5.0,
    ) -> None:
        self._argv, self._cores, self._health = list(argv), cores, health
        self._ready_s, self._stop_s = ready_s, stop_s
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{_HOST}:{self._port}"

    def __enter__(self) -> Self:
        """Start the server and wait until it is healthy.

        Returns:
            This object, with the server answering; leaving the context stops it.

        Raises:
            MeasurementError: It cannot be started, it ended, or it was not ready in time; with its last words.
        """
        self._port = self._port or _free_port()
        self._words = tempfile.TemporaryFile()
        argv = [argument.replace("{port}", str(self._port)) for argument in self._argv]
        try:
            self._process = self._start(argv, self._words)
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, whatever happened."""
        self.stop()

    def let_go(self) -> int:
        """Leave the server running beyond the block; whoever asks has to end it.

        Returns:
            Its process number.

        Raises:
            MeasurementError: It is not running.
        """
        with self._reading() as pid:
            self._process = None
            return pid

    def cpu_s(self) -> float:
        """Processor seconds used so far, all threads, to a hundredth.

        Returns:
            Seconds since it was started, >= 0; its child processes are not counted.

        Raises:
            MeasurementError: It is not running.
        """
        with self._reading() as pid:
            return process_cpu_s(pid)

    def rss_bytes(self) -> int:
        """Resident set now.

        Returns:
            Bytes; pages shared with other processes are counted, child processes are not.

        Raises:
            MeasurementError: It is not running.
        """
        with self._reading() as pid:
            return rss_bytes(pid)

    def peak_rss_bytes(self) -> int:
        """Largest resident set so far.

        Returns:
            Bytes, counted as by ``rss_bytes``.

        Raises:
            MeasurementError: It is not running.
        """
        with self._reading() as pid:
            return peak_rss_bytes(pid)

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not; does nothing when it is not running."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self._stop_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._words is not None:
            self._words.close()
            self._words = None

    def _start(self, argv: list[str], words: IO[bytes]) -> subprocess.Popen[bytes]:
        before = os.sched_getaffinity(0)
        try:
            if self._cores is not None:
                os.sched_setaffinity(0, self._cores)  # a child inherits it, every thread it makes too
            return subprocess.Popen(  # noqa: S603 - the caller's command, no shell
                argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env={**os.environ, **ONE_THREAD}
            )
        except OSError as error:
            raise MeasurementError(f"cannot start {argv[0]} on cores {self._cores}: {error.strerror}") from error
        finally:
            os.sched_setaffinity(0, before)

    def _wait(self) -> None:
        deadline = time.monotonic() + self._ready_s
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise MeasurementError(f"the server ended before it was ready. Last words: {self._last_words()}")
            if self._is_healthy(deadline - time.monotonic()):
                return
            time.sleep(0.05)
        raise MeasurementError(
            f"the server was not ready after {self._ready_s:g} s: {self.url}{self._health} did not answer with 200. "
            f"Last words: {self._last_words()}"
        )

    def _is_healthy(self, time_out_s: float) -> bool:
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=max(0.05, min(1.0, time_out_s)))
        with contextlib.closing(connection):
            try:
                connection.request("GET", self._health)
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def _last_words(self) -> str:
        if self._words is None:
            return "(none)"
        self._words.seek(0)
        return last_lines(self._words.read())

    @contextlib.contextmanager
    def _reading(self) -> Iterator[int]:
        process = self._process
        if process is None or process.poll() is not None:
            raise MeasurementError("the server is not running, so nothing can be read of it")
        try:
            yield process.pid
        except OSError as error:
            raise MeasurementError(f"the server ended while it was read: {self._last_words()}") from error


def is_free(port: int) -> bool:
    """Whether a server could listen on a port of this machine now; 0 always is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
