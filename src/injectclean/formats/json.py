"""Reports for programs: strict JSON, plain ASCII, the same bytes whatever the locale.

``report-1.schema.json`` beside this file says what each document's object holds.
"""

from __future__ import annotations

import json
from typing import Any

from injectclean.formats.summary import Summary
from injectclean.report import Report

SCHEMA = "injectclean/scan/1"


class JsonWriter:
    """One object: ``documents``, then ``summary``. Written as the documents come."""

    def __init__(self) -> None:
        self._opening = f'{{"schema": {dumps(SCHEMA)}, "documents": ['

    def document(self, report: Report, text: str) -> str:
        """One more member of ``documents``."""
        opening, self._opening = self._opening, ","
        return f"{opening}\n{dumps(report_dict(report, text))}"

    def end(self, summary: Summary) -> str:
        """The rest of the object."""
        opening = "" if self._opening == "," else self._opening
        return f'{opening}\n], "summary": {dumps(summary.to_dict())}}}\n'


class JsonlWriter:
    """One object a line, one line a document, and nothing else."""

    def document(self, report: Report, text: str) -> str:
        """One line."""
        return f"{dumps(report_dict(report, text))}\n"

    def end(self, summary: Summary) -> str:
        """Nothing: the lines are all there is."""
        del summary
        return ""


def report_dict(report: Report, text: str) -> dict[str, Any]:
    """The report, with the path's bytes in base 64 where they are not UTF-8."""
    data = report.to_dict(text)
    path = report.source.path
    if path is not None and any("\ud800" <= character <= "\udfff" for character in path):
        from base64 import b64encode

        raw = path.encode("utf-8", "surrogateescape")
        data["source"]["path_b64"] = b64encode(raw).decode("ascii")
    return data


def dumps(value: Any, *, indent: int | None = None) -> str:
    """Strict JSON: no NaN, nothing beyond ASCII, lone surrogates as escapes."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)
