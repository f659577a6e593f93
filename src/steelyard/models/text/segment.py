"""Cuts product texts and queries into terms, the same way on both sides.

A text becomes *units*, its smallest searchable pieces in reading order, and *wholes*, terms that stand for several
units in a row. So a thing can be found as it is written and in pieces:

=================  =======================  ============================
written            units                    wholes
=================  =======================  ============================
T-Shirts           t, shirt                 tshirt
dv7-1211ea         dv7, 1211ea              dv71211ea
12oz, 12 ounces    12, oz                   12oz
1-1/2 in.          1, 1/2, in               1-1/2, 1/2in
iPhone12           iphon, 12                iphone12
望远镜             望远, 远镜               望远镜
=================  =======================  ============================

English words are stemmed; anything that holds a digit is not. Han characters are cut into overlapping pairs, and the
words a dictionary finds among them are wholes; the dictionary is loaded when the first Han character is met, and
never where the caller knows that it can find nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from steelyard.data.values.traditional import SIMPLIFIED_OF

__all__ = ["FUNCTION_WORDS", "Cut", "cut", "fold", "has_han", "words"]

FUNCTION_WORDS = frozenset(
    "a an and are as at be by for from has if in into is it its my of on or our such that the their then there these "
    "they this to was will with you your".split()
)
"""Words that carry no wish of their own: they are searched for, but a product need not hold them."""

_MAX_TERM = 64
_MAX_WHOLE_UNITS = 6

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")
_CHUNK = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[^\s㐀-䶿一-鿿豈-﫿]+")
_BEFORE_FOLDING = re.compile(r"[®™℠©]|(?<=\d)(?=[¼-¾⅐-⅞])")
"""Places where NFKC would run things together: Sony™ into sonytm, 1½ into 11/2."""
_ACCENT = re.compile("[̀-ͯ]")
_PLAIN = str.maketrans(
    {
        "⁄": "/",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "′": "'",
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": " ",
        "−": "-",
        "×": "x",
        "\u00ad": None,
        "\u200b": None,
    }
)
_INCH = re.compile(r"(?<=\d)\s?(?:\"|'')")
_FOOT = re.compile(r"(?<=\d)'(?![a-z0-9'])")
_TIMES = re.compile(r"(?<=[\d\"'])x(?=\.?\d)|(?<=\din|\dft|\dcm|\dmm)x(?=\.?\d)")
_CORE = re.compile(r"\d+(?:,\d{3})+(?![\d/])(?:\.\d+)?|\d+/\d+(?!\d)|\d+\.\d+|(?<![^\W_])\.\d+|[^\W_]+")
_NUMBER_WITH_LETTERS = re.compile(r"(\d+)([a-z]+)")
_NAME_WITH_NUMBER = re.compile(r"([a-z]{3,})(\d+)")
_JOINERS = frozenset(["", "-", "_", "'", "&", ".", "*"])

_MEASURES = {
    "inch": "in", "inches": "in", "foot": "ft", "feet": "ft", "pound": "lb", "pounds": "lb", "lbs": "lb",
    "ounce": "oz", "ounces": "oz", "gallon": "gal", "gallons": "gal", "gals": "gal", "quart": "qt", "quarts": "qt",
    "millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "millimetres": "mm", "centimeter": "cm",
    "centimeters": "cm", "centimetre": "cm", "centimetres": "cm", "kilogram": "kg", "kilograms": "kg", "kgs": "kg",
    "gigabyte": "gb", "gigabytes": "gb", "terabyte": "tb", "terabytes": "tb", "megabyte": "mb", "megabytes": "mb",
    "milliliter": "ml", "milliliters": "ml", "millilitre": "ml", "millilitres": "ml", "litre": "liter",
    "litres": "liter", "liters": "liter", "square": "sq", "pk": "pack", "packs": "pack", "pcs": "pc", "pieces": "pc",
    "piece": "pc",
}  # fmt: skip
_AFTER_DIGIT = {
    "w": "watt", "v": "volt", "a": "amp", "l": "liter", "m": "meter", "g": "gram", "in": "in", "ft": "ft", "lb": "lb",
    "oz": "oz", "gal": "gal", "qt": "qt", "mm": "mm", "cm": "cm", "kg": "kg", "gb": "gb", "tb": "tb", "mb": "mb",
    "ml": "ml", "pack": "pack", "pc": "pc", "ct": "ct", "count": "count", "mah": "mah", "hz": "hz", "ghz": "ghz",
    "mhz": "mhz", "mp": "mp", "sq": "sq", "yd": "yd", "btu": "btu", "cc": "cc", "kw": "kw", "hp": "hp", "rpm": "rpm",
    "psi": "psi", "amp": "amp", "amps": "amp", "watt": "watt", "watts": "watt", "volt": "volt", "volts": "volt",
    "liter": "liter", "meter": "meter", "gram": "gram",
}  # fmt: skip
_MEASURE_TERMS = frozenset(_AFTER_DIGIT.values())


class Cut(NamedTuple):
    """A text cut into terms."""

    units: tuple[str, ...]
    """Smallest searchable pieces, in reading order."""
    surfaces: tuple[str, ...]
    """For each unit, its letters before stemming; empty for a pair of Han characters across two words."""
    wholes: tuple[tuple[str, int, int], ...]
    """Term, first unit, and the unit after the last, of each term that stands for several units."""


def fold(text: str) -> str:
    """The text in one spelling: full width to half width, lower case, no accents, simplified Chinese.

    Args:
        text: Any Unicode text.

    Returns:
        NFKC-normalised text; ``1½`` becomes ``1 1/2``; quotation marks, dashes and primes are plain.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", _BEFORE_FOLDING.sub(" ", text)).lower().translate(_PLAIN)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text)))
    return text.translate(SIMPLIFIED_OF) if _HAN.search(text) else text


