"""Time and memory of this process.

Time is processor time: what else the machine does at the moment does not count.
"""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LEAST_SECONDS = 0.05  # of a measurement; what is faster is repeated


def cpu_seconds(call: Callable[[], object], least: float = LEAST_SECONDS) -> float:
    """Processor seconds of one call, as the mean of the calls that fit into ``least`` seconds.

    Garbage is collected before, and as always during the calls: who makes it pays for it.
    """
    gc.collect()
    start = time.process_time()
    spent = calls = 0.0
    while not calls or spent < least:
        call()
        calls += 1
        spent = time.process_time() - start
    return spent / calls


def set_aside() -> None:
    """Take what set-up made out of the collector's sight, so that nobody pays for it."""
    gc.collect()
    gc.freeze()


def resident_bytes() -> int | None:
    """Memory that this process holds now; None where the system does not say."""
    return _status_bytes("VmRSS:")


def peak_bytes() -> int | None:
    """The most memory that this process held since ``forget_peak``."""
    return _status_bytes("VmHWM:")


def forget_peak() -> None:
    """Let ``peak_bytes`` begin anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def available_bytes() -> int | None:
    """Memory that the machine has left."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Slope of the straight line with the least squares; None for less than two points."""
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    square = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / square


def _status_bytes(field: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith(field)]
    return found[0] if found else None
