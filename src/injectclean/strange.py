"""Text in a language of which the counts of ordinary text know next to nothing.

There every pair of words is a new one, and says nothing: stage 1 would take whole paragraphs for
one phrase, in which the promotional one is lost. So what all of the text has in common is taken off
each token, as far as nothing is known of its language. Vietnamese and English text, promotions
among it, has pairs enough that are known, and is left alone. And of a script that has only been met
in promotions all looks like one: in an article that is written in it, it says nothing.

>>> known = Tally(tokens=500, pairs=480, unseen=120, gain=-400.0)
>>> unknown = Tally(tokens=500, pairs=480, unseen=470, gain=1000.0)
>>> strangeness([known]), strangeness([unknown])
(0.0, 1.0)
>>> lowering([unknown])
3.0
"""

from __future__ import annotations

from collections.abc import Iterable

from injectclean.scores import Scored
from injectclean.tokens import is_foreign_letter
from injectclean.values import NamedTuple

# Of a text of few pairs little is known: it counts as an ordinary one as far as it is short.
FEW, FEW_UNSEEN = 20, 6
KNOWN, UNKNOWN = 0.75, 0.9  # shares of new pairs: of what is a known language, of what is none
ORDINARY_GAIN = -1.0  # mean of the lifted scores of the tokens of ordinary text
FEW_KNOWN = 3  # pairs that a text in its own script may have with all others: numbers, a name
LONG_LINE = 60  # code points; Chinese and Japanese say in them what takes others twice as many
SAMPLE = 20_000  # code points that tell a text's script
MOST = 3.0  # nats that are taken off: promotions in an unknown language have more to lose


class Tally(NamedTuple):
    """Of a piece of text: its tokens and pairs, those that ordinary text never has, and gains."""

    tokens: int
    pairs: int
    unseen: int
    gain: float

    @classmethod
    def of(cls, scored: Scored) -> Tally:
        """Of tokens that stand side by side."""
        pairs = scored.counts[1:]
        return cls(len(scored.gains), len(pairs), pairs.count(0.0), sum(scored.gains))


def strangeness(tallies: Iterable[Tally]) -> float:
    """How strange the language of a text is: from 0, known, to 1."""
    pairs, unseen = _pairs_of(tallies)
    share = (unseen + FEW_UNSEEN) / (pairs + FEW)
    return min(1.0, max(0.0, (share - KNOWN) / (UNKNOWN - KNOWN)))


def lowering(tallies: Iterable[Tally]) -> float:
    """What is taken off the gain of each token of a text, in nats."""
    all_of_them = list(tallies)
    strange = strangeness(all_of_them)
    if not strange:
        return 0.0
    mean = sum(tally.gain for tally in all_of_them) / sum(tally.tokens for tally in all_of_them)
    return strange * min(MOST, max(0.0, mean - ORDINARY_GAIN))


def has_own_script(text: str, tallies: Iterable[Tally]) -> bool:
    """Whether a text is an article in another script than Latin, whose pairs are next to all new.

    Its letters tell that sooner than its pairs: Thai has few words that blanks keep apart. What is
    no more than short lines may be a page that somebody filled with promotions.
    """
    pairs, unseen = _pairs_of(tallies)
    return (
        unseen + FEW_KNOWN >= UNKNOWN * pairs
        and is_in_own_script(text[:SAMPLE])
        and _has_paragraphs(text[:SAMPLE])
    )


def _has_paragraphs(text: str) -> bool:
    """Whether half of a text or more stands in long lines."""
    return 2 * sum(len(line) for line in text.split("\n") if len(line) >= LONG_LINE) >= len(text)


def _pairs_of(tallies: Iterable[Tally]) -> tuple[int, int]:
    """The pairs of a text, and those that ordinary text never has."""
    found = [(tally.pairs, tally.unseen) for tally in tallies]
    return sum(pairs for pairs, _ in found), sum(unseen for _, unseen in found)


def is_in_own_script(text: str) -> bool:
    """Whether most letters of a text are of another script than Latin.

    >>> is_in_own_script("หนังสือพิมพ์ online"), is_in_own_script("báo online")
    (True, False)
    """
    letters = list(filter(str.isalpha, text))
    return 2 * sum(map(is_foreign_letter, letters)) > len(letters)
