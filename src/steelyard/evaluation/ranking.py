"""Ranking metrics of a batch of requests, one value a request, undefined where nothing is relevant.

An item is relevant when its gain is above 0; items nobody judged have gain 0. All functions take what was
shown, best rank first, and what could have been shown. They never average: ``compare`` does, and says how sure it is.
"""

from __future__ import annotations

import numpy as np

from steelyard.domain import FloatArray, IntArray

__all__ = ["average_precision", "hit_rate", "ndcg", "precision", "recall", "reciprocal_rank"]


def ndcg(gains: FloatArray, ideal: FloatArray, *, k: int) -> FloatArray:
    r"""Normalised discounted cumulative gain of each request.

    .. math:: \mathrm{nDCG}@k = \frac{\sum_{i=1}^{k} g_i / \log_2(i+1)}{\sum_{i=1}^{k} g^*_i / \log_2(i+1)}

    Args:
        gains: Gain of the item shown at each rank, best rank first. Shape (requests, ranks), >= 0; pad with 0.
        ideal: Gains of all judged items, sorted high to low. Shape (requests, judged), >= 0; pad with 0.
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), in [0, 1]; NaN where a request has no judged gain: undefined there, and the caller
        decides how to average.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.

    Source:
        Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418, linear gain.
    """
    _check(len(gains), len(ideal), k)
    return _ratio(_dcg(gains, k), _dcg(ideal, k))


def recall(gains: FloatArray, n_relevant: IntArray, *, k: int) -> FloatArray:
    r"""Share of the relevant items that were shown: :math:`|\{i \le k : g_i > 0\}| / R`.

    Args:
        gains: Gain of the item shown at each rank. Shape (requests, ranks), >= 0; pad with 0.
        n_relevant: :math:`R`, the number of items with a gain above 0. Shape (requests,).
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), in [0, min(k, R)/R]; NaN where R is 0.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.
    """
    _check(len(gains), len(n_relevant), k)
    return _ratio(_hits(gains, k).sum(axis=1), n_relevant)


def precision(gains: FloatArray, n_relevant: IntArray, *, k: int) -> FloatArray:
    r"""Share of the k places that hold a relevant item: :math:`|\{i \le k : g_i > 0\}| / k`.

    Places a short list left empty count as misses.

    Args:
        gains: Gain of the item shown at each rank. Shape (requests, ranks), >= 0; pad with 0.
        n_relevant: Number of items with a gain above 0. Shape (requests,).
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), in [0, 1]; NaN where nothing is relevant, since every list would score 0.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.
    """
    _check(len(gains), len(n_relevant), k)
    return _ratio(_hits(gains, k).sum(axis=1), np.where(n_relevant > 0, k, 0))


def average_precision(gains: FloatArray, n_relevant: IntArray, *, k: int) -> FloatArray:
    r"""Precision at the rank of each relevant item shown, averaged over what k places could hold.

    .. math:: \mathrm{AP}@k = \frac{1}{\min(R, k)} \sum_{i=1}^{k} [g_i > 0] \cdot \frac{|\{j \le i : g_j > 0\}|}{i}

    Args:
        gains: Gain of the item shown at each rank. Shape (requests, ranks), >= 0; pad with 0.
        n_relevant: :math:`R`, the number of items with a gain above 0. Shape (requests,).
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), in [0, 1]; NaN where R is 0. Divided by min(R, k), so that a perfect list scores 1;
        others divide by R.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.
    """
    _check(len(gains), len(n_relevant), k)
    hits = _hits(gains, k)
    at_rank = hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1)
    return _ratio((at_rank * hits).sum(axis=1), np.minimum(n_relevant, k))


def reciprocal_rank(gains: FloatArray, n_relevant: IntArray, *, k: int) -> FloatArray:
    r"""One over the rank of the first relevant item among the first k; 0 where there is none.

    Args:
        gains: Gain of the item shown at each rank. Shape (requests, ranks), >= 0; pad with 0.
        n_relevant: Number of items with a gain above 0. Shape (requests,).
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), 0 or in [1/k, 1]; NaN where nothing is relevant.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.
    """
    _check(len(gains), len(n_relevant), k)
    hits = _hits(gains, k)
    if hits.shape[1] == 0:
        return _ratio(np.zeros(len(gains)), np.where(n_relevant > 0, 1, 0))
    first = np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1), 0.0)
    return _ratio(first, np.where(n_relevant > 0, 1, 0))


def hit_rate(gains: FloatArray, n_relevant: IntArray, *, k: int) -> FloatArray:
    """1 where at least one of the first k items is relevant, else 0.

    Args:
        gains: Gain of the item shown at each rank. Shape (requests, ranks), >= 0; pad with 0.
        n_relevant: Number of items with a gain above 0. Shape (requests,).
        k: Cut-off rank, >= 1.

    Returns:
        Shape (requests,), 0 or 1; NaN where nothing is relevant.

    Raises:
        ValueError: ``k`` < 1, or the two batches differ in length.
    """
    _check(len(gains), len(n_relevant), k)
    return _ratio(_hits(gains, k).max(axis=1, initial=0.0), np.where(n_relevant > 0, 1, 0))


def _check(n_shown: int, n_judged: int, k: int) -> None:
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if n_shown != n_judged:
        raise ValueError(f"gains has {n_shown} requests, the judgements have {n_judged}")


def _dcg(gains: FloatArray, k: int) -> FloatArray:
    top = gains[:, :k]
    discounted: FloatArray = top @ (1.0 / np.log2(np.arange(2, top.shape[1] + 2)))
    return discounted


def _hits(gains: FloatArray, k: int) -> FloatArray:
    return (gains[:, :k] > 0).astype(np.float64)


def _ratio(above: FloatArray, below: FloatArray | IntArray) -> FloatArray:
    result: FloatArray = np.full(len(below), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result
