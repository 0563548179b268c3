r"""Proposals become disjoint, sorted edits that leave no double space and no orphan line break.

A phrase inside a sentence leaves the gap mark and takes the scar, the line break that the
insertion left. A sentence goes with the blank before or behind it, a line with its line break, and
one of two blank lines that would meet.

>>> text = "Tại điểm cầu sòng bài\n, có mặt"
>>> proposal = Proposal(Span(13, 21), "phrase", "injected/gambling", 0.99, True, "", ())
>>> edit_of(text, proposal, gap="[…]")
Edit(start=13, end=22, original='sòng bài\n', replacement='[…]', lossy=True)
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from injectclean.report import Finding
from injectclean.sentences import ENDS
from injectclean.spans import Edit, Span, covering
from injectclean.values import NamedTuple

SEAM = 40  # code points on either side of an edit in which new markup could arise
_CLOSING = ",.;:!?…)]}”’%"
_SENTENCE_ENDS = f"{ENDS}:"
_QUOTES = '"”’»)'
_SEPARATORS = frozenset("-–—|•·/»«<>~*+=_")
_STEERING = frozenset(
    "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_HIDDEN = frozenset(("Mn", "Me", "Cf", "Cc"))
_MARKUP = re.compile(r"<[A-Za-z/!?]|&#?\w+;|\]\(|<!--|-->")
_SCAR = re.compile(r"[^\S\r\n]*(?:\r\n?|\n)[^\S\r\n]*(?=(\S{1,5}))")
_LIST_MARK = re.compile(r"\w[.)]|[ivx]{1,4}\)")


class Proposal(NamedTuple):
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

    def moved(self, by: int) -> Proposal:
        """The same in a text that has so many code points more before it."""
        reach = None if self.reach is None else self.reach.moved(by)
        return self._replace(span=self.span.moved(by), reach=reach)


def resolve(
    text: str, proposals: Sequence[Proposal], gap: str
) -> tuple[tuple[Finding, ...], tuple[Edit, ...]]:
    """Turn proposals into findings and edits.

    A finding that lies inside a larger edit names that edit; one that only meets another edit is
    flagged, and the next pass looks at what is left of it.
    """
    ordered = sorted(proposals, key=lambda p: (p.span.start, -p.span.end, p.category))
    # Lines that go together give one edit, which is made once: a run may hold thousands of them.
    distinct = {(p.scope, p.reach or p.span): p for p in ordered if p.act}
    wanted = [(_rank(text, p), edit_of(text, p, gap=gap)) for p in distinct.values()]
    wanted = [(rank, edit) for rank, edit in wanted if not _markup_arises(text, edit, None)]
    edits = _without_new_markup(text, _disjoint(text, _outermost(wanted)))
    return tuple(_finding(text, proposal, edits) for proposal in ordered), edits


def edit_of(text: str, proposal: Proposal, *, gap: str) -> Edit:
    """The edit that carries a proposal out."""
    whole = proposal.reach or proposal.span
    start, end = whole.start, whole.end
    # What turns or hides the text from here on must not outlive the phrase that it served.
    while start and text[start - 1] in _STEERING:
        start -= 1
    replacement = ""
    scope = proposal.scope
    in_sentence = scope == "phrase" and (gap or sentence_goes_on(text, end, sure=True))
    if not in_sentence and _is_alone(text, start, end):
        scope = "line"
    if scope == "line":
        start, end = _whole_lines(text, start, end)
    elif scope == "sentence":
        start, end = _with_blank(text, start, end)
    elif scope == "piece":
        start, end = _with_separator(text, start, end)
    else:
        start, end, replacement = _phrase(text, start, end, gap)
    if not replacement and _joins(text, start, end):
        replacement = " "
    return Edit(start, end, text[start:end], replacement, proposal.scope == "phrase")


def action_of(edit: Edit) -> str:
    """What an edit does to a finding that lies in it."""
    return "replace" if edit.replacement.strip() else "remove"


def sentence_goes_on(text: str, end: int, *, sure: bool) -> bool:
    """Whether the sentence that ``text[:end]`` ends in goes on in the next line.

    Closing punctuation there is a sure sign, a small letter a likely one.
    """
    scar = _SCAR.match(text, end)
    return scar is not None and (scar[1][0] in _CLOSING or (not sure and _starts_small(scar[1])))


def _starts_small(head: str) -> bool:
    return head[0].isalpha() and head[0].islower() and _LIST_MARK.match(head) is None


def _rank(text: str, proposal: Proposal) -> int:
    """Which of two edits that meet is made first.

    A line goes before a phrase that would join it to its sentence; but what follows a sure scar is
    the sentence's own punctuation, no line.
    """
    if proposal.scope == "phrase" and sentence_goes_on(text, proposal.span.end, sure=True):
        return 0
    return 1 if proposal.scope == "line" else 2


def _outermost(wanted: Sequence[tuple[int, Edit]]) -> list[tuple[int, Edit]]:
    """Leave out edits that lie in another one."""
    found: list[tuple[int, Edit]] = []
    reach = -1
    for rank, edit in sorted(wanted, key=lambda pair: (pair[1].start, -pair[1].end, pair[0])):
        if edit.end > reach:
            found.append((rank, edit))
            reach = edit.end
    return found


def _disjoint(text: str, wanted: Sequence[tuple[int, Edit]]) -> list[Edit]:
    """The edits that can be made together, in order: by rank, then the larger first."""
    chosen: list[Edit] = []
    for _, edit in sorted(
        wanted, key=lambda pair: (pair[0], -len(pair[1].original), pair[1].start)
    ):
        at = bisect_left(chosen, edit.start, key=lambda other: other.start)
        clear = (at == 0 or _fit(text, chosen[at - 1], edit)) and (
            at == len(chosen) or _fit(text, edit, chosen[at])
        )
        if clear:
            chosen.insert(at, edit)
    return chosen


def _fit(text: str, left: Edit, right: Edit) -> bool:
    """Whether two edits, the second not before the first, can be made together."""
    if left.end != right.start:
        return left.end < right.start
    if any(character in edit.original for edit in (left, right) for character in "\r\n"):
        return _takes_lines(text, left) and _takes_lines(text, right)
    seam = text[left.start - 1 : left.start] if left.start else ""
    seam += left.replacement + right.replacement + text[right.end : right.end + 1]
    return not any(map(_stick, seam, seam[1:])) and not any(map(_are_blanks, seam, seam[1:]))


def _takes_lines(text: str, edit: Edit) -> bool:
    starts = edit.start == 0 or text[edit.start - 1] == "\n"
    ends = edit.end == len(text) or text[edit.end - 1] == "\n"
    return starts and ends and not edit.replacement


def _without_new_markup(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Leave out edits whose seam, together with those before it, would make markup."""
    kept: list[Edit] = []
    tail = ""
    position = 0
    for edit in edits:
        before = (tail + text[max(position, edit.start - SEAM) : edit.start])[-SEAM:]
        if not _markup_arises(text, edit, before):
            kept.append(edit)
            tail, position = (before + edit.replacement)[-SEAM:], edit.end
    return tuple(kept)


