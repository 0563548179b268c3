"""Letters pulled apart, with signs or blanks between, put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from injectclean.segment import Segmenter
from injectclean.signs import signs_of
from injectclean.tokens import fold

LEAST_APART = 4  # letters of words pulled apart, together
_SPACED = r"(?<![^\W_])[^\W_](?: {1,3}[^\W_](?![^\W_])){3,}"
Change = tuple[int, int, str]  # what stands at a place reads so


class Apart:
    """Puts letters together, by what is known of words."""

    def __init__(self, is_known: Callable[[str], bool], segmenter: Segmenter) -> None:
        self._is_known = is_known
        self._segmenter = segmenter

    def spaced(self, line: str) -> list[Change]:
        """Letters with blanks between, put together where a line has enough of them in a row."""
        if not _has_run(line.split()):
            return []
        matches = re.finditer(_SPACED, line)
        return [change for m in matches for change in self._join_spaced(m.group(), m.start())]

    def pulled(self, line: str) -> list[Change]:
        """Letters with one sign between, where a line has enough of them, put together."""
        runs = list(signs_of(line).pulled.finditer(line))
        beside = [line[left.end() : right.start()].isspace() for left, right in pairwise(runs)]
        rows = [
            ([at for at in range(*run.span()) if line[at] != run["sign"]], before or after)
            for run, before, after in zip(runs, [False, *beside], [*beside, False], strict=True)
        ]
        # Two letters by themselves are an abbreviation or a pair, and prove nothing.
        apart = [len(places) for places, in_row in rows if in_row or len(places) > 2]
        if sum(apart) < LEAST_APART:
            return []
        found: list[Change] = []
        for places, in_row in rows:
            letters = "".join(map(line.__getitem__, places))
            # Next to another one it is a word: what is between them stands between words.
            is_word = in_row or not letters.isalpha()
            found += _joined(places, set()) if is_word else self._join(letters, places)
        return found

    def _join_spaced(self, run: str, start: int) -> list[Change]:
        """Letters with blanks between: wider ones stand between words, if there are any."""
        letters = run.replace(" ", "")
        places = [start + at for at, letter in enumerate(run) if letter != " "]
        if 2 * sum(map(str.isalpha, letters)) < len(letters):
            return []
        gaps = [right - left for left, right in pairwise(places)]
        if len(set(gaps)) > 1:
            ends = {at for at, gap in enumerate(gaps, 1) if gap > min(gaps)}
            return _joined(places, ends)
        if self._is_known(fold(letters)) or self._ends_of_words(letters):
            return self._join(letters, places)
        return []

    def _join(self, letters: str, places: Sequence[int]) -> list[Change]:
        """Letters put together: one word, or several where the letters together are none."""
        return _joined(places, self._ends_of_words(letters))

    def _ends_of_words(self, letters: str) -> set[int]:
        if self._is_known(fold(letters)):
            return set()
        parts = self._segmenter.split(letters.lower(), strict=False) or []
        ends = accumulate(map(len, parts[:-1]))
        return {at for at in ends if not letters[at - 1 : at + 1].isdigit()}


def _has_run(chunks: Sequence[str]) -> bool:
    """Whether as many letters stand by themselves as words pulled apart have."""
    run = 0
    for chunk in chunks:
        run = run + 1 if len(chunk) == 1 else 0
        if run == LEAST_APART:
            return True
    return False


def _joined(places: Sequence[int], ends: set[int]) -> list[Change]:
    """What is between letters at these places is left out, or a blank where a word ends."""
    return [
        (left + 1, right, " " if at in ends else "")
        for at, (left, right) in enumerate(pairwise(places), 1)
        if right > left + 1
    ]
