"""What several changes of one item come to together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET

from steelyard.documents.changes import Batch, ItemChange, Op, Standing

__all__ = ["CONTENT", "fold", "folded", "whole"]

CONTENT = ("title", "description", "category", "brand", "price", "stock", "image", "attributes")
"""Fields of an item that a change may hold."""
_EMPTY = {"title": "", "description": "", "category": (), "brand": "", "price": None, "stock": None, "image": ""}


def whole(change: ItemChange) -> ItemChange:
    """An upsert with every field, empty where none was given; another change as it is."""
    if change.op is not Op.UPSERT:
        return change
    missing: dict[str, object] = {name: _EMPTY.get(name, {}) for name in CONTENT if getattr(change, name) is UNSET}
    return msgspec.structs.replace(change, **missing)


def folded(before: Standing | None, change: ItemChange, number: int) -> Standing:
    """What the changes of an item come to with one more.

    Args:
        before: What they came to; None where this is the first.
        change: The next.
        number: Of the change in its journal.

    Returns:
        Later fields in the place of earlier ones.
    """
    change = whole(change)
    given = {name: value for name in CONTENT if (value := getattr(change, name)) is not UNSET}
    numbers = dict.fromkeys(given, number)
    is_anew = before is None or change.op in (Op.UPSERT, Op.DELETE) or before.change.op is Op.DELETE
    if before is None or is_anew:
        op = change.op if change.op in (Op.UPSERT, Op.DELETE) else Op.PATCH
        return Standing(msgspec.structs.replace(change, op=op), {"op": number, **numbers})
    return Standing(msgspec.structs.replace(before.change, **given), before.numbers | numbers)


def fold(standing: Iterable[Standing], batches: Iterable[Batch]) -> Mapping[str, Standing]:
    """What all changes come to.

    Args:
        standing: From before.
        batches: After it, oldest first.

    Returns:
        By item, in the order in which each was first changed.
    """
    found = {one.change.id: one for one in standing}
    for batch in batches:
        for place, change in enumerate(batch.changes, start=1):
            found[change.id] = folded(found.get(change.id), change, batch.before + place)
    return found
