"""Articles with promotions written into them by hand, honest ones, and pages: kept from training.

What a program puts in leaves traces that a hand does not: it breaks sentences, and does not mind
what stands around. Each marked file is of one language, which its name begins with; one has pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from injectclean.evaluation.counts import TOTAL, Breakdown, Measured
from injectclean.evaluation.documents import measure_lines, measure_spans
from injectclean.report import Finding
from injectclean.scanner import Scanner
from injectclean.training.corpus import Label, labelled_document
from injectclean.training.markup import parse_marked

SPANS, ARTICLES, HONEST = "spans put in by hand", "articles with them", "honest, by hand"


def measure_by_hand(scanner: Scanner, path: Path) -> Measured:
    """Count in the documents of one file; rows for its language, and for all."""
    measured = Measured()
    language = path.stem.partition("-")[0]
    for marked in parse_marked(path.read_text(encoding="utf-8")):
        name = f"{path.stem}/{marked.name}"
        document = labelled_document(name, marked.text, "authored", path.stem, marked.labels)
        report = scanner.scan(marked.text)
        measure_lines(measured, document, report)
        truth = document.spans("injected")
        matches = measure_spans(measured, truth, report)
        for label, match in zip(truth, matches, strict=True):
            _count(measured.by, SPANS, (language, _place_of(marked.text, label), TOTAL), [match])
        found = matches if truth else [f for f in report.findings if f.is_injected]
        rows = (language, "one phrase", TOTAL) if len(truth) == 1 else (language, TOTAL)
        _count(measured.by, ARTICLES if truth else HONEST, rows, found)
    return measured


def _count(
    by: Breakdown, table: str, rows: tuple[str, ...], found: Sequence[Finding | None]
) -> None:
    acted = any(finding is not None and finding.edit is not None for finding in found)
    for row in rows:
        by.count(table, row, reported=any(found), acted=acted)


def _place_of(text: str, label: Label) -> str:
    """Where a span stands: a line by itself, a sentence, or within one."""
    before, after = text[: label.start].rstrip(" "), text[label.end :].lstrip(" ")
    if before[-1:] in ("", "\n") and after[:1] in ("", "\n"):
        return "own line"
    return "sentence" if text[label.end - 1] in ".!?" else "within a sentence"
