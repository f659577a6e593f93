"""How a column writes its numbers: which mark is the decimal one, told from all of its values together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from steelyard.data.remarks import Habits, Remark
from steelyard.data.values.amounts import LEADING, TRAILING, mentions
from steelyard.errors import DataError

__all__ = ["BLANKS", "DIGITS", "MARKS", "FormCount", "Mark", "decide_mark", "mixed_currencies", "says_of_mark"]

Mark = Literal["comma", "point"]

DIGITS = ("０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "0123456789" * 4)
"""Digits of other scripts, and those they are."""
MARKS = ("．，٫٬－−﹣‒＇’‘ʼ´`（）", ".,.'-----" + "'" * 5 + "()")
"""Marks of other scripts, and those they are; the apostrophe is only ever between thousands."""
BLANKS = "\u00a0\u202f\u2009\u2007\u2008\u3000\t"
"""Blanks that may stand between thousands, besides the usual one."""

_PLAIN = str.maketrans(DIGITS[0] + MARKS[0] + BLANKS, DIGITS[1] + MARKS[1] + " " * len(BLANKS))
_LEAD = re.compile(r"^([+-]?)" + LEADING + r"([+-]?)")
_TRAIL = re.compile(TRAILING + r"$")
_BRACKETS = re.compile(r"\((.*)\)")
_GROUPED = re.compile(r"\d{1,3}(?:[ ']\d{3})+([.,]\d*)?")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,}|0?,\d+|0,\d+|\d*,(?:\d{1,2}|\d{4,})|\d{4,},\d{3}")
_POINT = re.compile(
    r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,}|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|0?\.\d+|\d*\.(?:\d{1,2}|\d{4,})"
    r"|\d{4,}\.\d{3}"
)
_POWER = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d+")
_OPEN = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_DASHED = re.compile(r"\d([.,])[-–—]+")
_MOST_SIGNED = 0.5
"""Share of the prices that a currency stands on for the others to be in it too."""
NO_CENTS = frozenset(("JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "RWF", "IDR", "HUF"))
"""Currencies whose prices have no decimals."""
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies whose prices have three decimals."""
_MANY, _SOME = 30, 0.1
"""Values that may be read either way before their company decides, and the company's share of them."""
_FEW = 0.02
"""Share of the other mark that is a slip, not a second way of writing."""
_LONGEST = 200
"""Characters of a value that may still be a number."""


@dataclass(frozen=True, slots=True)
class FormCount:
    """Values of one form: digits 1 to 9 are written as 9."""

    form: str
    count: int
    example: str


def decide_mark(forms: Sequence[FormCount], habits: Habits, *, table: str, column: str) -> tuple[Mark, list[Remark]]:
    """The decimal mark of a column.

    ``1.499`` may be one and a half or fifteen hundred. Every other value of the column is heard: ``24,90`` and
    ``2.150,50`` say that the comma is the decimal mark, ``0,125`` too, since thousands never follow a nought.

    Args:
        forms: All values of the column.
        habits: What the shop says itself; it decides over the values.
        table: Section of the configuration, for messages.
        column: The source's name of the column, for messages.

    Returns:
        The mark (a point where none is used), and what is to be said of it.

    Raises:
        DataError: Values stand or fall with the mark, and nothing tells it.
    """
    heard = _hear(forms)
    n = {mark: counted.total() for mark, counted in heard.said.items()}
    better: Mark = "comma" if n["comma"] > n["point"] else "point"
    other: Mark = "point" if better == "comma" else "comma"
    is_told = n[better] > 0 and n[other] <= _FEW * n[better]
    remarks = [_mixed(column, heard.said, n)] if n["comma"] and n["point"] else []
    if habits.decimal:
        return habits.decimal, remarks
    if not heard.opened or is_told:
        return better, remarks
    if not any(n.values()) and (likely := _likely(heard, habits, column=column)):
        return likely[0], [likely[1]]
    raise DataError(_tie(heard, n, table=table, column=column))


