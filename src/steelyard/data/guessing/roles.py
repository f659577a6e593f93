"""How well a column suits a role, judged by its name and by a sample of its values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from steelyard.data.guessing.event_words import KIND_WORDS, event_kind_of
from steelyard.data.guessing.profiles import HAN, ColumnProfile, profile
from steelyard.data.guessing.role_names import HEADS, ROLE_NAMES, WEAK_NAMES
from steelyard.data.guessing.words.folding import folded_name
from steelyard.data.guessing.words.languages import score_in_languages, score_of_words
from steelyard.data.published import read_published
from steelyard.data.values.grades import scale_of_grades
from steelyard.data.values.stock import read_stock

__all__ = [
    "KIND_WORDS",
    "LISTED",
    "ROLE_NAMES",
    "ColumnProfile",
    "event_kind_of",
    "fit",
    "folded_name",
    "is_number_of_another",
    "is_other_price",
    "name_score",
    "profile",
    "whole_name_score",
]

LISTED = 0.6
"""Score of a whole name from which it is one that columns of the role have."""

_DOUBTFUL = 0.1
"""Fit of a column whose name says what it is and whose values mostly do not."""
_PRODUCT_FORMS = frozenset(
    ("simple", "variable", "variation", "configurable", "grouped", "bundle", "virtual", "downloadable", "external",
     "variant", "parent", "subscription", "affiliate", "product", "productgroup", "individualproduct", "offer")
)  # fmt: skip
"""How a shop system stores a product, which is no category of goods."""
_GRADE_WORDS = frozenset(
    ("e", "s", "c", "i", "exact", "substitute", "complement", "irrelevant", "partial", "exact match", "partial match",
     "perfect", "excellent", "good", "fair", "bad", "relevant", "not relevant", "highly relevant", "vital", "useful",
     "somewhat relevant", "partially relevant", "high", "medium", "low", "no match", "match", "相关", "不相关",
     "部分相关", "完全匹配", "高度相关", "弱相关", "完全一致", "部分一致", "不一致", "関連", "無関係", "exakt",
     "teilweise")
)  # fmt: skip
_NAMED_KIND, _OWN_WORDS, _MOST_KINDS = 0.85, 0.4, 30
"""Name from which a column is one of kinds whatever its words are, how well unknown words suit, and how many may be."""
_HIGHEST_KIND = 9
"""Up to which numbers in a column of a looser name may be kinds."""
_OF_IDS = ("session", "user", "item_id", "event_id", "parent")
_LAST_EPOCH = 4.1e9
"""Seconds from 1970 to the end of the century."""
_MOST_POINTS, _AS_POINTS = 100, 0.7
"""Highest grade there may be, and how well grades above ten suit."""
_WITHOUT_TAIL = 0.9
"""Weight of a name whose last word is a language or a currency."""
_ANOTHER = 0.3
"""Most that a name speaks for a role of which it names another thing."""
_JOINED_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")
_UNIT = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*$")
_HOLDERS = frozenset(
    ("item", "items", "product", "products", "variant", "variants", "data", "node", "source", "_source", "ecommerce",
     "event", "properties", "context", "params", "fields", "lineitems", "line_items", "record", "event_attributes",
     "object", "hit", "payload", "row", "doc", "document", "prices", "pricing")
)  # fmt: skip
"""What a path of an unfolded record begins with and says nothing."""
_SAYS_NOTHING = frozenset(("id", "ids", "no", "number", "num", "nr", "code", "key", "name", "type", "hash", "text"))
_AFTER = frozenset(
    ("id", "号", "编号", "名", "名称", "编码", "昵称", "代码", "コード", "番号", "名前", "标识", "1", "2", "3")
)
_TAIL = frozenset(("en", "de", "us", "uk", "cn", "html", "text", "value", "values", "str", "usd", "eur", "gbp"))


def _scored(role: str) -> Mapping[str, float]:
    """How much each listed name speaks for a role."""
    listed = ((ROLE_NAMES[role], 1.0), (WEAK_NAMES.get(role, ()), 0.75))
    scores: dict[str, float] = {}
    for names, top in listed:
        for at, name in enumerate(names):
            scores.setdefault(folded_name(name), top - 0.15 * at / len(names))
    return scores


_OF_ROLE: Mapping[str, Mapping[str, float]] = {role: _scored(role) for role in ROLE_NAMES}
_SURE_OF_ROLE = {role: tuple(map(folded_name, names)) for role, names in ROLE_NAMES.items()}


def name_score(name: str, role: str) -> float:
    """How much a column's name speaks for a role, in [0, 1]: 1 for the usual name, less for looser ones.

    Args:
        name: As it is written; case, marks, accents and a unit in brackets do not count.
        role: One of ``ROLE_NAMES``.

    Returns:
        1 to 0.85 for a name that means the role, 0.75 to 0.6 for one that may mean other things too, less for a name
        that is only made of its words.
    """
    plain = unicodedata.normalize("NFKC", name)
    parts = [part for part in plain.split(".") if part]
    while len(parts) > 1 and parts[0].lower() in _HOLDERS:
        parts.pop(0)
    bare = ".".join(parts)
    best = max(whole_name_score(written, role) for written in (plain, bare, _UNIT.sub("", bare)))
    best = best or _made_of_words(bare, role) or _of_parts(bare, role)
    return best or (0.9 * whole_name_score(parts[0], role) if len(parts) > 1 else 0.0)


def whole_name_score(name: str, role: str) -> float:
    """How much a name speaks for a role as it stands, none of its parts looked at.

    Args:
        name: As it is written.
        role: One of ``ROLE_NAMES``.

    Returns:
        0 where it is no name that is listed or that a known language makes.
    """
    folded = folded_name(name)
    return _OF_ROLE.get(role, {}).get(folded) or score_in_languages(folded, role)


def is_number_of_another(column: ColumnProfile) -> bool:
    """Whether a column of numbers is named as an id: large numbers look like times, and a basket's are none."""
    return column.time_share == 0 and any(name_score(column.name, role) >= LISTED for role in _OF_IDS)


