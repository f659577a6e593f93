"""How well a column suits a role, judged by its name and by a sample of its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.data.role_names import KIND_WORDS, ROLE_NAMES
from steelyard.data.stock import read_stock

__all__ = ["KIND_WORDS", "ROLE_NAMES", "ColumnProfile", "event_kind_of", "fit", "name_score", "profile"]

_HAN = re.compile(r"[㐀-鿿]")
_TIME = re.compile(
    r"(19|20)\d\d[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T]\d{1,2}:\d\d.*)?|\d{1,2}[/.]\d{1,2}[/.](19|20)\d\d( .*)?"
)
_DOUBTFUL = 0.1
"""Fit of a column whose name says what it is and whose values mostly do not."""
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp)|^https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column as seen in a sample of rows."""

    name: str
    distinct_share: float
    """Distinct values per value, in [0, 1]."""
    n_distinct: int
    filled_share: float
    numeric_share: float
    """Of the values, those that read as numbers."""
    time_share: float
    """Of the values, those that read as dates or times (plain numbers do not)."""
    json_share: float
    mean_chars: float
    mean_words: float
    low: float
    """Smallest number; 0 where there is none."""
    high: float
    values: tuple[str, ...]
    """A few distinct values."""
    not_numbers: tuple[str, ...] = ()
    """The commonest values that do not read as numbers, three at most."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How often each value occurs in the sample, the commonest first, thirty at most."""


def profile(name: str, values: Sequence[str | None], numbers: Sequence[float | None] = ()) -> ColumnProfile:
    """What a sample of a column's values says of it.

    Args:
        name: The column's name.
        values: Texts; empty and ``None`` where there is no value.
        numbers: What the reader of files reads each value as, ``None`` where it is no number; empty for a column that
            holds none.

    Returns:
        Shares, range and examples.
    """
    filled = [value for value in values if value]
    n = max(len(filled), 1)
    known = [number for number in numbers if number is not None]
    unread = [value for value, number in zip(values, numbers, strict=False) if value and number is None]
    counts = Counter(filled)
    return ColumnProfile(
        name=name,
        distinct_share=len(counts) / n,
        n_distinct=len(counts),
        filled_share=len(filled) / max(len(values), 1),
        numeric_share=len(known) / n,
        time_share=sum(bool(_TIME.fullmatch(v)) for v in filled) / n,
        json_share=sum(v.startswith("{") for v in filled) / n,
        mean_chars=sum(map(len, filled)) / n,
        mean_words=sum(len(v.split()) for v in filled) / n,
        low=min(known, default=0.0),
        high=max(known, default=0.0),
        values=tuple(dict.fromkeys(filled))[:50],
        not_numbers=tuple(value for value, _ in Counter(unread).most_common(3)),
        counts=dict(counts.most_common(30)),
    )


def name_score(name: str, role: str) -> float:
    """How much a column's name speaks for a role, in [0, 1]: 1 for the usual name, less for looser ones."""
    outer, _, inner = name.rpartition(".")
    if outer:  # a value inside another column: its own name speaks for it
        return max(0.95 * name_score(inner, role), name_score(f"{outer}_{inner}".replace(".", "_"), role))
    folded, names = re.sub(r"[\W_]+", "", name).lower(), ROLE_NAMES[role]
    if folded in names:
        return 1.0 - 0.4 * names.index(folded) / len(names)
    inside = [known for known in names if (len(known) > 3 or _HAN.match(known)) and known in folded]
    return 0.5 * max((len(known) / len(folded) for known in inside), default=0.0)


def fit(column: ColumnProfile, role: str, *, is_log: bool) -> float:
    """How well a column's sampled values suit a role of ``ROLE_NAMES``, from 0 (impossible, or no value at all) to 1.

    Item ids need not be distinct where ``is_log`` says that the table has many rows an item.
    """
    if column.filled_share == 0:
        return 0.0
    if role == "item_id":
        is_unique = column.distinct_share > 0.95 and column.filled_share > 0.95
        return _identifier(column) if is_log or is_unique else 0.0
    return _FITS.get(role, _identifier)(column)


def event_kind_of(value: str) -> str | None:
    """The event kind a value of a log stands for; ``None`` where it looks like none."""
    folded = value.strip().lower()
    return next((kind for kind, known in KIND_WORDS.items() if folded in known), None)


def _identifier(column: ColumnProfile) -> float:
    is_short = column.mean_words <= 1.5 and column.mean_chars <= 45
    return 1.0 if is_short and column.time_share < 0.5 and column.json_share == 0 else 0.0


def _title(column: ColumnProfile) -> float:
    if column.numeric_share > 0.9 or column.json_share > 0.5 or column.time_share > 0.5 or column.mean_chars < 2:
        return 0.0
    is_chinese = any(_HAN.search(value) for value in column.values)
    return min(1.0, 0.4 + (0.3 if is_chinese else column.mean_words / 5) + column.distinct_share / 4)


def _description(column: ColumnProfile) -> float:
    is_chinese = any(_HAN.search(value) for value in column.values)
    is_long = column.mean_chars >= (6 if is_chinese else 15)
    return 1.0 if is_long and column.numeric_share < 0.5 and column.json_share < 0.5 else 0.0


def _label(column: ColumnProfile) -> float:
    return 1.0 if column.numeric_share < 0.9 and column.mean_chars <= 80 and column.json_share == 0 else 0.0


def _amount(column: ColumnProfile) -> float:
    return 1.0 if column.numeric_share > 0.8 and column.time_share < 0.5 else 0.0


def _price(column: ColumnProfile) -> float:
    """A column by the name of a price is taken for one as soon as some of it reads; a person looks at the rest."""
    return _amount(column) or (_DOUBTFUL if column.numeric_share > 0 and column.time_share < 0.5 else 0.0)


def _stock(column: ColumnProfile) -> float:
    read = sum(read_stock(value).is_read for value in column.values)
    if read > 0.8 * len(column.values):
        return 1.0
    return _DOUBTFUL if read else 0.0


def _time(column: ColumnProfile) -> float:
    is_epoch = column.numeric_share > 0.95 and column.low > 1e8 and column.high < 1e20
    return 1.0 if column.time_share > 0.8 else (0.9 if is_epoch else 0.0)


def _gain(column: ColumnProfile) -> float:
    is_scale = column.numeric_share > 0.9 and 0 < column.high - column.low <= 10 and column.n_distinct <= 30
    return 1.0 if is_scale else 0.0


def _query(column: ColumnProfile) -> float:
    return 1.0 if column.numeric_share < 0.9 and column.mean_chars <= 60 and column.time_share < 0.5 else 0.0


_FITS: dict[str, Callable[[ColumnProfile], float]] = {
    "title": _title,
    "description": _description,
    "category": _label,
    "brand": _label,
    "platform": _label,
    "price": _price,
    "stock": _stock,
    "quantity": _amount,
    "position": _amount,
    "image": lambda column: 1.0 if any(_PICTURE.search(value) for value in column.values) else 0.0,
    "attributes": lambda column: 1.0 if column.numeric_share < 0.9 else 0.0,
    "time": _time,
    "kind": lambda column: 1.0 if column.n_distinct <= 30 and any(map(event_kind_of, column.values)) else 0.0,
    "query": _query,
    "gain": _gain,
}
