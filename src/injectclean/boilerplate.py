"""Boilerplate lines: lines -> words and shape -> the sequence -> probabilities.

A line alone is scored by an additive linear model over its words. Then the lines of a document are
decided together by a linear-chain conditional random field over a few states: related news are
whole sentences, and only their place and their neighbours tell them from the article. Both results
are kept: the second one decides, the first one is part of the evidence.

Within a line that stays, a piece between strong separators can still be furniture (a view counter
behind the date); pieces are scored by the same linear model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from injectclean.model import LinearTable, Model
from injectclean.normalize import View
from injectclean.shape import HEAD_TOKENS, SHAPES, TAIL_TOKENS, Row, rows_of, shapes_of
from injectclean.spans import Span
from injectclean.tokens import Token, pair_feature, token_features, tokenize

STATES = ("head", "date", "body", "aside", "byline", "related", "image", "furniture")
CONTENT_STATES = 5  # the first ones
HEAD_CHARACTERS, TAIL_CHARACTERS = 480, 160  # enough for the tokens that are read
MAX_CACHED = 100_000
SHORT_LINE = 300  # code points up to which every piece of a line is looked at
LOG_FLOOR = -8.0

_SEPARATOR = re.compile(r"\s+[-–|•·/»]+\s+|\s*\|\s*|\t+|\s{3,}|(?<=[.!?…)\]\w])\s*(?=>>)|\]\s*|(?<=[.!?…])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line, ``[start, end)`` in the view, that looks like furniture on its own."""

    start: int
    end: int
    score: float
    category: str


@dataclass(frozen=True, slots=True)
class LineScore:
    """What is known of one line: probability of being furniture, its likeliest category, and alone."""

    row: Row
    furniture: float
    category: str
    alone: float
    shapes: tuple[int, ...]
    pieces: tuple[Piece, ...]


def line_tokens(text: str) -> tuple[list[Token], list[Token]]:
    """The tokens of a line that are read: those at its start, and those at its end."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        tokens = tokenize(text)
    else:
        tokens = tokenize(text[:HEAD_CHARACTERS]) + tokenize(text[-TAIL_CHARACTERS:])
    if len(tokens) <= HEAD_TOKENS + TAIL_TOKENS:
        return tokens, []
    return tokens[:HEAD_TOKENS], tokens[-TAIL_TOKENS:]


def line_features(text: str) -> list[str]:
    """All features of a line: the analyzer for scikit-learn's vectorizer."""
    features: list[str] = []
    for tokens in line_tokens(text):
        previous: str | None = None
        for token in tokens:
            features += token_features(token.text, token.folded)
            if previous is not None:
                features.append(pair_feature(previous, token.folded))
            previous = token.folded
    return features


class LineScores:
    """Log-probabilities of a line's labels by its words alone, with a bounded cache of tokens."""

    def __init__(self, table: LinearTable, labels: Sequence[str]) -> None:
        self._table = table
        self.labels = tuple(labels)
        self._rows: dict[str, tuple[float, ...] | None] = {}

    def log_probabilities(self, text: str) -> list[float]:
        """One log-probability for each label."""
        sums = list(self._table.intercepts)
        for tokens in line_tokens(text):
            previous: str | None = None
            for token in tokens:
                self._add(sums, token.text, token.text, token.folded)
                if previous is not None:
                    self._add(sums, f"{previous} {token.folded}", previous, token.folded, pair=True)
                previous = token.folded
        top = max(sums)
        norm = top + math.log(sum(math.exp(value - top) for value in sums))
        return [value - norm for value in sums]

    def _add(
        self, sums: list[float], key: str, left: str, right: str, *, pair: bool = False
    ) -> None:
        if key in self._rows:
            row = self._rows[key]
        else:
            if len(self._rows) >= MAX_CACHED:
                self._rows.clear()
            features = [pair_feature(left, right)] if pair else token_features(left, right)
            row = self._rows[key] = self._sum(features)
        if row is not None:
            for column, value in enumerate(row):
                sums[column] += value

    def _sum(self, features: Sequence[str]) -> tuple[float, ...] | None:
        found = [row for row in map(self._table.weights, features) if row is not None]
        return tuple(map(sum, zip(*found, strict=True))) if found else None