def _made_of_words(name: str, role: str) -> float:
    """0.75 for a name like ``web_product_no`` whose words all suit the role, 0.4 where one of them is not known."""
    heads = HEADS.get(role)
    words = _words_of(name)
    n_words = len(words)
    while len(words) > 1 and words[-1] in _TAIL:
        words.pop()
    if len(words) < n_words and (whole := whole_name_score("".join(words), role)):
        return _WITHOUT_TAIL * whole
    if heads is None or not words or words[-1] not in heads.last or heads.never & set(words):
        return 0.0
    before = set(words[:-1])
    if not before:
        return 0.4
    if before <= heads.of:
        return 0.75
    is_open = role == "item_id" or words[-1] not in _SAYS_NOTHING  # in a catalogue any id that is unique may be its
    return 0.55 if heads.of & before else (0.3 if is_open else 0.0)


def _words_of(name: str) -> list[str]:
    return [word.lower() for word in _NOT_WORD.split(_CAMEL.sub(" ", name)) if word]


def _of_parts(name: str, role: str) -> float:
    """What the end of a compound or one of its words says; little where a word makes another thing of it, as a cost."""
    heads, words = HEADS.get(role), _words_of(name)
    ends = _ends_in(folded_name(name), role)
    if heads is not None and heads.never & set(words):
        return min(ends, _ANOTHER)
    return ends or score_of_words(words, role)


def is_other_price(name: str) -> bool:
    """Whether a word of a name makes it another amount than what a shopper pays: a cost, a discount, a tax."""
    return bool(HEADS["price"].never & set(_words_of(name)))


