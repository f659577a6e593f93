"""Texts in which a person wrote who they are: e-mail addresses, telephone, card and identity numbers.

A query is kept as typed, so what people type by mistake (an address in the search box, a number pasted from a message)
would be stored raw. Such a text is emptied before anything is stored. The patterns are those both of Python and of the
table engine. Numbers that shops use are left alone: 8, 12, 13 and 14 digits without blanks are trade item numbers, 10 digits
are book numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.quality import Finding

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort, Wanted

__all__ = ["NAMES_A_PERSON", "contact_finding", "names_a_person", "without_contacts"]

_EMAIL = r"[^\s@＠<>\"',;:]+[@＠][^\s@＠<>\"',;:]+[.．。][^\s@＠<>\"',;:.]{2,}"
_NUMBERS = (
    r"\b1[3-9][0-9]{9}\b",  # a Chinese mobile number
    r"\b1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}\b",
    r"(^|[^0-9A-Za-z])(\+|00)[1-9][0-9 ().-]{6,18}[0-9]\b",  # with the code of a country
    r"\b0[1-9][0-9]{1,4}[ /-][0-9]{3,4}[ -]?[0-9]{3,5}\b",  # with the code of an area
    r"(^|[^0-9A-Za-z])[(]0?[0-9]{2,4}[)][ -]?[0-9]{3,4}[ -]?[0-9]{4}\b",
    r"\b[2-9][0-9]{2}[-. ][0-9]{3}[-. ][0-9]{4}\b",  # North America
    r"\b[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{3}[0-9Xx]\b",  # Chinese identity card
    r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b",  # United States social security
    r"\b[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{3,4}\b",  # payment card
    r"\b[A-Z]{2}[0-9]{2} ?[0-9A-Z]{4}( ?[0-9A-Z]{4}){2,6}( ?[0-9A-Z]{1,3})?\b",  # bank account
    r"[０-９]{7,}",  # any long number in full-width digits
)
NAMES_A_PERSON = "|".join(f"({pattern})" for pattern in (_EMAIL, *_NUMBERS))
"""Matches a text that names a person."""
HIDDEN = "***"
"""Stands where a text is needed, so that the row is told from one that had none."""
_FOUND = re.compile(NAMES_A_PERSON, re.ASCII)
_EMPTIED = frozenset({"query", "platform"})
"""May be missing: emptied where they name a person. Other texts get ``HIDDEN``, and fail their own checks."""
_MARK = "_names_person"


def names_a_person(text: str) -> bool:
    """Whether a text holds an e-mail address, or a telephone, card or identity number.

    Args:
        text: As typed.

    Returns:
        Trade item numbers (8, 12, 13, 14 digits) and book numbers are none.
    """
    return _FOUND.search(text) is not None


def without_contacts(frame: Frame, wanted: Wanted) -> Frame:
    """The log's rows without texts that name people.

    Args:
        frame: As scanned; identifiers are pseudonyms already.
        wanted: The roles that were read.

    Returns:
        The same rows, those that were changed marked in a column ``_names_person``. A text that may be missing is empty
        now, another is ``***``; a number whose text named a person is unknown. Item identifiers are emptied of
        e-mail addresses only: telephone numbers look like them.
    """
    marks, texts = [], []
    for role in wanted.roles:
        if role.is_personal:
            continue
        for name in role.outputs if role.kind == "text" else (f"{role.name}_text",):
            found = _matches(name, _EMAIL if name == "item_id" else NAMES_A_PERSON)
            if role.kind == "time":
                found = found & nw.col(role.name).is_null()
            marks.append(found)
            kept = nw.lit(None, dtype=nw.String) if name in _EMPTIED else nw.lit(HIDDEN)
            texts.append(nw.when(found).then(kept).otherwise(nw.col(name)).alias(name))
            if role.kind == "number":
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
    says = "a text named a person (e-mail, telephone, card or identity number); it was emptied before anything was stored"
    return (Finding(table, "text_names_person", "warning", "flag", found, found / n, says),) if found else ()


def _matches(name: str, pattern: str) -> nw.Expr:
    return nw.coalesce(nw.col(name).str.contains(pattern), nw.lit(value=False))
