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
C++, C#, .NET      c++, c#, .net
AT&T               at, t                    at&t, att
望远镜             望远, 远镜               望远镜
=================  =======================  ============================

and *parts*, smaller than a unit: only the index holds them, so that a piece of it is found, after the whole of it. They
are the runs of letters and digits in a model number (1000xm5: 1000, xm, xm5 …), the letters of C++, and the single
Han characters.

English words are stemmed; anything that holds a digit is not. Han characters are cut into overlapping pairs, and the
words a dictionary finds among them are wholes; the dictionary is loaded when the first Han character is met, and
never where the caller knows that it can find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from steelyard.models.text.codes import code_parts
from steelyard.models.text.folding import HAN, fold, has_han
from steelyard.models.text.plurals import singular

__all__ = ["FUNCTION_WORDS", "HEAD", "MEASURES", "PART", "Cut", "cut", "fold", "has_han", "word_term", "words"]

FUNCTION_WORDS = frozenset(
    "a an and are as at be by for from has if in into is it its my of on or our such that the their then there these "
    "they this to was will with you your".split()
)
"""Words that carry no wish of their own: they are searched for, but a product need not hold them."""

PART = "~"
"""Begins a term that is a piece of a unit."""
HEAD = "^"
"""Begins a term that is the last character of a Chinese word and says what the thing is: 绿茶 is a tea."""
_MAX_TERM = 64
_MAX_WHOLE_UNITS = 6

_HAN = re.compile(f"[{HAN}]+")
_CHUNK = re.compile(rf"[{HAN}]+|[^\s{HAN}]+")
_INCH = re.compile(r"(?<=\d)\s?(?:\"|'')")
_FOOT = re.compile(r"(?<=\d)'(?![a-z0-9'])")
_TIMES = re.compile(r"(?<=[\d\"'])x(?=\.?\d)|(?<=\din|\dft|\dcm|\dmm)x(?=\.?\d)")
_SIGNED = re.compile(r"(?<![^\W_])(?:[a-z]{1,2}(?:\+\+|#)|[a-z]\+|\.net)(?![^\W_]|[+#])")
"""Names whose sign is what tells them apart: C++, C#, F#, A+, .NET."""
_CORE = re.compile(
    _SIGNED.pattern + r"|(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d/]|,\d)(?:\.\d+)?|\d+/\d+(?!\d)"
    r"|(?!\d{3,}\.\d{3,})\d+\.\d+|(?<![^\W_])\.\d+|[^\W_]+"
)
_LISTED = re.compile(r"\d{3}(?:,\d{3})+|\d+(?:,\d{3}){3,}")
"""May well be several numbers: 206,207,307 are three cars."""
_MAX_GROUPS = 3
"""More groups of three digits are no number at all."""
_NUMBER_WITH_LETTERS = re.compile(r"(\d+)([a-z]+|[cm]?m[23])")
_NAME_WITH_NUMBER = re.compile(r"([a-z]{3,})(\d+)")
_POSSESSIVE = "'s"
_JOINERS = frozenset(["", "-", "_", "'", "&", ".", "*"])

_ROUND = re.compile(r"\d+\.0")

_MEASURES = {
    "inch": "in", "inches": "in", "foot": "ft", "feet": "ft", "pound": "lb", "pounds": "lb", "lbs": "lb",
    "ounce": "oz", "ounces": "oz", "gallon": "gal", "gallons": "gal", "gals": "gal", "quart": "qt", "quarts": "qt",
    "millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "millimetres": "mm", "centimeter": "cm",
    "centimeters": "cm", "centimetre": "cm", "centimetres": "cm", "kilogram": "kg", "kilograms": "kg", "kgs": "kg",
    "gigabyte": "gb", "gigabytes": "gb", "terabyte": "tb", "terabytes": "tb", "megabyte": "mb", "megabytes": "mb",
    "milliliter": "ml", "milliliters": "ml", "millilitre": "ml", "millilitres": "ml", "litre": "liter",
    "litres": "liter", "liters": "liter", "square": "sq", "pk": "pack", "packs": "pack", "pcs": "pc", "pieces": "pc",
    "piece": "pc", "milligram": "mg", "milligrams": "mg", "mcg": "ug", "ohms": "ohm", "kohms": "kohm", "sqm": "m2",
    "qm": "m2", "cbm": "m3", "ltr": "liter", "lt": "liter", "mtr": "meter", "meters": "meter", "metre": "meter",
    "metres": "meter", "grams": "gram", "gramme": "gram", "grammes": "gram", "kilo": "kg", "kilos": "kg",
    "centiliter": "cl", "centilitre": "cl",
}  # fmt: skip
_AFTER_DIGIT = {
    "w": "watt", "v": "volt", "a": "amp", "l": "liter", "m": "meter", "g": "gram", "in": "in", "ft": "ft", "lb": "lb",
    "oz": "oz", "gal": "gal", "qt": "qt", "mm": "mm", "cm": "cm", "kg": "kg", "gb": "gb", "tb": "tb", "mb": "mb",
    "ml": "ml", "pack": "pack", "pc": "pc", "ct": "ct", "count": "count", "mah": "mah", "hz": "hz", "ghz": "ghz",
    "mhz": "mhz", "mp": "mp", "sq": "sq", "yd": "yd", "btu": "btu", "cc": "cc", "kw": "kw", "hp": "hp", "rpm": "rpm",
    "psi": "psi", "amp": "amp", "amps": "amp", "watt": "watt", "watts": "watt", "volt": "volt", "volts": "volt",
    "liter": "liter", "meter": "meter", "gram": "gram", "mg": "mg", "ug": "ug", "um": "um", "cl": "cl", "dl": "dl",
    "ohm": "ohm", "kohm": "kohm", "m2": "m2", "m3": "m3", "cm2": "cm2", "cm3": "cm3", "uf": "uf", "nf": "nf",
    "pf": "pf",
}  # fmt: skip
MEASURES = frozenset(_AFTER_DIGIT.values())
"""Terms of measures: oz stands for ounce and ounces."""
_AFTER_SPACE = {letter: _AFTER_DIGIT[letter] for letter in ("w", "v", "l", "m", "g")}
"""Measures of one letter that are read as such after a number and a space, too."""
_COUNTERS = frozenset("码号匹斤支盒瓶袋片件层岁度")
"""Characters that count what a number says: 42码 is one size, not 42 and a piece of another word."""