def _ends_in(folded: str, role: str) -> float:
    """What a compound says by its end, as ``税込販売価格`` or ``Grosshandelspreis``; numbers and names may follow."""
    best = 0.0
    for known in _SURE_OF_ROLE.get(role, ()):
        is_asian = HAN.match(known) is not None
        if len(known) < (2 if is_asian else 5) or known not in folded:
            continue
        rest = folded[folded.rindex(known) + len(known) :]
        if not rest or (is_asian and rest in _AFTER):
            best = max(best, 0.65 if is_asian else 0.5)
        elif len(known) > 3 or is_asian:
            best = max(best, 0.5 * len(known) / len(folded))
    return best


def fit(column: ColumnProfile, role: str, *, is_log: bool) -> float:
    """How well a column's sampled values suit a role of ``ROLE_NAMES``, from 0 (impossible, or no value at all) to 1.

    Item ids need not be distinct where ``is_log`` says that the table has many rows an item.
    """
    if column.filled_share == 0:
        return 0.0
    if role == "item_id":
        return _item_id(column, is_log=is_log)
    if role == "title" and not is_log:
        return _title(column) * (1.0 if column.distinct_share > 0.6 or column.n_distinct > 200 else 0.5)
    return _FITS.get(role, _identifier)(column)


def _item_id(column: ColumnProfile, *, is_log: bool) -> float:
    """In a catalogue each id is there once; a few rows without one are rows of pictures."""
    if is_log:
        return _identifier(column)
    is_unique = column.distinct_share > 0.95 and column.filled_share > 0.6
    if not is_unique or column.path_share > 0.5:
        return 0.0
    return _identifier(column) * (1.0 if column.filled_share > 0.95 else 0.4)


def _identifier(column: ColumnProfile) -> float:
    is_short = column.mean_words <= 1.5 and column.mean_chars <= 70
    is_other = column.address_share > 0.5 or column.html_share > 0 or (column.money_share > 0.5 > column.whole_share)
    return 1.0 if is_short and column.time_share < 0.5 and column.json_share == 0 and not is_other else 0.0


def _title(column: ColumnProfile) -> float:
    if column.numeric_share > 0.9 or column.json_share > 0.5 or column.time_share > 0.5 or column.mean_chars < 2:
        return 0.0
    if column.address_share > 0.5 or column.html_share > 0.3 or column.is_yes_no or column.mean_chars > 400:
        return 0.0
    wordy = 0.3 if _is_asian(column) else min(column.mean_words, 3) / 10
    return max(0.1, min(1.0, 0.4 + wordy + column.distinct_share / 4) - 0.5 * column.path_share)


def _is_asian(column: ColumnProfile) -> bool:
    return any(HAN.search(value) for value in column.values)


def _description(column: ColumnProfile) -> float:
    if column.numeric_share >= 0.5 or column.json_share >= 0.5 or column.address_share > 0.5 or column.is_yes_no:
        return 0.0
    if column.html_share > 0.3:
        return 1.0
    return 1.0 if column.mean_chars >= (6 if _is_asian(column) else 15) else (0.5 if column.mean_words > 1.2 else 0.0)


def _label(column: ColumnProfile) -> float:
    if column.numeric_share >= 0.9 or column.mean_chars > 120 or column.json_share > 0 or column.is_yes_no:
        return 0.0
    return 0.0 if column.address_share > 0.5 or column.time_share > 0.5 or column.html_share > 0.3 else 1.0


def _category(column: ColumnProfile) -> float:
    """Levels, or a label that many items share; not the form in which a shop system stores a product."""
    if {value.lower() for part in column.all_values for value in part.split(",")} <= _PRODUCT_FORMS:
        return 0.0
    label = _label(column) or (1.0 if column.path_share > 0.5 and column.mean_chars <= 400 else 0.0)
    is_shared = column.path_share > 0.3 or column.distinct_share < 0.7 or column.n_distinct <= 12
    return label if is_shared else 0.6 * label


def _amount(column: ColumnProfile) -> float:
    is_number = column.numeric_share > 0.8 and column.time_share < 0.5
    return 1.0 if is_number and column.address_share < 0.5 else 0.0


