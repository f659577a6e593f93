"""What workflows measure with: this machine's facts and meters, a probe, servers, load over HTTP."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from steelyard.domain import Configuration, Request

if TYPE_CHECKING:
    from steelyard.cost.calibration import Calibration
    from steelyard.documents.machine import MachineFacts
    from steelyard.evaluation.latency import OpenLoopRun
    from steelyard.evaluation.readings import ProbeResult

__all__ = ["Call", "Measuring", "ProbePort", "Server"]


@dataclass(frozen=True, slots=True)
class Call:
    """A question to a server."""

    path: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    """Behind the question mark, as they are meant: whoever sends them encodes them."""
    body: Mapping[str, Any] | None = None
    """Sent as JSON; with one it is a POST."""


class ProbePort(Protocol):
    """Asks a configuration in a process of its own (``steelyard.adapters.measuring.probe.Probe``)."""

    def measure(
        self,
        configuration: Configuration,
        store_root: Path,
        requests: Sequence[Request],
        *,
        k: int,
        timed: Sequence[int] | None = None,
        is_answering_all: bool = True,
    ) -> ProbeResult:
        """Readings of one fresh process."""
        ...


class Server(Protocol):
    """A server that runs (``steelyard.adapters.measuring.server_process.ServerProcess``)."""

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        ...

    def cpu_s(self) -> float:
        """Processor seconds it used so far."""
        ...

    def peak_rss_bytes(self) -> int:
        """The most memory it held."""
        ...


class Measuring(Protocol):
    """This machine, and what is run on it to be measured."""

    def machine(self) -> MachineFacts:
        """Facts of this machine."""
        ...

    def cores(self) -> list[int]:
        """Numbers of the cores this process may use, ascending."""
        ...

    def busy_s(self) -> float:
        """Processor seconds all programs of this machine used so far."""
        ...

    def own_cpu_s(self) -> float:
        """Processor seconds of this process and its ended children."""
        ...

    def probe(self) -> ProbePort:
        """Asks configurations, each in a process of its own."""
        ...

    def serve(self, argv: Sequence[str], *, cores: Collection[int] | None = None) -> AbstractContextManager[Server]:
        """A server from ``with`` to the end of the block.

        Args:
            argv: Command; ``{port}`` in any argument is replaced by a free port.
            cores: Numbers of the cores it may use; ``None`` for all.

        Returns:
            Entered, it answers.
        """
        ...

    def ask(self, base_url: str, call: Call) -> Any:
        """The answer of a server: JSON, or the text of a page."""
        ...

    def load(
        self,
        base_url: str,
        calls: Sequence[Call],
        *,
        rate_rps: float,
        seconds: float,
        warm_up_s: float,
        seed: int,
        core: int | None = None,
    ) -> OpenLoopRun:
        """One open-loop run against a running server; see ``steelyard.adapters.measuring.http_load.HttpLoad``."""
        ...

    def calibration(self, path: Path) -> Calibration:
        """A machine's calibration, from its file."""
        ...
