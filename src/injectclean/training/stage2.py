"""Stage 2: edges, context and judge, learned from synthetic injections that leak nothing.

Families of phrases and groups of documents are dealt out to folds. What stage 2 learns from a fold
was scored by a stage 1 that has seen neither its families nor its documents; else stage 2 would
trust stage 1 more than new campaigns deserve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from injectclean.features import EDGE_FEATURES, SPAN_FEATURES
from injectclean.judge import Judge
from injectclean.tokens import fold as fold_token
from injectclean.tokens import word_features
from injectclean.training.background import Background
from injectclean.training.corpus import Corpus
from injectclean.training.examples import examples_of, is_shown
from injectclean.training.export import Arrays, pair_arrays, table_arrays
from injectclean.training.folds import folds_of
from injectclean.training.honest import HonestCandidates
from injectclean.training.judges import fit_logistic, fit_ranking
from injectclean.training.samples import (
    SIDES,
    Cards,
    Part,
    Rows,
    Surroundings,
    judge_rows,
    look_around,
)
from injectclean.training.synthesis import phrases_of
from injectclean.training.trees import fit_trees, tree_arrays
from injectclean.training.words import WordModel, fit_injected, fit_verticals, fit_words

INNER_FOLDS = 3
JUDGE_C = 0.3
EDGE_C = 1.0
LOST = 0.03  # share of the true spans that the linear filter may lose
HONEST_WEIGHT = 3.0  # of a candidate of an ordinary document
CONTEXT_C = 0.02
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InjectedModel:
    """Everything of the two stages, trained: word models, and the judges' cards."""

    injected: WordModel
    context: WordModel
    verticals: WordModel
    stage2: Cards
    least: float
    trees: Arrays

    def arrays(self, background: Background) -> Arrays:
        """Arrays of the model's tables."""
        return {
            **table_arrays("injected", self.injected),
            **table_arrays("context", self.context),
            **table_arrays("vertical", self.verticals),
            **pair_arrays(background),
            **self.trees,
        }

    def card(self) -> dict[str, Any]:
        """What the card says of the two stages."""
        return {
            "tables": ["injected", "context", "vertical"],
            "verticals": self.verticals.classifier.classes_.tolist(),
            "stage2": self.stage2,
        }


def fit_two_stages(
    corpus: Corpus, background: Background, honest: HonestCandidates, jobs: int = 1
) -> InjectedModel:
    """Train stage 1 on everything, stage 2 on candidates of stages 1 that left their fold out.

    Half of what stage 2 sees are new families, half new phrases of families that stage 1 knows: of
    the first alone it would learn that words are worth little, and miss campaigns that are known.
    """
    folds = folds_of(corpus.sources(), INNER_FOLDS)
    cuts = [(fold, known) for known in (False, True) for fold in range(INNER_FOLDS)]
    in_parallel = Parallel(n_jobs=jobs)
    runs = in_parallel(
        delayed(_fold_words)(corpus, background, folds, fold, known)
        for fold, known in [*cuts, (None, False)]
    )
    verticals = fit_verticals(phrases_of(corpus.documents))
    pairs = pair_arrays(background)
    examples = [*examples_of(corpus, folds), *examples_of(corpus, folds, known=True)]
    parts = [
        Part(
            fold,
            [e for e in examples if (e.fold, e.known) == (fold, known)],
            words, verticals, pairs,
        )
        for (fold, known), words in zip(cuts, runs, strict=False)
    ]  # fmt: skip
    around = in_parallel(delayed(look_around)(part) for part in parts)
    edges = {name: _fit_edge([part.edges[name] for part in around]) for name in SIDES}
    contexts = [_fit_context([p for p in around if p.fold != fold]) for fold in range(INNER_FOLDS)]
    rows = in_parallel(delayed(judge_rows)(part, contexts[part.fold], edges) for part in parts)
    filtered, least, trees = _fit_judge(rows, honest)
    return InjectedModel(
        runs[-1], _fit_context(around), verticals, {**edges, "filter": filtered}, least, trees
    )


def _fit_judge(
    rows: Sequence[Rows], honest: HonestCandidates
) -> tuple[dict[str, dict[str, float]], float, Arrays]:
    """The linear filter, the log-odds that it lets pass, and the trees."""
    values = np.concatenate([*(part.values for part in rows), honest.values])
    targets = np.concatenate(
        [*(part.targets for part in rows), np.zeros(len(honest.values), dtype=np.int64)]
    )
    weights = np.concatenate([*(part.weights for part in rows), HONEST_WEIGHT * honest.weights])
    filtered = fit_logistic(SPAN_FEATURES, values, targets, weights, JUDGE_C)
    judge = Judge(filtered, SPAN_FEATURES)
    passed = [judge.logit(row) for row in values[targets == 1].tolist()]
    least = round(float(np.quantile(passed, LOST)), 4)
    return filtered, least, tree_arrays("trees", fit_trees(values, targets, weights))


def _fold_words(
    corpus: Corpus, background: Background, folds: dict[str, int], fold: int | None, known: bool
) -> WordModel:
    """Stage 1 without a fold's documents, and without its families, or half of them if known."""
    honest = [d for d in corpus.documents if d.kind != "phrases" and folds[d.source] != fold]
    phrases = [
        phrase
        for phrase in phrases_of(corpus.documents)
        if folds[phrase.family] != fold or (known and is_shown(phrase))
    ]
    return fit_injected(phrases, honest, background)


def _fit_edge(parts: Sequence[Floats]) -> dict[str, dict[str, float]]:
    """Where phrases start, or end: the true edge is ranked above every other choice."""
    differences = np.concatenate(parts)
    signs = np.where(np.arange(len(differences)) % 2, 1, -1)  # so that both classes are there
    return fit_ranking(EDGE_FEATURES, differences * signs[:, None], (signs > 0).astype(int), EDGE_C)


def _fit_context(parts: Sequence[Surroundings]) -> WordModel:
    """Words around true spans against words around honest candidates."""
    texts = [text for part in parts for text in part.contexts]
    targets = [target for part in parts for target in part.injected]
    return fit_words(
        texts, targets, analyzer=context_features, c=CONTEXT_C, min_df=5, intercept=False
    )


def context_features(text: str) -> list[str]:
    """Folds around a candidate, each by itself: pairs would learn the carriers."""
    words = (word_features(token, fold_token(token)) for token in text.split())
    return [feature for features in words for feature in features if feature.startswith("w ")]
