"""The line model: words of a line alone, as the chain and the pieces use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from injectclean.chain import STATES, state_of
from injectclean.lines import line_features
from injectclean.pieces import cut_pieces
from injectclean.training.corpus import Label, LabelledDocument
from injectclean.training.words import LINE_C, LINE_FLOOR, WordModel, fit_words

PIECE_WEIGHT = 0.5  # of a piece against a whole line: pieces repeat what their line says


@dataclass(frozen=True, slots=True)
class LineSample:
    """A text, the label it has as a line, and its weight."""

    text: str
    label: str
    weight: float


def line_label(label: str) -> str:
    """The label that the line model knows: content by its state, furniture by its category."""
    return label if label.startswith("boilerplate/") else f"content/{STATES[state_of(label)]}"


def line_samples(documents: Sequence[LabelledDocument]) -> list[LineSample]:
    """Lines, spans inside lines, and pieces of lines, with their labels."""
    found: list[LineSample] = []
    for document in documents:
        if document.kind == "phrases":
            continue
        for line in document.lines:
            if not line.label.startswith("injected/"):
                found += _samples(document, line)
        found += [
            LineSample(document.text[span.start : span.end], line_label(span.label), 1.0)
            for span in document.inner
            if not span.label.startswith("injected/")
        ]
    return found


def _samples(document: LabelledDocument, line: Label) -> list[LineSample]:
    inner = [span for span in document.inner if line.start <= span.start < line.end]
    label = line_label(line.label)
    parts: list[str] = []
    start = line.start
    for span in inner:
        parts.append(document.text[start : span.start])
        start = span.end
    parts.append(document.text[start : line.end])
    text = " ".join(parts)
    found = [LineSample(text, label, 1.0)]
    pieces = cut_pieces(text)
    if len(pieces) > 1 and not inner:
        weight = PIECE_WEIGHT / len(pieces) ** 0.5
        found += [LineSample(text[low:high], label, weight) for low, high in pieces]
    return found


def fit_lines(documents: Sequence[LabelledDocument]) -> WordModel:
    """Fit the line model."""
    samples = [sample for sample in line_samples(documents) if sample.text.strip()]
    return fit_words(
        [sample.text for sample in samples],
        [sample.label for sample in samples],
        analyzer=line_features,
        weights=np.array([sample.weight for sample in samples]),
        c=LINE_C,
        min_df=2,
        floor=LINE_FLOOR,
    )
