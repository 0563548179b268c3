"""What the detector is worth on documents, layouts and families of phrases that it has not seen.

Groups are dealt out to folds; a model trained without a fold's groups is written, loaded as any
model is, and scans them: their pages and articles as they are, and articles with that fold's
phrases injected. A span counts as found when it shares at least half of its union with a true one.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from injectclean.config import Config
from injectclean.report import Finding, Report
from injectclean.scanner import Scanner
from injectclean.shape import rows_of
from injectclean.training.corpus import Corpus, Label, LabelledDocument, read_corpus
from injectclean.training.examples import synthetic_documents
from injectclean.training.export import write_model
from injectclean.training.folds import folds_of
from injectclean.training.intervals import Score, Share
from injectclean.training.synthesis import STYLES
from injectclean.training.train import (
    Counted,
    code_digest,
    is_whole,
    kept,
    read_counted,
    train_model,
    with_thresholds,
)

ROUNDS = 2  # injected copies of each held-out carrier
TOTAL = "all"


@dataclass
class Tally:
    """Counts of found, true and right items by category, added up over documents and folds."""

    found: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    right_found: Counter[str] = field(default_factory=Counter)
    right_true: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add another tally's counts."""
        self.found += other.found
        self.true += other.true
        self.right_found += other.right_found
        self.right_true += other.right_true

    def scores(self) -> dict[str, Score]:
        """Precision and recall by category."""
        names = sorted(set(self.found) | set(self.true))
        return {
            name: Score(
                Share(self.right_found[name], self.found[name]),
                Share(self.right_true[name], self.true[name]),
            )
            for name in names
        }


@dataclass
class Measured:
    """Everything that an evaluation counts."""

    spans: Tally = field(default_factory=Tally)
    lines: Tally = field(default_factory=Tally)
    exact: Counter[str] = field(default_factory=Counter)
    styles: Counter[tuple[str, str]] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)

    def add(self, other: Measured) -> None:
        """Add another fold's counts."""
        self.spans.add(other.spans)
        self.lines.add(other.lines)
        self.exact += other.exact
        self.styles += other.styles
        self.alarms += other.alarms
        self.characters += other.characters


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of an evaluation, as text and as plain values."""

    folds: int
    groups: int
    measured: Measured

    def shares(self) -> dict[str, Share]:
        """Shares that do not belong to a category."""
        exact, alarms, characters = (
            self.measured.exact, self.measured.alarms, self.measured.characters,
        )  # fmt: skip
        return {
            "injected spans found, edges exact": Share(exact["exact"], exact["found"]),
            "injected spans acted on": Share(exact["acted"], exact["true"]),
            "injected documents with one of them reported": Share(
                exact["documents reported"], exact["documents"]
            ),
            "injected documents with one of them acted on": Share(
                exact["documents acted"], exact["documents"]
            ),
            "honest documents with a reported injection": Share(
                alarms["reported"], alarms["honest"]
            ),
            "honest documents with an acted-on injection": Share(alarms["acted"], alarms["honest"]),
            "honest sentences reported": Share(alarms["sentences reported"], alarms["sentences"]),
            "article characters lost": Share(characters["lost"], characters["article"]),
            "furniture characters gone": Share(characters["gone"], characters["furniture"]),
        }

    def styles(self) -> dict[str, tuple[Share, Share]]:
        """For each way to put a phrase into an article, what is reported and what acted on."""
        counts = self.measured.styles
        return {
            style: (
                Share(counts[style, "reported"], counts[style, "true"]),
                Share(counts[style, "acted"], counts[style, "true"]),
            )
            for style in STYLES
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the model card holds them."""
        spans = {name: score.to_dict() for name, score in self.measured.spans.scores().items()}
        lines = {name: score.to_dict() for name, score in self.measured.lines.scores().items()}
        return {
            "folds": self.folds,
            "groups": self.groups,
            "spans": spans,
            "lines": lines,
            "categories": {k: v for k, v in {**lines, **spans}.items() if "/" in k},
            "styles": {
                style: {"reported": reported.to_dict(), "acted": acted.to_dict()}
                for style, (reported, acted) in self.styles().items()
            },
            "shares": {name: share.to_dict() for name, share in self.shares().items()},
        }

    def to_text(self) -> str:
        """A table for people."""
        head = f"{self.groups} groups of documents held out in {self.folds} folds; 95 % intervals"
        parts = [head, "", _table("injected, spans", self.measured.spans.scores())]
        parts += ["", _style_table(self.styles())]
        parts += ["", _table("page furniture, lines", self.measured.lines.scores()), ""]
        for name, share in self.shares().items():
            low, high = share.limits
            parts.append(
                f"{name:45} {share.value:8.4f}  [{low:.4f}, {high:.4f}]  {share.hits}/{share.n}"
            )
        return "\n".join(parts) + "\n"


