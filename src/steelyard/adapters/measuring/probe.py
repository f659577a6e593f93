"""Measures one configuration alone in a fresh process: processor and wall time, memory, and its answers.

The process opens only that configuration, through the same pipeline that serves it. Its engines are kept to one
thread, torch may not be imported, and each timed request is asked alone, as a shopper would.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.measuring.child_process import answer_once, ask_child
from steelyard.adapters.measuring.machine import Watch, peak_rss_bytes, rss_bytes
from steelyard.adapters.parts import DirectoryParts
from steelyard.documents.configurations import configuration_from, configuration_row
from steelyard.domain import NO_PAST, Configuration, IntArray, Past, Request
from steelyard.errors import MeasurementError
from steelyard.evaluation.quiet import Surroundings
from steelyard.evaluation.readings import ProbeResult
from steelyard.models.recipe import find_recipe

if TYPE_CHECKING:
    from steelyard.models.pipeline import Pipeline

__all__ = ["Probe"]

_BATCH = 64
_WARM_UP = 20
_WARM_UP_S = 0.3
"""Asked before anything is counted: at least so many requests, for at least so long. Fixed, so that nobody chooses it
by the result; long enough for the system's clock ticks (10 ms) to tell how busy the machine is."""


class Probe:
    """Starts a process for each measurement.

    Args:
        time_out_s: Longest time one process may take.
    """

    def __init__(self, *, time_out_s: float = 1800.0) -> None:
        self._time_out_s = time_out_s

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
        """What ``configuration`` answers and what that takes.

        Args:
            configuration: Names its parts; nothing else is opened.
            store_root: Folder of the artefact store the parts are in.
            requests: Questions, at least one.
            k: Length of each list, >= 1.
            timed: Numbers of the requests to ask alone and time, repeats allowed; all of them where ``None``.
            is_answering_all: Whether the requests that are not timed are answered too (in batches, untimed); without
                it their rows of ``items`` are empty.

        Returns:
            The readings.

        Raises:
            MeasurementError: The process failed or took too long (with its last words), or it imported torch.
        """
        spec = {
            "configuration": configuration_row(configuration),
            "store_root": str(store_root),
            "requests": [_row(request, configuration) for request in requests],
            "k": k,
            "timed": list(range(len(requests))) if timed is None else [int(i) for i in timed],
            "is_answering_all": is_answering_all,
        }
        what = f"measuring {configuration.name}"
        answer = ask_child("steelyard.adapters.measuring.probe", spec, time_out_s=self._time_out_s, what=what)
        if answer["has_torch"]:
            raise MeasurementError(
                f"{what}: torch was imported while serving, which would triple its memory; find the import and move it "
                "to training"
            )
        return _result(answer)


def _result(answer: Mapping[str, Any]) -> ProbeResult:
    return ProbeResult(
        items=np.array(answer["items"], dtype=np.int64),
        timed=np.array(answer["timed"], dtype=np.int64),
        cpu_s=np.array(answer["cpu_s"], dtype=np.float64),
        service_s=np.array(answer["service_s"], dtype=np.float64),
        load_s=answer["load_s"],
        rss_before_bytes=answer["rss_before_bytes"],
        peak_rss_bytes=answer["peak_rss_bytes"],
        surroundings=Surroundings(**answer["surroundings"]),
        facts=answer["facts"],
    )


