"""The texts that everything is measured on: our own documents, and real ones where they lie."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OWN_KINDS = ("articles", "honest", "pages")  # whole documents; phrases and lines are none
OWN = "own documents"
SEED = 7
MOST_REAL_DOCUMENTS = 2_000  # of a corpus; more than any number of rounds takes


@dataclass(frozen=True, slots=True)
class Text:
    """Documents of one kind, shuffled, in the language that most of them are in."""

    name: str
    language: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What each round measures, documents of its own, and what fills the caches before."""

    warm_up: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


def own_text(most: int | None = None) -> Text:
    """Our articles, honest documents and pages, and the seeds."""
    folders = [ROOT / "data" / "documents" / kind for kind in OWN_KINDS]
    paths = [
        path for folder in [*folders, ROOT / "seeds"] for path in sorted(folder.rglob("*.txt"))
    ]
    documents = _shuffled([path.read_bytes().decode() for path in paths])
    return Text(OWN, "vi", tuple(documents[:most]))


def real_texts(folder: Path) -> list[Text]:
    """The corpora of a folder; one that is missing is left out."""
    found = []
    readers: tuple[tuple[str, str, str, Callable[[dict[str, Any]], str]], ...] = (
        ("news", "vi", "news_vi.jsonl.gz", lambda row: row["text"]),
        ("extracted articles", "en", "extracted_articles.jsonl.gz", _extracted),
    )
    for name, language, file, read in readers:
        if (folder / file).exists():
            documents = _shuffled([text for row in _rows(folder / file) if (text := read(row))])
            found.append(Text(name, language, tuple(documents[:MOST_REAL_DOCUMENTS])))
    return found


def deal(documents: Sequence[str], rounds: int, part_bytes: int, warm_bytes: int) -> Share:
    """Deal documents out to the warm-up and to rounds; no document is dealt twice.

    Where they do not suffice there are fewer rounds, but always one.
    """
    rest = iter(documents)
    warm_up = tuple(_take(iter(documents[: len(documents) // 3]), warm_bytes))
    for _ in warm_up:
        next(rest)
    parts = [tuple(_take(rest, part_bytes)) for _ in range(rounds)]
    full = [part for part in parts[1:] if size_of(part) >= part_bytes]
    return Share(warm_up, (parts[0], *full))


def shuffled_documents(documents: Sequence[str], seed: int = SEED) -> Iterator[str]:
    """Endless new documents: lines of two of ``documents``, their sentences in a new order."""
    random_ = random.Random(seed)
    while True:
        lines = [line for text in random_.choices(documents, k=2) for line in text.split("\n")]
        random_.shuffle(lines)
        chosen = lines[: max(1, len(lines) // 2)]
        yield "\n".join(_shuffle_sentences(line, random_) for line in chosen)


def document_of(size: int, documents: Sequence[str], *, one_line: bool, seed: int) -> str:
    """One document of ``size`` bytes at most, of shuffled lines, or of a single line."""
    parts = _take(shuffled_documents(documents, seed), size)
    text = ("\n".join(parts)).replace("\n", " " if one_line else "\n")
    return text.encode()[:size].decode(errors="ignore")


def size_of(documents: Sequence[str]) -> int:
    """Bytes of UTF-8."""
    return sum(len(text.encode()) for text in documents)


def _take(documents: Iterator[str], least: int) -> list[str]:
    """As many documents as it takes to have ``least`` bytes."""
    taken: list[str] = []
    size = 0
    while size < least and (text := next(documents, None)) is not None:
        taken.append(text)
        size += len(text.encode())
    return taken


def _shuffle_sentences(line: str, random_: random.Random) -> str:
    sentences = line.split(". ")
    random_.shuffle(sentences)
    return ". ".join(sentences)


def _shuffled(documents: list[str]) -> list[str]:
    random.Random(SEED).shuffle(documents)
    return documents


def _extracted(row: dict[str, Any]) -> str:
    return "\n".join(line for line, _ in row["trafilatura_lines"])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
