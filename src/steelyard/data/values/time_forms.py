"""How a column writes its times: each form of its values, and what order its days and months are in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from steelyard.data.values.number_forms import FormCount

__all__ = [
    "CJK",
    "MONTHS",
    "ORDERS",
    "ZONES",
    "ZONE_TAIL",
    "Order",
    "TimeForm",
    "TimeForms",
    "forms_of",
    "month_words",
    "time_form",
]

Order = Literal["day-first", "month-first", "year-first"]
ORDERS: tuple[Order, ...] = ("day-first", "month-first", "year-first")

_MONTH_WORDS = (
    "jan january januar janner janvier janv enero ene gennaio gen janeiro januari",
    "feb february februar fevrier fevr fev febrero febbraio fevereiro februari",
    "mar march marz mrz maerz mars marzo marco maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro setiembre",
    "oct october okt oktober octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dez dezember decembre dic diciembre dicembre dezembro",
)
MONTHS: Mapping[str, int] = {word: i for i, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}
"""Names of months in lower case and without accents."""

_DAY_WORDS = frozenset(
    (
        "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday mo di mi "
        "do fr sa so mar montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lun mer jeu ven sam dim "
        "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo mie "
        "jue vie sab dom lunedi martedi mercoledi giovedi venerdi segunda terca quarta quinta sexta feira"
    ).split()
)
_FILLERS = frozenset("de del of the at um uhr a as las den der le el il la h t st nd rd th er o clock kl".split())
_HALVES = frozenset("am pm a p m".split())
CJK = ("年月日号時时点點分秒년월일시분초", "   " + " " + "::::" + ":" + " " + "   ::" + " ")
"""Marks behind numbers in Chinese, Japanese and Korean, and what stands for them here."""
AM, PM = ("上午", "午前", "오전", "凌晨", "早上"), ("下午", "午後", "오후", "晚上", "中午")
"""Words before the hour."""

ZONES: Mapping[str, float] = {
    **{"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3},
    **{"MSK": 3, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AWST": 8, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12},
    **{"NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "HST": -10},
    **{"BRT": -3, "ART": -3, "SAST": 2},
}
"""Hours ahead of UTC of names that mean one zone only; CST, IST and BST mean several."""

_OFFSET = r"(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?"
ZONE_TAIL = (
    r"(?i)(:\d\d(?:[.,]\d+)?(?:\s?[ap]\.?\s?m\.?)?|\dT\d{4}(?:\d\d)?)\s*"
    rf"({_OFFSET}|[a-z]+/[a-z_]+(?:/[a-z_]+)?|{'|'.join(sorted(ZONES, key=len, reverse=True))}|[CIB]ST)"
    r"(?:\s*\([^)]*\))?$"
)
"""A time of day and the zone behind it."""

_TAIL = re.compile(ZONE_TAIL)
_ISO = re.compile(r"9999(?:-99?-99?|/99?/99?)(?:[T ]99?:99(?::99(?:\.9{1,9})?)?)?")
_CAST = re.compile(_ISO.pattern + r"(?:Z|[+-]99(?::?99)?)?")
_NUMBER = re.compile(r"-?9+(?:[.,]9+)?(?:[eE][+]?9+)?")
_FRACTION = re.compile(r"(:99)[.,]9+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How values of one form are read."""

    kind: Literal["iso", "number", "fields", ""]
    """What the table engine casts by itself; a bare number; fields in some order; or nothing that is a time."""
    formats: Mapping[Order, str] = field(default_factory=dict)
    """Of fields: by each order that may be meant, the format of the value without its words and marks."""
    zone: str = ""
    """``offset``, or the name that is written; empty where none is."""
    has_clock: bool = False
    has_fraction: bool = False
    has_halves: bool = False
    """Whether AM or PM is written."""
    months: frozenset[str] = frozenset()
    """Names of months in it."""


@dataclass(frozen=True, slots=True)
class TimeForms:
    """The forms of a column, with what they need to be read."""

    counted: tuple[tuple[FormCount, TimeForm], ...] = ()

    def of_kind(self, kind: str) -> int:
        """Values of a kind of form."""
        return sum(each.count for each, form in self.counted if form.kind == kind)

    @property
    def open(self) -> tuple[tuple[FormCount, TimeForm], ...]:
        """Those of more than one possible order."""
        return tuple(pair for pair in self.counted if len(pair[1].formats) > 1)

    def formats(self, order: Order) -> tuple[str, ...]:
        """Formats of all fields under an order; two-digit years first, since four digits are none of theirs."""
        found = {
            form.formats.get(order) or next(iter(form.formats.values())) for _, form in self.counted if form.formats
        }
        return tuple(sorted(found, key=lambda text: ("%y" not in text, -len(text), text)))

    @property
    def is_plain(self) -> bool:
        """Whether the table engine casts every readable value by itself."""
        return all(form.kind == "iso" and _CAST.fullmatch(each.form) for each, form in self.counted if form.kind)

    @property
    def zones(self) -> frozenset[str]:
        """What is written as a zone."""
        return frozenset(form.zone for _, form in self.counted if form.zone)


def forms_of(counted: Iterable[FormCount]) -> TimeForms:
    """The forms of a column.

    Args:
        counted: Values of each form, digits written as 9.

    Returns:
        Each with how it is read.
    """
    return TimeForms(tuple((each, time_form(each.form)) for each in counted))


