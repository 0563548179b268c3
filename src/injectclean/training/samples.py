"""What stage 2 learns from: the candidates that stage 1 proposes in documents it has not seen.

A part is a fold of the documents, with a stage 1 that has seen neither them nor their phrases. Each
part is looked at twice: first for where true phrases begin and end and what stands around them,
then, with edges and context learned, as the runtime looks at a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from injectclean.features import EDGE_FEATURES, SPAN_FEATURES, Stretch, edge_features
from injectclean.injected import (
    InjectedFinder,
    Window,
    context_tokens,
    edge_choices,
    extent,
    pair_repeats,
)
from injectclean.normalize import matching_view
from injectclean.training.corpus import Label
from injectclean.training.examples import Example
from injectclean.training.export import Arrays, runtime_model, table_arrays
from injectclean.training.trees import tree_arrays
from injectclean.training.words import WordModel

SAME = 0.8  # intersection over union from which a span is learned as the true one
SPARED = 4  # of so many honest spans one is learned from, with their weight
GATE = 2.0  # nats of stage 1 from which a run of tokens is a candidate
SIDES = {"start": -1, "end": 1}
Floats = NDArray[np.float64]
Cards = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A fold of the examples, and a stage 1 that has not seen it."""

    fold: int
    examples: Sequence[Example]
    words: WordModel
    verticals: WordModel
    pairs: Arrays


class Surroundings(NamedTuple):
    """Of one part: differences of edges by side, and the words around candidates, with truths."""

    fold: int
    edges: dict[str, Floats]
    contexts: list[str]
    injected: list[int]


class Rows(NamedTuple):
    """Features (candidates x ``SPAN_FEATURES``), whether each is a true span, and weights."""

    values: Floats
    targets: NDArray[np.int64]
    weights: Floats


class _Sample(NamedTuple):
    stretch: Stretch
    core: Window
    truth: Label | None


def finder_of(
    words: WordModel,
    context: WordModel | None,
    verticals: WordModel,
    pairs: Arrays,
    edges: Cards | None,
) -> InjectedFinder:
    """A finder of models in memory; judges that are not trained yet weigh nothing."""
    tables = {"injected": words, "context": context or words, "vertical": verticals}
    arrays = dict(pairs)
    for name, table in tables.items():
        arrays.update(table_arrays(name, table))
    arrays.update(tree_arrays("trees", None))
    blank = {"start": _blank(EDGE_FEATURES), "end": _blank(EDGE_FEATURES)}
    card = {
        "tables": sorted(tables),
        "verticals": verticals.classifier.classes_.tolist(),
        "stage2": {"filter": _blank(SPAN_FEATURES), **(edges or blank)},
        "thresholds": {"gate": GATE, "filter": 0.0},
    }
    return InjectedFinder(runtime_model(arrays, card))


def _blank(names: Sequence[str]) -> dict[str, dict[str, float]]:
    return {
        "weights": dict.fromkeys((*names, "intercept"), 0.0),
        "means": dict.fromkeys(names, 0.0),
    }


def look_around(part: Part) -> Surroundings:
    """The first look at a part."""
    finder = finder_of(part.words, None, part.verticals, part.pairs, None)
    edges: dict[str, list[Floats]] = {name: [] for name in SIDES}
    contexts: list[str] = []
    injected: list[int] = []
    honest = 0
    for example in part.examples:
        samples = list(_samples(finder, example))
        repeated = pair_repeats(sample.stretch for sample in samples)
        for sample in samples:
            honest += sample.truth is None
            if sample.truth is None and honest % SPARED:
                continue
            near = context_tokens(sample.stretch, *sample.core)
            contexts.append(" ".join(token.text for token in near))
            injected.append(int(sample.truth is not None))
            for name, side in SIDES.items():
                edges[name] += _edge_differences(sample, side, repeated)
    found = {name: np.array(rows).reshape(-1, len(EDGE_FEATURES)) for name, rows in edges.items()}
    return Surroundings(part.fold, found, contexts, injected)


def judge_rows(part: Part, context: WordModel, edges: Cards) -> Rows:
    """The second look at a part: candidates as the runtime finds them."""
    finder = finder_of(part.words, context, part.verticals, part.pairs, edges)
    values: list[tuple[float, ...]] = []
    targets: list[int] = []
    weights: list[float] = []
    honest = 0
    for example in part.examples:
        places = finder.places(matching_view(example.text).text)
        for at in () if places is None else places.placed:
            overlap = max((_overlap(extent(at), s) for s in example.spans), default=0.0)
            honest += overlap == 0.0
            if places is None or (overlap == 0.0 and honest % SPARED):
                continue
            values.append(finder.measure(places, at).features)
            targets.append(int(overlap >= SAME))
            weights.append(example.weight * (SPARED if overlap == 0.0 else 1))
    return Rows(np.array(values), np.array(targets), np.array(weights))


def _samples(finder: InjectedFinder, example: Example) -> Iterator[_Sample]:
    for stretch, core in finder.windows(matching_view(example.text).text):
        low, high = stretch.tokens[core[0]].start, stretch.tokens[core[1] - 1].end
        meets = [span for span in example.spans if span.start < high and low < span.end]
        yield _Sample(
            stretch, core, max(meets, key=lambda s: _overlap((low, high), s), default=None)
        )


def _edge_differences(
    sample: _Sample, side: int, repeated: dict[tuple[str, str], int]
) -> list[Floats]:
    """What the true edge has more, or less, than every other choice."""
    stretch, core = sample.stretch, sample.core
    right = _true_edge(sample, side)
    choices = edge_choices(stretch, core, side)
    if right not in choices:
        return []
    true = np.array(edge_features(stretch, right, side, core, repeated))
    return [
        true - np.array(edge_features(stretch, at, side, core, repeated))
        for at in choices
        if at != right
    ]


def _true_edge(sample: _Sample, side: int) -> int | None:
    """The token position at which the sample's true span starts (side -1) or ends (side 1)."""
    truth, tokens = sample.truth, sample.stretch.tokens
    if truth is None:
        return None
    inside = [i for i, t in enumerate(tokens) if truth.start <= t.start and t.end <= truth.end]
    if not inside:
        return None
    return inside[0] if side < 0 else inside[-1] + 1


def _overlap(place: tuple[int, int], span: Label) -> float:
    """Intersection over union."""
    low, high = place
    common = min(high, span.end) - max(low, span.start)
    return max(0.0, common / (max(high, span.end) - min(low, span.start)))
