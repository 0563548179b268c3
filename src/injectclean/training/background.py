"""Counts of words and of pairs of them, in ordinary text and in promotional terms: no text.

    python -m injectclean.training.background data/background.tsv.gz CORPUS.jsonl.gz ...
    python -m injectclean.training.background data/promotional.tsv.gz TERMS.tsv

The first counts documents (JSON lines with ``id`` and ``text``) of the counting share only: no
document serves for two things. The second counts terms (rows with ``term``), but for those of the
measuring share.
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

    ``pairs`` and ``words`` are those of ordinary text, ``promotional`` pairs those of promotional
    terms.
    """

    pairs: tuple[Counted, ...]
    words: tuple[tuple[str, int], ...]
    promotional: tuple[Counted, ...]
    sha256: str
    promotional_sha256: str


NO_COUNTS = Background((), (), (), "", "")


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
        pairs=tuple(row for row in rows if row[1]),
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
    """Yield ``(id, text)`` of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["id"], row["text"]


def read_terms(path: Path) -> Iterator[str]:
    """Yield the terms of a table, but for those of the measuring share."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if share_of(row["term"]) != "measuring":
                yield row["term"]


def count_pairs(texts: Iterable[str]) -> Counter[tuple[str, str]]:
    """Count words, as pairs with nothing, and neighbouring words within lines; lower-case."""
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for line in text.lower().split("\n"):
            words = find_tokens(line)
            counts.update(pairwise(words))
            counts.update((word, "") for word in words)
    return counts


def main(arguments: Sequence[str]) -> int:
    """Count the corpora, or the terms, that are named, and write the table."""
    if len(arguments) < 2:
        print("usage: python -m injectclean.training.background OUT.tsv.gz CORPUS.jsonl.gz ...")
        print("       python -m injectclean.training.background OUT.tsv.gz TERMS.tsv ...")
        return 2
    target, *names = arguments
    of_terms = all(name.endswith(".tsv") for name in names)
    texts = chain.from_iterable(map(read_terms if of_terms else _read_counting, map(Path, names)))
    least = MIN_TERMS if of_terms else MIN_COUNT
    counts = count_pairs(texts)
    kept = [(left, right, n) for (left, right), n in counts.items() if n >= least]
    kept.sort(key=lambda row: (-row[2], row[0], row[1]))
    table = "".join(f"{left}\t{right}\t{n}\n" for left, right, n in kept)
    Path(target).write_bytes(gzip.compress(table.encode(), 9, mtime=0))
    print(f"{target}: {len(kept)} words and pairs")
    return 0


def _read_counting(path: Path) -> Iterator[str]:
    return (text for key, text in read_jsonl(path) if share_of(key) == "counting")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
