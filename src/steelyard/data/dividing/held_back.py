"""Queries held back while something learns from the others: to stop by, and to fit what comes after."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from steelyard.data.values.normalise import words
from steelyard.domain import Cases

__all__ = ["chosen", "divided", "joined"]


def divided(cases: Cases, *, share: float, seed: int) -> tuple[Cases, Cases]:
    """Cases to learn from and cases to stop by, divided by the words of the query.

    Args:
        cases: Any number.
        share: Of the cases to stop by, in [0, 1].
        seed: Another one divides them differently.

    Returns:
        Both; queries of the same words, in whatever order and case, are on the same side.
    """
    held = [_share_of(request.query, seed) < share for request in cases.requests]
    learning = [row for row, is_held in enumerate(held) if not is_held]
    return chosen(cases, learning), chosen(cases, [row for row, is_held in enumerate(held) if is_held])


def chosen(cases: Cases, rows: Sequence[int]) -> Cases:
    """Some of the cases, in the order of ``rows``."""

    def of(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[row] for row in rows)

    return replace(
        cases, ids=of(cases.ids), requests=of(cases.requests), relevant=of(cases.relevant), gains=of(cases.gains)
    )


def joined(one: Cases, other: Cases) -> Cases:
    """The cases of both, those of ``one`` first.

    Args:
        one: Says what kind of cases they are.
        other: Of the same kind.

    Returns:
        All of them.
    """
    return replace(
        one,
        ids=one.ids + other.ids,
        requests=one.requests + other.requests,
        relevant=one.relevant + other.relevant,
        gains=one.gains + other.gains,
    )


def _share_of(query: str, seed: int) -> float:
    told = " ".join(sorted(words(query))) or query
    digest = hashlib.sha256(f"{seed}:{told}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
