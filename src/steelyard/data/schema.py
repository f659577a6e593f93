"""What the tables are called, which roles their columns play, and what a source of tables must promise.

The room computes; it opens nothing. Files are read by an adapter that satisfies ``SourcePort``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from steelyard.config.data_tables import (
    AnswersSource,
    EventsSource,
    FileSource,
    ItemsSource,
    JudgementsSource,
    SameUsersSource,
    UsersSource,
)
from steelyard.config.files import FileForm
from steelyard.config.schema import Shop
from steelyard.data.readings import Clock, CuttingNote, Lookup, Reading
from steelyard.data.remarks import Habits, Remark

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import numpy.typing as npt

    Frame = nw.LazyFrame[Any]

__all__ = [
    "ITEM_COLUMNS",
    "KEPT_ROWS",
    "MAX_POPULAR",
    "POPULAR_COLUMNS",
    "POPULAR_QUERIES",
    "QUERY_COLUMNS",
    "TEXT_COLUMNS",
    "Clock",
    "CuttingNote",
    "KeepRows",
    "Kind",
    "Lookup",
    "Reading",
    "Role",
    "RowWriter",
    "SourcePort",
    "StoredType",
    "Wanted",
    "lookups_of",
    "reading_of",
    "wanted_answers",
    "wanted_events",
    "wanted_items",
    "wanted_judgements",
    "wanted_same_users",
    "wanted_users",
]

Dates = Literal["day-first", "month-first", "year-first"]
Kind = Literal["text", "number", "time"]
StoredType = Literal["int", "float", "text", "decimal", "texts", "flag"]

ITEM_COLUMNS: Mapping[str, StoredType] = {
    "item": "int",
    "item_id": "text",
    "title": "text",
    "description": "text",
    "category": "texts",
    "category_number": "int",
    "brand": "text",
    "price": "decimal",
    "stock": "int",
    "in_stock": "int",
    "image": "text",
    "attributes": "text",
    "text": "int",
}
"""Columns of ``items.parquet`` as the catalogue stage makes them; ``taken`` is joined to them later."""

TEXT_COLUMNS: Mapping[str, StoredType] = {
    "text": "int",
    "title": "text",
    "description": "text",
    "category": "text",
    "brand": "text",
    "attributes": "text",
}
"""Columns of ``texts.parquet``; ``representative`` is joined to them later."""

QUERY_COLUMNS: Mapping[str, StoredType] = {"query_id": "text", "query": "text", "part": "text", "origin": "text"}
"""Columns of ``queries.parquet``. ``part`` is tuning, test, beside, teaching or example;
``origin`` judged, behaviour, rules, model, mixed, synthetic or log."""

POPULAR_QUERIES = "popular_queries.parquet"
"""File of the artefact ``data`` with what many people typed, where the log holds searches."""
POPULAR_COLUMNS: Mapping[str, StoredType] = {"query": "text", "users": "int"}
"""Its columns; nothing in it was typed by fewer than ``[privacy] least_people``."""
MAX_POPULAR = 20_000
"""At most so many of them."""


@dataclass(frozen=True, slots=True)
class Role:
    """One canonical column and the source columns it is read from."""

    name: str
    columns: tuple[str, ...]
    kind: Kind = "text"
    is_personal: bool = False
    """Replaced by a keyed pseudonym while it is read: the raw value reaches no file and no message."""
    is_list: bool = False
    """Read into ``name_0``, ``name_1`` … even where there is one column."""
    places: tuple[int, ...] = ()
    """Of the columns in the list, where these are only some of its columns: the others lie in another file."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns a scan gives for this role. Numbers and times come with their text."""
        if self.is_list:
            return tuple(f"{self.name}_{i}" for i in self.places or range(len(self.columns)))
        return (self.name,) if self.kind == "text" else (self.name, f"{self.name}_text")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read from one file."""

    table: str
    """``items``, ``events`` …: names the section of the configuration in messages."""
    path: str
    roles: tuple[Role, ...]
    reading: Reading = field(default_factory=Reading)
    habits: Habits = field(default_factory=Habits)
    """How the shop writes numbers and times, where it says so."""
    nobody: tuple[str, ...] | None = None
    """Users that are nobody, where the shop says so; ``None`` lets the column tell."""
    joins: tuple[Lookup, ...] = ()
    """Files whose columns are looked up for every row, in this order."""
    clock: Clock | None = None

    def role(self, name: str) -> Role | None:
        """The role of this name, or ``None`` where no column plays it."""
        return next((role for role in self.roles if role.name == name), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """All source columns, each once, in order."""
        return tuple(dict.fromkeys(column for role in self.roles for column in role.columns))


KEPT_ROWS = "kept-rows"
"""Folder of a shop's work folder for rows of daily files; whatever changes what is stored of people empties it."""


