"""Times four kernels on this machine, each in a fresh process kept to one thread, and how far its cores work together.

The kernels are what a search or recommendation spends its time on: products of 8-bit and of 32-bit matrices by the
library that serves, a scan of memory, and cutting texts into terms with JSON around it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import numpy as np
import onnxruntime

from steelyard.adapters.measuring.child_process import answer_once, ask_child
from steelyard.adapters.measuring.machine import describe_machine, usable_cores
from steelyard.documents.machine import MachineFacts
from steelyard.models.text.segment import cut

__all__ = ["calibrate"]

_FLOAT, _UINT8, _INT8, _INT32 = 1, 2, 3, 6
"""Types of elements, as ONNX numbers them."""
_WIDTH, _ROWS, _SCAN_BYTES = 384, 64, 128 << 20
_N_TEXTS, _TRIALS = 200, 3
_START_S = 4.0
"""Until all processes of a trial have imported what they need."""


def calibrate(*, seconds: float = 60.0) -> dict[str, Any]:
    """Times this machine's kernels.

    Args:
        seconds: Together, not counting the starts of processes.

    Returns:
        JSON: ``machine``, ``instruction_set``, ``cores``, ``as_of``, ``kernels`` (seconds of a round: median, and the
        range of all rounds but the slowest and the fastest twentieth), ``parallel_share`` (null on one core).

    Raises:
        MeasurementError: A process failed.
    """
    facts, cores = describe_machine(), len(usable_cores())
    shares = [] if cores == 1 else [_parallel_share(cores, seconds / 18) for _ in range(_TRIALS)]
    timed = {name: _ask({"kernel": name, "seconds": seconds / 6}, seconds)["rounds_s"] for name in _KERNELS}
    return {
        "format": 1,
        "machine": f"{facts.cpu_model}, {cores} cores",
        "instruction_set": _instruction_set(facts),
        "cores": cores,
        "as_of": datetime.now(UTC).date().isoformat(),
        "kernels": {name: _reading(rounds) for name, rounds in timed.items()},
        "parallel_share": _spread(shares) if shares else None,
        "libraries": facts.libraries,
    }


def _parallel_share(cores: int, seconds: float) -> float:
    """Share of the work that cores do side by side: from what one process does alone and as many as cores together."""

    def together(n: int) -> float:
        question = {"kernel": "all", "seconds": seconds, "begins": time.time() + _START_S}
        with ThreadPoolExecutor(n) as pool:
            asked = [pool.submit(_ask, question, seconds) for _ in range(n)]
            return sum(float(each.result()["per_s"]) for each in asked)

    gain = max(1.0, together(cores) / together(1))
    return min(1.0, (1 - 1 / gain) / (1 - 1 / cores))


def _ask(question: Mapping[str, Any], seconds: float) -> Any:
    return ask_child("steelyard.adapters.measuring.calibration", question, time_out_s=seconds + 120, what="calibrating")


def _reading(rounds_s: list[float]) -> dict[str, float]:
    cuts = quantiles(rounds_s, n=20)
    return {"value": median(rounds_s), "low": cuts[0], "high": cuts[-1]}


def _spread(values: list[float]) -> dict[str, float]:
    return {"value": median(values), "low": min(values), "high": max(values)}


def _instruction_set(machine: MachineFacts) -> str:
    """The class: architecture and the widest instructions that libraries choose their code by."""
    order = ("amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "avx", "sve", "asimddp", "asimd", "neon")
    return f"{machine.architecture} {next((flag for flag in order if flag in (machine.cpu_flags or ())), 'plain')}"


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """In the child: rounds of one kernel in processor time, or of all in turn from a given moment on, by the clock."""
    if question["kernel"] != "all":
        return {"rounds_s": _rounds(_KERNELS[question["kernel"]](), float(question["seconds"]))}
    works = [make() for make in _KERNELS.values()]
    for work in works:
        work()
    time.sleep(max(0.0, question["begins"] - time.time()))
    began, n = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < question["seconds"] or not n:
        for work in works:
            work()
        n += 1
    return {"per_s": n / took}


def _rounds(work: Callable[[], object], seconds: float) -> list[float]:
    """Processor seconds of each round, after one that warms up; never fewer than twenty."""
    work()
    found: list[float] = []
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends or len(found) < 20:
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return found


def _int8() -> Callable[[], object]:
    draw = np.random.default_rng(0)
    left = draw.integers(0, 255, (_ROWS, _WIDTH), dtype=np.uint8)
    right = draw.integers(-127, 127, (_WIDTH, _WIDTH), dtype=np.int8)
    return _product("MatMulInteger", left, right, types=(_UINT8, _INT8, _INT32))


def _fp32() -> Callable[[], object]:
    draw = np.random.default_rng(0)
    left, right = (draw.random((n, _WIDTH), dtype=np.float32) for n in (_ROWS, _WIDTH))
    return _product("MatMul", left, right, types=(_FLOAT, _FLOAT, _FLOAT))


def _product(operator: str, left: Any, right: Any, *, types: tuple[int, int, int]) -> Callable[[], object]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_graph(operator, types), options, providers=["CPUExecutionProvider"])
    return lambda: [session.run(None, {"a": left, "b": right}) for _ in range(40)]


def _memory() -> Callable[[], object]:
    held = np.ones(_SCAN_BYTES // 4, np.float32)
    return held.sum


def _text() -> Callable[[], object]:
    count = iter(range(10**12))

    def work() -> list[object]:
        said = {"items": [{"id": n, "title": f"Stainless steel kettle {n}x{next(count)} 不锈钢水壶"}
                          for n in range(_N_TEXTS)]}  # fmt: skip
        return [cut(item["title"], language="mixed") for item in json.loads(json.dumps(said))["items"]]

    return work


_KERNELS: dict[str, Callable[[], Callable[[], object]]] = {
    "int8": _int8, "fp32": _fp32, "memory": _memory, "text": _text,
}  # fmt: skip


def _graph(operator: str, types: tuple[int, int, int]) -> bytes:
    """An ONNX graph of one operator, ``c = operator(a, b)``, written out: who serves does not install onnx."""
    node = _field(1, b"a") + _field(1, b"b") + _field(2, b"c") + _field(4, operator.encode())
    values = [_field(1, name) + _field(2, _field(1, b"\x08" + bytes([kind]))) for name, kind in zip(
        (b"a", b"b", b"c"), types, strict=True)]  # fmt: skip
    graph = _field(1, node) + _field(2, b"product") + _field(11, values[0]) + _field(11, values[1])
    return b"\x08\x08" + _field(7, graph + _field(12, values[2])) + _field(8, b"\x10\x0d")


def _field(number: int, held: bytes) -> bytes:
    """A field of a protocol buffer that holds bytes; all here are shorter than 128."""
    return bytes([number << 3 | 2, len(held)]) + held


if __name__ == "__main__":
    answer_once(_answer)