def _markup_arises(text: str, edit: Edit, before: str | None) -> bool:
    """Whether an edit would let markup arise at its seam that was in none of the parts."""
    if before is None:
        before = text[max(0, edit.start - SEAM) : edit.start]
    parts = (before, edit.replacement, text[edit.end : edit.end + SEAM])
    return len(_MARKUP.findall("".join(parts))) > sum(len(_MARKUP.findall(part)) for part in parts)


def _finding(text: str, proposal: Proposal, edits: Sequence[Edit]) -> Finding:
    span = proposal.span
    index = covering(edits, span)
    action = "flag"
    if proposal.act and index is not None:
        action = action_of(edits[index])
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


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether only blanks share the line."""
    low, high = _blanks_before(text, start), _blanks_behind(text, end)
    return (low == 0 or text[low - 1] in "\r\n") and (high == len(text) or text[high] in "\r\n")


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend to whole lines, and over the blank lines on one side where there are some on both."""
    start = text.rfind("\n", 0, start) + 1
    end = _line_end(text, end)
    blank_from, blank_to = start, end
    while blank_from:
        previous = text.rfind("\n", 0, blank_from - 1) + 1
        if text[previous:blank_from].strip():
            break
        blank_from = previous
    while blank_to < len(text):
        following = _line_end(text, blank_to)
        if text[blank_to:following].strip():
            break
        blank_to = following
    if blank_to == len(text):
        return _to_the_end(text, blank_from)
    if blank_from == 0:
        return 0, blank_to
    return (start, blank_to) if blank_from < start else (start, end)


