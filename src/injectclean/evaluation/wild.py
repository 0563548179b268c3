"""The shipped model on real text: corpora that it was neither counted nor trained on.

Of each corpus the measuring share is looked at: clean documents by topic (news, reference, and what
pages in English say), the same news with new phrases of known families, with phrases of families
that no model learns from (``data/unseen``), and with real terms put in. What an extractor leaves of
pages is for the furniture, of which no page has taught anything, and so all of them are looked at.
Of languages that nothing was learned of there are articles of our own; into others promotions were
written by hand.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from injectclean.config import Config
from injectclean.errors import ConfigError
from injectclean.evaluation.byhand import measure_by_hand
from injectclean.evaluation.counts import TOTAL, Breakdown, Measured
from injectclean.evaluation.documents import language_of, measure_spans
from injectclean.evaluation.foreign import measure_foreign
from injectclean.evaluation.intervals import Share
from injectclean.scanner import Scanner
from injectclean.tokens import find_tokens
from injectclean.training.background import read_terms, share_of
from injectclean.training.corpus import GRAMMAR_PHRASES, phrase_key, read_corpus
from injectclean.training.grammar import phrases_of_family, read_grammar
from injectclean.training.markup import parse_marked
from injectclean.training.ordinary import as_document
from injectclean.training.synthesis import Phrase, Synthetic, inject, phrases_of

CORPORA = ("news_vi.jsonl.gz", "clean_vi.jsonl.gz")
TERMS, EXTRACTED = "lexicon.tsv", "extracted_articles.jsonl.gz"
UNSEEN = "unseen families"
ARTICLES = 600  # news that get injected
NEW_PHRASES = 70  # made of each family's grammar, behind those that it is trained on
LEAST_SIZE = 50  # code points of a document
LEAST_TERM = 2  # words
SHINGLE = 4
CHUNKS = 8  # parts of the work
_WORD = re.compile(r"\w+")
Row = dict[str, Any]


@dataclass
class Wild:
    """What was counted in real text; pages with precision and recall of their shingles."""

    by: Breakdown = field(default_factory=Breakdown)
    exact: Counter[str] = field(default_factory=Counter)
    before: list[tuple[float, float]] = field(default_factory=list)
    after: list[tuple[float, float]] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    by_hand: Measured = field(default_factory=Measured)

    def add(self, other: Wild) -> None:
        """Add another part's counts."""
        self.by.add(other.by)
        self.exact += other.exact
        self.before += other.before
        self.after += other.after
        self.removed += other.removed
        self.by_hand.add(other.by_hand)

    def lost(self) -> Share:
        """Characters of clean documents that went."""
        return Share(self.exact["lost"], self.exact["article"])

    def extraction(self) -> dict[str, float]:
        """Shingle F1 before and after, what recall lost, and the precision of removed lines."""
        before, after = mean_f1(self.before), mean_f1(self.after)
        return {
            "F1 before": before[2],
            "F1 after": after[2],
            "recall lost": before[1] - after[1],
            "removed lines that are noise": Share(
                self.removed["noise"], self.removed["noise"] + self.removed["article"]
            ).value,
            "lines removed": float(self.removed.total()),
        }


def measure_wild(folder: Path, labels: Path, *, jobs: int = 1, model: str | None = None) -> Wild:
    """Measure on the corpora of a folder; those that are missing are left out.

    ``labels`` are what the model has learned from; beside them lie the grammars.
    """
    documents = [row for name in CORPORA for row in _rows(folder / name) if _is_measuring(row)]
    random.Random("wild").shuffle(documents)
    news = [row for row in documents if _corpus_of(row) == "news"][:ARTICLES]
    documents += [row for row in map(_as_page, _rows(folder / EXTRACTED)) if _is_measuring(row)]
    terms = read_real_terms(folder / TERMS, labels)
    new = _new_phrases(labels.parent / "grammar")
    unseen = read_unseen(labels.parent / "unseen")
    work: list[tuple[Callable[..., Wild], tuple[Any, ...]]] = []
    for part in range(CHUNKS):
        pages = list(_rows(folder / EXTRACTED))[part::CHUNKS]
        work += [
            (_measure_clean, (documents[part::CHUNKS],)),
            (_measure_injected, (news[part::CHUNKS], "new phrases", new)),
            (_measure_injected, (news[part::CHUNKS], UNSEEN, unseen)),
            (_measure_injected, (news[part::CHUNKS], "real terms", terms)),
            (_measure_extracted, (pages,)),
        ]
    foreign = sorted((labels.parent / "unseen" / "articles").glob("*.marked"))
    work += [(_measure_foreign, (path, unseen)) for path in foreign]
    by_hand = sorted((labels.parent / "unseen" / "by_hand").glob("*.marked"))
    work += [(_measure_by_hand, (path,)) for path in by_hand]
    parts = Parallel(n_jobs=jobs)(delayed(run)(model, *arguments) for run, arguments in work)
    total = Wild()
    for measured in parts:
        total.add(measured)
    return total


def _rows(path: Path) -> Iterator[Row]:
    if not path.exists():
        return
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)
    except (OSError, EOFError, ValueError) as error:
        raise ConfigError(f"{path}: not a gzipped file of JSON lines: {error}") from error


def _is_measuring(row: Row) -> bool:
    return share_of(row["id"]) == "measuring" and len(row["text"]) >= LEAST_SIZE


def _as_page(row: Row) -> Row:
    """What a page really says, as a clean document."""
    return {"id": row["id"], "text": row["gold"], "corpus": "pages"}


