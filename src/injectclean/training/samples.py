"""What stage 2 learns from: what stage 1 proposes in documents that it has not seen.

A part is a fold of the documents, with a stage 1 that has seen neither them nor their phrases. Each
part is looked at three times: for cores, for where true phrases begin and end and for what stands
around them; then, with all that learned, as the runtime looks at a document first; and, with trees
that learned from the second, as it looks once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from injectclean.campaign import look_twice
from injectclean.edges import EDGE_FEATURES, Repeated, edge_choices, edge_features, pair_repeats
from injectclean.features import JUDGED_FEATURES, SPAN_FEATURES
from injectclean.injected import ALONE, TOGETHER, InjectedFinder, context_tokens, extent
from injectclean.stretch import CORE_FEATURES, Stretch, Window, core_features
from injectclean.tokens import token_features, word_features
from injectclean.training.corpus import Label
from injectclean.training.examples import Example
from injectclean.training.export import Arrays, runtime_model, table_arrays
from injectclean.training.trees import silent_trees
from injectclean.training.words import PhraseWords, WordModel

SAME = 0.8  # intersection over union from which a span is learned as the true one
SPARED = 4  # of so many honest spans one is learned from, with their weight
LEARNED_EDGES = 2  # of a core, tried with one another; the runtime tries more, which found more
BESIDE = 0.05  # what an honest candidate counts in a document that is injected
GATE = 2.0  # nats of stage 1 from which a run of tokens is a core
SIDES = {"starts": -1, "ends": 1}
ROWS = {  # features of what is looked at
    "cores": list(CORE_FEATURES), "starts": list(EDGE_FEATURES), "ends": list(EDGE_FEATURES),
    "spans": list(SPAN_FEATURES), "judged": list(JUDGED_FEATURES),
}  # fmt: skip
FEATURES = {  # of the trees
    **{name: ROWS[name] for name in ("cores", "starts", "ends")},
    **dict.fromkeys(ALONE, ROWS["spans"]),
    **dict.fromkeys(TOGETHER, ROWS["judged"]),
}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """A fold of the examples, and a stage 1 that has not seen it."""

    fold: int
    known: bool
    examples: Sequence[Example]
    words: PhraseWords
    verticals: WordModel
    pairs: Arrays


class Rows(NamedTuple):
    """Features (rows x names) of cores, edges or candidates, and the truth about each row.

    ``spans`` numbers the true span that a row meets, -1 for none; ``families`` names that of its
    phrase, so that what is learned from a family can be left out.
    """

    values: Floats
    targets: NDArray[np.int64]
    weights: Floats
    spans: NDArray[np.int64]
    families: NDArray[np.str_]

    def of_families(self, kept: Iterable[str]) -> Rows:
        """The rows of some families, and those of none."""
        return self.take(np.flatnonzero(np.isin(self.families, ["", *kept])))

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """The rows of these numbers."""
        return Rows(
            self.values[chosen],
            self.targets[chosen],
            self.weights[chosen],
            self.spans[chosen],
            self.families[chosen],
        )


def join_rows(parts: Sequence[Rows]) -> Rows:
    """All rows of several parts; their spans are numbered together."""
    spans = []
    first = 0
    for part in parts:
        spans.append(np.where(part.spans < 0, -1, part.spans + first))
        first += int(part.spans.max(initial=-1)) + 1
    values, targets, weights, _, families = map(np.concatenate, zip(*parts, strict=True))
    return Rows(values, targets, weights, np.concatenate(spans), families)


class Surroundings(NamedTuple):
    """What the first look at a part gives.

    Cores; the choices for the edges of those that meet a true span; the words around candidates,
    and whether those are true.
    """

    fold: int
    cores: Rows
    edges: Mapping[str, Rows]
    contexts: Sequence[str]
    injected: Sequence[int]


class Cores(NamedTuple):
    """Trees over cores, and the log-odds from which one is likely."""

    arrays: Arrays
    least: float


ALL_CORES = Cores(silent_trees("cores", len(CORE_FEATURES)), 0.0)
ANY_EDGE: Arrays = {
    name: values
    for side in ("starts", "ends")
    for name, values in silent_trees(side, len(EDGE_FEATURES)).items()
}


def weight_of(example: Example, *, is_honest: bool) -> float:
    """What a candidate of an example counts, which is honest or meets one of its spans.

    Nearly all documents to learn from are injected, and few of the world: what is honest beside an
    injection would say that company is nothing to go by.
    """
    return example.weight * (BESIDE if is_honest and example.spans else 1.0)


class _Sample(NamedTuple):
    stretch: Stretch
    core: Window
    meets: int  # which of the example's spans, or -1
    truth: Label | None
    family: str


class _Collected:
    """Rows as they come; the spans of all examples are numbered together."""

    def __init__(self, names: Sequence[str]) -> None:
        self._width = len(names)
        self._rows: list[tuple[Sequence[float], int, float, int, str]] = []

    def add(
        self, values: Sequence[float], target: int, weight: float, span: int, family: str
    ) -> None:
        """Add a row."""
        self._rows.append((values, target, weight, span, family))

    def add_candidate(
        self,
        values: Sequence[float],
        example: Example,
        meets: int,
        overlap: float,
        first: int,
        weight: float = 1.0,
    ) -> None:
        """Add a candidate that meets one of an example's spans (-1: none) by an overlap.

        ``first`` is the number of the example's first span.
        """
        family = example.families[meets] if meets >= 0 else ""
        span = first + meets if meets >= 0 else -1
        weight *= weight_of(example, is_honest=meets < 0)
        self.add(values, int(overlap >= SAME), weight, span, family)

    def rows(self) -> Rows:
        """All rows."""
        return Rows(
            np.array([row[0] for row in self._rows], dtype=np.float64).reshape(-1, self._width),
            np.array([row[1] for row in self._rows], dtype=np.int64),
            np.array([row[2] for row in self._rows], dtype=np.float64),
            np.array([row[3] for row in self._rows], dtype=np.int64),
            np.array([row[4] for row in self._rows], dtype=np.str_),
        )


def finder_of(part: Part, context: WordModel | None, cores: Cores, trees: Arrays) -> InjectedFinder:
    """A finder of models in memory; trees that are missing say nothing."""
    tables = {
        **part.words._asdict(), "context": context or part.words.injected,
        "vertical": part.verticals,
    }  # fmt: skip
    arrays: Arrays = {**part.pairs}
    for name in (*ALONE, *TOGETHER):
        arrays |= silent_trees(name, len(FEATURES[name]))
    arrays |= cores.arrays | trees
    for name, table in tables.items():
        features = word_features if name == "context" else token_features
        arrays.update(table_arrays(name, table, features))
    card = {
        "tables": sorted(tables),
        "verticals": part.verticals.classifier.classes_.tolist(),
        "features": FEATURES,
        "thresholds": {"gate": GATE, "core": cores.least},
    }
    return InjectedFinder(runtime_model(arrays, card), LEARNED_EDGES, abroad=False)


def look_around(part: Part) -> Surroundings:
    """The first look at a part."""
    finder = finder_of(part, None, ALL_CORES, ANY_EDGE)
    cores = _Collected(CORE_FEATURES)
    edges = {name: _Collected(EDGE_FEATURES) for name in SIDES}
    contexts: list[str] = []
    injected: list[int] = []
    honest = first = 0
    for example in part.examples:
        samples = list(_samples(finder, example))
        repeated = pair_repeats(sample.stretch for sample in samples)
        for sample in samples:
            span = -1 if sample.truth is None else first + sample.meets
            true = int(sample.truth is not None)
            values = core_features(sample.stretch, *sample.core)
            cores.add(values, true, example.weight, span, sample.family)
            honest += not true
            if not true and honest % SPARED:
                continue
            near = context_tokens(sample.stretch, *sample.core)
            contexts.append(" ".join(token.text for token in near))
            injected.append(true)
            for name, side in SIDES.items():
                for choice, is_right in _edge_rows(sample, side, repeated):
                    edges[name].add(choice, is_right, 1.0, span, sample.family)
        first += len(example.spans)
    found = {name: collected.rows() for name, collected in edges.items()}
    return Surroundings(part.fold, cores.rows(), found, contexts, injected)


def judge_rows(part: Part, context: WordModel, cores: Cores, edges: Arrays) -> Rows:
    """The second look at a part: candidates as the runtime finds them."""
    finder = finder_of(part, context, cores, edges)
    found = _Collected(SPAN_FEATURES)
    honest = first = 0
    for example in part.examples:
        places = finder.places(finder.view(example.text).text)
        for at in () if places is None else places.placed:
            meets, overlap = _meeting(extent(*at[:3]), example)
            honest += meets < 0
            if places is None or (meets < 0 and honest % SPARED):
                continue
            weight = SPARED if meets < 0 else 1
            values = finder.measure(places, at).features
            found.add_candidate(values, example, meets, overlap, first, weight)
        first += len(example.spans)
    return found.rows()


def judge_again(part: Part, context: WordModel, cores: Cores, trees: Arrays) -> Rows:
    """The third look at a part: those that are worth it, in the company of the others."""
    finder = finder_of(part, context, cores, trees)
    found = _Collected(JUDGED_FEATURES)
    first = 0
    for example in part.examples:
        for candidate in look_twice(finder.view(example.text).text, finder):
            meets, overlap = _meeting(candidate.place, example)
            found.add_candidate(candidate.features, example, meets, overlap, first)
        first += len(example.spans)
    return found.rows()


def _samples(finder: InjectedFinder, example: Example) -> Iterator[_Sample]:
    for stretch, core in finder.cores(finder.view(example.text).text):
        place = stretch.tokens[core[0]].start, stretch.tokens[core[1] - 1].end
        meets, _ = _meeting(place, example)
        if meets < 0:
            yield _Sample(stretch, core, -1, None, "")
        else:
            yield _Sample(stretch, core, meets, example.spans[meets], example.families[meets])


def _edge_rows(
    sample: _Sample, side: int, repeated: Repeated
) -> Iterator[tuple[tuple[float, ...], int]]:
    """Every choice for an edge of the sample, and whether it is the true one; none without it."""
    stretch, core = sample.stretch, sample.core
    right = _true_edge(sample, side)
    choices = edge_choices(stretch, core, side)
    if right in choices:
        for at in choices:
            yield edge_features(stretch, at, side, core, repeated), int(at == right)


def _true_edge(sample: _Sample, side: int) -> int | None:
    """The token position at which the sample's true span starts (side -1) or ends (side 1)."""
    truth, tokens = sample.truth, sample.stretch.tokens
    if truth is None:
        return None
    inside = [i for i, t in enumerate(tokens) if truth.start <= t.start and t.end <= truth.end]
    if not inside:
        return None
    return inside[0] if side < 0 else inside[-1] + 1


def _meeting(place: tuple[int, int], example: Example) -> tuple[int, float]:
    """Which of an example's spans a place meets most (-1: none), and their overlap."""
    overlaps = [_overlap(place, span) for span in example.spans]
    best = max(range(len(overlaps)), key=overlaps.__getitem__, default=-1)
    return (best, overlaps[best]) if best >= 0 and overlaps[best] > 0.0 else (-1, 0.0)


def _overlap(place: tuple[int, int], span: Label) -> float:
    """Intersection over union."""
    low, high = place
    common = min(high, span.end) - max(low, span.start)
    return max(0.0, common / (max(high, span.end) - min(low, span.start)))
