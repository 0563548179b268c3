"""What one would build with scikit-learn in an afternoon, trained on the same labels.

TF-IDF of characters within words and a logistic regression: one model says of every line whether
it is page furniture, another of every window of three to eight tokens whether it is promotional.
All lines, and all windows, of a document go into one call. Trigrams are the fastest of the usual
choices.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.texts import SEED

WINDOWS = range(3, 9)  # tokens
NGRAMS = (3, 3)


def make_plain(labels: Path) -> Callable[[list[str]], None]:
    """Train both models; what is returned scores all that a document's lines hold."""
    rows = list(read_labels(labels))
    lines = [(text, kind) for text, kind in rows if kind != "injected"]
    line_model = _fitted([text for text, _ in lines], [kind for _, kind in lines])
    random_ = random.Random(SEED)
    bodies = [list(windows_of(text)) for text, kind in lines if kind == "content"]
    honest = [random_.choice(windows) for windows in bodies if windows]
    injected = [text for text, kind in rows if kind == "injected"]
    answers = ["injected"] * len(injected) + ["content"] * len(honest)
    window_model = _fitted(injected + honest, answers)

    def score(lines: list[str]) -> None:
        windows = [window for line in lines for window in windows_of(line)]
        if lines:
            line_model.decision_function(lines)
        if windows:
            window_model.decision_function(windows)

    return score


def windows_of(line: str) -> Iterator[str]:
    """Every window of three to eight tokens."""
    tokens = line.split()
    for width in WINDOWS:
        for start in range(len(tokens) - width + 1):
            yield " ".join(tokens[start : start + width])


def read_labels(path: Path) -> Iterator[tuple[str, str]]:
    """Each labelled text on one line, and ``content``, ``boilerplate`` or ``injected``."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield " ".join(row["text"].split()), row["label"].partition("/")[0]


def _fitted(texts: list[str], answers: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=NGRAMS)
    return make_pipeline(vectorizer, LogisticRegression(solver="liblinear")).fit(texts, answers)
