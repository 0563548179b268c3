"""Memory that a scanner holds after many documents."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.texts import own_text, shuffled_documents
from benchmarks.timing import resident_bytes, slope
from injectclean import Scanner

SAMPLE_EVERY = 100  # documents


def measure(documents: int, seconds: float) -> dict[str, Any]:
    """Scan that many documents, all different; stop when ``seconds`` of wall time are over.

    The slope is that of the second half: at first the caches fill.
    """
    scanner = Scanner()
    deadline = time.monotonic() + seconds
    samples = [(0, resident_bytes())]
    size = 0
    for done, text in enumerate(shuffled_documents(own_text().documents), 1):
        scanner.scan(text)
        size += len(text.encode())
        over = done >= documents or time.monotonic() > deadline
        if over or done % SAMPLE_EVERY == 0:
            samples.append((done, resident_bytes()))
        if over:
            break
    known = [(n, held) for n, held in samples if held is not None]
    return {
        "wanted": documents,
        "documents": done,
        "bytes": size,
        "resident": [held for _, held in known],
        "bytes_a_document": slope([point for point in known if point[0] >= done / 2]),
    }
