"""What a run comes to: counts over its documents, the overall verdict, and the exit code."""

from __future__ import annotations

from typing import Any

from injectclean.report import ALLOWED, CATEGORIES, VERDICTS, Report

# Found in a folder, these are listed and no more: nobody asked for exactly them to be read.
PASSIVE = ("binary", "not_regular", "symlink", "outside")


class Summary:
    """Counts that grow with every report added."""

    def __init__(self) -> None:
        self.documents = 0
        self.scanned = 0
        self.allowed = 0
        self.not_scanned: dict[str, int] = {}
        self.findings: dict[str, int] = {}
        self.verdicts = dict.fromkeys(VERDICTS, 0)
        self.verdict = VERDICTS[0]
        self.complete = True
        self.allow_texts: set[str] = set()

    def add(self, report: Report, *, named: bool) -> None:
        """Count one report; ``named``: its input was named, not found in a folder."""
        self.documents += 1
        problem = report.source.problem
        if is_failure(report, named=named):
            self.complete = False
        if was_read(report):
            self._add_scanned(report)
        elif problem is not None:
            self.not_scanned[problem.kind] = self.not_scanned.get(problem.kind, 0) + 1
        if was_read(report) or is_failure(report, named=named):
            self.verdict = max(self.verdict, report.verdict, key=VERDICTS.index)

    def exit_code(self, fail_on: str) -> int:
        """0, 1 or 3, as findings of the kind ``fail_on`` and unread inputs make it."""
        if not self.complete:
            return 3
        if fail_on == "never":
            return 0
        counted = (c for c in self.findings if fail_on == "any" or c.startswith("injected/"))
        return int(any(counted))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, categories in their usual order."""
        return {
            "documents": self.documents,
            "scanned": self.scanned,
            "not_scanned": dict(sorted(self.not_scanned.items())),
            "findings": {c: self.findings[c] for c in CATEGORIES if c in self.findings},
            "allowed": self.allowed,
            "verdicts": self.verdicts,
            "verdict": self.verdict,
            "complete": self.complete,
        }

    def _add_scanned(self, report: Report) -> None:
        self.scanned += 1
        self.verdicts[report.verdict] += 1
        for finding in report.findings:
            if finding.is_allowed:
                self.allowed += 1
                self.allow_texts |= {str(v) for name, v, _ in finding.evidence if name == ALLOWED}
            else:
                self.findings[finding.category] = self.findings.get(finding.category, 0) + 1


def was_read(report: Report) -> bool:
    """Whether there was a text to scan, be it with a few bytes missing."""
    return report.cleaned_sha256 is not None


def is_failure(report: Report, *, named: bool) -> bool:
    """Whether something that should have been read was not, or not wholly."""
    problem = report.source.problem
    return problem is not None and (named or problem.kind not in PASSIVE)