@dataclass(frozen=True, slots=True)
class KeepRows:
    """That rows of daily files are kept as they were read, for the next load."""

    folder: str
    key: bytes
    """Secret of the shop; what is kept is encrypted by keys that are made of it."""
    told: Callable[[str], None] = lambda said: None
    """Hears how many files are new, and why all are read again where they are."""


class RowWriter(Protocol):
    """Takes rows column by column and stores them; nothing is held beyond one batch."""

    def write(self, columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> None:
        """Append a batch of rows, all columns of the same length."""
        ...


class SourcePort(Protocol):
    """Reads tables larger than memory and stores intermediate ones."""

    def check(self, wanted: Sequence[Wanted]) -> None:
        """Look at every file before any is parsed; all problems are raised together.

        Args:
            wanted: The tables to be read, each with its file and the roles of its columns.

        Raises:
            SourceError: A file is missing, empty, unreadable, too wide, too large for its size, or lacks a column.
        """
        ...

    def scan(self, wanted: Wanted, *, pseudonym: Callable[[str], str]) -> Frame:
        """The file as a lazy frame: ``row`` (1-based) and the outputs of every role. Empty text is null."""
        ...

    def count(self, wanted: Wanted) -> int:
        """How many rows the file has, counted apart from any scan; malformed lines are not among them."""
        ...

    def columns(self, path: str, reading: Reading | None = None) -> Sequence[str]:
        """Names of the columns of a file, in their order; ``reading`` as ``Wanted`` has it."""
        ...

    def remarks(self, table: str) -> Sequence[Remark]:
        """What was decided or doubted of the columns of ``table`` when it was scanned."""
        ...

    def malformed(self, table: str) -> Sequence[int]:
        """Line numbers of lines that could not be cut into columns when ``table`` was read."""
        ...

    def cutting_notes(self, table: str) -> Sequence[CuttingNote]:
        """What was decided and mended when ``table`` was cut into rows; the malformed lines by reason are among it."""
        ...

    def keep(self, frame: Frame, name: str) -> Frame:
        """The same frame, computed once and stored for the length of the run."""
        ...

    def write(self, frame: Frame, target: str) -> None:
        """Store a frame as Parquet at ``target``; a folder that leads to it is made."""
        ...

    def writing(
        self, columns: Mapping[str, StoredType], *, name: str = "", target: str = ""
    ) -> AbstractContextManager[RowWriter]:
        """Open a table to be filled batch by batch: scratch table ``name``, or a Parquet file at ``target``."""
        ...

    def write_document(self, document: Mapping[str, Any], target: str) -> None:
        """Store a document as JSON at ``target``."""
        ...

    def table(self, name: str) -> Frame:
        """A scratch table that was kept or written under ``name``."""
        ...

    def batches(self, frame: Frame) -> Iterator[dict[str, list[Any]]]:
        """The rows in order, a bounded number at a time, as lists by column."""
        ...

    def arrays(self, frame: Frame) -> dict[str, Any]:
        """The whole frame as numpy arrays by column. Numbers only, no nulls."""
        ...


def wanted_items(source: ItemsSource, shop: Shop | None = None) -> Wanted:
    """Roles of the catalogue file."""
    c = source.columns
    roles = [Role("item_id", (c.item_id,)), Role("title", _many(c.title), is_list=True)]
    roles += [
        Role(name, _many(columns), is_list=True)
        for name, columns in (("description", c.description), ("category", c.category), ("attributes", c.attributes))
        if columns
    ]
    texts = (("brand", c.brand), ("image", c.image), ("stock", c.stock), ("currency", c.currency))
    roles += [Role(name, (column,)) for name, column in texts if column]
    roles += [Role(f"price_{i}" if i else "price", (name,), "number") for i, name in enumerate(_many(c.price))]
    roles += [Role(name, (column,)) for name, column in (("parent", c.parent), ("parent_key", c.parent_key)) if column]
    roles += [Role("published", _many(c.published), is_list=True)] if c.published else []
    return _with_joins(Wanted("items", source.path, tuple(roles), reading_of(source), _habits(source, shop)), source)


def wanted_events(source: EventsSource, shop: Shop | None = None) -> Wanted:
    """Roles of the behaviour log. Everything that could name a person or a visit is personal."""
    c = source.columns
    roles = [Role("user", (c.user,), is_personal=True), Role("item_id", (c.item_id,)), Role("time", (c.time,), "time")]
    texts = (
        ("kind", c.kind),
        ("query", c.query),
        ("platform", c.platform),
        ("rating", c.rating),
        ("user_agent", c.user_agent),
        ("currency", c.currency),
    )
    roles += [Role(name, (column,), is_personal=column == c.user) for name, column in texts if column]
    ids = (("session", c.session), ("event_id", c.event_id))
    roles += [Role(name, (column,), is_personal=True) for name, column in ids if column]
    numbers = (("position", c.position), ("quantity", c.quantity), ("price", c.price))
    roles += [Role(name, (column,), "number") for name, column in numbers if column]
    roles += [Role("status", _many(c.status), is_list=True)] if c.status else []
    habits = _habits(source, shop, dates=source.dates)
    return _with_joins(Wanted("events", source.path, tuple(roles), reading_of(source), habits, source.nobody), source)


def wanted_judgements(source: JudgementsSource, shop: Shop | None = None) -> Wanted:
    """Roles of the judgements file."""
    c = source.columns
    roles = (Role("query", (c.query,)), Role("item_id", (c.item_id,)), Role("gain", (c.gain,), "number"))
    return _with_joins(Wanted("judgements", source.path, roles, reading_of(source), _habits(source, shop)), source)


def lookups_of(source: FileSource) -> tuple[Lookup, ...]:
    """The files that a section of the configuration joins, in its order."""
    found = []
    for one in source.join:
        columns = dict(zip(one.columns, one.columns, strict=True)) if isinstance(one.columns, list) else one.columns
        on, key = _many(one.on), _many(one.key or one.on)
        found.append(Lookup(one.path, on, key, columns, reading_of(one), _clock(one)))
    return tuple(found)


def _clock(source: FileForm) -> Clock | None:
    told = source.relative_time
    if told is None:
        return None
    more = {"weekday": told.weekday or "", "hour": told.hour or ""}
    return Clock(told.column, told.person, told.order, told.days, told.begins, **more)


def _with_joins(wanted: Wanted, source: FileSource) -> Wanted:
    return replace(wanted, joins=lookups_of(source), clock=_clock(source))


def reading_of(source: FileForm) -> Reading:
    """What a section of the configuration says of how its file is cut."""
    return Reading(
        encoding=source.encoding or "",
        delimiter=source.delimiter or "",
        quote=source.quote,
        escape=source.escape or "",
        has_header=False if source.names and source.header is None else source.header,
        names=source.names,
        skip_lines=source.skip_lines,
        sheet=source.sheet or "",
        records=source.records or "",
        sql=source.sql or "",
    )


def _habits(source: FileSource, shop: Shop | None, *, dates: Dates | None = None) -> Habits:
    """What the shop says of its columns itself."""
    return Habits(
        decimal=source.decimal or "",
        dates=dates or "",
        timezone=shop.timezone if shop else "",
        currency=shop.currency if shop else "",
    )


def wanted_users(source: UsersSource, shop: Shop | None = None) -> Wanted:
    """Roles of the users' basic information."""
    c = source.columns
    roles = (Role("user", (c.user,), is_personal=True), Role("attributes", _many(c.attributes), is_list=True))
    return _with_joins(Wanted("users", source.path, roles, reading_of(source)), source)


def wanted_same_users(source: SameUsersSource, shop: Shop | None = None) -> Wanted:
    """Roles of the identifiers that are one person."""
    c = source.columns
    roles = (Role("user", (c.user,), is_personal=True), Role("same_as", (c.same_as,), is_personal=True))
    return _with_joins(Wanted("same_users", source.path, roles, reading_of(source), _habits(source, shop)), source)


def wanted_answers(source: AnswersSource, shop: Shop | None = None) -> Wanted:
    """Roles of the questions and answers."""
    c = source.columns
    roles = [Role("question", (c.question,)), Role("answer", (c.answer,))]
    roles += [Role("item_id", (c.item_id,))] if c.item_id else []
    return _with_joins(Wanted("answers", source.path, tuple(roles), reading_of(source)), source)


def _many(columns: str | list[str] | None) -> tuple[str, ...]:
    if columns is None:
        return ()
    return (columns,) if isinstance(columns, str) else tuple(columns)
