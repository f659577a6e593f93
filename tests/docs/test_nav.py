"""Every page of the documentation is reached from its table of contents, and nothing is in it that is no page."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNLISTED = {"decisions"}
"""Folders of records, linked from where they matter."""


def pages_of(nav):
    for entry in nav:
        for target in entry.values():
            yield from pages_of(target) if isinstance(target, list) else [target]


def test_the_table_of_contents_and_the_pages_are_the_same():
    nav = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}

    assert {Path(page) for page in pages_of(nav)} == {page for page in pages if page.parts[0] not in UNLISTED}
