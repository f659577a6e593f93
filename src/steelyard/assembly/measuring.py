"""This machine, and what is run on it to be measured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from steelyard.cost.calibration import Calibration
    from steelyard.documents.machine import MachineFacts
    from steelyard.evaluation.latency import OpenLoopRun
    from steelyard.workflows.measuring_ports import Call, ProbePort, Server

__all__ = ["Measuring"]


@dataclass(frozen=True, slots=True)
class Measuring:
    """This machine, and what is run on it to be measured."""

    def machine(self) -> MachineFacts:
        """Facts of this machine."""
        from steelyard.adapters.measuring.machine import describe_machine

        return describe_machine()

    def cores(self) -> list[int]:
        """Numbers of the cores this process may use, ascending."""
        from steelyard.adapters.measuring.machine import usable_cores

        return usable_cores()

    def busy_s(self) -> float:
        """Processor seconds all programs of this machine used so far."""
        from steelyard.adapters.measuring.machine import busy_s

        return busy_s()

    def own_cpu_s(self) -> float:
        """Processor seconds of this process and its ended children."""
        from steelyard.adapters.measuring.machine import own_cpu_s

        return own_cpu_s()

    def probe(self) -> ProbePort:
        """Asks configurations, each in a process of its own."""
        from steelyard.adapters.measuring.probe import Probe

        return Probe()

    def serve(self, argv: Sequence[str], *, cores: Collection[int] | None = None) -> AbstractContextManager[Server]:
        """A server from ``with`` to the end of the block.

        Args:
            argv: Command; ``{port}`` in any argument is replaced by a free port.
            cores: Numbers of the cores it may use; ``None`` for all.

        Returns:
            Entered, it answers.
        """
        from steelyard.adapters.measuring.server_process import ServerProcess

        return ServerProcess(argv, cores=cores)

    def ask(self, base_url: str, call: Call) -> Any:
        """The answer of a server: JSON, or the text of a page."""
        from steelyard.adapters.measuring.http_ask import ask

        return ask(base_url, _path(call), call.body)

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
        """One open-loop run against a running server.

        Args:
            base_url: For example ``http://127.0.0.1:8787``.
            calls: Asked in turn, and from the start again when they run out.
            rate_rps: Mean requests per second, > 0.
            seconds: Length, warm-up not counted, > 0.
            warm_up_s: Length of the warm-up before it.
            seed: Seed of the schedule.
            core: Number of the core the generator is pinned to; ``None`` leaves it free.

        Returns:
            The run; look at ``is_valid`` first.

        Raises:
            MissingExtra: The HTTP client is not installed.
            MeasurementError: There is nothing to send, or the generator failed.
        """
        from steelyard.adapters.measuring.http_load import Call as Sent
        from steelyard.adapters.measuring.http_load import HttpLoad

        sent = [Sent(_path(call), "GET" if call.body is None else "POST", call.body) for call in calls]
        return HttpLoad().run(
            base_url, sent, rate_rps=rate_rps, seconds=seconds, warm_up_s=warm_up_s, seed=seed, core=core
        )

    def calibration(self, path: Path) -> Calibration:
        """A machine's calibration, from its file."""
        from steelyard.adapters.measuring.calibration_files import read_calibration

        return read_calibration(path)

    def calibrate(self, *, seconds: float) -> dict[str, Any]:
        """Times this machine's kernels for so long, and gives its calibration as JSON."""
        from steelyard.adapters.measuring.calibration import calibrate

        return calibrate(seconds=seconds)


def _path(call: Call) -> str:
    asked = urlencode(call.parameters, safe="/", quote_via=quote)
    return f"{call.path}?{asked}" if asked else call.path