def evaluate_files(
    labels: Path,
    background: Path | None,
    *,
    without: tuple[str, ...] = (),
    folds: int = 3,
    jobs: int = 1,
    cache: Path | None = None,
) -> Evaluation:
    """Evaluate on files; arguments as for ``train_files``."""
    corpus = read_corpus(str(labels)).without(without)
    return evaluate_corpus(corpus, read_counted(background), folds=folds, jobs=jobs, cache=cache)


def evaluate_corpus(
    corpus: Corpus, counted: Counted, *, folds: int = 3, jobs: int = 1, cache: Path | None = None
) -> Evaluation:
    """Train on all folds but one, scan that one, for each."""
    dealt = folds_of(corpus.sources(), folds)
    run = kept(_evaluate_fold, cache)
    parts = Parallel(n_jobs=jobs)(
        delayed(run)(corpus, counted, [s for s, f in dealt.items() if f == fold], code_digest())
        for fold in range(folds)
    )
    total = Measured()
    for part in parts:
        total.add(part)
    return Evaluation(folds, len(dealt), total)


def _evaluate_fold(
    corpus: Corpus, counted: Counted, held_out: Sequence[str], code: str
) -> Measured:
    del code  # only names the version of the code whose result is kept
    trained = train_model(corpus.without(held_out), counted)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "fold.npz")
        write_model(path, trained.arrays, with_thresholds(trained.card))
        scanner = Scanner(config=Config(model=path))
    return measure_documents(scanner, corpus, held_out)


def measure_documents(scanner: Scanner, corpus: Corpus, sources: Sequence[str]) -> Measured:
    """Scan the documents of some groups, and articles with their phrases injected."""
    measured = Measured()
    chosen = set(sources)
    for document in corpus.documents:
        if document.source not in chosen or document.kind == "phrases":
            continue
        if not is_whole(document):
            _measure_sentences(measured, scanner, document)
            continue
        report = scanner.scan(document.text)
        _measure_lines(measured, document, report)
        truth = document.spans("injected")
        _measure_spans(measured, truth, report)
        if not truth:
            _measure_alarms(measured, report)
    for made in synthetic_documents(corpus, sources, "evaluation", ROUNDS):
        matches = _measure_spans(measured, made.spans, scanner.scan(made.text))
        _measure_styles(measured, made.styles, matches)
    return measured


def _measure_styles(
    measured: Measured, styles: Sequence[str], matches: Sequence[Finding | None]
) -> None:
    acted = [match is not None and match.edit is not None for match in matches]
    for style, match, is_acted in zip(styles, matches, acted, strict=True):
        measured.styles[style, "true"] += 1
        measured.styles[style, "reported"] += match is not None
        measured.styles[style, "acted"] += is_acted
    measured.exact["documents"] += 1
    measured.exact["documents reported"] += any(match is not None for match in matches)
    measured.exact["documents acted"] += any(acted)


