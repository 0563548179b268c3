"""Additive scores of tokens, cached: the hot path.

Going from one token to the next costs one dictionary look-up, whose value holds the scores of the
step and the state after it; folding, n-grams and the model's table are only touched on a miss. The
caches are bounded and cannot change a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from injectclean.caches import Walk
from injectclean.tables import LinearTable, PairCounts
from injectclean.tokens import (
    Token,
    pair_feature,
    spelling_feature,
    token_features,
    word_feature,
)
from injectclean.values import NamedTuple

# Stage 1 proposes, it does not decide: each token is lifted by LIFT, and a pair counts for what
# ordinary text says of it, so that a phrase of words never learned still stands out. Measured on
# families that the words were not trained on: .29 of the spans met without, .84 with it.
LIFT = 1.8
TIGHT_LIFT = 0.8  # what a token is lifted by for the core of a phrase alone
UNSEEN_PAIR = 1.0
SEEN_PAIR = -0.3  # per nat of the pair's log count
MAX_STEPS = 90_000  # cached; with all other caches 87 MB after 2,500 news articles
MAX_TOKENS = 50_000  # scores of tokens by themselves


class Scored(NamedTuple):
    """Scores of tokens: each alone, its pair with the one before, that pair's log count.

    ``gains`` and ``tight`` are what each token adds to a window that it does not begin, lifted for
    a whole phrase and for its core; the first token begins it.
    """

    singles: Sequence[float]
    pairs: Sequence[float]
    counts: Sequence[float]
    gains: Sequence[float]
    tight: Sequence[float]

    def lowered(self, by: float) -> Scored:
        """The same with each token lifted by so much less."""
        if not by:
            return self
        gains, tight = ([gain - by for gain in gains] for gains in (self.gains, self.tight))
        return self._replace(gains=gains, tight=tight)


_NOTHING = Scored((), (), (), (), ())
_Step = tuple[float, float, float, float, float]  # what ``Scored`` has of a token


class TokenScores:
    """Scores of tokens and of pairs under a linear model."""

    def __init__(
        self,
        table: LinearTable,
        counts: PairCounts,
        features: Callable[[str, str], list[str]] = token_features,
    ) -> None:
        self._table = table
        self._features = features
        self._counts = counts
        self._tokens: dict[str, float] = {}
        self._walk = Walk(self._measure, MAX_STEPS)

    def token(self, text: str, folded: str) -> float:
        """Score of one token."""
        score = self._tokens.get(text)
        if score is None:
            if len(self._tokens) >= MAX_TOKENS:
                self._tokens.clear()
            score = self._tokens[text] = self._add_up(text, folded)
        return score

    def _add_up(self, text: str, folded: str) -> float:
        whole = None if folded.isdecimal() else self._table.whole(word_feature(folded))
        if whole is None:
            return self._table.total(self._features(text, folded))
        return whole if text.isascii() else whole + self._table.weight(spelling_feature(text))

    def total(self, tokens: Sequence[Token]) -> float:
        """Score of tokens that stand side by side, whatever ordinary text says of their pairs."""
        pairs = (pair_feature(left.folded, right.folded) for left, right in pairwise(tokens))
        singles = sum(self.token(token.text, token.folded) for token in tokens)
        return singles + self._table.total(pairs)

    def sequence(self, words: Iterable[str]) -> Scored:
        """Scores of the texts of tokens that stand side by side."""
        state = self._walk.start
        found: list[_Step] = []
        for word in words:
            step, state = state[word]
            found.append(step)
        return Scored(*zip(*found, strict=True)) if found else _NOTHING

    def _measure(self, last: str | None, word: str, folded: str) -> _Step:
        single = self.token(word, folded)
        pair = count = rest = 0.0
        if last is not None:
            pair = self._table.weight(pair_feature(last, folded))
            count = self._counts.log_count(last, folded)
            rest = SEEN_PAIR * count or UNSEEN_PAIR
        return single, pair, count, single + LIFT + pair + rest, single + TIGHT_LIFT + pair + rest
