r"""The matching view: a shadow copy with disguises undone, and a map back to the original.

The view is what tokens are read from; it is never written out. Most text is its own view, which a
scan for unusual characters finds out; the rest is rewritten cluster by cluster:

* canonical composition (NFC), compatibility letters (fullwidth, mathematical, circled, ligatures);
* zero-width, bidi and soft-hyphen characters and surplus combining marks are left out;
* odd blanks become a space;
* a look-alike of another script becomes the Latin letter where it stands among Latin letters.

>>> view = matching_view("nh\u200bà ca\u0301i")
>>> view.text, view.span(0, 3), view.span(4, 7)
('nhà cái', (0, 4), (5, 9))
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from injectclean.languages import look_alikes

# Invisible, or only steering display: soft hyphen, zero-width, bidi marks, variation selectors.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff"
)
_COMPATIBLE = (
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u0132\u0133\u017f\u02b0-\u02b8\u02e0-\u02e4\u1d00-\u1dbf\u2070-\u209c"
    "\u2100-\u214f\u2460-\u24ff\u3200-\u33ff\ufb00-\ufb06\uff00-\uffef\U0001d400-\U0001d7ff"
    "\U0001f100-\U0001f1ff"
)
_OTHER_ALPHABETS = "\u0180-\u019f\u01a2-\u01ae\u01b1-\u024f\u0250-\u02af\u0370-\u058f\u13a0-\u13ff"
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STRANGE = f"{_INVISIBLE}{_COMPATIBLE}{_OTHER_ALPHABETS}\u00d0\u00f0"
# Long classes of characters take longer to compile than a page to look through: they wait, as text,
# for a page on which there is anything but what nearly every page is made of.
_UNUSUAL = f"[{_STRANGE}{_COMBINING}]"
# What is rewritten: a base character with what hangs on it, or a strange character alone.
_CLUSTER = f"[^\r\n][{_COMBINING}{_INVISIBLE}]+|[{_STRANGE}{_COMBINING}]"
_INVISIBLE_ONE = f"[{_INVISIBLE}]"
_SELDOM = re.compile(
    "[^\x00-\xa9\xbb-\xcf\xd1-\xef\xf1-\u0131\u01a0\u01a1\u01af\u01b0\u1ea0-\u1eff\u2010-\u2027]"
)
_BLANKS = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
# White letters in black circles and squares: Unicode gives them no plain form.
_BOXED = {start + n: chr(ord("A") + n) for start in (0x1F150, 0x1F170) for n in range(26)}


class View:
    """Folded shadow of a text. ``starts`` and ``ends`` give each character's original place."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(
        self, text: str, starts: Sequence[int] | None = None, ends: Sequence[int] | None = None
    ) -> None:
        self.text = text
        self._starts = starts
        self._ends = ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original ``[start, end)`` of the non-empty ``[start, end)`` of the view."""
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]


def matching_view(text: str) -> View:
    """Return the matching view of ``text``; lines of the view are the lines of the text."""
    if text.isascii():
        return View(text)
    if not _has_unusual(text) and unicodedata.is_normalized("NFC", text):
        return View(_plain_blanks(text))
    return _rewrite(text)


def _has_unusual(text: str) -> bool:
    return _SELDOM.search(text) is not None and re.search(_UNUSUAL, text) is not None


def _rewrite(text: str) -> View:
    from array import array

    parts: list[str] = []
    starts, ends = array("I"), array("I")
    position = 0
    for cluster in re.finditer(_CLUSTER, text):
        low, high = cluster.span()
        parts.append(text[position:low])
        starts.extend(range(position, low))
        ends.extend(range(position + 1, low + 1))
        plain = _plain(cluster.group())
        parts.append(plain)
        starts.extend([low] * len(plain))
        ends.extend([high] * len(plain))
        position = high
    parts.append(text[position:])
    starts.extend(range(position, len(text)))
    ends.extend(range(position + 1, len(text) + 1))
    return View(_undo_look_alikes(_plain_blanks("".join(parts))), starts, ends)


def _plain_blanks(text: str) -> str:
    for blank in _BLANKS:  # 35 times as fast as str.translate, which looks at every character
        text = text.replace(blank, " ")
    return text


def _plain(cluster: str) -> str:
    """Characters with what hangs on them, as ordinary letters; empty if nothing is visible."""
    visible = re.sub(_INVISIBLE_ONE, "", cluster).translate(_BOXED)
    kept = "".join(c for c in unicodedata.normalize("NFKC", visible) if not _hangs(c))
    return "".join(" " if character.isspace() else character for character in kept)


def _hangs(character: str) -> bool:
    """Whether a character only decorates the one before: a mark above, below, through or around."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Me"


def _undo_look_alikes(text: str) -> str:
    """Replace look-alikes one by one in words that also hold Latin letters; lengths stay."""
    table = look_alikes()

    def latin(match: re.Match[str]) -> str:
        word = match.group()
        if word.isascii() or not any(ord(character) in table for character in word):
            return word
        rest = [c for c in word if c.isalpha() and ord(c) not in table]
        foreign = [c for c in rest if not _is_latin(c)]
        return word if foreign or not rest else word.translate(table)

    return re.sub(r"\w+", latin, text)


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")
