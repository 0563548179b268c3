"""Reports for people: one line a document, one line a finding, and a summary."""

from __future__ import annotations

from injectclean.formats.escape import shortened, visible
from injectclean.formats.summary import Summary, was_read
from injectclean.report import CATEGORIES, Finding, Report, line_and_column

MAX_SHOWN = 60  # code points of a finding's text
_COLOURS = {"pass": "32", "review": "33", "block": "31", "path": "1", "category": "36"}


class TextWriter:
    """Human-readable text; with ``colour`` also for the eye. ``brief`` leaves out what passes."""

    def __init__(self, *, colour: bool, brief: bool) -> None:
        self._colour = colour
        self._brief = brief

    def document(self, report: Report, text: str) -> str:
        """The lines on one document."""
        path = self._paint("path", visible(report.source.path or "-"))
        lines = [self._finding(path, f, at) for f, at in _places(report, text)]
        if not self._brief or not was_read(report) or report.verdict != "pass":
            lines.insert(0, f"{path}: {self._state(report)}")
        return "".join(f"{line}\n" for line in lines)

    def end(self, summary: Summary) -> str:
        """The summary and the overall verdict."""
        if self._brief:
            return ""
        verdicts = ", ".join(f"{count} {name}" for name, count in summary.verdicts.items())
        lines = ["", f"documents: {summary.documents} ({verdicts})"]
        found = [f"{summary.findings[c]} {c}" for c in CATEGORIES if c in summary.findings]
        total = sum(summary.findings.values())
        lines.append(f"findings: {total}" + (f" ({', '.join(found)})" if found else ""))
        if summary.allowed:
            lines.append(f"allowed: {summary.allowed}")
        if summary.not_scanned:
            kinds = ", ".join(
                f"{count} {kind}" for kind, count in sorted(summary.not_scanned.items())
            )
            lines.append(f"not scanned: {sum(summary.not_scanned.values())} ({kinds})")
        incomplete = "" if summary.complete else " (incomplete)"
        lines.append(f"verdict: {self._paint(summary.verdict, summary.verdict)}{incomplete}")
        return "\n".join(lines) + "\n"

    def _state(self, report: Report) -> str:
        problem = report.source.problem
        if problem is not None and not was_read(report):
            return f"not scanned ({problem.kind})"
        verdict = self._paint(report.verdict, report.verdict)
        held = report.quality.get("held")
        if held is not None:
            verdict += f" (held back: {held})"
        return verdict if problem is None else f"{verdict} (incomplete: {problem.kind})"

    def _finding(self, path: str, finding: Finding, place: tuple[int, int]) -> str:
        line, column = place
        category = self._paint("category", finding.category)
        action = "allowed" if finding.is_allowed else finding.action
        text = visible(shortened(finding.text, MAX_SHOWN))
        return (
            f"{path}:{line}:{column}: {category} {finding.score:.2f} {action} "
            f'"{text}" — {visible(finding.reason)}'
        )

    def _paint(self, role: str, text: str) -> str:
        return f"\x1b[{_COLOURS[role]}m{text}\x1b[0m" if self._colour else text


def _places(report: Report, text: str) -> list[tuple[Finding, tuple[int, int]]]:
    """Findings with line and column."""
    if not report.findings:
        return []
    breaks = [index for index, character in enumerate(text) if character == "\n"]
    return [(f, line_and_column(breaks, f.span.start)) for f in report.findings]
