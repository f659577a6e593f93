"""Data contracts as YAML files: read without running anything, written in the order of the standard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from steelyard.errors import DataError

__all__ = ["contract_text", "read_contract_file"]

_MOST_BYTES = 2_000_000
_MOST_DEPTH = 40
_MOST_NODES = 200_000
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = (
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
)


class _Loader(_SAFE):  # type: ignore[misc]
    """JSON's own types only: a date stays a text, and ``no`` is a word."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - as the library has it


for _tag, _form, _first in _WORDS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), list(_first))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])


def read_contract_file(path: Path) -> object:
    """What a YAML or JSON file holds, as JSON's own types.

    Args:
        path: The file.

    Returns:
        Lists, mappings, texts, numbers, booleans and ``None``.

    Raises:
        DataError: It cannot be read, is no YAML, has several documents, tags, aliases or a key twice, or is larger
            or deeper than a contract is.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path} has {path.stat().st_size:,} bytes: a contract has at most {_MOST_BYTES:,}")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    try:
        _refuse_bombs(text, path)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader of our own
    except yaml.YAMLError as error:
        raise DataError(f"{path} is no YAML that can be read: {' '.join(str(error).split())[:300]}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} holds a value that cannot be read: {error}") from error


def _refuse_bombs(text: str, path: Path) -> None:
    """Look at the events of the document before anything is made of them."""
    depth = n_nodes = n_documents = 0
    keys: list[set[str] | None] = []
    at_key: list[bool] = []
    for event in yaml.parse(text, Loader=_Loader):
        where = f"{path}, line {event.start_mark.line + 1}"
        n_documents += isinstance(event, yaml.DocumentStartEvent)
        if n_documents > 1:
            raise DataError(f"{where}: a second document begins; a contract is one document")
        if isinstance(event, yaml.AliasEvent):
            raise DataError(f"{where}: *{event.anchor} repeats what another place says (an alias): write it out there")
        if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            keys.pop()
            at_key.pop()
            continue
        if event.tag not in (None, "!") and not event.tag.startswith("tag:yaml.org,2002:str"):
            raise DataError(f"{where}: the tag {event.tag} is not allowed in a contract: take it away")
        _note_key(event, keys, at_key, where)
        n_nodes += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            keys.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
            at_key.append(False)
        if depth > _MOST_DEPTH or n_nodes > _MOST_NODES:
            raise DataError(
                f"{where}: deeper than {_MOST_DEPTH} levels or more than {_MOST_NODES:,} values: no contract"
            )


def _note_key(event: Any, keys: list[set[str] | None], at_key: list[bool], where: str) -> None:
    """Keep the keys of the innermost mapping, each once; keys and values take turns."""
    seen = keys[-1] if keys else None
    if seen is None:
        return
    at_key[-1] = not at_key[-1]
    if not at_key[-1]:
        return
    if not isinstance(event, yaml.ScalarEvent):
        raise DataError(f"{where}: a list or a mapping stands where a name must")
    if event.value in seen:
        raise DataError(f"{where}: {event.value!r} is there twice in one place: take one away")
    seen.add(event.value)


def contract_text(document: Mapping[str, Any]) -> str:
    """A document as YAML that the standard's other tools read.

    Args:
        document: Of JSON's own types.

    Returns:
        The text, with no alias in it.
    """
    text: str = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes every value out, and values that JSON has no word for in quotation marks."""

    def ignore_aliases(self, data: Any) -> bool:
        """No value is written as a reference to another."""
        return True
