"""What stage 2 learns from ordinary text: numbers of what stage 1 proposes there, not the text.

    python -m injectclean.training.ordinary data/labels.csv data/background.tsv.gz OUT.npz \
        TERMS.tsv CORPUS.jsonl.gz ...

puts our own phrases, and the terms that are not measured, into the learning share of clean corpora,
looks at these copies and at the originals as training looks at our own articles, and keeps the
features. Our own articles are full of invented names, beside which every word is a stranger; real
ones show what a phrase breaks. Real terms are plainer than phrases that were made up to promote.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from injectclean.errors import ConfigError
from injectclean.tokens import find_tokens
from injectclean.training.background import read_background, read_jsonl, read_terms, share_of
from injectclean.training.corpus import Corpus, Label, LabelledDocument, read_corpus
from injectclean.training.examples import Example, copies_of, shown_by_fold, with_excerpt
from injectclean.training.export import Arrays, npz_bytes
from injectclean.training.folds import folds_of
from injectclean.training.samples import ROWS, Rows
from injectclean.training.synthesis import Phrase, inject

JOBS = 2
TERM_ROUNDS = 2  # copies of a document with terms
LEAST_SIZE = 300  # code points of a document worth learning from
# So many are kept of those that meet a span, and of the others.
MOST_ROWS = {
    "cores": 40_000, "starts": 40_000, "ends": 40_000, "spans": 60_000, "judged": 100_000,
}  # fmt: skip
SEEDS = ("seeds",)  # what the five seeds say is left out: a test asks how the rest does on them


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Rows of ordinary text, by what they are of (``samples.ROWS``), and the file's digest."""

    rows: dict[str, Rows]
    sha256: str

    def of_families(self, kept: Iterable[str]) -> Ordinary:
        """Without what was measured of phrases of other families."""
        chosen = list(kept)
        rows = {name: rows.of_families(chosen) for name, rows in self.rows.items()}
        return Ordinary(rows, self.sha256)


def no_rows(names: Sequence[str]) -> Rows:
    """None, of features of these names."""
    whole = np.zeros(0, dtype=np.int64)
    return Rows(np.zeros((0, len(names))), whole, np.zeros(0), whole, np.zeros(0, dtype=np.str_))


NOTHING = Ordinary({name: no_rows(features) for name, features in ROWS.items()}, "")


def read_ordinary(path: Path | None) -> Ordinary:
    """Read the rows; without a file there are none.

    Raises:
        ConfigError: they were measured with other features.
    """
    if path is None or not path.exists():
        return NOTHING
    data = path.read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        families = np.array(["", *_text(arrays["families"]).split()], dtype=np.str_)
        rows = {}
        for name, features in ROWS.items():
            if f"{name}.names" not in arrays or _text(arrays[f"{name}.names"]).split() != features:
                raise ConfigError(f"{path}: measured with other features; make it anew")
            rows[name] = Rows(
                arrays[f"{name}.values"].astype(np.float64),
                arrays[f"{name}.targets"].astype(np.int64),
                arrays[f"{name}.weights"].astype(np.float64),
                arrays[f"{name}.spans"].astype(np.int64),
                families[arrays[f"{name}.families"]],
            )
    return Ordinary(rows, hashlib.sha256(data).hexdigest())


def ordinary_bytes(rows: dict[str, Rows]) -> bytes:
    """The rows as a file; values are kept to three digits, which is more than they are worth."""
    names = sorted({family for part in rows.values() for family in part.families.tolist()} - {""})
    numbers = {"": 0, **{family: number for number, family in enumerate(names, 1)}}
    arrays: Arrays = {"families": _bytes(" ".join(names))}
    for name, part in rows.items():
        arrays |= {
            f"{name}.names": _bytes(" ".join(ROWS[name])),
            f"{name}.values": part.values.astype(np.float16),
            f"{name}.targets": part.targets.astype(np.uint8),
            f"{name}.weights": part.weights.astype(np.float16),
            f"{name}.spans": part.spans.astype(np.int32),
            f"{name}.families": np.array(
                [numbers[family] for family in part.families.tolist()], dtype=np.uint16
            ),
        }
    return npz_bytes(arrays, compressed=True)


def thin_out(rows: Rows, most: int) -> Rows:
    """At most so many of the rows that meet a span, and of the others; their weights make up."""
    chosen: list[NDArray[np.int64]] = []
    weights = rows.weights.copy()
    for group in (np.flatnonzero(rows.spans >= 0), np.flatnonzero(rows.spans < 0)):
        step = max(1, -(-len(group) // most))
        chosen.append(group[::step])
        weights[group] *= step
    kept = np.sort(np.concatenate(chosen))
    return rows._replace(weights=weights).take(kept)


def ordinary_examples(
    texts: Iterable[tuple[str, str]], corpus: Corpus, folds: int, terms: Sequence[Phrase] = ()
) -> list[Example]:
    """Ordinary documents, dealt out to folds, and copies with the phrases of their fold, or terms.

    Of the terms stage 1 knows at most the words and pairs that two of them share.
    """
    dealt = folds_of(corpus.sources(), folds)
    shown = {known: shown_by_fold(corpus, dealt, known=known) for known in (False, True)}
    found: list[Example] = []
    for key, text in texts:
        number = zlib.crc32(key.encode())
        fold, known = number % folds, number // folds % 2 == 1
        document = as_document(key, text)
        found.append(Example(text, (), (), fold, 1.0, known))
        found += copies_of(document, shown[known].get(fold, []), fold, 1.0, 1, known=known)
        for number in range(TERM_ROUNDS):
            copy = inject(document, terms, f"terms {number}")
            found += [] if copy is None else with_excerpt(copy, key, fold, 1.0, known=known)
    return found


def as_document(key: str, text: str) -> LabelledDocument:
    """A plain text as a document whose every line is the article's."""
    lines: list[Label] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append(Label(at, at + len(line), "content/body"))
        at += len(line) + 1
    return LabelledDocument(key, text, "ordinary", key, tuple(lines))


def read_learning(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Names and texts of the documents of the learning share."""
    for path in paths:
        for key, text in read_jsonl(path):
            if share_of(key) == "learning" and len(text) >= LEAST_SIZE:
                yield key, text


def learning_terms(path: Path) -> list[Phrase]:
    """The terms that are more than a word and not measured, as phrases of no family."""
    return [
        Phrase(term, "injected/other", "")
        for term, _ in read_terms(path)
        if share_of(term) != "measuring" and len(find_tokens(term)) > 1
    ]


def main(arguments: Sequence[str]) -> int:
    """Look at the corpora that are named, and write the rows."""
    # Here, because stage 2 itself learns from what this module reads.
    from injectclean.training.stage2 import INNER_FOLDS, look_at

    if len(arguments) < 5:
        print((__doc__ or "").split("\n\n")[1])
        return 2
    labels, background, target, terms, *corpora = arguments
    corpus = read_corpus(labels).without(SEEDS)
    texts = read_learning(map(Path, corpora))
    extra = ordinary_examples(texts, corpus, INNER_FOLDS, learning_terms(Path(terms)))
    rows = look_at(corpus, read_background(Path(background)), extra, jobs=JOBS)
    rows = {name: thin_out(part, MOST_ROWS[name]) for name, part in rows.items()}
    Path(target).write_bytes(ordinary_bytes(rows))
    print(f"{target}: {', '.join(f'{len(part.values)} {name}' for name, part in rows.items())}")
    return 0


def _text(values: NDArray[np.uint8]) -> str:
    return bytes(values).decode()


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
