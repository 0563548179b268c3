"""Pieces of lines: when furniture that is glued to a line of the article may be cut off.

Learned from the pieces of the lines that are content, scored by a line model that has not seen
their group. Most pieces are the article's own, which a line's own probability does not know, and
extractors that glue everything make one line of many: so an article's lines are glued here, too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from injectclean.chain import state_log_probabilities, state_of
from injectclean.lines import LineScores
from injectclean.pieces import PIECE_FEATURES, cut_pieces, outer_pieces, piece_features
from injectclean.training.corpus import Label, LabelledDocument
from injectclean.training.judges import fit_logistic

PIECES_C = 0.3
MOST_GLUED = 8  # lines in one, beside those of a whole document
Rows = tuple[list[tuple[float, ...]], list[int]]


def piece_rows(documents: Sequence[LabelledDocument], scores: LineScores) -> Rows:
    """Features and truth of the pieces of the lines that are content."""
    rows: list[tuple[float, ...]] = []
    targets: list[int] = []
    states = [state_of(label) for label in scores.labels]
    for document, line in _lines(documents):
        text = document.text[line.start : line.end]
        places = outer_pieces(cut_pieces(text), len(text))
        if len(places) < 2:
            continue
        logs = [scores.log_probabilities(text[low:high]) for low, high in places]
        chances = [np.exp(state_log_probabilities(log, states)).tolist() for log in logs]
        for index, place in enumerate(places):
            others = chances[:index] + chances[index + 1 :]
            rows.append(piece_features(text, place, chances[index], others))
            targets.append(int(_is_furniture(document, line, place)))
    return rows, targets


def _lines(documents: Sequence[LabelledDocument]) -> Iterator[tuple[LabelledDocument, Label]]:
    """The lines of content, by themselves and glued together."""
    for document in documents:
        for made in (document, *_glued(document)):
            for line in made.lines:
                if line.label.startswith("content/"):
                    yield made, line


def _glued(document: LabelledDocument) -> Iterator[LabelledDocument]:
    """A document's article as one line, and runs of its lines as one each.

    Without its furniture: of that, only what has a sign before or behind it is to be cut off, and
    where lines are simply put together, nothing tells the related news from the article.
    """
    rng = random.Random(f"glued {document.doc_id}")
    article = [line for line in document.lines if line.label.startswith("content/")]
    runs = [article]
    at = 0
    while at < len(article):
        size = rng.randint(2, MOST_GLUED)
        runs.append(article[at : at + size])
        at += size
    for run in runs:
        if len(run) > 1:
            yield _as_one_line(document, run)


def _as_one_line(document: LabelledDocument, run: Sequence[Label]) -> LabelledDocument:
    """Some lines of a document as one line of content, with the spans that lie in them."""
    parts: list[str] = []
    inner: list[Label] = []
    size = 0
    for line in run:
        shift = size - line.start
        inside = [s for s in document.inner if line.start <= s.start and s.end <= line.end]
        inner += [Label(s.start + shift, s.end + shift, s.label) for s in inside]
        parts.append(document.text[line.start : line.end])
        size += len(parts[-1]) + 1
    whole = (Label(0, size - 1, "content/body"),)
    return replace(document, text=" ".join(parts), lines=whole, inner=tuple(inner))


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
