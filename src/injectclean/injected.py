"""Injected spans: tokens -> cores -> candidates -> verdicts.

Stage 1 scores every token; runs that score high are cores. Stage 2 looks at likely cores only: the
edges are set where a phrase most likely begins and ends, which gives candidates, named features of
them are measured, and small trees decide. Their terms are the finding's evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from injectclean.caches import remembered
from injectclean.edges import (
    EDGE_FEATURES,
    EDGES,
    Repeated,
    edge_odds,
    pair_repeats,
    place_edges,
)
from injectclean.features import JUDGED_FEATURES, SPAN_FEATURES, DocumentFacts, span_features
from injectclean.forest import Forest
from injectclean.judge import Term, probability
from injectclean.model import Model
from injectclean.normalize import View, matching_view
from injectclean.readings import Readings
from injectclean.scores import TokenScores
from injectclean.strange import Tally, has_own_script, is_in_own_script, lowering
from injectclean.stretch import (
    CORE_FEATURES,
    Stretch,
    Sums,
    Window,
    core_features,
    cut_stretches,
    find_cores,
    soft_breaks,
)
from injectclean.tokens import (
    Token,
    find_tokens,
    fold,
    pair_feature,
    token_sequence_features,
    tokenize,
    word_feature,
    word_features,
)
from injectclean.values import NamedTuple

PART = 50_000  # code points of a text whose candidates are held against one another
COOL = 0.08  # heat of a document's rest below which it says nothing of the document
LIKELIER = 5.0  # nats of log count by which a word is likelier than another
CONTEXT_TOKENS = 12  # tokens on either side that tell reporting from promotion
ALONE = ("injection_alone", "extent_alone")  # forests of the first look
TOGETHER = ("injection", "extent")  # and of the second
Placed = tuple[Stretch, int, int, float]
_HEAT, _CONTRAST = map(SPAN_FEATURES.index, ("document_heat", "heat_contrast"))


class Candidate(NamedTuple):
    """A span worth judging: tokens ``[start, end)`` of a stretch, with its features."""

    stretch: Stretch
    start: int
    end: int
    features: tuple[float, ...]

    @property
    def place(self) -> tuple[int, int]:
        """``[start, end)`` in code points of the view."""
        return extent(self.stretch, self.start, self.end)

    @property
    def tokens(self) -> Sequence[Token]:
        """The tokens of the span."""
        return self.stretch.tokens[self.start : self.end]

    @property
    def phrase(self) -> tuple[str, ...]:
        """The folds of the tokens: the same for the same phrase elsewhere."""
        return phrase_of(self.stretch, self.start, self.end)

    def accompanied(self, company: tuple[float, ...]) -> Candidate:
        """The candidate with what its company says, too: features of the second look."""
        return self._replace(features=self.features + company)


class Score(NamedTuple):
    """How surely a candidate is an injection, and the probability that it is one to the letter.

    The first is the mean of two probabilities: that something was injected there, and that it is
    exactly this. Where only the one is high, a person has to look.
    """

    score: float
    exact: float


class Places(NamedTuple):
    """The candidates of a document before they are measured."""

    placed: Sequence[Placed]
    repeats: Mapping[tuple[str, ...], int]
    facts: Callable[[int], DocumentFacts]  # of what is around an offset


class _Piece(NamedTuple):
    """A piece of a line of a view, ``[start, end)``: its likely cores by itself, and its tally."""

    start: int
    end: int
    windows: Sequence[Window]
    tally: Tally


class InjectedFinder:
    """Stage 1 and stage 2, with what they need of the model, loaded once."""

    def __init__(self, model: Model, edges: int = EDGES, *, abroad: bool = True) -> None:
        """Take what is needed of the model.

        Args:
            edges: so many starts are tried with as many ends.
            abroad: whether text in a language that is unknown is looked at in its own way.
        """
        self._most_edges = edges
        self._abroad = abroad
        self._pairs = model.pair_counts()
        self._words = model.table("injected")
        self._scores = TokenScores(self._words, self._pairs)
        self._content = TokenScores(model.table("content"), self._pairs)
        self._context = TokenScores(model.table("context"), self._pairs, word_features)
        self._vertical = model.labelled_table("vertical")
        self._verticals: tuple[str, ...] = tuple(model.card["verticals"])
        self._gate = model.threshold("gate")
        self._core = model.forest("cores", CORE_FEATURES)
        self._likely = model.threshold("core")
        self._looked_within = remembered(self._look_within)
        self._alone = [model.forest(name, SPAN_FEATURES) for name in ALONE]
        self._together = [model.forest(name, JUDGED_FEATURES) for name in TOGETHER]
        self._readings = Readings(self._is_known, self._are_known, self._is_likelier, abroad=abroad)
        self._edges = {
            -1: model.forest("starts", EDGE_FEATURES), 1: model.forest("ends", EDGE_FEATURES),
        }  # fmt: skip

    def view(self, text: str) -> View:
        """The matching view of a text, disguised words read with what the model knows."""
        return matching_view(text, self._readings)

    def _is_known(self, word: str) -> bool:
        in_text = self._pairs.log_count(word, "") > 0.0
        return in_text or self._words.knows(word_feature(word))

    def _are_known(self, left: str, right: str) -> bool:
        in_text = self._pairs.log_count(left, right) > 0.0
        return in_text or self._words.knows(pair_feature(left, right))

    def _is_likelier(self, word: str, other: str) -> bool:
        count = self._pairs.log_count(word, "")
        return self._pairs.log_count(other, "") - count >= LIKELIER

    def places(self, text: str) -> Places | None:
        """Where the candidates of a view's text stand, and what they are measured with."""
        pieces = self._pieces(text)
        cores = self._cores(text, pieces)
        if not cores:
            return None
        repeated = pair_repeats(stretch for stretch, _ in cores)
        placed = place_all(self._edges, cores, repeated, self._most_edges)
        tallies = [piece.tally for piece in pieces]
        if self._abroad and has_own_script(text, tallies):
            placed = [at for at in placed if not is_in_own_script(text[slice(*extent(*at[:3]))])]
        return Places(placed, count_places(placed), self._facts_around(text))

    def recurring(self, places: Places, phrases: Collection[tuple[str, ...]]) -> list[Candidate]:
        """Candidates where phrases stand again and no edges were set so.

        Around a phrase that was put in several times the words change: what shows its edges in one
        place may be missing in another. They are as many as were placed at the most.
        """
        known = {extent(*at[:3]) for at in places.placed}
        stretches = {id(stretch): stretch for stretch, *_ in places.placed}
        found: list[Placed] = []
        for stretch in stretches.values():
            for start, end in occurrences(stretch, phrases):
                place = extent(stretch, start, end)
                if place not in known and len(found) < len(places.placed):
                    known.add(place)
                    odds = edge_odds(self._edges, stretch, (start, end))
                    found.append((stretch, start, end, odds))
        repeats = Counter(places.repeats)
        repeats.update(phrase_of(stretch, start, end) for stretch, start, end, _ in found)
        return [self.measure(places._replace(repeats=repeats), at) for at in found]

    def standing(self, text: str, phrases: Collection[tuple[str, ...]]) -> Iterator[Candidate]:
        """Yield where phrases stand in a view's text, whatever is around them; not measured."""
        for low, high in cut_stretches(text):
            stretch = self._stretch(text, low, high)
            for start, end in occurrences(stretch, phrases):
                yield Candidate(stretch, start, end, ())

    def measure(self, places: Places, at: Placed) -> Candidate:
        """The candidate that stands at a place, with its features."""
        stretch, start, end, edges = at
        values = span_features(
            stretch,
            start,
            end,
            places.facts(stretch.tokens[start].start),
            repeats=places.repeats[phrase_of(stretch, start, end)],
            content=self.content_score(stretch, start, end),
            context=self.context_score(stretch, start, end),
            edges=edges,
        )
        return Candidate(stretch, start, end, values)

    def cores(self, text: str) -> list[tuple[Stretch, Window]]:
        """The likely cores of a view's text, in order, as token ranges of stretches."""
        return self._cores(text, self._pieces(text))

    def _cores(self, text: str, pieces: Sequence[_Piece]) -> list[tuple[Stretch, Window]]:
        lower = lowering(piece.tally for piece in pieces) if self._abroad else 0.0
        found: list[tuple[Stretch, Window]] = []
        for start, end, windows, _ in pieces:
            if windows:
                stretch = self._stretch(text, start, end, lower)
                likely = self._likely_cores(stretch) if lower else windows
                found += [(stretch, window) for window in likely]
        for start, at, end in soft_breaks(text):
            stretch = self._stretch(text, start, end, lower)
            tokens = stretch.tokens
            found += [
                (stretch, (first, last))
                for first, last in self._likely_cores(stretch)
                if tokens[first].start < at < tokens[last - 1].end
            ]
        return found

    def _pieces(self, text: str) -> list[_Piece]:
        """The pieces of the lines of a view's text, each by itself."""
        return [
            _Piece(start, end, *self._looked_within(text[start:end]))
            for start, end in cut_stretches(text)
        ]

    def _look_within(self, piece: str) -> tuple[Sequence[Window], Tally]:
        """The likely cores of a piece of a line by itself, and how strange it is."""
        scored = self._scores.sequence(find_tokens(piece))
        return self._likely_cores(Sums(scored)), Tally.of(scored)

    def _likely_cores(self, sums: Sums) -> list[Window]:
        return [
            core
            for core in find_cores(sums.scored, self._gate)
            if self._core.logit(core_features(sums, *core)) >= self._likely
        ]

    def _stretch(self, text: str, start: int, end: int, lower: float = 0.0) -> Stretch:
        tokens = tokenize(text, start, end)
        scored = self._scores.sequence(token.text for token in tokens)
        return Stretch(text, tokens, scored.lowered(lower), self._pairs)

    def _facts_around(self, text: str) -> Callable[[int], DocumentFacts]:
        """What the candidates of a view's text are held against: all of it, or their part of it.

        Each of them asks how often others stand there, so that a text without end, all in one,
        would cost the square of its length.
        """
        parts = -(-len(text) // PART)
        size = -(-len(text) // max(1, parts))

        @cache
        def measure(part: int) -> DocumentFacts:
            return DocumentFacts.measure(text[part * size : (part + 1) * size], self._word_score)

        return lambda at: measure(at // size)

    def _word_score(self, word: str) -> float:
        return self._scores.token(word, fold(word))

    def score_alone(self, candidate: Candidate) -> Score:
        """How surely a candidate was injected, at the first look."""
        return _score(self._alone, undiluted(candidate.features))

    def score(self, candidate: Candidate) -> Score:
        """How surely a candidate was injected, at the second look."""
        return _score(self._together, undiluted(candidate.features))

    def terms(self, candidate: Candidate) -> tuple[Term, ...]:
        """What each feature adds to the log-odds that a candidate was injected, loudest first."""
        injection, _ = self._together
        return injection.terms(undiluted(candidate.features))

    def vertical(self, tokens: Sequence[Token]) -> str:
        """The category whose linear score over the tokens is the highest."""
        scores = self._vertical.scores(
            sum(map(self._vertical.row, token_sequence_features(tokens)))
        )
        return self._verticals[max(range(len(scores)), key=scores.__getitem__)]

    def content_score(self, stretch: Stretch, start: int, end: int) -> float:
        """How much the words of a span speak for a promotion, against all of ordinary text."""
        return self._content.total(stretch.tokens[start:end])

    def context_score(self, stretch: Stretch, start: int, end: int) -> float:
        """How much the words around a span speak for an injection (against reporting)."""
        near = context_tokens(stretch, start, end)
        return sum(self._context.token(token.text, token.folded) for token in near)


def _score(forests: Sequence[Forest], features: tuple[float, ...]) -> Score:
    injected, exact = (probability(forest.logit(features)) for forest in forests)
    return Score((exact + injected) / 2, exact)


def undiluted(features: tuple[float, ...]) -> tuple[float, ...]:
    """The features of a span, in a document as cool as ``COOL`` at the least.

    Honest text that is added anywhere makes a document cooler, and must not cost a finding.
    """
    missing = COOL - features[_HEAT]
    if missing <= 0.0:
        return features
    found = list(features)
    found[_HEAT] = COOL
    found[_CONTRAST] -= missing
    return tuple(found)


def place_all(
    judges: Mapping[int, Forest],
    cores: Iterable[tuple[Stretch, Window]],
    repeated: Repeated,
    edges: int,
) -> list[Placed]:
    """The likely spans around all cores, each once, in order."""
    found: dict[tuple[int, int, int], Placed] = {}
    for stretch, core in cores:
        for start, end, odds in place_edges(judges, stretch, core, repeated, edges):
            found.setdefault((id(stretch), start, end), (stretch, start, end, odds))
    return list(found.values())


def count_places(placed: Iterable[Placed]) -> Counter[tuple[str, ...]]:
    """How many places of the document hold each phrase."""
    places = {
        (stretch.tokens[start].start, phrase_of(stretch, start, end))
        for stretch, start, end, _ in placed
    }
    return Counter(phrase for _, phrase in places)


def occurrences(stretch: Stretch, phrases: Collection[tuple[str, ...]]) -> Iterator[Window]:
    """Yield where phrases of two tokens or more stand in a stretch, in order.

    No place of a phrase overlaps another of the same one: the text of a page that says one thing
    over and over has it at every token.
    """
    folds = tuple(token.folded for token in stretch.tokens)
    begun: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(phrases):
        if len(phrase) > 1:
            begun.setdefault(phrase[0], []).append(phrase)
    free: dict[tuple[str, ...], int] = {}
    for at, folded in enumerate(folds):
        for phrase in begun.get(folded, ()):
            end = at + len(phrase)
            if at >= free.get(phrase, 0) and folds[at:end] == phrase:
                free[phrase] = end
                yield at, end


def context_tokens(stretch: Stretch, start: int, end: int) -> list[Token]:
    """The tokens around a span that tell reporting from promotion."""
    before = stretch.tokens[max(0, start - CONTEXT_TOKENS) : start]
    return [*before, *stretch.tokens[end : end + CONTEXT_TOKENS]]


def extent(stretch: Stretch, start: int, end: int) -> tuple[int, int]:
    """``[start, end)`` of a span of tokens in code points of the view."""
    return stretch.tokens[start].start, stretch.tokens[end - 1].end


def phrase_of(stretch: Stretch, start: int, end: int) -> tuple[str, ...]:
    """The folds of a span: the same for the same phrase elsewhere."""
    return tuple(token.folded for token in stretch.tokens[start:end])
