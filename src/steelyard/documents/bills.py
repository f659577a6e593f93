"""The monthly bills of all configurations that were priced, line by line: artefact ``bills``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from steelyard.documents.earlier_lines import with_key
from steelyard.documents.encoding import Source, as_builtins, read_document
from steelyard.domain import FactKind, LineKey, Stage

__all__ = [
    "BillDocument",
    "BillEntry",
    "BillRow",
    "Book",
    "ExplainedRow",
    "PerThousand",
    "bills_builtins",
    "read_bills",
]


class Book(msgspec.Struct, frozen=True):
    """The price book behind a bill."""

    name: str
    as_of: str
    """Day of its oldest price."""
    currency: str
    """ISO 4217 code."""


class PerThousand(msgspec.Struct, frozen=True):
    """Cost of 1,000 requests, three ways; ``None`` where it is not known."""

    marginal: Decimal | None = None
    """Processor time of the requests alone."""
    at_capacity: Decimal | None = None
    """On a machine that is as busy as the limits allow."""
    fully_loaded: Decimal | None = None
    """Idle time, spare machines, people and training included."""


class BillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a bill: quantity × unit price."""

    stage: Stage
    key: LineKey
    detail: str = ""
    item: str
    """What is paid for, as a sentence."""
    item_zh: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    """``None`` where no price is known; it is not free."""
    cost: Decimal | None
    kind: FactKind | None
    """Of the price."""
    quantity_kind: FactKind
    quantity_source: str = ""
    source: str
    """Where the price was read, after its name; or what was looked for."""
    as_of: date | None
    is_one_off: bool
    """The whole amount falls once, and this is one month's share of it."""

    @property
    def price_name(self) -> str:
        """Name of the price in its book."""
        return self.source.split(": ", 1)[0]


class ExplainedRow(BillRow, frozen=True, kw_only=True):
    """A line with what it rests on."""

    line_kind: FactKind | None = None
    """The weakest of what went into it; ``None`` without a price."""
    explained: str = ""
    """A tree in text, down to what was measured, quoted or assumed."""


class BillEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What one configuration costs a month."""

    name: str
    instance: str | None
    """Machine type; ``None`` where none carries the load."""
    replicas: int | None
    monthly: Decimal | None
    """``None`` where a line has no price, or there is no bill: a partial sum would read as cheaper."""
    unpriced: tuple[str, ...] = ()
    """What has no price, as sentences."""
    unpriced_zh: tuple[str, ...] = ()
    per_1000: PerThousand
    per_1000_explained: dict[str, str] = {}
    """By name of the way: a tree in text."""
    lines: tuple[ExplainedRow, ...] = ()


class BillDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All bills, by surface."""

    format: int = 1
    book: Book
    horizon_months: int | None = None
    """Over so many months the bills spread what is paid once; ``None`` where an early version did not say."""
    surfaces: dict[str, tuple[BillEntry, ...]]


def read_bills(source: Source) -> BillDocument:
    """The bills of a document, of any format.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The bills.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, BillDocument, name="document of bills", migrations=(_with_keys,))


def bills_builtins(document: BillDocument) -> dict[str, Any]:
    """The document as JSON's own types."""
    return as_builtins(document)


def _with_keys(value: dict[str, Any]) -> dict[str, Any]:
    """Format 0 knew lines by their sentence."""
    surfaces = {
        surface: [{**entry, **_entry(entry)} for entry in entries] for surface, entries in value["surfaces"].items()
    }
    return value | {"surfaces": surfaces}


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    lines = [with_key(line) for line in entry["lines"]]
    said = {line["item"]: line["item_zh"] for line in lines}
    return {"lines": lines, "unpriced_zh": [said.get(item, item) for item in entry["unpriced"]]}
