r"""The matching view: a shadow copy with disguises undone, and a map back to the original.

The view is what tokens are read from; it is never written out. Most text is its own view, which a
scan for unusual characters finds out; the rest is rewritten cluster by cluster:

* canonical composition (NFC), compatibility letters (fullwidth, mathematical, circled, ligatures);
* zero-width, bidi and soft-hyphen characters and surplus combining marks are left out;
* odd blanks become a space; HTML entities become what they stand for, and tags within words go;
* a look-alike of another script becomes the Latin letter where it stands among Latin letters;
* words are read as ``readings`` says, where that is asked for.

>>> view = matching_view("nh\u200bà ca\u0301i")
>>> view.text, view.span(0, 3), view.span(4, 7)
('nhà cái', (0, 4), (5, 9))
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from injectclean.languages import look_alikes

if TYPE_CHECKING:
    from injectclean.apart import Change
    from injectclean.readings import Readings

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
_OPENING = "\u202a\u202b\u202d\u202e\u2066-\u2068"  # turns the direction of what follows
# What is rewritten: a base character with what hangs on it, or a strange character alone.
_HANGING = f"(?:(?![{_OPENING}])[{_COMBINING}{_INVISIBLE}])"
_CLUSTER = f"[{_OPENING}]+[^\r\n{_OPENING}]{_HANGING}*|[^\r\n]{_HANGING}+|[{_STRANGE}{_COMBINING}]"
_INVISIBLE_ONE = f"[{_INVISIBLE}]"
_SELDOM = re.compile(
    "[^\x00-\xa9\xbb-\xcf\xd1-\xef\xf1-\u0131\u01a0\u01a1\u01af\u01b0\u1ea0-\u1eff\u2010-\u2027]"
)
_BLANKS = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
# Letters in circles and squares, and of flags: Unicode gives them no plain form.
_BOXED = {start + n: chr(ord("A") + n) for start in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
_ENTITY = r"&(?:amp;){0,3}(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_STYLED = "b|i|u|em|strong|span|font|small|big|sub|sup|mark|wbr|s|del|ins|tt"  # within a word
_LOOK = r"(?:\s++(?:style|class|id|color|size|face)\s*+=\s*+(?:\"[^\"<>\n]*+\"|'[^'<>\n]*+'))*+"
_OPEN, _CLOSE = f"(?:<(?:{_STYLED}){_LOOK}\\s*+/?>)++", f"(?:</(?:{_STYLED})\\s*+>)++"
# A tag goes with the character that it stands before or behind, so that an edit takes both.
_TAGGED = f"{_OPEN}([^\\s<>&])(?:{_CLOSE})?|([^\\s<>&]){_CLOSE}|{_OPEN}|{_CLOSE}"


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

    def changed(self, changes: Iterable[Change]) -> View:
        """A view of this view, with something else at sorted, disjoint places.

        What stands for a place has that place, every character of it.
        """
        from array import array

        parts: list[str] = []
        starts, ends = array("I"), array("I")
        all_starts = range(len(self.text)) if self._starts is None else self._starts
        all_ends = range(1, len(self.text) + 1) if self._ends is None else self._ends
        position = 0
        for low, high, plain in changes:
            parts += self.text[position:low], plain
            starts.extend(all_starts[position:low])
            ends.extend(all_ends[position:low])
            starts.extend([all_starts[low]] * len(plain))
            ends.extend([all_ends[high - 1]] * len(plain))
            position = high
        parts.append(self.text[position:])
        starts.extend(all_starts[position:])
        ends.extend(all_ends[position:])
        return View("".join(parts), starts, ends)

    def respelled(self, text: str) -> View:
        """The same places with other characters, one for one."""
        return View(text, self._starts, self._ends)


def matching_view(text: str, readings: Readings | None = None) -> View:
    """Return the matching view of ``text``; lines of the view are the lines of the text."""
    view = _without_markup(View(text)) if "&" in text or "<" in text else View(text)
    view = _plain_letters(view)
    changes = readings.changes(view.text) if readings is not None else []
    return view.changed(changes) if changes else view


def _without_markup(view: View) -> View:
    """Entities, and tags that only style, undone."""
    entities = list(_entities(view.text))
    if entities:
        view = view.changed(entities)
    tags = [(m.start(), m.end(), m[1] or m[2] or "") for m in re.finditer(_TAGGED, view.text)]
    return view.changed(tags) if tags else view


def _entities(text: str) -> Iterator[Change]:
    if "&" not in text:
        return
    from html import unescape

    for match in re.finditer(_ENTITY, text):
        entity = f"&{match[1]};"
        plain = unescape(entity)
        if plain != entity:
            yield match.start(), match.end(), plain.replace("\n", " ")


def _plain_letters(view: View) -> View:
    text = view.text
    if text.isascii():
        return view
    if not _has_unusual(text) and unicodedata.is_normalized("NFC", text):
        return view.respelled(_plain_blanks(text))
    clusters = ((*m.span(), _plain(m.group())) for m in re.finditer(_CLUSTER, text))
    view = view.changed(clusters)
    return view.respelled(_undo_look_alikes(_plain_blanks(view.text)))


def _has_unusual(text: str) -> bool:
    return _SELDOM.search(text) is not None and re.search(_UNUSUAL, text) is not None


def _plain_blanks(text: str) -> str:
    for blank in _BLANKS:  # 35 times as fast as str.translate, which looks at every character
        text = text.replace(blank, " ")
    return text


def _plain(cluster: str) -> str:
    """Characters with what hangs on them, as ordinary letters; empty if nothing is visible."""
    visible = re.sub(_INVISIBLE_ONE, "", cluster).translate(_BOXED)
    # Unicode takes the lunate sigma for a sigma; it looks like a "c".
    lunate = visible[:1] in ("\u03f2", "\u03f9")
    form: Literal["NFC", "NFKC"] = "NFC" if lunate else "NFKC"
    kept = "".join(c for c in unicodedata.normalize(form, visible) if not _hangs(c))
    return "".join(" " if character.isspace() else _full_size(character) for character in kept)


def _full_size(character: str) -> str:
    """A small capital as the letter that it is."""
    name = unicodedata.name(character, "") if character > "\u024f" else ""
    letter = name.removeprefix(_SMALL_CAPITAL)
    return letter.lower() if letter != name and len(letter) == 1 else character


def _hangs(character: str) -> bool:
    """Whether a character only decorates the one before: a mark above, below, through or around."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Me"


