"""Megabytes a second of everything, in interleaved rounds over the same documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.peers import PEERS, Peer, Prepared, Run, prepare, set_up
from benchmarks.texts import Share, Text, size_of
from benchmarks.timing import LEAST_SECONDS, cpu_seconds, set_aside
from injectclean import Scanner

DECODE = "decode UTF-8"
FIRST = "Scanner.scan, first sight"
AGAIN = "Scanner.scan, again"
CLEAN = "Scanner.clean, again"


@dataclass(frozen=True, slots=True)
class Row:
    """Megabytes a second, one figure a round; or why there are none."""

    what: str
    rates: tuple[float, ...]
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was measured on one kind of text."""

    text: str
    warm_up_bytes: int
    part_bytes: tuple[int, ...]
    rows: tuple[Row, ...]


def set_up_peers(wanted: Sequence[str] | None) -> dict[str, Run | str]:
    """The peers, or why one is missing; ``wanted`` names some, default all."""
    return {peer.name: set_up(peer) if _is_wanted(peer, wanted) else "left out" for peer in PEERS}


def measure(text: Text, share: Share, peers: dict[str, Run | str], *, seconds: float) -> Throughput:
    """Measure round by round; no round begins after ``seconds`` of wall time, but one is done.

    The scanner has seen the warm-up and the documents of earlier rounds, never those of the round.
    """
    scanner = Scanner()
    deadline = time.monotonic() + seconds
    for document in share.warm_up:
        scanner.scan(document)
    calls: dict[str, Run] = {
        DECODE: lambda document: document.data.decode(),
        FIRST: lambda document: scanner.scan(document.text),
        AGAIN: lambda document: scanner.scan(document.text),
        CLEAN: lambda document: scanner.clean(document.text),
        **{name: run for name, run in peers.items() if not isinstance(run, str)},
    }
    rates: dict[str, list[float]] = {name: [] for name in calls}
    sizes: list[int] = []
    for part in share.parts:
        if sizes and time.monotonic() > deadline:
            break
        sizes.append(size_of(part))
        documents = [prepare(document, text.language) for document in part]
        _measure_round(documents, sizes[-1], calls, rates)
    rows = [Row(name, tuple(found)) for name, found in rates.items()]
    rows += [Row(name, (), why) for name, why in peers.items() if isinstance(why, str)]
    return Throughput(text.name, size_of(share.warm_up), tuple(sizes), tuple(rows))


def _measure_round(
    documents: Sequence[Prepared], size: int, calls: dict[str, Run], rates: dict[str, list[float]]
) -> None:
    set_aside()
    for name, run in calls.items():
        least = 0.0 if name == FIRST else LEAST_SECONDS  # there is one first sight
        rates[name].append(size / cpu_seconds(_over(run, documents), least) / 1e6)


def _over(run: Run, documents: Sequence[Prepared]) -> Callable[[], None]:
    def all_documents() -> None:
        for document in documents:
            run(document)

    return all_documents


def _is_wanted(peer: Peer, wanted: Sequence[str] | None) -> bool:
    return wanted is None or peer.name in wanted or peer.package in wanted
