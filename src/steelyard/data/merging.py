"""Items that are one product listed twice: which of them stands for the others, and why.

Two items are one product where their trade item number is the same, or where their texts say the same, and nothing
speaks against it. What speaks against it: other sizes, colours or options in any column of the file or in the title,
another trade item number, variants of one parent, another price, another picture. In doubt nothing is merged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from steelyard.data.detectors.near_duplicates import squeezed
from steelyard.data.guessing.roles import folded_name, name_score
from steelyard.data.values.normalise import fold

__all__ = ["Listed", "Stands", "gtin_of", "merged", "telling_columns"]

_MOST_OTHERS = 40
_SURE_NAME = 0.6
_MOST_COMPARED = 50
"""Products of one bucket that an item is compared with."""
_FORMS = (8, 12, 13, 14)
_NUMBER_NAMES = frozenset(
    ("gtin", "gtin8", "gtin12", "gtin13", "gtin14", "ean", "ean8", "ean13", "eancode", "upc", "upca", "upccode", "isbn",
     "isbn13", "jan", "jancode", "barcode", "barcodes", "variantbarcode", "gtinupceanorisbn", "globaluniqueid",
     "条码", "条形码", "商品条码", "国际条码", "바코드")
)  # fmt: skip
_OPTION_NAMES = (
    "size", "color", "colour", "variant", "option", "style", "material", "flavour", "flavor", "scent", "capacity",
    "storage", "memory", "volume", "weight", "length", "width", "height", "depth", "dimension", "pack", "quantityper",
    "model", "edition", "format", "platform", "language", "gender", "agegroup", "pattern", "finish", "shade", "grosse",
    "groesse", "große", "farbe", "ausfuhrung", "ausfuehrung", "inhalt", "gewicht", "lange", "breite", "hohe", "taille",
    "couleur", "pointure", "talla", "tamano", "taglia", "colore", "kleur", "maat", "condition", "zustand", "voltage",
    "尺码", "尺寸", "颜色", "规格", "型号", "款式", "容量", "口味", "材质", "重量", "套餐", "版本", "サイズ", "カラー",
    "色", "규격", "색상", "사이즈", "용량", "mpn", "manufacturerpartnumber", "partnumber",
)  # fmt: skip
"""Words in the names of columns that tell variants of a product apart."""
_OPTION_WORDS = frozenset(
    """black white red green blue yellow orange purple violet pink brown grey gray beige navy silver gold golden ivory
    cream turquoise teal maroon khaki olive charcoal transparent clear dark light xs small medium large xl xxl xxxl mini
    midi maxi big long short narrow wide regular left right male female men women mens womens boys girls kids baby
    adult junior schwarz weiss weiß rot grün grun blau gelb lila rosa braun grau silber klein mittel gross groß links
    rechts herren damen kinder noir blanc rouge vert bleu jaune rose gris petit moyen grand homme femme enfant negro
    blanco rojo verde azul amarillo gris pequeño mediano grande hombre mujer nero bianco rosso giallo decaf sugarfree
    single double twin triple king queen refill set pair box new used refurbished""".split()
)
_HAN_OPTIONS = re.compile("[黑白红绿蓝黄橙紫粉棕灰金银米大中小男女左右单双长短厚薄]")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_PIECES = re.compile(r"[㐀-鿿豈-﫿]|[^\W_㐀-鿿豈-﫿]+")
_LEAST_LETTERS = 5
"""Of a word that may be a slip of the pen of another."""
_USUAL = 3
"""Titles that hold a word of the shop."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An item, as far as it is compared."""

    item: int
    text: int
    group: int
    """Texts that are the same or alike have one number."""
    title: str
    rest: str
    """Brand, category, description and attributes, folded."""
    number: str
    """Its trade item number as 14 digits; empty where there is none, or its check digit is wrong."""
    options: tuple[str, ...]
    """What columns say of its size, colour and the like, folded."""
    parent: str
    price: float | None
    image: str
    is_offered: bool
    others: tuple[str, ...] = ()
    """What columns say whose meaning is not known, and whose values many items share."""


@dataclass(frozen=True, slots=True)
class Stands:
    """One item, and the one that stands for it."""

    item: int
    by: int
    why: str
    """``gtin``, ``text``, ``setting`` (case, marks) or ``spelling``."""


def gtin_of(written: str) -> str:
    """A trade item number (EAN, UPC, ISBN, JAN) as 14 digits.

    Args:
        written: As a shop writes it: with blanks or dashes, or as a number of a table tool.

    Returns:
        Empty where it has another length or a wrong check digit, or is one that shops make up (all digits alike).
    """
    digits = re.sub(r"\D", "", re.sub(r"\.0+$", "", written.strip().strip("'\"=")))
    if len(digits) == 10 and re.fullmatch(r"[\d\s-]+[\dXx]", written.strip()):
        return ""  # an old book number has no check digit of this kind
    if len(digits) not in _FORMS or len(set(digits)) == 1:
        return ""
    whole = digits.zfill(14)
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(whole))
    return whole if total % 10 == 0 else ""


