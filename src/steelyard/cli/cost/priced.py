"""The bills that ``steelyard decide`` stored, as the verbs of ``steelyard cost`` need them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from steelyard.errors import ConfigError, StageError

__all__ = ["asked", "of_option", "spread_over", "stored_bills"]

Entry = Mapping[str, Any]

of_option = click.option("--of", "name", metavar="CONFIGURATION", help="Which one; the chosen ones when left out.")


def stored_bills(store: Any) -> tuple[str, Mapping[str, Sequence[Entry]]]:
    """Currency, and the bills by surface.

    Args:
        store: The shop's artefacts.

    Returns:
        ISO currency; by surface, one entry for each configuration that was priced.

    Raises:
        StageError: Nothing was priced yet, or by an older version.
    """
    if not store.has("bills"):
        raise StageError("nothing was priced yet: run `steelyard decide`, or `steelyard run` for all")
    found = store.read_json("bills")
    if not all("per_1000" in entry for entries in found["surfaces"].values() for entry in entries):
        raise StageError("these bills were made by an older version: run `steelyard decide` again")
    return str(found["book"]["currency"]), found["surfaces"]


def asked(store: Any, entries: Mapping[str, Sequence[Entry]], name: str | None) -> Iterator[tuple[str, Entry]]:
    """The entries of one name, or the chosen ones.

    Args:
        store: The shop's artefacts.
        entries: As ``stored_bills`` gives them.
        name: A configuration; ``None`` for the chosen ones.

    Yields:
        Surface and entry.

    Raises:
        ConfigError: No configuration has that name.
    """
    known = [(surface, entry) for surface, found in entries.items() for entry in found]
    if name is None:
        chosen = {(row["surface"], row["chosen"]) for row in store.read_json("decision")["surfaces"]}
        yield from (each for each in known if (each[0], each[1]["name"]) in chosen)
        return
    names = sorted({entry["name"] for _, entry in known})
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3)
        meant = f" did you mean {near[0]}?" if near else ""
        raise ConfigError(f"no configuration {name!r};{meant} known: {', '.join(names)}")
    yield from (each for each in known if each[1]["name"] == name)


def spread_over(store: Any, settings: int) -> int:
    """Months over which the stored bills spread what is paid once.

    Args:
        store: The shop's artefacts.
        settings: What the settings say now, for bills of an older version.

    Returns:
        As it was when the bills were made.
    """
    return int(store.read_json("bills").get("horizon_months", settings))
