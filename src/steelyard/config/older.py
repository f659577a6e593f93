"""Keys of older steelyard.toml files, read where they are now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.errors import ConfigError

__all__ = ["MOVED", "moved_keys", "renewed"]

_Place = tuple[str, ...]

MOVED: Mapping[_Place, _Place] = {
    ("models", "ials_factors"): ("models", "ials", "factors"),
    ("models", "ials_iterations"): ("models", "ials", "iterations"),
    ("compress", "neighbours"): ("models", "item-knn", "forms"),
    ("data", "events", "is_price_of_line"): ("data", "events", "price_is_line_total"),
}
"""Where a key was, and where it is."""


def renewed(raw: Mapping[str, Any], *, name: str = "steelyard.toml") -> dict[str, Any]:
    """A document with every key where it is now.

    Args:
        raw: As the TOML reader gave it; left as it is.
        name: How to call the file in messages.

    Returns:
        The same values.

    Raises:
        ConfigError: A key is given in its old place and in the new one, so that nobody can tell which holds.
    """
    found: dict[str, Any] = _copied(raw)
    twice = []
    for old, new in MOVED.items():
        table = _table(found, old[:-1])
        if table is None or old[-1] not in table:
            continue
        value = table.pop(old[-1])
        target: Any = found
        for part in new[:-1]:
            target = target.setdefault(part, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict) or new[-1] in target:
            twice.append(f"  {'.'.join(old)} is now {'.'.join(new)}, and both are given: keep the new one")
        else:
            target[new[-1]] = value
    if twice:
        raise ConfigError(f"{name} says things twice; no work was begun:\n" + "\n".join(twice))
    return found


def moved_keys(raw: Mapping[str, Any]) -> list[str]:
    """What a reader should know of the old keys in a document.

    Args:
        raw: As the TOML reader gave it.

    Returns:
        One sentence for each.
    """
    present = [old for old in MOVED if old[-1] in (_table(raw, old[:-1]) or {})]
    return [f"{'.'.join(old)} is now {'.'.join(MOVED[old])}; the old key is still read" for old in present]


def _table(raw: Mapping[str, Any], place: _Place) -> Any:
    found: Any = raw
    for part in place:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _copied(value: Any) -> Any:
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value
