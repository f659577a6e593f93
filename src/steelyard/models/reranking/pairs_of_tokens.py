"""Pairs of a query and a text as a network reads them: token numbers, one pair behind another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from steelyard.domain import IntArray

__all__ = ["INPUTS", "TokenPairs", "cut", "packed"]

INPUTS = ("tokens", "parts", "positions", "places", "back", "in_query", "in_text")
"""Names of a network's inputs, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenPairs:
    """Pairs laid one behind another, and where each token stands when they are laid side by side."""

    tokens: IntArray
    """Token numbers of all pairs. Shape (tokens,)."""
    parts: IntArray
    """0 in the query, its marks included, 1 in the text. Shape (tokens,)."""
    positions: IntArray
    """Place within the pair. Shape (tokens,)."""
    places: IntArray
    """Which token stands there, 0 where none does. Shape (pairs, longest)."""
    back: IntArray
    """Where each token stands, row by row. Shape (tokens,)."""
    in_query: npt.NDArray[np.float32]
    """1 where a token of the query stands. Shape (pairs, longest)."""
    in_text: npt.NDArray[np.float32]
    """1 where a token of the text stands. Shape (pairs, longest)."""

    def inputs(self) -> dict[str, npt.NDArray[np.generic]]:
        """By the names of ``INPUTS``."""
        return {name: getattr(self, name) for name in INPUTS}


def packed(queries: Sequence[Sequence[int]], texts: Sequence[npt.NDArray[np.generic]]) -> TokenPairs:
    """Pairs of token numbers.

    Args:
        queries: Of each pair, with the marks around it.
        texts: Of each pair, with the mark after it.

    Returns:
        All pairs in the order given; there must be at least one.
    """
    n_query = np.array([len(query) for query in queries], np.int64)
    n_text = np.array([len(text) for text in texts], np.int64)
    lengths = n_query + n_text
    longest, ends = int(lengths.max()), np.cumsum(lengths)
    tokens = np.concatenate([part for pair in zip(queries, texts, strict=True) for part in pair]).astype(np.int64)
    pair = np.repeat(np.arange(len(lengths)), lengths)
    positions = np.arange(len(tokens)) - (ends - lengths)[pair]
    back = pair * longest + positions
    parts = (positions >= n_query[pair]).astype(np.int64)
    places = np.zeros(len(lengths) * longest, np.int64)
    places[back] = np.arange(len(tokens))
    sides = np.zeros((2, len(places)), np.float32)
    sides[parts, back] = 1
    shape = (len(lengths), longest)
    return TokenPairs(
        tokens, parts, positions, places.reshape(shape), back, sides[0].reshape(shape), sides[1].reshape(shape)
    )


def cut(
    query: Sequence[int], text: npt.NDArray[np.integer], *, longest: int
) -> tuple[Sequence[int], npt.NDArray[np.integer]]:
    """A pair that is no longer than allowed: the query keeps at most half, the text the rest.

    Args:
        query: With the marks around it.
        text: With the mark after it.
        longest: Tokens of both, >= 8.

    Returns:
        Both with their last marks.
    """
    if len(query) + len(text) <= longest:
        return query, text
    if len(query) > longest // 2:
        query = [*query[: longest // 2 - 1], query[-1]]
    if len(query) + len(text) > longest:
        text = np.concatenate([text[: longest - len(query) - 1], text[-1:]])
    return query, text
