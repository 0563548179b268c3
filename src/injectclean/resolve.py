"""Proposals become disjoint, sorted edits that leave no double space and no orphan line break.

A phrase inside a sentence leaves the gap mark and takes the scar, the line break that the
insertion left. A sentence goes with the blank before or behind it, a line with its line break, and
one of two blank lines that would meet.

>>> text = "Tại điểm cầu sòng bài\\n, có mặt"
>>> proposal = Proposal(Span(13, 21), "phrase", "injected/gambling", 0.99, True, "", ())
>>> edit_of(text, proposal, gap="[…]")
Edit(start=13, end=22, original='sòng bài\\n', replacement='[…]', lossy=True)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from injectclean.report import Finding
from injectclean.spans import Edit, Span

SEAM = 40  # code points on either side of an edit in which new markup could arise
_CLOSING = ",.;:!?…)]}”’%"
_MARKUP = re.compile(r"<[A-Za-z/!?]|&#?\w+;|\]\(|<!--|-->")
_SCAR = re.compile(r"[^\S\n]*\n[^\S\n]*(?=(\S))")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a finder says of a span of the original, before edits are made.

    ``scope`` is ``phrase`` (inside a sentence), ``sentence``, ``line`` (one or more whole lines) or
    ``piece`` (part of a line, between separators). ``reach`` is the larger run of lines that goes
    with it, where neighbours go too.
    """

    span: Span
    scope: str
    category: str
    score: float
    act: bool
    reason: str
    evidence: tuple[tuple[str, float | str, float], ...]
    reach: Span | None = None


def resolve(
    text: str, proposals: Sequence[Proposal], gap: str
) -> tuple[tuple[Finding, ...], tuple[Edit, ...]]:
    """Turn proposals into findings and edits.

    A finding that lies inside a larger edit names that edit; one that only meets another edit is
    flagged, and the next pass looks at what is left of it.
    """
    ordered = sorted(proposals, key=lambda p: (p.span.start, -p.span.end, p.category))
    wanted = [(edit_of(text, p, gap=gap), p) for p in ordered if p.act]
    chosen: list[Edit] = []
    for edit, _ in sorted(wanted, key=lambda pair: (pair[0].start - pair[0].end, pair[0].start)):
        if makes_markup(text, edit):
            continue
        if all(edit.end <= other.start or other.end <= edit.start for other in chosen):
            chosen.append(edit)
    edits = tuple(sorted(chosen, key=lambda edit: edit.start))
    return tuple(_finding(text, proposal, edits) for proposal in ordered), edits


def edit_of(text: str, proposal: Proposal, *, gap: str) -> Edit:
    """The edit that carries a proposal out."""
    whole = proposal.reach or proposal.span
    start, end = whole.start, whole.end
    replacement = ""
    lossy = False
    if proposal.scope == "line":
        start, end = _whole_lines(text, start, end)
    elif proposal.scope == "sentence":
        start, end = _with_blank(text, start, end)
    elif proposal.scope == "piece":
        start, end = _with_separator(text, start, end)
    else:
        start, end, replacement = _phrase(text, start, end, gap)
        lossy = True
    if not replacement and _joins_words(text, start, end):
        replacement = " "
    return Edit(start, end, text[start:end], replacement, lossy)


def makes_markup(text: str, edit: Edit) -> bool:
    """Whether an edit would let markup arise at its seam that was not in the text."""
    before = text[max(0, edit.start - SEAM) : edit.start]
    after = text[edit.end : edit.end + SEAM]
    left, right = len(_MARKUP.findall(before)), len(_MARKUP.findall(after))
    return len(_MARKUP.findall(before + edit.replacement + after)) > left + right


def _finding(text: str, proposal: Proposal, edits: Sequence[Edit]) -> Finding:
    span = proposal.span
    index = next((i for i, e in enumerate(edits) if e.start <= span.start and span.end <= e.end), None)
    action = "flag"
    if proposal.act and index is not None:
        action = "replace" if edits[index].replacement.strip() else "remove"
    return Finding(
        span=span,
        category=proposal.category,
        score=proposal.score,
        action=action,
        text=text[span.start : span.end],
        reason=proposal.reason,
        evidence=proposal.evidence,
        edit=index,
    )


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend to whole lines, and over the blank lines on one side where there are some on both."""
    start = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    end = len(text) if stop < 0 else stop + 1
    blank_from, blank_to = start, end
    while blank_from and not text[(previous := text.rfind("\n", 0, blank_from - 1) + 1) : blank_from].strip():
        blank_from = previous
    while blank_to < len(text) and not text[blank_to : (following := _line_end(text, blank_to))].strip():
        blank_to = following
    if blank_to == len(text):
        return _to_the_end(text, blank_from, end)
    if blank_from == 0 or blank_from < start:
        return min(start, blank_from) if blank_from == 0 else start, blank_to
    return start, end


def _to_the_end(text: str, blank_from: int, end: int) -> tuple[int, int]:
    """The rest of the document goes: the last line that stays keeps the document's way of ending."""
    if not blank_from:
        return 0, len(text)
    ends_with_break = text.endswith("\n")
    if ends_with_break:
        return blank_from, len(text)
    start = blank_from - 1
    if start and text[start - 1] == "\r":
        start -= 1
    return start, len(text)


def _line_end(text: str, start: int) -> int:
    stop = text.find("\n", start)
    return len(text) if stop < 0 else stop + 1


def _with_blank(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend over the blanks on one side of a sentence."""
    low, high = start, end
    while low and text[low - 1] in " \t\u00a0":
        low -= 1
    while high < len(text) and text[high] in " \t\u00a0":
        high += 1
    if low and text[low - 1] != "\n":
        return low, end
    return start, high


def _with_separator(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend over the separator between a piece and its line's rest."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    low, high = start, end
    while low > line_start and not text[low - 1].isalnum() and text[low - 1] not in _CLOSING + "'\"":
        low -= 1
    if low > line_start:
        while high < line_end and text[high] in " \t\u00a0":
            high += 1
        return low, high if high == line_end else end
    while high < line_end and not text[high].isalnum() and text[high] not in "([“\"":
        high += 1
    return start, high


def _phrase(text: str, start: int, end: int, gap: str) -> tuple[int, int, str]:
    """A phrase inside a sentence, with the scar behind it or before it."""
    scar = _SCAR.match(text, end)
    if scar is not None and _goes_on(scar[1]):
        end = scar.end()
        after = "" if scar[1] in _CLOSING else " "
    else:
        after = ""
    if gap:
        return start, end, gap + after
    low = start
    while low and text[low - 1] in " \t\u00a0":
        low -= 1
    following = text[end : end + 1]
    if after or following.isspace() or following in _CLOSING or not following:
        start = low
    replacement = " " if after and start and text[start - 1] != "\n" else ""
    if start == 0 or text[start - 1] == "\n":
        while end < len(text) and text[end] in " \t\u00a0":
            end += 1
    return start, end, replacement


def _goes_on(character: str) -> bool:
    """Whether a line that begins so continues the sentence of the line before."""
    return character in _CLOSING or (character.islower() and character.isalpha())


def _joins_words(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return before.isalnum() and after.isalnum()
