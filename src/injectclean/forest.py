"""Gradient-boosted trees over named features: a score, and what each feature adds to it.

All trees are asked at once. A byte of a large integer stands for a tree, a bit for a leaf, in order
from left to right. A question answered with no bars the leaves on its left. Which leaves the
questions about one feature leave depends only on how many of its limits the value passes, so that
is known beforehand: what all features leave is an AND of a few integers, and a tree's answer is its
first leaf that is left (Lucchese et al., QuickScorer, SIGIR 2015). A walk down each of 300 trees
took three times as long.

The trees are small, so what a feature adds can be told: going down a tree, each step changes the
value of the node, and the change belongs to the feature that was asked about.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise

from injectclean.judge import Term, loudest_first
from injectclean.values import NamedTuple

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
    """All that the nodes ask, by feature: what a start need not work out.

    ``counts`` says how many limits each feature has, ``cuts`` are they, rising. ``kept`` has a byte
    for each tree, and that for each number of limits that a value can pass, from none to all of
    them, for each feature. ``leaves`` are values, ``MAX_LEAVES`` for each tree.
    """

    counts: Sequence[int]
    cuts: Sequence[float]
    kept: Sequence[int]
    leaves: Sequence[float]


class _Rows(dict[int, int]):
    """Rows of ``Questions.kept`` as integers, each made when it is first asked for."""

    __slots__ = ("_kept", "_size")

    def __init__(self, kept: Sequence[int], size: int) -> None:
        super().__init__()
        self._kept = kept
        self._size = size

    def __missing__(self, row: int) -> int:
        part = bytes(self._kept[row * self._size : (row + 1) * self._size])
        found = self[row] = int.from_bytes(part, "little")
        return found


class Forest:
    """Trees over features called ``names``; ``base`` is the log-odds that they start from."""

    def __init__(
        self, names: Sequence[str], base: float, nodes: Nodes, questions: Questions
    ) -> None:
        self._names = tuple(names)
        self._base = base
        self._nodes = nodes
        self._size = len(nodes.roots)
        self._whole = (1 << 8 * self._size) - 1
        self._rows = _Rows(questions.kept, self._size)
        self._questions = questions

    def logit(self, features: Sequence[float]) -> float:
        """Log-odds for these feature values."""
        left = self._whole
        rows = self._rows
        for feature, limits, first in self._asked:
            left &= rows[first + bisect_left(limits, features[feature])]
        leaf = left.to_bytes(self._size, "little").translate(_FIRST_BIT)
        return sum(map(operator.getitem, self._leaves, leaf), self._base)

    def terms(self, features: Sequence[float]) -> tuple[Term, ...]:
        """``(name, value, what it adds to an average candidate's log-odds)``, loudest first."""
        roots, asked, limits, rights, values = self._nodes
        added = [0.0] * len(self._names)
        for node in roots:
            while asked[node] != LEAF:
                feature, before = asked[node], values[node]
                node = node + 1 if features[feature] <= limits[node] else rights[node]
                added[feature] += values[node] - before
        return loudest_first(zip(self._names, features, added, strict=True))

    @cached_property
    def _asked(self) -> list[tuple[int, list[float], int]]:
        """Each feature that is asked about, its limits, and its first row of ``kept``."""
        found = []
        at = 0
        for feature, count in enumerate(self._questions.counts):
            if count:
                found.append((feature, list(self._questions.cuts[at : at + count]), at + feature))
            at += count
        return found

    @cached_property
    def _leaves(self) -> list[Sequence[float]]:
        leaves = self._questions.leaves
        return [leaves[at : at + MAX_LEAVES] for at in range(0, len(leaves), MAX_LEAVES)]


def arrange(nodes: Nodes, features: int) -> Questions:
    """The questions of trees over so many features.

    Raises:
        ValueError: a tree has more than ``MAX_LEAVES`` leaves.
    """
    roots, asked, limits, rights, values = nodes
    before = list(accumulate(map(LEAF.__eq__, asked), initial=0))  # leaves before a node
    asking: list[list[tuple[float, int, int]]] = [[] for _ in range(features)]
    leaves: list[float] = []
    for tree, (root, end) in enumerate(pairwise([*roots, len(asked)])):
        own = [values[node] for node in range(root, end) if asked[node] == LEAF]
        if len(own) > MAX_LEAVES:
            raise ValueError(f"a tree of more than {MAX_LEAVES} leaves")
        leaves += own + [0.0] * (MAX_LEAVES - len(own))
        for node in range(root, end):
            if asked[node] != LEAF:
                low, high = before[node] - before[root], before[rights[node]] - before[root]
                barred = (1 << high) - (1 << low)
                asking[asked[node]].append((limits[node], tree, 0xFF & ~barred))
    kept = bytearray()
    for rows in asking:
        left = bytearray(b"\xff" * len(roots))
        kept += left
        for _, tree, bits in sorted(rows):
            left[tree] &= bits
            kept += left
    cuts = [limit for rows in asking for limit, _, _ in sorted(rows)]
    return Questions(list(map(len, asking)), cuts, kept, leaves)
