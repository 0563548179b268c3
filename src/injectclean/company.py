"""What else was put into a document says of one thing there: features of the second look.

Who writes into a document leaves more than one thing. How much other phrases say that are likely to
have been put in is learned: an honest report of a betting ring has company in every other line.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from injectclean.injected import Candidate, Score
from injectclean.values import NamedTuple

SUSPECT = 0.3  # score of the first look from which a candidate is company
MOST_PHRASES = 16  # of the company, the likeliest: more of them say no more, and cost their square
Words = tuple[str, ...]
Judged = tuple[Score, Candidate]


class Member(NamedTuple):
    """Of the company: a place in the view, the phrase there, and how likely it was put in."""

    place: tuple[int, int]
    phrase: Words
    score: float


class Company:
    """What is likely to have been put into a document: places, none over another, and phrases."""

    def __init__(self, ranked: Iterable[Judged]) -> None:
        """Take of ranked candidates those that are suspect."""
        members: list[Member] = []
        taken: list[tuple[int, int]] = []
        for judgement, candidate in ranked:
            if judgement.score >= SUSPECT and take(taken, candidate.place):
                members.append(Member(candidate.place, candidate.phrase, judgement.score))
        self._members = sorted(members)
        self._starts = [member.place[0] for member in self._members]
        by_phrase: dict[Words, float] = {}
        for member in self._members:
            by_phrase[member.phrase] = max(member.score, by_phrase.get(member.phrase, 0.0))
        likeliest = sorted(((score, phrase) for phrase, score in by_phrase.items()), reverse=True)
        self._likeliest = likeliest[:MOST_PHRASES]

    def measure(self, candidate: Candidate) -> tuple[float, ...]:
        """What the company says of a candidate, in the order of ``features.COMPANY``."""
        overlapped = self._overlapped(candidate.place)
        own = [candidate.phrase, *(member.phrase for member in overlapped)]
        others = [
            (score, phrase)
            for score, phrase in self._likeliest
            if not any(_holds(phrase, each) for each in own)
        ]
        words = {word for _, phrase in others for word in phrase}
        return (
            max((score for score, _ in others), default=0.0),
            sum(score for score, _ in others),
            sum(word in words for word in candidate.phrase) / len(candidate.phrase),
        )

    def _overlapped(self, place: tuple[int, int]) -> Sequence[Member]:
        """The members that share a place with another one."""
        start, end = place
        last = bisect_left(self._starts, end)
        first = last
        while first and self._members[first - 1].place[1] > start:
            first -= 1
        return self._members[first:last]


def take(taken: list[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Add a place to the sorted, disjoint ones that are taken, if it overlaps none of them."""
    clear = is_clear(taken, place)
    if clear:
        insort(taken, place)
    return clear


def is_clear(taken: Sequence[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Whether a place overlaps none of the sorted, disjoint ones that are taken."""
    at = bisect_left(taken, place)
    return (at == 0 or taken[at - 1][1] <= place[0]) and (
        at == len(taken) or place[1] <= taken[at][0]
    )


def _holds(one: Words, other: Words) -> bool:
    """Whether one of two phrases is a part of the other."""
    short, long = sorted((one, other), key=len)
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
