"""Which candidates are findings: each by itself first, then once more in its company.

What overlaps is decided by edges, and one phrase gets one verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from injectclean.company import Company, Judged, Words, take
from injectclean.injected import Candidate, InjectedFinder, Score
from injectclean.judge import Term
from injectclean.reasons import is_corroborated
from injectclean.values import NamedTuple

WORTH = 0.02  # score of the first look from which there is a second
LIKELY = 0.5  # and from which a phrase is looked for elsewhere
SPECIFIC = 2  # words of a phrase that, once found, is found wherever it stands
REPEATED = 0.5  # how much it says for the edges of a phrase that it stands elsewhere, too


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
    judged = [(finder.score(each), each) for each in look_twice(text, finder)]
    likely = _likely(judged, thresholds.report)
    chosen = _choose(_ranked(judged, likely), finder, thresholds)
    return [*chosen, *_elsewhere(text, chosen, finder)]


def look_twice(text: str, finder: InjectedFinder) -> list[Candidate]:
    """The candidates of a view's text that are worth a second look, as they look there."""
    places = finder.places(text)
    if places is None:
        return []
    measured = (finder.measure(places, at) for at in places.placed)
    judged = [(finder.score_alone(candidate), candidate) for candidate in measured]
    likely = _likely(judged, LIKELY)
    if likely:
        judged += [(finder.score_alone(c), c) for c in finder.recurring(places, likely)]
        likely = _likely(judged, LIKELY)
    worth = [(score, candidate) for score, candidate in judged if score.score >= WORTH]
    company = Company(_ranked(worth, likely))
    return [candidate.accompanied(company.measure(candidate)) for _, candidate in worth]


def _choose(
    ranked: Sequence[Judged], finder: InjectedFinder, thresholds: Thresholds
) -> list[Found]:
    """What is reported of ranked candidates; one verdict for one phrase.

    Where a phrase is surest says what it is everywhere.
    """
    taken: list[tuple[int, int]] = []
    chosen: list[Found] = []
    for judgement, candidate in ranked:
        if round(judgement.score, 4) >= thresholds.report and take(taken, candidate.place):
            terms = finder.terms(candidate)
            chosen.append(Found(candidate, terms, _sure_score(judgement, terms, thresholds)))
    surest: dict[Words, Found] = {}
    for found in sorted(chosen, key=lambda found: found.score):
        surest[found.candidate.phrase] = found
    return [found._replace(score=surest[found.candidate.phrase].score) for found in chosen]


def _elsewhere(text: str, chosen: Sequence[Found], finder: InjectedFinder) -> list[Found]:
    """The same phrases where nothing around them shows that they were put in."""
    known = {f.candidate.phrase: f for f in chosen if len(f.candidate.phrase) >= SPECIFIC}
    if not known:
        return []
    taken = sorted(found.candidate.place for found in chosen)
    return [
        known[candidate.phrase]._replace(candidate=candidate)
        for candidate in finder.standing(text, known)
        if take(taken, candidate.place)
    ]


def _sure_score(judgement: Score, terms: Sequence[Term], thresholds: Thresholds) -> float:
    score = round(judgement.score, 4)  # what is acted on and what is said agree
    if is_corroborated(terms):
        return score
    # One kind of evidence is never enough to act on, however loud it speaks.
    return max(0.0, min(score, thresholds.clean - 0.001))


def _likely(judged: Sequence[Judged], least: float) -> Counter[Words]:
    """How often each phrase is likely to have been put in."""
    return Counter(candidate.phrase for score, candidate in judged if score.score >= least)


def _ranked(judged: Sequence[Judged], likely: Mapping[Words, int]) -> list[Judged]:
    """What of candidates that overlap comes first: what is likely exact, and stands elsewhere, too.

    A phrase that was put in several times shows its edges by itself: around it the words change.
    """

    def key(pair: Judged) -> tuple[float, tuple[int, int]]:
        judgement, candidate = pair
        times = max(1, likely.get(candidate.phrase, 0))
        return -judgement.exact * times / (times + REPEATED), candidate.place

    return sorted(judged, key=key)
