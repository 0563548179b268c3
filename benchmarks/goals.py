"""The goals, what was measured for each, and words where one is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.growth import SIZES
from benchmarks.peers import PLAIN
from benchmarks.report import (
    Results,
    exponent,
    number,
    process_ratio,
    rate,
    ratio,
    size_text,
    times_text,
)
from benchmarks.startup import SCAN
from benchmarks.throughput import AGAIN, FIRST, Throughput

LEAST_RATE = 20.0  # MB/s a core
BESIDE = ((PLAIN, 100.0), ("justext", 10.0), ("trafilatura", 10.0), ("resiliparse", 1.0))
LEAST_PROCESS_RATIO = 1.7
MOST_MILLISECONDS = 80.0
MOST_RESIDENT = 120e6
DOCUMENTS = 100_000
MOST_BYTES_A_DOCUMENT = 50.0  # called flat: 5 MB over 100,000 documents
MOST_EXPONENT = 1.1  # called linear
NAME = 42
MEASURED = 52


class Goal(NamedTuple):
    """A goal, the figure that is held against it, and how far it is reached.

    ``reached`` is 1 or more where the goal is met, and None where that is not known.
    """

    name: str
    measured: str
    reached: float | None


def goals_of(results: Results) -> list[Goal]:
    """Every goal. The least favourable text and shape count, and only what was measured."""
    return [
        *_throughput_goals(results.throughput or ()),
        _process_goal(results),
        *_startup_goals(results),
        _memory_goal(results),
        *_growth_goals(results),
    ]


def to_text(results: Results) -> str:
    """A row a goal, and what is missed in words."""
    goals = goals_of(results)
    rows = [f"{'goal':{NAME}} {'measured':{MEASURED}} met"]
    rows += [f"{goal.name:{NAME}} {goal.measured:{MEASURED}} {_verdict(goal)}" for goal in goals]
    return "\n".join([*rows, "", *_words(goals)]) + "\n"


def _verdict(goal: Goal) -> str:
    if goal.reached is None:
        return "not known"
    return "yes" if goal.reached >= 1 else "NO"


def _words(goals: Sequence[Goal]) -> Iterator[str]:
    met = sum(goal.reached is not None and goal.reached >= 1 for goal in goals)
    yield f"{met} of {len(goals)} goals are met."
    for goal in goals:
        if goal.reached is None:
            yield f"Not known from this run: {goal.name}."
        elif goal.reached < 1:
            yield f"Missed: {goal.name}, by a factor of {number(1 / goal.reached)}."


def _throughput_goals(texts: Sequence[Throughput]) -> Iterator[Goal]:
    for what in (FIRST, AGAIN):
        figures = {text.text: rate(text, what) for text in texts}
        yield _at_least(f"{what}: {LEAST_RATE:.0f} MB/s", LEAST_RATE, figures, number)
    for peer, times in BESIDE:
        figures = {text.text: ratio(text, FIRST, peer) for text in texts}
        yield _at_least(f"first sight: {times:.0f} x {peer}", times, figures, times_text)


def _at_least(
    name: str, wanted: float, figures: dict[str, float | None], show: Callable[[float], str]
) -> Goal:
    known = {text: value for text, value in figures.items() if value is not None}
    if not known:
        return Goal(name, "-", None)
    shown = ", ".join(f"{show(value)} {text.split()[0]}" for text, value in known.items())
    return Goal(name, shown, min(known.values()) / wanted)


def _process_goal(results: Results) -> Goal:
    name = f"two processes: {LEAST_PROCESS_RATIO} times one"
    if results.processes is None:
        return Goal(name, "-", None)
    found = process_ratio(results.processes)
    loop = process_ratio(results.processes, "loop, ")
    return Goal(
        name, f"{times_text(found)} (a bare loop: {times_text(loop)})", found / LEAST_PROCESS_RATIO
    )


def _startup_goals(results: Results) -> Iterator[Goal]:
    scan = next((process for process in results.startup or () if process.what == SCAN), None)
    time_, peak = (scan.milliseconds, scan.peak_bytes) if scan else (None, None)
    name = f"{SCAN}: {MOST_MILLISECONDS:.0f} ms of CPU"
    yield _at_most(name, MOST_MILLISECONDS, time_, lambda value: f"{value:.1f} ms")
    yield _at_most(f"{SCAN}: {size_text(MOST_RESIDENT)}", MOST_RESIDENT, peak, size_text)


def _at_most(name: str, allowed: float, value: float | None, show: Callable[[float], str]) -> Goal:
    if value is None:
        return Goal(name, "-", None)
    return Goal(name, show(value), allowed / value if value > 0 else 1.0)


def _memory_goal(results: Results) -> Goal:
    """Known only when all documents were scanned: fewer may not have filled the caches."""
    name = f"{DOCUMENTS:,} documents: {MOST_BYTES_A_DOCUMENT:.0f} B each"
    memory = results.memory
    if memory is None or memory["bytes_a_document"] is None:
        return Goal(name, "-", None)
    each, done = memory["bytes_a_document"], memory["documents"]
    reached = MOST_BYTES_A_DOCUMENT / each if each > 0 else 1.0
    shown = f"{number(each)} B over {done:,} documents"
    return Goal(name, shown, None if done < DOCUMENTS else reached)


def _growth_goals(results: Results) -> Iterator[Goal]:
    sizes = results.growth or ()
    for one_line, shape in ((False, "many lines"), (True, "one line")):
        name = f"{size_text(SIZES[-1])}, {shape}: power of {MOST_EXPONENT}"
        measured = [s.bytes for s in sizes if s.one_line is one_line and s.seconds is not None]
        powers = [exponent(sizes, one_line, field) for field in ("seconds", "peak_bytes")]
        known = [power for power in powers if power is not None]
        if len(known) < len(powers):
            yield Goal(name, "-", None)
            continue
        shown = f"{known[0]:.2f} time, {known[1]:.2f} memory, to {size_text(measured[-1])}"
        is_whole = measured[-1] == SIZES[-1]
        reached = MOST_EXPONENT / max(known) if max(known) > 0 else 1.0
        yield Goal(name, shown, reached if is_whole or reached < 1 else None)
