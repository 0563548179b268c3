"""The text of one record, cleaned; what cannot be read is said to be unread, never to pass.

A pipeline runs for days over records that nobody has seen: one without a text, or one too large,
must neither end it nor slip through. The command line treats files the same way.
"""

from __future__ import annotations

from injectclean.document import Problem, Source
from injectclean.errors import InjectcleanError
from injectclean.report import VERDICTS, Report
from injectclean.scanner import Scanner
from injectclean.values import NamedTuple

UNREAD = "unread"
RECORD_VERDICTS = (*VERDICTS, UNREAD)


class CleanedRecord(NamedTuple):
    """A record's text as cleaned, None where it was not read, and the report on it."""

    text: str | None
    report: Report

    @property
    def verdict(self) -> str:
        """The report's verdict, or ``unread``."""
        return UNREAD if self.text is None else self.report.verdict


def clean_record(scanner: Scanner, value: object) -> CleanedRecord:
    """Clean what a record holds as its text; a ``Problem`` says why there is none.

    >>> from injectclean import Scanner
    >>> record = clean_record(Scanner(), None)
    >>> record.verdict, record.report.source.problem.message
    ('unread', 'no text: NoneType')

    Raises:
        InjectcleanError: no text could be cleaned this way, so it is no matter of this one.
    """
    problem = _problem_of(scanner, value)
    if problem is None and isinstance(value, str):
        try:
            result = scanner.clean(value)
            return CleanedRecord(result.text, result.report)
        except InjectcleanError:
            raise
        except MemoryError:
            problem = Problem("out_of_memory", "not enough memory for it")
        except Exception as error:  # one record's misfortune must not cost the others
            problem = Problem("internal_error", f"{type(error).__name__}: {error}")
    return CleanedRecord(None, scanner.unread(Source(problem=problem)))


def _problem_of(scanner: Scanner, value: object) -> Problem | None:
    """Why a value cannot be read; None where it can."""
    if isinstance(value, Problem):
        return value
    if not isinstance(value, str):
        return Problem("missing", f"no text: {type(value).__name__}")
    limit = scanner.config.max_bytes
    if 4 * len(value) > limit and len(value.encode("utf-8", "surrogatepass")) > limit:
        return Problem("too_large", f"larger than max_bytes, {limit} bytes")
    return None
