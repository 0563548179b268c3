"""Stage 2: edges, context and judge, learned from synthetic injections that leak nothing.

Families of phrases and groups of documents are dealt out to folds. What stage 2 learns from a fold
was scored by a stage 1 that has seen neither its families nor its documents; else stage 2 would
trust stage 1 more than new campaigns deserve.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from injectclean.features import (
    EDGE_FEATURES,
    SPAN_FEATURES,
    DocumentFacts,
    Stretch,
    edge_features,
    span_features,
)
from injectclean.injected import (
    InjectedFinder,
    Window,
    context_tokens,
    count_places,
    edge_choices,
    pair_repeats,
    phrase_of,
    place_all,
    place_edges,
)
from injectclean.judge import Judge
from injectclean.normalize import matching_view
from injectclean.tokens import fold as fold_token
from injectclean.tokens import word_features
from injectclean.training.background import Background
from injectclean.training.corpus import Corpus, Label, LabelledDocument
from injectclean.training.export import Arrays, pair_arrays, runtime_model, table_arrays
from injectclean.training.folds import folds_of
from injectclean.training.honest import HonestCandidates
from injectclean.training.judges import fit_logistic, fit_ranking
from injectclean.training.synthesis import Phrase, Synthetic, break_lines, inject, phrases_of
from injectclean.training.trees import fit_trees, tree_arrays
from injectclean.training.words import WordModel, fit_injected, fit_verticals, fit_words

INNER_FOLDS = 3
ROUNDS = 4  # injected copies of every carrier and of either kind, beside a twin and the original
SAME = 0.8  # intersection over union from which a span is learned as the true one
SPARED = 4  # of so many honest spans one is learned from, with their weight
GATE = 2.0  # nats of stage 1 from which a run of tokens is a candidate
JUDGE_C = 0.3
EDGE_C = 1.0
HARD_WEIGHT = 2.0  # of a false candidate in honest text about the subject: the costly false alarm
LOST = 0.03  # share of the true spans that the linear filter may lose
HONEST_WEIGHT = 3.0  # of a likely candidate of an ordinary document
CONTEXT_C = 0.02
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """A candidate of stage 1 in a document, and the true span that it meets, if any."""

    stretch: Stretch
    core: Window
    truth: Label | None
    document: int
    fold: int
    weight: float
    facts: DocumentFacts


@dataclass(frozen=True, slots=True)
class Example:
    """A document to learn from, with the fold that it belongs to."""

    text: str
    spans: tuple[Label, ...]
    fold: int
    weight: float = 1.0
    known: bool = False


def is_shown(phrase: Phrase) -> bool:
    """Whether a phrase is among the half of its family that stage 1 may see when it is known."""
    return zlib.crc32(phrase.text.encode()) % 2 == 0


def examples_of(
    corpus: Corpus, folds: dict[str, int], rounds: int = ROUNDS, *, known: bool = False
) -> list[Example]:
    """Injected, broken and plain documents; the phrases of a fold meet only its documents.

    Of a ``known`` family only that half is injected which stage 1 has not been shown.
    """
    by_fold: dict[int, list[Phrase]] = {}
    for phrase in phrases_of(corpus.documents):
        if not (known and is_shown(phrase)):
            by_fold.setdefault(folds[phrase.family], []).append(phrase)
    found: list[Example] = []
    for document in corpus.documents:
        if document.kind == "phrases":
            continue
        fold = folds[document.source]
        natural = tuple(document.spans("injected"))
        weight = HARD_WEIGHT if document.kind == "honest" else 1.0
        if document.kind == "honest" and not _is_article(document):
            found += [
                Example(document.text[line.start : line.end], (), fold, weight, known)
                for line in document.lines
            ]
            continue
        found.append(Example(document.text, natural, fold, 1.0 if natural else weight, known))
        if natural:
            continue
        found.append(Example(break_lines(document, "twin").text, (), fold, weight, known))
        for number in range(rounds):
            made = inject(document, by_fold.get(fold, []), f"round {number} {known}")
            if made is not None:
                found.append(Example(made.text, made.spans, fold, 1.0, known))
    return found


@dataclass(frozen=True, slots=True)
class InjectedModel:
    """Everything of the two stages, trained: word models, and the judges' cards."""

    injected: WordModel
    context: WordModel
    verticals: WordModel
    stage2: dict[str, dict[str, dict[str, float]]]
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
    phrases = phrases_of(corpus.documents)
    folds = folds_of(corpus.sources(), INNER_FOLDS)
    parts = [(fold, known) for known in (False, True) for fold in range(INNER_FOLDS)]
    runs = Parallel(n_jobs=jobs)(
        delayed(_fold_words)(corpus, background, folds, fold, known)
        for fold, known in [*parts, (None, False)]
    )
    verticals = fit_verticals(phrases)
    pairs = pair_arrays(background)
    examples = [*examples_of(corpus, folds), *examples_of(corpus, folds, known=True)]
    samples: list[Sample] = []
    for (fold, known), words in zip(parts, runs, strict=False):
        finder = _finder(words, None, verticals, pairs, None)
        samples += _samples(finder, examples, fold, known=known)
    edges = _fit_edges(samples)
    context, context_scores = _fit_contexts(samples)
    values, targets, weights = _judge_rows(samples, edges, context_scores)
    values = np.concatenate([values, honest.values])
    targets = np.concatenate([targets, np.zeros(len(honest.values), dtype=np.int64)])
    weights = np.concatenate([weights, HONEST_WEIGHT * honest.weights])
    filtered = fit_logistic(SPAN_FEATURES, values, targets, weights, JUDGE_C)
    least = _least_logit(Judge(filtered, SPAN_FEATURES), values[targets == 1])
    trees = tree_arrays("trees", fit_trees(values, targets, weights))
    return InjectedModel(runs[-1], context, verticals, {**edges, "filter": filtered}, least, trees)