def telling_columns(
    columns: Sequence[str], *, used: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The columns of a file that hold trade item numbers, those that tell variants apart, and those that may.

    Args:
        columns: Of the file.
        used: Those that play a role.

    Returns:
        All by their names, in their order; stocks and prices are among none of them.
    """
    folded = {column: folded_name(column) for column in columns}
    numbers = tuple(column for column, name in folded.items() if name in _NUMBER_NAMES)
    options = tuple(
        column
        for column, name in folded.items()
        if column not in numbers and any(word in name for word in _OPTION_NAMES)
    )
    others = tuple(
        column
        for column in columns
        if column
        and column not in (*numbers, *options, *used)
        and not any(name_score(column, role) > _SURE_NAME for role in ("stock", "price", "published"))
    )
    return numbers, options, others[:_MOST_OTHERS]


def merged(items: Sequence[Listed], common: Mapping[str, int]) -> list[Stands]:
    """Which items are one product, and which of them stands for it.

    Args:
        items: In the order of the catalogue.
        common: In how many titles a folded word stands.

    Returns:
        In the order of the items. An item that can be had stands before one that cannot, then the earlier one; who
        stands for another is not itself merged.
    """
    found: dict[int, Stands] = {}
    kept: dict[tuple[str, object], list[Listed]] = {}
    for item in sorted(items, key=lambda each: (not each.is_offered, each.item)):
        buckets: list[tuple[str, object]] = [("gtin", item.number)] if item.number else []
        buckets.append(("group", item.group))
        for bucket in buckets:
            stands = _first_like(item, kept.get(bucket, ()), common)
            if stands:
                found[item.item] = stands
                break
        else:
            for bucket in buckets:
                kept.setdefault(bucket, []).append(item)
    return [found[item] for item in sorted(found)]


def _first_like(item: Listed, others: Sequence[Listed], common: Mapping[str, int]) -> Stands | None:
    for other in others[:_MOST_COMPARED]:
        why = _why(other, item, common)
        if why:
            return Stands(item.item, other.item, why)
    return None


def _why(one: Listed, other: Listed, common: Mapping[str, int]) -> str:
    """Why two items are one product; empty where they are not, or nobody can be sure."""
    if _differ(one, other):
        return ""
    if one.number and one.number == other.number:
        return "" if _other_options(one.title, other.title) else "gtin"
    is_other_price = one.price is not None and other.price is not None and one.price != other.price
    if one.others != other.others or is_other_price or (one.image and other.image and one.image != other.image):
        return ""
    return "text" if one.text == other.text else _alike(one, other, common)


def _alike(one: Listed, other: Listed, common: Mapping[str, int]) -> str:
    """Whether two texts differ in their writing alone, and how."""
    key, its = squeezed(one.title), squeezed(other.title)
    if one.rest != other.rest or not key or _other_options(one.title, other.title):
        return ""
    if key == its:
        return "setting"
    is_priced = one.price is not None and one.price == other.price
    return "spelling" if is_priced and _is_slip(one.title, other.title, common) else ""


def _differ(one: Listed, other: Listed) -> bool:
    """Whether something says that they are two products, whatever else is the same."""
    is_other_number = bool(one.number and other.number and one.number != other.number)
    are_variants = bool(one.parent) and one.parent == other.parent
    return is_other_number or are_variants or one.options != other.options


def _words(title: str) -> Counter[str]:
    return Counter(_PIECES.findall(fold(title)))


def _other_options(one: str, other: str) -> bool:
    """Whether two titles name another number, size or colour."""
    if _NUMBERS.findall(fold(one)) != _NUMBERS.findall(fold(other)):
        return True
    first, second = _words(one), _words(other)
    odd = [*(first - second), *(second - first)]
    return any(len(word) == 1 or word in _OPTION_WORDS or _HAN_OPTIONS.search(word) for word in odd)


def _is_slip(one: str, other: str, common: Mapping[str, int]) -> bool:
    """Whether one title has a slip of the pen in a single word that the shop else writes as the other title does."""
    first, second = _words(one), _words(other)
    left, right = list((first - second).elements()), list((second - first).elements())
    if len(left) != 1 or len(right) != 1:
        return False
    word, its = left[0], right[0]
    if min(len(word), len(its)) < _LEAST_LETTERS or not (word + its).isalpha():
        return False
    counts = sorted((common.get(word, 0), common.get(its, 0)))
    return counts[0] <= 1 and counts[1] >= _USUAL and OSA.distance(word, its) == 1
