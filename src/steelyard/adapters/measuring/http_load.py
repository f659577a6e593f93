"""Open-loop load over HTTP, from a process of its own that can be pinned to a core of its own."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from typing import Any

import msgspec
import numpy as np

from steelyard.adapters.measuring.child_process import answer_once, ask_child
from steelyard.errors import MeasurementError, MissingExtra
from steelyard.evaluation.latency import OpenLoopRun, open_loop, poisson_schedule

__all__ = ["Call", "HttpLoad"]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to send."""

    path: str
    """From the slash on, query string included."""
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    """Sent as JSON."""


class Refused(Exception):
    """The server answered with another status than 200."""


class Degraded(Exception):
    """The server answered, but with something less than it was asked for, and said so."""


class _Flag(msgspec.Struct):
    degraded: Any = False


class HttpLoad:
    """Sends requests on a Poisson schedule and times them from their intended moments.

    Args:
        time_out_s: An answer later than this is a miss and counts as so long.
        start_s: Time the generator may take besides the schedule before it is given up.

    Raises:
        MissingExtra: The HTTP client is not installed.
    """

    def __init__(self, *, time_out_s: float = 5.0, start_s: float = 60.0) -> None:
        if importlib.util.find_spec("aiohttp") is None:
            raise MissingExtra("load over HTTP needs aiohttp: pip install 'steelyard[train]'")
        self._time_out_s = time_out_s
        self._start_s = start_s

    def run(
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

        A status other than 200 is a miss, and so is a JSON answer whose ``degraded`` is true: it came in time, but is
        not what was measured.

        Args:
            base_url: For example ``http://127.0.0.1:8787``.
            calls: Requests, sent in turn and from the start again when they run out.
            rate_rps: Mean requests per second, > 0.
            seconds: Length, warm-up not counted, > 0.
            warm_up_s: Length of the warm-up before it.
            seed: Seed of the schedule.
            core: Number of the core the generator is pinned to, where it goes before everything else if the system
                allows that; ``None`` leaves it free. Not the server's only core.

        Returns:
            The run; look at ``is_valid`` first.

        Raises:
            MeasurementError: There is nothing to send, or the generator failed.
        """
        if not calls:
            raise MeasurementError("there are no requests to send: give at least one")
        spec = {
            "base_url": base_url,
            "calls": [asdict(call) for call in calls],
            "rate_rps": rate_rps,
            "seconds": seconds,
            "warm_up_s": warm_up_s,
            "time_out_s": self._time_out_s,
            "seed": seed,
            "core": core,
        }
        longest = warm_up_s + seconds + self._time_out_s + self._start_s
        answer = ask_child(
            "steelyard.adapters.measuring.http_load", spec, time_out_s=longest, what=f"load on {base_url}"
        )
        return OpenLoopRun(
            latencies_s=np.array(answer["latencies_s"], dtype=np.float64),
            is_miss=np.array(answer["is_miss"], dtype=np.bool_),
            lags_s=np.array(answer["lags_s"], dtype=np.float64),
            duration_s=answer["duration_s"],
            time_out_s=answer["time_out_s"],
            why_missed=answer["why_missed"],
            response_bytes=answer["response_bytes"],
        )


def _answer(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The run, as JSON; in the fresh process."""
    import uvloop  # noqa: PLC0415 - only the generator needs it

    if spec["core"] is not None:
        os.sched_setaffinity(0, {spec["core"]})
        with contextlib.suppress(OSError):  # not allowed here: then the lag tells whether it mattered
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    run: OpenLoopRun = uvloop.run(_load(spec))
    return {
        "latencies_s": run.latencies_s.tolist(),
        "is_miss": run.is_miss.tolist(),
        "lags_s": run.lags_s.tolist(),
        "duration_s": run.duration_s,
        "time_out_s": run.time_out_s,
        "why_missed": run.why_missed,
        "response_bytes": run.response_bytes,
    }


async def _load(spec: Mapping[str, Any]) -> OpenLoopRun:
    import aiohttp  # noqa: PLC0415 - an optional dependency

    schedule = poisson_schedule(spec["rate_rps"], spec["warm_up_s"] + spec["seconds"], seed=spec["seed"])
    calls = [
        (call["method"], spec["base_url"] + call["path"], _body(call["body"]))
        for call in islice(cycle(spec["calls"]), len(schedule))
    ]
    decoder = msgspec.json.Decoder(_Flag)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    lengths: list[int] = []
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    async with aiohttp.ClientSession(
        connector=connector, headers=headers, timeout=aiohttp.ClientTimeout(total=None), auto_decompress=False
    ) as session:

        async def ask(i: int) -> None:
            method, url, body = calls[i]
            async with session.request(method, url, data=body) as response:
                content = await response.read()
                if response.status != 200:
                    raise Refused
            lengths.append(len(content))
            if b'"degraded"' in content and decoder.decode(content).degraded:
                raise Degraded

        gc.collect()
        gc.freeze()
        gc.disable()
        run = await open_loop(ask, schedule, time_out_s=spec["time_out_s"], warm_up_s=spec["warm_up_s"])
        return replace(run, response_bytes=sum(lengths) / len(lengths) if lengths else None)


def _body(body: Mapping[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


if __name__ == "__main__":
    answer_once(_answer)
