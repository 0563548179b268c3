"""What a word in disguise reads as: digits for letters, words glued, keys typed, misspelt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

from injectclean.apart import Change
from injectclean.segment import Segmenter
from injectclean.signs import ONE_LETTER
from injectclean.tokens import fold
from injectclean.values import NamedTuple

MAX_LENGTH = 200  # code points of a word that is read
LEAST_GLUED = 6  # letters from which a word may be two
LEAST_HUMPS = 3  # letters of a part with a capital, on average
LONG_GLUED, LONG_PARTS = 18, 4  # letters, and letters a part, of a word that no language has
SURE, DOUBTFUL, FAINT = range(3)  # what a reading needs beside it: nothing, another, a better one
# What is read as a word: it may have digits and signs among its letters. It does not begin with the
# decimals of a number: "1.5mm" has no "smm" in it.
WORD = (
    r"(?:(?<!\d[.,])|(?!\d))"
    r"(?:(?:[@$](?=[^\W_]))?[^\W_]*[^\W\d_](?:[^\W_]|[@$|!](?=[^\W_])|[@$])*"
    r"|\d(?:[^\W_]|@|[$|!](?=[^\W_]))*)"
)
_DIGITS = str.maketrans("0134578@$!|", "oieastbasil")
_OTHER_DIGITS = str.maketrans("1", "l")
_ROMAN = frozenset("ivxlcdm")


class Reading(NamedTuple):
    """What a word reads as: changes at places of the word, and how much they are in doubt."""

    changes: Sequence[Change]
    doubt: int = SURE


class WordReader:
    """Reads words one by one, by what is known of words, and remembers what they read as."""

    def __init__(
        self,
        is_known: Callable[[str], bool],
        is_likelier: Callable[[str, str], bool],
        segmenter: Segmenter,
    ) -> None:
        self._is_known = is_known
        self._is_likelier = is_likelier
        self._segmenter = segmenter
        self._words: dict[str, Reading | None] = {}

    def forget(self) -> None:
        """Drop what is remembered."""
        self._words.clear()

    def read(self, word: str) -> Reading | None:
        """What a word reads as; None if it stays."""
        if not 1 < len(word) <= MAX_LENGTH:
            return None
        if word in self._words:
            return self._words[word]
        found = self._words[word] = self._reading(word)
        return found

    def _reading(self, word: str) -> Reading | None:
        lower = word.lower()
        if len(lower) != len(word):
            return None
        folded = fold(word)
        if self._is_known(folded) and (word.isascii() or not self._is_misspelt(folded)):
            # A rare word of one language is the keys of a frequent one of another ("tins", "tín").
            typed = self._typed(lower)
            is_rare = typed is not None and self._is_likelier(folded, fold(typed))
            return _whole(word, typed, DOUBTFUL) if typed is not None and is_rare else None
        read = self._of_letters if word.isalpha() else self._with_digits
        found = read(word, lower)
        if found is not None:
            return found
        typed = None if word.isupper() and not word.isalpha() else self._typed(lower)
        return None if typed is None else _whole(word, typed, DOUBTFUL)

    def _of_letters(self, word: str, lower: str) -> Reading | None:
        for collapsed in _collapse(lower):
            if self._is_known(fold(collapsed)):
                return _whole(word, collapsed)
        if not word.isascii():
            for found in self._respelled(lower):
                return _whole(word, found)
        if len(word) < LEAST_GLUED:
            return None
        humps = _humps(word)
        if len(humps) > 2 or (len(humps) == 2 and all(self._is_known(fold(h)) for h in humps)):
            parts = [part for hump in humps for part in self._unglued(hump.lower()) or [hump]]
        else:
            parts = self._unglued(lower) or []
        return Reading(_blanks(word, parts)) if parts else None

    def _unglued(self, lower: str) -> list[str] | None:
        """The words that a word is made of, if it is."""
        if len(lower) < LEAST_GLUED or self._is_known(fold(lower)):
            return None
        parts = self._segmenter.split(lower, strict=lower.isascii())
        return None if parts is None or (lower.isascii() and not self._are_glued(parts)) else parts

    def _are_glued(self, parts: list[str]) -> bool:
        """Whether known words may be parts of one: they meet elsewhere, or it is far too long."""
        size = sum(map(len, parts))
        is_long = size >= LONG_GLUED and size >= LONG_PARTS * len(parts) and len(parts) > 2
        return is_long or self._segmenter.meet(parts)

    def _with_digits(self, word: str, lower: str) -> Reading | None:
        is_code = lower.isascii() and lower.rstrip("0123456789").isalpha()
        if is_code or (lower.isascii() and (lower[0] in "@$" or len(word) < 3)):
            plain = lower.translate(_DIGITS)
            if not (plain.isalpha() and self._is_known(fold(plain))):
                return None
            is_word = len(word) > 2 and is_code and lower[:-1].isalpha()
            return _whole(word, plain, DOUBTFUL if is_word else FAINT)
        plain_words = [plain for plain in _letters_of(lower) if plain.isalpha()]
        for plain in plain_words:
            if self._is_known(fold(plain)):
                return _whole(word, plain)
        for plain in plain_words:
            parts = self._segmenter.split(plain) if len(plain) >= LEAST_GLUED else None
            if parts is not None and self._segmenter.meet(parts):
                return _whole(word, " ".join(parts))
        found: list[Change] = []
        for match in re.finditer(f"{ONE_LETTER}{{{LEAST_GLUED},}}", lower):
            parts = None if match.group().isascii() else self._segmenter.split(match.group())
            found += [
                (match.start() + low, match.start() + high, plain)
                for low, high, plain in _blanks(word[match.start() : match.end()], parts or [])
            ]
        return Reading(found) if found else None

    def _is_misspelt(self, folded: str) -> bool:
        """Whether no word with diacritics begins so."""
        return any(spelling.is_misspelt(folded) for spelling in self._segmenter.spellings)

    def _respelled(self, lower: str) -> Iterator[str]:
        for spelling in self._segmenter.spellings:
            for found in spelling.respelled(lower):
                if self._is_known(fold(found)):
                    yield found

    def _typed(self, lower: str) -> str | None:
        if not lower.isascii():
            return None
        for spelling in self._segmenter.spellings:
            found = spelling.typed(lower)
            if found is not None and self._is_known(fold(found)):
                return found
        return None


def _blanks(word: str, parts: Sequence[str]) -> list[Change]:
    """Blanks between the parts of a word; each goes with the letter before it."""
    ends = accumulate(map(len, parts[:-1]))
    return [(end - 1, end, f"{word[end - 1]} ") for end in ends]


def _whole(word: str, plain: str, doubt: int = SURE) -> Reading:
    """Another word for a word, in capitals as it is."""
    if word.isupper():
        plain = plain.upper()
    elif word[0].isupper():
        plain = plain[0].upper() + plain[1:]
    return Reading([(0, len(word), plain)], doubt)


def _humps(word: str) -> list[str]:
    """The parts of a word that begin with capitals behind small letters; at most one is a letter.

    Shorter ones are what mixed case looks like.
    """
    cuts = [at for at in range(1, len(word)) if word[at].isupper() and word[at - 1].islower()]
    parts = [word[low:high] for low, high in pairwise([0, *cuts, len(word)])]
    single = sum(len(part) == 1 for part in parts)
    return parts if len(word) >= LEAST_HUMPS * len(parts) and single < 2 else [word]


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
