"""Item ids of a log that may have lost leading zeros, where the catalogue has both ``0123`` and ``123``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Check

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["twin_check", "with_twins"]

_PADDED = r"^0+[1-9]\d*$"
_TWIN = "_has_twin"


def with_twins(sources: SourcePort, frame: Frame, items: Frame, *, table: str) -> Frame:
    """The frame with a mark on rows whose item has a twin that differs in leading zeros alone.

    Args:
        sources: Has the different ids of the table, as ``match_items`` leaves them.
        frame: Has ``item_id`` as the catalogue writes it.
        items: The catalogue, with ``item_id``.
        table: Name of the frame's table.

    Returns:
        No row is marked where some id of the table has leading zeros, since those are then written.
    """
    padded = items.filter(nw.col("item_id").str.contains(_PADDED)).select("item_id")
    written = sources.table(f"{table}_ids").filter(nw.col("item_id").str.contains(_PADDED))
    bare: set[str] = set()
    if not len(written.head(1).collect()):
        for batch in sources.batches(padded):
            bare |= {item_id.lstrip("0") for item_id in batch["item_id"]}
    if not bare:
        return frame.with_columns(nw.lit(None, dtype=nw.Int64()).alias(_TWIN))
    with sources.writing({"item_id": "text", _TWIN: "int"}, name=f"{table}_twins") as rows:
        rows.write({"item_id": sorted(bare), _TWIN: [1] * len(bare)})
    return frame.join(sources.table(f"{table}_twins"), on="item_id", how="left")


def twin_check() -> Check:
    """The check that counts the rows that ``with_twins`` marks."""
    return Check(
        "event_item_twins",
        "warning",
        "flag",
        nw.col(_TWIN) == 1,
        "CHECK the catalogue has this item id also with leading zeros, and no id of the log has any, so they may have "
        "been lost; read as the item without zeros",
        values_of="item_id",
    )