def _least_logit(judge: Judge, values: Floats) -> float:
    """The log-odds that all but ``LOST`` of the true spans reach."""
    return round(float(np.quantile([judge.logit(row) for row in values.tolist()], LOST)), 4)


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


def _finder(
    words: WordModel,
    context: WordModel | None,
    verticals: WordModel,
    pairs: Arrays,
    stage2: dict[str, dict[str, dict[str, float]]] | None,
) -> InjectedFinder:
    """A finder of models in memory; judges that are not trained yet weigh nothing."""
    tables = {"injected": words, "context": context or words, "vertical": verticals}
    arrays = dict(pairs)
    for name, table in tables.items():
        arrays.update(table_arrays(name, table))
    arrays.update(tree_arrays("trees", None))
    blank = {
        "filter": _blank(SPAN_FEATURES),
        "start": _blank(EDGE_FEATURES),
        "end": _blank(EDGE_FEATURES),
    }
    card = {
        "tables": sorted(tables),
        "verticals": verticals.classifier.classes_.tolist(),
        "stage2": stage2 or blank,
        "thresholds": {"gate": GATE, "filter": 0.0},
    }
    return InjectedFinder(runtime_model(arrays, card))


def _blank(names: Sequence[str]) -> dict[str, dict[str, float]]:
    return {
        "weights": dict.fromkeys((*names, "intercept"), 0.0),
        "means": dict.fromkeys(names, 0.0),
    }


def _samples(
    finder: InjectedFinder, examples: Sequence[Example], fold: int, *, known: bool
) -> list[Sample]:
    found: list[Sample] = []
    for number, example in enumerate(examples):
        if example.fold != fold or example.known != known:
            continue
        text = matching_view(example.text).text
        facts = finder.facts(text)
        for stretch, core in finder.windows(text):
            low, high = stretch.tokens[core[0]].start, stretch.tokens[core[1] - 1].end
            meets = [s for s in example.spans if s.start < high and low < s.end]
            truth = (
                max(meets, key=lambda s: min(high, s.end) - max(low, s.start)) if meets else None
            )
            found.append(Sample(stretch, core, truth, number, fold, example.weight, facts))
    return found


def _fit_edges(samples: Sequence[Sample]) -> dict[str, dict[str, dict[str, float]]]:
    """Where phrases start and end: the true edge is ranked above every other choice.

    Learned at the candidates that meet a true span, from differences of features.
    """
    repeated = repeats_of(samples)
    cards = {}
    for side, name in ((-1, "start"), (1, "end")):
        rows: list[Floats] = []
        targets: list[int] = []
        for sample in samples:
            if sample.truth is None:
                continue
            right = _true_edge(sample, side)
            choices = edge_choices(sample.stretch, sample.core, side)
            if right not in choices:
                continue
            pairs = repeated[sample.document]
            true = np.array(edge_features(sample.stretch, right, side, sample.core, pairs))
            for at in choices:
                if at != right:
                    row = edge_features(sample.stretch, at, side, sample.core, pairs)
                    # Mirrored in turn, so that both classes are there.
                    sign = 1 if len(rows) % 2 else -1
                    rows.append(sign * (true - np.array(row)))
                    targets.append(int(sign > 0))
        cards[name] = fit_ranking(EDGE_FEATURES, np.array(rows), np.array(targets), EDGE_C)
    return cards


def repeats_of(samples: Sequence[Sample]) -> dict[int, Counter[tuple[str, str]]]:
    """For each document the repeated pairs of its suspicious stretches."""
    stretches: dict[int, list[Stretch]] = {}
    for sample in samples:
        stretches.setdefault(sample.document, []).append(sample.stretch)
    return {number: pair_repeats(found) for number, found in stretches.items()}


