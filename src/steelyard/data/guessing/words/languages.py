"""Names of columns in many languages, made of their words: ``codigo_produto``, ``kod produktu``, ``Mã hàng``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from steelyard.data.guessing.words.asia import ASIA
from steelyard.data.guessing.words.eastern_europe import EASTERN_EUROPE
from steelyard.data.guessing.words.folding import folded_name
from steelyard.data.guessing.words.western_europe import WESTERN_EUROPE

__all__ = ["LANGUAGES", "score_in_languages", "score_of_words"]

LANGUAGES: Mapping[str, str] = {**WESTERN_EUROPE, **EASTERN_EUROPE, **ASIA}
"""By language its words by what they mean, as text; ``_`` joins the words of one name."""

_OF_ITEM = ("title", "description", "category", "brand", "price", "stock", "image", "attributes", "published", "gain")
"""Roles whose word may have that of an item beside it."""
_SURE, _PAIR, _ALONE, _LOOSE, _BARE_NOUN, _OTHER = 0.95, 0.93, 0.88, 0.7, 0.65, 0.3
"""How much a name speaks for a role: a name of one thing, two words that say what it is and of what, one word that
says it, one that may mean other things too, the noun of an item alone or a description for a title, and one that means
another thing of the kind (the price that was)."""
_BY_PARTS = frozenset(("title", "price", "time", "category", "stock", "description", "brand", "quantity"))
_WITH_TAX = frozenset(
    map(
        folded_name,
        "incl inkl inklusive inclusief incluse inclusa inclusive ttc brutto gross btw moms mwst ust dph vat iva "
        "tva kdv dahil afa alv pdv ддс ндс пдв с з with mit met con com cu avec z s su kaina φπα με 稅 含".split(),
    )
)
_BEFORE_TAX = frozenset(
    map(
        folded_name,
        "excl exkl ekskl eksl exclusief exclue esclusa excluding ht hors netto net bez ohne zonder sans sin sem "
        "senza fara haric без utan uden uten χωρις opt опт".split(),
    )
)
"""Words beside that of a price: it is what shoppers pay, or what the shop reckons with."""
_PART = 0.4
"""For a name that begins or ends in the word of a role, the others not known."""
_SHORTEST = 4
_UNITS = frozenset(("eur", "usd", "gbp", "pln", "zl", "czk", "kc", "huf", "ft", "ron", "lei", "rub", "uah", "try", "tl",
                    "inr", "thb", "vnd", "idr", "rp", "sek", "nok", "dkk", "kr", "chf", "twd", "hkd", "krw", "brl",
                    "ils", "aed", "sar", "egp", "rsd", "bgn", "euro", "dong"))  # fmt: skip
"""Currencies that names of columns end in."""
_EVERYWHERE = {"id": "id ids code no nr num number kod cod ref sku uuid", "item": "sku item product", "user": "user"}
"""Words that shops write in any language."""

_ALONE_TOO = ("item_id", "user", "session", "time", "kind", "query", "quantity", *_OF_ITEM)
"""Roles whose word is a name by itself."""
_PAIRS = (
    *((role, role, "item", _PAIR) for role in _OF_ITEM),
    ("item_id", "id", "item", _PAIR),
    ("title", "name", "item", _PAIR),
    ("user", "id", "user", _PAIR),
    ("session", "id", "session", _PAIR),
    ("price", "price", "sale", _PAIR),
    ("price", "price", "was", _OTHER),
    ("reduced_price", "price", "reduced", _PAIR),
    ("time", "time", "session", _PAIR),
    ("time", "time", "did", _PAIR),
    ("time", "time", "changed", _OTHER),
    ("stock", "quantity", "stock", _PAIR),
    ("quantity", "quantity", "item", _PAIR),
    ("quantity", "quantity", "session", _PAIR),
    ("quantity", "quantity", "sale", _PAIR),
    ("kind", "type", "did", _PAIR),
)
"""By role the two words that make a name of it, and how much it speaks for it."""


def score_in_languages(folded: str, role: str) -> float:
    """How much a name speaks for a role in any of the languages.

    Args:
        folded: The name, folded.
        role: One of the roles of columns, or ``reduced_price``.

    Returns:
        0 where no language makes such a name for the role.
    """
    return _names().get(role, {}).get(folded, 0.0)


def score_of_words(words: Sequence[str], role: str) -> float:
    """How much a name of several words speaks for a role that its first or last word names.

    Args:
        words: Of the name.
        role: One of the roles of columns.

    Returns:
        As much as the name without amounts and currencies; less where words are left that are not known, little for a
        price before taxes, and nothing for ids, whose noun alone does not say that they are one.
    """
    folded = [folded_name(word) for word in words]
    known = [word for word in folded if word not in _UNITS]
    if len(known) < len(words) and known and (whole := score_in_languages("".join(known), role)):
        return whole
    if len(known) < 2 or role not in _BY_PARTS:
        return 0.0
    for at, rest in ((0, known[1:]), (-1, known[:-1])):
        if len(known[at]) >= _SHORTEST and score_in_languages(known[at], role) >= _ALONE:
            return _PART if role != "price" else _priced(rest)
    return 0.0


def _priced(rest: Sequence[str]) -> float:
    """What the words beside that of a price make of it: one with taxes, one without, or a thing that is not known."""
    if _BEFORE_TAX & set(rest):
        return _OTHER
    return _PAIR if _WITH_TAX >= set(rest) else _PART


@cache
def _names() -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for text in LANGUAGES.values():
        for role, names in _made(_words(text)).items():
            of_role = found.setdefault(role, {})
            for name, score in names.items():
                of_role[name] = max(score, of_role.get(name, 0.0))
    return found


def _words(text: str) -> dict[str, list[str]]:
    """The folded words by what they mean."""
    lines = [line for line in text.replace("\n  ", " ").splitlines() if line]
    told = [line.partition(":")[::2] for line in lines]
    return {what: [folded_name(word) for word in words.split()] for what, words in told}


def _made(cut: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """The names that the words of a language make: by role, how much each speaks for it."""
    own_nouns = cut.get("item", [])
    cut |= {what: [*cut.get(what, []), *words.split()] for what, words in _EVERYWHERE.items()}
    made: dict[str, dict[str, float]] = {}

    def put(role: str, names: Iterable[str], score: float) -> None:
        of_role = made.setdefault(role, {})
        for name in names:
            of_role[name] = max(score, of_role.get(name, 0.0))

    for role in _ALONE_TOO:
        put(role, cut.get(role, []), _SURE if role == "item_id" else _ALONE)
        put(role, cut.get(f"{role}_maybe", []), _LOOSE)
    for role, first, second, score in _PAIRS:
        put(role, _pairs(cut, first, second), score)
    put("title", cut.get("name", []), _ALONE)
    put("item_id", own_nouns, _LOOSE)
    put("item_id", cut.get("id", []), _OTHER)
    put("title", own_nouns, _BARE_NOUN)
    put("title", [*cut.get("description", []), *_pairs(cut, "description", "item")], _BARE_NOUN)
    return made


def _pairs(cut: Mapping[str, list[str]], one: str, other: str) -> Iterator[str]:
    """Two words in either order, with nothing or a small word between them."""
    links = ["", *cut.get("of", [])]
    for first in cut.get(one, []):
        for second in cut.get(other, []):
            if first != second:
                yield from (f"{a}{link}{b}" for a, b in ((first, second), (second, first)) for link in links)
