"""Asks one question of a fresh Python process: JSON in, JSON out.

A fresh process holds nothing but what it was asked for, so that its memory, its imports and its threads are its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from steelyard.errors import MeasurementError

__all__ = ["ONE_THREAD", "answer_once", "ask_child", "last_lines"]

ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "ORT_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
} | {"TOKENIZERS_PARALLELISM": "false"}
"""Environment that keeps the engines to one thread each."""


def ask_child(module: str, question: Mapping[str, Any], *, time_out_s: float, what: str) -> Any:
    """The answer of ``python -m module`` in a fresh process, with the engines kept to one thread.

    Args:
        module: Module whose ``__main__`` part calls ``answer_once``.
        question: JSON-able.
        time_out_s: The process is killed after so long.
        what: What is being asked, for messages.

    Returns:
        The parsed answer.

    Raises:
        MeasurementError: The process failed, was killed, took too long, or answered something else; with its last
            words.
    """
    command = [sys.executable, "-P", "-m", module]
    environment = {**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=json.dumps(question),
            capture_output=True,
            env=environment,
            timeout=time_out_s,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        words = last_lines(error.stderr or "")
        raise MeasurementError(f"{what}: no answer after {time_out_s:g} s, stopped. Last words: {words}") from error
    if done.returncode:
        raise MeasurementError(f"{what}: {_how_it_ended(done.returncode)}. Last words: {last_lines(done.stderr)}")
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise MeasurementError(
            f"{what}: the process answered something that is no JSON ({done.stdout[:100]!r}). "
            f"Last words: {last_lines(done.stderr)}"
        ) from error


def answer_once(answer: Callable[[Any], Any]) -> None:
    """Read the question from standard input, write the answer to standard output, and nothing else there.

    Whatever a library prints goes to standard error instead.

    Args:
        answer: From the question to the answer, both JSON-able.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    found = answer(json.load(sys.stdin))
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(found, stream)


def last_lines(text: str | bytes, n: int = 5) -> str:
    """The last lines of what a process wrote, in one line; says so where it wrote nothing."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return " | ".join(line.strip() for line in text.strip().splitlines()[-n:]) or "(none)"


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"the process failed with status {code}"
    name = signal.Signals(-code).name
    hint = ": most often the machine was out of memory" if name == "SIGKILL" else ""
    return f"the process was ended by {name}{hint}"
