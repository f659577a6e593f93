"""Figures of benchmarks kept as data, so that tables of the documentation are written from them and not by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "measured"


def kept(title: str) -> list[dict[str, Any]]:
    """Rows that were kept before; none where nothing was."""
    path = FOLDER / f"{title}.json"
    return list(json.loads(path.read_text("utf-8"))["rows"]) if path.exists() else []


def keep(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the command, the day, the machine and the code that gave them.

    Args:
        title: Of the file, below ``benchmarks/measured``.
        rows: Each flat; all figures unrounded but for what has no meaning (six digits).
    """
    FOLDER.mkdir(exist_ok=True)
    whole = {
        "command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *map(_short, sys.argv[1:])]),
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "code": _revision(),
        "rows": [{name: _rounded(value) for name, value in row.items()} for row in rows],
    }
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    (FOLDER / f"{title}.json").write_text(text + "\n", "utf-8")


def _short(argument: str) -> str:
    """A path outside the checkout is the reader's own."""
    return "FOLDER" if argument.startswith("/") else argument


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def _revision() -> str:
    here = Path(__file__).parent
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
