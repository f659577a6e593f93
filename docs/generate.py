"""Writes the generated reference pages: settings from the schema, commands from their own help.

Run it with ``make docs``; ``tests/docs`` fails when a page is older than what it describes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from steelyard.cli import VERBS, main
from steelyard.config import Config, json_schema

HERE = Path(__file__).parent


def settings() -> str:
    """The page of all settings, section by section."""
    lines = [
        "# Settings",
        "",
        "Every key of `steelyard.toml`. Generated from the schema; unknown keys are refused.",
        "",
    ]
    _section(Config, "", lines, set())
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The page of all commands with their help."""
    lines = ["# Commands", "", "Generated from the commands' own help.", ""]
    context = click.Context(main, info_name="steelyard")
    for verb in VERBS:
        _command(main, verb, context, lines, depth=2)
    return "\n".join(lines)


def _command(group: click.Group, name: str, above: click.Context, lines: list[str], *, depth: int) -> None:
    found = group.get_command(above, name)
    assert found is not None
    path = f"{above.command_path} {name}"
    text = found.get_help(click.Context(found, info_name=path, max_content_width=100))
    lines += [f"{'#' * depth} {path}", "", "```text", text, "```", ""]
    if isinstance(found, click.Group):
        context = click.Context(found, info_name=name, parent=above)
        for each in found.list_commands(context):
            below = found.get_command(context, each)
            if below is not None and not below.hidden:
                _command(found, each, context, lines, depth=depth + 1)


def pages() -> dict[Path, str]:
    """Each generated file and what it should hold."""
    reference = HERE / "reference"
    return {
        reference / "settings.md": settings(),
        reference / "commands.md": commands(),
        reference / "steelyard.schema.json": json_schema(),
    }


def _section(model: type[BaseModel], prefix: str, lines: list[str], done: set[str]) -> None:
    subsections: list[tuple[str, type[BaseModel]]] = []
    rows: list[str] = []
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is not None:
            subsections.append((f"{prefix}{name}", inner))
            continue
        default = "required" if field.is_required() else f"`{_default(field.get_default(call_default_factory=True))}`"
        rows.append(f"| `{name}` | {default} | {(field.description or '').replace('|', chr(92) + '|')} |")
    if rows:
        title = f"`[{prefix.rstrip('.')}]`" if prefix else "Top level"
        lines += [
            f"## {title}",
            "",
            (model.__doc__ or "").strip(),
            "",
            "| key | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    for name, inner in subsections:
        _section(inner, f"{name}.", lines, done)


def _inner(annotation: Any) -> type[BaseModel] | None:
    choices = [annotation, *getattr(annotation, "__args__", ())]
    return next((c for c in choices if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(repr(v) for v in value) + "]"
    return "none" if value is None else str(value)


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(HERE.parent)}\n")
