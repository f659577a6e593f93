"""From the text of a steelyard.toml to a checked ``Config``: every problem at once, with line and nearest name."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from steelyard.config.alternatives import told_once
from steelyard.config.connectors import Exports, NoExports, fill_in
from steelyard.config.model_tables import FILLED_IN, ModelTables, NoTables, take_tables
from steelyard.config.older import renewed
from steelyard.config.schema import Config
from steelyard.errors import ConfigError

__all__ = ["check_names", "json_schema", "parse"]

_Location = tuple[str, ...]


def parse(
    text: str, *, name: str = "steelyard.toml", models: ModelTables | None = None, exports: Exports | None = None
) -> Config:
    """The configuration written in ``text``.

    Args:
        text: A TOML document.
        name: How to call the file in messages.
        models: Which models there are, and what checks the table of each; without it no such table is known.
        exports: The connectors that ``source`` may name, and the columns of the shop's files; without it none is known.

    Returns:
        Every value checked; what is not written has its default. Names of plugins and files are not looked up here.

    Raises:
        ConfigError: It is not TOML, or has unknown keys, missing keys or impossible values. The
            message lists all of them, each with its line and, for a name, the nearest known one.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}. Mend that place; the rest was not looked at") from error
    raw = renewed(written, name=name)
    asked = dict(raw["models"]) if isinstance(raw.get("models"), dict) else {}
    tables, problems = take_tables(raw, models or NoTables())
    raw, unknown = fill_in(raw, exports or NoExports())
    problems += unknown
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        problems += [dict(problem) for problem in error.errors()]
    if problems:
        lines, fields = _lines(text), partial(_fields_at, models or NoTables())
        problems = told_once(problems, {**raw, "models": asked} if asked else raw)
        found = sorted(_problem(problem, raw, lines, fields) for problem in problems)
        listed = "\n".join(f"  line {line}: {what}" if line else f"  {what}" for line, what in found)
        raise ConfigError(f"{name} has {len(found)} problem{'s' * (len(found) > 1)}; no work was begun:\n{listed}")
    return config.model_copy(update={"models": config.models.model_copy(update={"tables": tables})})


def check_names(config: Config, known: Mapping[str, Sequence[str]]) -> None:
    """Check every name that refers to something installed, before work starts.

    Args:
        config: A parsed configuration.
        known: Names by kind: ``books``, ``sources``, ``ledgers``, and the models that answer ``search`` and
            ``recommend``.

    Raises:
        ConfigError: A model, price book, reader or ledger is not known, or a model cannot answer the surface it is
            given for. All of them are listed.
    """
    wrong = _wrong_models(config, known)
    book = config.cost.book
    if book not in known["books"] and not book.endswith((".json", ".toml", ".csv")):
        wrong.append(_unknown("cost.book", book, known["books"]))
    if config.data.reader not in known["sources"]:
        wrong.append(_unknown("data.reader", config.data.reader, known["sources"]))
    scheme, is_address, _ = (config.cost.ledger or "").partition("://")
    if is_address and scheme not in known["ledgers"]:
        wrong.append(_unknown("cost.ledger", f"{scheme}://…", known["ledgers"]))
    for surface in ("search", "recommend"):
        floor = getattr(config.decide, surface)
        if floor.min_quality is not None and floor.min_quality_share is not None:
            wrong.append(f"decide.{surface}: min_quality and min_quality_share exclude each other; keep one")
        if floor.min_quality is None and floor.min_quality_share is None:
            wrong.append(f"decide.{surface}: no floor; set min_quality or min_quality_share")
    mapped = (*_EVENT_KINDS, "ignore")
    unknown_kinds = set(config.data.events.kinds.values()) - set(mapped) if config.data.events else set()
    wrong += [_unknown("data.events.kinds", kind, mapped) for kind in sorted(unknown_kinds)]
    wrong += [
        _unknown("data.event_weights", kind, _WEIGHED_KINDS)
        for kind in config.data.event_weights
        if isinstance(config.data.event_weights, dict) and kind not in _WEIGHED_KINDS
    ]
    if wrong:
        raise ConfigError("the configuration names things that are not there:\n" + "\n".join(f"  {w}" for w in wrong))