class Cut(NamedTuple):
    """A text cut into terms."""

    units: tuple[str, ...]
    """Smallest searchable pieces, in reading order."""
    surfaces: tuple[str, ...]
    """For each unit, its letters before stemming; empty for a pair of Han characters across two words."""
    wholes: tuple[tuple[str, int, int], ...]
    """Term, first unit, and the unit after the last, of each term that stands for several units."""
    parts: tuple[str, ...] = ()
    """Pieces smaller than a unit."""


def words(text: str, *, language: str) -> list[str]:
    """Terms of a text, for the index or for a query.

    Args:
        text: Any Unicode text.
        language: ``en`` and ``mixed`` stem English words, ``zh`` does not; all of them cut Chinese.

    Returns:
        Units in reading order, then wholes. Empty where the text holds no letter or digit.
    """
    found = cut(text, language=language)  # parts are left out: they would count what is written once twice
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
    parts: list[str] = []
    for piece in _pieces(folded, stems=stems, with_dictionary=with_dictionary):
        new_units, new_surfaces, new_wholes, new_parts = piece
        shift = len(units)
        if new_units and shift and _is_number(units[-1]):
            if len(new_units) == 1 and new_surfaces[0] in _AFTER_SPACE:
                new_units = (_AFTER_SPACE[new_surfaces[0]],)
            if new_units[0] in MEASURES:
                wholes.append((units[-1] + new_units[0], shift - 1, shift + 1))
            elif new_units[0][0] in _COUNTERS:
                wholes.append((units[-1] + new_units[0][0], shift - 1, shift + (len(new_units[0]) == 1)))
        units += new_units
        surfaces += new_surfaces
        parts += new_parts
        for term, first, last in new_wholes:
            wholes.append((term, first + shift, last + shift))
    return Cut(tuple(units), tuple(surfaces), tuple(wholes), tuple(parts))


def word_term(word: str, *, language: str) -> str:
    """The unit that a word is cut into.

    Args:
        word: One word of plain letters, lower case.
        language: As for ``words``.

    Returns:
        Its stem, or the sign of a measure.
    """
    return _term(word, language != "zh")


def _pieces(folded: str, *, stems: bool, with_dictionary: bool) -> list[Cut]:
    if folded.isascii():
        return [_cut_latin(chunk, stems) for chunk in folded.split()]
    chunks = _CHUNK.findall(folded)
    cut_han = _cut_han if with_dictionary else _pairs
    return [cut_han(chunk) if _HAN.match(chunk) else _cut_latin(chunk, stems) for chunk in chunks]


@lru_cache(maxsize=1 << 17)
def _cut_latin(chunk: str, stems: bool) -> Cut:
    """Cut of a run without spaces and Han characters."""
    found = _Growing([], [], [], [], stems)
    for run in _runs(chunk):
        start = len(found.units)
        for _, core in run:
            if core != _POSSESSIVE:
                found.add(core)
        cores = [(joiner, core) for joiner, core in run if core != _POSSESSIVE]
        written = "".join(core for _, core in cores)
        if len(cores) > 1 and len(found.units) - start <= _MAX_WHOLE_UNITS and len(written) < _MAX_TERM:
            for whole in _wholes(cores):
                found.stand_for(_term(whole, stems), start)
        if len(cores) < len(run) and (len(cores) > 1 or not stems):
            found.parts.append(PART + written + "s")
        if not any(joiner == "*" for joiner, _ in run):
            found.add_code([core for _, core in cores])
    return Cut(tuple(found.units), tuple(found.surfaces), tuple(found.wholes), tuple(found.parts))