def _answer(spec: Mapping[str, Any]) -> dict[str, Any]:
    """All readings; runs in the fresh process."""
    from steelyard.models.pipeline import open_pipeline  # noqa: PLC0415 - the asking process does without it

    configuration = configuration_from(spec["configuration"])
    requests = [_request(fields) for fields in spec["requests"]]
    k, timed = spec["k"], spec["timed"]
    rss_before, started = rss_bytes(), time.perf_counter()
    parts = DirectoryParts(Artefacts(Path(spec["store_root"])).path, configuration.parts)
    pipeline = open_pipeline(configuration, parts)
    load_s = time.perf_counter() - started
    asking = getattr(pipeline.retriever, "tally", None)
    watch = Watch()
    if asking is None:
        _warm_up(pipeline, requests, k)
    else:  # a question is paid for: one is enough, and none is answered from memory while it is timed
        pipeline.retriever.is_remembering = False  # type: ignore[attr-defined]
        pipeline.answer(requests[-1:], k=k)
    before = asking.read() if asking is not None else {}
    cpu_s, service_s, alone = _ask_alone(pipeline, [requests[i] for i in timed], k)
    surroundings, peak = watch.surroundings(), peak_rss_bytes()
    timed_alone = asking.read() if asking is not None else {}
    if asking is not None:
        pipeline.retriever.is_remembering = True  # type: ignore[attr-defined]
    items, facts = _ask_all(pipeline, requests, dict(zip(timed, alone, strict=True)), spec)
    if asking is not None:
        facts |= {"asked_timed": _less(timed_alone, before), "asked_in_all": asking.read()}
    return {
        "items": items.tolist(),
        "timed": timed,
        "cpu_s": cpu_s,
        "service_s": service_s,
        "load_s": load_s,
        "rss_before_bytes": rss_before,
        "peak_rss_bytes": peak,
        "surroundings": asdict(surroundings),
        "facts": facts,
        "has_torch": "torch" in sys.modules,
    }


def _warm_up(pipeline: Pipeline, requests: Sequence[Request], k: int) -> None:
    enough, asked = time.perf_counter() + _WARM_UP_S, 0
    while asked < _WARM_UP or time.perf_counter() < enough:
        pipeline.answer([requests[asked % len(requests)]], k=k)
        asked += 1


def _ask_alone(
    pipeline: Pipeline, requests: Sequence[Request], k: int
) -> tuple[list[float], list[float], list[IntArray]]:
    cpu_s, service_s, alone = [], [], []
    for request in requests:
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        ranked = pipeline.answer([request], k=k)
        cpu_s.append((time.process_time_ns() - cpu) / 1e9)
        service_s.append((time.perf_counter_ns() - wall) / 1e9)
        alone.append(ranked.items[0])
    return cpu_s, service_s, alone


def _ask_all(
    pipeline: Pipeline, requests: Sequence[Request], alone: Mapping[int, IntArray], spec: Mapping[str, Any]
) -> tuple[IntArray, dict[str, Any]]:
    """Answers as they are served: in batches only where batches answer as single requests do.

    Dynamic quantisation scales a whole batch together, so that a batch may answer differently.
    """
    k = spec["k"]
    items = np.full((len(requests), k), -1, dtype=np.int64)
    agreement, is_alone = None, False
    if spec["is_answering_all"] and len(alone) < len(requests):
        for start in range(0, len(requests), _BATCH):
            items[start : start + _BATCH] = pipeline.answer(requests[start : start + _BATCH], k=k).items
        if alone:
            agreement = float(np.mean([np.array_equal(items[i], row) for i, row in alone.items()]))
        is_alone = agreement is not None and agreement < 1
        if is_alone:
            for i in set(range(len(requests))) - set(alone):
                items[i] = pipeline.answer([requests[i]], k=k).items[0]
    for i, row in alone.items():
        items[i] = row
    return items, {"batch_agreement": agreement, "answered_alone": is_alone}


def _less(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in now.items()}


def _row(request: Request, configuration: Configuration) -> dict[str, Any]:
    """A request as it is handed over; a past that the model does not read would be most of it."""
    looks_back = find_recipe(configuration.kind).looks_back(configuration.options)
    return asdict(request if looks_back else replace(request, past=NO_PAST))


def _request(fields: Mapping[str, Any]) -> Request:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    past = Past(**{name: tuple(v) for name, v in values.pop("past").items()})
    return Request(**values, past=past)


if __name__ == "__main__":
    answer_once(_answer)
