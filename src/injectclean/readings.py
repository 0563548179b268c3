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
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise

from injectclean.segment import Segmenter
from injectclean.stretch import cut_stretches
from injectclean.tokens import fold
from injectclean.values import NamedTuple

MAX_CHUNKS = 80_000  # chunks remembered
MAX_LENGTH = 200  # code points of a word that is read, and of a chunk that is remembered
LEAST_GLUED = 6  # letters from which a word may be two
LEAST_APART = 4  # letters of words pulled apart, together
NEAR = 3  # words on either side in which a second one is looked for
PLAIN, WORDS, LETTER, APART, SIGNED, CHAINED = range(6)  # what is in a chunk

_DIGITS = str.maketrans("0134578@$!|", "oieastbasil")
_OTHER_DIGITS = str.maketrans("1", "l")
_LETTER = r"[^\W\d_]"
# Compiled where a text first needs them, which few do.
_WORD = r"[^\W_]*[^\W\d_](?:[^\W_]|[@$|!](?=[^\W_])|[@$])*|\d(?:[^\W_]|@)*"
_SPACED = r"(?<![^\W_])[^\W_](?: {1,3}[^\W_](?![^\W_])){3,}"
_ROMAN = frozenset("ivxlcdm")
_AROUND = ".,;:!?…()[]“”‘’\"'"  # what stands beside words that nothing is the matter with
Change = tuple[int, int, str]


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
    def of(cls, blank: str) -> Signs:
        """What finds signs that say no more than a blank, and dots, dashes and slashes."""
        pulled = rf"{_LETTER}(?P<sign>[.\-/{blank}]){_LETTER}(?:(?P=sign){_LETTER})*"
        joint = rf"[\-/{blank}]{{1,3}}"
        return cls(
            re.compile(rf"(?<![^\W_]){pulled}(?![^\W_])"),
            re.compile(rf"(?<={_LETTER})[{blank}]{{1,3}}(?={_LETTER})"),
            re.compile(rf"(?<={_LETTER}){joint}(?={_LETTER})"),
            re.compile(rf"\W*{_LETTER}+(?:{joint}{_LETTER}+){{2,}}\W*"),
        )


_BLANK = "_|*~+·•"
_TO_BLANKS = str.maketrans(dict.fromkeys(f".-/{_BLANK}", " "))
_WIDE = "\u2190"  # from here on arrows, pictures and the like


@cache
def _few() -> Signs:
    return Signs.of(_BLANK)


@cache
def _many() -> Signs:
    """With what is wide: that class takes longer to compile than a page to read."""
    return Signs.of(f"{_BLANK}{_WIDE}-\u2bff\U0001f000-\U0001faff")


def _signs(text: str) -> Signs:
    """What finds the signs of a text, which is not empty."""
    return _few() if text.isascii() or max(text) < _WIDE else _many()


def _kind_of_signs(chunk: str, parts: Sequence[str]) -> int:
    """What signs do in a chunk; patterns are asked only where its parts let them find anything."""
    is_wide = max(chunk) >= _WIDE
    if (is_wide or sum(len(part) == 1 for part in parts) > 1) and _signs(chunk).pulled.search(
        chunk
    ):
        return APART
    if (is_wide or len(parts) > 2) and _signs(chunk).chained.fullmatch(chunk):
        return CHAINED
    if (is_wide or any(sign in chunk for sign in _BLANK)) and _signs(chunk).blank.search(chunk):
        return SIGNED
    return PLAIN


def _has_run(chunks: Sequence[str]) -> bool:
    """Whether as many letters stand by themselves as words pulled apart have."""
    run = 0
    for chunk in chunks:
        run = run + 1 if len(chunk) == 1 else 0
        if run == LEAST_APART:
            return True
    return False


class Reading(NamedTuple):
    """What a word reads as: changes at places of the word, and whether they are in doubt."""

    changes: Sequence[Change]
    doubtful: bool = False


