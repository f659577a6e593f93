"""``[[data.expect]]`` of steelyard.toml: what the shop expects of its own data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from steelyard.config.section import Count, Section, Share
from steelyard.errors import ConfigError

__all__ = ["Expectation", "expectation_of"]

_Number = Annotated[float, Field(ge=-1e15, le=1e15)]
_UNKNOWN = re.compile(r"\(\?(?!:|i\)|P<)|\\[1-9ZuUN]|[*+?}]\+|\{\d{4,}|,\d{4,}\}")
"""What Python's expressions have and the table engine's, which never take long, have not."""
_TOKEN = re.compile(r"\\.|\[\]?(?:\\.|[^\]\\])*\]|\{(?:\d*,)?(?P<count>\d+),?\}|.", re.DOTALL)
_OF_COLUMN = ("min", "max", "unique", "one_of", "matches", "max_missing_share", "max_age_days")
_MAX_REPEATS = 1000
"""Counts in braces within one another may multiply to so much; the table engine takes no more."""


class Expectation(Section):
    """What the shop expects of one column, or of a whole table; where it is not so, nothing is trained."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    table: Literal["items", "events", "judgements", "users", "same_users", "answers"]
    """Whose rows it is about."""
    column: str = ""
    """A column of the file, or the role it plays (``price``, ``time``); left out where the whole table is meant."""
    min: _Number | None = None
    """No number of the column is below it."""
    max: _Number | None = None
    """No number of the column is above it."""
    unique: Literal[True] | None = None
    """No value is there twice."""
    one_of: tuple[str, ...] | None = Field(default=None, alias="in", min_length=1)
    """Written ``in``: every value is one of these, as ``in = ["new", "used"]``."""
    matches: str | None = None
    """Every value is of this form, a regular expression for the whole of it: ``"[A-Z]{2}-[0-9]+"``."""
    max_missing_share: Share | None = None
    """At most so large a share of the rows has no value."""
    max_age_days: Annotated[float, Field(gt=0, le=36_500)] | None = None
    """The newest time of the column is at most so many days old."""
    min_rows: Count | None = None
    """The table has at least so many rows."""
    except_share: Share = 0.0
    """So large a share of the rows may break ``min``, ``max``, ``unique``, ``in`` or ``matches``."""

    @field_validator("matches")
    @classmethod
    def _is_expression(cls, written: str | None) -> str | None:
        if written is None:
            return None
        if found := _UNKNOWN.search(written):
            raise PydanticCustomError(
                "contradiction",
                "has '{what}', which is not understood here: no look-around, no references, no more than 999 repeats",
                {"what": found[0]},
            )
        try:
            re.compile(written)
        except re.error as error:
            raise PydanticCustomError(
                "contradiction", "is no regular expression: {why}", {"why": str(error)}
            ) from error
        if _repeats(written) > _MAX_REPEATS:
            raise PydanticCustomError(
                "contradiction",
                "repeats its parts more than {most} times within one another: shorten the counts in braces",
                {"most": _MAX_REPEATS},
            )
        return written

    @model_validator(mode="after")
    def _expects_something(self) -> Expectation:
        asked = [name for name in _OF_COLUMN if getattr(self, name) is not None]
        if not asked and self.min_rows is None:
            names = ", ".join(name.replace("one_of", "in") for name in _OF_COLUMN)
            raise PydanticCustomError(
                "contradiction", "expects nothing: set one of {names}, min_rows", {"names": names}
            )
        if asked and not self.column:
            raise PydanticCustomError(
                "contradiction",
                "{name} is about a column: name it in column",
                {"name": asked[0].replace("one_of", "in")},
            )
        return self

    @property
    def rules(self) -> dict[str, Any]:
        """What is expected, by kind."""
        names = (*_OF_COLUMN, "min_rows")
        return {name.replace("one_of", "in"): getattr(self, name) for name in names if getattr(self, name) is not None}


def _repeats(pattern: str) -> int:
    """How often the innermost part of an expression may have to be written out, by its counts in braces."""
    inside = [1]
    last = most = 1
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            inside.append(1)
            last = 1
        elif token[0] == ")":
            last = inside.pop() if len(inside) > 1 else 1
        elif token["count"]:
            last *= max(int(token["count"]), 1)
        else:
            last = 1
        inside[-1] = max(inside[-1], last)
        most = max(most, *inside)
    return most


def expectation_of(asked: Mapping[str, Any]) -> Expectation:
    """An expectation from its settings.

    Args:
        asked: As a table ``[[data.expect]]`` has them.

    Returns:
        The expectation.

    Raises:
        ConfigError: It is none; the message says why.
    """
    try:
        return Expectation.model_validate(dict(asked))
    except ValidationError as error:
        found = error.errors()[0]
        name = ".".join(str(part) for part in found["loc"])
        raise ConfigError(f"{name} {found['msg']}".strip()) from error
