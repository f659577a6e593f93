"""How documents become JSON and come back: exact decimals as text, days in ISO form, and a number for the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from steelyard.errors import ArtefactError

__all__ = ["Migration", "Source", "as_builtins", "as_json", "read_document"]

Source = bytes | str | Mapping[str, Any]
"""JSON, or what was parsed from it."""
Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes a document of one format into one of the next; what it was given stays as it is."""
T = TypeVar("T", bound=msgspec.Struct)


def read_document(source: Source, kind: type[T], *, name: str, migrations: Sequence[Migration]) -> T:
    """A document as a value.

    Args:
        source: The document.
        kind: Its type; its ``format`` is the number of migrations.
        name: What it is called in messages.
        migrations: In order, from the format that had no number.

    Returns:
        The value; keys that nobody knows are left out.

    Raises:
        ArtefactError: It is no such document, or of a later format.
    """
    try:
        given = msgspec.json.decode(source) if isinstance(source, bytes | str) else source
        if not isinstance(given, Mapping):
            raise ArtefactError(f"this is no {name}: an object was expected; make it again")
        number = given.get("format", 0)
        if not isinstance(number, int) or not 0 <= number <= len(migrations):
            raise ArtefactError(
                f"the {name} has format {number!r}, and this version reads up to {len(migrations)}: "
                "use the version that wrote it, or make it again"
            )
        value = dict(given)
        for migrate in migrations[number:]:
            value = migrate(value)
        return msgspec.convert(value | {"format": len(migrations)}, type=kind)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        raise ArtefactError(f"the {name} cannot be read ({error}): make it again") from error


def as_builtins(document: msgspec.Struct) -> dict[str, Any]:
    """The document as JSON's own types, keys in the order of its fields; no decimal has an exponent."""
    shown = _shown(msgspec.to_builtins(document, builtin_types=(Decimal, date)))
    assert isinstance(shown, dict)
    return shown


def as_json(document: msgspec.Struct) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(as_builtins(document))


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