def says_of_mark(example: str, *, is_comma: bool) -> str:
    """A number of one mark and three digits, in digits and point alone, as it is read under a decimal mark.

    Args:
        example: Such as ``1.499 €``.
        is_comma: Whether the comma is the decimal mark.

    Returns:
        ``1499`` or ``1.499``.
    """
    bare = _bare(example.translate(_PLAIN))
    thousands, decimal = (".", ",") if is_comma else (",", ".")
    return bare.replace(thousands, "").replace(decimal, ".")


def mixed_currencies(forms: Iterable[FormCount], habits: Habits, *, column: str) -> list[Remark]:
    """What the signs and codes on the prices say of their currency.

    Args:
        forms: All values of the column.
        habits: Its ``currency`` is what the shop says it sells in.
        column: The source's name of the column.

    Returns:
        A warning where several currencies are written, or another than the shop's, or one on fewer than half of the
        prices and nothing says that the others are in it too; nothing otherwise.
    """
    found: Counter[str] = Counter()
    meant: dict[str, frozenset[str]] = {}
    total = 0
    for each in forms:
        total += each.count
        if (sign := mentions(each.form)) is not None:
            found[sign[0]] += each.count
            meant[sign[0]] = frozenset(sign[1])
    if not found:
        return []
    common = frozenset.intersection(*meant.values())
    listed = ", ".join(f"{sign!r} on {count:,}" for sign, count in found.most_common(5))
    if not common:
        n = found.total() - found.most_common(1)[0][1]
        says = (
            f"column {column!r} mixes currencies ({listed} of {total:,} values): its numbers are compared as they "
            "stand; convert them before export, or split the file"
        )
        return [Remark("currencies_mixed", "warning", n, says, dict(found.most_common(10)))]
    if habits.currency and habits.currency not in common:
        says = (
            f"column {column!r} is written in {' or '.join(sorted(common))} ({listed} of {total:,} values), and "
            f"[shop] currency is {habits.currency}: set the one that is right"
        )
        return [Remark("currency_differs", "warning", found.total(), says, dict(found.most_common(10)))]
    if not habits.currency and found.total() < _MOST_SIGNED * total:
        says = (
            f"column {column!r} names a currency on some values only ({listed} of {total:,} values), and the others "
            "may be in another: say what the shop sells in as currency in [shop], or convert them before export"
        )
        return [Remark("currencies_mixed", "warning", found.total(), says, dict(found.most_common(10)))]
    return []


@dataclass(slots=True)
class _Heard:
    """What the values of a column say."""

    said: dict[Mark, Counter[str]]
    """By decimal mark, examples of the values that tell it."""
    opened: list[FormCount]
    """Forms that may be read either way."""
    n_open: int = 0
    n_short: int = 0
    """Numbers of one to three digits and no mark."""
    n_long: int = 0
    """Numbers of more digits and no mark."""
    currencies: frozenset[str] = frozenset()


def _hear(forms: Sequence[FormCount]) -> _Heard:
    heard = _Heard({"comma": Counter(), "point": Counter()}, [])
    for each in forms:
        if len(each.form) > _LONGEST:
            continue
        kind, mark = _evidence(each.form)
        if kind == "says":
            heard.said[mark][each.example] += each.count
        elif kind == "open":
            heard.opened.append(each)
            heard.n_open += each.count
        elif (bare := _bare(each.form.translate(_PLAIN)).lstrip("+-")).isdigit():
            heard.n_short += each.count if len(bare) <= 3 else 0
            heard.n_long += each.count if len(bare) > 3 else 0
        if (sign := mentions(each.form)) is not None:
            heard.currencies |= frozenset(sign[1][:1])
    heard.opened.sort(key=lambda each: (-each.count, each.example))
    return heard