def has_han(text: str) -> bool:
    """Whether the text holds a Han character."""
    return _HAN.search(text) is not None


def words(text: str, *, language: str) -> list[str]:
    """Terms of a text, for the index or for a query.

    Args:
        text: Any Unicode text.
        language: ``en`` and ``mixed`` stem English words, ``zh`` does not; all of them cut Chinese.

    Returns:
        Units in reading order, then wholes. Empty where the text holds no letter or digit.
    """
    found = cut(text, language=language)
    return [*found.units, *(term for term, _, _ in found.wholes)]


def cut(text: str, *, language: str, with_dictionary: bool = True) -> Cut:
    """Units and wholes of a text.

    Args:
        text: Any Unicode text.
        language: As for ``words``.
        with_dictionary: False leaves Han characters as pairs and does not load the dictionary: for a query to a
            catalogue without a Han character, where no word of it could be found.

    Returns:
        Positions of the wholes count units from the start of the text.
    """
    folded = fold(text)
    if "x" in folded or "'" in folded or '"' in folded:
        folded = _FOOT.sub("ft ", _INCH.sub("in ", _TIMES.sub("*", folded)))
    stems = language != "zh"
    units: list[str] = []
    surfaces: list[str] = []
    wholes: list[tuple[str, int, int]] = []
    for new_units, new_surfaces, new_wholes in _pieces(folded, stems=stems, with_dictionary=with_dictionary):
        shift = len(units)
        if new_units and shift and new_units[0] in _MEASURE_TERMS and _is_number(units[-1]):
            wholes.append((units[-1] + new_units[0], shift - 1, shift + 1))
        units += new_units
        surfaces += new_surfaces
        for term, first, last in new_wholes:
            wholes.append((term, first + shift, last + shift))
    return Cut(tuple(units), tuple(surfaces), tuple(wholes))


def _pieces(folded: str, *, stems: bool, with_dictionary: bool) -> list[Cut]:
    if folded.isascii():
        return [_cut_latin(chunk, stems) for chunk in folded.split()]
    chunks = _CHUNK.findall(folded)
    cut_han = _cut_han if with_dictionary else _pairs
    return [cut_han(chunk) if _HAN.match(chunk) else _cut_latin(chunk, stems) for chunk in chunks]


@lru_cache(maxsize=1 << 17)
def _cut_latin(chunk: str, stems: bool) -> Cut:
    """Cut of a run without spaces and Han characters."""
    found = _Growing([], [], [], stems)
    for run in _runs(chunk):
        start = len(found.units)
        for _, core in run:
            found.add(core)
        whole = _joined(run)
        if len(run) > 1 and len(found.units) - start <= _MAX_WHOLE_UNITS and len(whole) <= _MAX_TERM:
            found.stand_for(_term(whole, stems), start)
    return Cut(tuple(found.units), tuple(found.surfaces), tuple(found.wholes))