class Readings:
    """Finds what disguised words read as, by what is known of words and of two side by side."""

    def __init__(
        self,
        is_known: Callable[[str], bool],
        are_known: Callable[[str, str], bool],
        is_likelier: Callable[[str, str], bool],
    ) -> None:
        """Take what tells of folds: whether one is known, and two side by side.

        The last tells whether its second fold is far more frequent than its first.
        """
        self._is_known = is_known
        self._is_likelier = is_likelier
        self._segmenter = Segmenter(is_known, are_known)
        self._kinds: dict[str, int] = {}
        self._words: dict[str, Reading | None] = {}

    def changes(self, text: str) -> list[Change]:
        """Sorted, disjoint ``(start, end, reading)`` of the disguised words of a text."""
        return [
            (start + low, start + high, plain)
            for start, end in cut_stretches(text)
            for low, high, plain in self._changes_of(text[start:end])
        ]

    def _changes_of(self, line: str) -> list[Change]:
        chunks = line.split()
        kinds = self._kinds_of(chunks)
        found: list[Change] = []
        if APART in kinds:
            found += self._pulled(line)
        if LETTER in kinds and _has_run(chunks):
            for match in re.finditer(_SPACED, line):
                found += self._join_spaced(match.group(), match.start())
        if SIGNED in kinds:
            found += [(m.start(), m.end(), " ") for m in _signs(line).blank.finditer(line)]
        if CHAINED in kinds:
            found += self._unchained(line)
        if WORDS in kinds:
            found += self._of_words(line)
        return _disjoint(found) if found else found

    def _kinds_of(self, chunks: Iterable[str]) -> set[int]:
        known = self._kinds
        if len(known) > MAX_CHUNKS:
            known.clear()
            self._words.clear()
        found: set[int] = set()
        for chunk in set(chunks):
            kind = known.get(chunk)
            if kind is None:
                kind = self._kind(chunk)
                if len(chunk) <= MAX_LENGTH:
                    known[chunk] = kind
            found.add(kind)
        return found

    def _kind(self, chunk: str) -> int:
        bare = chunk.strip(_AROUND)
        if bare.isalpha():
            if len(bare) == 1:
                return LETTER
            return PLAIN if self._read(bare) is None else WORDS
        if bare.upper() == bare.lower():  # no letters that look like any
            return PLAIN
        parts = bare.translate(_TO_BLANKS).split()
        if len(parts) > 1 or max(bare) >= _WIDE:
            kind = _kind_of_signs(bare, parts)
            if kind != PLAIN:
                return kind
        if not all(part.isalpha() or part.isdecimal() for part in parts):
            parts = [match.group() for match in re.finditer(_WORD, chunk)]
        return PLAIN if all(self._read(part) is None for part in parts) else WORDS

    # Words

    def _of_words(self, line: str) -> list[Change]:
        matches = list(re.finditer(_WORD, line))
        readings = [self._read(match.group()) for match in matches]
        read = [at for at, found in enumerate(readings) if found is not None]
        paired = {at for pair in pairwise(read) if pair[1] - pair[0] <= NEAR for at in pair}
        return [
            (match.start() + low, match.start() + high, plain)
            for at, (match, found) in enumerate(zip(matches, readings, strict=True))
            if found is not None and (not found.doubtful or at in paired)
            for low, high, plain in found.changes
        ]

    def _read(self, word: str) -> Reading | None:
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
            return _whole(word, typed, doubtful=True) if typed is not None and is_rare else None
        read = self._of_letters if word.isalpha() else self._with_digits
        found = read(word, lower)
        if found is not None:
            return found
        typed = None if word.isupper() and not word.isalpha() else self._typed(lower)
        return None if typed is None else _whole(word, typed, doubtful=True)

    def _of_letters(self, word: str, lower: str) -> Reading | None:
        for collapsed in _collapse(lower):
            if self._is_known(fold(collapsed)):
                return _whole(word, collapsed)
        if not word.isascii():
            for found in self._respelled(lower):
                return _whole(word, found)
        if len(word) < LEAST_GLUED:
            return None
        parts = self._segmenter.split(lower, strict=word.isascii())
        if parts is None or (word.isascii() and not self._segmenter.meet(parts)):
            return None
        return Reading(_blanks(word, parts))

    def _with_digits(self, word: str, lower: str) -> Reading | None:
        if lower.isascii() and len(word) < 3:
            return None
        is_code = lower.isascii() and lower.rstrip("0123456789").isalpha()
        if is_code:
            plain = lower.translate(_DIGITS)
            is_read = lower[:-1].isalpha() and self._is_known(fold(plain))
            return _whole(word, plain, doubtful=True) if is_read and plain.isalpha() else None
        plain_words = [plain for plain in _letters_of(lower) if plain.isalpha()]
        for plain in plain_words:
            if self._is_known(fold(plain)):
                return _whole(word, plain)
        for plain in plain_words:
            parts = self._segmenter.split(plain) if len(plain) >= LEAST_GLUED else None
            if parts is not None and self._segmenter.meet(parts):
                return _whole(word, " ".join(parts))
        found: list[Change] = []
        for match in re.finditer(f"{_LETTER}{{{LEAST_GLUED},}}", lower):
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

    # Letters

    def _unchained(self, line: str) -> list[Change]:
        """Blanks for the signs between three words or more."""
        return [
            (chunk.start() + sign.start(), chunk.start() + sign.end(), " ")
            for chunk in re.finditer(r"\S+", line)
            if self._kinds.get(chunk.group()) == CHAINED
            for sign in _signs(chunk.group()).joint.finditer(chunk.group())
        ]

    def _pulled(self, line: str) -> list[Change]:
        """Letters with one sign between, where a line has enough of them, put together."""
        runs = list(_signs(line).pulled.finditer(line))
        if sum(len(run.group()) // 2 + 1 for run in runs) < LEAST_APART:
            return []
        return [
            change
            for run in runs
            for change in self._join(run.group()[::2], range(run.start(), run.end(), 2))
        ]

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
        return set(accumulate(map(len, parts[:-1])))


def _joined(places: Sequence[int], ends: set[int]) -> list[Change]:
    """What is between letters at these places is left out, or a blank where a word ends."""
    return [
        (left + 1, right, " " if at in ends else "")
        for at, (left, right) in enumerate(pairwise(places), 1)
    ]


def _blanks(word: str, parts: Sequence[str]) -> list[Change]:
    """Blanks between the parts of a word; each goes with the letter before it."""
    ends = accumulate(map(len, parts[:-1]))
    return [(end - 1, end, f"{word[end - 1]} ") for end in ends]


def _whole(word: str, plain: str, *, doubtful: bool = False) -> Reading:
    """Another word for a word, in capitals as it is."""
    if word.isupper():
        plain = plain.upper()
    elif word[0].isupper():
        plain = plain[0].upper() + plain[1:]
    return Reading([(0, len(word), plain)], doubtful)


def _disjoint(changes: list[Change]) -> list[Change]:
    """All changes in order; of those that overlap the one that begins first."""
    kept: list[Change] = []
    for change in sorted(changes):
        if not kept or change[0] >= kept[-1][1]:
            kept.append(change)
    return kept


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