def _runs(chunk: str) -> list[list[tuple[str, str]]]:
    """Words and numbers of a chunk, each with what joins it to the one before; split where nothing joins them."""
    runs: list[list[tuple[str, str]]] = []
    end = 0
    for match in _CORE.finditer(chunk):
        joiner, core = chunk[end : match.start()], match.group()[:_MAX_TERM]
        if _LISTED.fullmatch(core):
            listed = [("", number) for number in core.split(",")]
            runs += [listed] if len(listed) <= _MAX_GROUPS else [[number] for number in listed]
            end = match.end()
            continue
        core = core.replace(",", "")
        is_possessive = joiner == "'" and core == "s" and runs
        if not runs or joiner not in _JOINERS:
            runs.append([])
        runs[-1].append((joiner, _POSSESSIVE if is_possessive else core))
        end = match.end()
    return runs


def _wholes(run: list[tuple[str, str]]) -> list[str]:
    """Terms that a run is as one: AT&T is at&t and att; but C&M is no cm."""
    whole = _joined(run)
    if all(joiner != "&" for joiner, _ in run[1:]):
        return [whole]
    with_sign = run[0][1] + "".join(joiner + core for joiner, core in run[1:])
    return [with_sign] if whole in _AFTER_DIGIT or whole in _MEASURES else [with_sign, whole]


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
    parts: list[str]
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

    def add_code(self, cores: list[str]) -> None:
        """Append the pieces of a model number, and of a name with a sign."""
        is_code = len(cores) > 2 or any("/" in core or _is_mixed(core) for core in cores)
        pieces = code_parts(cores) if is_code else []
        signed = [core.strip(".+#") for core in cores if not core[-1].isalnum() or core == ".net"]
        pieces += [core.partition(".")[0] for core in cores if _ROUND.fullmatch(core)]
        known = {*self.units, *(term for term, _, _ in self.wholes)}
        self.parts += [PART + piece for piece in dict.fromkeys(pieces + signed) if piece not in known]

    def stand_for(self, whole: str, start: int) -> None:
        """Let ``whole`` stand for all units from ``start`` on."""
        if all(whole != term for term, _, _ in self.wholes):
            self.wholes.append((whole, start, len(self.units)))

    def _append(self, unit: str, surface: str) -> None:
        self.units.append(unit)
        self.surfaces.append(surface)


def _is_mixed(core: str) -> bool:
    """Whether letters and digits make one word that is neither a number with its measure nor a name with its number."""
    if not core.isalnum() or core.isalpha() or core.isdecimal() or _NAME_WITH_NUMBER.fullmatch(core):
        return False
    measured = _NUMBER_WITH_LETTERS.fullmatch(core)
    return not (measured and _after_digit(measured[2]))


def _after_digit(letters: str) -> str:
    return _AFTER_DIGIT.get(_MEASURES.get(letters, letters), "")


def _term(core: str, stems: bool) -> str:
    if core[0] == "." and core[1:2].isdigit():
        return "0" + core
    measure = _MEASURES.get(core)
    if measure is not None:
        return measure
    return _stem(singular(core)) if stems and core.isalpha() else core


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
    characters = tuple(PART + character for character in dict.fromkeys(run))
    if len(run) == 1:
        return Cut((run,), (run,), (), (*characters, HEAD + run))
    pairs = tuple(run[i : i + 2] for i in range(len(run) - 1))
    return Cut(pairs, ("",) * len(pairs), (), characters)


@lru_cache(maxsize=1 << 16)
def _cut_han(run: str) -> Cut:
    """Cut of a run of Han characters: pairs, and the words that a dictionary finds other than pairs."""
    if len(run) == 1:
        return _pairs(run)
    pairs, _, _, characters = _pairs(run)
    surfaces = [""] * len(pairs)
    wholes = []
    heads = []
    for word, begin, end in _tokenizer()(run, "search"):
        if end - begin == 1:  # a word of one character stands for the pair that ends with it
            first = last = max(begin - 1, 0)
            wholes.append((word, first, last + 1))
        else:
            first, last = begin, end - 2
            if last > first:
                wholes.append((word, first, last + 1))
        heads.append(HEAD + word[-1])
        surfaces[first : last + 1] = pairs[first : last + 1]
    return Cut(pairs, tuple(surfaces), tuple(wholes), (*characters, *dict.fromkeys(heads)))


@cache
def _tokenizer() -> Callable[[str, str], list[tuple[str, int, int]]]:
    import rjieba  # noqa: PLC0415 the dictionary takes memory and time: only shops with Chinese texts pay for it

    tokenize: Callable[[str, str], list[tuple[str, int, int]]] = rjieba.tokenize
    return tokenize
