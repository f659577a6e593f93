"""How fast files are cut into rows: sound ones by the table engine, and a million rows with damage of twenty kinds.

    python benchmarks/cutting.py [ROWS]

Prints rows/s and the peak of memory, and stops where a row is not accounted for.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from steelyard.adapters.shop.sources import Sources
from steelyard.data.schema import Role, Wanted

KINDS = (
    *("none", "quoted comma", "quoted line break", "doubled quotes", "stray quote", "open quote", "inch mark"),
    *("short by one", "short by two", "empty surplus", "surplus", "fragment", "blank line", "CR LF", "lone CR"),
    *("other encoding", "broken bytes", "zero byte", "blank before quote", "one cell"),
)


def damaged(kind: str, i: int) -> tuple[bytes, str]:
    """A line, and where its row must go: kept, quarantined, or both (a row and a bad line after it)."""
    row, name = f"ID{i:07}", f"item {i % 977}"
    plain = f"{row},{name},{i % 500},note"
    lines: dict[str, tuple[str | bytes, str]] = {
        "quoted comma": (f'{row},"{name}, red",3,note', "kept"),
        "quoted line break": (f'{row},"{name}\nin red",3,note', "kept"),
        "doubled quotes": (f'{row},"the ""{name}""",3,note', "kept"),
        "stray quote": (f'{row},"{name}" more,3,note', "kept"),
        "open quote": (f'{row},"{name},3,note', "kept"),
        "inch mark": (f'{row},{name} 5",3,note', "kept"),
        "short by one": (f"{row},{name},3", "kept"),
        "short by two": (f"{row},{name}", "kept"),
        "empty surplus": (f"{plain},,", "kept"),
        "surplus": (f"{plain},more", "quarantined"),
        "fragment": (f"{plain}\na piece, of text", "both"),
        "blank line": (f"{plain}\n", "kept"),
        "CR LF": (f"{plain}\r", "kept"),
        "lone CR": (f"{plain}\r{row},{name},3,note", "two"),
        "other encoding": (f"{row},纯棉毛巾,3,note".encode("gb18030"), "kept"),
        "broken bytes": (plain.encode() + b"\xff\xff", "quarantined"),
        "zero byte": (plain.encode() + b"\0", "kept"),
        "blank before quote": (f'{row}, "{name}, red",3,note', "kept"),
        "one cell": (f"{row}", "quarantined"),
    }
    text, fate = lines.get(kind, (plain, "kept"))
    return (text if isinstance(text, bytes) else text.encode()) + b"\n", fate


def write(path: Path, n_rows: int, share: float) -> Counter[str]:
    """Write the file; every ``1 / share``-th row is damaged, the kinds in turn."""
    fates: Counter[str] = Counter()
    step = int(1 / share) if share else n_rows + 1
    with path.open("wb") as file:
        file.write("id,name 名,price,note\n".encode())
        for i in range(n_rows):
            kind = KINDS[(i // step) % len(KINDS)] if i % step == 0 else "none"
            line, fate = damaged(kind, i)
            fates[fate] += 1
            file.write(line)
    return fates


def main() -> None:
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for share in (0.0, 0.01, 1.0):
            fates = write(folder / "a.csv", n_rows, share)
            with Sources(folder, scratch=folder / "scratch") as sources:
                wanted = Wanted("items", "a.csv", (Role("id", ("id",)), Role("price", ("price",), "number")))
                start, started = time.perf_counter(), time.process_time()
                sources.check([wanted])
                kept = len(sources.keep(sources.scan(wanted, pseudonym=str), "read").select("row").collect())
                took, spent = time.perf_counter() - start, time.process_time() - started
                bad = len(sources.malformed("items"))
                notes = {note.reason: note.count for note in sources.cutting_notes("items")}
            due = (fates["kept"] + fates["both"] + 2 * fates["two"], fates["quarantined"] + fates["both"])
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            speed = f"{n_rows / took:,.0f} rows/s, {took:.1f} s, {spent:.1f} CPU s"
            print(f"{share:.0%} damaged: {speed}, peak {peak:,.0f} MiB")
            print(f"  kept {kept:,} of {due[0]:,}, bad lines {bad:,} of {due[1]:,}; {notes}")
            if (kept, bad) != due:
                sys.exit("a row was lost, or is counted twice")


if __name__ == "__main__":
    main()
