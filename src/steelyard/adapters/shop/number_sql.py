"""How a column of written numbers is turned into numbers: the table engine's own expressions."""

from __future__ import annotations

from steelyard.adapters.shop.sql_words import literal, translated
from steelyard.data.values.amounts import LEADING, TRAILING
from steelyard.data.values.number_forms import BLANKS, DIGITS, MARKS

__all__ = ["number_form", "read_number"]

_PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"


def number_form(text: str) -> str:
    """SQL for the form of a written number: its digits 1 to 9 are written as 9, the nought stays."""
    return translated(text, ("12345678", "9" * 8), more=(DIGITS[0], _NINES))


def read_number(text: str, *, is_comma: bool) -> str:
    """SQL for a written number.

    Args:
        text: An expression that gives the text, null where nothing is written.
        is_comma: Whether the comma is the decimal mark of the column.

    Returns:
        An expression of type DOUBLE, null where the text is no number. What one value leaves no doubt about is read so
        whatever the column's mark is.
    """
    fits = f"length(t) < 300 AND regexp_full_match(t, {literal(_PLAIN)})"  # more digits are without end for the engine
    plain = f"CASE WHEN {fits} THEN TRY_CAST(t AS DOUBLE) END"
    quick = f"CASE WHEN contains(t, '.') THEN NULL ELSE {plain} END" if is_comma else plain
    slow = f"list_transform([{_bare('t')}], lambda b: {_read('b', is_comma=is_comma)})[1]"
    value = f"CASE WHEN t IS NULL THEN NULL ELSE coalesce({quick}, {slow}) END"
    return f"list_transform([{text}], lambda t: {value})[1]"  # each step is written once and worked out once a value


_NINES = "".join("0" if digit == "0" else "9" for digit in DIGITS[1])


def _bare(text: str) -> str:
    """The number without signs of currency and marks between thousands that nothing else is; a minus stands first."""
    foreign, known = DIGITS[0] + MARKS[0] + BLANKS, DIGITS[1] + MARKS[1] + " " * len(BLANKS)
    half = f"translate({text}, {literal(foreign)}, {literal(known)})"
    once = _unsigned(f"trim({half})")
    inner = _unsigned("trim(b, '()')")
    bracketed = f"CASE WHEN regexp_full_match(b, '\\(.*\\)') THEN '-' || {inner} ELSE b END"
    behind = "CASE WHEN regexp_full_match(b, '[0-9][^-]*-') THEN '-' || rtrim(b, ' -') ELSE b END"
    grouped = literal(r"[+-]?\d{1,3}([ ']\d{3})+([.,]\d*)?")
    closed = f"CASE WHEN regexp_full_match(b, {grouped}) THEN regexp_replace(b, '[ '']', '', 'g') ELSE b END"
    steps = f"[{once}]"
    for step in (bracketed, behind, closed):
        steps = f"list_transform({steps}, lambda b: {step})"
    return f"{steps}[1]"


def _unsigned(text: str) -> str:
    front = f"regexp_replace({text}, {literal('^([+-]?)' + LEADING + '([+-]?)')}, '\\1\\2')"
    return f"regexp_replace({front}, {literal(TRAILING + '$')}, '')"


def _read(bare: str, *, is_comma: bool) -> str:
    """A number by its marks; where one mark and three digits leave it open, the column decides."""
    no_comma = f"replace({bare}, ',', '')"
    no_point = f"replace(replace({bare}, '.', ''), ',', '.')"
    forms = (
        (r"[+-]?[1-9]\d{0,2},\d{3}", no_point if is_comma else no_comma),
        (r"[+-]?[1-9]\d{0,2}\.\d{3}", no_point if is_comma else bare),
        (r"[+-]?\d{1,3}(,\d{3})+\.\d*|[+-]?\d{1,3}(,\d{3}){2,}|[+-]?\d{1,2}(,\d{2})+,\d{3}(\.\d*)?", no_comma),
        (r"[+-]?\d{1,3}(\.\d{3})+,\d*|[+-]?\d{1,3}(\.\d{3}){2,}", no_point),
        (r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d{1,3})?", no_point),
        (_PLAIN, bare),
    )
    cases = " ".join(f"WHEN regexp_full_match({bare}, {literal(form)}) THEN {value}" for form, value in forms)
    value = f"TRY_CAST(CASE {cases} END AS DOUBLE)"
    return f"list_transform([{value}], lambda v: CASE WHEN isfinite(v) THEN v END)[1]"
