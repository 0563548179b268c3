"""Bounded memory: of what a line is by itself, and of what each step from word to word gives.

A site repeats its lines, and the second look at a page, once cleaned, meets most of them again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Generic, TypeVar

from injectclean.tokens import fold

MAX_LINES = 2000  # remembered, the least recently seen go first
MAX_LENGTH = 2000  # code points of a line that is remembered: 16 MB of text at the very most

_Result = TypeVar("_Result")
_Value = TypeVar("_Value")


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


class State(dict[str, "tuple[_Value, State[_Value]]"], Generic[_Value]):
    """Where a walk over words stands: the next word -> what that step gives, and the next state."""

    __slots__ = ("_walk", "last")

    def __init__(self, walk: Walk[_Value], last: str | None) -> None:
        super().__init__()
        self._walk = walk
        self.last = last

    def __missing__(self, word: str) -> tuple[_Value, State[_Value]]:
        return self._walk.add(self, word)


class Walk(Generic[_Value]):
    """Steps over words that stand side by side, each measured once: then a look-up apiece.

    What a step gives depends on the word, and on the fold of the one before it only.

    >>> walk = Walk(lambda last, word, folded: f"{last}>{folded}", most=100)
    >>> step, state = walk.start["Sòng"]
    >>> step, state["bài"][0]
    ('None>song', 'song>bai')
    """

    def __init__(self, measure: Callable[[str | None, str, str], _Value], most: int) -> None:
        """Take what measures ``(fold before, word, its fold)``, and how many steps are kept."""
        self.start: State[_Value] = State(self, None)
        self._measure = measure
        self._most = most
        self._states: dict[str, State[_Value]] = {}
        self._steps = 0

    def add(self, state: State[_Value], word: str) -> tuple[_Value, State[_Value]]:
        """Measure a step, and keep it."""
        if self._steps >= self._most:
            # Start afresh: what is in use goes on working, the next look-ups are misses.
            for old in (self.start, *self._states.values()):
                old.clear()
            self._states.clear()
            self._steps = 0
        self._steps += 1
        folded = fold(word)
        after = self._states.get(folded)
        if after is None:
            after = self._states[folded] = State(self, folded)
        step = state[word] = (self._measure(state.last, word, folded), after)
        return step
