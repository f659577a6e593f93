"""What a column looks like by its values: texts, prices, labels that rows share, ids that come back, grades, people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from steelyard.data.guessing.headless import is_id, wordy
from steelyard.data.guessing.profiles import ColumnProfile, TableProfile
from steelyard.data.guessing.roles import ROLE_NAMES, fit, is_other_price, name_score
from steelyard.data.guessing.words.folding import folded_name
from steelyard.data.values.grades import scale_of_grades

__all__ = [
    "DIGIT",
    "PICTURE",
    "as_title",
    "column_named",
    "comes_back",
    "example",
    "is_graded",
    "is_of_people",
    "is_open",
    "is_priced",
    "is_text",
    "names_people",
    "person_score",
    "says_little",
    "share_of",
    "shared_labels",
]

DIGIT = re.compile(r"\d")
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)\b", re.IGNORECASE)
_KNOWN = 0.5
"""Score of a name from which it says what the column is."""
_CENTS = re.compile(r"^\d+[.,]\d\d$")
_MEASURE = re.compile(
    r"weight|gewicht|kilo|\bkg|gram|width|height|length|depth|size|volume|lit|[cm]m\b|rating|score|tax|vat|lat|lon|disc|perc"
    r"|%|rate|breite|höhe|länge|вес|масса|waga|peso|poids|vikt|vægt|ağırlık|重量|重さ|무게|น้ำหนัก|trọng|berat|وزن|משקל"
)
"""Parts of names of measures, which have decimals too."""
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_PERSONAL = re.compile(
    r"mail$|phone|telefon|^tel$|mobile|handy|^zip|postcode|^plz$|birth|geburt|^dob$|vorname|nachname|surname"
    r"|(first|last)name|strasse|street|手机|电话|邮箱|身份证|姓名|生日|телефон|фамилия|nazwisko|apellido|prenom|cognome"
    r"|sobrenome|soyad"
)
"""Names of columns of people, folded."""
_WHOSE = re.compile(
    r"customer|client|kunde|buyer|user|member|shopper|клиент|покупател|klient|musteri|asiakas|cliente|客户|顾客|会员|用户|고객"
)
_NUMBERED = "id ids nr no num number nummer numer numero kod code cod codice codigo key ref номер код 编号 コード 番号"
_NUMBER_WORDS = frozenset(map(folded_name, _NUMBERED.split()))
"""Names that say that something is numbered, and not what."""
_LONG_TITLE = 8
"""Words from which a text is rather a description."""
_MOST_GRADES, _TOP_GRADE = 21, 100


def is_of_people(table: TableProfile) -> bool:
    """Whether a table has one row a person, by addresses of mail that differ or columns that name people.

    Args:
        table: The table.

    Returns:
        False for a log, in which people come back.
    """
    personal = [one for one in table.columns if _PERSONAL.search(folded_name(one.name))]
    mailed = [one for one in table.columns if one.distinct_share > 0.8 and share_of(one, _MAIL) > 0.8]
    is_one_each = any(one.distinct_share > 0.98 and one.filled_share > 0.9 for one in table.columns)
    return is_one_each and (bool(mailed) or len(personal) >= 2)


def is_open(column: ColumnProfile, *, but: str = "") -> bool:
    """Whether a name says nothing of what the column is.

    Args:
        column: The column.
        but: A role that its name may speak for.

    Returns:
        True for a single letter and for a word that says only that something is numbered.
    """
    return says_little(column) or all(name_score(column.name, r) < _KNOWN for r in ROLE_NAMES if r != but)


def column_named(table: TableProfile, role: str, *, is_log: bool) -> ColumnProfile | None:
    """The column that its name gives a role.

    Args:
        table: The table.
        role: The role.
        is_log: Whether the table has many rows an item.

    Returns:
        ``None`` where no name says it, or only the values of another column suit.
    """
    found = [one for one in table.columns if name_score(one.name, role) >= _KNOWN and not says_little(one)]
    fitting = [one for one in found if fit(one, role, is_log=is_log) > 0]
    return max(fitting, default=None, key=lambda one: name_score(one.name, role))


def says_little(column: ColumnProfile) -> bool:
    """Whether a name is a single letter or only says that something is numbered."""
    name = folded_name(column.name)
    return len(name) < 2 or name in _NUMBER_WORDS


def example(column: ColumnProfile) -> str:
    """A value of a column, for a message."""
    return repr(column.values[0][:40])


def share_of(column: ColumnProfile, pattern: re.Pattern[str]) -> float:
    """The share of the looked at values in which a pattern is found, in [0, 1]."""
    return sum(pattern.search(value) is not None for value in column.values) / max(len(column.values), 1)


def is_text(column: ColumnProfile) -> bool:
    """Whether a column that may be a title holds words; a code with digits is none."""
    is_free = is_open(column, but="title") or name_score(column.name, "description") >= _KNOWN
    if not is_free or fit(column, "title", is_log=False) <= 0.1:
        return False
    return wordy(column) > 1.2 or (share_of(column, DIGIT) < 0.5 and column.mean_chars >= 3)


def as_title(column: ColumnProfile) -> float:
    """How much texts look like titles: they differ and have some words; long ones describe, shared ones sort."""
    words = wordy(column)
    return column.distinct_share * (0.5 + min(words, 3) / 6) - max(0.0, words - _LONG_TITLE) / 10


def is_priced(column: ColumnProfile, *, is_loud: bool) -> bool:
    """Whether values look like prices.

    Args:
        column: The column.
        is_loud: Whether only signs of currencies count, and two decimals on every number.

    Returns:
        False for numbers below zero and for times.
    """
    if column.time_share > 0.2 or column.low < 0 or column.address_share > 0:
        return False
    if is_loud:
        is_signed = any(not (value[:1].isdigit() and value[-1:].isdigit()) for value in column.values)
        has_cents = (
            share_of(column, _CENTS) > 0.95 and column.n_distinct > 2 and not _MEASURE.search(column.name.lower())
        )
        return (column.money_share > 0.8 and is_signed) or (has_cents and not is_other_price(column.name))
    has_cents = column.numeric_share > 0.8 and column.whole_share < 0.7 and column.n_distinct > 2
    return has_cents or (column.money_share > 0.5 and fit(column, "price", is_log=False) > 0)


def shared_labels(columns: Sequence[ColumnProfile], *, is_loud: bool) -> Iterator[ColumnProfile]:
    """The columns whose values sort the items.

    Args:
        columns: Of the catalogue.
        is_loud: Whether only paths count.

    Yields:
        Paths, and texts that many rows share.
    """
    for one in columns:
        if one.html_share > 0.3 or share_of(one, _MAIL) > 0.5:
            continue
        is_path = one.path_share > 0.5 and one.mean_chars <= 400
        is_label = fit(one, "category", is_log=False) == 1 and one.distinct_share < 0.5 and 2 <= one.n_distinct <= 200
        if is_path or (is_label and not is_loud and one.numeric_share < 0.1 and one.money_share < 0.1):
            yield one


def names_people(column: ColumnProfile) -> bool:
    """Whether a column of a log holds the names of people who come back."""
    is_shared = 2 < column.n_distinct and column.distinct_share < 0.98 and column.mean_words <= 4
    return is_shared and column.numeric_share < 0.1 and _WHOSE.search(folded_name(column.name)) is not None


def comes_back(column: ColumnProfile) -> bool:
    """Whether the values are ids that several rows share."""
    is_key = fit(column, "item_id", is_log=True) == 1 and column.filled_share > 0.5
    return is_key and column.distinct_share < 0.98 and column.n_distinct > 1 and is_id(column)


def person_score(table: TableProfile, column: ColumnProfile) -> float:
    """How much a column of a log looks like people: many of them, several rows each, keys of mail, an early place."""
    is_many = column.n_distinct >= max(3, 0.02 * min(table.n_rows, 5000))
    is_key = any("@" in value for value in column.values) or column.mean_chars >= 16
    early = 1 - table.columns.index(column) / len(table.columns)
    return is_many + 0.7 * is_key + 0.5 * early - 0.6 * (column.distinct_share > 0.35)


def is_graded(column: ColumnProfile) -> bool:
    """Whether the values are grades: few numbers from 0 to 100 at most, or words of a known scale."""
    if column.numeric_share > 0.9:
        return 1 < column.n_distinct <= _MOST_GRADES and 0 <= column.low < column.high <= _TOP_GRADE
    return bool(scale_of_grades(column.counts, grades={}).gains)
