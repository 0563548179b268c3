"""How time and memory grow with the size of one document, each size in a process of its own."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.child import ChildError, in_child
from benchmarks.texts import SEED, document_of, own_text
from benchmarks.timing import available_bytes, cpu_seconds, forget_peak, peak_bytes, resident_bytes
from injectclean import Scanner

SIZES = tuple(10**power for power in range(3, 9))  # 1 KB to 100 MB
WARM_UP_BYTES = 50_000
MOST_RUNS = 15
RUN_SECONDS = 0.5  # of wall time, after which a size is not measured again
START_SECONDS = 30  # that a process may take to make its text, before it scans
MEMORY_SHARE = 0.8  # of what the machine has left, that a process may take


@dataclass(frozen=True, slots=True)
class Size:
    """What one document of a size took, or why that is not known."""

    bytes: int
    one_line: bool
    seconds: float | None = None
    peak_bytes: int | None = None  # beyond the loaded scanner and the text
    skipped: str | None = None


def measure(largest: int, *, seconds: float) -> list[Size]:
    """Measure every size up to ``largest`` bytes, ``seconds`` of wall time for either shape."""
    return [
        size
        for one_line in (False, True)
        for size in _measure_shape([s for s in SIZES if s <= largest], one_line, seconds)
    ]


def measure_size(size: int, one_line: bool) -> dict[str, Any]:
    """In a process of its own: the median of documents that the scanner has not seen."""
    if (free := available_bytes()) is not None:
        most = int(MEMORY_SHARE * free)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    documents = own_text().documents
    scanner = Scanner()
    scanner.scan(document_of(WARM_UP_BYTES, documents, one_line=one_line, seed=SEED))
    start = time.monotonic()
    spent: list[float] = []
    peaks: list[int] = []
    while len(spent) < MOST_RUNS and (not spent or time.monotonic() - start < RUN_SECONDS):
        text = document_of(size, documents, one_line=one_line, seed=SEED + 1 + len(spent))
        forget_peak()
        before = resident_bytes()
        spent.append(cpu_seconds(lambda text=text: scanner.scan(text), least=0.0))  # type: ignore[misc]
        after = peak_bytes()
        if before is not None and after is not None:
            peaks.append(max(0, after - before))  # the system counts in steps
    return {
        "seconds": statistics.median(spent),
        "peak_bytes": max(peaks) if peaks else None,
    }


def _measure_shape(sizes: Sequence[int], one_line: bool, seconds: float) -> list[Size]:
    """Sizes from small to large; from the first that would take too long on, all are skipped."""
    deadline = time.monotonic() + seconds
    found: list[Size] = []
    skipped: str | None = None
    for size in sizes:
        left = deadline - time.monotonic()
        if skipped is None and found and (found[-1].seconds or 0) * size / found[-1].bytes > left:
            skipped = "skipped: over the time budget"
        if skipped is None:
            try:
                taken = in_child("growth", "measure_size", [size, one_line], left + START_SECONDS)
                found.append(Size(size, one_line, **taken))
                continue
            except ChildError as error:
                skipped = str(error)
        found.append(Size(size, one_line, skipped=skipped))
    return found
