"""Gradient-boosted trees over named features: a score, and what each feature adds to it.

All trees are asked at once. A byte of a large integer stands for a tree, a bit for a leaf, in order
from left to right. A question answered with no bars the leaves on its left. Which leaves the
questions about one feature leave depends only on how many of its limits the value passes, so that
is known beforehand: what all features leave is an AND of a few integers, and a tree's answer is its
first leaf that is left (Lucchese et al., QuickScorer, SIGIR 2015). A walk down each of 300 trees
took four times as long.

The trees are small, so what a feature adds can be told: going down a tree, each step changes the
value of the node, and the change belongs to the feature that was asked about.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from injectclean.judge import MAX_LOGIT, Term

LEAF = 255  # stands for a feature where a tree ends
MAX_LEAVES = 8  # of a tree: its byte has no more bits
_FIRST_BIT = bytes((byte & -byte).bit_length() - 1 if byte else 0 for byte in range(256))


class Nodes(NamedTuple):
    """Trees laid end to end. A node asks whether a feature is at most its limit.

    The left child is the next node, ``rights`` says where the right one is.
    """

    roots: Sequence[int]
    asked: Sequence[int]
    limits: Sequence[float]
    rights: Sequence[int]
    values: Sequence[float]


class Questions(NamedTuple):
    """The nodes that ask, by feature and limit, and the leaves: what a start need not work out.

    ``order`` are the nodes, ``trees`` their trees, ``kept`` the bits of the leaves that are left
    where the answer is no; ``leaves`` are values, ``MAX_LEAVES`` for each tree.
    """

    order: Sequence[int]
    trees: Sequence[int]
    kept: Sequence[int]
    leaves: Sequence[float]


class Forest:
    """Trees over features called ``names``; ``base`` is the log-odds that they start from."""

    def __init__(
        self, names: Sequence[str], base: float, nodes: Nodes, questions: Questions
    ) -> None:
        self._names = tuple(names)
        self._base = base
        self._nodes = nodes
        self._questions = questions
        self._size = len(nodes.roots)
        self._whole = (1 << 8 * self._size) - 1

    def logit(self, features: Sequence[float]) -> float:
        """Log-odds for these feature values."""
        left = self._whole
        for feature, limits, leaving in self._asked:
            left &= leaving[bisect_left(limits, features[feature])]
        first = left.to_bytes(self._size, "little").translate(_FIRST_BIT)
        return sum(map(operator.getitem, self._leaves, first), self._base)

    def score(self, features: Sequence[float]) -> float:
        """Probability for these feature values."""
        return 1.0 / (1.0 + math.exp(-max(-MAX_LOGIT, min(MAX_LOGIT, self.logit(features)))))

    def terms(self, features: Sequence[float]) -> tuple[Term, ...]:
        """``(name, value, what it adds to an average candidate's log-odds)``, loudest first."""
        roots, asked, limits, rights, values = self._nodes
        added = [0.0] * len(self._names)
        for node in roots:
            while asked[node] != LEAF:
                feature, before = asked[node], values[node]
                node = node + 1 if features[feature] <= limits[node] else rights[node]
                added[feature] += values[node] - before
        found = list(zip(self._names, features, added, strict=True))
        return tuple(sorted(found, key=lambda term: (-abs(term[2]), term[0])))

    @cached_property
    def _asked(self) -> list[tuple[int, list[float], list[int]]]:
        """For each feature its limits, rising, and which leaves are left beyond so many of them."""
        limits = self._nodes.limits
        order, trees, kept, _ = self._questions
        found = []
        rows = zip(map(self._nodes.asked.__getitem__, order), order, trees, kept, strict=True)
        for feature, group in groupby(rows, operator.itemgetter(0)):
            left = bytearray(b"\xff" * self._size)
            passed: list[float] = []
            leaving = [self._whole]
            for _, node, tree, bits in group:
                left[tree] &= bits
                passed.append(limits[node])
                leaving.append(int.from_bytes(left, "little"))
            found.append((feature, passed, leaving))
        return found

    @cached_property
    def _leaves(self) -> list[Sequence[float]]:
        leaves = self._questions.leaves
        return [leaves[at : at + MAX_LEAVES] for at in range(0, len(leaves), MAX_LEAVES)]


def arrange(nodes: Nodes) -> Questions:
    """The questions of trees, in order.

    Raises:
        ValueError: a tree has more than ``MAX_LEAVES`` leaves.
    """
    roots, asked, limits, rights, values = nodes
    before = list(accumulate(map(LEAF.__eq__, asked), initial=0))  # leaves before a node
    rows: list[tuple[int, float, int, int, int]] = []
    leaves: list[float] = []
    for tree, (root, end) in enumerate(pairwise([*roots, len(asked)])):
        own = [values[node] for node in range(root, end) if asked[node] == LEAF]
        if len(own) > MAX_LEAVES:
            raise ValueError(f"a tree of more than {MAX_LEAVES} leaves")
        leaves += own + [0.0] * (MAX_LEAVES - len(own))
        for node in range(root, end):
            if asked[node] != LEAF:
                low, high = before[node] - before[root], before[rights[node]] - before[root]
                kept = 0xFF & ~((1 << high) - (1 << low))
                rows.append((asked[node], limits[node], node, tree, kept))
    rows.sort()
    return Questions(
        [row[2] for row in rows], [row[3] for row in rows], [row[4] for row in rows], leaves
    )
