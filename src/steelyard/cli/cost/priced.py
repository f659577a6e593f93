"""The bills that ``steelyard decide`` stored, as the verbs of ``steelyard cost`` need them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from steelyard.errors import ConfigError, StageError

__all__ = ["SHOP", "asked", "left_out_sentences", "of_option", "shop_total", "spread_over", "stored_bills"]

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


SHOP = "shop"
"""Stands where a row is of all surfaces together."""


def shop_total(store: Any) -> Mapping[str, Any] | None:
    """The bill of the whole shop, as the decision holds it.

    Args:
        store: The shop's artefacts.

    Returns:
        ``monthly``, ``lines``, ``instance``, ``left_out`` …; ``None`` where nothing was decided, or long ago.
    """
    total: Mapping[str, Any] | None = store.read_json("decision").get("total") if store.has("decision") else None
    return total if total is not None and "lines" in total else None


def left_out_sentences(total: Mapping[str, Any]) -> Iterator[str]:
    """What a bill does not hold, and how to put it there."""
    parts = total.get("left_out") or ()
    if not parts:
        return
    yield "Not in this bill:"
    for each in parts:
        switch = f" ({each['switch']})" if each["switch"] else ""
        yield f"  {each['text']}{switch}"


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
