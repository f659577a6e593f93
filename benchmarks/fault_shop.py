"""What the rows of ``data_faults.py`` share: a figure with its goal, a small shop, verbs in processes of their own."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from steelyard.adapters.artefacts import Artefacts
from steelyard.assembly import Tools
from steelyard.config import Config
from steelyard.documents.quality import QualityReport
from steelyard.workflows.prepare import prepare

KEY = b"a key for benchmarks only, 32 b."
_PEAK = """
import runpy, sys
try:
    runpy.run_module("steelyard", run_name="__main__", alter_sys=True)
finally:
    sys.stdout.flush()
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
    open({file!r}, "w").write(peak)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix in the reliability goals."""

    id: str
    done: str
    goal: str
    found: str
    is_kept: bool | None
    """``None`` where it could not be measured here."""

    def __str__(self) -> str:
        said = {True: "kept", False: "MISSED", None: "SKIPPED"}[self.is_kept]
        return f"{self.id:4} {said:7} {self.done}\n     goal {self.goal}; found {self.found}"


@dataclass(frozen=True, slots=True)
class Ended:
    """A verb that ended."""

    code: int
    said: str
    wall_s: float
    cpu_s: float
    peak_mib: float

    @property
    def is_refusal(self) -> bool:
        """Whether it ended with a message of ours, and no traceback."""
        return self.code in (1, 2) and "Traceback" not in self.said and bool(self.said.strip())


def verb(*arguments: object, folder: Path, limit_s: float = 120) -> Ended:
    """Run a verb in a process of its own; its peak is that of the process alone, without the parent's."""
    peak = folder / "peak"
    peak.unlink(missing_ok=True)
    argv = [sys.executable, "-c", _PEAK.format(file=str(peak)), *map(str, arguments)]
    began = time.monotonic()
    with (folder / "said").open("w") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() - began > limit_s:
                process.kill()
            time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s, cpu_s = time.monotonic() - began, usage.ru_utime + usage.ru_stime
    peak_mib = int(peak.read_text()) / 1024 if peak.is_file() else float("inf")
    return Ended(process.returncode, (folder / "said").read_text(errors="replace"), wall_s, cpu_s, peak_mib)


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


class PreparedShop:
    """A shop in a folder, prepared by the real workflow in this process."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.store = folder, Artefacts(folder / "work")
        self.config = Config.model_validate(settings)

    def prepare(self, now: datetime, *, erased: frozenset[str] = frozenset()) -> QualityReport:
        """Prepare it, as the verb does."""
        with Tools().shop.sources(self.folder, scratch=self.folder / "tmp") as sources:
            return prepare(
                self.config,
                sources=sources,
                store=self.store,
                key=KEY,
                now=now,
                progress=lambda done, total, what: None,
                erased=erased,
            )

    def digest(self, name: str = "events") -> str:
        """SHA-256 of a prepared table's rows."""
        table = pq.read_table(self.store.path("data") / f"{name}.parquet")
        return hashlib.sha256(json.dumps(table.to_pylist(), default=str).encode()).hexdigest()

    def n_rows(self, name: str = "events") -> int:
        """Rows of a prepared table."""
        return int(pq.read_metadata(self.store.path("data") / f"{name}.parquet").num_rows)
