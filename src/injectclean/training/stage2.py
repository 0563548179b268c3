"""Stage 2: edges, context and judge, learned from synthetic injections that leak nothing.

Families of phrases and groups of documents are dealt out to folds. What stage 2 learns from a fold
was scored by a stage 1 that has seen neither its families nor its documents; else stage 2 would
trust stage 1 more than new campaigns deserve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from injectclean.injected import ALONE, TOGETHER
from injectclean.tokens import fold as fold_token
from injectclean.tokens import word_features
from injectclean.training.background import Background
from injectclean.training.corpus import Corpus
from injectclean.training.examples import Example, examples_of, is_shown
from injectclean.training.export import Arrays, pair_arrays, table_arrays
from injectclean.training.folds import folds_of
from injectclean.training.ordinary import Ordinary, no_rows
from injectclean.training.samples import (
    FEATURES,
    ROWS,
    SIDES,
    Cores,
    Part,
    Rows,
    Surroundings,
    join_rows,
    judge_again,
    judge_rows,
    look_around,
)
from injectclean.training.synthesis import phrases_of
from injectclean.training.trees import Size, fit_trees, tree_arrays
from injectclean.training.words import (
    PhraseWords,
    WordModel,
    fit_phrases,
    fit_verticals,
    fit_words,
)

INNER_FOLDS = 3
CORE_TREES = Size(trees=40, leaves=6, rate=0.15)
EDGE_TREES = Size(trees=80, leaves=8, rate=0.12)
SPAN_TREES = Size(trees=300, leaves=8, rate=0.08)
TERM_WEIGHT = 3.0  # of candidates that meet a real term in ordinary text: they are what is hardest
LOST = 0.02  # share of the true spans, of those that have cores, which may have no likely one
CONTEXT_C = 0.02
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InjectedModel:
    """Everything of the two stages, trained: word models, and trees."""

    words: PhraseWords
    context: WordModel
    verticals: WordModel
    edges: Arrays
    cores: Cores
    spans: Arrays

    def arrays(self, background: Background) -> Arrays:
        """Arrays of the model's tables."""
        return {
            **table_arrays("injected", self.words.injected),
            **table_arrays("content", self.words.content),
            **table_arrays("context", self.context, word_features),
            **table_arrays("vertical", self.verticals),
            **pair_arrays(background),
            **self.edges,
            **self.cores.arrays,
            **self.spans,
        }

    def card(self) -> dict[str, Any]:
        """What the card says of the two stages."""
        return {
            "tables": ["injected", "content", "context", "vertical"],
            "verticals": self.verticals.classifier.classes_.tolist(),
            "features": FEATURES,
        }


class _FirstLook(NamedTuple):
    """Stage 1 of everything; folds with a stage 1 each, and what the first look at them gave."""

    folds: Mapping[str, int]
    whole: PhraseWords
    parts: Sequence[Part]
    around: Sequence[Surroundings]
    contexts: Sequence[WordModel]


def fit_two_stages(
    corpus: Corpus, background: Background, ordinary: Ordinary, jobs: int = 1
) -> InjectedModel:
    """Train stage 1 on everything, stage 2 on candidates of stages 1 that left their fold out.

    Half of what stage 2 sees are new families, half new phrases of families that stage 1 knows: of
    the first alone it would learn that words are worth little, and miss campaigns that are known.
    """
    learned = ordinary.of_families(corpus.sources()).rows
    first = _look_first(corpus, background, jobs)
    edges = _fit_edges(first.around, learned, jobs)
    cores = fit_cores([*(part.cores for part in first.around), learned["cores"]])
    rows = _judge(first.parts, first.contexts, cores, edges, jobs)
    alone = _alone_by_fold(first, zip(first.parts, rows, strict=True), learned["spans"], jobs)
    judged = _judge_again(first.parts, first.contexts, cores, edges, alone, jobs)
    return InjectedModel(
        words=first.whole,
        context=_fit_context(first.around),
        verticals=first.parts[0].verticals,  # the same in all
        edges=edges,
        cores=cores,
        spans={
            **_fit_spans(ALONE, join_rows([*rows, learned["spans"]]), SPAN_TREES, jobs),
            **_fit_spans(TOGETHER, join_rows([*judged, learned["judged"]]), SPAN_TREES, jobs),
        },
    )


def look_at(
    corpus: Corpus, background: Background, extra: Sequence[Example], jobs: int = 1
) -> dict[str, Rows]:
    """What both looks at other examples give, with stages 1 and contexts of the corpus.

    Returns:
        ``cores``, ``starts``, ``ends``, ``spans`` and ``judged``.
    """
    first = _look_first(corpus, background, jobs)
    parts = [
        replace(part, examples=[e for e in extra if (e.fold, e.known) == (part.fold, part.known)])
        for part in first.parts
    ]
    around = Parallel(n_jobs=jobs)(delayed(look_around)(part) for part in parts)
    learned = {"cores": join_rows([part.cores for part in around])}
    learned |= {name: join_rows([part.edges[name] for part in around]) for name in SIDES}
    edges = _fit_edges(first.around, learned, jobs)
    cores = fit_cores([*(part.cores for part in first.around), learned["cores"]])
    rows = _judge(parts, first.contexts, cores, edges, jobs)
    own = _judge(first.parts, first.contexts, cores, edges, jobs)
    everything = zip([*parts, *first.parts], [*rows, *own], strict=True)
    alone = _alone_by_fold(first, everything, no_rows(ROWS["spans"]), jobs)
    judged = _judge_again(parts, first.contexts, cores, edges, alone, jobs)
    return {**learned, "spans": join_rows(rows), "judged": join_rows(judged)}


