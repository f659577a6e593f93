"""Item ids that were written otherwise than in the catalogue: 7.0 for 7, 1E+05, lost zeros, other case, blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["AS_DATE", "LOST_DIGITS", "WRITTEN", "match_items", "normal_id", "repair_of", "repairs_said"]

WRITTEN = "_written_as"
"""Column with the kind of repair; null where the id is the catalogue's own."""
LOST_DIGITS = r"^\d([.,]\d+)?[eE]\+\d{2,}$"
"""A table tool's form of long numbers; most of its digits may be gone."""

AS_DATE = (
    r"^(?:\d{1,2}[-. ])?(?i:jan|feb|mar|apr|may|mai|jun|jul|aug|sept?|oct|okt|nov|dec|dez)(?:[-. ]\d{1,4})?$"
    r"|^\d{1,2}月\d{1,2}日$"
)
"""A table tool's form of ids such as ``MAR1`` and ``3-1``."""

_FLOAT = re.compile(r"([+-]?\d+)\.0+")
_EXPONENT = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:'\d{3})+")
_GUARDS = "'\"=`´’‘“”"
"""Signs that table tools and people put around an id to keep it as it is."""
_ROUNDED = (2, 5)
"""Decimals that spreadsheets cut such numbers to."""
_PREFIX = re.compile(r".*[-_:/# .]|[^\W\d]+(?=\d|$)")
_MANY = 0.5
"""Share of the ids that must be unknown still before a prefix is looked for."""
_BLANK = re.compile(r"\s+")
_MAX_EXPONENT = 30


def normal_id(item_id: str) -> str:
    """The id without what table tools and people add or lose.

    That is case, blanks, quotation marks, ``.0``, exponents, marks between thousands and leading zeros.

    Args:
        item_id: As written.

    Returns:
        Equal for ids that may mean the same item; empty where digits were lost, so that nothing may be matched to it.
    """
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", item_id)).casefold().strip(_GUARDS)
    if found := _FLOAT.fullmatch(plain):
        plain = found[1]
    elif found := _EXPONENT.fullmatch(plain):
        decimals, exponent = len(found[2] or ""), int(found[3])
        if exponent > _MAX_EXPONENT or (decimals in _ROUNDED and exponent > decimals) or exponent < decimals:
            return ""
        plain = f"{Decimal(plain.replace(',', '.')):f}"
    elif _GROUPED.fullmatch(plain):
        plain = re.sub(r"\D", "", plain)
    return (plain.lstrip("0") or "0") if plain.isdigit() else plain


def repair_of(written: str, item_id: str) -> str:
    """In one word what differs between an id as written and the catalogue's."""
    plain = unicodedata.normalize("NFKC", written)
    closed, known = (_BLANK.sub("", unicodedata.normalize("NFKC", text)) for text in (written, item_id))
    kinds = (
        (".0", _FLOAT.fullmatch(plain.strip())),
        ("1E+05", _EXPONENT.fullmatch(plain.strip())),
        ("1,234", _GROUPED.fullmatch(closed) and not _GROUPED.fullmatch(known)),
        ("blanks", closed == known),
        ("quotes", closed.strip(_GUARDS) == known.strip(_GUARDS)),
        ("case", closed.casefold() == known.casefold()),
    )
    return next((kind for kind, is_so in kinds if is_so), "zeros")


def match_items(sources: SourcePort, frame: Frame, items: Frame, *, table: str) -> Frame:
    """The frame with the catalogue's id in ``item_id``, repaired where the whole column and the catalogue decide it.

    An id that the catalogue has is never touched. Of the others one is repaired when exactly one id of the catalogue
    has its normal form (see ``normal_id``). Lost or added zeros and other case are repaired only where no id of the
    column that matched as it stands (for case: of the catalogue) shows that they are part of the name; a prefix only
    where most ids of the column are without match.

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
    matched = sources.table(f"{table}_ids").filter(~nw.col("_known").is_null())
    made = _repairs(sources, unknown, matched=matched, items=items) if unknown else {}
    with sources.writing({"item_id": "text", "_id": "text", WRITTEN: "text"}, name=f"{table}_repairs") as rows:
        columns = [list(made), [item_id for item_id, _ in made.values()], [kind for _, kind in made.values()]]
        rows.write(dict(zip(("item_id", "_id", WRITTEN), columns, strict=True)))
    frame = frame.join(sources.table(f"{table}_repairs"), on="item_id", how="left")
    return frame.with_columns(nw.coalesce(nw.col("_id"), nw.col("item_id")).alias("item_id")).drop("_id")


def repairs_said(sources: SourcePort, *, table: str) -> str:
    """Examples of what ``match_items`` repaired, one of each kind; empty where it repaired nothing."""
    found: dict[str, str] = {}
    for batch in sources.batches(sources.table(f"{table}_repairs").sort("item_id")):
        for written, item_id, kind in zip(batch["item_id"], batch["_id"], batch[WRITTEN], strict=True):
            found.setdefault(kind, f"{written!r} for {item_id!r}")
    return ", ".join(found.values())


def _repairs(
    sources: SourcePort, unknown: Sequence[str], *, matched: Frame, items: Frame
) -> dict[str, tuple[str, str]]:
    """The catalogue's id of those that are written otherwise, and the kind of repair."""
    forms = {normal_id(written) for written in unknown} - {""}
    owners = _owners(_ids(sources, items), forms) if forms else {}
    repairs = {written: owners.get(normal_id(written)) for written in unknown}
    found = {written: (item_id, repair_of(written, item_id)) for written, item_id in repairs.items() if item_id}
    kinds = {kind for _, kind in found.values()}
    meant = set(_meant(_ids(sources, matched), "zeros", kinds))
    meant |= set(_meant(_ids(sources, items), "case", kinds)) if "case" in kinds else set()
    made = {written: pair for written, pair in found.items() if pair[1] not in meant}
    left = [written for written in unknown if written not in found]
    n_matched = len(found) + sum(1 for _ in _ids(sources, matched))
    if len(left) >= _MANY * (len(left) + n_matched):
        made |= _prefixed(left, list(_ids(sources, items)))
    return made


def _prefixed(unknown: Sequence[str], item_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Ids that lack what every id of the catalogue begins with, or begin with what none of it has."""
    of_items, of_log = _prefix(item_ids), _prefix(unknown)
    if of_items.endswith(of_log):
        of_items, of_log = of_items[: len(of_items) - len(of_log)], ""
    elif of_log.endswith(of_items):
        of_items, of_log = "", of_log[: len(of_log) - len(of_items)]
    if bool(of_items) == bool(of_log):
        return {}  # P1 is not Q1
    owners: dict[str, str | None] = {}
    for item_id in item_ids:
        form = normal_id(item_id[len(of_items) :])
        owners[form] = None if form in owners else item_id
    found = {written: owners.get(normal_id(written[len(of_log) :])) for written in unknown}
    made = {written: (item_id, "prefix") for written, item_id in found.items() if item_id}
    return made if len(made) >= _MANY * len(unknown) else {}


def _prefix(item_ids: Sequence[str]) -> str:
    """What all of several ids begin with up to a mark, or to the first digit: ``SKU-``, ``gid://shop/Product/``."""
    if len(item_ids) < 2:
        return ""
    shared = _shared(min(item_ids), max(item_ids))
    found = _PREFIX.match(shared)
    return found[0] if found else ""


def _shared(first: str, last: str) -> str:
    n = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:n]


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
