"""Linear models over words: scikit-learn's TF-IDF without norm and without sublinear counts.

So a decision is an intercept plus a sum over features, and the runtime adds up the same numbers
from a table. Weights are rounded as the table holds them before anything is measured with them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from injectclean.tables import BIAS, STEP
from injectclean.tokens import text_features, tokenize
from injectclean.training.background import Background
from injectclean.training.corpus import LabelledDocument
from injectclean.training.synthesis import Phrase

NEGATIVE_WINDOW = (2, 9)  # tokens of the honest windows that phrases are told from
INJECTED_C = 0.1
INJECTED_FLOOR = 0.02
LINE_FLOOR = 0.05
LINE_C = 0.003  # of 1, .1, .03, .01, .003, .001: best log-loss on layouts held out
TOLERANCE = 0.01  # of the multinomial fit; ten times finer changed no held-out figure


class Weights(NamedTuple):
    """How much examples count: a phrase, an honest window; and, times log count, pairs.

    Those are pairs of promotional terms and pairs of ordinary text.
    """

    phrase: float
    term: float
    window: float
    pair: float


# Stage 1 is to miss nothing; its second opinion, of what was found, knows ordinary text better.
INJECTED = Weights(phrase=15.0, term=4.0, window=1.0, pair=0.03)
CONTENT = Weights(phrase=4.0, term=0.05, window=0.3, pair=0.3)


class Features(NamedTuple):
    """Texts as a sparse matrix (texts x features), and what made it."""

    vectorizer: TfidfVectorizer
    matrix: Any


@dataclass(frozen=True, slots=True)
class WordModel:
    """A vectorizer and a linear classifier, trained: exported, and tested for parity."""

    vectorizer: TfidfVectorizer
    classifier: LogisticRegression

    def decisions(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """scikit-learn's own decision function."""
        found: NDArray[np.float64] = self.classifier.decision_function(
            self.vectorizer.transform(texts)
        )
        return found

    def weights(self) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Features in order of their names, weights (features x columns) and intercepts."""
        names = self.vectorizer.get_feature_names_out().tolist()
        product = self.classifier.coef_ * self.vectorizer.idf_
        intercepts = np.atleast_1d(self.classifier.intercept_).astype(np.float64)
        return names, product.T, intercepts


class PhraseWords(NamedTuple):
    """Words of phrases: stage 1, and its second opinion."""

    injected: WordModel
    content: WordModel


def fit_words(
    texts: Sequence[str],
    targets: Sequence[str] | Sequence[int],
    *,
    analyzer: Callable[[str], list[str]] = text_features,
    weights: NDArray[np.float64] | None = None,
    c: float,
    min_df: int = 1,
    intercept: bool = True,
    floor: float = 0.0,
) -> WordModel:
    """Fit a linear model over the features of texts.

    A feature whose weights are all under ``floor`` loses them: the table that is shipped and read
    at every start gets smaller by far more than the decisions change.
    """
    features = _vectorize(texts, analyzer, min_df=min_df)
    return _fit(features, targets, weights, c=c, intercept=intercept, floor=floor)


def _vectorize(
    texts: Sequence[str],
    analyzer: Callable[[str], list[str]] = text_features,
    *,
    min_df: int = 1,
    vocabulary: Sequence[str] | None = None,
) -> Features:
    vectorizer = TfidfVectorizer(
        analyzer=analyzer, norm=None, sublinear_tf=False, min_df=min_df, vocabulary=vocabulary
    )
    return Features(vectorizer, vectorizer.fit_transform(texts))


def _fit(
    features: Features,
    targets: Sequence[str] | Sequence[int],
    weights: NDArray[np.float64] | None,
    *,
    c: float,
    intercept: bool,
    floor: float,
) -> WordModel:
    binary = len(set(targets)) == 2
    classifier = LogisticRegression(
        C=c,
        solver="liblinear" if binary else "lbfgs",
        max_iter=400 if binary else 250,
        tol=1e-4 if binary else TOLERANCE,
        random_state=0,
        fit_intercept=intercept,
    )
    # One thread: with more, sums depend on the number of processors.
    with threadpool_limits(limits=1):
        classifier.fit(features.matrix, targets, sample_weight=weights)
    _round(features.vectorizer, classifier, floor)
    return WordModel(features.vectorizer, classifier)


def _round(vectorizer: TfidfVectorizer, classifier: LogisticRegression, floor: float) -> None:
    """Make the classifier use exactly the weights that are exported."""
    weights = classifier.coef_ * vectorizer.idf_
    exported = weights.astype(np.float32).astype(np.float64)
    if len(weights) > 1:  # a column for each label
        exported = np.clip(np.round(weights / STEP), -BIAS, BIAS - 1) * STEP
    exported[:, np.abs(exported).max(axis=0) < floor] = 0.0
    classifier.coef_ = exported / vectorizer.idf_


def honest_windows(documents: Sequence[LabelledDocument], seed: str) -> list[str]:
    """Texts of windows of honest tokens: of the article, and of furniture but for adverts."""
    rng = random.Random(f"{seed} windows")
    found: list[str] = []
    for document in documents:
        injected = document.spans("injected")
        for line in document.lines:
            if line.label in ("boilerplate/advert",) or line.label.startswith("injected/"):
                continue
            if any(line.start <= span.start < line.end for span in injected):
                continue
            found += _windows(document.text[line.start : line.end], rng)
    return found


def _windows(text: str, rng: random.Random) -> list[str]:
    tokens = tokenize(text)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        size = rng.randint(*NEGATIVE_WINDOW)
        window = tokens[at : at + size]
        found.append(text[window[0].start : window[-1].end])
        at += size
    return found


def fit_phrases(
    phrases: Sequence[Phrase], documents: Sequence[LabelledDocument], background: Background
) -> PhraseWords:
    """Promotional phrases and pairs against honest windows and pairs of ordinary text."""
    positives = [phrase.text for phrase in phrases]
    terms = [f"{left} {right}" for left, right, _ in background.promotional]
    windows = honest_windows(documents, "injected")
    pairs = [f"{left} {right}" for left, right, _ in background.pairs]
    counts = np.array([count for _, _, count in background.pairs], dtype=np.float64)
    in_terms = np.array([count for _, _, count in background.promotional], dtype=np.float64)
    features = _vectorize(
        [*positives, *terms, *windows, *pairs],
        vocabulary=_vocabulary([*positives, *terms], windows),
    )
    targets = [1] * (len(positives) + len(terms)) + [0] * (len(windows) + len(pairs))

    def fit(weights: Weights) -> WordModel:
        each = np.concatenate(
            [
                np.full(len(positives), weights.phrase),
                weights.term * np.log1p(in_terms),
                np.full(len(windows), weights.window),
                weights.pair * np.log1p(counts),
            ]
        )
        # Without an intercept: a window's score is the sum of its tokens, nothing beside.
        return _fit(features, targets, each, c=INJECTED_C, intercept=False, floor=INJECTED_FLOOR)

    return PhraseWords(fit(INJECTED), fit(CONTENT))


def fit_verticals(phrases: Sequence[Phrase]) -> WordModel:
    """The vertical of a phrase, asked only of what is found."""
    texts = [phrase.text for phrase in phrases]
    return fit_words(texts, [phrase.category for phrase in phrases], c=0.1, min_df=2)


def _vocabulary(positives: Sequence[str], windows: Sequence[str]) -> list[str]:
    """Features of phrases, and of honest windows where two have them; not those of pairs alone."""
    seen: dict[str, int] = {}
    for text in windows:
        for feature in set(text_features(text)):
            seen[feature] = seen.get(feature, 0) + 1
    kept = {feature for feature, count in seen.items() if count >= 2}
    for text in positives:
        kept.update(text_features(text))
    return sorted(kept)
