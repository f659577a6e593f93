"""How a file of the shop is read, and which other files of the same export are joined to it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from steelyard.config.section import Section

__all__ = ["FileForm", "Join", "RelativeTime"]

Name = Annotated[str, Field(min_length=1)]


class RelativeTime(Section):
    """A time that an export tells only as days since the order before: it is added up, and the report says so."""

    column: Name
    """Name of the column that is made, for the role ``time``."""
    person: Name
    """Column of whose orders they are."""
    order: Name
    """Column with the number of the order: 1, 2, 3 … of each person."""
    days: Name
    """Column of the days since the order before; empty at a person's first."""
    weekday: str | None = None
    """Column of the weekday, 0 to 6; a person's first order lies on it in the week that begins with ``begins``."""
    hour: str | None = None
    """Column of the hour, 0 to 23."""
    begins: date
    """The day on which everybody's first week begins. It is assumed, since the export has no dates."""


class FileForm(Section):
    """Where a file is, and how its rows are cut."""

    path: str
    """CSV, TSV, JSON, JSONL, Parquet, Excel or a feed, packed or not, or a folder or pattern of such files
    (``log/*.csv``), relative to the configuration file; ``package:NAME/FILE`` is a file in a package, and a URL such
    as ``sqlite:///shop.db`` a database."""
    encoding: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """As ``cp949``; told from the file where left out, and refused where it cannot be told for sure."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What stands between two cells; told from the file where left out."""
    quote: Annotated[str, Field(max_length=1)] | None = None
    """Mark around a cell; empty where quotation marks are letters; told from the file where left out."""
    escape: Literal["double", "backslash"] | None = None
    """How a quotation mark inside a cell is written; told from the file where left out."""
    header: bool | None = None
    """False where the first line is data; told from the file where left out, and false where ``names`` are given."""
    names: tuple[str, ...] = ()
    """Names of the columns of a file without a header, in their order."""
    skip_lines: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Lines before the header; told from the file where left out."""
    sheet: str | None = None
    """Sheet of an Excel file; the only one that holds a table where left out."""
    records: str | None = None
    """Path to the list of rows in a JSON document, as ``data.products``; told from the document where left out."""
    sql: str | None = None
    """Table or query of a database."""
    relative_time: RelativeTime | None = None
    """Where the export has no dates, and only the days between a person's orders."""


class Join(FileForm):
    """Another file of the same export, whose columns are looked up for every row of the table.

    Every row of the table stays, once. A key that the file has twice is refused; keys that it does not have are
    counted, and their columns are empty.
    """

    on: Name | Annotated[list[Name], Field(min_length=1)]
    """Column of the table that holds the key, or several that make it up together; also one of a file joined before."""
    key: Name | Annotated[list[Name], Field(min_length=1)] | None = None
    """The same column or columns in the joined file, where they have other names there."""
    columns: list[Name] | dict[Name, Name] | None = None
    """Columns to take, as ``["user_id"]``, or renamed, as ``{ ordered_at = "created_at" }``; those whose names the
    table does not have yet where left out."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        on, key = _listed(self.on), _listed(self.key or self.on)
        if len(on) != len(key):
            raise PydanticCustomError(
                "contradiction",
                "on names {n_on} columns and key {n_key}: they are compared one by one, so give as many",
                {"n_on": len(on), "n_key": len(key)},
            )
        return self


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
