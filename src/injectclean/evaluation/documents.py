"""Scans documents whose truth is known, and counts what was found of it.

A span counts as found when it shares at least half of its union with a true one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import cycle

from injectclean.evaluation.counts import TOTAL, Measured, Tally
from injectclean.evaluation.disguises import DISGUISES, EXACT
from injectclean.report import Finding, Report
from injectclean.scanner import Scanner
from injectclean.shape import rows_of
from injectclean.training.corpus import Corpus, Label, LabelledDocument
from injectclean.training.examples import synthetic_documents
from injectclean.training.synthesis import Synthetic

ROUNDS = 2  # injected copies of each held-out carrier
# Families that are not Vietnamese are called after their language.
LANGUAGES = frozenset(
    {
        "arabic", "bengali", "chinese", "czech", "dutch", "english", "french", "german", "greek",
        "hebrew", "hindi", "hungarian", "indonesian", "italian", "japanese", "khmer", "korean",
        "malay", "persian", "polish", "portuguese", "romanian", "russian", "spanish", "swedish",
        "tagalog", "thai", "turkish", "ukrainian",
    }
)  # fmt: skip


def language_of(family: str) -> str:
    """The language of a family of phrases, by its name.

    >>> language_of("phrases/thai-gambling"), language_of("phrases/casino-online")
    ('thai', 'vietnamese')
    """
    first = family.partition("/")[2].partition("-")[0]
    return first if first in LANGUAGES else "vietnamese"


def measure_documents(scanner: Scanner, corpus: Corpus, sources: Sequence[str]) -> Measured:
    """Scan the documents of some groups, and articles with their phrases injected."""
    measured = Measured()
    chosen = set(sources)
    disguises = cycle(DISGUISES)
    for document in corpus.documents:
        if document.source not in chosen or document.kind == "phrases":
            continue
        if not document.is_whole:
            _measure_sentences(measured, scanner, document)
            continue
        report = scanner.scan(document.text)
        measure_lines(measured, document, report)
        truth = document.spans("injected")
        measure_spans(measured, truth, report)
        if not truth:
            _measure_honest(measured, scanner, document, report, next(disguises))
    for made in synthetic_documents(corpus, sources, "evaluation", ROUNDS):
        matches = measure_spans(measured, made.spans, scanner.scan(made.text))
        _measure_injected(measured, made, matches)
        _measure_disguised(measured, scanner, made, matches, next(disguises))
    return measured


def _measure_injected(
    measured: Measured, made: Synthetic, matches: Sequence[Finding | None]
) -> None:
    by = measured.by
    for style, family, span, match in zip(
        made.styles, made.families, made.spans, matches, strict=True
    ):
        acted = match is not None and match.edit is not None
        rows = {
            "style": style,
            "language": language_of(family),
            "vertical": span.label.partition("/")[2],
        }
        for table, row in rows.items():
            by.count(table, row, reported=match is not None, acted=acted)
    by.count(
        "documents", "injected",
        reported=any(matches), acted=any(match.edit is not None for match in matches if match),
    )  # fmt: skip


def _measure_disguised(
    measured: Measured,
    scanner: Scanner,
    made: Synthetic,
    plain: Sequence[Finding | None],
    name: str,
) -> None:
    """The same copy with its phrases in a disguise, beside what was found of it without."""
    disguised = in_disguise(made, name)
    found = measure_spans(Measured(), disguised.spans, scanner.scan(disguised.text))
    group = "exact" if name in EXACT else "read"
    for without, match in zip(plain, found, strict=True):
        for row in (name, f"all {group}"):
            for table, one in (("disguised", match), ("undisguised", without)):
                acted = one is not None and one.edit is not None
                measured.by.count(table, row, reported=one is not None, acted=acted)


def in_disguise(made: Synthetic, name: str) -> Synthetic:
    """An injected copy whose phrases are disguised."""
    rng = random.Random(f"{name} {made.source} {made.spans[:1]}")
    parts: list[str] = []
    spans: list[Label] = []
    position = size = 0
    for span in made.spans:
        phrase = DISGUISES[name](made.text[span.start : span.end], rng)
        parts += made.text[position : span.start], phrase
        size += span.start - position
        spans.append(Label(size, size + len(phrase), span.label))
        size += len(phrase)
        position = span.end
    parts.append(made.text[position:])
    return Synthetic("".join(parts), tuple(spans), made.source, made.families, made.styles)


def measure_spans(
    measured: Measured, truth: Sequence[Label], report: Report
) -> list[Finding | None]:
    """Count; returns what was found of each true span."""
    matches: list[Finding | None] = []
    found = [finding for finding in report.findings if finding.is_injected]
    tally = measured.spans
    for label in truth:
        tally.true.update((label.label, TOTAL))
        measured.exact["true"] += 1
        match = next((f for f in found if is_half(f.span.start, f.span.end, label)), None)
        matches.append(match)
        if match is None:
            continue
        tally.right_true[TOTAL] += 1
        tally.right_true[label.label] += match.category == label.label
        measured.exact["found"] += 1
        measured.exact["exact"] += (match.span.start, match.span.end) == (label.start, label.end)
        measured.exact["acted"] += match.edit is not None
    for finding in found:
        tally.found.update((finding.category, TOTAL))
        span = finding.span
        right = next((label for label in truth if is_half(span.start, span.end, label)), None)
        if right is not None:
            tally.right_found[TOTAL] += 1
            tally.right_found[finding.category] += right.label == finding.category
    return matches


def is_half(start: int, end: int, label: Label) -> bool:
    """Whether a place shares half of its union with a label's."""
    common = min(end, label.end) - max(start, label.start)
    return 2 * common >= max(end, label.end) - min(start, label.start)


