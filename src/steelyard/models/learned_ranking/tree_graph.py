"""Trees as an ONNX graph: float32, typed, and without code of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from steelyard.errors import ConfigError

__all__ = ["HOW_TO", "graph_of", "threshold_of"]

HOW_TO = "install the extra train: pip install 'steelyard[train]'"
"""What to do where a library is missing."""
_OPSET, _TREES_OPSET, _IR = 17, 3, 9


@dataclass(slots=True)
class _Nodes:
    """All nodes of all trees, as ONNX lists them."""

    nodes: dict[str, list[Any]] = field(
        default_factory=lambda: {
            name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
        }
    )
    leaves: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    )

    def add(self, tree: int, root: Mapping[str, Any]) -> None:
        """Number the nodes of a tree, each before its children, the two children of a node one after the other."""
        ordered = [root]
        for number, node in enumerate(ordered):  # grows while it is walked
            self._append(tree, number, node, first=len(ordered))
            if "leaf_value" not in node:
                ordered += [node["left_child"], node["right_child"]]

    def _append(self, tree: int, number: int, node: Mapping[str, Any], *, first: int) -> None:
        is_leaf = "leaf_value" in node
        row = {
            "treeids": tree,
            "nodeids": number,
            "featureids": 0 if is_leaf else int(node["split_feature"]),
            "values": 0.0 if is_leaf else threshold_of(float(node["threshold"])),
            "modes": "LEAF" if is_leaf else "BRANCH_LEQ",
            "truenodeids": 0 if is_leaf else first,
            "falsenodeids": 0 if is_leaf else first + 1,
        }
        for name, value in row.items():
            self.nodes[name].append(value)
        if is_leaf:
            leaf = {"treeids": tree, "nodeids": number, "ids": 0, "weights": float(node["leaf_value"])}
            for name, value in leaf.items():
                self.leaves[name].append(value)


def threshold_of(value: float) -> float:
    """The largest float32 that is not above a threshold: rows of float32 fall on the same side of both.

    Args:
        value: The threshold.

    Returns:
        At most the threshold.
    """
    narrow = np.float32(value)
    return float(narrow if float(narrow) <= value else np.nextafter(narrow, np.float32(-np.inf)))


def graph_of(trees: Sequence[Mapping[str, Any]], n_features: int) -> bytes:
    """Trees as an ONNX graph.

    Args:
        trees: Roots, as LightGBM tells them.
        n_features: Width of a row.

    Returns:
        Input ``rows``, output ``scores``.

    Raises:
        ConfigError: onnx is not installed.
    """
    try:
        from onnx import TensorProto, helper  # noqa: PLC0415  (only where a forest is grown)
    except ImportError as error:
        raise ConfigError(f"a forest is kept as ONNX, which is not installed: {HOW_TO}") from error
    every = _Nodes()
    for number, root in enumerate(trees):
        every.add(number, root)
    attributes: dict[str, Any] = {f"nodes_{name}": values for name, values in every.nodes.items()}
    attributes |= {f"target_{name}": values for name, values in every.leaves.items()}
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["scores"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        **attributes,
    )
    graph = helper.make_graph(
        [node],
        "forest",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, n_features])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 1])],
    )
    sets = [helper.make_opsetid("ai.onnx.ml", _TREES_OPSET), helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=_IR)
    return bytes(model.SerializeToString())
