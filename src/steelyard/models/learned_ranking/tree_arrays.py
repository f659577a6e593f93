r"""Trees as arrays, and what each feature of a row added to its score.

.. math::

    f(x) = f_0 + \sum_j \phi_j(x),
    \qquad
    \phi_j(x) = \sum_{\text{splits by } j} (v_{\text{child}} - v_{\text{node}})

along the path that x takes through each tree, v being what the rows of learning that came through a node scored on
average. So the figures of a row add up to its score.

Trust: of two features that say the same, the one that was split by takes the credit.

Source: Saabas 2014, "Interpreting random forests".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray
from steelyard.models.learned_ranking.tree_graph import threshold_of

__all__ = ["Trees", "arrays_of", "trees_from"]

_NAMES = ("roots", "features", "thresholds", "left", "values")


@dataclass(frozen=True, slots=True)
class Trees:
    """All nodes of all trees; the children of a node stand one after the other."""

    roots: npt.NDArray[np.int32]
    """Node of each root. Shape (trees,)."""
    features: npt.NDArray[np.int16]
    """Feature that a node splits by; -1 for a leaf. Shape (nodes,)."""
    thresholds: npt.NDArray[np.float32]
    """Rows up to it go left. Shape (nodes,)."""
    left: npt.NDArray[np.int32]
    """Left child; a leaf is its own. Shape (nodes,)."""
    values: npt.NDArray[np.float32]
    """What is expected at a node. Shape (nodes,)."""

    @property
    def start(self) -> float:
        """Score before anything is known of a row."""
        return float(self.values[self.roots].sum(dtype=np.float64))

    def contributions(self, rows: npt.NDArray[np.float32]) -> FloatArray:
        """What each feature added to the score of each row.

        Args:
            rows: Shape (rows, features), float32.

        Returns:
            Shape (rows, features); with ``start`` the figures of a row add up to its score.
        """
        found = np.zeros(rows.shape)
        at = np.tile(self.roots, (len(rows), 1))
        numbers = np.arange(len(rows))[:, None]
        while (is_inner := self.features[at] >= 0).any():
            feature = np.maximum(self.features[at], 0)
            goes_right = rows[numbers, feature] > self.thresholds[at]
            to = np.where(is_inner, self.left[at] + goes_right, at)
            np.add.at(found, (numbers, feature), np.where(is_inner, self.values[to] - self.values[at], 0.0))
            at = to
        return found


def trees_from(arrays: Mapping[str, npt.NDArray[Any]]) -> Trees | None:
    """The trees back from what ``arrays_of`` gave.

    Args:
        arrays: With others among them.

    Returns:
        None where there are none.
    """
    return Trees(*(arrays[f"tree_{name}"] for name in _NAMES)) if "tree_roots" in arrays else None


def arrays_of(trees: Sequence[Mapping[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    """Trees as arrays.

    Args:
        trees: Roots, as LightGBM tells them.

    Returns:
        As ``trees_from`` reads them.
    """
    nodes: list[Mapping[str, Any]] = []
    roots: list[int] = []
    left: list[int] = []
    for root in trees:
        roots.append(len(nodes))
        nodes.append(root)
        for node in _from(nodes, len(nodes) - 1):
            left.append(len(nodes) if "left_child" in node else len(left))
            nodes += [node["left_child"], node["right_child"]] if "left_child" in node else []
    is_leaf = ["left_child" not in node for node in nodes]
    values = [
        float(node["leaf_value" if leaf else "internal_value"]) for node, leaf in zip(nodes, is_leaf, strict=True)
    ]
    cuts = [0.0 if leaf else threshold_of(float(node["threshold"])) for node, leaf in zip(nodes, is_leaf, strict=True)]
    splits = [-1 if leaf else int(node["split_feature"]) for node, leaf in zip(nodes, is_leaf, strict=True)]
    return {
        "tree_roots": np.array(roots, np.int32),
        "tree_features": np.array(splits, np.int16),
        "tree_thresholds": np.array(cuts, np.float32),
        "tree_left": np.array(left, np.int32),
        "tree_values": np.array(values, np.float32),
    }


def _from(nodes: Sequence[Mapping[str, Any]], first: int) -> Iterator[Mapping[str, Any]]:
    """The nodes from one on, also those that are added meanwhile."""
    while first < len(nodes):
        yield nodes[first]
        first += 1
