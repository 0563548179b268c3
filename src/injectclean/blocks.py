"""Which lines go: lines that the sequence takes for furniture, block by block.

The sequence's word alone is not enough. A block is a run of lines that go together, and what it is
must be said by the words of a line of it, or by its site; a block in the midst of the article, or
of a list that is otherwise the article's, by most of its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, groupby

from injectclean.boilerplate import LineScore
from injectclean.campaign import Thresholds
from injectclean.config import Config
from injectclean.echo import Echo

ANCHOR = 0.65  # chance by its words alone of a line, without which lines near it do not go
BEHIND_ANCHOR, BEFORE_ANCHOR = 20, 10  # lines that it speaks for
ECHOED = 0.55  # share of its pairs of words in the article, from which a line is the article's
DOUBTFUL = 0.7  # chance without its site's profile of a line that goes with it
LINE_RISK = 12.0  # code points of the article that may be expected to go with a line
SHARED = 0.3  # share of its site's pages that have a line, from which it may go for that
PROSE = 80  # code points from which a line of the article is no heading and no item
ARTICLE = 200  # code points of prose, from which the article has begun, or goes on
AMIDST = 0.8  # chance by its words alone of a block in the midst of an article that goes
SHORT = 140  # code points below which a line may be one of a list
LISTED = 0.6  # chance by its words alone of a block that goes from a list that mostly stays
Block = tuple[int, int]


def lines_that_go(lines: Sequence[LineScore], thresholds: Thresholds, config: Config) -> list[bool]:
    """Which lines go: on the sequence's word and one more, their words or a neighbour that goes.

    A likely line between two that go, or between one and the end, is part of their block. All of
    them go only near a line of the block whose own words say what it is: names, dishes or streets
    below each other look like a menu to the sequence. What repeats on the line's site needs no
    neighbour, and says nothing of any. What the article says, too, stays, and so does what is long
    for how sure it is: a paragraph is a greater loss than a menu's item. What the article stands
    around goes only where most of its own words say what it is, or its site does.
    """
    likely = _likely(lines, thresholds)
    echo = Echo([line.row.text for line in lines if line.furniture < thresholds.report])
    anchors = [line.alone >= ANCHOR for line in lines]
    behind = _reached(likely, anchors, BEHIND_ANCHOR)
    before = _reached(likely[::-1], anchors[::-1], BEFORE_ANCHOR)[::-1]
    shared = [_is_shared(line, thresholds) for line in lines]
    goes = [
        (is_behind or is_before or is_shared)
        and not config.is_flag_only(line.category)
        and not config.is_disabled(line.category)
        and risk(line.furniture, len(line.row.text)) <= LINE_RISK
        and echo.share(line.row.text) < ECHOED
        for line, is_behind, is_before, is_shared in zip(lines, behind, before, shared, strict=True)
    ]
    for low, high in _without_support(lines, goes):
        goes[low:high] = shared[low:high]
    return goes


def risk(furniture: float, size: int) -> float:
    """How many code points of the article are expected to go with one that is likely furniture."""
    return (1.0 - furniture) * size


def runs_of(goes: Sequence[bool]) -> list[Block]:
    """For each line ``[low, high)`` of the run around it of lines that all go, or all stay.

    >>> runs_of([True, True, False])
    [(0, 2), (0, 2), (2, 3)]
    """
    runs: list[Block] = []
    for _, group in groupby(goes):
        low, size = len(runs), len(list(group))
        runs += [(low, low + size)] * size
    return runs


def _likely(lines: Sequence[LineScore], thresholds: Thresholds) -> list[bool]:
    sure = [line.unaided >= thresholds.clean for line in lines]
    near = [
        (index > 0 and sure[index - 1], index + 1 < len(sure) and sure[index + 1])
        for index in range(len(lines))
    ]
    last = len(lines) - 1
    enclosed = [before and (after or index == last) for index, (before, after) in enumerate(near)]
    return [
        (is_sure and (line.alone >= 0.5 or any(sides))) or (line.unaided >= 0.5 and is_enclosed)
        for line, is_sure, sides, is_enclosed in zip(lines, sure, near, enclosed, strict=True)
    ]


def _reached(likely: Sequence[bool], anchors: Sequence[bool], most: int) -> list[bool]:
    """For each likely line whether it is an anchor, or in a row with one, ``most`` lines behind."""
    found: list[bool] = []
    left = -1
    for is_likely, is_anchor in zip(likely, anchors, strict=True):
        left = most if is_anchor else left - 1
        left = left if is_likely else -1
        found.append(left >= 0)
    return found


def _is_shared(line: LineScore, thresholds: Thresholds) -> bool:
    is_sure = line.furniture >= thresholds.clean and line.unaided >= DOUBTFUL
    return line.shared >= SHARED and is_sure


def _without_support(lines: Sequence[LineScore], goes: Sequence[bool]) -> list[Block]:
    """Blocks that the article stands around, and whose words say too little of what they are."""
    blocks = [block for at, block in enumerate(runs_of(goes)) if goes[at] and at == block[0]]
    if not blocks:
        return []
    prose = list(accumulate(map(_prose, lines), initial=0))
    lists = _Lists(lines)
    return [
        (low, high)
        for low, high in blocks
        if (told := _told(lines[low:high])) < AMIDST
        and (
            (prose[low] >= ARTICLE and prose[-1] - prose[high] >= ARTICLE)
            or (told < LISTED and lists.share(low, high) < 0.5)
        )
    ]


def _prose(line: LineScore) -> int:
    size = len(line.row.text)
    return size if line.unaided < 0.5 and size >= PROSE else 0


def _told(block: Sequence[LineScore]) -> float:
    """The chance of a block by its lines' words alone, by their lengths."""
    sizes = [len(line.row.text) for line in block]
    return sum(line.alone * size for line, size in zip(block, sizes, strict=True)) / sum(sizes)


class _Lists:
    """Runs of short lines, and how many of their lines are likely furniture."""

    def __init__(self, lines: Sequence[LineScore]) -> None:
        self._short = [len(line.row.text) < SHORT for line in lines]
        self._runs = runs_of(self._short)
        self._furniture = list(accumulate((line.unaided >= 0.5 for line in lines), initial=0))

    def share(self, low: int, high: int) -> float:
        """Share of likely furniture of a block and the short lines before and behind it."""
        if low and self._short[low - 1]:
            low = self._runs[low - 1][0]
        if high < len(self._short) and self._short[high]:
            high = self._runs[high][1]
        return (self._furniture[high] - self._furniture[low]) / (high - low)
