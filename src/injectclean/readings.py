"""What disguised words read as: letters pulled apart, digits for letters, words glued, keys typed.

Characters are undone by themselves (``normalize``); here it takes words. A word that ordinary text
or the model knows is never touched, and a disguise is undone only where it gives words that are
known, so that honest text reads the same, whatever it is disguised as. What has more than one
reading, as the keys of an input method have, needs a second one close by. In a text of
which more than a quarter of the words are known to nobody they are another language's, and stay.

Every chunk (what stands between blanks) is looked at once and remembered, so ordinary text costs a
look-up a chunk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise

from injectclean.apart import Apart, Change
from injectclean.respell import FAINT, MAX_LENGTH, SURE, WORD, WordReader
from injectclean.segment import Segmenter
from injectclean.signs import (
    APART,
    CHAINED,
    LETTER,
    PLAIN,
    SIGNED,
    TO_BLANKS,
    UNKNOWN,
    WORDS,
    has_wide_sign,
    kind_of_signs,
    signs_of,
)
from injectclean.stretch import cut_stretches
from injectclean.tokens import fold

MAX_CHUNKS = 80_000  # chunks remembered
LEAST_WORDS = 40  # of a text whose language can be told, each once a line
# Share of them that nobody knows and that read as nothing else, in a language of which little is
# known: in French .29 to .40, in Vietnamese at most .23, and .02 where all of it is disguised.
FOREIGN = 0.27
NEAR = 3  # words on either side in which a second one is looked for
_AROUND = ".,;:!?…()[]“”‘’\"'"  # what stands beside words that nothing is the matter with


class Readings:
    """Finds what disguised words read as, by what is known of words and of two side by side."""

    def __init__(
        self,
        is_known: Callable[[str], bool],
        are_known: Callable[[str, str], bool],
        is_likelier: Callable[[str, str], bool],
        *,
        abroad: bool = True,
    ) -> None:
        """Take what tells of folds.

        Args:
            is_known: whether one is known.
            are_known: whether two are, side by side.
            is_likelier: whether the second is far more frequent than the first.
            abroad: whether words of a language that is unknown stay as they are.
        """
        self._abroad = abroad
        segmenter = Segmenter(is_known, are_known)
        self._is_known = is_known
        self._kinds: dict[str, int] = {}
        self._words = WordReader(is_known, is_likelier, segmenter)
        self._apart = Apart(is_known, segmenter)

    def changes(self, text: str) -> list[Change]:
        """Sorted, disjoint ``(start, end, reading)`` of the disguised words of a text."""
        lines = [
            (start, line, self._kinds_of(line.split()))
            for start, end in cut_stretches(text)
            for line in (text[start:end],)
        ]
        foreign = self._abroad and _is_foreign([kinds for *_, kinds in lines])
        return [
            (start + low, start + high, plain)
            for start, line, kinds in lines
            for low, high, plain in self._changes_of(line, kinds, foreign=foreign)
        ]

    def _changes_of(self, line: str, kinds: Collection[int], *, foreign: bool) -> list[Change]:
        found: list[Change] = []
        if APART in kinds:
            found += self._apart.pulled(line)
        if LETTER in kinds:
            found += self._apart.spaced(line)
        if SIGNED in kinds:
            found += [(m.start(), m.end(), " ") for m in signs_of(line).blank.finditer(line)]
        if CHAINED in kinds:
            found += self._unchained(line)
        if WORDS in kinds:
            found += self._of_words(line, foreign=foreign)
        return _disjoint(found) if found else found

    def _kinds_of(self, chunks: Iterable[str]) -> list[int]:
        """What is in the chunks of a line, each once."""
        known = self._kinds
        if len(known) > MAX_CHUNKS:
            known.clear()
            self._words.forget()
        found: list[int] = []
        for chunk in set(chunks):
            kind = known.get(chunk)
            if kind is None:
                kind = self._kind(chunk)
                if len(chunk) <= MAX_LENGTH:
                    known[chunk] = kind
            found.append(kind)
        return found

    def _kind(self, chunk: str) -> int:
        bare = chunk.strip(_AROUND)
        if bare.isalpha():
            if len(bare) == 1:
                return LETTER
            if self._words.read(bare) is not None:
                return WORDS
            return PLAIN if self._is_known(fold(bare)) else UNKNOWN
        has_case = bare.upper() != bare.lower()
        if not has_case and not any(map(str.isalpha, bare)):
            return PLAIN
        parts = bare.translate(TO_BLANKS).split()
        if len(parts) > 1 or has_wide_sign(bare):
            kind = kind_of_signs(bare, parts)
            if kind != PLAIN:
                return kind
        if not has_case:  # no letters that digits look like
            return PLAIN
        if not all(part.isalpha() or part.isdecimal() for part in parts):
            parts = [match.group() for match in re.finditer(WORD, chunk)]
        return PLAIN if all(self._words.read(part) is None for part in parts) else WORDS

    def _of_words(self, line: str, *, foreign: bool) -> list[Change]:
        matches = list(re.finditer(WORD, line))
        read = {
            at: found
            for at, match in enumerate(matches)
            if not (foreign and match.group().isalpha())
            for found in (self._words.read(match.group()),)
            if found is not None
        }
        better = [at for at, found in read.items() if found.doubt != FAINT]
        taken = {at for pair in pairwise(better) if pair[1] - pair[0] <= NEAR for at in pair}
        taken.update(at for at in better if read[at].doubt == SURE)
        return [
            (matches[at].start() + low, matches[at].start() + high, plain)
            for at, found in read.items()
            if at in taken or (found.doubt == FAINT and _is_near(taken, at))
            for low, high, plain in found.changes
        ]

    def _unchained(self, line: str) -> list[Change]:
        """Blanks for the signs between three words or more."""
        return [
            (chunk.start() + sign.start(), chunk.start() + sign.end(), " ")
            for chunk in re.finditer(r"\S+", line)
            if self._is_chained(chunk.group())
            for sign in signs_of(chunk.group()).joint.finditer(chunk.group())
        ]

    def _is_chained(self, chunk: str) -> bool:
        kind = self._kinds.get(chunk)
        if kind is None and len(chunk) <= MAX_LENGTH:  # what it is was forgotten since
            kind = self._kind(chunk)
        return kind == CHAINED


def _is_foreign(lines: Sequence[Collection[int]]) -> bool:
    """Whether a text is in a language of which little is known, by the kinds of its chunks."""
    counts = Counter(kind for kinds in lines for kind in kinds)
    words = counts[UNKNOWN] + counts[WORDS] + counts[PLAIN]
    return words >= LEAST_WORDS and counts[UNKNOWN] >= FOREIGN * words


def _is_near(taken: set[int], at: int) -> bool:
    return any(near in taken for near in range(at - NEAR, at + NEAR + 1))


def _disjoint(changes: list[Change]) -> list[Change]:
    """All changes in order; of those that overlap the one that begins first."""
    kept: list[Change] = []
    for change in sorted(changes):
        if not kept or change[0] >= kept[-1][1]:
            kept.append(change)
    return kept
