"""Additive scores of tokens, cached: the hot path.

A chunk is what stands between blanks. Going from one chunk to the next costs one dictionary
look-up, whose value holds the gain of the step and the state after it; folding, n-grams and the
model's table are only touched on a miss. The caches are bounded and cannot change a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from injectclean.tables import LinearTable, PairCounts
from injectclean.tokens import (
    Token,
    find_tokens,
    fold,
    pair_feature,
    spelling_feature,
    token_features,
    tokenize,
    word_feature,
)
from injectclean.values import NamedTuple

# Stage 1 proposes, it does not decide: each token is lifted by LIFT, and a pair counts for what
# ordinary text says of it, so that a phrase of words never learned still stands out. Measured on
# families that the words were not trained on: .29 of the spans met without, .84 with it.
LIFT = 1.8
UNSEEN_PAIR = 1.0
SEEN_PAIR = -0.3  # per nat of the pair's log count
MAX_STEPS = 200_000  # cached steps; about 50 MB, reached by some 20 MB of news


class Scored(NamedTuple):
    """Scores of tokens: each alone, its pair with the one before, that pair's log count."""

    singles: Sequence[float]
    pairs: Sequence[float]
    counts: Sequence[float]

    def gains(self, lift: float = LIFT) -> list[float]:
        """What each token adds to a lifted window that it does not begin; the first begins it."""
        found = [
            single + lift + pair + (SEEN_PAIR * count or UNSEEN_PAIR)
            for single, pair, count in zip(self.singles, self.pairs, self.counts, strict=True)
        ]
        if found:
            found[0] = self.singles[0] + lift
        return found


class _State(dict[str, "tuple[float, float, _State]"]):
    """Steps out of the state after a token: chunk -> (gain, gain of starting anew, next state)."""

    __slots__ = ("last",)

    def __init__(self, last: str | None) -> None:
        super().__init__()
        self.last = last


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
        self._pairs: dict[tuple[str, str], tuple[float, float]] = {}
        self._states: dict[str | None, _State] = {}
        self._chunks: dict[str, tuple[float, float, str | None, str | None]] = {}
        self._steps = 0

    def best_window(self, text: str) -> float:
        """The largest lifted sum that a run of chunks of ``text`` reaches; 0.0 at the least."""
        state = self._state(None)
        run = best = 0.0
        for chunk in text.split():
            step = state.get(chunk)
            if step is None:
                step = self._add_step(state, chunk)
            gain, alone, state = step
            run += gain
            if run < alone:
                run = alone
            if run > best:
                best = run
        return best

    def token(self, text: str, folded: str) -> float:
        """Score of one token."""
        score = self._tokens.get(text)
        if score is None:
            if len(self._tokens) >= MAX_STEPS:
                self._tokens.clear()
            score = self._tokens[text] = self._add_up(text, folded)
        return score

    def _add_up(self, text: str, folded: str) -> float:
        whole = None if folded.isdecimal() else self._table.whole(word_feature(folded))
        if whole is None:
            return self._table.total(self._features(text, folded))
        return whole if text.isascii() else whole + self._table.weight(spelling_feature(text))

    def pair(self, left: str, right: str) -> tuple[float, float]:
        """Score of two folds side by side, and the log count of the pair."""
        key = (left, right)
        found = self._pairs.get(key)
        if found is None:
            if len(self._pairs) >= MAX_STEPS:
                self._pairs.clear()
            score = self._table.weight(pair_feature(left, right))
            found = self._pairs[key] = score, self._counts.log_count(left, right)
        return found

    def total(self, tokens: Sequence[Token]) -> float:
        """Score of tokens that stand side by side, whatever ordinary text says of their pairs."""
        pairs = (pair_feature(left.folded, right.folded) for left, right in pairwise(tokens))
        singles = sum(self.token(token.text, token.folded) for token in tokens)
        return singles + self._table.total(pairs)

    def sequence(self, tokens: Sequence[Token]) -> Scored:
        """Scores of the tokens, and of each token's pair with the one before it (first: 0.0)."""
        singles = [self.token(token.text, token.folded) for token in tokens]
        pairs = [0.0] * len(tokens)
        counts = [0.0] * len(tokens)
        for index in range(1, len(tokens)):
            left, right = tokens[index - 1].folded, tokens[index].folded
            pairs[index], counts[index] = self.pair(left, right)
        return Scored(singles, pairs, counts)

    def _state(self, last: str | None) -> _State:
        state = self._states.get(last)
        if state is None:
            state = self._states[last] = _State(last)
        return state

    def _joint(self, left: str, right: str) -> float:
        score, count = self.pair(left, right)
        return score + (SEEN_PAIR * count or UNSEEN_PAIR)

    def _add_step(self, state: _State, chunk: str) -> tuple[float, float, _State]:
        if self._steps >= MAX_STEPS:
            # Start afresh: what is in use goes on working, the next look-ups are misses.
            for old in self._states.values():
                old.clear()
            self._states.clear()
            self._chunks.clear()
            self._steps = 0
        self._steps += 1
        known = self._chunks.get(chunk)
        if known is None:
            known = self._chunks[chunk] = self._chunk(chunk)
        total, best, first, last = known
        if first is None:
            step = (0.0, 0.0, state)
        else:
            joint = 0.0 if state.last is None else self._joint(state.last, first)
            step = (total + joint, best, self._state(last))
        state[chunk] = step
        return step

    def _chunk(self, chunk: str) -> tuple[float, float, str | None, str | None]:
        """What a chunk gains, its best run begun anew, and its first and last fold (if any)."""
        words = find_tokens(chunk)
        if not words:
            return 0.0, 0.0, None, None
        if len(words) == 1:
            folded = fold(words[0])
            gain = self.token(words[0], folded) + LIFT
            return gain, gain, folded, folded
        tokens = tokenize(chunk)
        gains = self.sequence(tokens).gains()
        total = sum(gains)
        return total, max(total, max(gains)), tokens[0].folded, tokens[-1].folded
