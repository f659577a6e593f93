"""The receipt of an erasure: what was deleted, what is to be trained again, and that nothing was found afterwards."""

from __future__ import annotations

from typing import Any

import msgspec

from steelyard.documents.encoding import Source, as_builtins, read_document

__all__ = ["ModelRow", "PlaceRow", "Receipt", "erasure_builtins", "read_erasure"]


class PlaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One place where something was deleted."""

    place: str
    n_rows: int
    """Rows, histories or mentions."""


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A step that fitted a model while the people were known; the model holds no row of theirs."""

    name: str
    digest: str
    """Of the record of the step: another record is another fit."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was done for a request of erasure. It holds no identifier and no pseudonym."""

    format: int = 1
    id: str
    shop: str
    erased_at: str
    """ISO time, UTC."""
    n_people: int
    people: str
    """Stands for the set of them: HMAC of their pseudonyms under the key of the seals."""
    places: tuple[PlaceRow, ...]
    models: tuple[ModelRow, ...]
    """To be fitted again by ``retrain_by``; ``steelyard run`` does, since the data it rests on changed."""
    retrain_by: str
    not_ours: tuple[str, ...]
    """The shop's own files, which stay as they are; a load of them leaves the people out."""
    n_files: int
    """Files that were searched afterwards."""
    n_bytes: int
    n_traces: int
    """Pseudonyms of these people, and of their visits, found there."""
    seconds: float
    seal: str = ""


def read_erasure(source: Source) -> Receipt:
    """The receipt of a document.

    Args:
        source: JSON, or what was parsed from it.

    Returns:
        The receipt; its seal is not checked.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    return read_document(source, Receipt, name="receipt of an erasure", migrations=(dict,))


def erasure_builtins(receipt: Receipt) -> dict[str, Any]:
    """The receipt as JSON's own types."""
    return as_builtins(receipt)
