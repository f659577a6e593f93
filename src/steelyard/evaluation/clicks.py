r"""How many clicks lists would get, by the position-based model: what a log says of lists that it did not show.

.. math:: \widehat{C}@k = \sum_{i=1}^{k} \gamma_i \, \alpha_{q, d_i}

A place is looked at with probability :math:`\gamma_i`, and what is looked at there is clicked with probability
:math:`\alpha`; both are estimated from the log (``data.labels.propensity``), and neither is asked of anybody.

Trust:
    It says which list would get more clicks, not which is more relevant: people click what catches the eye and what
    they know. In published comparisons better prediction of clicks went with no better judged relevance. Pairs that
    the log never showed count nothing here, so a list of things never shown looks worse than it is: see ``known``.

Source: Joachims, Swaminathan & Schnabel 2017, doi:10.1145/3018661.3018699; Hager et al. 2024,
doi:10.1145/3626772.3657892, on clicks against judgements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.domain import NONE, FloatArray, IntArray

__all__ = ["ExpectedClicks", "expected_clicks"]


@dataclass(frozen=True, slots=True)
class ExpectedClicks:
    """Of each request. Arrays of shape (requests,)."""

    clicks: FloatArray
    """Expected clicks on the list, as the first place is looked at by all; NaN where nothing of it is known."""
    known: FloatArray
    """Share of the looks that fall on items whose attraction is known, in [0, 1]."""


def expected_clicks(pairs: IntArray, attraction: FloatArray, looked: FloatArray) -> ExpectedClicks:
    """Clicks that lists would get.

    Args:
        pairs: Number of the pair of query and item at each place, best first; ``NONE`` where the log never showed it or
            the list ends. Shape (requests, places).
        attraction: Of each pair; NaN where it is not known. Shape (pairs,), in [0, 1].
        looked: How likely each place is looked at, as a share of the first; NaN where it is not known.
            Shape (places,), in [0, 1].

    Returns:
        What is not known counts nothing.
    """
    n = min(pairs.shape[1], len(looked))
    shown, gamma = pairs[:, :n], np.nan_to_num(looked[:n])
    found = np.full(shown.shape, np.nan)
    is_pair = shown != NONE
    found[is_pair] = attraction[shown[is_pair]]
    is_known = ~np.isnan(found)
    looks = is_known @ gamma
    clicks = np.nan_to_num(found) @ gamma
    return ExpectedClicks(np.where(looks > 0, clicks, np.nan), looks / max(float(gamma.sum()), 1e-12))