def _measure_spans(
    measured: Measured, truth: Sequence[Label], report: Report
) -> list[Finding | None]:
    """Count; returns what was found of each true span."""
    matches: list[Finding | None] = []
    found = [finding for finding in report.findings if finding.is_injected]
    tally = measured.spans
    for label in truth:
        tally.true.update((label.label, TOTAL))
        measured.exact["true"] += 1
        match = next((f for f in found if _half(f, label)), None)
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
        match_label = next((label for label in truth if _half(finding, label)), None)
        if match_label is not None:
            tally.right_found[TOTAL] += 1
            tally.right_found[finding.category] += match_label.label == finding.category
    return matches


def _half(finding: Finding, label: Label) -> bool:
    common = min(finding.span.end, label.end) - max(finding.span.start, label.start)
    union = max(finding.span.end, label.end) - min(finding.span.start, label.start)
    return 2 * common >= union


def _measure_alarms(measured: Measured, report: Report) -> None:
    found = [finding for finding in report.findings if finding.is_injected]
    measured.alarms["honest"] += 1
    measured.alarms["reported"] += bool(found)
    measured.alarms["acted"] += any(finding.edit is not None for finding in found)


def _measure_sentences(measured: Measured, scanner: Scanner, document: LabelledDocument) -> None:
    for line in document.lines:
        report = scanner.scan(document.text[line.start : line.end])
        measured.alarms["sentences"] += 1
        measured.alarms["sentences reported"] += any(f.is_injected for f in report.findings)


def _measure_lines(measured: Measured, document: LabelledDocument, report: Report) -> None:
    """Compare line by line, and count the visible characters that edits take."""
    edits = [(edit.start, edit.end) for edit in report.edits]
    furniture = [f for f in report.findings if not f.is_injected]
    labels = iter(document.lines)
    label = next(labels)
    for row in rows_of(document.text):
        while label.end <= row.start:
            label = next(labels)
        size = label.end - label.start
        gone = sum(max(0, min(label.end, b) - max(label.start, a)) for a, b in edits)
        is_furniture = label.label.startswith("boilerplate/")
        measured.characters["furniture" if is_furniture else "article"] += size
        measured.characters["gone" if is_furniture else "lost"] += (
            gone if is_furniture or not _has_inner(document, label) else 0
        )
        guess = next((f for f in furniture if _covers(f, label)), None)
        tally = measured.lines
        if is_furniture:
            tally.true.update((label.label, TOTAL))
        if guess is not None:
            tally.found.update((guess.category, TOTAL))
            tally.right_found[TOTAL] += is_furniture
            tally.right_true[TOTAL] += is_furniture
            tally.right_found[guess.category] += guess.category == label.label
            tally.right_true[label.label] += guess.category == label.label


def _has_inner(document: LabelledDocument, line: Label) -> bool:
    return any(line.start <= span.start < line.end for span in document.inner)


def _covers(finding: Finding, label: Label) -> bool:
    return finding.span.start <= label.start and label.end <= finding.span.end


def _table(title: str, scores: dict[str, Score]) -> str:
    lines = [f"{title:30} precision            recall               F1      n"]
    lines += [f"{name:30} {_cells(score)}" for name, score in _total_last(scores)]
    return "\n".join(lines)


def _style_table(styles: dict[str, tuple[Share, Share]]) -> str:
    lines = [f"{'injected, by style':30} reported             acted on                    n"]
    for style, shares in styles.items():
        lines.append(f"{style:30} {_intervals(shares)}         {shares[0].n:5d}")
    return "\n".join(lines)


def _total_last(scores: dict[str, Score]) -> Iterator[tuple[str, Score]]:
    yield from ((name, score) for name, score in scores.items() if name != TOTAL)
    if TOTAL in scores:
        yield TOTAL, scores[TOTAL]


def _cells(score: Score) -> str:
    return f"{_intervals((score.precision, score.recall))}  {score.f1:.3f}  {score.recall.n:5d}"


def _intervals(shares: Sequence[Share]) -> str:
    parts = []
    for share in shares:
        low, high = share.limits
        parts.append(f"{share.value:.3f} [{low:.3f}, {high:.3f}]")
    return "  ".join(parts)
