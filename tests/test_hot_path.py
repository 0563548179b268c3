"""The fast path gives, bit for bit, what the plain one does: without caches, tree by tree."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from cli_tools import ROOT, SEEDS

from injectclean import Report, Scanner
from injectclean.evaluation.disguises import DISGUISES
from injectclean.forest import LEAF, Forest
from injectclean.lines import LineScores, line_features
from injectclean.scores import LIFT, SEEN_PAIR, TIGHT_LIFT, UNSEEN_PAIR, Scored, TokenScores
from injectclean.tables import PairCounts
from injectclean.tokens import fold, pair_feature, spelling_feature, word_feature

AUTHORED = sorted((ROOT / "data" / "documents").glob("*/*/*"))
SOME = [path for path in AUTHORED if path.parent.parent.name in ("articles", "honest", "pages")][
    ::9
]


class _Uncached:
    """Looks like a dictionary that has everything, and works it out each time."""

    def __init__(self, work_out: Callable[[Any], Any]) -> None:
        self._work_out = work_out

    def __getitem__(self, key: Any) -> Any:
        return self._work_out(key)


class PlainScores(TokenScores):
    """Scores of tokens, each looked up in the table."""

    def token(self, text: str, folded: str) -> float:
        table = self._table
        whole = None if folded.isdecimal() else table.whole(word_feature(folded))
        if whole is None:
            return sum(map(table.weight, self._features(text, folded)))
        return whole if text.isascii() else whole + table.weight(spelling_feature(text))

    def sequence(self, words: Iterable[str]) -> Scored:
        rows = []
        before: str | None = None
        for word in words:
            folded = fold(word)
            single, pair, count, rest = self.token(word, folded), 0.0, 0.0, 0.0
            if before is not None:
                pair = self._table.weight(pair_feature(before, folded))
                count = self._counts.log_count(before, folded)
                rest = SEEN_PAIR * count or UNSEEN_PAIR
            gain, tight = single + LIFT + pair + rest, single + TIGHT_LIFT + pair + rest
            rows.append((single, pair, count, gain, tight))
            before = folded
        return Scored(*zip(*rows, strict=True)) if rows else Scored((), (), (), (), ())


class PlainLines(LineScores):
    """Scores of lines, feature by feature."""

    def log_probabilities(self, text: str) -> list[float]:
        return self._log_probabilities(text)

    def _log_probabilities(self, text: str) -> list[float]:
        sums = self._table.scores(sum(map(self._table.row, line_features(text))))
        top = max(sums)
        norm = top + math.log(sum(math.exp(value - top) for value in sums))
        return [value - norm for value in sums]


class PlainForest(Forest):
    """A walk down each tree."""

    def logit(self, features: Sequence[float]) -> float:
        total = self._base
        roots, asked, limits, rights, values = self._nodes
        for node in roots:
            while asked[node] != LEAF:
                node = node + 1 if features[asked[node]] <= limits[node] else rights[node]
            total += values[node]
        return total


def plain_scanner() -> Scanner:
    scanner = Scanner()
    finder, lines = scanner._injected, scanner._boilerplate
    for scores in (finder._scores, finder._content, finder._context):
        scores.__class__ = PlainScores
        scores._table._known = _Uncached(scores._table.weight)  # type: ignore[assignment]
    counts: PairCounts = finder._pairs
    counts._alone = _Uncached(counts._count_alone)  # type: ignore[assignment]
    forests = (finder._core, *finder._alone, *finder._together, *finder._edges.values())
    for forest in forests:
        forest.__class__ = PlainForest
    lines._words.__class__ = PlainLines
    finder._looked_within = finder._look_within
    lines._pieces_within = lines._find_pieces
    return scanner


@pytest.fixture(scope="module")
def scanners() -> tuple[Scanner, Scanner]:
    return Scanner(), plain_scanner()


def reports(scanners: tuple[Scanner, Scanner], text: str) -> list[tuple[Report, str]]:
    found = [scanner.clean(text) for scanner in scanners]
    return [(result.report, result.text) for result in found]


@pytest.mark.parametrize("path", sorted(SEEDS.iterdir()), ids=lambda path: path.name[:3])
def test_seeds_bit_for_bit(scanners: tuple[Scanner, Scanner], path: Any) -> None:
    fast, plain = reports(scanners, path.read_text(encoding="utf-8"))

    assert fast == plain
    assert fast[0].findings


def test_authored_documents_bit_for_bit(scanners: tuple[Scanner, Scanner]) -> None:
    found = 0
    for path in SOME:
        fast, plain = reports(scanners, path.read_text(encoding="utf-8"))
        assert fast == plain, path
        found += len(fast[0].findings)

    assert found > 100


@pytest.mark.parametrize("name", DISGUISES)
def test_disguised_text_bit_for_bit(scanners: tuple[Scanner, Scanner], name: str) -> None:
    seed = sorted(SEEDS.iterdir())[0].read_text(encoding="utf-8")
    phrase = "sòng bài online uy tín"
    text = seed.replace(phrase, DISGUISES[name](phrase, random.Random(name)))

    fast, plain = reports(scanners, text)

    assert fast == plain