def state_of(label: str) -> int:
    """The state of the sequence model that a label belongs to."""
    kind, _, name = label.partition("/")
    if kind == "boilerplate":
        name = {"related": "related", "image-placeholder": "image"}.get(name, "furniture")
    else:
        name = _CONTENT_STATE.get(name, "body")
    return STATES.index(name)


_CONTENT_STATE = {
    "title": "head", "lead": "head", "subhead": "head", "date": "date", "body": "body",
    "caption": "aside", "item": "aside", "attachment": "aside", "byline": "byline",
}  # fmt: skip


class Chain:
    """Linear-chain conditional random field over ``STATES``, with posteriors by forward-backward."""

    def __init__(self, card: Mapping[str, Sequence[Sequence[float]]]) -> None:
        self._words = card["words"]
        self._shapes = card["shapes"]
        self._moves = [[math.exp(value) for value in row] for row in card["moves"]]
        self._first, self._last = card["ends"]

    def posteriors(
        self, words: Sequence[Sequence[float]], shapes: Sequence[Sequence[int]]
    ) -> list[list[float]]:
        """For each line the probability of every state, given all lines of the document."""
        potentials = [self._potential(w, s) for w, s in zip(words, shapes, strict=True)]
        if not potentials:
            return []
        potentials[0] = [value + end for value, end in zip(potentials[0], self._first, strict=True)]
        potentials[-1] = [value + end for value, end in zip(potentials[-1], self._last, strict=True)]
        scaled = [_exp_scaled(row) for row in potentials]
        forward = [_normalized(scaled[0])]
        columns = list(zip(*self._moves, strict=True))
        for row in scaled[1:]:
            before = forward[-1]
            reached = [sum(map(float.__mul__, before, column)) for column in columns]
            forward.append(_normalized(list(map(float.__mul__, reached, row))))
        backward = [1.0] * len(STATES)
        found = [forward[-1]]
        for index in range(len(scaled) - 2, -1, -1):
            ahead = list(map(float.__mul__, backward, scaled[index + 1]))
            backward = _normalized([sum(map(float.__mul__, ahead, row)) for row in self._moves])
            found.append(_normalized(list(map(float.__mul__, forward[index], backward))))
        return found[::-1]

    def _potential(self, words: Sequence[float], shapes: Sequence[int]) -> list[float]:
        sums = [0.0] * len(STATES)
        for value, row in zip(words, self._words, strict=True):
            for state, weight in enumerate(row):
                sums[state] += value * weight
        for shape in shapes:
            for state, weight in enumerate(self._shapes[shape]):
                sums[state] += weight
        return sums


