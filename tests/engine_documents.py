"""Documents for the engines: the five seeds, whole and in pieces, no two the same."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from cli_tools import SEEDS

from injectclean import Cleaned, Scanner

COUNT = int(os.environ.get("INJECTCLEAN_ENGINE_DOCUMENTS", "300"))
FEW = min(COUNT, 300)  # for what need not be shown on all of them
WHOLE_EVERY = 50  # turns; a whole seed takes ten times as long as a piece
PIECE = 4  # lines
REQUIRED = "INJECTCLEAN_ENGINES_REQUIRED"  # make test-engines says that none may be skipped


def engine(package: str) -> Any:
    """An engine's package; without it the module's tests are skipped, or fail where it is due."""
    return import_module(package) if os.environ.get(REQUIRED) else pytest.importorskip(package)


@cache
def texts() -> tuple[str, ...]:
    """As many documents as the environment asks for."""
    seeds = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    assert len(seeds) == 5
    return tuple(_varied(seeds[number % 5], number // 5) for number in range(COUNT))


def _varied(seed: str, turn: int) -> str:
    """The seed in every so many turns; lines from it in the others."""
    lines = seed.splitlines(keepends=True)
    start = 0 if turn % WHOLE_EVERY == 0 else turn % len(lines)
    stop = len(lines) if turn % WHOLE_EVERY == 0 else start + PIECE
    return f"{''.join(lines[start:stop]).rstrip()}\nĐây là bài số {turn} của loạt bài.\n"


@cache
def expected() -> tuple[Cleaned, ...]:
    """What the plain loop gives."""
    scanner = Scanner()
    return tuple(scanner.clean(text) for text in texts())


def row_of(result: Cleaned) -> dict[str, Any]:
    """The columns that a table must have for a document that the plain loop cleaned so."""
    report = result.report
    return {
        "injectclean_text": result.text,
        "injectclean_verdict": report.verdict,
        "injectclean_problem": None,
        "injectclean_quality": dict(report.quality),
        "injectclean_findings": [
            {
                "start": finding.span.start,
                "end": finding.span.end,
                "category": finding.category,
                "score": finding.score,
                "action": finding.action,
                "text": finding.text,
                "reason": finding.reason,
                "allowed": finding.is_allowed,
                "edit": finding.edit,
            }
            for finding in report.findings
        ],
        "injectclean_edits": [
            {
                "start": edit.start,
                "end": edit.end,
                "original": edit.original,
                "replacement": edit.replacement,
                "lossy": edit.lossy,
            }
            for edit in report.edits
        ],
        "injectclean_source_sha256": report.source.sha256,
        "injectclean_cleaned_sha256": report.cleaned_sha256,
        "injectclean_made_by": f"{report.tool}, {report.model}",
    }


def unread_row(problem: str, made_by: str) -> dict[str, Any]:
    """The columns for a text that was not read."""
    return dict.fromkeys(row_of(expected()[0])) | {
        "injectclean_verdict": "unread",
        "injectclean_problem": problem,
        "injectclean_made_by": made_by,
    }


def expected_rows() -> list[dict[str, Any]]:
    """The appended columns of all documents, in order."""
    return list(map(row_of, expected()))


def appended(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the columns that they had before."""
    return [
        {name: value for name, value in row.items() if name.startswith("injectclean_")}
        for row in rows
    ]
