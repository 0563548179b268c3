"""Injected spans: tokens -> candidates -> edges -> verdicts.

Stage 1 scores every token; runs that score high are candidates. Stage 2 looks at candidates only:
for each one the edges are set where a phrase most likely begins and ends, named features are
measured, and a calibrated linear model of them decides. Its terms are the finding's evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from injectclean.features import (
    EDGE_FEATURES,
    SPAN_FEATURES,
    DocumentFacts,
    Stretch,
    edge_features,
    span_features,
)
from injectclean.judge import Judge, Term
from injectclean.model import Model
from injectclean.scores import TokenScores
from injectclean.tokens import Token, fold, token_sequence_features, tokenize, word_features

MAX_STRETCH = 4000  # code points looked at together; longer lines are cut at a blank
MAX_MOVE = 6  # tokens by which an edge may move off the candidate's, or to its sentence's edge
MAX_SPAN = 60  # tokens of an injected span; longer promotional text is several spans
TIGHT_LIFT = 0.8  # what stage 1 lifts a token by for the core of a phrase alone
CONTEXT_TOKENS = 12  # tokens on either side that tell reporting from promotion

EDGES = 2  # starts, and ends, of a run of tokens that are tried with one another

Window = tuple[int, int]
Placed = tuple[Stretch, int, int, float]


class Candidate(NamedTuple):
    """A span worth judging: tokens ``[start, end)`` of a stretch, with its features."""

    stretch: Stretch
    start: int
    end: int
    features: tuple[float, ...]

    @property
    def place(self) -> tuple[int, int]:
        """``[start, end)`` in code points of the view."""
        return extent((self.stretch, self.start, self.end, 0.0))

    @property
    def tokens(self) -> Sequence[Token]:
        """The tokens of the span."""
        return self.stretch.tokens[self.start : self.end]


class Places(NamedTuple):
    """The candidates of a document before they are measured."""

    placed: Sequence[Placed]
    repeats: Mapping[tuple[str, ...], int]
    facts: DocumentFacts


class InjectedFinder:
    """Stage 1 and stage 2, with what they need of the model, loaded once."""

    def __init__(self, model: Model) -> None:
        self._pairs = model.pair_counts()
        self._scores = TokenScores(model.table("injected"), self._pairs)
        self._context = TokenScores(model.table("context"), self._pairs, word_features)
        self._vertical = model.table("vertical")
        self._verticals: tuple[str, ...] = tuple(model.card["verticals"])
        self._gate = model.threshold("gate")
        stage2 = model.card["stage2"]
        self._filter = Judge(stage2["filter"], SPAN_FEATURES)
        self._least = model.threshold("filter")
        self._span = model.forest("trees", SPAN_FEATURES)
        self._edges = {
            -1: Judge(stage2["start"], EDGE_FEATURES),
            1: Judge(stage2["end"], EDGE_FEATURES),
        }

    def candidates(self, text: str) -> list[Candidate]:
        """The candidates of a view's text, edges set and features measured, in order.

        They may overlap: a run of tokens gives a candidate for each likely pair of edges.
        """
        places = self.places(text)
        return [] if places is None else [self.measure(places, at) for at in places.placed]

    def places(self, text: str) -> Places | None:
        """Where the candidates of a view's text stand, and what they are measured with."""
        rough = self.windows(text)
        if not rough:
            return None
        repeated = pair_repeats(stretch for stretch, _ in rough)
        placed = place_all(self._edges, rough, repeated)
        return Places(placed, count_places(placed), self.facts(text))

    def measure(self, places: Places, at: Placed) -> Candidate:
        """The candidate that stands at a place, with its features."""
        stretch, start, end, edges = at
        values = span_features(
            stretch,
            start,
            end,
            places.facts,
            repeats=places.repeats[phrase_of(stretch, start, end)],
            context=self.context_score(stretch, start, end),
            edges=edges,
        )
        return Candidate(stretch, start, end, values)

    def windows(self, text: str) -> list[tuple[Stretch, Window]]:
        """The runs of tokens that stage 1 proposes, in order, as token ranges of stretches."""
        found: list[tuple[Stretch, Window]] = []
        for start, end in cut_stretches(text):
            if self._scores.best_window(text[start:end]) < self._gate:
                continue
            tokens = tokenize(text, start, end)
            stretch = Stretch(text, tokens, self._scores.sequence(tokens), self._pairs)
            wide = maximal_windows(stretch.scored.gains(), self._gate)
            tight = maximal_windows(stretch.scored.gains(TIGHT_LIFT), self._gate)
            found += [(stretch, window) for window in sorted({*wide, *tight})]
        return found

    def facts(self, text: str) -> DocumentFacts:
        """What the candidates of a view's text are held against."""
        return DocumentFacts.measure(text, lambda word: self._scores.token(word, fold(word)))

    def score(self, candidate: Candidate) -> float:
        """Probability that a candidate was injected; a linear filter spares the trees most."""
        if self._filter.logit(candidate.features) < self._least:
            return 0.0
        return self._span.score(candidate.features)

    def terms(self, candidate: Candidate) -> tuple[Term, ...]:
        """What each feature adds to a candidate's score, loudest first."""
        return self._span.terms(candidate.features)

    def vertical(self, tokens: Sequence[Token]) -> str:
        """The category whose linear score over the tokens is the highest."""
        sums = list(self._vertical.intercepts)
        for feature in token_sequence_features(tokens):
            for column, weight in enumerate(self._vertical.weights(feature) or ()):
                sums[column] += weight
        return self._verticals[max(range(len(sums)), key=sums.__getitem__)]

    def context_score(self, stretch: Stretch, start: int, end: int) -> float:
        """How much the words around a span speak for an injection (against reporting)."""
        near = context_tokens(stretch, start, end)
        return sum(self._context.token(token.text, token.folded) for token in near)


