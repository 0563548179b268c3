"""Gradient-boosted trees over named features: a score, and what each feature adds to it.

The trees are small, so what a feature adds can be told: going down a tree, each step changes the
value of the node, and the change belongs to the feature that was asked about.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from injectclean.judge import MAX_LOGIT, Term

LEAF = 255  # stands for a feature where a tree ends


class Forest:
    """Trees laid end to end. A node asks whether a feature is at most its limit.

    The left child is the next node, ``rights`` says where the right one is.
    """

    def __init__(
        self,
        names: Sequence[str],
        base: float,
        roots: Sequence[int],
        asked: Sequence[int],
        limits: Sequence[float],
        rights: Sequence[int],
        values: Sequence[float],
    ) -> None:
        self._names = tuple(names)
        self._base = base
        self._roots = list(roots)
        self._values = list(values)
        # One look-up a step: what is asked, the limit (in a leaf: its value), the right child.
        limits = [
            value if feature == LEAF else limit
            for feature, limit, value in zip(asked, limits, values, strict=True)
        ]
        self._nodes = list(zip(asked, limits, rights, strict=True))

    def logit(self, features: Sequence[float]) -> float:
        """Log-odds for these feature values."""
        nodes = self._nodes
        total = self._base
        for node in self._roots:
            feature, limit, right = nodes[node]
            while feature != LEAF:
                node = node + 1 if features[feature] <= limit else right
                feature, limit, right = nodes[node]
            total += limit
        return total

    def score(self, features: Sequence[float]) -> float:
        """Probability for these feature values."""
        return 1.0 / (1.0 + math.exp(-max(-MAX_LOGIT, min(MAX_LOGIT, self.logit(features)))))

    def terms(self, features: Sequence[float]) -> tuple[Term, ...]:
        """``(name, value, what it adds to an average candidate's log-odds)``, loudest first."""
        added = [0.0] * len(self._names)
        for node in self._roots:
            feature, limit, right = self._nodes[node]
            while feature != LEAF:
                before = self._values[node]
                node = node + 1 if features[feature] <= limit else right
                added[feature] += self._values[node] - before
                feature, limit, right = self._nodes[node]
        found = list(zip(self._names, features, added, strict=True))
        return tuple(sorted(found, key=lambda term: (-abs(term[2]), term[0])))