def _runs(chunk: str) -> list[list[tuple[str, str]]]:
    """Words and numbers of a chunk, each with what joins it to the one before; split where nothing joins them."""
    runs: list[list[tuple[str, str]]] = []
    end = 0
    for match in _CORE.finditer(chunk):
        joiner, core = chunk[end : match.start()], match.group().replace(",", "")[:_MAX_TERM]
        if joiner == "'" and core == "s" and runs:
            end = match.end()  # a possessive
            continue
        if not runs or joiner not in _JOINERS:
            runs.append([])
        runs[-1].append((joiner, core))
        end = match.end()
    return runs


def _joined(run: list[tuple[str, str]]) -> str:
    """A run as one term. Signs between two numbers stay: 10-12 is not 1012."""
    whole = before = run[0][1]
    for joiner, core in run[1:]:
        is_between_digits = whole[-1].isdigit() and core[0].isdigit()
        if joiner == "*":
            whole += "x"
        elif is_between_digits and (joiner == "." or (joiner == "-" and _is_number(before))):
            whole += joiner
        whole, before = whole + core, core
    return whole


@dataclass(slots=True)
class _Growing:
    """Units and wholes of one chunk while it is read."""

    units: list[str]
    surfaces: list[str]
    wholes: list[tuple[str, int, int]]
    stems: bool

    def add(self, core: str) -> None:
        """Append the units of one word or number, and what stands for a number with its measure or name."""
        start = len(self.units)
        measured, named = _NUMBER_WITH_LETTERS.fullmatch(core), _NAME_WITH_NUMBER.fullmatch(core)
        if measured and (measure := _after_digit(measured[2])):
            self._append(measured[1], measured[1])
            self._append(measure, measured[2])
        elif start and (measure := _after_digit(core)) and _is_number(self.units[-1]):
            self._append(measure, core)
            start -= 1
        elif named:
            self._append(_term(named[1], self.stems), named[1])
            self._append(named[2], named[2])
            self.stand_for(core, start)
            return
        else:
            self._append(_term(core, self.stems), core)
            return
        self.stand_for(self.units[-2] + measure, start)

    def stand_for(self, whole: str, start: int) -> None:
        """Let ``whole`` stand for all units from ``start`` on."""
        if all(whole != term for term, _, _ in self.wholes):
            self.wholes.append((whole, start, len(self.units)))

    def _append(self, unit: str, surface: str) -> None:
        self.units.append(unit)
        self.surfaces.append(surface)


def _after_digit(letters: str) -> str:
    return _AFTER_DIGIT.get(_MEASURES.get(letters, letters), "")


def _term(core: str, stems: bool) -> str:
    if core[0] == ".":
        return "0" + core
    measure = _MEASURES.get(core)
    if measure is not None:
        return measure
    return _stem(core) if stems and core.isalpha() else core


def _is_number(unit: str) -> bool:
    return unit[0].isdigit() and unit.replace("/", "").replace(".", "").isdecimal()


@cache
def _stemmer() -> Callable[[str], str]:
    stem: Callable[[str], str] = Stemmer.Stemmer("english", 0).stemWord
    return stem


def _stem(word: str) -> str:
    return _stemmer()(word)


def _pairs(run: str) -> Cut:
    """A run of Han characters as overlapping pairs, without words."""
    if len(run) == 1:
        return Cut((run,), (run,), ())
    pairs = tuple(run[i : i + 2] for i in range(len(run) - 1))
    return Cut(pairs, ("",) * len(pairs), ())


@lru_cache(maxsize=1 << 16)
def _cut_han(run: str) -> Cut:
    """Cut of a run of Han characters: pairs, and the words that a dictionary finds other than pairs."""
    if len(run) == 1:
        return _pairs(run)
    pairs = _pairs(run).units
    surfaces = [""] * len(pairs)
    wholes = []
    for word, begin, end in _tokenizer()(run, "search"):
        if end - begin == 1:  # a word of one character stands for the pair that ends with it
            first = last = max(begin - 1, 0)
            wholes.append((word, first, last + 1))
        else:
            first, last = begin, end - 2
            if last > first:
                wholes.append((word, first, last + 1))
        surfaces[first : last + 1] = pairs[first : last + 1]
    return Cut(pairs, tuple(surfaces), tuple(wholes))


@cache
def _tokenizer() -> Callable[[str, str], list[tuple[str, int, int]]]:
    import rjieba  # noqa: PLC0415 the dictionary takes memory and time: only shops with Chinese texts pay for it

    tokenize: Callable[[str, str], list[tuple[str, int, int]]] = rjieba.tokenize
    return tokenize
