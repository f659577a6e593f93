"""A column as a sample of its rows shows it: how full, how distinct, how wordy, and what its values look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["HAN", "ColumnProfile", "FilesOfFolder", "Hint", "JoinGuess", "TableProfile", "profile"]

HAN = re.compile(r"[\u3040-\u30ff㐀-鿿\uac00-\ud7af]")
"""A letter of Chinese, Japanese or Korean, which are written without blanks between words."""
_TIME = re.compile(
    r"(19|20)\d\d[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T]\d{1,2}:\d\d.*)?|\d{1,2}[/.-]\d{1,2}[/.-](19|20)?\d\d([ ,].*)?"
    r"|\d{1,2}[ -](?:[A-Za-z]{3,9})[ -](19|20)?\d\d.*|(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} (19|20)\d\d .*"
    r"|[A-Za-z]{3,9} \d{1,2}, ?(19|20)\d\d.*"
)
_ADDRESS = re.compile(r"^(?:https?:)?//|^www\.|\.(?:jpe?g|png|gif|webp|avif)\b", re.IGNORECASE)
_HTML = re.compile(r"<\w+[^>]*>")
_PATH = re.compile(r"\S\s*(?:>|»|》|\|)\s*\S|[^\W\d]{2,} ?/ ?[^\W\d]{2,}|::")
_MONEY = re.compile(
    r"^\D{0,4}\d[\d.,' ]*[.,]\d{2}\D{0,5}$|[€$£¥￥元円원₹₽₩₫฿₺₴₪₱₾₸]|(?:đ|zł|Kč|kr|грн|руб|лв|บาท)\.?$|\b[A-Z]{3}\b$"
)
_WHOLE = re.compile(r"-?\d+")
_WORDS_OF_YES_AND_NO = frozenset(
    ("0", "1", "-1", "y", "n", "t", "f", "yes", "no", "true", "false", "on", "off", "是", "否", "ja", "nein")
)


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
    address_share: float = 0.0
    """Of the values, those that are addresses or files of pictures."""
    html_share: float = 0.0
    path_share: float = 0.0
    """Of the values, those that look like levels of a category."""
    money_share: float = 0.0
    """Of the values, those with two decimals or a sign of a currency."""
    whole_share: float = 0.0
    """Of the values, those that are whole numbers as they are written."""
    is_yes_no: bool = False
    all_values: frozenset[str] = frozenset()
    """Every distinct value of the sample."""


@dataclass(frozen=True, slots=True)
class JoinGuess:
    """Another file whose columns are looked up for every row of a table."""

    path: str
    on: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    """Those that the table has from it."""
    is_known: bool = False
    """Whether the connector of the export joins it by itself."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What the values of a column tell where no name does."""

    column: str
    sureness: float
    why: str
    others: tuple[str, ...] = ()
    """Columns that could be it as well."""
    is_stronger: bool = False
    """Whether the values speak against what the names say: it then takes the place of a guess by name."""


@dataclass(frozen=True, slots=True)
class TableProfile:
    """A file as seen in a sample of its rows."""

    path: str
    n_rows: int
    columns: tuple[ColumnProfile, ...]
    names: tuple[str, ...] = ()
    """Names given to the columns of a file without a header line; empty where it has one."""
    header_values: tuple[str, ...] = ()
    """What was taken for a header line and is a row of data."""
    joins: tuple[JoinGuess, ...] = ()
    """Other files that some of the columns come from."""
    parts: tuple[str, ...] = ()
    """Files that ``path`` is the pattern of; none where it is one file."""
    hints: Mapping[str, Hint] = field(default_factory=dict)
    """By role the column that plays it by its values, for roles that no name tells."""

    @property
    def files(self) -> frozenset[str]:
        """The files that its rows are in."""
        return frozenset(self.parts or (self.path,))

    def column(self, name: str) -> ColumnProfile | None:
        """The column of a name, or ``None``."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class FilesOfFolder:
    """Names of the files in a folder."""

    read: tuple[str, ...]
    """Of a form that is read."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Of a form that holds tables and may not be read by this reader, with what to do about it then."""


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

    def share(is_so: Callable[[str], object]) -> float:
        return sum(times for value, times in counts.items() if is_so(value)) / n

    return ColumnProfile(
        name=name,
        distinct_share=len(counts) / n,
        n_distinct=len(counts),
        filled_share=len(filled) / max(len(values), 1),
        numeric_share=len(known) / n,
        time_share=share(_TIME.fullmatch),
        json_share=share(lambda v: v.startswith("{")),
        mean_chars=sum(map(len, filled)) / n,
        mean_words=sum(len(v.split()) for v in filled) / n,
        low=min(known, default=0.0),
        high=max(known, default=0.0),
        values=tuple(counts)[:50],
        not_numbers=tuple(value for value, _ in Counter(unread).most_common(3)),
        counts=dict(counts.most_common(30)),
        address_share=share(_ADDRESS.search),
        html_share=share(_HTML.search),
        path_share=share(_PATH.search),
        money_share=share(_MONEY.search),
        whole_share=share(_WHOLE.fullmatch),
        is_yes_no=0 < len(counts) <= 4 and all(value.strip().lower() in _WORDS_OF_YES_AND_NO for value in counts),
        all_values=frozenset(counts),
    )