def _undo_look_alikes(text: str) -> str:
    """Replace look-alikes one by one in words that also hold Latin letters; lengths stay.

    A word that is nothing but look-alikes may be one of that script: so it takes a line in which
    words mix both, and none is of that script.
    """
    table = look_alikes()
    if table.keys().isdisjoint(map(ord, set(text))):
        return text
    return "".join(_latin_line(line, table) for line in text.splitlines(keepends=True))


def _latin_line(line: str, table: Mapping[int, int]) -> str:
    if table.keys().isdisjoint(map(ord, line)):
        return line
    parts = re.split(r"(\w+)", line)
    kinds = {at: _look_of(parts[at], table) for at in range(1, len(parts), 2)}
    there = set(kinds.values())
    undone = {_MIXED, _ALIKE} if _MIXED in there and _FOREIGN not in there else {_MIXED}
    for at, kind in kinds.items():
        if kind in undone:
            parts[at] = parts[at].translate(table)
    return "".join(parts)


_LATIN, _MIXED, _ALIKE, _FOREIGN = range(4)


def _look_of(word: str, table: Mapping[int, int]) -> int:
    """Whether a word's letters are Latin, or look so, or neither."""
    if word.isascii():
        return _LATIN
    letters = {c for c in word if c.isalpha()}
    rest = {c for c in letters if ord(c) not in table}
    if not all(map(_is_latin, rest)):
        return _FOREIGN
    if len(rest) == len(letters):
        return _LATIN
    return _MIXED if rest else _ALIKE


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")
