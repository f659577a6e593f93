"""Writes what is generated: settings from the schema, commands from their help, tables from kept figures.

Run it with ``make docs``; ``tests/docs`` fails when a page is older than what it describes.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from steelyard.cli import VERBS, main
from steelyard.config import Config, json_schema
from steelyard.config.model_tables import FILLED_IN
from steelyard.models.recipe import InstalledModels, find_recipe

HERE = Path(__file__).parent


def own_tables() -> dict[str, type[BaseModel]]:
    """Options of the models that come with Steelyard, whatever else is installed here."""
    tables = InstalledModels().tables()
    return {name: options for name, options in tables.items() if options.__module__.startswith("steelyard.")}


def settings() -> str:
    """The page of all settings, section by section."""
    lines = [
        "# Settings",
        "",
        "Every key of `steelyard.toml`. Generated from the schema; unknown keys are refused.",
        "",
        "A model that has options has a table `[models.<name>]`; here are those of Steelyard's own models.",
        "A model of another package brings its own ([how](../howto/plugin.md)): `steelyard schema` prints all of them.",
        "",
    ]
    _section(Config, "", lines, own_tables())
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
    reference, root = HERE / "reference", HERE.parent
    measured = _beside("measured")
    marked = {
        root / "README.md": "en",
        root / "README.zh.md": "zh",
        HERE / "howto" / "how-hard.md": "en",
        HERE / "zh" / "how-hard.md": "zh",
    }
    return {
        **{path: measured.filled(path.read_text("utf-8"), language) for path, language in marked.items()},
        reference / "measured.md": measured.page("en", to_root="../../"),
        HERE / "zh" / "measured.md": measured.page("zh", to_root="../../"),
        reference / "settings.md": settings(),
        reference / "commands.md": commands(),
        reference / "steelyard.schema.json": json_schema(own_tables()),
    }


def _beside(name: str) -> Any:
    """Another script of this folder: documentation is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _section(model: type[BaseModel], prefix: str, lines: list[str], tables: Mapping[str, type[BaseModel]]) -> None:
    subsections: list[tuple[str, type[BaseModel]]] = []
    rows: list[str] = []
    for name, field in model.model_fields.items():
        if prefix == "models." and name == FILLED_IN:
            subsections += [(f"models.{each}", options) for each, options in tables.items() if options.model_fields]
            continue
        inner = _inner(field.annotation)
        if inner is not None:
            subsections.append((f"{prefix}{name}", inner))
            continue
        default = "required" if field.is_required() else f"`{_default(field.get_default(call_default_factory=True))}`"
        rows.append(
            f"| `{field.alias or name}` | {default} | {(field.description or '').replace('|', chr(92) + '|')} |"
        )
    if rows:
        title = f"`[{prefix.rstrip('.')}]`" if prefix else "Top level"
        lines += [
            f"## {title}",
            "",
            _about(model, prefix.rstrip("."), tables),
            "",
            "| key | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    for name, inner in subsections:
        _section(inner, f"{name}.", lines, tables)


def _about(model: type[BaseModel], section: str, tables: Mapping[str, type[BaseModel]]) -> str:
    """What a section is for; of a model's table, what the model is."""
    name = section.removeprefix("models.")
    described = find_recipe(name) if tables.get(name) is model else model
    return (described.__doc__ or "").strip().split("\n\n")[0].replace("``", "`")


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
