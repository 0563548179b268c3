"""What cleaning would change, as a unified diff that ``patch`` and ``git apply`` understand.

Made from the edits themselves, so it takes linear time and shows exactly what would be done.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from injectclean.document import split_lines
from injectclean.formats.escape import visible
from injectclean.report import Report
from injectclean.spans import Edit, apply_edits
from injectclean.values import NamedTuple

CONTEXT = 3  # unchanged lines around a change
_BOM = "\ufeff"
_NO_BREAK = "\\ No newline at end of file\n"
_COLOURS = {"-": "31", "+": "32", "@": "36"}


class _Change(NamedTuple):
    """Lines ``[start, end)`` of the original become ``lines``."""

    start: int
    end: int
    lines: list[str]


def unified_diff(report: Report, text: str) -> Iterator[str]:
    """Yield the lines of the diff, each with its line feed; none where nothing would change."""
    edits: Sequence[Edit] = report.edits
    if report.source.bom:
        text = _BOM + text
        edits = [Edit(e.start + 1, e.end + 1, e.original, e.replacement) for e in edits]
    lines = [line.text for line in split_lines(text)]
    groups = _near(_changes(text, lines, edits))
    if groups:
        path = visible(report.source.path or "-")
        yield f"--- a/{path}\n"
        yield f"+++ b/{path}\n"
    shift = 0
    for group in groups:
        yield from _hunk(lines, group, shift)
        shift += sum(len(change.lines) - (change.end - change.start) for change in group)


def shown_line(line: str, *, colour: bool) -> str:
    """A line of a diff for a terminal: nothing in it acts on the terminal."""
    safe = visible(line.removesuffix("\n"))
    code = _COLOURS.get(line[:1]) if colour else None
    return f"\x1b[{code}m{safe}\x1b[0m\n" if code else f"{safe}\n"


def _changes(text: str, lines: Sequence[str], edits: Sequence[Edit]) -> list[_Change]:
    """The runs of lines that edits touch, and what becomes of them."""
    starts = [0, *accumulate(map(len, lines))]
    found: list[_Change] = []
    at = 0
    while at < len(edits):
        first = end = bisect_right(starts, edits[at].start) - 1
        low = starts[first]
        stop = at
        is_open = False  # whether the run, as it becomes, lacks its last line feed
        while stop < len(edits) and (stop == at or edits[stop].start < starts[end]):
            edit = edits[stop]
            is_open = _is_open_after(text, low, edits[max(at, stop - 1)], edit, is_open)
            end = max(end, bisect_left(starts, edit.end))
            if is_open and edit.end == starts[end] and end < len(lines):
                end += 1
            stop += 1
        inside = [
            Edit(e.start - low, e.end - low, e.original, e.replacement) for e in edits[at:stop]
        ]
        changed = apply_edits(text[low : starts[end]], inside)
        found.append(_Change(first, end, [line.text for line in split_lines(changed)]))
        at = stop
    return found


def _is_open_after(text: str, low: int, previous: Edit, edit: Edit, is_open: bool) -> bool:
    """Whether the text from ``low`` to the end of ``edit``, as it becomes, ends within a line."""
    if edit.replacement:
        return not edit.replacement.endswith("\n")
    if previous.end == edit.start:
        return is_open
    return edit.start > low and text[edit.start - 1] != "\n"


def _near(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Changes in groups whose context would meet."""
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.start - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _hunk(lines: Sequence[str], group: Sequence[_Change], shift: int) -> Iterator[str]:
    low = max(0, group[0].start - CONTEXT)
    high = min(len(lines), group[-1].end + CONTEXT)
    size = high - low
    grown = size + sum(len(c.lines) - (c.end - c.start) for c in group)
    yield f"@@ -{_range(low, size)} +{_range(low + shift, grown)} @@\n"
    at = low
    for change in group:
        yield from _marked(" ", lines[at : change.start])
        yield from _marked("-", lines[change.start : change.end])
        yield from _marked("+", change.lines)
        at = change.end
    yield from _marked(" ", lines[at:high])


def _range(start: int, size: int) -> str:
    """A hunk's range: lines count from 1, an empty range names the line before it."""
    return f"{start + 1 if size else start},{size}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith("\n"):
            yield mark + line
        else:
            yield f"{mark}{line}\n"
            yield _NO_BREAK