def month_words(forms: TimeForms) -> dict[str, int]:
    """Names of months that a column uses, longest first, and their numbers."""
    words = {word for _, form in forms.counted for word in form.months}
    return {word: MONTHS[word] for word in sorted(words, key=lambda word: (-len(word), word))}


def time_form(form: str) -> TimeForm:
    """How a written time is read.

    Args:
        form: The text, every digit written as 9.

    Returns:
        Its kind; of fields the formats under every order that may be meant.
    """
    form = form.strip()
    if _NUMBER.fullmatch(form):
        return TimeForm("number")
    base, zone = form, ""
    if tail := _TAIL.search(form):
        base, zone = form[: tail.end(1)], "offset" if "9" in tail[2] else tail[2]
    has_clock = ":" in base or bool(re.search(r"9[hH時时点點시]|9T9{4}", base))
    if _ISO.fullmatch(base):
        return TimeForm("iso", zone=zone, has_clock=has_clock)
    return _fields(base, zone, has_clock=has_clock)


def _fields(base: str, zone: str, *, has_clock: bool) -> TimeForm:
    has_halves = False
    for half in (*AM, *PM):
        has_halves = has_halves or half in base
        base = base.replace(half, " ")
    base = base.translate(str.maketrans(*CJK))
    plain = "".join(c for c in unicodedata.normalize("NFD", base) if not unicodedata.combining(c)).lower()
    plain = re.sub(r"\b(\d{8})t(\d\d)(\d\d)(\d\d)?\b", r"\1 \2:\3:\4", plain)
    plain = re.sub(r"(\d)h(\d)", r"\1:\2", plain)
    plain = re.sub(r"(\d{4}):(\d\d:)", r"\1 \2", plain)
    has_fraction = bool(_FRACTION.search(plain))
    plain = _FRACTION.sub(r"\1", plain)
    words = _WORD.findall(plain)
    named = [word for word in words if word in MONTHS]
    if len(named) == 2 and words.index(named[0]) == 0 and named[0] in _DAY_WORDS:
        named = named[1:]  # "mar" is a Tuesday too
    if len(named) > 1 or any(word not in MONTHS and not _is_known(word) for word in words):
        return TimeForm("")
    has_halves = has_halves or bool(re.search(r"\d\s*[ap]\.?\s?m\b", plain))
    if named:
        plain = re.sub(rf"\b{named[0]}\b", " M99 ", plain)
    bare = re.sub(r"[^0-9M:]+", " ", plain)
    bare = re.sub(r": +", ":", bare).strip(" :")
    formats = _formats(bare.split())
    if not formats:
        return TimeForm("")
    return TimeForm("fields", formats, zone, has_clock, has_fraction, has_halves, frozenset(named))


def _is_known(word: str) -> bool:
    return word in _DAY_WORDS or word in _FILLERS or word in _HALVES


_CLOCK = {"9:99": "%H:%M", "99:99": "%H:%M", "9:99:99": "%H:%M:%S", "99:99:99": "%H:%M:%S"}
_LOOSE_CLOCK = {3: "", 5: " %H %M", 6: " %H %M %S"}
"""What stands behind a date whose time has points: by how many numbers there are."""


def _formats(tokens: list[str]) -> dict[Order, str]:
    """Formats of the numbers that are left of a value, under every order that may be meant."""
    clocks = [i for i, token in enumerate(tokens) if ":" in token]
    if len(clocks) > 1 or any(tokens[i] not in _CLOCK for i in clocks):
        return {}
    clock = _CLOCK[tokens[clocks[0]]] if clocks else ""
    is_before = bool(clocks) and clocks[0] == 0
    rest = [token for i, token in enumerate(tokens) if i not in clocks]
    if clocks and not is_before and clocks[0] != len(tokens) - 1:
        return {}
    if len(rest) == 1 and rest[0] == "9" * 8:
        return {"year-first": _joined("%Y%m%d", clock, is_before)}
    if len(rest) != 3 and (clocks or any(len(token) > 2 for token in rest[3:])):
        return {}
    loose = _LOOSE_CLOCK.get(len(rest))
    if loose is None:
        return {}
    return {order: _joined(date, clock, is_before) + loose for order, date in _dates(rest[:3]).items()}


def _joined(date: str, clock: str, is_before: bool) -> str:
    return " ".join(part for part in ((clock, date) if is_before else (date, clock)) if part)


def _dates(tokens: list[str]) -> dict[Order, str]:
    sizes = "".join("M" if token.startswith("M") else str(len(token)) for token in tokens)
    year = "%Y" if "4" in sizes else "%y"
    for pattern, orders in _SIZES:
        if re.fullmatch(pattern, sizes):
            return {order: _DATES[order, "M" in sizes].replace("%y", year) for order in orders}
    return {}


_SIZES: tuple[tuple[str, tuple[Order, ...]], ...] = (
    ("[12]M[24]", ("day-first",)),
    ("M[12][24]", ("month-first",)),
    ("4M[12]|4[12][12]", ("year-first",)),
    ("[12][12]4|1[12]2", ("day-first", "month-first")),
    ("2[12]2", ORDERS),
)
"""Digits of the three numbers of a date, ``M`` for a month's name, and the orders that may be meant."""
_DATES: Mapping[tuple[Order, bool], str] = {
    ("day-first", False): "%d %m %y",
    ("day-first", True): "%d M%m %y",
    ("month-first", False): "%m %d %y",
    ("month-first", True): "M%m %d %y",
    ("year-first", False): "%y %m %d",
    ("year-first", True): "%y M%m %d",
}
