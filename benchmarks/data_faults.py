"""Data and people's privacy under faults: one line a row of the reliability goals, with goal and figure.

    python benchmarks/data_faults.py [--quick] [--json] [--only R8,R20 …]

R8   clocks that jump, for loads and for a server        R26  features live = features in bulk
R9   events sent again                                    P3   models after an erasure
R10  events out of order                                  P4   retention
R20  small files made to exhaust memory                   P5   opting out
R21  changes of a shop's files                            P6   small groups
                                                          P7   noise and its ledger

Everything goes through the verbs, the server or the workflows that they call; nothing is imitated. Files and servers
are made in temporary folders and on free ports. ``--quick`` takes smaller logs, fewer days, clocks and bombs, and feeds
those to ``prepare`` alone. P1, P2 and P8 have ``privacy.py``, R19 has ``cutting.py``. R20's seconds are of processor,
since walls mean nothing on a machine that is shared. Ends with 1 where a row is missed.
"""

from __future__ import annotations

import argparse
import atexit
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from fault_bombs import bomb_rows
from fault_events import Served, event_rows, jumping_rows
from fault_loads import clock_rows, drift_rows
from fault_people import opted_out, people_rows
from fault_shop import Row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", help="One JSON line at the end, beside the text.")
    parser.add_argument("--only", default="", help="Ids, as R8,P5.")
    given = parser.parse_args()
    only = {one for one in given.only.split(",") if one}
    rows: list[Row] = []
    for ids, work in PARTS.items():
        if only and not only & set(ids.split()):
            continue
        began = time.process_time()
        for row in work(given.quick):
            rows.append(row)
            print(row, flush=True)
        print(f"     ({time.process_time() - began:.0f} s of this process's own processor)", file=sys.stderr)
    missed = [row.id for row in rows if row.is_kept is False]
    skipped = [row.id for row in rows if row.is_kept is None]
    if given.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
    told = [f"{len(rows) - len(missed) - len(skipped)} of {len(rows)} kept"]
    told += [f"{what}: {', '.join(ids)}" for what, ids in (("missed", missed), ("skipped", skipped)) if ids]
    print("; ".join(told))
    sys.exit(bool(missed))


@cache
def _served() -> Served:
    """One shop for all rows that need a server; run when the first of them asks."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Served(folder)


def _opted_out(quick: bool) -> list[Row]:
    with _served().server("opted") as server:
        return [opted_out(server.address, quick=quick)]


PARTS: dict[str, Callable[[bool], list[Row]]] = {
    "R8": lambda quick: [*clock_rows(quick=quick), *jumping_rows(quick=quick)],
    "R9 R10 R26": lambda quick: event_rows(_served(), quick=quick),
    "R20": lambda quick: bomb_rows(quick=quick),
    "P3 P4 P6 P7": lambda quick: people_rows(quick=quick),
    "P5": _opted_out,
    "R21": lambda quick: drift_rows(_served().folder, quick=quick),
}
"""By the ids of their rows; the last one changes the files of the shop that is served."""


if __name__ == "__main__":
    main()
