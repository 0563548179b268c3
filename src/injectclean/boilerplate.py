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
from collections.abc import Callable, Mapping, Sequence

from injectclean.caches import Walk, remembered
from injectclean.judge import Judge
from injectclean.model import Model
from injectclean.normalize import View
from injectclean.shape import (
    HEAD_TOKENS,
    SHAPES,
    TAIL_TOKENS,
    Row,
    ends_sentence,
    has_date,
    history_of,
    is_bracketed,
    is_label_number,
    rows_of,
    shapes_of,
    starts_with_arrow,
)
from injectclean.spans import Span
from injectclean.tables import LabelledTable
from injectclean.tokens import EACH, find_tokens, fold, pair_feature, word_features
from injectclean.values import NamedTuple

STATES = ("head", "date", "body", "aside", "byline", "related", "image", "furniture")
CONTENT_STATES = 5  # the first ones
_BYLINE, _RELATED, _DATE = (STATES.index(name) for name in ("byline", "related", "date"))
PIECE_FEATURES = (
    "alone", "related", "others", "beside_date", "length", "line_length", "at_start", "at_end",
    "label_number", "has_date", "arrow", "bracketed", "sentence", "digits", "lower",
)  # fmt: skip
HEAD_CHARACTERS, TAIL_CHARACTERS = 480, 160  # enough for the tokens that are read
MAX_CACHED = 30_000  # tokens, and steps from one to the next, with one number for each label
MAX_LINES = 2_000  # short lines kept: a site's menu is looked up once
SHORT_LINE = 300  # code points up to which every piece of a line is looked at
LONG_LINE = 4000  # code points from which a line is as long as any
LOG_FLOOR = -8.0
SHARED = 3.0  # nats that a line gains as furniture if all pages of its site have it

# What each of them begins with is looked for first: most places of a line have nothing of it.
_SEPARATOR = re.compile(
    r"(?=[\s|\]>])"
    r"(?:\s+[-|·/»]+\s+|\s*\|\s*|\t+|\s{3,}|(?<=[.!?)\]\w])\s*(?=>>)|\]\s*|(?<=[.!?])\s+)"
)
# Read as their like within Latin-1: a class of signs beyond it takes long to compile.
_LIKE = (("–", "-"), ("•", "·"), ("…", "."))


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
    """Linear-chain conditional random field over ``STATES``; posteriors by forward-backward."""

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
        potentials[-1] = [
            value + end for value, end in zip(potentials[-1], self._last, strict=True)
        ]
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
        for place, (states, category) in chances.items():
            others = [other for at, (other, _) in chances.items() if at != place]
            score = self._pieces.score(piece_features(text, place, states, others))
            if score >= self._piece_threshold:
                found.append(Piece(*place, score, category))
        return tuple(found) if len(found) < len(places) else ()

    def _chances(self, text: str, place: tuple[int, int]) -> tuple[list[float], str]:
        """Probabilities of the states of a piece by its words alone, and its likeliest category."""
        values = self._words.log_probabilities(text[place[0] : place[1]])
        states = list(map(math.exp, state_log_probabilities(values, self._states)))
        return states, self._category(values, states)

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


def furniture_share(posterior: Sequence[float]) -> float:
    """Probability of all states that are furniture."""
    return min(1.0, sum(posterior[CONTENT_STATES:]))


def outer_pieces(places: Sequence[tuple[int, int]], size: int) -> Sequence[tuple[int, int]]:
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
    """``[start, end)`` of the pieces of a line between strong separators, blanks left out.

    A piece holds a letter or a digit; a line without separators is one piece. A dash before a small
    letter separates nothing: it stands in a word ("kinh tế - xã hội") or in a sentence.

    >>> line = "Phát triển kinh tế - xã hội của huyện - Lượt xem: 12"
    >>> [line[low:high] for low, high in cut_pieces(line)]
    ['Phát triển kinh tế - xã hội của huyện', 'Lượt xem: 12']
    """
    plain = text
    for sign, like in _LIKE:
        plain = plain.replace(sign, like)
    separators = [
        found.span()
        for found in _SEPARATOR.finditer(plain)
        if found[0].strip() != "-" or not plain[found.end() : found.end() + 1].islower()
    ]
    cuts = [0, *(at for span in separators for at in span), len(text)]
    pieces: list[tuple[int, int]] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        piece = text[start:end]
        if any(map(str.isalnum, piece)):
            low = start + len(piece) - len(piece.lstrip())
            pieces.append((low, low + len(piece.strip())))
    return pieces


def piece_features(
    text: str, place: tuple[int, int], states: Sequence[float], others: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Features of a piece of a line, in the order of ``PIECE_FEATURES``.

    ``states`` are the probabilities of its states by its words alone, ``others`` those of the
    line's other pieces.
    """
    piece = text[place[0] : place[1]]
    chance = min(max(furniture_share(states), 1e-4), 1 - 1e-4)
    beside = [furniture_share(other) for other in others] or [0.0]
    return (
        math.log(chance / (1.0 - chance)),
        states[_RELATED],
        sum(beside) / len(beside),
        max((other[_DATE] for other in others), default=0.0),
        math.log(len(piece)),
        math.log(min(len(text), LONG_LINE)),
        float(place[0] == 0),
        float(place[1] == len(text)),
        float(is_label_number(piece)),
        float(has_date(piece)),
        float(starts_with_arrow(piece)),
        float(is_bracketed(piece)),
        float(ends_sentence(piece)),
        float(any(map(str.isdigit, piece))),
        float(piece[0].islower()),
    )


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
