"""Counts of words and of pairs of them, in ordinary text and in promotional terms: no text.

    python -m injectclean.training.background data/background.tsv.gz CORPUS.jsonl.gz ...
    python -m injectclean.training.background data/promotional.tsv.gz TERMS.tsv

Both count the counting share only: no document (JSON lines with ``id`` and ``text``) and no term
(rows with ``term``) serves for two things. A pair with ``CAPITAL`` counts the words that begin with
a capital letter, whatever they are, behind or before a word.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

from injectclean.tables import CAPITAL
from injectclean.tokens import find_tokens

MIN_COUNT = 3  # rarer pairs are names and typing errors, and could give their document away
MIN_TERMS = 2  # what a single term has would be that term
PROMOTIONAL_NAME = "promotional.tsv.gz"
# Of ten documents five are counted, two give honest candidates to learn from, three measure.
_SHARES = ("counting",) * 5 + ("learning",) * 2 + ("measuring",) * 3


Counted = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Background:
    """Counts of lower-case words and of ``(left, right)`` pairs, and the two files' digests.

    ``pairs``, ``words`` and ``capitals`` (pairs of a word and ``CAPITAL``) are those of ordinary
    text, ``promotional`` pairs those of promotional terms.
    """

    pairs: tuple[Counted, ...]
    words: tuple[tuple[str, int], ...]
    capitals: tuple[Counted, ...]
    promotional: tuple[Counted, ...]
    sha256: str
    promotional_sha256: str


NO_COUNTS = Background((), (), (), (), "", "")


def read_background(path: Path | None) -> Background:
    """Read the counts; without a file there are none, and training goes on without them.

    Counts of promotional terms lie beside those of ordinary text.
    """
    if path is None or not path.exists():
        return NO_COUNTS
    data = path.read_bytes()
    beside = path.parent / PROMOTIONAL_NAME
    promotional = beside.read_bytes() if beside.exists() else b""
    rows = _read_rows(data)
    return Background(
        pairs=tuple(row for row in rows if row[1] and CAPITAL not in row),
        capitals=tuple(row for row in rows if CAPITAL in row),
        words=tuple((word, count) for word, right, count in rows if not right),
        promotional=tuple(row for row in _read_rows(promotional) if row[1]),
        sha256=hashlib.sha256(data).hexdigest(),
        promotional_sha256=hashlib.sha256(promotional).hexdigest() if promotional else "",
    )


def _read_rows(data: bytes) -> list[Counted]:
    lines = gzip.decompress(data).decode().splitlines() if data else []
    rows = (line.split("\t") for line in lines)
    return [(left, right, int(count)) for left, right, count in rows]


def share_of(doc_id: str) -> str:
    """What a document of a corpus serves for: ``counting``, ``learning`` or ``measuring``."""
    return _SHARES[zlib.crc32(doc_id.encode()) % len(_SHARES)]


def read_jsonl(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(id, text)`` of the ordinary documents in a gzipped file of JSON lines.

    The text is what a page really says (``gold``) where that is known; spam that is labelled as
    such is no ordinary document.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row.get("label") != "spam":
                yield row["id"], row["gold"] if "gold" in row else row["text"]


def read_terms(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the terms of a table, each with its language, where the table says it."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield row["term"], row.get("language", "")


def count_pairs(texts: Iterable[str]) -> Counter[tuple[str, str]]:
    """Count words, as pairs with nothing, and neighbouring words within lines; lower-case."""
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for line in text.split("\n"):
            words = find_tokens(line)
            lower = [word.lower() for word in words]
            counts.update(pairwise(lower))
            counts.update((word, "") for word in lower)
            for before, after in pairwise(words):
                if after[0].isupper():
                    counts[before.lower(), CAPITAL] += 1
                if before[0].isupper():
                    counts[CAPITAL, after.lower()] += 1
    return counts


def main(arguments: Sequence[str]) -> int:
    """Count the corpora, or the terms, that are named, and write the table."""
    if len(arguments) < 2:
        print("usage: python -m injectclean.training.background OUT.tsv.gz CORPUS.jsonl.gz ...")
        print("       python -m injectclean.training.background OUT.tsv.gz TERMS.tsv ...")
        return 2
    target, *names = arguments
    of_terms = all(name.endswith(".tsv") for name in names)
    read = _counting_terms if of_terms else _counting_texts
    texts = chain.from_iterable(map(read, map(Path, names)))
    least = MIN_TERMS if of_terms else MIN_COUNT
    counts = count_pairs(texts)
    kept = [(left, right, n) for (left, right), n in counts.items() if n >= least]
    kept.sort(key=lambda row: (-row[2], row[0], row[1]))
    table = "".join(f"{left}\t{right}\t{n}\n" for left, right, n in kept)
    Path(target).write_bytes(gzip.compress(table.encode(), 9, mtime=0))
    print(f"{target}: {len(kept)} words and pairs")
    return 0


def _counting_terms(path: Path) -> Iterator[str]:
    return (term for term, _ in read_terms(path) if share_of(term) == "counting")


def _counting_texts(path: Path) -> Iterator[str]:
    return (text for key, text in read_jsonl(path) if share_of(key) == "counting")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
