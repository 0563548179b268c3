"""What must hold of every edit, whatever made it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from injectclean.spans import Edit

MARKUP = re.compile(r"<[A-Za-z/!?]|&#?\w+;|\]\(|-->")
HIDDEN = re.compile("[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u00ad\ufe0f\ufeff\x1b]")
_ORPHAN = re.compile(r"[^\S\r\n]*(?:\r\n?|\n)[^\S\r\n]*[,.;:!?…)\]}”’%]")


def check_seams(text: str, edits: Sequence[Edit]) -> None:
    """A removal joins no words, leaves no double space, no orphan line break, makes no markup."""
    for left, edit, right in _seams(text, edits):
        seam = HIDDEN.sub("", left)[-1:] + edit.replacement + HIDDEN.sub("", right)[:1]
        joined = (
            len(seam) == 2 + len(edit.replacement) and seam[-2:].isalnum() and seam[:2].isalnum()
        )
        assert not joined, f"joins words: {edit}"
        assert not (_is_blank((left + edit.replacement)[-1:]) and _is_blank(right[:1])), (
            f"leaves a double space: {edit}"
        )
        if edit.lossy:
            assert _ORPHAN.match(text[edit.end :][:200]) is None, (
                f"leaves an orphan line break: {edit}"
            )
        elif "\n" in edit.original and left and right:
            assert left[-1] in "\r\n" or right[0] in "\r\n", f"joins lines: {edit}"
    cleaned = "".join(_parts(text, edits))
    assert blank_lines(cleaned) <= blank_lines(text), "leaves a blank line"
    allowed = MARKUP.findall("".join(edit.replacement for edit in edits))
    assert set(MARKUP.findall(cleaned)) <= {*MARKUP.findall(text), *allowed}, "makes markup"


def blank_lines(text: str) -> int:
    """Lines without a visible character; the end of the last line is no line."""
    return sum(not line.strip() for line in text.split("\n")[:-1])


def _seams(text: str, edits: Sequence[Edit]) -> Iterator[tuple[str, Edit, str]]:
    """Each edit with what stands before and behind it in the cleaned text, 200 at the most."""
    parts = list(_parts(text, edits))
    for index, edit in enumerate(edits):
        at = 2 * index + 1
        yield "".join(parts[:at])[-200:], edit, "".join(parts[at + 1 :])[:200]


def _parts(text: str, edits: Sequence[Edit]) -> Iterator[str]:
    position = 0
    for edit in edits:
        yield text[position : edit.start]
        yield edit.replacement
        position = edit.end
    yield text[position:]


def _is_blank(character: str) -> bool:
    return character.isspace() and character not in "\r\n"
