"""A logistic model over named features: a score, and the terms behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

MAX_LOGIT = 40.0  # beyond it a probability is 0 or 1 in floating point anyway
Term = tuple[str, float, float]


def probability(logit: float) -> float:
    """What log-odds are as a probability."""
    return 1.0 / (1.0 + math.exp(-max(-MAX_LOGIT, min(MAX_LOGIT, logit))))


def loudest_first(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Terms by how much they add, whichever way."""
    return tuple(sorted(terms, key=lambda term: (-abs(term[2]), term[0])))


class Judge:
    """A logistic model over named features, which can say what each of them adds."""

    def __init__(self, card: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._weights = tuple(card["weights"][name] for name in names)
        self._means = tuple(card["means"][name] for name in names)
        self._intercept = card["weights"]["intercept"]

    def logit(self, values: Sequence[float]) -> float:
        """Log-odds for these feature values."""
        return self._intercept + sum(map(float.__mul__, self._weights, values))

    def score(self, values: Sequence[float]) -> float:
        """Probability for these feature values."""
        return probability(self.logit(values))

    def terms(self, values: Sequence[float]) -> tuple[Term, ...]:
        """``(name, value, what it adds to an average candidate's log-odds)``, loudest first."""
        rows = zip(self._names, values, self._weights, self._means, strict=True)
        found = [(name, value, weight * (value - mean)) for name, value, weight, mean in rows]
        return loudest_first(found)
