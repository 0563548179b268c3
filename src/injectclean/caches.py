"""Bounded memory for what a line is by itself.

A site repeats its lines, and the second look at a page, once cleaned, meets most of them again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

MAX_LINES = 2000  # remembered, the least recently seen go first
MAX_LENGTH = 2000  # code points of a line that is remembered: 16 MB of text at the very most

_Result = TypeVar("_Result")


def remembered(look_up: Callable[[str], _Result]) -> Callable[[str], _Result]:
    """A function of a text that remembers its results, which nobody may change.

    >>> remembered(len)("abc")
    3
    """
    kept = lru_cache(MAX_LINES)(look_up)

    @wraps(look_up)
    def look(text: str) -> _Result:
        return kept(text) if len(text) <= MAX_LENGTH else look_up(text)

    return look