class BoilerplateFinder:
    """Scores lines and pieces of lines as furniture."""

    def __init__(self, model: Model) -> None:
        self._words = LineScores(model.table("line"), model.card["line_labels"])
        self._chain = Chain(model.card["chain"])
        self._states = [state_of(label) for label in self._words.labels]
        self._piece_threshold = model.threshold("piece")

    def lines(self, view: View, dropped: Sequence[Span] = ()) -> list[LineScore]:
        """Score every line that is not blank.

        Lines within ``dropped``, sorted and disjoint spans of the original, are passed over.
        """
        gone = Dropped(dropped)
        rows = [row for row in rows_of(view.text) if not gone.covers(*view.span(row.start, row.end))]
        shapes = shapes_of(rows)
        pieces = [self.pieces(row) for row in rows]
        alone = [
            self._words.log_probabilities(_without(row, cut) if cut else row.text)
            for row, cut in zip(rows, pieces, strict=True)
        ]
        words = [state_log_probabilities(values, self._states) for values in alone]
        posteriors = self._chain.posteriors(words, shapes)
        return [
            LineScore(
                row=row,
                furniture=furniture_share(posterior),
                category=self._category(values, posterior),
                alone=furniture_share(list(map(math.exp, states))),
                shapes=shape,
                pieces=cut,
            )
            for row, values, states, posterior, shape, cut in zip(
                rows, alone, words, posteriors, shapes, pieces, strict=True
            )
        ]

    def pieces(self, row: Row) -> tuple[Piece, ...]:
        """The pieces of a line that look like furniture, if others do not."""
        places = cut_pieces(row.text)
        if len(places) < 2:
            return ()
        scored = [self._piece(row, start, end) for start, end in _outer(places, len(row.text))]
        found = tuple(piece for piece in scored if piece.score >= self._piece_threshold)
        return found if len(found) < len(places) else ()

    def _piece(self, row: Row, start: int, end: int) -> Piece:
        values = self._words.log_probabilities(row.text[start:end])
        states = state_log_probabilities(values, self._states)
        posterior = list(map(math.exp, states))
        category = self._category(values, posterior)
        return Piece(row.start + start, row.start + end, furniture_share(posterior), category)

    def _category(self, values: Sequence[float], posterior: Sequence[float]) -> str:
        """The likeliest boilerplate label by words, weighed by what the sequence says of its state."""
        ranked = [
            (value + math.log(max(posterior[state], 1e-12)), label)
            for value, label, state in zip(values, self._words.labels, self._states, strict=True)
            if state >= CONTENT_STATES
        ]
        return max(ranked)[1]


class Dropped:
    """Sorted, disjoint spans of a text that lines are tested against, in one sweep."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._at = 0

    def covers(self, start: int, end: int) -> bool:
        """Whether a span covers ``[start, end)``; calls come with rising ``start``."""
        while self._at < len(self._spans) and self._spans[self._at].end <= start:
            self._at += 1
        if self._at == len(self._spans):
            return False
        return self._spans[self._at].start <= start and end <= self._spans[self._at].end


def furniture_share(posterior: Sequence[float]) -> float:
    """Probability of all states that are furniture."""
    return min(1.0, sum(posterior[CONTENT_STATES:]))


def _outer(places: Sequence[tuple[int, int]], size: int) -> Sequence[tuple[int, int]]:
    """All pieces of a short line; of a long one those at its ends, where furniture is glued."""
    return places if size <= SHORT_LINE or len(places) <= 4 else [*places[:2], *places[-2:]]


def _without(row: Row, pieces: Sequence[Piece]) -> str:
    """A line's text without some of its pieces."""
    parts: list[str] = []
    start = row.start
    for piece in pieces:
        parts.append(row.text[start - row.start : piece.start - row.start])
        start = piece.end
    parts.append(row.text[start - row.start :])
    return " ".join(parts)


def state_log_probabilities(values: Sequence[float], states: Sequence[int]) -> list[float]:
    """Sum the labels' probabilities within each state; logarithms, floored."""
    sums = [0.0] * len(STATES)
    for value, state in zip(values, states, strict=True):
        sums[state] += math.exp(value)
    return [max(LOG_FLOOR, math.log(value)) if value > 0.0 else LOG_FLOOR for value in sums]


def cut_pieces(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of the pieces of a line between strong separators; one piece if there are none."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for separator in _SEPARATOR.finditer(text):
        if separator.start() > start:
            pieces.append((start, separator.start()))
        start = separator.end()
    if start < len(text):
        pieces.append((start, len(text)))
    return pieces


def shape_names(shapes: Sequence[int]) -> list[str]:
    """Names of the shapes that hold."""
    return [SHAPES[index] for index in shapes]


def _exp_scaled(values: Sequence[float]) -> list[float]:
    top = max(values)
    return [math.exp(value - top) for value in values]


def _normalized(values: list[float]) -> list[float]:
    total = sum(values)
    if total <= 0.0:
        return [1.0 / len(values)] * len(values)
    return [value / total for value in values]