def _measure_honest(
    measured: Measured, scanner: Scanner, document: LabelledDocument, report: Report, name: str
) -> None:
    kind = document.source if document.kind == "honest" else document.kind
    disguised = DISGUISES[name](document.text, random.Random(f"{name} {document.doc_id}"))
    for table, one in (("honest", report), ("honest disguised", scanner.scan(disguised))):
        found = [finding for finding in one.findings if finding.is_injected]
        acted = any(finding.edit is not None for finding in found)
        for row in (kind, TOTAL):
            measured.by.count(table, row, reported=bool(found), acted=acted)


def _measure_sentences(measured: Measured, scanner: Scanner, document: LabelledDocument) -> None:
    for line in document.lines:
        report = scanner.scan(document.text[line.start : line.end])
        found = [finding for finding in report.findings if finding.is_injected]
        acted = any(finding.edit is not None for finding in found)
        measured.by.count("sentences", TOTAL, reported=bool(found), acted=acted)


def measure_lines(measured: Measured, document: LabelledDocument, report: Report) -> None:
    """Compare line by line, and count the visible characters that edits take."""
    edits = [(edit.start, edit.end) for edit in report.edits]
    furniture = [f for f in report.findings if not f.is_injected]
    for label in labelled_rows(document):
        gone = sum(max(0, min(label.end, b) - max(label.start, a)) for a, b in edits)
        guess = next((f for f in furniture if _covers(f, label)), None)
        count_line(measured, document, label, gone, None if guess is None else guess.category)


def labelled_rows(document: LabelledDocument) -> list[Label]:
    """The label of each row of a document."""
    found: list[Label] = []
    labels = iter(document.lines)
    label = next(labels)
    for row in rows_of(document.text):
        while label.end <= row.start:
            label = next(labels)
        found.append(label)
    return found


def count_line(
    measured: Measured, document: LabelledDocument, label: Label, gone: int, guess: str | None
) -> None:
    """Count a line: how many characters of it are gone, and as what it was found, if at all.

    Not of one that was put in: it is neither the article's nor furniture.
    """
    if label.label.startswith("injected/"):
        return
    is_furniture = label.label.startswith("boilerplate/")
    measured.characters["furniture" if is_furniture else "article"] += label.end - label.start
    measured.characters["gone" if is_furniture else "lost"] += (
        gone if is_furniture or not _has_inner(document, label) else 0
    )
    tally: Tally = measured.lines
    if is_furniture:
        tally.true.update((label.label, TOTAL))
    if guess is not None:
        tally.found.update((guess, TOTAL))
        tally.right_found[TOTAL] += is_furniture
        tally.right_true[TOTAL] += is_furniture
        tally.right_found[guess] += guess == label.label
        tally.right_true[label.label] += guess == label.label


def _has_inner(document: LabelledDocument, line: Label) -> bool:
    return any(line.start <= span.start < line.end for span in document.inner)


def _covers(finding: Finding, label: Label) -> bool:
    return finding.span.start <= label.start and label.end <= finding.span.end