def _corpus_of(row: Row) -> str:
    return str(row.get("corpus") or ("reference" if "source_repo" in row else "news"))


def read_real_terms(path: Path, labels: Path) -> list[Phrase]:
    """Terms of several words that served for nothing else, and are no phrase of ours.

    A language is a family.
    """
    if not path.exists():
        return []
    known = {phrase_key(phrase.text) for phrase in phrases_of(read_corpus(str(labels)).documents)}
    return [
        Phrase(term, "injected/other", f"language: {language}")
        for term, language in read_terms(path)
        if share_of(term) == "measuring"
        and len(find_tokens(term)) >= LEAST_TERM
        and phrase_key(term) not in known
    ]


def read_unseen(folder: Path) -> list[Phrase]:
    """Phrases of families that no model learns from. A language is a family."""
    return [
        Phrase(document.text[line.start : line.end], line.label, f"language: {language}")
        for path in sorted(folder.glob("*.marked"))
        for document in parse_marked(path.read_text(encoding="utf-8"))
        for language in [language_of(f"phrases/{document.name}")]
        for line in document.labels
    ]


def _new_phrases(grammar: Path) -> list[Phrase]:
    return [
        Phrase(phrase, family.category, f"phrases/{family.name}")
        for family in read_grammar(grammar)
        for phrase in phrases_of_family(family, GRAMMAR_PHRASES + NEW_PHRASES)[GRAMMAR_PHRASES:]
    ]


def _measure_clean(model: str | None, rows: Sequence[Row]) -> Wild:
    scanner = Scanner(config=Config(model=model))
    wild = Wild()
    for row in rows:
        report = scanner.scan(row["text"])
        found = [finding for finding in report.findings if finding.is_injected]
        acted = any(finding.edit is not None for finding in found)
        corpus = _corpus_of(row)
        for name in (f"{corpus}: {row.get('topic') or 'other'}", f"{corpus}: {TOTAL}", TOTAL):
            wild.by.count("clean", name, reported=bool(found), acted=acted)
        wild.exact["article"] += len(row["text"])
        wild.exact["lost"] += sum(edit.end - edit.start for edit in report.edits)
    return wild


def _measure_injected(
    model: str | None, rows: Sequence[Row], name: str, phrases: Sequence[Phrase]
) -> Wild:
    scanner = Scanner(config=Config(model=model))
    wild = Wild()
    for row in rows:
        made = inject(as_document(row["id"], row["text"]), phrases, f"wild {name}")
        if made is not None:
            _count_injected(wild, scanner, made, name)
    return wild


def _measure_foreign(model: str | None, path: Path, phrases: Sequence[Phrase]) -> Wild:
    return Wild(by=measure_foreign(Scanner(config=Config(model=model)), path, phrases))


def _measure_by_hand(model: str | None, path: Path) -> Wild:
    return Wild(by_hand=measure_by_hand(Scanner(config=Config(model=model)), path))


def _count_injected(wild: Wild, scanner: Scanner, made: Synthetic, name: str) -> None:
    measured = Measured()
    matches = measure_spans(measured, made.spans, scanner.scan(made.text))
    acted = [match is not None and match.edit is not None for match in matches]
    rows = zip(made.spans, made.styles, made.families, matches, acted, strict=True)
    for span, style, family, match, is_acted in rows:
        size = _size_of(made.text[span.start : span.end])
        by_label = [span.label] if name == UNSEEN else []
        # Of a made-up phrase the family is no row: there are too many.
        by_language = [family] if family.startswith("language") else []
        for row in (style, size, *by_language, *by_label, TOTAL):
            wild.by.count(name, row, reported=match is not None, acted=is_acted)
    wild.by.count(name, "articles", reported=any(matches), acted=any(acted))
    wild.exact[f"{name} exact"] += measured.exact["exact"]
    wild.exact[f"{name} found"] += measured.exact["found"]


def _size_of(phrase: str) -> str:
    words = len(find_tokens(phrase))
    return f"words: {words}" if words < 5 else "words: 5 or more"


def _measure_extracted(model: str | None, rows: Sequence[Row]) -> Wild:
    scanner = Scanner(config=Config(model=model))
    wild = Wild()
    for row in rows:
        lines = row["trafilatura_lines"]
        text = "\n".join(line for line, _ in lines)
        result = scanner.clean(text)
        gold = _shingles(row["gold"])
        wild.before.append(_precision_recall(_shingles(text), gold))
        wild.after.append(_precision_recall(_shingles(result.text), gold))
        edits = [(edit.start, edit.end) for edit in result.report.edits]
        start = 0
        for line, support in lines:
            end = start + len(line)
            gone = sum(max(0, min(end, b) - max(start, a)) for a, b in edits)
            if line.strip() and 2 * gone >= len(line) and support is not None:
                wild.removed["noise" if support < 0.5 else "article"] += 1
            start = end + 1
    return wild


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return {tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def _precision_recall(
    found: set[tuple[str, ...]], gold: set[tuple[str, ...]]
) -> tuple[float, float]:
    common = len(found & gold)
    return Share(common, len(found)).value, Share(common, len(gold)).value


def mean_f1(pages: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean precision and recall over pages, and the F1 of the means.

    >>> mean_f1([(1.0, 0.5), (0.5, 0.5)])
    (0.75, 0.5, 0.6)
    """
    if not pages:
        return 0.0, 0.0, 0.0
    precision = sum(page[0] for page in pages) / len(pages)
    recall = sum(page[1] for page in pages) / len(pages)
    return precision, recall, 2 * precision * recall / (precision + recall)
