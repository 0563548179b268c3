"""What a scan says: findings, edits, verdict and numbers, and their JSON.

The report holds all that is needed to undo the cleaning; it does not hold the rest of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from injectclean.document import Problem, Source
from injectclean.errors import RestoreError
from injectclean.spans import Edit, Span
from injectclean.values import as_dict, frozen

SCHEMA = "injectclean/report/1"
KINDS = {
    "injected": (
        "gambling", "adult", "pharma", "loan", "counterfeit", "crypto", "seo", "link", "hidden",
        "other",
    ),
    "boilerplate": (
        "banner", "navigation", "clock", "visitor-counter", "view-counter", "related", "comments",
        "pagination", "image-placeholder", "login", "share", "footer", "advert", "widget", "other",
    ),
}  # fmt: skip
CATEGORIES = tuple(f"{kind}/{name}" for kind, names in KINDS.items() for name in names)
ACTIONS = ("remove", "replace", "flag")
VERDICTS = ("pass", "review", "block")
ALLOWED = (
    "allowed"  # name of the evidence that an exception adds; such a finding counts for nothing
)


@frozen
class Finding:
    """Evidence at a span of the original text.

    Attributes:
        score: calibrated probability in [0, 1] that the finding is right.
        action: ``remove``, ``replace`` or ``flag``.
        evidence: ``(name, value, weight)``, the terms that speak loudest first.
        edit: index into the report's edits of the one that carries it out, or None.
    """

    span: Span
    category: str
    score: float
    action: str
    text: str
    reason: str
    evidence: tuple[tuple[str, float | str, float], ...] = ()
    edit: int | None = None

    @property
    def is_injected(self) -> bool:
        """Whether the category is one of injected text."""
        return self.category.startswith("injected/")

    @property
    def is_allowed(self) -> bool:
        """Whether an exception of the user covers it."""
        return any(name == ALLOWED for name, _, _ in self.evidence)


@frozen
class Report:
    """Findings and edits of one document; not ``complete`` where ``source.problem`` says why."""

    schema: str
    tool: str
    model: str
    source: Source
    verdict: str
    findings: tuple[Finding, ...]
    edits: tuple[Edit, ...]
    quality: Mapping[str, int | float | str | None]
    cleaned_sha256: str | None
    complete: bool

    def to_dict(self, text: str) -> dict[str, Any]:
        """Plain values for JSON; ``text`` is the original, for lines and columns (from 1)."""
        breaks = [index for index, character in enumerate(text) if character == "\n"]
        return {
            "schema": self.schema,
            "tool": self.tool,
            "model": self.model,
            "source": _source_dict(self.source),
            "verdict": self.verdict,
            "findings": [_finding_dict(finding, breaks) for finding in self.findings],
            "edits": [as_dict(edit) for edit in self.edits],
            "quality": dict(self.quality),
            "cleaned_sha256": self.cleaned_sha256,
            "complete": self.complete,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """The report that ``to_dict`` described.

        Raises:
            RestoreError: ``data`` is no such report.
        """
        try:
            if data["schema"] != SCHEMA:
                raise RestoreError(f"not a report of this format: schema is {data['schema']!r}")
            problem = data["source"]["problem"]
            source = {**data["source"], "problem": Problem(**problem) if problem else None}
            source.pop("path_b64", None)  # JSON's way to say a path that is not Unicode
            return cls(
                schema=data["schema"],
                tool=data["tool"],
                model=data["model"],
                source=Source(**source),
                verdict=data["verdict"],
                findings=tuple(_finding(entry) for entry in data["findings"]),
                edits=tuple(Edit(**entry) for entry in data["edits"]),
                quality=dict(data["quality"]),
                cleaned_sha256=data["cleaned_sha256"],
                complete=data["complete"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RestoreError(f"not a report: {error}") from error


@frozen
class Cleaned:
    """The sanitized text and the report that explains and undoes it."""

    text: str
    report: Report


def line_and_column(breaks: list[int], offset: int) -> tuple[int, int]:
    """Line and column (from 1, code points) of an offset; ``breaks`` holds the line feeds' offsets.

    >>> line_and_column([2], 4)
    (2, 2)
    """
    line = bisect_right(breaks, offset - 1)
    return line + 1, offset - (breaks[line - 1] if line else -1)


def _source_dict(source: Source) -> dict[str, Any]:
    problem = source.problem
    return {**as_dict(source), "problem": None if problem is None else as_dict(problem)}


def _finding_dict(finding: Finding, breaks: list[int]) -> dict[str, Any]:
    line, column = line_and_column(breaks, finding.span.start)
    return {
        "start": finding.span.start,
        "end": finding.span.end,
        "line": line,
        "column": column,
        "category": finding.category,
        "score": finding.score,
        "action": finding.action,
        "text": finding.text,
        "reason": finding.reason,
        "evidence": [
            {"name": name, "value": value, "weight": weight}
            for name, value, weight in finding.evidence
        ],
        "edit": finding.edit,
    }


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        span=Span(data["start"], data["end"]),
        category=data["category"],
        score=data["score"],
        action=data["action"],
        text=data["text"],
        reason=data["reason"],
        evidence=tuple((e["name"], e["value"], e["weight"]) for e in data["evidence"]),
        edit=data["edit"],
    )
