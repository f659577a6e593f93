"""Prints the rooms of the code and their imports as a Mermaid diagram; ``--write`` puts it into ARCHITECTURE.md.

Anyone can run it: ``.venv/bin/python docs/rooms.py``. It reads the code with grimp, which import-linter brings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PACKAGE = "steelyard"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- docs/rooms.py begins -->", "<!-- docs/rooms.py ends -->"
GROUND = frozenset({"errors", "domain"})
"""Nearly every room imports them; their arrows would hide the others."""
ROUNDED = 500
"""Lines are told to so many, so that the diagram does not change with every commit."""


def rooms() -> dict[str, int]:
    """Rooms of the package and their lines, tests not counted."""
    source = ROOT / "src" / PACKAGE
    found = {}
    for path in sorted(source.iterdir()):
        files = list(path.rglob("*.py")) if path.is_dir() else [path] if path.suffix == ".py" else []
        if files and not path.name.startswith("__"):
            found[path.stem] = sum(len(file.read_text("utf-8").splitlines()) for file in files)
    return found


def imports(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each room the rooms it imports, itself left out."""
    graph = grimp.build_graph(PACKAGE)
    found: dict[str, set[str]] = {name: set() for name in names}
    for module in graph.modules:
        above = _room(module)
        for below in graph.find_modules_directly_imported_by(module) if above in found else ():
            found[above].add(_room(below))
    return {name: tuple(sorted((found[name] & set(names)) - {name})) for name in names}


def floors(below: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Height of each room: one above the highest that it imports."""
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max((height(each) for each in below[name]), default=-1)
        return heights[name]

    return {name: height(name) for name in below}


def diagram(lines: Mapping[str, int], below: Mapping[str, Sequence[str]]) -> str:
    """A Mermaid flow chart, from the doors down to the ground."""
    heights = floors(below)
    order = sorted(lines, key=lambda name: (-heights[name], name))
    nodes = [f'    {name}["{name}<br/>{_about(lines[name])}"]' for name in order]
    return "\n".join(["flowchart TB", *nodes, *_arrows(order, below)]) + "\n"


def between(page: str) -> str:
    """What stands between the marks of a page."""
    return page.partition(BEGIN)[2].partition(END)[0]


def block() -> str:
    """What is to stand between the marks."""
    lines = rooms()
    return f"\n```mermaid\n{diagram(lines, imports(list(lines)))}```\n"


def without_lines(text: str) -> list[str]:
    """Rooms and arrows alone, for comparing."""
    return [line.partition("<br/>")[0] for line in text.splitlines()]


def _arrows(order: Sequence[str], below: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in order:
        shown = [each for each in below[name] if each not in GROUND]
        if shown:
            yield f"    {name} --> {' & '.join(shown)}"


def _room(module: str) -> str:
    return f"{module}.".split(".")[1]


def _about(n: int) -> str:
    return f"{round(n / ROUNDED) * ROUNDED:,} lines" if n >= ROUNDED / 2 else f"under {ROUNDED // 2} lines"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text("utf-8")
        PAGE.write_text(f"{page.partition(BEGIN)[0]}{BEGIN}{block()}{END}{page.partition(END)[2]}", "utf-8")
    else:
        sys.stdout.write(between(f"{BEGIN}{block()}{END}"))
