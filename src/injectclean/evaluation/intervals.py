"""Exact intervals of shares.

Clopper and Pearson, The use of confidence or fiducial limits (Biometrika 26, 1934).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from scipy.stats import beta

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``, with the limits of its 95 % interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share itself; 0.0 of nothing."""
        return self.hits / self.n if self.n else 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """Clopper-Pearson limits.

        >>> [round(limit, 4) for limit in Share(0, 3000).limits]
        [0.0, 0.0012]
        """
        if not self.n:
            return 0.0, 1.0
        tail = (1.0 - CONFIDENCE) / 2
        low = beta.ppf(tail, self.hits, self.n - self.hits + 1) if self.hits else 0.0
        high = beta.ppf(1 - tail, self.hits + 1, self.n - self.hits) if self.hits < self.n else 1.0
        return float(low), float(high)

    def to_dict(self) -> dict[str, float | int]:
        """Plain values, rounded to what the sample can bear."""
        low, high = self.limits
        return {
            **asdict(self),
            "value": round(self.value, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of one category, of found and of true items."""

    precision: Share
    recall: Share

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision.value + self.recall.value
        return 2 * self.precision.value * self.recall.value / total if total else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """Plain values; ``low`` and ``high`` are the precision's limits, ``n`` the true items."""
        precision, recall = self.precision.to_dict(), self.recall.to_dict()
        return {
            "precision": precision["value"],
            "low": precision["low"],
            "high": precision["high"],
            "found": self.precision.n,
            "recall": recall["value"],
            "recall_low": recall["low"],
            "recall_high": recall["high"],
            "f1": round(self.f1, 4),
            "n": self.recall.n,
        }
