"""Which candidates are findings: each by itself first, then by the company that it is in.

Who writes into a document leaves more than one thing there. So where something is likely to have
been put in, the rest is asked once more: against a document without it, because what was put in is
no subject of the article, and with what other phrases of the document say for it. What overlaps is
decided by edges, and one phrase gets one verdict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from injectclean.injected import Candidate, InjectedFinder, Places, Score
from injectclean.judge import Term, loudest_first
from injectclean.reasons import COMPANY, is_corroborated
from injectclean.values import NamedTuple

SUSPECT = 0.3  # score from which a candidate is taken for no part of the document
LIKELY = 0.5  # and from which it speaks for others
HOPELESS = 0.04  # score below which company makes no finding of a candidate
JOINED = 1.0  # nats that other phrases, likely put into a document, say for one
AGAIN = 0.5  # score from which a phrase that is found elsewhere is found here, too
REPEATED = 0.5  # how much it says for the edges of a phrase that it stands elsewhere, too
Words = tuple[str, ...]
_Judged = tuple[Score, Candidate]
_Member = tuple[tuple[int, int], Words]  # of the company: a place in the view, and a phrase


class Thresholds(NamedTuple):
    """Scores from which a finding is reported, and acted on."""

    report: float
    clean: float


class Found(NamedTuple):
    """A candidate that is found, what speaks for it, and how surely it was put in."""

    candidate: Candidate
    terms: tuple[Term, ...]
    score: float


def find_injected(text: str, finder: InjectedFinder, thresholds: Thresholds) -> list[Found]:
    """The injected spans of a view's text, the best of those that overlap."""
    places = finder.places(text)
    if places is None:
        return []
    judged = [(finder.score(c), c) for c in (finder.measure(places, at) for at in places.placed)]
    likely = _likely(judged, thresholds)
    if likely:
        judged += [(finder.score(c), c) for c in finder.recurring(places, likely)]
        likely = _likely(judged, thresholds)
    suspects = _Company.of(_ranked(judged, likely), SUSPECT)
    if suspects.places:
        apart = finder.without(places, text, suspects.places)
        judged = [suspects.ask_again(pair, finder, apart) for pair in judged]
    company = _Company.of(_ranked(judged, likely), LIKELY)
    if company.places:
        judged = [company.vouch(pair, finder) for pair in judged]
        likely = _likely(judged, thresholds)
    return _choose(_ranked(judged, likely), company, finder, thresholds)


def _choose(
    ranked: Sequence[_Judged],
    company: _Company,
    finder: InjectedFinder,
    thresholds: Thresholds,
) -> list[Found]:
    """What is reported of ranked candidates; one verdict for one phrase.

    Where a phrase is surest says what it is everywhere.
    """
    taken: list[tuple[int, int]] = []
    chosen: list[Found] = []
    for judgement, candidate in ranked:
        if round(judgement.score, 4) >= thresholds.report and _take(taken, candidate.place):
            terms = finder.terms(candidate)
            if company.has_another(candidate):
                terms = loudest_first((*terms, (COMPANY, 1.0, JOINED)))
            chosen.append(Found(candidate, terms, _sure_score(judgement, terms, thresholds)))
    surest: dict[Words, Found] = {}
    for found in sorted(chosen, key=lambda found: found.score):
        surest[_folded(found.candidate)] = found
    for judgement, candidate in ranked:
        again = surest.get(_folded(candidate))
        is_likely = judgement.score >= AGAIN and round(judgement.score, 4) < thresholds.report
        if again is not None and is_likely and _take(taken, candidate.place):
            chosen.append(again._replace(candidate=candidate))
    return [found._replace(score=surest[_folded(found.candidate)].score) for found in chosen]


def _sure_score(judgement: Score, terms: Sequence[Term], thresholds: Thresholds) -> float:
    score = round(judgement.score, 4)  # what is acted on and what is said agree
    if is_corroborated(terms):
        return score
    # One kind of evidence is never enough to act on, however loud it speaks.
    return max(0.0, min(score, thresholds.clean - 0.001))


class _Company:
    """What is likely to have been put into a document: places, none over another, and phrases."""

    def __init__(self, members: Sequence[_Member]) -> None:
        self._members = sorted(members)
        self._starts = [start for (start, _), _ in self._members]
        self._phrases = list(dict.fromkeys(phrase for _, phrase in self._members))

    @classmethod
    def of(cls, ranked: Sequence[_Judged], least: float) -> _Company:
        """Those of ranked candidates that reach a score."""
        taken: list[tuple[int, int]] = []
        return cls(
            [
                (candidate.place, _folded(candidate))
                for judgement, candidate in ranked
                if judgement.score >= least and _take(taken, candidate.place)
            ]
        )

    @property
    def places(self) -> list[tuple[int, int]]:
        """``[start, end)`` of the members, in order."""
        return [place for place, _ in self._members]

    def overlapped(self, candidate: Candidate) -> list[_Member]:
        """The members that share a place with a candidate."""
        start, end = candidate.place
        last = bisect_left(self._starts, end)
        first = last
        while first and self._members[first - 1][0][1] > start:
            first -= 1
        return self._members[first:last]

    def has_another(self, candidate: Candidate) -> bool:
        """Whether another phrase is likely; what it overlaps, and parts of both, are no other."""
        own = [_folded(candidate), *(phrase for _, phrase in self.overlapped(candidate))]
        return any(not any(_holds(phrase, each) for each in own) for phrase in self._phrases)

    def ask_again(self, pair: _Judged, finder: InjectedFinder, apart: Places) -> _Judged:
        """A candidate against the document without its company; it can only become likelier.

        What overlaps a member has other edges: against a document without the member it would stand
        out for what the member says.
        """
        judgement, candidate = pair
        alone = self.overlapped(candidate) in ([], [(candidate.place, _folded(candidate))])
        if judgement.score < HOPELESS or not alone:
            return pair
        measured = finder.measure_again(apart, candidate)
        again = finder.score(measured)
        return (again, measured) if again > judgement else pair

    def vouch(self, pair: _Judged, finder: InjectedFinder) -> _Judged:
        """A candidate with what its company says for it."""
        judgement, candidate = pair
        if judgement.score < HOPELESS or not self.has_another(candidate):
            return pair
        return finder.score(candidate, JOINED), candidate


def _holds(one: Words, other: Words) -> bool:
    """Whether one of two phrases is a part of the other."""
    short, long = sorted((one, other), key=len)
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _likely(judged: Sequence[_Judged], thresholds: Thresholds) -> Counter[Words]:
    """How often each phrase is likely to have been put in."""
    return Counter(_folded(c) for score, c in judged if score.score >= thresholds.report)


def _ranked(judged: Sequence[_Judged], likely: Mapping[Words, int]) -> list[_Judged]:
    """What of candidates that overlap comes first: what is likely exact, and stands elsewhere, too.

    A phrase that was put in several times shows its edges by itself: around it the words change.
    """

    def key(pair: _Judged) -> tuple[float, tuple[int, int]]:
        judgement, candidate = pair
        times = max(1, likely.get(_folded(candidate), 0))
        return -judgement.exact * times / (times + REPEATED), candidate.place

    return sorted(judged, key=key)


def _folded(candidate: Candidate) -> Words:
    return tuple(token.folded for token in candidate.tokens)


def _take(taken: list[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Add a place to the sorted, disjoint ones that are taken, if it overlaps none of them."""
    at = bisect_left(taken, place)
    clear = (at == 0 or taken[at - 1][1] <= place[0]) and (
        at == len(taken) or place[1] <= taken[at][0]
    )
    if clear:
        taken.insert(at, place)
    return clear