def place_all(
    judges: Mapping[int, Judge],
    rough: Iterable[tuple[Stretch, Window]],
    repeated: Mapping[tuple[str, str], int],
) -> list[Placed]:
    """The likely spans of all runs of tokens, each once, in order."""
    found: dict[tuple[int, int, int], Placed] = {}
    for stretch, window in rough:
        for start, end, edges in place_edges(judges, stretch, window, repeated):
            found.setdefault((id(stretch), start, end), (stretch, start, end, edges))
    return list(found.values())


def place_edges(
    judges: Mapping[int, Judge],
    stretch: Stretch,
    core: Window,
    repeated: Mapping[tuple[str, str], int],
) -> list[tuple[int, int, float]]:
    """The likeliest starts and ends near those of stage 1, and their log-odds together."""
    best = {
        side: sorted(
            (
                (
                    judges[side].logit(edge_features(stretch, at, side, core, repeated)),
                    -abs(at - core[side > 0]),
                    at,
                )
                for at in edge_choices(stretch, core, side)
            ),
            reverse=True,
        )[:EDGES]
        for side in (-1, 1)
    }
    return [
        (start, end, left + right)
        for left, _, start in best[-1]
        for right, _, end in best[1]
        if start < end
    ]


def count_places(placed: Iterable[Placed]) -> Counter[tuple[str, ...]]:
    """How many places of the document hold each phrase."""
    places = {
        (stretch.tokens[start].start, phrase_of(stretch, start, end))
        for stretch, start, end, _ in placed
    }
    return Counter(phrase for _, phrase in places)


def pair_repeats(stretches: Iterable[Stretch]) -> Counter[tuple[str, str]]:
    """How often the document's suspicious stretches have each pair of folds."""
    counts: Counter[tuple[str, str]] = Counter()
    seen: set[int] = set()
    for stretch in stretches:
        if id(stretch) not in seen:
            seen.add(id(stretch))
            folds = [token.folded for token in stretch.tokens]
            counts.update(pairwise(folds))
    return counts


def cut_stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield ``[start, end)`` of the lines of a text, very long lines cut at blanks."""
    start = 0
    size = len(text)
    while start < size:
        end = text.find("\n", start, start + MAX_STRETCH + 1)
        if end < 0:
            end = min(size, start + MAX_STRETCH)
            if end < size:
                blank = text.rfind(" ", start + MAX_STRETCH // 2, end)
                end = blank if blank > 0 else end
        if end > start:
            yield start, end
        start = end + 1 if end < size and text[end] in "\n " else max(end, start + 1)


def maximal_windows(gains: Sequence[float], least: float) -> list[Window]:
    """All maximal-scoring runs of tokens with a sum of at least ``least``, in order.

    Ruzzo and Tompa, A linear time algorithm for finding all maximal scoring subsequences (1999);
    a pair's score is given to its right token.
    """
    runs: list[tuple[int, int, float, float]] = []  # start, end, sum before, sum after
    total = 0.0
    for index, gain in enumerate(gains):
        before, total = total, total + gain
        if total <= before:
            continue
        start, low, high = index, before, total
        while True:
            at = next((k for k in range(len(runs) - 1, -1, -1) if runs[k][2] < low), None)
            if at is None or runs[at][3] >= high:
                runs.append((start, index + 1, low, high))
                break
            start, low = runs[at][0], runs[at][2]
            del runs[at:]
    return [
        (start, min(end, start + MAX_SPAN)) for start, end, low, high in runs if high - low >= least
    ]


def edge_choices(stretch: Stretch, core: Window, side: int) -> list[int]:
    """Token positions at which a span around ``core`` may start (side -1) or end (side 1)."""
    start, end = core
    count = len(stretch.tokens)
    if side < 0:
        near = range(max(0, start - MAX_MOVE), min(end - 1, start + MAX_MOVE) + 1)
        far = range(start - MAX_MOVE - 1, max(-1, end - MAX_SPAN), -1)
    else:
        near = range(max(start + 1, end - MAX_MOVE), min(count, end + MAX_MOVE) + 1)
        far = range(end + MAX_MOVE + 1, min(count, start + MAX_SPAN) + 1)
    stop = next((at for at in far if _ends_sentence(stretch.between(at))), None)
    return list(near) if stop is None else [*near, stop]


def context_tokens(stretch: Stretch, start: int, end: int) -> list[Token]:
    """The tokens around a span that tell reporting from promotion."""
    before = stretch.tokens[max(0, start - CONTEXT_TOKENS) : start]
    return [*before, *stretch.tokens[end : end + CONTEXT_TOKENS]]


def _ends_sentence(gap: str) -> bool:
    return any(character in gap for character in ".!?…\n")


def extent(at: Placed) -> tuple[int, int]:
    """``[start, end)`` of a place in code points of the view."""
    stretch, start, end, _ = at
    return stretch.tokens[start].start, stretch.tokens[end - 1].end


def phrase_of(stretch: Stretch, start: int, end: int) -> tuple[str, ...]:
    """The folds of a span: the same for the same phrase elsewhere."""
    return tuple(token.folded for token in stretch.tokens[start:end])
