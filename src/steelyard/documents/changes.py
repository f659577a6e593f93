"""Changes of the catalogue as the journal keeps them: what each item became, in batches that hold whole or not at all.

Everything was read by the rules of ``data.changes`` before it is written here: texts are clean, prices are in the
shop's currency, stock is in pieces.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from steelyard.documents.encoding import as_builtins
from steelyard.errors import ArtefactError, AskError

__all__ = [
    "FORMAT",
    "Batch",
    "Beginning",
    "HeldChanges",
    "ItemChange",
    "Op",
    "Standing",
    "Token",
    "batch_from",
    "beginning_from",
    "held_builtins",
    "held_from",
    "line_json",
    "read_token",
]

FORMAT = 1

_TOKEN = re.compile(r"([0-9a-f]{16})-(\d{1,15})", re.ASCII)


class Op(StrEnum):
    """What is done to an item."""

    UPSERT = "upsert"
    """The whole item: what is not given is empty afterwards. A new one is added."""
    PATCH = "patch"
    """Some fields of an item; the others stay."""
    PRICE = "price"
    """Its price alone."""
    STOCK = "stock"
    """Its stock alone."""
    DELETE = "delete"
    """The item is no longer of the catalogue."""


class ItemChange(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One change of one item; a field that is not given stays as it is."""

    op: Op
    id: str
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    category: tuple[str, ...] | UnsetType = UNSET
    brand: str | UnsetType = UNSET
    price: str | UnsetType | None = UNSET
    """Exact decimal in the shop's currency; null where none is known."""
    stock: int | UnsetType | None = UNSET
    """Pieces; null where the shop does not say, which counts as available."""
    image: str | UnsetType = UNSET
    attributes: dict[str, str] | UnsetType = UNSET


class Batch(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Changes of one request: all of them hold, from one moment on."""

    last: int
    """Number of its last change; the first change of a journal is number 1."""
    at: str
    """When it was taken, with time zone."""
    changes: tuple[ItemChange, ...]
    key: str = ""
    """By which the sender may repeat the request; empty where it gave none."""
    digest: str = ""
    """Of what was sent under the key."""

    @property
    def before(self) -> int:
        """Number of the last change of the batch before."""
        return self.last - len(self.changes)


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that the changes of one item come to together."""

    change: ItemChange
    numbers: dict[str, int]
    """By field, the number of the change that it comes from; ``op`` for the item as a whole."""


class Beginning(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """First line of a journal."""

    journal: str
    """Sixteen digits that name it."""
    last: int = 0
    """All changes up to this number are in a bundle, and are no longer here one by one."""
    standing: tuple[Standing, ...] = ()
    """What they come to, where the shop's own files have not taken it over yet: the next load needs it."""
    keys: dict[str, tuple[str, int]] = {}
    """Keys of the latest requests: the digest of what was sent, and the number of its last change."""
    format: int = 1


class HeldChanges(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a load took over of a journal: ``changes.json`` of the artefact ``data``."""

    token: str
    """The moment of the journal; empty where there was none."""
    known: dict[str, dict[str, tuple[int, str]]] = {}
    """By item and field, the number of the change, and what the shop's file held when it was first taken over."""
    settled: tuple[str, ...] = ()
    """Items of which nothing has to stand any longer: the file has what was changed, or has moved on."""


class Token(msgspec.Struct, frozen=True):
    """A moment of a journal: all changes up to a number."""

    journal: str
    """Sixteen digits that name the journal."""
    last: int

    def __str__(self) -> str:
        return f"{self.journal}-{self.last}"


def read_token(text: str) -> Token:
    """A token as it was given to whoever sent a change.

    Args:
        text: What ``str`` of a token gave.

    Returns:
        The moment it stands for.

    Raises:
        AskError: It is none.
    """
    found = _TOKEN.fullmatch(text.strip())
    if found is None:
        raise AskError(
            "bad_token", f"after={text[:64]!r} is no token: send what the answer to a change gave as `token`"
        )
    return Token(found[1], int(found[2]))


def held_builtins(held: HeldChanges) -> dict[str, Any]:
    """As JSON holds it."""
    return as_builtins(held)


def held_from(stored: object) -> HeldChanges:
    """What a load took over.

    Args:
        stored: What ``held_builtins`` gave.

    Returns:
        The document.

    Raises:
        ArtefactError: It is of another form.
    """
    try:
        return msgspec.convert(stored, HeldChanges)
    except msgspec.ValidationError as error:
        raise ArtefactError(f"what a load took over of the changes cannot be read ({error}): prepare again") from error


def line_json(line: Batch | Beginning) -> bytes:
    """A line of a journal, as JSON without a line end."""
    return msgspec.json.encode(line)


def beginning_from(line: bytes) -> Beginning:
    """The first line of a journal.

    Args:
        line: What ``line_json`` gave.

    Returns:
        The beginning.

    Raises:
        ArtefactError: It is of another form.
    """
    try:
        found = msgspec.json.decode(line, type=Beginning)
    except msgspec.MsgspecError as error:
        raise ArtefactError(f"a journal of changes begins otherwise ({error}): a newer version wrote it") from error
    if found.format != FORMAT:
        raise ArtefactError(f"a journal of changes has format {found.format}, this version knows {FORMAT}")
    return found


def batch_from(line: bytes) -> Batch:
    """The batch of a line.

    Args:
        line: What ``line_json`` gave.

    Returns:
        The batch.

    Raises:
        ArtefactError: It is of another form.
    """
    try:
        return msgspec.json.decode(line, type=Batch)
    except msgspec.MsgspecError as error:
        raise ArtefactError(f"a change of the catalogue cannot be read ({error}): a newer version wrote it") from error
