"""The bills that ``steelyard decide`` stored, as the verbs of ``steelyard cost`` need them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from steelyard.documents.bills import BillDocument, BillEntry, read_bills
from steelyard.documents.decision import read_decision
from steelyard.documents.total import Total
from steelyard.errors import ArtefactError, ConfigError, StageError
from steelyard.workflows.ports import Store

__all__ = ["SHOP", "asked", "shop_total", "spread_over", "stored_bills"]

SHOP = "shop"
"""Stands where a row is of all surfaces together."""


def stored_bills(store: Store) -> tuple[str, Mapping[str, Sequence[BillEntry]]]:
    """Currency, and the bills by surface.

    Args:
        store: The shop's artefacts.

    Returns:
        ISO currency; by surface, one entry for each configuration that was priced.

    Raises:
        StageError: Nothing was priced yet, or by an older version.
    """
    found = _document(store)
    return found.book.currency, found.surfaces


def _document(store: Store) -> BillDocument:
    if not store.has("bills"):
        raise StageError("nothing was priced yet: run `steelyard decide`, or `steelyard run` for all")
    try:
        return read_bills(store.read_json("bills"))
    except ArtefactError as error:
        raise StageError(f"these bills were made by another version: run `steelyard decide` again ({error})") from error


def shop_total(store: Store) -> Total | None:
    """The bill of the whole shop, as the decision holds it.

    Args:
        store: The shop's artefacts.

    Returns:
        ``None`` where nothing was decided, or so long ago that the total has no lines.
    """
    total = read_decision(store.read_json("decision")).total if store.has("decision") else None
    return total if total is not None and (total.lines or total.note) else None


def asked(
    store: Store, entries: Mapping[str, Sequence[BillEntry]], name: str | None
) -> Iterator[tuple[str, BillEntry]]:
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
        chosen = {(row.surface, row.chosen) for row in read_decision(store.read_json("decision")).surfaces}
        yield from (each for each in known if (each[0], each[1].name) in chosen)
        return
    names = sorted({entry.name for _, entry in known})
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3)
        meant = f" did you mean {near[0]}?" if near else ""
        raise ConfigError(f"no configuration {name!r};{meant} known: {', '.join(names)}")
    yield from (each for each in known if each[1].name == name)


def spread_over(store: Store, settings: int) -> int:
    """Months over which the stored bills spread what is paid once.

    Args:
        store: The shop's artefacts.
        settings: What the settings say now, for bills of an older version.

    Returns:
        As it was when the bills were made.
    """
    return _document(store).horizon_months or settings
