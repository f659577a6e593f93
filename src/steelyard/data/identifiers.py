"""Item ids that were written otherwise than in the catalogue: 7.0 for 7, 1E+05, lost zeros, other case, blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["LOST_DIGITS", "WRITTEN", "match_items", "normal_id", "repair_of"]

WRITTEN = "_written_as"
"""Column with the kind of repair; null where the id is the catalogue's own."""
LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2,}")
"""A table tool's form of long numbers; most of its digits may be gone."""

_FLOAT = re.compile(r"([+-]?\d+)\.0+")
_EXPONENT = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_ROUNDED = (2, 5)
"""Decimals that spreadsheets cut such numbers to."""
_BLANK = re.compile(r"\s+")
_MAX_EXPONENT = 30


def normal_id(item_id: str) -> str:
    """The id without what table tools and people add or lose: case, blanks, ``.0``, exponents, leading zeros.

    Args:
        item_id: As written.

    Returns:
        Equal for ids that may mean the same item; empty where digits were lost, so that nothing may be matched to it.
    """
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", item_id)).casefold().strip("'")
    if found := _FLOAT.fullmatch(plain):
        plain = found[1]
    elif found := _EXPONENT.fullmatch(plain):
        decimals, exponent = len(found[2] or ""), int(found[3])
        if exponent > _MAX_EXPONENT or (decimals in _ROUNDED and exponent > decimals) or exponent < decimals:
            return ""
        plain = f"{Decimal(plain):f}"
    return (plain.lstrip("0") or "0") if plain.isdigit() else plain


def repair_of(written: str, item_id: str) -> str:
    """In one word what differs between an id as written and the catalogue's."""
    plain = unicodedata.normalize("NFKC", written)
    if _FLOAT.fullmatch(plain.strip()):
        return ".0"
    if _EXPONENT.fullmatch(plain.strip()):
        return "1E+05"
    if _BLANK.sub("", plain) == _BLANK.sub("", unicodedata.normalize("NFKC", item_id)):
        return "blanks"
    if _BLANK.sub("", plain).casefold() == _BLANK.sub("", item_id).casefold():
        return "case"
    return "zeros"


def match_items(sources: SourcePort, frame: Frame, items: Frame, *, table: str) -> Frame:
    """The frame with the catalogue's id in ``item_id``, repaired where the whole column and the catalogue decide it.

    An id that the catalogue has is never touched. Of the others one is repaired when exactly one id of the catalogue
    has its normal form (see ``normal_id``). Lost or added zeros and other case are repaired only where no id of the
    column that matched as it stands (for case: of the catalogue) shows that they are part of the name.

    Args:
        sources: For intermediate tables.
        frame: Has ``item_id``.
        items: The catalogue, with ``item_id``.
        table: Name of the frame's table.

    Returns:
        The frame with ``item_id`` as the catalogue writes it, and ``_written_as``: what was repaired, null elsewhere.
    """
    known = items.select("item_id", nw.lit(1).alias("_known"))
    distinct = frame.filter(~nw.col("item_id").is_null()).select("item_id").unique()
    distinct = sources.keep(distinct.join(known, on="item_id", how="left"), f"{table}_ids")
    unknown = _ids(sources, distinct.filter(nw.col("_known").is_null()))
    forms = {normal_id(written) for written in unknown} - {""}
    owners = _owners(_ids(sources, items), forms) if forms else {}
    repairs = {written: owners.get(normal_id(written)) for written in unknown}
    found = {written: item_id for written, item_id in repairs.items() if item_id}
    kinds = {written: repair_of(written, item_id) for written, item_id in found.items()}
    meant = set(_meant(_ids(sources, distinct.filter(~nw.col("_known").is_null())), "zeros", set(kinds.values())))
    meant |= set(_meant(_ids(sources, items), "case", set(kinds.values()))) if "case" in kinds.values() else set()
    made = {written: item_id for written, item_id in found.items() if kinds[written] not in meant}
    with sources.writing({"item_id": "text", "_id": "text", WRITTEN: "text"}, name=f"{table}_repairs") as rows:
        columns = [list(made), list(made.values()), [kinds[written] for written in made]]
        rows.write(dict(zip(("item_id", "_id", WRITTEN), columns, strict=True)))
    frame = frame.join(sources.table(f"{table}_repairs"), on="item_id", how="left")
    return frame.with_columns(nw.coalesce(nw.col("_id"), nw.col("item_id")).alias("item_id")).drop("_id")


def _ids(sources: SourcePort, frame: Frame) -> list[str]:
    return [item_id for batch in sources.batches(frame.select("item_id")) for item_id in batch["item_id"]]


def _owners(item_ids: Iterable[str], forms: set[str]) -> dict[str, str | None]:
    """For each wanted normal form the catalogue's id; ``None`` where several share it."""
    owners: dict[str, str | None] = {}
    for item_id in item_ids:
        form = normal_id(item_id)
        if form in forms:
            owners[form] = None if form in owners else item_id
    return owners


def _meant(item_ids: Iterable[str], kind: str, kinds: set[str]) -> Iterator[str]:
    """The kind of repair, where these ids show that what it would change is part of the name."""
    if kind not in kinds:
        return
    seen: set[str] = set()
    for item_id in item_ids:
        is_padded = kind == "zeros" and item_id.isdigit() and item_id.startswith("0") and len(item_id) > 1
        if is_padded or (kind == "case" and item_id.casefold() in seen):
            yield kind
            return
        seen.add(item_id.casefold())
