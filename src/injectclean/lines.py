"""Words of lines: an additive linear model gives each line's labels, by its words alone.

Of a long line its two ends are read. Going from word to word costs a look-up, and a line met before
costs one as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from injectclean.caches import Walk
from injectclean.shape import HEAD_TOKENS, TAIL_TOKENS
from injectclean.tables import LabelledTable
from injectclean.tokens import EACH, find_tokens, fold, pair_feature, word_features

HEAD_CHARACTERS, TAIL_CHARACTERS = 480, 160  # enough for the tokens that are read
MAX_CACHED = 30_000  # tokens, and steps from one to the next, with one number for each label
MAX_LINES = 2_000  # short lines kept: a site's menu is looked up once


def line_words(text: str) -> tuple[list[str], list[str]]:
    """The tokens of a line that are read: those at its start, and those at its end."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        words = find_tokens(text)
    else:
        head, tail = _ends(text)
        words = find_tokens(head) + find_tokens(tail)
    if len(words) <= HEAD_TOKENS + TAIL_TOKENS:
        return words, []
    return words[:HEAD_TOKENS], words[-TAIL_TOKENS:]


def _ends(text: str) -> tuple[str, str]:
    """All that is read of a long line."""
    return text[:HEAD_CHARACTERS], text[-TAIL_CHARACTERS:]


def line_features(text: str) -> list[str]:
    """All features of a line: the analyzer for scikit-learn's vectorizer."""
    features: list[str] = []
    for words in line_words(text):
        previous: str | None = None
        for word in words:
            folded = fold(word)
            features += word_features(word, folded)
            if previous is not None:
                features.append(pair_feature(previous, folded))
            previous = folded
    return features


class LineScores:
    """Log-probabilities of a line's labels by its words alone; tokens and lines seen are kept."""

    def __init__(self, table: LabelledTable, labels: Sequence[str]) -> None:
        self._table = table
        self.labels = tuple(labels)
        self._each = table.row(EACH)
        self._tokens: dict[str, int] = {}  # rows of the table, added up
        self._walk = Walk(self._measure, MAX_CACHED)
        self._lines: dict[str | tuple[str, str], list[float]] = {}

    def log_probabilities(self, text: str) -> list[float]:
        """One log-probability for each label."""
        # All that is read of a line, and so all that has to be remembered.
        key = text if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS else _ends(text)
        found = self._lines.get(key)
        if found is None:
            if len(self._lines) >= MAX_LINES:
                self._lines.clear()
            found = self._lines[key] = self._log_probabilities(text)
        return found

    def _log_probabilities(self, text: str) -> list[float]:
        rows = 0
        for words in line_words(text):
            state = self._walk.start
            for word in words:
                row, state = state[word]
                rows += row
        sums = self._table.scores(rows)
        top = max(sums)
        norm = top + math.log(sum(math.exp(value - top) for value in sums))
        return [value - norm for value in sums]

    def _measure(self, last: str | None, word: str, folded: str) -> int:
        """The rows of a token, and of its pair with the one before it, added up."""
        found = self._tokens.get(word)
        if found is None:
            if len(self._tokens) >= MAX_CACHED:
                self._tokens.clear()
            _, *others = word_features(word, folded)
            found = self._tokens[word] = sum(map(self._table.row, others), self._each)
        return found if last is None else found + self._table.row(pair_feature(last, folded))
