"""Arithmetic between texts and vectors that needs no engine: passages, lengths, pooling, token weights.

Running a network is the adapters' business; this module holds what they share and what a static encoder is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Texts, VectorArray

__all__ = ["bag_means", "batches_by_length", "distinct", "normalised", "passages", "sif_weights", "token_counts"]


def passages(texts: Texts, *, prefix: str = "") -> list[str]:
    """The text of each product that is encoded: title, then what the title does not say yet.

    Brand and category are left out where the title holds them already; the description comes last, so that
    cutting a long text cuts the description.

    Args:
        texts: Distinct texts of the catalogue.
        prefix: Put before every text, where the encoder was trained so.

    Returns:
        One string for each text, in order of text number.
    """
    result = []
    for title, brand, category, description in zip(
        texts.title, texts.brand, texts.category, texts.description, strict=True
    ):
        said = title.casefold()
        more = [part for part in (brand, category) if part and part.casefold() not in said]
        result.append(prefix + ", ".join(part for part in (title, *more, description) if part))
    return result


def normalised(vectors: npt.NDArray[np.floating]) -> VectorArray:
    """Each row divided by its length.

    Args:
        vectors: Shape (rows, width).

    Returns:
        Shape (rows, width), float32; a row of zeros stays a row of zeros.
    """
    values = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(lengths == 0.0, 1.0, lengths), np.float32)


def batches_by_length(lengths: IntArray, *, size: int) -> Iterator[IntArray]:
    """Row numbers in batches whose rows have one and the same length, so that nothing is padded.

    Without padding a text's vector does not depend on the texts it is encoded with, and no work is wasted.

    Args:
        lengths: Tokens of each row. Shape (rows,).
        size: Rows in a batch at most, >= 1.

    Yields:
        IntArray: Row numbers, shortest rows first; every row exactly once. Shape (<= size,).
    """
    order = np.argsort(lengths, kind="stable")
    edges = np.flatnonzero(np.diff(lengths[order])) + 1
    for group in np.split(order, edges):
        for start in range(0, len(group), size):
            yield group[start : start + size]


def distinct(rows: Sequence[Sequence[int]]) -> tuple[list[Sequence[int]], IntArray]:
    """Rows of token numbers without repetition: what is equal once it is cut is encoded once.

    Args:
        rows: Token numbers of each text.

    Returns:
        Each row once, in order of first occurrence, and for every row given its number among them. Shape (rows,).
    """
    numbers: dict[tuple[int, ...], int] = {}
    places = [numbers.setdefault(tuple(row), len(numbers)) for row in rows]
    return list(numbers), np.array(places, np.int64)


def token_counts(ids: Sequence[Sequence[int]], *, n_tokens: int) -> IntArray:
    """How often each token of the vocabulary occurs in the texts.

    Args:
        ids: Token numbers of each text, each in [0, n_tokens).
        n_tokens: Size of the vocabulary.

    Returns:
        Shape (n_tokens,).
    """
    counts = np.zeros(n_tokens, np.int64)
    for row in ids:
        np.add.at(counts, np.asarray(row, np.int64), 1)
    return counts


def sif_weights(counts: IntArray, *, smoothing: float) -> FloatArray:
    r"""Smooth inverse frequency: how much each token says.

    .. math:: w_t = \frac{a}{a + p_t}, \quad p_t = \frac{c_t}{\sum_u c_u}

    Args:
        counts: Occurrences of each token in the catalogue. Shape (tokens,), >= 0.
        smoothing: The constant a, > 0; the smaller, the less common tokens count.

    Returns:
        Shape (tokens,), in (0, 1]; 1 for tokens never seen, and for all tokens of an empty catalogue.

    Source:
        Arora, Liang & Ma 2017, A simple but tough-to-beat baseline for sentence embeddings (ICLR).
    """
    share = counts / max(int(counts.sum()), 1)
    return np.asarray(smoothing / (smoothing + share), np.float64)


def bag_means(tokens: npt.NDArray[np.floating], ids: Sequence[Sequence[int]]) -> VectorArray:
    """Mean of the vectors of each text's tokens.

    Args:
        tokens: Vector of each token. Shape (tokens, width).
        ids: Token numbers of each text; a token that occurs twice counts twice.

    Returns:
        Shape (texts, width), float32; zeros for a text without tokens.
    """
    means = np.zeros((len(ids), tokens.shape[1]), np.float32)
    for row, text in enumerate(ids):
        if len(text):
            means[row] = tokens[np.asarray(text, np.int64)].astype(np.float32).mean(axis=0)
    return means
