"""Decisions of versions that wrote no format number: lines known by their sentence, floors by their text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.documents.earlier_lines import with_key

__all__ = ["with_keys"]


def with_keys(value: dict[str, Any]) -> dict[str, Any]:
    """A decision of format 0 as one of format 1.

    Args:
        value: The document.

    Returns:
        Lines have keys, what has no price is named in Chinese too, a floor says whether it is one of the best's, and
        where nothing was chosen nothing is said of how sure the choice is.
    """
    found = value | {"surfaces": [_surface(surface) for surface in value.get("surfaces", ())]}
    if found.get("total"):
        found["total"] = _total(found["total"])
    return {key: each for key, each in found.items() if each is not None}


def _surface(surface: Mapping[str, Any]) -> dict[str, Any]:
    candidates = [_candidate(row) for row in surface["candidates"]]
    made = {**surface, "candidates": candidates, "left_out": [_named(each) for each in surface.get("left_out", ())]}
    stays = surface.get("stays_chosen")
    if stays is not None and stays.get("probability") is None:  # there was no choice to stay
        del made["stays_chosen"]
    floor = surface["floor"]
    return made | {"floor": {"is_of_best": "the best" in floor["text"], **floor}}


def _candidate(row: Mapping[str, Any]) -> dict[str, Any]:
    lines = [with_key(line) for line in row["bill"]]
    said = {line["item"]: line["item_zh"] for line in lines}
    return {**row, "bill": lines, "unpriced_zh": [said.get(item, item) for item in row["unpriced"]]}


def _total(total: Mapping[str, Any]) -> dict[str, Any]:
    lines = [with_key(line) for line in total.get("lines", ())]
    return {**total, "lines": lines, "left_out": [_named(each) for each in total.get("left_out", ())]}


def _named(part: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """Early versions named parts by a sentence alone, or knew no switch for them."""
    if isinstance(part, str):
        return {"part": "", "text": part, "text_zh": part, "switch": ""}
    return {**part, "switch": part["switch"] or ""}
