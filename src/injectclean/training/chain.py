"""Training of the chain: a linear-chain conditional random field over the lines of documents.

Lafferty, McCallum and Pereira, Conditional Random Fields (2001). The log-likelihood and its
gradient are computed for all documents side by side, padded to the longest, and minimised with
L-BFGS. Word scores come from models that have not seen the document's group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from injectclean.boilerplate import STATES, LineScores, state_log_probabilities, state_of
from injectclean.shape import SHAPES, Row, rows_of, shapes_of
from injectclean.training.corpus import LabelledDocument
from injectclean.training.export import runtime_model, table_arrays
from injectclean.training.words import WordModel

PENALTY = 0.5  # L2, per parameter
MAX_ITERATIONS = 200
_S = len(STATES)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sequence_:
    """Rows of one document: word scores (lines x states), shapes, and the true states."""

    words: Floats
    shapes: tuple[tuple[int, ...], ...]
    states: NDArray[np.int64]


def sequences_of(document: LabelledDocument, words: WordModel) -> list[Sequence_]:
    """The document as it is, without blank lines, and with nothing but its article."""
    scores = line_scores(words)
    labels = {line.start: line.label for line in document.lines}
    rows = rows_of(document.text)
    truth = [_label_at(document, row) for row in rows]
    variants = [document.text, _without_blank_lines(document.text)]
    found = [_sequence(rows_of(text), truth, scores) for text in variants]
    content = [row.text for row, label in zip(rows, truth, strict=True) if label.startswith("content/")]
    if labels and len(content) < len(rows) and content:
        kept = [label for label in truth if label.startswith("content/")]
        found.append(_sequence(rows_of("\n\n".join(content)), kept, scores))
    return found


def line_scores(words: WordModel) -> LineScores:
    """The runtime's line scores of a line model that was just trained."""
    model = runtime_model(
        {**table_arrays("line", words), "pairs.slots": np.zeros(2, dtype="<u4")},
        {"tables": ["line"], "line_labels": words.classifier.classes_.tolist()},
    )
    return LineScores(model.table("line"), model.card["line_labels"])


def fit_chain(sequences: Sequence[Sequence_]) -> dict[str, list[list[float]]]:
    """Fit the chain; returns its card."""
    batch = _Batch(sequences)
    start = np.zeros(batch.size)
    result = minimize(
        batch.loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS}
    )
    words, shapes, moves, ends = batch.unpack(np.round(result.x, 6))
    return {
        "words": words.tolist(),
        "shapes": shapes.tolist(),
        "moves": moves.tolist(),
        "ends": ends.tolist(),
    }


def _sequence(rows: Sequence[Row], truth: Sequence[str], scores: LineScores) -> Sequence_:
    states = [state_of(label) for label in scores.labels]
    words = [
        state_log_probabilities(scores.log_probabilities(row.text), states) for row in rows
    ]
    return Sequence_(
        np.array(words), tuple(shapes_of(rows)), np.array([state_of(label) for label in truth])
    )


def _label_at(document: LabelledDocument, row: Row) -> str:
    """The label of the line that a row is; an injected line counts as content."""
    for line in document.lines:
        if line.start < row.end and row.start < line.end:
            return line.label if not line.label.startswith("injected/") else "content/body"
    raise ValueError(f"{document.doc_id}: the line at {row.start} has no label")


def _without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip())


class _Batch:
    """All sequences, padded; parameters as one flat vector."""

    def __init__(self, sequences: Sequence[Sequence_]) -> None:
        self._count = len(sequences)
        self._steps = max(len(s.states) for s in sequences)
        self._words = np.zeros((self._count, self._steps, _S))
        self._shapes = np.zeros((self._count, self._steps, len(SHAPES)))
        self._truth = np.zeros((self._count, self._steps, _S))
        self._mask = np.zeros((self._count, self._steps), dtype=bool)
        self._last = np.array([len(s.states) - 1 for s in sequences])
        for row, sequence in enumerate(sequences):
            size = len(sequence.states)
            self._words[row, :size] = sequence.words
            for step, shapes in enumerate(sequence.shapes):
                self._shapes[row, step, list(shapes)] = 1.0
            self._truth[row, np.arange(size), sequence.states] = 1.0
            self._mask[row, :size] = True
        self._moves = np.einsum("bts,btr->sr", self._truth[:, :-1], self._truth[:, 1:])
        self._shape = ((_S, _S), (len(SHAPES), _S), (_S, _S), (2, _S))
        self.size = sum(a * b for a, b in self._shape)

    def unpack(self, flat: Floats) -> list[Floats]:
        """The parameters' matrices."""
        found = []
        at = 0
        for rows, columns in self._shape:
            found.append(flat[at : at + rows * columns].reshape(rows, columns))
            at += rows * columns
        return found

    def loss(self, flat: Floats) -> tuple[float, Floats]:
        """Negative log-likelihood with its penalty, and the gradient."""
        words, shapes, moves, ends = self.unpack(flat)
        unary = self._words @ words + self._shapes @ shapes
        everyone = np.arange(self._count)
        unary[:, 0] += ends[0]
        unary[everyone, self._last] += ends[1]
        log_norm, marginals, pairs = self._expect(unary, moves)
        gold = float((unary * self._truth).sum() + (moves * self._moves).sum())
        excess = marginals - self._truth
        gradient = np.concatenate(
            [
                np.einsum("btf,bts->fs", self._words, excess).ravel(),
                np.einsum("btf,bts->fs", self._shapes, excess).ravel(),
                (pairs - self._moves).ravel(),
                excess[:, 0].sum(axis=0),
                excess[everyone, self._last].sum(axis=0),
            ]
        )
        value = log_norm - gold + 0.5 * PENALTY * float(flat @ flat)
        return value, gradient + PENALTY * flat

    def _expect(self, unary: Floats, moves: Floats) -> tuple[float, Floats, Floats]:
        """Log-normaliser, marginals of states, and expected counts of moves."""
        step = np.exp(moves)
        top = unary.max(axis=2, keepdims=True)
        local = np.exp(unary - top)
        forward = np.zeros_like(local)
        scale = np.ones((self._count, self._steps))
        for t in range(self._steps):
            reached = local[:, t] if t == 0 else (forward[:, t - 1] @ step) * local[:, t]
            total = reached.sum(axis=1)
            live = self._mask[:, t]
            scale[live, t] = total[live]
            forward[:, t] = np.where(live[:, None], reached / total[:, None], forward[:, t - 1])
        backward = np.ones_like(local)
        pairs = np.zeros((_S, _S))
        for t in range(self._steps - 2, -1, -1):
            live = self._mask[:, t + 1]
            ahead = local[:, t + 1] * backward[:, t + 1] / scale[:, t + 1][:, None]
            backward[:, t] = np.where(live[:, None], ahead @ step.T, 1.0)
            pairs += step * (forward[live, t].T @ ahead[live])
        marginals = forward * backward * self._mask[:, :, None]
        log_norm = float((np.log(scale) + top[:, :, 0])[self._mask].sum())
        return log_norm, marginals, pairs
