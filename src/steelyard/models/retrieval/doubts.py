r"""What people's dislikes say of an item to others: how much of its score it keeps.

.. math:: keep_i = \min\left(1, \frac{1 - s_i}{1 - \bar s}\right)^{strength}, \quad
          s_i = \frac{d_i + 20\,\bar s}{d_i + l_i + 20}

:math:`d_i` users whose last word on the item is a low rating, a return of all they bought, or a hide; :math:`l_i` users
of whom something positive is learnt; :math:`\bar s` the share of the dislikes over all items. An item that few have
judged is drawn to the shop's own share, and one that is disliked no more than usual keeps all.

Trust:
    How many like an item is learnt without those who dislike it, so its dislikes say more only where they foretell what
    the others will do. The held-out cases say whether they do: the strength is fitted to them, and 0 where they do not
    clearly gain.
"""

from __future__ import annotations

import numpy as np

from steelyard.domain import FloatArray, IntArray, Interactions
from steelyard.models.retrieval.pairs import runs_of_users

__all__ = ["STRENGTHS", "kept_shares"]

STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0)
"""What tuning tries, ascending from none."""
_PRIOR = 20.0
"""Users that an item's share is drawn to the shop's by."""


def kept_shares(interactions: Interactions, dislikers: IntArray | None) -> FloatArray | None:
    """What each item keeps of its score at strength 1.

    Args:
        interactions: What is learnt from.
        dislikers: Users who dislike each item. Shape (n_items,); ``None`` where nobody knows.

    Returns:
        In (0, 1]. Shape (n_items,); ``None`` where no item is disliked more than usual.
    """
    if dislikers is None or not dislikers.any():
        return None
    users, items, n = interactions.users, interactions.items, max(interactions.n_items, 1)
    likers = np.zeros(interactions.n_items)
    for places in runs_of_users(users):
        pairs = np.unique(users[places].astype(np.int64) * n + items[places])
        likers += np.bincount(pairs % n, minlength=interactions.n_items)
    usual = float(dislikers.sum() / (dislikers.sum() + likers.sum()))
    share = (dislikers + _PRIOR * usual) / (dislikers + likers + _PRIOR)
    if usual >= 1:
        return None
    kept: FloatArray = np.minimum(1.0, (1 - share) / (1 - usual))
    return kept if (kept < 1).any() else None
