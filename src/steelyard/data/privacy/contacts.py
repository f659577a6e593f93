"""Texts of the log in which a person wrote who they are are emptied before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.privacy.patterns import EMAIL, HIDDEN, NAMES_A_PERSON
from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort, Wanted

__all__ = ["contact_finding", "without_contacts"]

_EMPTIED = frozenset({"query", "platform"})
"""May be missing: emptied where they name a person. Other texts get ``HIDDEN``, and fail their own checks."""
_MARK = "_names_person"


_LATEST_S = 4e9
"""A time after the year 2096 is none: a telephone number reads as one."""


_LARGEST = 999_999.0
"""A larger number may be a telephone number."""


def without_contacts(frame: Frame, wanted: Wanted, *, items: Frame | None = None) -> Frame:
    """The log's rows without texts that name people.

    Args:
        frame: As scanned; identifiers are pseudonyms already.
        wanted: The roles that were read.
        items: The catalogue with its ``item_id``. Where one of them looks like a number of a person, such identifiers
            in the log are left alone.

    Returns:
        The same rows, those that were changed marked in a column ``_names_person``. A text that may be missing is empty
        now, another is ``***``; a number whose text named a person is unknown.
    """
    of_items = _looks_of_items(items)
    marks, texts = [], []
    for role in wanted.roles:
        if role.is_personal:
            continue
        for name in role.outputs if role.kind == "text" else (f"{role.name}_text",):
            found = _matches(name, of_items if name == "item_id" else NAMES_A_PERSON)
            if role.kind != "text":  # what was read as an ordinary number or time names nobody, and is most of the log
                most = _LATEST_S if role.kind == "time" else _LARGEST
                is_odd = nw.col(role.name).is_null() | (nw.col(role.name) > most)
                found = nw.when(is_odd).then(found).otherwise(nw.lit(value=False))
            marks.append(found)
            kept = nw.lit(None, dtype=nw.String) if name in _EMPTIED else nw.lit(HIDDEN)
            texts.append(nw.when(found).then(kept).otherwise(nw.col(name)).alias(name))
            if role.kind != "text":
                unknown = nw.lit(None, dtype=nw.Float64)
                texts.append(nw.when(found).then(unknown).otherwise(nw.col(role.name)).alias(role.name))
    if not texts:
        return frame
    any_of = marks[0]
    for mark in marks[1:]:
        any_of = any_of | mark
    return frame.with_columns(nw.when(any_of).then(nw.lit(1)).otherwise(nw.lit(0)).alias(_MARK), *texts)


def contact_finding(sources: SourcePort, frame: Frame, *, table: str) -> Sequence[Finding]:
    """What to say of the rows whose texts named people: how many, and never which.

    Args:
        sources: Computes.
        frame: What ``without_contacts`` gave, stored.
        table: Name in the finding.

    Returns:
        One finding, or none.
    """
    if _MARK not in frame.collect_schema().names():
        return ()
    counted = sources.arrays(frame.select(nw.len().alias("n"), nw.col(_MARK).sum().alias("found")))
    n, found = int(counted["n"][0]), int(counted["found"][0] or 0)
    says = "a text named a person (e-mail, telephone, card, identity number, own identifier); emptied, stored nowhere"
    return (Finding(table, "text_names_person", "warning", "flag", found, found / n, says),) if found else ()


def _looks_of_items(items: Frame | None) -> str:
    """What an item's identifier must not look like."""
    if items is None:
        return NAMES_A_PERSON
    alike = items.filter(_matches("item_id", NAMES_A_PERSON)).head(1).collect()
    return EMAIL if len(alike) else NAMES_A_PERSON


def _matches(name: str, pattern: str) -> nw.Expr:
    """True where a text names a person, or was hidden already since it held the person's own identifier."""
    found = nw.col(name).str.contains(pattern) | (nw.col(name) == nw.lit(HIDDEN))
    return nw.coalesce(found, nw.lit(value=False))
