"""Gradient-boosted trees of scikit-learn to the flat arrays that ``forest.Forest`` asks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from injectclean.forest import LEAF, Nodes, arrange
from injectclean.training.export import Arrays

LEAST_SAMPLES = 100  # in a leaf
RIDGE = 5.0
_DTYPES = {
    "base": "<f8", "roots": "<u4", "asked": "|u1", "limits": "<f8", "rights": "<u4",
    "values": "<f8", "counts": "<u4", "cuts": "<f8", "kept": "|u1", "leaves": "<f8",
}  # fmt: skip
Floats = NDArray[np.float64]


class Size(NamedTuple):
    """How many trees, of how many leaves at the most, and how much each one's answer counts."""

    trees: int
    leaves: int
    rate: float


def fit_trees(
    values: Floats, targets: NDArray[Any], weights: Floats, size: Size
) -> HistGradientBoostingClassifier:
    """Fit trees on features (rows x names)."""
    model = HistGradientBoostingClassifier(
        max_iter=size.trees,
        learning_rate=size.rate,
        max_leaf_nodes=size.leaves,
        l2_regularization=RIDGE,
        min_samples_leaf=LEAST_SAMPLES,
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(limits=1):  # sums depend on the number of threads
        model.fit(values, targets, sample_weight=weights)
    return model


def tree_arrays(name: str, model: HistGradientBoostingClassifier) -> Arrays:
    """The nodes of all trees, each tree in the order in which a walk to the left meets them."""
    roots: list[int] = []
    rows: list[tuple[int, float, int, float]] = []
    for (tree,) in model._predictors:
        roots.append(len(rows))
        _add_node(tree.nodes, 0, rows)
    base = float(np.ravel(model._baseline_prediction)[0])
    return _as_arrays(name, base, Nodes(roots, *zip(*rows, strict=True)), model.n_features_in_)


def silent_trees(name: str, features: int) -> Arrays:
    """One leaf of no weight, over so many features."""
    return _as_arrays(name, 0.0, Nodes([0], [LEAF], [0.0], [0], [0.0]), features)


def _as_arrays(name: str, base: float, nodes: Nodes, features: int) -> Arrays:
    parts = {"base": [base], **nodes._asdict(), **arrange(nodes, features)._asdict()}
    return {
        f"{name}.{role}": np.array(list(parts[role]), dtype=dtype)
        for role, dtype in _DTYPES.items()
    }


def _add_node(nodes: Any, index: int, rows: list[tuple[int, float, int, float]]) -> float:
    """Append a node and all below it; a node's value is the mean of its children's by weight."""
    node = nodes[index]
    at = len(rows)
    if node["is_leaf"]:
        rows.append((LEAF, 0.0, 0, float(node["value"])))
        return float(node["value"])
    rows.append((int(node["feature_idx"]), float(node["num_threshold"]), 0, 0.0))
    left, right = int(node["left"]), int(node["right"])
    low = _add_node(nodes, left, rows)
    start = len(rows)
    high = _add_node(nodes, right, rows)
    share = float(nodes[left]["count"]) / float(node["count"])
    value = low * share + high * (1.0 - share)
    rows[at] = (rows[at][0], rows[at][1], start, value)
    return value
