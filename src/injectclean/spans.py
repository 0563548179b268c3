"""Spans, edits, and their arithmetic. Offsets are half-open and count code points of the original.

>>> text = "at the casino online , today"
>>> edit = Edit(6, 21, " casino online ", " […]", lossy=True)
>>> cleaned = apply_edits(text, (edit,))
>>> cleaned
'at the […], today'
>>> undo_edits(cleaned, (edit,)) == text
True
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from injectclean.values import frozen


@frozen(order=True)
class Span:
    """Half-open ``[start, end)`` in code points of the original text; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end

    def moved(self, by: int) -> Span:
        """The span so many code points further on."""
        return Span(self.start + by, self.end + by)


@frozen
class Edit:
    """Replace ``original``, which stands at ``[start, end)``, by ``replacement``.

    ``lossy`` says that words of the article are known to be missing here: the injected phrase
    took their place, and nobody can give them back.
    """

    start: int
    end: int
    original: str
    replacement: str
    lossy: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.original) != self.end - self.start:
            raise ValueError(f"edit [{self.start}, {self.end}) does not fit its original text")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with sorted, disjoint ``edits`` carried out.

    Raises:
        ValueError: an edit does not describe ``text``, or the edits overlap or are unsorted.
    """
    parts: list[str] = []
    position = 0
    for edit in edits:
        if edit.start < position or text[edit.start : edit.end] != edit.original:
            raise ValueError(f"edit [{edit.start}, {edit.end}) does not describe this text")
        parts += text[position : edit.start], edit.replacement
        position = edit.end
    parts.append(text[position:])
    return "".join(parts)


def undo_edits(cleaned: str, edits: Iterable[Edit]) -> str:
    """Return the text from which ``apply_edits`` made ``cleaned``.

    Raises:
        ValueError: a replacement does not stand where the edits say it does.
    """
    parts: list[str] = []
    position = shift = 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.replacement)
        if start < position or cleaned[start:end] != edit.replacement:
            raise ValueError(f"edit [{edit.start}, {edit.end}) was not applied to this text")
        parts += cleaned[position:start], edit.original
        position = end
        shift += len(edit.replacement) - len(edit.original)
    parts.append(cleaned[position:])
    return "".join(parts)


def covering(edits: Sequence[Edit], span: Span) -> int | None:
    """The index of the one of sorted, disjoint ``edits`` that covers ``span``, or None."""
    index = bisect_right(edits, span.start, key=lambda edit: edit.start) - 1
    return index if index >= 0 and span.end <= edits[index].end else None


def compose_edits(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return edits on ``text`` that do what ``first`` and then ``second`` do.

    ``second`` is in offsets of the text that ``first`` gives. Edits that meet become one.
    """
    middle = apply_edits(text, first)
    cuts = Cuts(first)
    marks = sorted(
        [(*cuts.after(index), 0, index) for index in range(len(first))]
        + [(edit.start, edit.end, 1, index) for index, edit in enumerate(second)]
    )
    composed: list[Edit] = []
    cluster: list[tuple[int, int, int, int]] = []
    reach = -1
    for mark in marks:
        if mark[0] > reach and cluster:
            composed += _join_cluster(text, middle, cuts, first, second, cluster)
            cluster = []
        cluster.append(mark)
        reach = max(reach, mark[1])
    if cluster:
        composed += _join_cluster(text, middle, cuts, first, second, cluster)
    return tuple(composed)


def _join_cluster(
    text: str,
    middle: str,
    cuts: Cuts,
    first: Sequence[Edit],
    second: Sequence[Edit],
    cluster: list[tuple[int, int, int, int]],
) -> list[Edit]:
    """Join a run of edits of two passes that meet; a run of the first pass alone stays as it is."""
    earlier = [first[index] for _, _, is_second, index in cluster if not is_second]
    later = [second[index] for _, _, is_second, index in cluster if is_second]
    if not later:
        return earlier
    low, high = cluster[0][0], max(end for _, end, _, _ in cluster)
    inside = [
        Edit(edit.start - low, edit.end - low, edit.original, edit.replacement) for edit in later
    ]
    replacement = apply_edits(middle[low:high], inside)
    growth = sum(len(edit.original) - len(edit.replacement) for edit in earlier)
    if earlier:
        first_index = next(index for _, _, is_second, index in cluster if not is_second)
        start = earlier[0].start - (cuts.after(first_index)[0] - low)
    else:
        start = cuts.outside(low)
    end = start + (high - low) + growth
    lossy = any(edit.lossy for edit in earlier + later)
    if text[start:end] == replacement:
        return []
    return [Edit(start, end, text[start:end], replacement, lossy)]


class Cuts:
    """Offset arithmetic between a text and the one that sorted, disjoint edits made of it."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts: list[int] = []
        self._ends: list[int] = []
        shift = 0
        for edit in edits:
            self._starts.append(edit.start + shift)
            shift += len(edit.replacement) - len(edit.original)
            self._ends.append(edit.end + shift)

    def after(self, index: int) -> tuple[int, int]:
        """Where the replacement of edit ``index`` stands in the edited text."""
        return self._starts[index], self._ends[index]

    def to_original(self, start: int, end: int) -> Span:
        """The smallest span of the original that covers ``[start, end)`` of the edited text."""
        low = bisect_right(self._ends, start)
        high = bisect_left(self._starts, end)
        if low < high and self._starts[low] <= start:
            original_start = self._edits[low].start
        else:
            original_start = self.outside(start)
        if low < high and self._ends[high - 1] >= end:
            original_end = self._edits[high - 1].end
        else:
            original_end = self.outside(end - 1) + 1
        return Span(original_start, original_end)

    def outside(self, offset: int) -> int:
        """The original offset of a place of the edited text that no replacement holds."""
        index = bisect_right(self._ends, offset)
        if not index:
            return offset
        return offset - self._ends[index - 1] + self._edits[index - 1].end
