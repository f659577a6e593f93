"""What lists are like beyond being right: how much of the catalogue they show, how new and how varied they are.

These figures describe; they are no floor and nothing is optimised on them alone: random lists win all three.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from steelyard.domain import NONE, FloatArray, IntArray

__all__ = ["catalogue_coverage", "category_diversity", "intra_list_diversity", "member_share", "novelty"]


def catalogue_coverage(items: IntArray, eligible: IntArray) -> float:
    """Distinct eligible items shown anywhere, as a share of all eligible items.

    Args:
        items: Item numbers shown. Shape (requests, k), ``NONE`` in empty places.
        eligible: Distinct item numbers that may be shown (in stock, not withdrawn). Shape (eligible,).

    Returns:
        In [0, 1]; NaN where nothing is eligible.

    Trust:
        Grows with the number of requests: compare two configurations on the same requests only.
    """
    if eligible.size == 0:
        return float("nan")
    return float(np.isin(eligible, items).mean())


def novelty(items: IntArray, n_interactions: IntArray) -> FloatArray:
    r"""Mean self-information of the items shown, in bits: the rarer, the newer to the shopper.

    .. math:: -\frac{1}{n} \sum_{i} \log_2 \frac{c_i + 1}{\sum_j c_j + N}

    Args:
        items: Item numbers shown. Shape (requests, k), ``NONE`` in empty places.
        n_interactions: :math:`c_i`, how often each of the N items was interacted with in training. Shape (N,), >= 0.

    Returns:
        Shape (requests,), > 0; NaN for an empty list.
    """
    bits = -np.log2((n_interactions + 1.0) / (n_interactions.sum() + len(n_interactions)))
    shown = items != NONE
    total = np.where(shown, bits[np.where(shown, items, 0)], 0.0).sum(axis=1)
    return _mean(total, shown.sum(axis=1))


def category_diversity(items: IntArray, category: IntArray) -> FloatArray:
    """Share of the pairs of a list whose two items are of different narrowest categories.

    Args:
        items: Item numbers shown. Shape (requests, k), ``NONE`` in empty places.
        category: Category of each item of the catalogue, -1 where it has none. Shape (n_items,).

    Returns:
        Shape (requests,), in [0, 1]; NaN for lists of fewer than two items. An item without a category
        differs from every other.
    """
    shown = items != NONE
    of = np.where(shown, category[np.where(shown, items, 0)], -1)
    first, second = np.triu_indices(items.shape[1], 1)
    both = shown[:, first] & shown[:, second]
    same = both & (of[:, first] == of[:, second]) & (of[:, first] >= 0)
    return _mean((both & ~same).sum(axis=1).astype(np.float64), both.sum(axis=1))


def intra_list_diversity(items: IntArray, alike: Callable[[IntArray, IntArray], FloatArray]) -> FloatArray:
    r"""How unlike the items of a list are, over its pairs.

    .. math:: 1 - \frac{2}{n (n - 1)} \sum_{i < j} alike(i, j)

    Args:
        items: Item numbers shown. Shape (requests, k), ``NONE`` in empty places.
        alike: Of pairs of item numbers, how alike they are, in [0, 1].

    Returns:
        Shape (requests,), in [0, 1]; NaN for lists of fewer than two items.

    Source:
        Ziegler et al. 2005, doi:10.1145/1060745.1060754.
    """
    shown = items != NONE
    first, second = np.triu_indices(items.shape[1], 1)
    both = shown[:, first] & shown[:, second]
    found = np.zeros(both.shape)
    found[both] = alike(items[:, first][both], items[:, second][both])
    return 1.0 - _mean(found.sum(axis=1), both.sum(axis=1))


def member_share(items: IntArray, is_member: npt.NDArray[np.bool_]) -> FloatArray:
    """Share of the items of a list that are of a kind, new ones say.

    Args:
        items: Item numbers shown. Shape (requests, k), ``NONE`` in empty places.
        is_member: Of each item of the catalogue. Shape (n_items,).

    Returns:
        Shape (requests,), in [0, 1]; NaN for an empty list.
    """
    shown = items != NONE
    those = shown & is_member[np.where(shown, items, 0)]
    return _mean(those.sum(axis=1).astype(np.float64), shown.sum(axis=1))


def _mean(total: FloatArray, count: IntArray) -> FloatArray:
    result: FloatArray = np.full(len(count), np.nan)
    np.divide(total, count, out=result, where=count > 0)
    return result
