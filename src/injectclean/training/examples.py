"""Documents to learn from: injected copies of honest articles, honest twins, and the articles."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from injectclean.training.corpus import Corpus, Label, LabelledDocument
from injectclean.training.synthesis import Phrase, Synthetic, break_lines, inject, phrases_of

ROUNDS = 2  # injected copies of every carrier and of either kind, beside a twin and the original
HARD_WEIGHT = 2.0  # of a false candidate in honest text about the subject: the costly false alarm


@dataclass(frozen=True, slots=True)
class Example:
    """A document to learn from, with the fold that it belongs to."""

    text: str
    spans: tuple[Label, ...]
    fold: int
    weight: float = 1.0
    known: bool = False


def is_shown(phrase: Phrase) -> bool:
    """Whether a phrase is among the half of its family that stage 1 may see when it is known."""
    return zlib.crc32(phrase.text.encode()) % 2 == 0


def examples_of(
    corpus: Corpus, folds: dict[str, int], rounds: int = ROUNDS, *, known: bool = False
) -> list[Example]:
    """Injected, broken and plain documents; the phrases of a fold meet only its documents.

    Of a ``known`` family only that half is injected which stage 1 has not been shown.
    """
    by_fold: dict[int, list[Phrase]] = {}
    for phrase in phrases_of(corpus.documents):
        if not (known and is_shown(phrase)):
            by_fold.setdefault(folds[phrase.family], []).append(phrase)
    found: list[Example] = []
    for document in corpus.documents:
        if document.kind == "phrases":
            continue
        fold = folds[document.source]
        natural = tuple(document.spans("injected"))
        weight = HARD_WEIGHT if document.kind == "honest" else 1.0
        if document.kind == "honest" and not _is_article(document):
            found += [
                Example(document.text[line.start : line.end], (), fold, weight, known)
                for line in document.lines
            ]
            continue
        found.append(Example(document.text, natural, fold, 1.0 if natural else weight, known))
        if natural:
            continue
        found.append(Example(break_lines(document, "twin").text, (), fold, weight, known))
        for number in range(rounds):
            made = inject(document, by_fold.get(fold, []), f"round {number} {known}")
            if made is not None:
                found.append(Example(made.text, made.spans, fold, 1.0, known))
    return found


def _is_article(document: LabelledDocument) -> bool:
    return any(label.label == "content/title" for label in document.lines)


def synthetic_documents(
    corpus: Corpus, sources: Iterable[str], seed: str, rounds: int
) -> list[Synthetic]:
    """Injected copies of the carriers of some groups, with the phrases of those groups."""
    chosen = set(sources)
    kept = [document for document in corpus.documents if document.source in chosen]
    phrases = phrases_of(kept)
    made = [
        inject(document, phrases, f"{seed} {number}")
        for document in kept
        if document.kind in ("articles", "pages", "honest") and not document.spans("injected")
        for number in range(rounds)
    ]
    return [synthetic for synthetic in made if synthetic is not None]
