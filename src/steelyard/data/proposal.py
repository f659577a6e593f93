"""A first steelyard.toml from guesses, with a comment wherever a person should look."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from steelyard.config import schema
from steelyard.data.guess import LIKELY, SURE, Guess, RoleGuess

__all__ = ["proposal"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LISTS = ("category", "attributes")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What may not stand in a comment; in a text it was escaped before."""


def proposal(guess: Guess, *, name: str, paths: Mapping[str, str]) -> str:
    """The text of a configuration file that reads the guessed tables.

    Args:
        guess: Must have a catalogue.
        name: The shop's name.
        paths: From a table's path to what is written in the file.

    Returns:
        A TOML document; a table that was not found is in it as a comment, and every doubtful line is marked CHECK.
    """
    lines = [
        "# Written by `steelyard init` from what the files look like. Read every line marked CHECK.",
        "# Every setting there is: `steelyard schema`. What is not written here has its default.",
        "",
        "[shop]",
        f"name = {_toml(name)}",
        f"language = {_toml(guess.language)}  # {_doc(schema.Shop, 'language')}",
    ]
    lines += _currency(guess)
    lines += ["", *_items(guess, paths)]
    if guess.events:
        lines += ["", *_events(guess, paths[guess.events.path])]
    else:
        lines += ["", "# No behaviour log was found: recommendations can only come from the texts.", "# [data.events]"]
    if guess.judgements:
        lines += ["", *_judgements(guess, paths[guess.judgements.path])]
    else:
        lines += ["", "# No relevance judgements were found: queries are made from the catalogue, marked synthetic."]
        lines += ["# [data.judgements]"]
    lines += [
        "",
        "# CHECK: the traffic to carry. These are assumptions, not your shop's numbers.",
        *_load("search"),
        *_load("recommend"),
        "",
        "# What the choice must keep: the cheapest configuration that does is taken. These are the defaults; take the",
        "# marks away to set your own.",
        *_floor("search"),
        *_floor("recommend"),
    ]
    return "\n".join(_CONTROL.sub(" ", line) for line in lines) + "\n"


def _currency(guess: Guess) -> list[str]:
    if "price" not in guess.item_roles and "price" not in guess.event_roles:
        return []
    found = guess.currency
    if found.code:
        return [f'currency = "{found.code}"  # CHECK: {found.why}']
    return [
        f"# CHECK: {found.why}: prices are shown without a sign until you set it",
        '# currency = "GBP"  # or EUR, CNY, USD …',
    ]


def _floor(surface: str) -> list[str]:
    floor = getattr(schema.Decide(), surface)
    return [
        f"# [decide.{surface}]",
        f"# min_quality_share = {floor.min_quality_share}  # {_doc(schema.Floor, 'min_quality_share')}",
        f"# max_p99_ms = {floor.max_p99_ms}  # {_doc(schema.Floor, 'max_p99_ms')}",
    ]


def _items(guess: Guess, paths: Mapping[str, str]) -> list[str]:
    assert guess.items is not None
    lines = ["[data.items]", f"path = {_toml(paths[guess.items.path])}  # {guess.items.n_rows:,} rows"]
    if guess.is_log:
        lines.append(f"is_log = true  # {_doc(schema.ItemsSource, 'is_log')}")
    lines += ["", "[data.items.columns]", *_roles(guess.item_roles, schema.ItemColumns, guess)]
    if guess.price_divisor != 1:
        lines.append(f"price_divisor = {guess.price_divisor}  # {_doc(schema.ItemColumns, 'price_divisor')}")
    return lines


def _events(guess: Guess, path: str) -> list[str]:
    assert guess.events is not None
    lines = ["[data.events]", f"path = {_toml(path)}  # {guess.events.n_rows:,} rows"]
    if "kind" not in guess.event_roles:
        lines.append(f"kind = {_toml(guess.event_kind)}  # CHECK: {_doc(schema.EventsSource, 'kind')}")
    elif guess.kinds:
        pairs = ", ".join(f"{_key(value)} = {_toml(kind)}" for value, kind in guess.kinds.items())
        lines.append(f"kinds = {{ {pairs} }}  # CHECK: values of the kind column, and what they mean")
    if guess.unmapped:
        listed = ", ".join(f"{value} ({n:,} rows)" for value, n in guess.unmapped.items())
        lines.append(f"# CHECK: not mapped, so these rows are left out: {listed}")
    return [*lines, "", "[data.events.columns]", *_roles(guess.event_roles, schema.EventColumns)]


def _judgements(guess: Guess, path: str) -> list[str]:
    assert guess.judgements is not None
    lines = ["[data.judgements]", f"path = {_toml(path)}  # {guess.judgements.n_rows:,} rows"]
    if guess.gain_offset:
        lines.append(f"gain_offset = {guess.gain_offset}  # {_doc(schema.JudgementsSource, 'gain_offset')}")
    return [*lines, "", "[data.judgements.columns]", *_roles(guess.judgement_roles, schema.JudgementColumns)]


def _roles(roles: Mapping[str, RoleGuess], section: Any, whole: Guess | None = None) -> list[str]:
    lines = []
    unread = whole.unread if whole else {}
    for name in section.model_fields:
        guess = roles.get(name)
        if guess is None:
            if name in unread:
                column, values = unread[name]
                listed = ", ".join(map(_toml, values))
                lines.append(f"# {name} = {_toml(column)}  # CHECK: not one value can be read, for example {listed}")
            elif name not in ("price_divisor", "event_id", "platform", "position", "rating"):
                lines.append(f"# {name} =  # no column looks like it")
            continue
        several = len(guess.columns) > 1 or name in _LISTS
        value = f"[{', '.join(map(_toml, guess.columns))}]" if several else _toml(guess.columns[0])
        cut = f"; levels separated by {whole.separator}" if whole and name == "category" and whole.separator else ""
        lines.append(f"{name} = {value}  # {_how_sure(guess)}{cut}")
    return lines


def _how_sure(guess: RoleGuess) -> str:
    sure = "sure" if guess.sureness >= SURE else ("likely" if guess.sureness >= LIKELY else "CHECK: a guess")
    if guess.unread:
        listed = ", ".join(map(_toml, guess.unread))
        sure = f"CHECK: by its name; values that cannot be read: {listed}"
    others = f"; or {', '.join(guess.alternatives)}" if guess.alternatives else ""
    return f"{sure} ({guess.sureness:.0%}){others}"


def _load(surface: str) -> list[str]:
    load = schema.SurfaceLoad()
    doc = _doc(schema.SurfaceLoad, "peak_rps")
    return [
        f"[load.{surface}]",
        f"peak_rps = {load.peak_rps}  # {doc}",
        f"requests_per_month = {load.requests_per_month}",
    ]


def _doc(section: Any, name: str) -> str:
    return (section.model_fields[name].description or "").split("\n")[0]


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(value: str) -> str:
    return value if _BARE.fullmatch(value) else _toml(value)
