"""Processor seconds of each verb of ``steelyard cost`` that simulates nothing: its help, and one real call of some.

    python benchmarks/cost_verbs.py

Each verb runs in a process of its own, on a shop that the script makes. Processor seconds depend on the machine and on
what else it does: beside each figure stands that of an empty Python process. The verbs are to stay at or below 1 s on a
quiet machine.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from steelyard.cli.cost import VERBS

_SHOP = """
[shop]
name = "toy"
currency = "USD"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
_ADD = "--id 1 --text EC2 --amount 120.50 --currency USD --stage serving --source bill --on 2026-11-21"
_CALLS = (
    f"ledger add {_ADD}",
    "ledger book",
    "ledger balances --month 2026-11",
    "ledger entries --month 2026-11",
    "ledger allocate --month 2026-11",
    "ledger reverse 1 --text wrong --on 2026-11-22",
    "budget set --amount 100 --currency USD --from 2026-11",
    "budget show --from 2026-11 --on 2026-11-21",
    "focus --out costs.csv",
    "ledger close 2026-11",
)


def processor_s(*words: str, folder: Path) -> float:
    """Processor seconds of one Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], cwd=folder, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a line a verb."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "steelyard.toml").write_text(_SHOP, "utf-8")
        (folder / "items.csv").write_text("id,title\n1,kettle\n", "utf-8")
        calls = [f"{verb} --help" for verb in VERBS] + list(_CALLS)
        print(f"{'an empty process':<60} {processor_s('-c', 'pass', folder=folder):6.2f} s")
        for call in calls:
            words = ("-m", "steelyard", "cost", *call.split())
            print(f"cost {call[:54]:<55} {processor_s(*words, folder=folder):6.2f} s", flush=True)


if __name__ == "__main__":
    main()
