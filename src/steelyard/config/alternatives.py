"""Problems of values that may take several forms, told once and by the keys that the document has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["told_once"]

_EXPECTED = "Input should be "


def told_once(problems: Sequence[Mapping[str, Any]], raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Problems without the names that Pydantic gives to the forms a value may take.

    Such a value is tried in each form, and each that does not fit is a problem of its own: of these the ones that lie
    deepest are kept, since that form was nearest to what is written, and those of one place are one problem.

    Args:
        problems: As Pydantic gives them.
        raw: The document that they are about.

    Returns:
        One problem a place, in the order given.
    """
    located = [_located(problem, raw) for problem in problems]
    deepest: dict[tuple[Any, ...], int] = {}
    for root, place, _ in located:
        if root is not None:
            deepest[root] = max(deepest.get(root, 0), len(place))
    kept: dict[Any, dict[str, Any]] = {}
    for number, (root, place, problem) in enumerate(located):
        if root is None:
            kept[number] = problem
        elif len(place) == deepest[root]:
            kept[place] = _either(kept[place], problem) if place in kept else problem
    return list(kept.values())


def _located(
    problem: Mapping[str, Any], raw: Mapping[str, Any]
) -> tuple[tuple[Any, ...] | None, tuple[Any, ...], dict[str, Any]]:
    """Where the value is that takes several forms, none where there is no such; where the problem is; the problem."""
    place: list[Any] = []
    root, value = None, raw
    location = problem["loc"]
    for number, part in enumerate(location):
        is_last_and_absent = number == len(location) - 1 and problem["type"] == "missing"
        found, inner = _inside(value, part)
        if found or is_last_and_absent or (root is None and not _is_form(part)):
            place.append(part)
            value = inner
        elif root is None:
            root = tuple(place)
    return root, tuple(place), {**problem, "loc": tuple(place)}


def _inside(value: Any, part: Any) -> tuple[bool, Any]:
    if isinstance(value, Mapping) and part in value:
        return True, value[part]
    if isinstance(value, Sequence) and not isinstance(value, str) and isinstance(part, int) and part < len(value):
        return True, value[part]
    return False, None


def _is_form(part: Any) -> bool:
    return isinstance(part, str) and (part in {"int", "float", "str", "bool"} or "[" in part or "constrained-" in part)


def _either(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    said = other["msg"].removeprefix(_EXPECTED) if one["msg"].startswith(_EXPECTED) else other["msg"]
    return {**one, "msg": one["msg"] if other["msg"] == one["msg"] else f"{one['msg']} or {said[:1].lower()}{said[1:]}"}
