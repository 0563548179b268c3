"""A piece of a line under the eye of stage 1: its tokens, their scores, and the cores in it.

A core is a run of tokens that stage 1 proposes as part of a promotional phrase. There are a dozen
in a thousand characters of honest news, and measuring what a phrase around one would look like is
what costs. So a core is weighed first, by a few small trees over what its sums alone tell: a third
of those in honest news pass, and of the true spans that have one 98 % keep a likely one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from injectclean.scores import LIFT, Scored
from injectclean.tables import PairCounts
from injectclean.tokens import Token

MAX_STRETCH = 4000  # code points looked at together; longer lines are cut at a blank
SOFT_REACH = 120  # code points on either side of a line break within a sentence
MAX_SPAN = 60  # tokens of an injected span; longer promotional text is several spans
ORDINARY = -1.0  # nats of stage 1 that an ordinary token has
NEIGHBOURS = 8  # tokens on either side whose words a core, or a span, is held against
CORE_FEATURES = (
    "sum", "lifted", "hot", "hot_tokens", "peak", "pair_peak", "mean", "contrast", "length",
    "inner_unseen", "inner_count", "left_unseen", "right_unseen", "opens", "closes",
    "stretch_length",
)  # fmt: skip
QUOTES = frozenset("\"“”‘’«»'")
_NEXT_LINE = re.compile(r"[ \t]*\r?\n[ \t]*(\S)")
_SOFT_BREAK = re.compile(r"(?<=\w)[ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_CLOSING = frozenset(",.;:!?…)]")

Window = tuple[int, int]


class Sums:
    """Stage-1 scores of tokens that stand side by side, and the sums of any window of them."""

    __slots__ = ("_gains_to", "_sums", "pairs", "scored", "singles")

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.singles = scored.singles
        self.pairs = scored.pairs
        self._sums = [0.0, *accumulate(map(float.__add__, scored.singles, scored.pairs))]
        self._gains_to = [0.0, *accumulate(scored.gains)]

    def __len__(self) -> int:
        return len(self.singles)

    def window(self, start: int, end: int) -> float:
        """Stage-1 sum of the tokens ``[start, end)``, not empty, pairs within included."""
        return self._sums[end] - self._sums[start] - self.pairs[start]

    def lifted(self, start: int, end: int) -> float:
        """Lifted sum of the tokens ``[start, end)``, as a window that begins there."""
        return self._gains_to[end] - self._gains_to[start + 1] + self.singles[start] + LIFT

    def around(self, start: int, end: int) -> float:
        """Mean score of the tokens near ``[start, end)``; that of an ordinary one without any."""
        near = [
            *self.singles[max(0, start - NEIGHBOURS) : start],
            *self.singles[end : end + NEIGHBOURS],
        ]
        return sum(near) / len(near) if near else ORDINARY


class Stretch(Sums):
    """Tokens of a piece of a line, with their stage-1 scores and the counts of ordinary pairs."""

    __slots__ = ("_pulls", "counts", "edge_memo", "text", "tokens")

    def __init__(
        self, text: str, tokens: Sequence[Token], scored: Scored, counts: PairCounts
    ) -> None:
        super().__init__(scored)
        self.text = text
        self.tokens = tokens
        self.counts = counts
        self.edge_memo: dict[tuple[int, int], tuple[float, ...]] = {}
        self._pulls: dict[int, float] = {}

    def between(self, at: int) -> str:
        """What stands before token ``at``; at the ends of the stretch a line break."""
        if 0 < at < len(self.tokens):
            return self.text[self.tokens[at - 1].end : self.tokens[at].start]
        return "\n"

    def across(self, at: int) -> float:
        """Log count of the pair that meets before token ``at``; 0.0 at the stretch's ends."""
        return self.scored.counts[at] if 0 < at < len(self.tokens) else 0.0

    def pull(self, at: int) -> float:
        """How ordinary text draws the two words together that meet before token ``at``.

        Negative where two frequent words never meet; 0.0 at the stretch's ends.
        """
        if not 0 < at < len(self.tokens):
            return 0.0
        found = self._pulls.get(at)
        if found is None:
            left, right = self.tokens[at - 1].folded, self.tokens[at].folded
            found = self._pulls[at] = bounded(self.counts.attraction(left, right))
        return found


def core_features(sums: Sums, start: int, end: int) -> tuple[float, ...]:
    """What the sums of a core's tokens ``[start, end)`` tell, in the order of ``CORE_FEATURES``."""
    scored, count, size = sums.scored, len(sums), end - start
    singles, pairs = scored.singles[start:end], scored.pairs[start + 1 : end]
    counts = scored.counts[start + 1 : end]
    total = sums.window(start, end)
    hot = [gain for gain in singles if gain > 0.0]
    return (
        total,
        sums.lifted(start, end),
        sum(hot) + sum(pair for pair in pairs if pair > 0.0),
        len(hot),
        max(singles),
        max(pairs, default=0.0),
        total / size,
        total / size - sums.around(start, end),
        math.log(size),
        counts.count(0.0) / (size - 1 or 1),
        sum(counts) / (size - 1 or 1),
        float(start > 0 and scored.counts[start] == 0.0),
        float(end < count and scored.counts[end] == 0.0),
        float(start == 0),
        float(end == count),
        count,
    )


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


def soft_breaks(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where lines go on behind a break, each between ``start`` and ``end`` of what is near.

    A phrase that is broken there is in neither line.
    """
    for match in _SOFT_BREAK.finditer(text):
        at = match.end()
        if text[at].isupper():
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        if match.start() - start > SOFT_REACH:
            start = text.rfind(" ", start, match.start() - SOFT_REACH) + 1 or start
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if end - at > SOFT_REACH:
            end = max(text.find(" ", at + SOFT_REACH, end), at + SOFT_REACH)
        yield start, at, end


def find_cores(scored: Scored, least: float) -> list[Window]:
    """The runs of tokens that reach a lifted sum: for a phrase with its words, for its core."""
    wide = maximal_windows(scored.gains, least)
    tight = maximal_windows(scored.tight, least)
    return sorted({*wide, *tight})


def maximal_windows(gains: Sequence[float], least: float) -> list[Window]:
    """All maximal-scoring runs of tokens with a sum of at least ``least``, in order.

    Ruzzo and Tompa, A linear time algorithm for finding all maximal scoring subsequences (1999);
    a pair's score is given to its right token.
    """
    runs: list[tuple[int, int, float, float]] = []  # start, end, sum before, sum after
    for index, (before, high) in enumerate(pairwise(accumulate(gains, initial=0.0))):
        if high <= before:
            continue
        start, low = index, before
        at = len(runs) - 1
        while True:
            while at >= 0 and runs[at][2] >= low:
                at -= 1
            if at < 0 or runs[at][3] >= high:
                runs.append((start, index + 1, low, high))
                break
            start, low = runs[at][0], runs[at][2]
            del runs[at:]
            at -= 1
    return [
        (start, min(end, start + MAX_SPAN)) for start, end, low, high in runs if high - low >= least
    ]


def has_scar(text: str, end: int) -> bool:
    """Whether the sentence that ``text[:end]`` ends in goes on after a line break."""
    found = _NEXT_LINE.match(text, end)
    if found is None:
        return False
    head = found[1]
    small = (head.isalnum() or head == "_") and not (head.isupper() or head.isdigit())
    return small or head in _CLOSING


def bounded(pull: float) -> float:
    """An attraction, kept from saying more than a few counts can."""
    return max(-4.0, min(4.0, pull))
