"""Which candidates are findings: each by itself first, then once more in its company.

What overlaps is decided by edges, and one phrase gets one verdict.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from injectclean.company import Company, Judged, Words, is_clear, take
from injectclean.injected import Candidate, InjectedFinder
from injectclean.judge import Term
from injectclean.reasons import is_corroborated
from injectclean.values import NamedTuple

WORTH = 0.02  # score of the first look from which there is a second
LIKELY = 0.5  # score from which a phrase is looked for elsewhere, and takes its place
LEAST, MOST = 0.0001, 0.9999  # between which a score counts: no place decides alone
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
    kept, verdicts = select(judged, thresholds)
    return _and_elsewhere(text, _choose(kept, verdicts, finder, thresholds), finder)


def select(
    judged: Sequence[Judged], thresholds: Thresholds
) -> tuple[list[Candidate], dict[Words, float]]:
    """The best of the candidates that overlap, all to be reported, and the phrases' verdicts."""
    least = min(LIKELY, thresholds.report)
    likely = [(score, candidate) for score, candidate in judged if score.score >= least]
    ranked = _ranked(_agreed(likely), _likely(likely, least))
    while True:
        taken: list[tuple[int, int]] = []
        kept = [candidate for _, candidate in ranked if take(taken, candidate.place)]
        verdicts = _verdicts(judged, taken)
        # What is not reported must not hide what would be.
        missed = {c.phrase for c in kept if round(verdicts[c.phrase], 4) < thresholds.report}
        if not missed:
            return kept, verdicts
        missed = _unhidden([c for c in kept if c.phrase in missed], judged)
        ranked = [pair for pair in ranked if pair[1].phrase not in missed]


def _unhidden(missed: Sequence[Candidate], judged: Iterable[Judged]) -> set[Words]:
    """Of the phrases of ranked candidates those that no one before them keeps from their places.

    The others may be reported when those are gone.
    """
    places: dict[Words, set[tuple[int, int]]] = defaultdict(set)
    for _, candidate in judged:
        places[candidate.phrase].add(candidate.place)
    found: set[Words] = set()
    gone: list[tuple[int, int]] = []
    for candidate in missed:
        if candidate.phrase in found or all(
            is_clear(gone, place) for place in places[candidate.phrase]
        ):
            found.add(candidate.phrase)
            take(gone, candidate.place)
    return found


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
    kept: Iterable[Candidate],
    verdicts: Mapping[Words, float],
    finder: InjectedFinder,
    thresholds: Thresholds,
) -> list[Found]:
    """What is reported of candidates none of which lies over another.

    Where a phrase has evidence of two kinds says what may be done with it everywhere.
    """
    chosen: list[Found] = []
    for candidate in kept:
        score = round(verdicts[candidate.phrase], 4)  # what is acted on and what is said agree
        terms = finder.terms(candidate)
        chosen.append(Found(candidate, terms, _sure_score(score, terms, thresholds)))
    surest: dict[Words, Found] = {}
    for found in sorted(chosen, key=lambda found: found.score):
        surest[found.candidate.phrase] = found
    return [found._replace(score=surest[found.candidate.phrase].score) for found in chosen]


def _and_elsewhere(text: str, chosen: Sequence[Found], finder: InjectedFinder) -> list[Found]:
    """What is chosen, and the same phrases where nothing around them shows that they were put in.

    Only what is likelier than not keeps its place from a phrase that is found elsewhere.
    """
    known = {f.candidate.phrase: f for f in chosen if len(f.candidate.phrase) >= SPECIFIC}
    if not known:
        return list(chosen)
    standing = [
        known[candidate.phrase]._replace(candidate=candidate)
        for candidate in finder.standing(text, known)
    ]
    taken: list[tuple[int, int]] = []
    return [
        found
        for found in sorted([*chosen, *standing], key=lambda found: found.score < LIKELY)
        if take(taken, found.candidate.place)
    ]


def _agreed(judged: Sequence[Judged]) -> list[Judged]:
    """Candidates with what all likely places of their phrase say of its edges together."""
    said: dict[Words, list[float]] = defaultdict(list)
    for judgement, candidate in judged:
        said[candidate.phrase].append(judgement.exact)
    means = {phrase: sum(exact) / len(exact) for phrase, exact in said.items()}
    return [
        (judgement._replace(exact=means[candidate.phrase]), candidate)
        for judgement, candidate in judged
    ]


def _verdicts(judged: Iterable[Judged], taken: Sequence[tuple[int, int]]) -> dict[Words, float]:
    """How surely each phrase was put in: half what its surest place says, half what all do.

    In log-odds. The surest of many places is sure by chance: what an article is about stands in it
    again and again, and somewhere it looks out of place; what was put in looks so nearly
    everywhere. Within a place that is taken by another phrase it does not stand.
    """
    said: dict[Words, dict[tuple[int, int], float]] = defaultdict(dict)
    own = set(taken)
    for judgement, candidate in judged:
        if candidate.place in own or is_clear(taken, candidate.place):
            score = min(max(judgement.score, LEAST), MOST)
            places = said[candidate.phrase]
            # What stands near a line break was judged with it and without: it is one place.
            odds = math.log(score / (1.0 - score))
            places[candidate.place] = max(odds, places.get(candidate.place, odds))
    means = {
        phrase: (max(places.values()) + sum(places.values()) / len(places)) / 2
        for phrase, places in said.items()
    }
    return {phrase: 1.0 / (1.0 + math.exp(-mean)) for phrase, mean in means.items()}


def _sure_score(score: float, terms: Sequence[Term], thresholds: Thresholds) -> float:
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