def _look_first(corpus: Corpus, background: Background, jobs: int) -> _FirstLook:
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
            fold, known, [e for e in examples if (e.fold, e.known) == (fold, known)],
            words, verticals, pairs,
        )
        for (fold, known), words in zip(cuts, runs, strict=False)
    ]  # fmt: skip
    around = in_parallel(delayed(look_around)(part) for part in parts)
    contexts = [_fit_context([p for p in around if p.fold != fold]) for fold in range(INNER_FOLDS)]
    return _FirstLook(folds, runs[-1], parts, around, contexts)


def _judge(
    parts: Sequence[Part], contexts: Sequence[WordModel], cores: Cores, edges: Arrays, jobs: int
) -> list[Rows]:
    found: list[Rows] = Parallel(n_jobs=jobs)(
        delayed(judge_rows)(part, contexts[part.fold], cores, edges) for part in parts
    )
    return found


def _alone_by_fold(
    first: _FirstLook, rows: Iterable[tuple[Part, Rows]], learned: Rows, jobs: int
) -> list[Arrays]:
    """The trees of the runtime's first look for each fold, of rows that have not seen it.

    ``learned`` are rows of ordinary text, which know families and no fold.
    """
    known = list(rows)
    left = []
    for fold in range(INNER_FOLDS):
        kept = learned.of_families(family for family, at in first.folds.items() if at != fold)
        left.append(join_rows([*(part for at, part in known if at.fold != fold), kept]))
    found: list[Arrays] = Parallel(n_jobs=jobs)(
        delayed(_fit_spans)(ALONE, part, SPAN_TREES, 1) for part in left
    )
    return found


def _judge_again(
    parts: Sequence[Part],
    contexts: Sequence[WordModel],
    cores: Cores,
    edges: Arrays,
    alone: Sequence[Arrays],
    jobs: int,
) -> list[Rows]:
    found: list[Rows] = Parallel(n_jobs=jobs)(
        delayed(judge_again)(part, contexts[part.fold], cores, {**edges, **alone[part.fold]})
        for part in parts
    )
    return found


def _fit_spans(names: Sequence[str], rows: Rows, size: Size, jobs: int) -> Arrays:
    """Which candidates were injected, and which are exactly what was: two forests.

    A true span has several candidates, of which one is exact at the most. So a single probability
    says little where edges are doubtful, however sure it is that something was put in there: the
    first trees are not asked about spans that meet a true one and miss its edges.
    """
    is_term = (rows.spans >= 0) & (rows.families == "")
    rows = rows._replace(weights=np.where(is_term, TERM_WEIGHT, 1.0) * rows.weights)
    sure = rows.take(np.flatnonzero((rows.targets == 1) | (rows.spans < 0)))
    return _grow({name: [part] for name, part in zip(names, (sure, rows), strict=True)}, size, jobs)


def _grow(forests: Mapping[str, Sequence[Rows]], size: Size, jobs: int) -> Arrays:
    """Trees of one size, each from rows of its own."""
    grown: list[Arrays] = Parallel(n_jobs=jobs)(
        delayed(_grow_one)(name, *_stack(parts), size) for name, parts in forests.items()
    )
    return {name: values for arrays in grown for name, values in arrays.items()}


def _grow_one(
    name: str, values: Floats, targets: NDArray[np.int64], weights: Floats, size: Size
) -> Arrays:
    return tree_arrays(name, fit_trees(values, targets, weights, size))


def fit_cores(parts: Sequence[Rows]) -> Cores:
    """Which cores are likely to meet a true span."""
    model = fit_trees(*_stack(parts), CORE_TREES)
    best: list[float] = []
    for part in parts:
        if len(part.values):
            tops = np.full(part.spans.max() + 2, -np.inf)
            np.maximum.at(tops, part.spans, model.decision_function(part.values))
            best += tops[:-1][np.isfinite(tops[:-1])].tolist()  # the last is that of no span
    return Cores(tree_arrays("cores", model), round(float(np.quantile(best, LOST)), 4))


def _fit_edges(around: Sequence[Surroundings], learned: Mapping[str, Rows], jobs: int) -> Arrays:
    """Where phrases start and end."""
    rows = {name: [*(part.edges[name] for part in around), learned[name]] for name in SIDES}
    return _grow(rows, EDGE_TREES, jobs)


def _stack(parts: Sequence[Rows]) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Values, targets and weights of several parts."""
    rows = join_rows(parts)
    return rows.values, rows.targets, rows.weights


def _fold_words(
    corpus: Corpus, background: Background, folds: dict[str, int], fold: int | None, known: bool
) -> PhraseWords:
    """Words without a fold's documents, and without its families, or half of them if known."""
    honest = [d for d in corpus.documents if d.kind != "phrases" and folds[d.source] != fold]
    phrases = [
        phrase
        for phrase in phrases_of(corpus.documents)
        if folds[phrase.family] != fold or (known and is_shown(phrase))
    ]
    return fit_phrases(phrases, honest, background)


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
