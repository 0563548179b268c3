"""Documents to learn from: injected copies of honest articles, honest twins, and the articles."""

from __future__ import annotations

import random
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from injectclean.training.corpus import Corpus, Label, LabelledDocument
from injectclean.training.synthesis import Phrase, Synthetic, break_lines, inject, phrases_of

ROUNDS = 2  # injected copies of every carrier and of either kind, beside a twin and the original
RELATED = 0.5  # share of the copies whose phrases are all of one family
MARGIN = 3  # lines of an excerpt on either side of a span, fewer than
HARD_WEIGHT = 2.0  # of a false candidate in honest text about the subject: the costly false alarm


@dataclass(frozen=True, slots=True)
class Example:
    """A document to learn from, with the fold that it belongs to."""

    text: str
    spans: tuple[Label, ...]
    families: tuple[str, ...]
    fold: int
    weight: float = 1.0
    known: bool = False


def is_shown(phrase: Phrase) -> bool:
    """Whether a phrase is among the half of its family that stage 1 may see when it is known."""
    return zlib.crc32(phrase.text.encode()) % 2 == 0


def examples_of(
    corpus: Corpus, folds: dict[str, int], rounds: int = ROUNDS, *, known: bool = False
) -> list[Example]:
    """Injected, broken and plain documents; the phrases of a fold meet only its documents."""
    by_fold = shown_by_fold(corpus, folds, known=known)
    found: list[Example] = []
    for document in corpus.documents:
        if document.kind == "phrases":
            continue
        fold = folds[document.source]
        natural = tuple(document.spans("injected"))
        weight = HARD_WEIGHT if document.kind == "honest" else 1.0
        if not document.is_whole:
            lines = (document.text[line.start : line.end] for line in document.lines)
            found += [Example(line, (), (), fold, weight, known) for line in lines]
            continue
        if natural:
            families = (document.source,) * len(natural)
            found.append(Example(document.text, natural, families, fold, 1.0, known))
            continue
        found.append(Example(document.text, (), (), fold, weight, known))
        found += copies_of(document, by_fold.get(fold, []), fold, weight, rounds, known=known)
    return found


def shown_by_fold(corpus: Corpus, folds: dict[str, int], *, known: bool) -> dict[int, list[Phrase]]:
    """The phrases to inject in each fold; of ``known`` families those that stage 1 has not seen."""
    found: dict[int, list[Phrase]] = {}
    for phrase in phrases_of(corpus.documents):
        if not (known and is_shown(phrase)):
            found.setdefault(folds[phrase.family], []).append(phrase)
    return found


def copies_of(
    document: LabelledDocument,
    phrases: Sequence[Phrase],
    fold: int,
    weight: float,
    rounds: int,
    *,
    known: bool,
) -> list[Example]:
    """A broken twin and injected copies of an honest document, and an excerpt of each."""
    copies: list[Synthetic | None] = [break_lines(document, "twin")]
    copies += [
        inject(document, phrases, f"round {number} {known}", RELATED) for number in range(rounds)
    ]
    return [
        example
        for copy in copies
        if copy is not None
        for example in with_excerpt(copy, document.doc_id, fold, weight, known=known)
    ]


def with_excerpt(
    copy: Synthetic, doc_id: str, fold: int, weight: float, *, known: bool
) -> list[Example]:
    """A copy of a document as an example, and an excerpt of it."""
    example = Example(
        copy.text, copy.spans, copy.families, fold, 1.0 if copy.spans else weight, known
    )
    return [example, excerpt(example, f"{doc_id} {known}")]


def excerpt(example: Example, seed: str) -> Example:
    """A few lines of an example, around one of its spans if it has any.

    Short texts get injected, too; without them a model learns that what is short is honest.
    """
    rng = random.Random(f"{seed} {example.spans[:1]}")
    text = example.text
    lines = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    around = rng.choice(example.spans) if example.spans else None
    first = last = rng.randrange(len(lines) - 1)
    if around is not None:
        first = bisect_right(lines, around.start) - 1
        last = bisect_right(lines, around.end - 1) - 1
    start = lines[max(0, first - rng.randrange(MARGIN))]
    # What an injection left behind a break belongs to it: that line comes along.
    is_cut = around is not None and text[around.end : around.end + 1] == "\n"
    stop = lines[min(len(lines) - 1, last + 1 + is_cut + rng.randrange(MARGIN))]
    kept = [
        (Label(span.start - start, span.end - start, span.label), family)
        for span, family in zip(example.spans, example.families, strict=True)
        if start <= span.start and span.end <= stop
    ]
    spans, families = tuple(s for s, _ in kept), tuple(f for _, f in kept)
    return replace(example, text=text[start:stop], spans=spans, families=families)


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