def _price(column: ColumnProfile) -> float:
    """A column by the name of a price is taken for one as soon as some of it reads; a person looks at the rest."""
    if column.json_share > 0.5 or column.is_yes_no:
        return 0.0
    found = _amount(column) if column.low >= 0 else 0.0
    if found == 0.0 and column.money_share > 0.8 and column.time_share < 0.5 and column.numeric_share > 0:
        found = 0.8
    found = found or (_DOUBTFUL if column.numeric_share > 0 and column.time_share < 0.5 else 0.0)
    return found * (1.0 if column.filled_share > 0.6 else 0.6)


def _stock(column: ColumnProfile) -> float:
    if column.time_share > 0.5 or column.money_share > 0.5 > column.whole_share:
        return 0.0
    read = sum(read_stock(value).is_read for value in column.values)
    filled = 0.5 + 0.5 * column.filled_share
    return filled if read > 0.8 * len(column.values) else (_DOUBTFUL if read else 0.0)


def _time(column: ColumnProfile) -> float:
    is_epoch = column.numeric_share > 0.95 and column.low > 1e8 and _are_epochs(column)
    is_day = is_epoch and column.high < 1e8 + 2.1e7
    is_joined = column.n_distinct > 1 and all(map(_JOINED_DAY.fullmatch, column.values))
    return 1.0 if column.time_share > 0.8 or is_joined else (0.9 if is_epoch and not is_day else 0.0)


def _are_epochs(column: ColumnProfile) -> bool:
    """Whether all numbers are times from 1973 to 2100 in one unit, from seconds to nanoseconds."""
    return any(unit * 1e8 <= column.low <= column.high <= unit * _LAST_EPOCH for unit in (1, 1e3, 1e6, 1e9))


def _gain(column: ColumnProfile) -> float:
    if column.numeric_share > 0.9:
        is_of_points = 0 <= column.low < column.high <= _MOST_POINTS and column.n_distinct <= _MOST_POINTS + 1
        is_short = 0 < column.high - column.low <= 10 and column.n_distinct <= 30
        return 1.0 if is_short else (_AS_POINTS if is_of_points else 0.0)
    is_word = {value.strip().lower() for value in column.all_values} <= _GRADE_WORDS
    return 1.0 if is_word or scale_of_grades(column.counts, grades={}).gains else 0.0


def _query(column: ColumnProfile) -> float:
    is_text = column.numeric_share < 0.9 and column.mean_chars <= 60 and column.time_share < 0.5
    return 1.0 if is_text and column.address_share < 0.5 and not column.is_yes_no else 0.0


def _kind(column: ColumnProfile) -> float:
    """Words that are known; a column that its name makes one of kinds may hold words or numbers of the shop's own."""
    if column.n_distinct > 60:
        return 0.0
    if column.numeric_share < 0.5 and any(map(event_kind_of, column.all_values)):
        return 1.0
    is_short = column.whole_share == 1.0 and 0 <= column.low <= column.high <= _HIGHEST_KIND
    needed = LISTED if is_short and folded_name(column.name) != "status" else _NAMED_KIND
    is_named = whole_name_score(column.name, "kind") >= needed and column.time_share < 0.5
    return _OWN_WORDS if is_named and 1 < column.n_distinct <= _MOST_KINDS and column.mean_chars <= 40 else 0.0


def _published(column: ColumnProfile) -> float:
    said = [read_published(value, is_flag=True) for value in column.all_values]
    return 1.0 if None not in said or column.time_share > 0.8 else 0.0


_FITS: dict[str, Callable[[ColumnProfile], float]] = {
    "title": _title,
    "description": _description,
    "category": _category,
    "brand": _label,
    "platform": _label,
    "price": _price,
    "stock": _stock,
    "quantity": _amount,
    "position": _amount,
    "image": lambda column: 1.0 if column.address_share > 0.5 else 0.0,
    "attributes": lambda column: 1.0 if column.numeric_share < 0.9 and column.address_share < 0.5 else 0.0,
    "time": _time,
    "kind": _kind,
    "query": _query,
    "gain": _gain,
    "published": _published,
}
