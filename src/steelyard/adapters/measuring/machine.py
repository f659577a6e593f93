"""What this machine is, and what else it is doing: facts that go with every measurement."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from steelyard import __version__
from steelyard.documents.machine import MachineFacts
from steelyard.evaluation.quiet import Surroundings

__all__ = [
    "Watch", "busy_s", "describe_machine", "own_cpu_s", "peak_rss_bytes", "process_cpu_s", "rss_bytes", "usable_cores",
]  # fmt: skip

_LIBRARIES = ("numpy", "scipy", "onnxruntime", "tantivy", "faiss-cpu", "tokenizers", "fastapi", "uvicorn")
_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "neon", "asimd", "asimddp", "sve")


def describe_machine() -> MachineFacts:
    """Processor, memory, system and versions: what is needed to tell whether two measurements may be compared.

    Returns:
        Facts; ``git_commit`` is ``None`` outside a working copy, ``cpu_flags`` empty where unknown.
    """
    cpu = _cpu_facts()
    return MachineFacts(
        cpu_model=cpu.get("model name") or cpu.get("Processor") or platform.processor() or platform.machine(),
        cpu_flags=tuple(f for f in _FLAGS if f in (cpu.get("flags") or cpu.get("Features") or "").split()),
        architecture=platform.machine(),
        cores=os.cpu_count() or 1,
        usable_cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        os=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        steelyard=__version__,
        libraries={name: found for name in _LIBRARIES if (found := _version(name))},
        git_commit=_git_commit(),
    )


class Watch:
    """Sees what else the machine does between being made and being asked."""

    def __init__(self) -> None:
        self._start = _Ticks.read()

    def surroundings(self) -> Surroundings:
        """Figures of the stretch so far; shares are 0 where the system does not tell (no /proc)."""
        start, now = self._start, _Ticks.read()
        cpu_s = now.own_cpu_s - start.own_cpu_s
        capacity_s = max(now.total_s - start.total_s, 1e-9)
        others_s = (now.busy_s - start.busy_s) - cpu_s
        return Surroundings(
            wall_s=now.wall_s - start.wall_s,
            cpu_s=cpu_s,
            load_share=min(1.0, max(0.0, others_s / capacity_s)),
            steal_share=min(1.0, max(0.0, (now.steal_s - start.steal_s) / capacity_s)),
            involuntary_switches=now.involuntary - start.involuntary,
        )


@dataclass(frozen=True, slots=True)
class _Ticks:
    wall_s: float
    own_cpu_s: float
    busy_s: float
    steal_s: float
    total_s: float
    involuntary: int

    @classmethod
    def read(cls) -> _Ticks:
        """One look at the clocks. Busy leaves out steal; idle and waiting for the disk are not busy."""
        user, nice, system, idle, iowait, irq, softirq, steal = _machine_s()
        return cls(
            wall_s=time.perf_counter(),
            own_cpu_s=time.process_time(),
            busy_s=user + nice + system + irq + softirq,
            steal_s=steal,
            total_s=user + nice + system + idle + iowait + irq + softirq + steal,
            involuntary=resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw,
        )


def usable_cores() -> list[int]:
    """Numbers of the cores this process may use, ascending; all of the machine where the system does not tell."""
    if not hasattr(os, "sched_getaffinity"):
        return list(range(os.cpu_count() or 1))
    return sorted(os.sched_getaffinity(0))


def busy_s() -> float:
    """Processor seconds all processes of this machine used since it started; 0 where the system does not tell."""
    user, nice, system, _, _, irq, softirq, _ = _machine_s()
    return user + nice + system + irq + softirq


def own_cpu_s() -> float:
    """Processor seconds of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def rss_bytes(pid: int | str = "self") -> int:
    """Resident set of a process now.

    Args:
        pid: Number of the process; ``self`` for this one.

    Returns:
        Bytes; pages shared with other processes are counted, child processes are not.

    Raises:
        OSError: There is no such process, or no /proc.
    """
    return _status_kib("VmRSS", pid) * 1024


def peak_rss_bytes(pid: int | str = "self") -> int:
    """Largest resident set a process had since its program started.

    From /proc and not from ``getrusage``, whose figure a child inherits from the parent it was forked from: a probe
    of 60 MB started by a trainer of 2 GB would be reported as 2 GB.

    Args:
        pid: Number of the process; ``self`` for this one.

    Returns:
        Bytes, counted as by ``rss_bytes``.

    Raises:
        OSError: There is no such process, or no /proc.
    """
    return _status_kib("VmHWM", pid) * 1024


def process_cpu_s(pid: int) -> float:
    """Processor seconds a process has used, user and system, all threads, to a hundredth.

    Args:
        pid: Number of the process.

    Returns:
        Seconds, >= 0; child processes are not counted.

    Raises:
        OSError: There is no such process, or no /proc.
    """
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_kib(field: str, pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise ProcessLookupError(f"process {pid} has ended: no {field}")


def _machine_s() -> list[float]:
    try:
        first = Path("/proc/stat").read_text("utf-8").splitlines()[0]
    except OSError:
        return [0.0] * 8
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in first.split()[1:9]]


def _cpu_facts() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _git_commit() -> str | None:
    """Commit of the working copy this very file is in, with ``-dirty`` where something was changed since."""
    root, git = Path(__file__).parents[3], shutil.which("git")
    if not git or not (root / ".git").exists():
        return None
    command = [git, "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - git itself
    return done.stdout.strip() or None
