"""Trees as tables of nodes and leaves, and several of them as one node of an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from onnx import NodeProto, helper, numpy_helper

AT_MOST = 0
"""The mode BRANCH_LEQ: true where the feature is at most the threshold."""


@dataclass(frozen=True)
class Tree:
    """A binary tree: inner nodes with feature, threshold and two children, and what its leaves say.

    ``children`` has shape (inner, 2), left first: the number of an inner node, or of a leaf as -1 less its number.
    ``leaves`` is (leaves,) or (leaves, classes). A tree that is a leaf has one inner node with that leaf twice.
    """

    features: np.ndarray
    cuts: np.ndarray
    children: np.ndarray
    leaves: np.ndarray

    @classmethod
    def of(cls, tree: Any, values: np.ndarray) -> Tree:
        """A tree of scikit-learn's (``tree_``) whose nodes say ``values``, shape (nodes,) or (nodes, classes)."""
        is_leaf = tree.children_left < 0
        if is_leaf[0]:
            return cls.constant(values[0])
        number = np.where(is_leaf, -np.cumsum(is_leaf), np.cumsum(~is_leaf) - 1)
        children = np.stack([number[tree.children_left], number[tree.children_right]], axis=1)
        return cls(tree.feature[~is_leaf].astype(np.int64), tree.threshold[~is_leaf], children[~is_leaf],
                   values[is_leaf])  # fmt: skip

    @classmethod
    def constant(cls, value: Any) -> Tree:
        """A tree that says the same of every flow."""
        return cls(np.zeros(1, dtype=np.int64), np.zeros(1), np.array([[-1, -1]]), np.asarray([value], dtype=float))

    def over(self, moved: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Tree:
        """The same tree with other thresholds; ``moved`` is given features and thresholds of its inner nodes."""
        return replace(self, cuts=moved(self.features, self.cuts))

    def with_leaves(self, leaves: np.ndarray) -> Tree:
        """The same tree whose leaves say something else."""
        return replace(self, leaves=leaves)


def ensemble(trees: Sequence[Tree], source: str, output: str, apart: bool = False) -> NodeProto:
    """A node that gives for each flow of ``source`` the sum over the trees, (n, 1), or with ``apart`` each, (n, trees).

    Their leaves hold one number each. With one thread the sum is made in the order of the trees.
    """
    inner = np.cumsum([0, *(one.cuts.size for one in trees)])
    leaves = np.cumsum([0, *(len(one.leaves) for one in trees)])
    children = [
        (np.where(one.children < 0, leaf - one.children - 1, node + one.children), one.children < 0)
        for one, node, leaf in zip(trees, inner, leaves, strict=False)
    ]
    to = np.concatenate([numbers for numbers, _ in children])
    is_leaf = np.concatenate([flags for _, flags in children]).astype(np.int64)
    cuts = np.concatenate([one.cuts for one in trees])
    targets = np.repeat(np.arange(len(trees)), np.diff(leaves)) if apart else np.zeros(leaves[-1], dtype=np.int64)
    return helper.make_node(
        "TreeEnsemble",
        [source],
        [output],
        domain="ai.onnx.ml",
        aggregate_function=1,
        post_transform=0,
        n_targets=len(trees) if apart else 1,
        tree_roots=inner[:-1].tolist(),
        nodes_modes=numpy_helper.from_array(np.full(cuts.size, AT_MOST, dtype=np.uint8), "modes"),
        nodes_featureids=np.concatenate([one.features for one in trees]).tolist(),
        nodes_splits=numpy_helper.from_array(cuts, "splits"),
        nodes_truenodeids=to[:, 0].tolist(),
        nodes_trueleafs=is_leaf[:, 0].tolist(),
        nodes_falsenodeids=to[:, 1].tolist(),
        nodes_falseleafs=is_leaf[:, 1].tolist(),
        leaf_targetids=targets.tolist(),
        leaf_weights=numpy_helper.from_array(np.concatenate([one.leaves for one in trees]).astype(float), "weights"),
    )
