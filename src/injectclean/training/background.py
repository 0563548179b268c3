"""Counts of words in ordinary text, and of pairs of them: no text, only how often they stand there.

    python -m injectclean.training.background data/background.tsv.gz CORPUS.jsonl.gz ...

counts documents (JSON lines with ``id`` and ``text``) of the counting share only: no document
serves for two things.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from injectclean.tokens import find_tokens

MIN_COUNT = 3  # rarer pairs are names and typing errors, and could give their document away
# Of ten documents five are counted, two give honest candidates to learn from, three measure.
_SHARES = ("counting",) * 5 + ("learning",) * 2 + ("measuring",) * 3


@dataclass(frozen=True, slots=True)
class Background:
    """Counts of lower-case words and of ``(left, right)`` pairs, and the file's digest."""

    pairs: tuple[tuple[str, str, int], ...]
    words: tuple[tuple[str, int], ...]
    sha256: str


def read_background(path: Path | None) -> Background:
    """Read the counts; without a file there are none, and training goes on without them."""
    if path is None or not path.exists():
        return Background((), (), "")
    data = path.read_bytes()
    rows = [line.split("\t") for line in gzip.decompress(data).decode().splitlines()]
    pairs = tuple((left, right, int(count)) for left, right, count in rows if right)
    words = tuple((word, int(count)) for word, right, count in rows if not right)
    return Background(pairs, words, hashlib.sha256(data).hexdigest())


def share_of(doc_id: str) -> str:
    """What a document of a corpus serves for: ``counting``, ``learning`` or ``measuring``."""
    return _SHARES[zlib.crc32(doc_id.encode()) % len(_SHARES)]


def read_jsonl(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(id, text)`` of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["id"], row["text"]


def count_pairs(texts: Iterator[str]) -> Counter[tuple[str, str]]:
    """Count words, as pairs with nothing, and neighbouring words within lines; lower-case."""
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for line in text.lower().split("\n"):
            words = find_tokens(line)
            counts.update(pairwise(words))
            counts.update((word, "") for word in words)
    return counts


def main(arguments: Sequence[str]) -> int:
    """Count the corpora named, and write the table."""
    if len(arguments) < 2:
        print("usage: python -m injectclean.training.background OUT.tsv.gz CORPUS.jsonl.gz ...")
        return 2
    target, *corpora = arguments
    texts = (
        text
        for name in corpora
        for key, text in read_jsonl(Path(name))
        if share_of(key) == "counting"
    )
    counts = count_pairs(texts)
    kept = [(left, right, n) for (left, right), n in counts.items() if n >= MIN_COUNT]
    kept.sort(key=lambda row: (-row[2], row[0], row[1]))
    table = "".join(f"{left}\t{right}\t{n}\n" for left, right, n in kept)
    Path(target).write_bytes(gzip.compress(table.encode(), 9, mtime=0))
    print(f"{target}: {len(kept)} words and pairs")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