def _wrong_models(config: Config, known: Mapping[str, Sequence[str]]) -> list[str]:
    wrong = []
    for surface, other in (("search", "recommend"), ("recommend", "search")):
        for model in getattr(config.models, surface):
            if model in known[surface]:
                continue
            if model in known[other]:
                verb = {"search": "answers queries", "recommend": "recommends from behaviour"}[other]
                near = difflib.get_close_matches(model, known[surface], n=2)
                hint = f"did you mean {' or '.join(repr(name) for name in near)}? " if near else ""
                wrong.append(
                    f"models.{surface} = {model!r} {verb}; it belongs in models.{other}. {hint}models.{surface} takes: "
                    + ", ".join(sorted(known[surface]))
                )
            else:
                wrong.append(_unknown(f"models.{surface}", model, known[surface]))
    return wrong


def json_schema(tables: Mapping[str, type[BaseModel]] | None = None) -> str:
    """JSON Schema of steelyard.toml, for editors.

    Args:
        tables: Class that checks each table ``[models.<name>]``.

    Returns:
        With a property for each of them.
    """
    schema = Config.model_json_schema()
    models = schema["$defs"]["Models"]["properties"]
    del models[FILLED_IN]
    for name, options in sorted((tables or {}).items()):
        inner = options.model_json_schema(ref_template="#/$defs/{model}")
        schema["$defs"] |= inner.pop("$defs", {})
        models[name] = inner
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


_WEIGHED_KINDS = ("impression", "view", "click", "add_to_cart", "purchase", "rating", "search", "return")
"""A hide is never liking."""
_EVENT_KINDS = ("impression", "view", "click", "add_to_cart", "purchase", "rating", "search", "return", "hide")


def _unknown(where: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
    return f"{where} = {name!r} is not known; {hint}"


def _problem(
    problem: Mapping[str, Any],
    raw: Mapping[str, Any],
    lines: Mapping[_Location, int],
    fields: Callable[[_Location], list[str]],
) -> tuple[int, str]:
    location = tuple(str(part) for part in problem["loc"])
    where = ".".join(location)
    line = next((lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in lines), 0)
    if problem["type"] == "extra_forbidden":
        names = fields(location[:-1])
        near = difflib.get_close_matches(location[-1], names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(names))}"
        return line, f"unknown key {where!r}; {hint}"
    if problem["type"] == "missing":
        return line, f"{where!r} is missing; it must be given"
    if problem["type"] in (
        "secret",
        "contradiction",
        "unknown_connector",
    ):  # what was given may be a secret, or is named in the sentence
        return line, f"{where!r}: {problem['msg']}"
    return line, f"{where!r} = {problem['input']!r}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"


def _fields_at(tables: ModelTables, location: _Location) -> list[str]:
    model: Any = Config
    if location[:1] == ("models",) and location[1:2] and location[1] in tables.names():
        model, location = tables.options(location[1]), location[2:]
    of_models = list(tables.names()) if location == ("models",) else []
    for part in location:
        if part.isdigit():  # one table of several
            continue
        field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = _model_in(field.annotation) if field else None
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    own = [field.alias or name for name, field in fields.items()]
    return [name for name in own if name != FILLED_IN] + of_models


def _model_in(annotation: Any) -> Any:
    choices = [annotation, *getattr(annotation, "__args__", ())]
    return next((c for c in choices if isinstance(c, type) and issubclass(c, BaseModel)), None)


_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def _lines(text: str) -> dict[_Location, int]:
    """Line of every table header and key; a key inside an inline table has its parent's line."""
    table: _Location = ()
    found: dict[_Location, int] = {}
    several: dict[_Location, int] = {}
    fence: Callable[[str], int] = lambda line: line.count('"""') + line.count("'''")  # noqa: E731
    is_inside_string = False
    for number, line in enumerate(text.splitlines(), 1):
        if not is_inside_string:
            if header := _HEADER.match(line):
                table = _split(header[2])
                found.setdefault(table, number)
                if header[1]:
                    several[table] = several.get(table, -1) + 1
                    table = (*table, str(several[table]))
                    found[table] = number
            elif key := _KEY.match(line):
                found.setdefault(table + _split(key[1]), number)
        if fence(line) % 2:
            is_inside_string = not is_inside_string
    return found


def _split(dotted: str) -> _Location:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", dotted))
