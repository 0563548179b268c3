"""Look-up tables of the model: weights of features, and counts of words and of pairs.

They are read where they lie in the model's file. A feature met before costs a look-up in a
dictionary, a new one a CRC-32 and a comparison.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

PAIR_STEP = 0.06  # nats of log count that one step of a stored pair count stands for
CAPITAL = "^"  # stands for any word that begins with a capital letter
RARE = 1.5  # a count that says little: pairs seen less often are not in the table
RARE_CAPITALS = 0.3  # of so many words, those that begin with a capital letter
MAX_REMEMBERED = 20_000  # weights of a table
STEP = 2.0**-12  # of a label's weights
BIAS = 2**15  # steps, so that weights lie within 8 of 0
MAX_ROWS = 2**16  # rows in a sum: of more a lane could run over


class Table:
    """Exact string keys with a row of weights each, found without building a dictionary.

    Keys are stored end to end; ``slots`` is an open-addressing hash table over CRC-32 that holds
    row numbers plus one. A look-up compares the key itself, so no two keys are ever confused.
    """

    def __init__(self, keys: bytes, offsets: Sequence[int], slots: Sequence[int]) -> None:
        self._keys = keys
        self._offsets = offsets
        self._slots = slots
        self._mask = len(slots) - 1

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def row(self, key: str) -> int:
        """The row of ``key``, or -1."""
        wanted = key.encode("utf-8", "surrogatepass")
        slot = crc32(wanted) & self._mask
        while found := self._slots[slot]:
            if self._keys[self._offsets[found - 1] : self._offsets[found]] == wanted:
                return found - 1
            slot = (slot + 1) & self._mask
        return -1


class _Remembered(dict[str, float]):
    """Numbers looked up before, so many at the most: a page's tokens share most n-grams."""

    __slots__ = ("_look_up",)

    def __init__(self, look_up: Callable[[str], float]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, feature: str) -> float:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        weight = self[feature] = self._look_up(feature)
        return weight


class LinearTable:
    """An additive linear model: a score is the intercept plus the sum of its features' weights.

    ``wholes`` are the last rows' sums: those rows are words, and theirs is the sum of all that a
    word's fold gives, characters within it included.
    """

    def __init__(
        self,
        table: Table,
        weights: Sequence[float],
        intercept: float,
        wholes: Sequence[float] = (),
    ) -> None:
        self._table = table
        self._weights = weights
        self.intercept = intercept
        self._wholes = wholes
        self._first_word = len(table) - len(wholes)
        self._known = _Remembered(self.weight)

    def weight(self, feature: str) -> float:
        """Weight of a feature; 0.0 when it was never seen."""
        row = self._table.row(feature)
        return self._weights[row] if row >= 0 else 0.0

    def knows(self, feature: str) -> bool:
        """Whether a feature was ever seen."""
        return self._table.row(feature) >= 0

    def whole(self, word: str) -> float | None:
        """Sum of the features of a word's fold, from one look-up; None when it was never seen."""
        row = self._table.row(word)
        return self._wholes[row - self._first_word] if row >= self._first_word else None

    def total(self, features: Iterable[str]) -> float:
        """Sum of the features' weights."""
        return sum(map(self._known.__getitem__, features))


class LabelledTable:
    """An additive linear model with a column of weights for each label, which add up all at once.

    A feature's row is one large integer, with a lane of 32 bits for each label that holds its
    weight in steps of ``STEP``, above ``BIAS``; one more lane counts rows. So a text's scores are
    a sum of integers, the same in any order, taken apart at the end: adding up the rows of a line
    label by label took four times as long.
    """

    def __init__(self, table: Table, weights: memoryview, intercepts: Sequence[float]) -> None:
        self._table = table
        self._weights = weights
        self.intercepts = tuple(intercepts)
        self.width = len(self.intercepts)
        self._lanes = struct.Struct(f"<{self.width + 1}I")

    def row(self, feature: str) -> int:
        """The row of a feature, to be added up; 0 when it was never seen."""
        at = self._table.row(feature)
        if at < 0:
            return 0
        weights = self._weights[at * self.width : (at + 1) * self.width]
        return int.from_bytes(self._lanes.pack(*weights, 1), "little")

    def scores(self, rows: int) -> list[float]:
        """The score of each label for a sum of at most ``MAX_ROWS`` rows."""
        *sums, count = self._lanes.unpack(rows.to_bytes(self._lanes.size, "little"))
        bias = count * BIAS
        return [
            intercept + (value - bias) * STEP
            for intercept, value in zip(self.intercepts, sums, strict=True)
        ]


class PairCounts:
    """How often words, and two of them side by side, stand in ordinary text: logarithms, in steps.

    A 24-bit fingerprint stands for the pair, so a pair never seen is taken for a seen one about
    once in ten million look-ups: it is evidence, not a weight.
    """

    def __init__(self, slots: Sequence[int], total: float) -> None:
        self._slots = slots
        self._mask = len(slots) - 1
        self._words = math.exp(total)
        self._alone = _Remembered(self._count_alone)

    def log_count(self, left: str, right: str) -> float:
        """Natural logarithm of 1 + the count; 0.0 for a pair never seen."""
        key = crc32(f"{left} {right}".encode("utf-8", "surrogatepass"))
        fingerprint = crc32(f"{right} {left}".encode("utf-8", "surrogatepass")) >> 8
        slot = key & self._mask
        while found := self._slots[slot]:
            if found >> 8 == fingerprint:
                return (found & 0xFF) * PAIR_STEP
            slot = (slot + 1) & self._mask
        return 0.0

    def capital_after(self, word: str) -> float:
        """How often, of 1, ordinary text goes on with a capital letter after a word."""
        return self._share(self.log_count(word, CAPITAL), word)

    def capital_before(self, word: str) -> float:
        """How often, of 1, the word before this one begins with a capital letter."""
        return self._share(self.log_count(CAPITAL, word), word)

    def _share(self, log_count: float, word: str) -> float:
        return min(1.0, (math.expm1(log_count) + RARE_CAPITALS) / (self._alone[word] + RARE))

    def attraction(self, left: str, right: str) -> float:
        """Logarithm of how much oftener two words meet than words so frequent would by chance.

        Well below 0 for frequent words that never meet; near 0 when one of them is rare, so that
        nothing can be said.
        """
        expected = self._alone[left] * self._alone[right] / self._words
        seen = math.expm1(self.log_count(left, right))
        return math.log((seen + RARE) / (expected + RARE))

    def _count_alone(self, word: str) -> float:
        return math.expm1(self.log_count(word, ""))