def _true_edge(sample: Sample, side: int) -> int | None:
    """The token position at which the sample's true span starts (side -1) or ends (side 1)."""
    truth, tokens = sample.truth, sample.stretch.tokens
    if truth is None:
        return None
    inside = [i for i, t in enumerate(tokens) if truth.start <= t.start and t.end <= truth.end]
    if not inside:
        return None
    return inside[0] if side < 0 else inside[-1] + 1


def _fit_contexts(samples: Sequence[Sample]) -> tuple[WordModel, list[float]]:
    """Words around true spans against words around honest candidates, cross-fitted by fold."""
    texts = [" ".join(token.text for token in context_tokens(s.stretch, *s.core)) for s in samples]
    targets = [int(sample.truth is not None) for sample in samples]
    folds = np.array([sample.fold for sample in samples])
    scores = np.zeros(len(samples))
    for fold in range(INNER_FOLDS):
        kept = np.flatnonzero(folds != fold)
        model = _fit_context([texts[i] for i in kept], [targets[i] for i in kept])
        left = np.flatnonzero(folds == fold)
        scores[left] = _context_sums(model, [texts[i] for i in left])
    return _fit_context(texts, targets), scores.tolist()


def _fit_context(texts: Sequence[str], targets: Sequence[int]) -> WordModel:
    return fit_words(
        texts, targets, analyzer=context_features, c=CONTEXT_C, min_df=5, intercept=False
    )


def context_features(text: str) -> list[str]:
    """Folds around a candidate, each by itself: pairs would learn the carriers."""
    words = (word_features(token, fold_token(token)) for token in text.split())
    return [feature for features in words for feature in features if feature.startswith("w ")]


def _context_sums(model: WordModel, texts: Sequence[str]) -> Floats:
    return model.decisions(texts) if texts else np.zeros(0)


def _judge_rows(
    samples: Sequence[Sample],
    edges: dict[str, dict[str, dict[str, float]]],
    contexts: Sequence[float],
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Features of all candidates with their edges set as the runtime sets them."""
    judges = {-1: Judge(edges["start"], EDGE_FEATURES), 1: Judge(edges["end"], EDGE_FEATURES)}
    rows: list[tuple[float, ...]] = []
    targets: list[int] = []
    weights: list[float] = []
    honest = 0
    by_document: dict[int, list[int]] = {}
    for index, sample in enumerate(samples):
        by_document.setdefault(sample.document, []).append(index)
    for indices in by_document.values():
        truths = {(id(samples[i].stretch), samples[i].core): i for i in indices}
        rough = [(samples[i].stretch, samples[i].core) for i in indices]
        repeated = pair_repeats(stretch for stretch, _ in rough)
        repeats = count_places(place_all(judges, rough, repeated))
        facts = samples[indices[0]].facts
        for stretch, core in rough:
            index = truths[id(stretch), core]
            sample = samples[index]
            for start, end, logit in place_edges(judges, stretch, core, repeated):
                overlap = _overlap(sample, start, end)
                if overlap == 0.0:
                    honest += 1
                    if honest % SPARED:
                        continue
                count = repeats[phrase_of(stretch, start, end)]
                rows.append(
                    span_features(
                        stretch, start, end, facts,
                        repeats=count, context=contexts[index], edges=logit,
                    )
                )  # fmt: skip
                targets.append(int(overlap >= SAME))
                weights.append(sample.weight * (SPARED if overlap == 0.0 else 1))
    return np.array(rows), np.array(targets), np.array(weights)


def _overlap(sample: Sample, start: int, end: int) -> float:
    """Intersection over union with the true span."""
    if sample.truth is None:
        return 0.0
    low, high = sample.stretch.tokens[start].start, sample.stretch.tokens[end - 1].end
    common = min(high, sample.truth.end) - max(low, sample.truth.start)
    return max(0.0, common / (max(high, sample.truth.end) - min(low, sample.truth.start)))


def _is_article(document: LabelledDocument) -> bool:
    return any(label.label == "content/title" for label in document.lines)


def synthetic_documents(
    corpus: Corpus, sources: Iterable[str], seed: str, rounds: int
) -> list[Synthetic]:
    """Injected copies of the carriers of some groups, with the phrases of those groups."""
    chosen = set(sources)
    kept = [document for document in corpus.documents if document.source in chosen]
    phrases = phrases_of(kept)
    made = [
        inject(document, phrases, f"{seed} {number}")
        for document in kept
        if document.kind in ("articles", "pages", "honest") and not document.spans("injected")
        for number in range(rounds)
    ]
    return [synthetic for synthetic in made if synthetic is not None]
