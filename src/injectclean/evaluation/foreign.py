"""Articles in languages of which no ordinary text was counted, and that no model has learned from.

They are honest; and phrases of families that no model learns from are put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from injectclean.evaluation.counts import TOTAL, Breakdown, Measured
from injectclean.evaluation.documents import measure_spans
from injectclean.scanner import Scanner
from injectclean.training.corpus import labelled_document
from injectclean.training.markup import parse_marked
from injectclean.training.synthesis import Phrase, inject

HONEST, INJECTED = "honest, in other languages", "injected, in other languages"
ROUNDS = 6  # injected copies of each article


def measure_foreign(scanner: Scanner, path: Path, phrases: Sequence[Phrase]) -> Breakdown:
    """Count in the articles of one language, a marked file; a row for it, and one for all."""
    by = Breakdown()
    rows = path.stem, TOTAL
    for marked in parse_marked(path.read_text(encoding="utf-8")):
        found = [finding for finding in scanner.scan(marked.text).findings if finding.is_injected]
        acted = any(finding.edit is not None for finding in found)
        for row in rows:
            by.count(HONEST, row, reported=bool(found), acted=acted)
        name = f"{path.stem}/{marked.name}"
        article = labelled_document(name, marked.text, "authored", path.stem, marked.labels)
        for number in range(ROUNDS):
            made = inject(article, phrases, f"foreign {number}")
            if made is None:
                continue
            matches = measure_spans(Measured(), made.spans, scanner.scan(made.text))
            for style, match in zip(made.styles, matches, strict=True):
                is_acted = match is not None and match.edit is not None
                for row in (*rows, style):
                    by.count(INJECTED, row, reported=match is not None, acted=is_acted)
    return by
