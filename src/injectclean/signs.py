"""Signs between letters and between words (dots, dashes, bars, pictures), and what they do there.

A chunk is what stands between blanks. Patterns are compiled where a text first needs them, which
few do, and asked only where the parts of a chunk let them find anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from injectclean.tokens import FIRST_MARK, marks
from injectclean.values import NamedTuple

PLAIN, UNKNOWN, WORDS, LETTER, APART, SIGNED, CHAINED = range(7)  # what is in a chunk
ONE_LETTER = r"[^\W\d_]"


class Signs(NamedTuple):
    """Signs between letters and words, and what they are found with.

    ``pulled`` are letters with one sign between; ``joint`` signs stand between words of a
    ``chained`` chunk, which has three words or more; ``blank`` signs say no more than a blank.
    """

    pulled: re.Pattern[str]
    blank: re.Pattern[str]
    joint: re.Pattern[str]
    chained: re.Pattern[str]

    @classmethod
    def of(cls, blank: str, letter: str = ONE_LETTER) -> Signs:
        """What finds signs that say no more than a blank, and dots, dashes and slashes."""
        pulled = rf"\d*{letter}(?P<sign>[.\-/{blank}]){letter}(?:(?P=sign){letter})*\d*"
        joint = rf"[\-/{blank}]{{1,3}}"
        return cls(
            re.compile(rf"(?<![^\W_]){pulled}(?![^\W_])"),
            re.compile(rf"(?<={ONE_LETTER})[{blank}]{{1,3}}(?={ONE_LETTER})"),
            re.compile(rf"(?<={ONE_LETTER}){joint}(?={ONE_LETTER})"),
            re.compile(rf"\W*{ONE_LETTER}+(?:{joint}{ONE_LETTER}+){{2,}}\W*"),
        )


_BLANK = "_|*~+·•"
TO_BLANKS = str.maketrans(dict.fromkeys(f".-/{_BLANK}", " "))
_WIDE = "\u2190"  # from here on arrows, pictures and the like, and the letters of the far east


@cache
def _few() -> Signs:
    return Signs.of(_BLANK)


@cache
def _many() -> Signs:
    """With what is wide, and marks: those classes take longer to compile than a page to read."""
    return Signs.of(f"{_BLANK}{_WIDE}-\u2bff\U0001f000-\U0001faff", f"{ONE_LETTER}[{marks()}]*")


def signs_of(text: str) -> Signs:
    """What finds the signs of a text, which is not empty."""
    return _few() if text.isascii() or max(text) < FIRST_MARK else _many()


def has_wide_sign(text: str) -> bool:
    """Whether a text has arrows, pictures and the like; letters of the far east are none."""
    if text.isascii() or max(text) < _WIDE:
        return False
    return any(sign >= _WIDE and not sign.isalnum() for sign in text)


def kind_of_signs(chunk: str, parts: Sequence[str]) -> int:
    """What signs do in a chunk; patterns are asked only where its parts let them find anything."""
    is_wide = has_wide_sign(chunk)
    if (is_wide or sum(len(part) == 1 for part in parts) > 1) and signs_of(chunk).pulled.search(
        chunk
    ):
        return APART
    if (is_wide or len(parts) > 2) and signs_of(chunk).chained.fullmatch(chunk):
        return CHAINED
    if (is_wide or any(sign in chunk for sign in _BLANK)) and signs_of(chunk).blank.search(chunk):
        return SIGNED
    return PLAIN
