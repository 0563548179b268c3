"""How far a long run is, on terminals: documents, speed, findings, and the time that is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator

from injectclean.commands.inputs import STDIN, Input, State, state_of
from injectclean.report import Report

EVERY = 0.2  # seconds between two lines
FIRST = 1.0  # seconds without one: a short run needs none


class Progress:
    """One line on standard error that is written over; nothing where nobody looks."""

    def __init__(self, *, wanted: bool) -> None:
        """Take whether it is wanted; it is shown on terminals, if nothing else is written there.

        Reports on the same terminal tell of the progress themselves.
        """
        self._is_shown = wanted and _is_terminal(sys.stderr) and not _is_terminal(sys.stdout)
        self._documents = self._bytes = self._findings = self._width = 0
        self._total: int | None = None
        self._begun = self._next = 0.0

    def watch(self, inputs: Iterable[Input]) -> Iterator[Input]:
        """The same inputs; where progress is shown, they are all found first, and their size."""
        if not self._is_shown:
            yield from inputs
            return
        found = list(inputs)
        states = [state_of(given.path) for given in found if given.path != STDIN]
        self._total = sum(state.size for state in states if isinstance(state, State))
        self._begun = time.monotonic()
        self._next = self._begun + FIRST
        yield from found

    def count(self, report: Report) -> None:
        """One more document is done."""
        if not self._is_shown:
            return
        self._documents += 1
        self._bytes += report.source.bytes or 0
        self._findings += len(report.findings)
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self._show(now - self._begun)

    def clear(self) -> None:
        """Take the line away, for another one."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0

    end = clear

    def _show(self, seconds: float) -> None:
        line = progress_line(self._documents, self._bytes, self._findings, seconds, self._total)
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)


def progress_line(
    documents: int, size: int, findings: int, seconds: float, total: int | None
) -> str:
    """What is shown; ``size`` and ``total`` in bytes, the latter of all inputs as they lie there.

    >>> progress_line(120, 600_000, 7, 2.0, 3_000_000)
    '120 documents, 0.30 MB/s, 7 findings, 0:00:08 left'
    """
    rate = size / seconds if seconds > 0 else 0.0
    line = f"{documents} documents, {rate / 1e6:.2f} MB/s, {findings} findings"
    # Compressed files hold more than their size; then nothing is said that is not known.
    if total is None or rate <= 0 or size >= total:
        return line
    left = int((total - size) / rate)
    return f"{line}, {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False
