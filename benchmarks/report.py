"""What was measured, as tables for people."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.growth import Size
from benchmarks.peers import PLAIN
from benchmarks.startup import BARE, Process
from benchmarks.throughput import FIRST, Throughput
from benchmarks.timing import slope

NAME = 30
NOT_MEASURED = "not measured in this run"
LEAST_GROWTH_BYTES = 100_000  # below, what each document costs hides the slope


@dataclass(frozen=True, slots=True)
class Results:
    """One run; a part that was left out is None."""

    about: tuple[str, ...]
    throughput: tuple[Throughput, ...] | None = None
    startup: tuple[Process, ...] | None = None
    memory: dict[str, Any] | None = None
    growth: tuple[Size, ...] | None = None
    processes: dict[str, Any] | None = None


def rate(measured: Throughput, what: str) -> float | None:
    """Megabytes a second, the median of the rounds; None where there are none."""
    rates = _rates(measured, what)
    return statistics.median(rates) if rates else None


def ratio(measured: Throughput, what: str, beside: str) -> float | None:
    """How many times as fast, the median of the rounds' ratios."""
    pairs = list(zip(_rates(measured, what), _rates(measured, beside), strict=False))
    return statistics.median(one / other for one, other in pairs) if pairs else None


def exponent(sizes: Sequence[Size], one_line: bool, field: str) -> float | None:
    """The power of its size that a document's time or memory grows with."""
    points = [
        (math.log(size.bytes), math.log(value))
        for size in sizes
        if size.one_line is one_line and size.bytes >= LEAST_GROWTH_BYTES
        if (value := getattr(size, field))
    ]
    return slope(points)


def process_ratio(found: dict[str, Any], prefix: str = "") -> float:
    """How many times as fast two processes are as one, the median of the rounds' ratios."""
    wall: dict[str, list[float]] = found["wall_seconds"]
    pairs = zip(wall[f"{prefix}one"], wall[f"{prefix}two"], strict=True)
    # Two loops do twice the work of one; the job is the same for both.
    work = 2 if prefix else 1
    return statistics.median(work * one / two for one, two in pairs)


def to_text(results: Results) -> str:
    """Everything but the goals."""
    parts = [
        "\n".join(results.about),
        *_throughput_tables(results.throughput),
        _startup_table(results.startup),
        _memory_table(results.memory),
        _growth_table(results.growth),
        _processes_table(results.processes),
    ]
    return "\n\n".join(parts) + "\n"


def _rates(measured: Throughput, what: str) -> tuple[float, ...]:
    return next((row.rates for row in measured.rows if row.what == what), ())


def _throughput_tables(measured: Sequence[Throughput] | None) -> Iterator[str]:
    if measured is None:
        yield f"throughput: {NOT_MEASURED}"
        return
    for text in measured:
        yield "\n".join(_throughput_rows(text))


def _throughput_rows(measured: Throughput) -> Iterator[str]:
    rounds = len(measured.part_bytes)
    part = statistics.median(measured.part_bytes)
    warm_up = size_text(measured.warm_up_bytes)
    yield f"{measured.text}: medians; rounds: {rounds}, of {size_text(part)}; warm-up: {warm_up}"
    yield f"{'':{NAME}}      MB/s   scan at first sight is   {PLAIN} is"
    for row in measured.rows:
        if row.missing is not None:
            yield f"{row.what:{NAME}} {row.missing}"
            continue
        ours, plain = (times_text(ratio(measured, other, row.what)) for other in (FIRST, PLAIN))
        yield f"{row.what:{NAME}} {number(rate(measured, row.what)):>9}   {ours:>22}   {plain:>22}"


def _startup_table(processes: Sequence[Process] | None) -> str:
    if processes is None:
        return f"start-up: {NOT_MEASURED}"
    lines = [f"{'whole process, medians':{NAME}}      CPU ms   over bare   peak resident"]
    bare = next(process.milliseconds for process in processes if process.what == BARE)
    for process in processes:
        over, peak = process.milliseconds - bare, size_text(process.peak_bytes)
        lines.append(f"{process.what:{NAME}} {process.milliseconds:11.1f} {over:11.1f} {peak:>15}")
    return "\n".join(lines)


def _memory_table(memory: dict[str, Any] | None) -> str:
    if memory is None:
        return f"memory: {NOT_MEASURED}"
    done, wanted = memory["documents"], memory["wanted"]
    cut = "" if done == wanted else f" of {wanted:,}: the time budget was over"
    lines = [
        f"memory of one scanner over many documents: {done:,}{cut} ({size_text(memory['bytes'])})"
    ]
    resident = memory["resident"]
    if not resident:
        return "\n".join([*lines, "the system does not say what is resident"])
    quarters = [resident[round(at * (len(resident) - 1) / 4)] for at in range(5)]
    shown = ", ".join(size_text(held) for held in quarters)
    lines.append(f"{'resident, start to end':{NAME}} {shown}")
    lines.append(f"{'second half, a document':{NAME}} {number(memory['bytes_a_document'])} bytes")
    return "\n".join(lines)


def _growth_table(sizes: Sequence[Size] | None) -> str:
    if sizes is None:
        return f"growth: {NOT_MEASURED}"
    head = f"{'one document, first sight':{NAME}}     seconds    a megabyte   peak beyond the text"
    lines = [head, *map(_growth_row, sizes)]
    for one_line, shape in ((False, "many lines"), (True, "one line")):
        powers = [exponent(sizes, one_line, field) for field in ("seconds", "peak_bytes")]
        time_, memory = map(number, powers)
        lines.append(f"{shape}: time grows with size to the power of {time_}, memory {memory}")
    return "\n".join(lines)


def _growth_row(size: Size) -> str:
    name = f"{size_text(size.bytes)}, {'one line' if size.one_line else 'many lines'}"
    if size.seconds is None:
        return f"{name:{NAME}} {size.skipped}"
    each = size.seconds / size.bytes * 1e6
    peak = "unknown" if size.peak_bytes is None else size_text(size.peak_bytes)
    return f"{name:{NAME}} {number(size.seconds):>11} {number(each):>13} {peak:>22}"


def _processes_table(found: dict[str, Any] | None) -> str:
    if found is None:
        return f"processes: {NOT_MEASURED}"
    wall = found["wall_seconds"]
    one, two = (statistics.median(wall[name]) for name in ("one", "two"))
    return "\n".join(
        [
            f"clean_many, {found['documents']:,} documents, {size_text(found['bytes'])}, "
            f"wall seconds, medians; rounds: {len(wall['one'])}",
            f"{'one process':{NAME}} {number(one):>9}",
            f"{'two processes':{NAME}} {number(two):>9}   {times_text(process_ratio(found))}",
            f"{'a bare loop, two at a time':{NAME}} {'':9}   "
            f"{times_text(process_ratio(found, 'loop, '))}",
        ]
    )


def times_text(value: float | None) -> str:
    """How many times as fast."""
    return "-" if value is None else f"x {number(value)}"


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "-"
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{min(6, max(0, digits))}f}"


def size_text(value: float) -> str:
    """Bytes, in units of 1,000."""
    for unit, name in ((1e6, "MB"), (1e3, "KB")):
        if abs(value) >= unit:
            return (
                f"{number(value / unit)} {name}" if value % unit else f"{value / unit:.0f} {name}"
            )
    return f"{value:.0f} B"
