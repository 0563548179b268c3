"""What an evaluation counts: items by category, shares by whatever they are broken down by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from injectclean.evaluation.intervals import Score, Share

TOTAL = "all"
Shares = dict[str, tuple[Share, Share]]


@dataclass
class Tally:
    """Counts of found, true and right items by category, added up over documents and folds."""

    found: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    right_found: Counter[str] = field(default_factory=Counter)
    right_true: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add another tally's counts."""
        self.found += other.found
        self.true += other.true
        self.right_found += other.right_found
        self.right_true += other.right_true

    def scores(self) -> dict[str, Score]:
        """Precision and recall by category."""
        names = sorted(set(self.found) | set(self.true))
        return {
            name: Score(
                Share(self.right_found[name], self.found[name]),
                Share(self.right_true[name], self.true[name]),
            )
            for name in names
        }


@dataclass
class Breakdown:
    """How many of some items are reported and acted on, by row of a table."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def count(self, table: str, row: str, *, reported: bool, acted: bool) -> None:
        """Count one item."""
        self.counts[table, row, "n"] += 1
        self.counts[table, row, "reported"] += reported
        self.counts[table, row, "acted"] += acted

    def add(self, other: Breakdown) -> None:
        """Add another breakdown's counts."""
        self.counts += other.counts

    def shares(self, table: str) -> Shares:
        """Row -> share reported, share acted on; rows by name."""
        rows = sorted({row for name, row, _ in self.counts if name == table})
        return {row: self.share(table, row) for row in rows}

    def share(self, table: str, row: str) -> tuple[Share, Share]:
        """Shares of one row: reported, acted on."""
        n, reported, acted = (self.counts[table, row, what] for what in ("n", "reported", "acted"))
        return Share(reported, n), Share(acted, n)


@dataclass
class Measured:
    """Everything that an evaluation counts."""

    spans: Tally = field(default_factory=Tally)
    lines: Tally = field(default_factory=Tally)
    exact: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    by: Breakdown = field(default_factory=Breakdown)
    baselines: dict[str, Measured] = field(default_factory=dict)
    # Of "words alone", whose threshold is set when all is counted: (score, what it is the score of)
    scores: list[tuple[float, str]] = field(default_factory=list)

    def add(self, other: Measured) -> None:
        """Add another fold's counts."""
        self.spans.add(other.spans)
        self.lines.add(other.lines)
        self.exact += other.exact
        self.characters += other.characters
        self.by.add(other.by)
        for name, baseline in other.baselines.items():
            self.baselines.setdefault(name, Measured()).add(baseline)
        self.scores += other.scores