def _evidence(form: str) -> tuple[str, Mark]:
    """``says`` and the decimal mark it tells, ``open`` and the mark that stands, or neither."""
    plain = form.translate(_PLAIN)
    bare = _bare(plain).lstrip("+-")
    told = "." if "٫" in form else ""
    if found := _DASHED.search(plain) or _GROUPED.fullmatch(bare) or _POWER.fullmatch(bare):
        told = told or (found[1] or "")[:1]
    elif found := _OPEN.fullmatch(bare):
        return ("says", "point") if told else ("open", _named(found[1]))
    elif _COMMA.fullmatch(bare) or _POINT.fullmatch(bare):
        told = told or ("," if _COMMA.fullmatch(bare) else ".")
    return ("says", _named(told)) if told else ("", "point")


def _bare(plain: str) -> str:
    bare = _TRAIL.sub("", _LEAD.sub(r"\1\2", plain.strip(), count=1), count=1)
    if inner := _BRACKETS.fullmatch(bare):
        bare = _TRAIL.sub("", _LEAD.sub(r"\1\2", inner[1], count=1), count=1)
    return bare.rstrip("-% ")


def _named(mark: str) -> Mark:
    return "comma" if mark == "," else "point"


def _mixed(column: str, said: dict[Mark, Counter[str]], n: dict[Mark, int]) -> Remark:
    shown = {mark: counted.most_common(1)[0][0] for mark, counted in said.items()}
    says = (
        f"column {column!r} has {n['comma']:,} numbers with a decimal comma (as {shown['comma']!r}) and "
        f"{n['point']:,} with a decimal point (as {shown['point']!r}): each was read by its own mark"
    )
    return Remark("decimal_marks_mixed", "warning", min(n.values()), says, {shown[mark]: n[mark] for mark in shown})


def _likely(heard: _Heard, habits: Habits, *, column: str) -> tuple[Mark, Remark] | None:
    """The mark where only numbers of three digits behind a mark are there, by the company they keep."""
    marks = {_named_open(form) for form in heard.opened}
    if len(marks) > 1:
        return None
    mark = marks.pop()
    inverse: Mark = "point" if mark == "comma" else "comma"
    enough = heard.n_open >= _MANY
    is_whole = habits.currency in NO_CENTS if habits.currency else heard.currencies and heard.currencies <= NO_CENTS
    is_fine = habits.currency in THREE_DECIMALS if habits.currency else False
    if is_whole:
        chosen, why = inverse, "the currency has no smaller unit"
    elif is_fine or (heard.currencies and heard.currencies <= THREE_DECIMALS):
        chosen, why = mark, "prices of the currency have three decimals"
    elif enough and heard.n_short >= _SOME * heard.n_open and not heard.n_long:
        chosen, why = inverse, f"{heard.n_short:,} numbers below 1000 have no mark and none above has none"
    elif enough and heard.n_long >= _SOME * heard.n_open:
        chosen, why = mark, f"{heard.n_long:,} numbers above 999 are written without a mark between thousands"
    else:
        return None
    value = heard.opened[0].example
    shown = {is_comma: says_of_mark(value, is_comma=is_comma) for is_comma in (True, False)}
    taken = chosen == "comma"
    says = (
        f"CHECK column {column!r}: {value!r} was read as {shown[taken]}, not {shown[not taken]}, because {why}; "
        f'if that is wrong, set decimal = "{"point" if taken else "comma"}"'
    )
    return chosen, Remark("decimal_mark_guessed", "warning", heard.n_open, says, {value: heard.n_open})


def _tie(heard: _Heard, n: dict[Mark, int], *, table: str, column: str) -> str:
    value = heard.opened[0].example
    comma, point = (says_of_mark(value, is_comma=is_comma) for is_comma in (True, False))
    why = (
        f"{n['comma']:,} other values have a decimal comma and {n['point']:,} a decimal point"
        if any(n.values())
        else "no other value of the column tells"
    )
    return (
        f'[data.{table}] column {column!r}: {value!r} may be {comma} (decimal = "comma") or {point} '
        f'(decimal = "point"), and {why}; {heard.n_open:,} values depend on it. Set the right one in [data.{table}]'
    )


def _named_open(each: FormCount) -> Mark:
    return _evidence(each.form)[1]
