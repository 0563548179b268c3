"""One process and two on a large job, by wall time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from itertools import islice
from typing import Any

from benchmarks.texts import own_text, shuffled_documents
from injectclean import Scanner

TRIAL_DOCUMENTS = 32
LEAST_DOCUMENTS = 4
LOOP = "for _ in range({}): pass"  # needs no memory
LOOP_STEPS = 4_000_000  # a second of the job: about a seventh of a second


def measure(seconds: float, rounds: int) -> dict[str, Any]:
    """Clean a job of about ``seconds`` with one and with two processes, in turn.

    Loading the model, and starting processes, is part of it. A bare loop on one and on two
    processes says what the machine had to give at that time.
    """
    texts = _job(seconds)
    wall: dict[str, list[float]] = {"one": [], "two": [], "loop, one": [], "loop, two": []}
    for _ in range(rounds):
        wall["loop, one"].append(_loops(1, seconds))
        wall["one"].append(_clean(texts, 1))
        wall["loop, two"].append(_loops(2, seconds))
        wall["two"].append(_clean(texts, 2))
    return {
        "documents": len(texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "wall_seconds": wall,
    }


def _job(seconds: float) -> list[str]:
    documents = shuffled_documents(own_text().documents)
    scanner = Scanner()
    start = time.perf_counter()
    trial = list(islice(documents, TRIAL_DOCUMENTS if seconds else LEAST_DOCUMENTS))
    for text in trial:
        scanner.scan(text)
    each = (time.perf_counter() - start) / len(trial)
    return list(islice(documents, max(LEAST_DOCUMENTS, round(seconds / each))))


def _clean(texts: list[str], jobs: int) -> float:
    start = time.perf_counter()
    deque(Scanner().clean_many(texts, jobs=jobs), maxlen=0)
    return time.perf_counter() - start


def _loops(processes: int, seconds: float) -> float:
    loop = LOOP.format(round(LOOP_STEPS * max(1, seconds)))
    start = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(processes)]
    for process in running:
        process.wait()
    return time.perf_counter() - start
