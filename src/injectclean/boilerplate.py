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
from collections.abc import Callable, Sequence

from injectclean.caches import remembered
from injectclean.chain import (
    CONTENT_STATES,
    STATES,
    Chain,
    furniture_share,
    state_log_probabilities,
    state_of,
)
from injectclean.judge import Judge
from injectclean.lines import LineScores
from injectclean.model import Model
from injectclean.normalize import View
from injectclean.pieces import PIECE_FEATURES, cut_pieces, outer_pieces, piece_features
from injectclean.shape import SHAPES, Row, history_of, rows_of, shapes_of
from injectclean.spans import Span
from injectclean.values import NamedTuple

_BYLINE = STATES.index("byline")
CONTENT_BELOW = 0.5  # a line whose probability of being furniture is lower is main content
SHARED = 3.0  # nats that a line gains as furniture if all pages of its site have it


class Piece(NamedTuple):
    """A piece of a line, ``[start, end)`` in the view, that looks like furniture on its own."""

    start: int
    end: int
    score: float
    category: str


class LineScore(NamedTuple):
    """What is known of one line: its chance of being furniture (and alone), and as what.

    ``shared`` is the share of its site's pages that have it, ``unaided`` its chance without that.
    """

    row: Row
    unaided: float
    category: str
    alone: float
    shapes: tuple[int, ...]
    pieces: tuple[Piece, ...]
    shared: float = 0.0

    @property
    def furniture(self) -> float:
        """Its chance of being furniture, with what its site tells."""
        return told(self.unaided, self.shared)

    @property
    def is_content(self) -> bool:
        """Whether it is likelier main content than furniture."""
        return self.furniture < CONTENT_BELOW


class BoilerplateFinder:
    """Scores lines and pieces of lines as furniture."""

    def __init__(self, model: Model) -> None:
        self._words = LineScores(model.labelled_table("line"), model.card["line_labels"])
        self._chain = Chain(model.card["chain"])
        self._states = [state_of(label) for label in self._words.labels]
        self._pieces = Judge(model.card["pieces"], PIECE_FEATURES)
        self._piece_threshold = model.threshold("piece")
        self._pieces_within = remembered(self._find_pieces)

    def lines(
        self,
        view: View,
        dropped: Sequence[Span] = (),
        shared: Callable[[str], float] | None = None,
    ) -> list[LineScore]:
        """Score every line that is not blank.

        Args:
            view: of the document.
            dropped: sorted and disjoint spans of the original, whose lines are passed over.
            shared: gives the share of its site's pages that have a line.
        """
        gone = Dropped(dropped)
        rows = [
            row for row in rows_of(view.text) if not gone.covers(*view.span(row.start, row.end))
        ]
        pieces = [self.pieces(row) for row in rows]
        alone = [
            self._words.log_probabilities(_without(row, cut) if cut else row.text)
            for row, cut in zip(rows, pieces, strict=True)
        ]
        words = [state_log_probabilities(values, self._states) for values in alone]
        shares = [shared(row.text) if shared else 0.0 for row in rows]
        shapes = with_history(rows, shapes_of(rows), words)
        posteriors = self._chain.posteriors(words, shapes)
        return [
            LineScore(
                row=row,
                unaided=furniture_share(posterior),
                category=self._category(values, posterior),
                alone=furniture_share(list(map(math.exp, states))),
                shapes=shape,
                pieces=cut,
                shared=share,
            )
            for row, values, states, posterior, shape, cut, share in zip(
                rows, alone, words, posteriors, shapes, pieces, shares, strict=True
            )
        ]

    def pieces(self, row: Row) -> tuple[Piece, ...]:
        """The pieces of a line that look like furniture, if others do not."""
        at = row.start
        return tuple(
            piece._replace(start=at + piece.start, end=at + piece.end)
            for piece in self._pieces_within(row.text)
        )

    def _find_pieces(self, text: str) -> tuple[Piece, ...]:
        """As ``pieces``, in offsets of the line."""
        places = cut_pieces(text)
        if len(places) < 2:
            return ()
        chances = {place: self._chances(text, place) for place in outer_pieces(places, len(text))}
        found = []
        for place, (states, values) in chances.items():
            others = [other for at, (other, _) in chances.items() if at != place]
            score = self._pieces.score(piece_features(text, place, states, others))
            if score >= self._piece_threshold:
                found.append(Piece(*place, score, self._category(values, states)))
        return tuple(found) if len(found) < len(places) else ()

    def _chances(self, text: str, place: tuple[int, int]) -> tuple[list[float], list[float]]:
        """Probabilities of the states of a piece by its words alone, and of its labels (logs)."""
        values = self._words.log_probabilities(text[place[0] : place[1]])
        return list(map(math.exp, state_log_probabilities(values, self._states))), values

    def _category(self, values: Sequence[float], posterior: Sequence[float]) -> str:
        """The likeliest boilerplate label by words and by what the sequence says of its state."""
        ranked = [
            (value + math.log(max(posterior[state], 1e-12)), label)
            for value, label, state in zip(values, self._words.labels, self._states, strict=True)
            if state >= CONTENT_STATES
        ]
        return max(ranked)[1]


def told(furniture: float, share: float) -> float:
    """The chance of a line to be furniture that repeats on a share of its site's pages.

    It is raised behind the sequence: what is known of a line says nothing of its neighbours, and a
    title stands among menus.
    """
    if share <= 0.0:
        return furniture
    odds = furniture / max(1.0 - furniture, 1e-12) * math.exp(SHARED * math.sqrt(share))
    return odds / (1.0 + odds)


def with_history(
    rows: Sequence[Row],
    shapes: Sequence[tuple[int, ...]],
    words: Sequence[Sequence[float]],
) -> list[tuple[int, ...]]:
    """Each row's shapes, and those that the word scores of the other rows give it."""
    chances = [list(map(math.exp, values)) for values in words]
    bylines = [values[_BYLINE] for values in chances]
    history = history_of(rows, bylines, list(map(furniture_share, chances)))
    return [own + more for own, more in zip(shapes, history, strict=True)]


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


def _without(row: Row, pieces: Sequence[Piece]) -> str:
    """A line's text without some of its pieces."""
    parts: list[str] = []
    start = row.start
    for piece in pieces:
        parts.append(row.text[start - row.start : piece.start - row.start])
        start = piece.end
    parts.append(row.text[start - row.start :])
    return " ".join(parts)


def shape_names(shapes: Sequence[int]) -> list[str]:
    """Names of the shapes that hold."""
    return [SHAPES[index] for index in shapes]
