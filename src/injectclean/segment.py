"""Words written without blanks, taken apart: few known words, side by side as they are known.

>>> vietnamese = Segmenter({"nha", "cai", "uy", "tin", "online"}.__contains__, lambda *_: True)
>>> vietnamese.split("nhàcáiuytínonline")
['nhà', 'cái', 'uy', 'tín', 'online']
>>> vietnamese.split("hộinghị")
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import pairwise

from injectclean.languages import spellings
from injectclean.spelling import MAX_SYLLABLE, Spelling
from injectclean.tokens import fold

MAX_GLUED = 200  # letters that are taken apart; the time goes with their number
MAX_WORD = 12  # letters of a word that is looked for
MAX_COSTS = 50_000  # remembered: unknown words share most of their parts
ONSETLESS = 0.5  # what a syllable costs more without an onset
ACQUAINTED = 0.4  # what two known side by side cost less
LETTER = 0.5  # what a letter of an unknown word costs, beside the word
STRANGE = 0.4  # share of the letters that may be of unknown words
_SHORT = {2: 1.8, 3: 1.3}  # what a known word costs that is no syllable
_VOWELS = frozenset("aeiouy")


class Segmenter:
    """Takes glued words apart, by what is known of words and of two side by side."""

    def __init__(
        self, is_known: Callable[[str], bool], are_known: Callable[[str, str], bool]
    ) -> None:
        """Take what tells whether a fold, and whether two side by side, are known."""
        self._is_known = is_known
        self._are_known = are_known
        self._cost = lru_cache(MAX_COSTS)(self._cost_of)

    @cached_property
    def spellings(self) -> list[Spelling]:
        """Of every language of syllables."""
        return [Spelling(data) for data in spellings()]

    def split(self, glued: str, *, strict: bool = True) -> list[str] | None:
        """The words that lower-case letters are most likely made of, two at least, or None.

        Args:
            strict: no word may be unknown; else two letters in five may be of such words.
        """
        if len(glued) > MAX_GLUED:
            return None
        words = self._cheapest(glued, strict=strict)
        if len(words) < 2:
            return None
        strange = sum(len(word) for word in words if self._cost(word) is None)
        return words if strange <= STRANGE * len(glued) else None

    def meet(self, words: list[str]) -> bool:
        """Whether all that stand side by side are known to."""
        return all(self._are_known(fold(left), fold(right)) for left, right in pairwise(words))

    def _cheapest(self, glued: str, *, strict: bool) -> list[str]:
        # For each end, and each word that ends there: its cost, its start, the word before it.
        best: list[dict[str, tuple[float, int, str]]] = [{"": (0.0, 0, "")}]
        for end in range(1, len(glued) + 1):
            here: dict[str, tuple[float, int, str]] = {}
            for start in range(max(0, end - MAX_WORD), end):
                word = glued[start:end]
                cost = self._cost(word) if best[start] else None
                if cost is None and not strict and best[start]:
                    cost = 2.0 + LETTER * len(word)
                if cost is not None:
                    here[word] = self._step(best[start], word, cost, start)
            best.append(here)
        words: list[str] = []
        at = len(glued)
        last = min(best[at], key=lambda word: (best[at][word][0], word), default="")
        while last:
            words.append(last)
            _, at, last = best[at][last]
        return words[::-1]

    def _step(
        self, before: dict[str, tuple[float, int, str]], word: str, cost: float, start: int
    ) -> tuple[float, int, str]:
        folded = fold(word)
        return min(
            (total + cost - ACQUAINTED * self._are_known(fold(left), folded), start, left)
            for left, (total, _, _) in before.items()
        )

    def _cost_of(self, word: str) -> float | None:
        """What a known word costs; None for others."""
        if not self._is_known(fold(word)):
            return None
        if len(word) <= MAX_SYLLABLE and any(s.is_syllable(word) for s in self.spellings):
            return 1.0 + ONSETLESS * (fold(word[0]) in _VOWELS)
        return _SHORT.get(len(word), 1.0) if len(word) > 1 and word.isascii() else None
