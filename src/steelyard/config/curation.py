"""What merchandisers lay down about searches, as ``curation.toml`` holds it: who wants what shown, until when, why."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from steelyard.config.section import Section
from steelyard.errors import ConfigError

__all__ = ["CurationRule", "read_curation"]

_MAX_RULES = 10_000
_Words = Annotated[str, Field(max_length=200)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class CurationRule(Section):
    """One wish about the answers to some searches."""

    id: _Name
    """Named in answers and reports; each once."""
    action: Literal["pin", "boost", "bury", "hide", "redirect"]
    """``pin`` puts items first in the order they are listed; ``boost`` and ``bury`` multiply and divide their scores;
    ``hide`` takes them out; ``redirect`` names a page to go to instead."""
    query: _Words = ""
    """For which searches: spelling of case and width does not matter. Empty for all of them."""
    match: Literal["exact", "contains"] = "exact"
    """Whether the search is these words, or has them among others."""
    items: Annotated[tuple[_Name, ...], Field(max_length=100)] = ()
    """Item ids."""
    where: Mapping[_Name, _Name | list[_Name]] = Field(default_factory=dict)
    """Items by their fields, as filters name them: ``{ brand = "ACME" }``."""
    factor: Annotated[float, Field(gt=1, le=100)] = 2.0
    """How much a boost or a burial changes a score."""
    to: _Words = ""
    """Where a redirect leads: a path of the shop (``/sale``) or an https address."""
    audience: _Words = ""
    """Who it is for, as the shop's pages name them when they ask; empty for everybody."""
    begins: datetime | date | None = None
    """First moment, or day; a moment carries its offset from UTC."""
    ends: datetime | date | None = None
    """Last moment, or day."""
    owner: _Name
    """Who answers for it."""
    reason: _Name
    """Why it is there."""

    @model_validator(mode="after")
    def _is_whole(self) -> CurationRule:
        """Refuse a rule that could do nothing, or whose time is not told for sure."""
        for why in self._problems():
            raise PydanticCustomError("rule", "{why}", {"why": why})
        return self

    def _problems(self) -> list[str]:
        found = []
        if self.action == "pin" and not (self.query and self.items):
            found.append("a pin names its query and its items")
        if self.action == "redirect" and not (self.query and self.to):
            found.append("a redirect names its query, and in to where it leads")
        if self.to and not (self.to.startswith("https://") or (self.to[0] == "/" and self.to[1:2] not in ("/", "\\"))):
            found.append(f"to is {self.to!r}: write a path of the shop, as /sale, or an https address")
        if self.action in ("boost", "bury", "hide") and not (self.items or self.where):
            found.append(f"a {self.action} rule names items, or where = {{ field = value }}")
        moments = [each for each in (self.begins, self.ends) if isinstance(each, datetime)]
        if any(each.tzinfo is None for each in moments):
            found.append("a moment needs its offset from UTC, as 2026-11-27T08:00:00+01:00; or name a day")
        elif self.begins is not None and self.ends is not None and _day(self.ends) < _day(self.begins):
            found.append("it ends before it begins")
        return found


def read_curation(text: str, *, name: str) -> tuple[CurationRule, ...]:
    """The rules of a file.

    Args:
        text: A TOML document of tables ``[[rule]]``.
        name: How to call it in messages.

    Returns:
        In their order.

    Raises:
        ConfigError: It is not TOML, a rule is wrong, or two have one id. All problems are listed.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from error
    problems = [f"{key!r} is no table of it; rules are tables [[rule]]" for key in raw if key != "rule"]
    written = raw.get("rule", [])
    if not isinstance(written, list) or len(written) > _MAX_RULES:
        raise ConfigError(f"{name}: rules are tables [[rule]], at most {_MAX_RULES:,} of them")
    rules: list[CurationRule] = []
    for number, each in enumerate(written, start=1):
        try:
            rules.append(CurationRule.model_validate(each))
        except ValidationError as error:
            problems += [f"rule {_called(each, number)}: {_told(problem)}" for problem in error.errors()]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            problems.append(f"rule {rule.id!r} is there twice: give each an id of its own")
        seen.add(rule.id)
    if problems:
        raise ConfigError(f"{name}: {'; '.join(problems[:20])}")
    return tuple(rules)


def _day(when: datetime | date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _called(written: Any, number: int) -> str:
    name = written.get("id") if isinstance(written, dict) else None
    return repr(name) if isinstance(name, str) else f"number {number}"


def _told(problem: Any) -> str:
    where = ".".join(str(each) for each in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where, list(CurationRule.model_fields), n=1)
        return f"{where!r} is not known{f'; did you mean {near[0]!r}?' if near else ''}"
    if problem["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])
