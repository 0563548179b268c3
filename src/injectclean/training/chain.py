"""Training of the chain: a linear-chain conditional random field over the lines of documents.

Lafferty, McCallum and Pereira, Conditional Random Fields (2001). The log-likelihood and its
gradient are computed for all documents side by side, padded to the longest, and minimised with
L-BFGS. Word scores come from models that have not seen the document's group.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from injectclean.boilerplate import with_history
from injectclean.chain import STATES, state_log_probabilities, state_of
from injectclean.lines import LineScores
from injectclean.shape import SHAPES, Row, rows_of, shapes_of
from injectclean.training.corpus import LabelledDocument
from injectclean.training.export import runtime_model, table_arrays
from injectclean.training.words import WordModel

PENALTY = 0.5  # L2, per parameter
MAX_ITERATIONS = 120
GRAFTS = 2  # copies of each article with another page's head and tail
_S = len(STATES)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LineSequence:
    """Rows of one document: word scores (lines x states), shapes, and the true states."""

    words: Floats
    shapes: tuple[tuple[int, ...], ...]
    states: NDArray[np.int64]


def sequences_of(
    documents: Sequence[LabelledDocument], words: WordModel, seed: str
) -> list[LineSequence]:
    """What the chain learns from documents that ``words`` has not seen.

    Each document as it is, without blank lines, and with nothing but its article; and each article
    with the head and the tail of another page, so that no article belongs to one layout.
    """
    scores = line_scores(words)
    rng = random.Random(seed)
    rows = {document.doc_id: labelled_rows(document) for document in documents}
    pages = [rows[d.doc_id] for d in documents if any(_is_furniture(r) for r in rows[d.doc_id])]
    found: list[LineSequence] = []
    for document in documents:
        own = rows[document.doc_id]
        found.append(_sequence([row for row, _ in own], [label for _, label in own], scores))
        article = [(row.text, label) for row, label in own if not _is_furniture((row, label))]
        whole = [(row.text, label) for row, label in own]
        made = [(whole, "\n")]
        if article and len(article) < len(whole):
            made.append((article, "\n\n"))
        for _ in range(GRAFTS):
            head, tail = _head_and_tail(rng.choice(pages), rng)
            made.append(([*head, *article, *tail], rng.choice(("\n", "\n\n"))))
        for lines, gap in made:
            text = gap.join(text for text, _ in lines)
            found.append(_sequence(rows_of(text), [label for _, label in lines], scores))
    return found


def labelled_rows(document: LabelledDocument) -> list[tuple[Row, str]]:
    """The rows of a document with their labels; an injected line counts as content."""
    found: list[tuple[Row, str]] = []
    labels = iter(document.lines)
    label = next(labels)
    for row in rows_of(document.text):
        while label.end <= row.start:
            label = next(labels)
        name = "content/body" if label.label.startswith("injected/") else label.label
        found.append((row, name))
    return found


def _is_furniture(row: tuple[Row, str]) -> bool:
    return row[1].startswith("boilerplate/")


def _head_and_tail(
    page: Sequence[tuple[Row, str]], rng: random.Random
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The furniture before and behind a page's article; in half of the cases a part of each."""
    content = [index for index, row in enumerate(page) if not _is_furniture(row)]
    first, last = (content[0], content[-1]) if content else (len(page), len(page))
    head = [(row.text, label) for row, label in page[:first]]
    tail = [(row.text, label) for row, label in page[last + 1 :]]
    if head and rng.random() < 0.5:
        head = head[rng.randrange(len(head)) :]
    if tail and rng.random() < 0.5:
        tail = tail[: rng.randrange(len(tail)) + 1]
    return head, tail


def line_scores(words: WordModel) -> LineScores:
    """The runtime's line scores of a line model that was just trained."""
    model = runtime_model(
        {**table_arrays("line", words), "pairs.slots": np.zeros(2, dtype="<u4")},
        {"tables": ["line"], "line_labels": words.classifier.classes_.tolist()},
    )
    return LineScores(model.labelled_table("line"), model.card["line_labels"])


def fit_chain(sequences: Sequence[LineSequence]) -> dict[str, list[list[float]]]:
    """Fit the chain; returns its card."""
    batch = _Batch(sequences)
    start = np.zeros(batch.size)
    # One thread: with more, sums depend on the number of processors.
    with threadpool_limits(limits=1):
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


def _sequence(rows: Sequence[Row], truth: Sequence[str], scores: LineScores) -> LineSequence:
    states = [state_of(label) for label in scores.labels]
    words = [state_log_probabilities(scores.log_probabilities(row.text), states) for row in rows]
    shapes = with_history(rows, shapes_of(rows), words)
    return LineSequence(
        np.array(words), tuple(shapes), np.array([state_of(label) for label in truth])
    )


class _Batch:
    """All sequences, padded; parameters as one flat vector."""

    def __init__(self, sequences: Sequence[LineSequence]) -> None:
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
