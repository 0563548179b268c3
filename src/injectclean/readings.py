"""What disguised words read as: letters pulled apart, digits for letters, words glued, keys typed.

Characters are undone by themselves (``normalize``); here it takes words. A word that ordinary text
or the model knows is never touched, and a disguise is undone only where it gives words that are
known, so that honest text reads the same, whatever it is disguised as. What has more than one
reading, as the keys of an input method have, needs a second one close by.

Every chunk (what stands between blanks) is looked at once and remembered, so ordinary text costs a
look-up a chunk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from injectclean.languages import spellings
from injectclean.spelling import MAX_SYLLABLE, Spelling
from injectclean.tokens import fold
from injectclean.values import NamedTuple

MAX_CHUNKS = 200_000  # chunks remembered
MAX_GLUED = 60  # letters of a word, or of words without blanks, that is taken apart
LEAST_GLUED = 6  # letters from which a word may be two
LEAST_APART = 4  # letters of words pulled apart, together
NEAR = 3  # words on either side in which a second one is looked for
PLAIN, SURE, DOUBTFUL, LETTER, APART = range(5)

_SIGNS = "@$|!"
_DIGITS = str.maketrans("0134578@$!|", "oieastbasil")
_OTHER_DIGITS = str.maketrans("1", "l")
_BETWEEN = ".\\-_/|*~+·•\u2190-\u2bff\U0001f000-\U0001faff"
_WORD = re.compile(f"[^\\W_]*[^\\W\\d_](?:[^\\W_]|[{_SIGNS}](?=[^\\W_])|[@$])*|\\d(?:[^\\W_]|@)*")
_PULLED = re.compile(
    f"(?<![^\\W_])[^\\W\\d_](?P<sign>[{_BETWEEN}])[^\\W\\d_](?:(?P=sign)[^\\W\\d_])*(?![^\\W_])"
)
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?: {1,3}[^\W\d_](?![^\W_])){3,}")
_ROMAN = frozenset("ivxlcdm")
Change = tuple[int, int, str]


class Word(NamedTuple):
    """A word of a line, what it may read as, and whether that needs a second one close by."""

    start: int
    end: int
    reading: str
    doubtful: bool


class Readings:
    """Finds what disguised words read as, by what is known of words and of two side by side."""

    def __init__(
        self, is_known: Callable[[str], bool], are_known: Callable[[str, str], bool]
    ) -> None:
        """Take what tells whether a fold, and whether two side by side, are known."""
        self._is_known = is_known
        self._are_known = are_known
        self._kinds: dict[str, int] = {}
        self._words: dict[str, tuple[str, bool] | None] = {}

    @cached_property
    def _spellings(self) -> list[Spelling]:
        return [Spelling(data) for data in spellings()]

    def changes(self, text: str) -> list[Change]:
        """Sorted, disjoint ``(start, end, reading)`` of the disguised words of a text."""
        kinds = self._kinds
        if len(kinds) > MAX_CHUNKS:
            kinds.clear()
            self._words.clear()
        found = 0
        for chunk in set(text.split()):
            kind = kinds.get(chunk)
            if kind is None:
                kind = kinds[chunk] = self._kind(chunk)
            found |= 1 << kind
        if found <= 1 << PLAIN:
            return []
        apart = self._apart(text) if found & (1 << LETTER | 1 << APART) else []
        if not found & (1 << SURE | 1 << DOUBTFUL):
            return apart
        return merge_changes(apart, self._of_words(text))

    def _kind(self, chunk: str) -> int:
        if len(chunk) == 1:
            return LETTER if chunk.isalpha() else PLAIN
        if _PULLED.search(chunk) is not None:
            return APART
        kinds = [self._read(match.group()) for match in _WORD.finditer(chunk)]
        readings = [found for found in kinds if found is not None]
        if not readings:
            return PLAIN
        return DOUBTFUL if all(doubtful for _, doubtful in readings) else SURE

    # Words

    def _of_words(self, text: str) -> list[Change]:
        found: list[Change] = []
        start = 0
        for line in text.splitlines(keepends=True):
            if any(self._kinds.get(chunk, PLAIN) in (SURE, DOUBTFUL) for chunk in line.split()):
                found += self._of_line(line, start)
            start += len(line)
        return found

    def _of_line(self, line: str, first: int) -> Iterator[Change]:
        matches = list(_WORD.finditer(line))
        readings = [self._read(match.group()) for match in matches]
        doubtful = [at for at, found in enumerate(readings) if found is not None and found[1]]
        paired = {at for pair in pairwise(doubtful) if pair[1] - pair[0] <= NEAR for at in pair}
        for at, (match, found) in enumerate(zip(matches, readings, strict=True)):
            if found is not None and (not found[1] or at in paired):
                yield first + match.start(), first + match.end(), found[0]

    def _read(self, word: str) -> tuple[str, bool] | None:
        """What a word reads as, and whether that is doubtful; None if it stays."""
        if word in self._words:
            return self._words[word]
        found = self._words[word] = self._reading(word)
        return found

    def _reading(self, word: str) -> tuple[str, bool] | None:
        if len(word) < 2 or len(word) > MAX_GLUED:
            return None
        lower = word.lower()
        if self._is_known(fold(word)) and not self._is_misspelt(lower):
            return None
        if not word.isalpha():
            return self._with_digits(word, lower)
        for collapsed in _collapse(lower):
            if self._is_known(fold(collapsed)):
                return _in_case(word, collapsed), False
        if not word.isascii():
            for found in self._respelled(lower):
                return _in_case(word, found), False
        if len(word) >= LEAST_GLUED:
            parts = self.split(lower)
            if parts is not None and (not word.isascii() or self._meet(parts)):
                return _in_case(word, " ".join(parts)), False
        typed = self._typed(lower)
        return None if typed is None else (_in_case(word, typed), True)

    def _with_digits(self, word: str, lower: str) -> tuple[str, bool] | None:
        is_code = lower.isascii() and lower.rstrip("0123456789").isalpha()
        if not is_code and len(word) > 2:
            for plain in filter(str.isalpha, _letters_of(lower)):
                if self._is_known(fold(plain)):
                    return _in_case(word, plain), False
            for plain in filter(str.isalpha, _letters_of(lower)):
                parts = self.split(plain) if len(plain) >= LEAST_GLUED else None
                if parts is not None and self._meet(parts):
                    return _in_case(word, " ".join(parts)), False
        typed = None if word.isupper() else self._typed(lower)
        return None if typed is None else (_in_case(word, typed), True)

    def _is_misspelt(self, lower: str) -> bool:
        """Whether a word has diacritics, and an onset that no word with them is spelled with."""
        return not lower.isascii() and any(s.is_misspelt(lower) for s in self._spellings)

    def _respelled(self, lower: str) -> Iterator[str]:
        for spelling in self._spellings:
            for found in spelling.respelled(lower):
                if self._is_known(fold(found)):
                    yield found

    def _typed(self, lower: str) -> str | None:
        if not lower.isascii():
            return None
        for spelling in self._spellings:
            found = spelling.typed(lower)
            if found is not None and self._is_known(fold(found)):
                return found
        return None

    def _meet(self, parts: Sequence[str]) -> bool:
        """Whether all that stand side by side are known to."""
        return all(self._are_known(fold(left), fold(right)) for left, right in pairwise(parts))

    def split(self, glued: str) -> list[str] | None:
        """The likeliest words that lower-case letters without blanks are made of; two at least.

        As few as possible, each with an onset, side by side as known pairs are.
        """
        best: list[dict[str, tuple[float, int, str]]] = [{"": (0.0, 0, "")}]
        for end in range(1, len(glued) + 1):
            here: dict[str, tuple[float, int, str]] = {}
            for start in range(max(0, end - MAX_SYLLABLE * 2), end):
                word = glued[start:end]
                cost = self._cost(word) if best[start] else None
                if cost is None:
                    continue
                folded = fold(word)
                ways = (
                    (before + cost - 0.4 * self._are_known(fold(left), folded), start, left)
                    for left, (before, _, _) in best[start].items()
                )
                here[word] = min(ways)
            best.append(here)
        if not best[-1]:
            return None
        last = min(best[-1], key=lambda word: (best[-1][word][0], word))
        words, at = [], len(glued)
        while at:
            words.append(last)
            _, at, last = best[at][last]
        return words[::-1] if len(words) > 1 else None

    def _cost(self, word: str) -> float | None:
        """What a word costs a splitting; None if it is none."""
        if not self._is_known(fold(word)):
            return None
        for spelling in self._spellings:
            if len(word) <= MAX_SYLLABLE and spelling.is_syllable(word):
                return 1.0 if fold(word[0]) not in tuple("aeiouy") else 1.5
        return 1.0 if len(word) >= 4 and word.isascii() else None

    # Letters

    def _apart(self, text: str) -> list[Change]:
        found: list[Change] = []
        start = 0
        for line in text.splitlines(keepends=True):
            pulled = list(_PULLED.finditer(line))
            if sum(len(match.group()) // 2 + 1 for match in pulled) >= LEAST_APART:
                for match in pulled:
                    found += self._join(match.group(), start + match.start())
            for match in _SPACED.finditer(line):
                found += self._join_spaced(match.group(), start + match.start())
            start += len(line)
        found.sort()
        return found

    def _join(self, run: str, start: int) -> list[Change]:
        """Letters with one sign between: words, where the letters together are none."""
        letters = run[::2]
        ends = self._ends_of_words(letters)
        return [
            (start + 2 * at - 1, start + 2 * at, " " if at in ends else "")
            for at in range(1, len(letters))
        ]

    def _join_spaced(self, run: str, start: int) -> list[Change]:
        """Letters with blanks between: wider ones stand between words, if there are any."""
        places = [at for at, letter in enumerate(run) if letter != " "]
        gaps = [right - left for left, right in pairwise(places)]
        if len(set(gaps)) > 1:
            ends = {at for at, gap in enumerate(gaps, 1) if gap > min(gaps)}
        else:
            letters = "".join(run[at] for at in places)
            ends = self._ends_of_words(letters)
            if not ends and not self._is_known(fold(letters)):
                return []
        return [
            (start + left + 1, start + right, " " if at in ends else "")
            for at, (left, right) in enumerate(pairwise(places), 1)
        ]

    def _ends_of_words(self, letters: str) -> set[int]:
        if len(letters) > MAX_GLUED or self._is_known(fold(letters)):
            return set()
        ends, at = set(), 0
        for word in self.split(letters.lower()) or ():
            at += len(word)
            ends.add(at)
        return ends - {len(letters)}


def merge_changes(first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """All changes in order; of those that overlap the ones that begin first."""
    merged: list[Change] = []
    for change in sorted([*first, *second]):
        if not merged or change[0] >= merged[-1][1]:
            merged.append(change)
    return merged


def _letters_of(word: str) -> Iterator[str]:
    """The letters that digits and signs may stand for."""
    yield word.translate(_DIGITS)
    if "1" in word:
        yield word.translate(_OTHER_DIGITS).translate(_DIGITS)


def _collapse(word: str) -> Iterator[str]:
    """A word with letters in it three times or more: with each once, and with each twice."""
    runs: list[str] = []
    for letter in word:
        if runs and fold(runs[-1][0]) == fold(letter):
            runs[-1] += letter
        else:
            runs.append(letter)
    if all(len(run) < 3 for run in runs) or set(word) <= _ROMAN or len(runs) == 1:
        return
    for most in (1, 2):
        yield "".join(_strongest(run, most) if len(run) > 2 else run for run in runs)
    yield "".join(_strongest(run, 1) for run in runs)


def _strongest(run: str, most: int) -> str:
    """A run of a letter cut short; of its forms the one with diacritics stays."""
    return max(run, key=lambda letter: not letter.isascii()) + run[1:most]


def _in_case(written: str, reading: str) -> str:
    if written.isupper():
        return reading.upper()
    return reading[0].upper() + reading[1:] if written[0].isupper() else reading
