"""Pieces of lines: when furniture that is glued to a line of the article may be cut off.

Learned from every piece of every line, scored by a line model that has not seen its group. Most
pieces are the article's own, which a line's own probability does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from injectclean.boilerplate import (
    PIECE_FEATURES,
    LineScores,
    cut_pieces,
    piece_features,
    state_log_probabilities,
    state_of,
)
from injectclean.training.corpus import Label, LabelledDocument
from injectclean.training.judges import fit_logistic

PIECES_C = 0.3
Rows = tuple[list[tuple[float, ...]], list[int]]


def piece_rows(documents: Sequence[LabelledDocument], scores: LineScores) -> Rows:
    """Features and truth of the pieces of the lines that are content."""
    rows: list[tuple[float, ...]] = []
    targets: list[int] = []
    states = [state_of(label) for label in scores.labels]
    for document in documents:
        for line in document.lines:
            if not line.label.startswith("content/"):
                continue
            text = document.text[line.start : line.end]
            places = cut_pieces(text)
            if len(places) < 2:
                continue
            logs = [scores.log_probabilities(text[low:high]) for low, high in places]
            chances = [np.exp(state_log_probabilities(log, states)).tolist() for log in logs]
            for index, place in enumerate(places):
                others = chances[:index] + chances[index + 1 :]
                rows.append(piece_features(text, place, chances[index], others))
                targets.append(int(_is_furniture(document, line, place)))
    return rows, targets


def fit_pieces(parts: Sequence[Rows]) -> dict[str, dict[str, float]]:
    """Fit the model of pieces; returns its card."""
    rows = np.array([row for part, _ in parts for row in part])
    targets = np.array([target for _, part in parts for target in part])
    return fit_logistic(PIECE_FEATURES, rows, targets, np.ones(len(rows)), PIECES_C)


def _is_furniture(document: LabelledDocument, line: Label, place: tuple[int, int]) -> bool:
    """Whether the piece lies in a span of furniture, or is the better part of one."""
    start, end = line.start + place[0], line.start + place[1]
    return any(
        2 * (min(end, span.end) - max(start, span.start)) > end - start
        for span in document.inner
        if span.label.startswith("boilerplate/")
    )
