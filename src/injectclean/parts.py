"""A text that is too long to be looked at as a whole, in parts: only one is in work at a time.

No article is as long, but a dump may be, and a log without a line break. Where a part ends is said
by what stands there, not by an offset, so that an edit moves the ends near it and soon leaves them
where they were: the next look at the text meets nearly all parts again.

>>> cut_parts("A text of ordinary length.")
[(0, 26)]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from zlib import crc32

from injectclean.document import digest
from injectclean.resolve import Proposal
from injectclean.spans import Span
from injectclean.values import NamedTuple

LONGEST = 200_000  # code points of a text that is looked at as a whole
SHORTEST = 50_000  # of a part
SEAM = 1_000  # on either side of a place where two parts meet, in which rules are looked for again
_SIGHT = 24  # code points on either side of a place that say whether a part ends there
_ENDS = (re.compile(r"\n"), re.compile(r"[.!?…]\s+"), re.compile(r"\s"))  # the best first


class Seen(NamedTuple):
    """What is to be seen in a text, in its offsets: what is proposed, and its content's lines."""

    rules: Sequence[Proposal]  # of the user
    injected: Sequence[Proposal]
    furniture: Sequence[Proposal]
    content: Sequence[Span]

    def moved(self, by: int) -> Seen:
        """The same in a text that has so many code points more before it."""
        return Seen(
            rules=[proposal.moved(by) for proposal in self.rules],
            injected=[proposal.moved(by) for proposal in self.injected],
            furniture=[proposal.moved(by) for proposal in self.furniture],
            content=[span.moved(by) for span in self.content],
        )


class Parts:
    """Looks at texts part by part, and remembers the parts of the last one."""

    def __init__(
        self, see: Callable[[str], Seen], see_rules: Callable[[str], Sequence[Proposal]]
    ) -> None:
        """Take what looks at one part, and what finds only the user's rules."""
        self._see = see
        self._see_rules = see_rules
        self._last: dict[str, Seen] = {}  # by the parts' digests

    def look(self, text: str) -> Seen:
        """What is to be seen in a text."""
        places = cut_parts(text)
        if len(places) == 1:
            return self._see(text)
        before, self._last = self._last, {}
        rules: list[Proposal] = []
        injected: list[Proposal] = []
        furniture: list[Proposal] = []
        content: list[Span] = []
        for start, end in places:
            part = text[start:end]
            name = digest(part)
            seen = before.get(name)
            self._last[name] = seen = self._see(part) if seen is None else seen
            seen = _with_torn_lines(seen.moved(start), *_whole_lines(text, start, end))
            rules += [*self._rules_across(text, start), *seen.rules]
            injected += seen.injected
            furniture += seen.furniture
            content += seen.content
        return Seen(rules, injected, furniture, content)

    def _rules_across(self, text: str, cut: int) -> list[Proposal]:
        """What the user's rules match across the beginning of a part."""
        start = max(0, cut - SEAM)
        found = [p.moved(start) for p in self._see_rules(text[start : cut + SEAM])]
        # Neither end of this piece is a line's: what stands by itself in it need not in the text.
        return [p._replace(scope="phrase") for p in found if p.span.start < cut < p.span.end]


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """``[low, high)`` of the lines that are in a part as a whole."""
    low, high = start, end
    if start and text[start - 1] != "\n":
        low = text.find("\n", start, end) + 1 or end
    if end < len(text) and text[end - 1] != "\n":
        high = text.rfind("\n", start, end) + 1 or start
    return low, high


def _with_torn_lines(seen: Seen, low: int, high: int) -> Seen:
    """What is seen in a part, where a line that is not there as a whole may not go as one."""

    def is_torn(proposal: Proposal) -> bool:
        whole = proposal.reach or proposal.span
        return proposal.scope == "line" and not (low <= whole.start and whole.end <= high)

    return seen._replace(
        rules=[p._replace(scope="phrase") if is_torn(p) else p for p in seen.rules],
        injected=[p._replace(scope="phrase") if is_torn(p) else p for p in seen.injected],
        furniture=[p._replace(act=False, reach=None) if is_torn(p) else p for p in seen.furniture],
    )


def cut_parts(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of the parts of a text, in code points; together they are the text."""
    ends = [*_ends_of_parts(text), len(text)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _ends_of_parts(text: str) -> Iterator[int]:
    start = 0
    while len(text) - start > LONGEST:
        high = min(start + LONGEST, len(text) - SHORTEST)
        start = _end_between(text, start + SHORTEST, high)
        yield start


def _end_between(text: str, low: int, high: int) -> int:
    """The place in a range that is marked out among all: a line's end, or else a sentence's."""
    for pattern in _ENDS:
        places = [match.end() for match in pattern.finditer(text, low, high)]
        if places:
            return min(places, key=lambda at: _mark(text, at))
    return high


def _mark(text: str, at: int) -> int:
    return crc32(text[at - _SIGHT : at + _SIGHT].encode("utf-8", "surrogatepass"))