def _to_the_end(text: str, start: int) -> tuple[int, int]:
    """The rest of the document goes; the last line that stays ends as the document did."""
    if start and not text.endswith("\n"):
        start -= 2 if text[start - 2 : start] == "\r\n" else 1
    return start, len(text)


def _line_end(text: str, start: int) -> int:
    return text.find("\n", start) + 1 or len(text)


def _blanks_before(text: str, start: int) -> int:
    """Where the blanks before ``start`` begin, on its line."""
    while start and text[start - 1].isspace() and text[start - 1] not in "\r\n":
        start -= 1
    return start


def _blanks_behind(text: str, end: int) -> int:
    """Where the blanks behind ``end`` stop, on its line."""
    while end < len(text) and text[end].isspace() and text[end] not in "\r\n":
        end += 1
    return end


def _with_blank(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend over the blanks on one side of a sentence."""
    low = _blanks_before(text, start)
    if low and text[low - 1] not in "\r\n":
        return low, end
    return start, _blanks_behind(text, end)


def _with_separator(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend over the separator between a piece and its line's rest."""
    for opening, closing in ("()", "[]"):
        piece = text[start:end]
        if piece.count(opening) > piece.count(closing) and text[end : end + 1] == closing:
            end += 1
    low = start
    while low and _separates(text[low - 1]):
        low -= 1
    if low and text[low - 1] not in "\r\n":
        high = _blanks_behind(text, end)
        return low, high if high == len(text) or text[high] in "\r\n" else end
    while end < len(text) and _separates(text[end]):
        end += 1
    return start, end


def _separates(character: str) -> bool:
    return character in _SEPARATORS or (character.isspace() and character not in "\r\n")


def _phrase(text: str, start: int, end: int, gap: str) -> tuple[int, int, str]:
    """A phrase inside a sentence, with the scar behind it, and one before it if that is sure."""
    before = after = ""
    scar = _SCAR.match(text, end)
    if scar is not None and scar[1][0] in _CLOSING:
        end = scar.end()
        start, before = _scar_before(text, start)
    elif scar is not None and _starts_small(scar[1]):
        end = scar.end()
        after = " "
    if gap:
        if gap.endswith("]") and text[end : end + 1] == "(":
            after = " "  # Markdown takes "](" for a link
        return start, end, before + gap + after
    low = _blanks_before(text, start)
    if low == 0 or text[low - 1] in "\r\n":
        return start, _blanks_behind(text, end), ""
    following = text[end : end + 1]
    if after or not following or following.isspace() or following in _CLOSING:
        return low, end, " " if after and low < start else ""
    return start, end, ""


def _scar_before(text: str, start: int) -> tuple[int, str]:
    """Where a phrase begins with the line break before it, if a sentence was cut there."""
    low = _blanks_before(text, start)
    if not low or text[low - 1] not in "\r\n":
        return start, ""
    low -= 2 if text[low - 2 : low] == "\r\n" else 1
    low = last = _blanks_before(text, low)
    while last and text[last - 1] in _QUOTES:
        last -= 1
    if not last or text[last - 1] in _SENTENCE_ENDS or text[last - 1] in "\r\n":
        return start, ""
    return low, " "


def _joins(text: str, start: int, end: int) -> bool:
    """Whether what stands around ``[start, end)`` would be read as one, if that went."""
    low, high = start, end
    while low and _is_hidden(text[low - 1]):
        low -= 1
    while high < len(text) and _is_hidden(text[high]):
        high += 1
    as_seen = _stick(text[low - 1 : low], text[high : high + 1])
    return as_seen or _stick(text[start - 1 : start], text[end : end + 1])


def _is_hidden(character: str) -> bool:
    """Whether a character has no width of its own: a mark on another one, or a control."""
    return unicodedata.category(character) in _HIDDEN and not character.isspace()


def _stick(left: str, right: str) -> bool:
    """Whether two characters side by side would be read as one word or one character."""
    if not left or not right:
        return False
    escaped = "\udc80" <= left <= "\udcff" and "\udc80" <= right <= "\udcff"
    return escaped or (left.isalnum() and right.isalnum()) or bool(unicodedata.combining(right))


def _are_blanks(left: str, right: str) -> bool:
    return all(character.isspace() and character not in "\r\n" for character in (left, right))
