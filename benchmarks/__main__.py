"""Measure, print the tables, and write them down: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import goals, growth, report, startup, throughput
from benchmarks.child import ChildError, in_child
from benchmarks.peers import PEERS, installed_version
from benchmarks.texts import Text, deal, own_text, real_texts
from injectclean import Scanner
from injectclean._version import __version__
from injectclean.errors import InjectcleanError
from injectclean.evaluation.accuracy import fill_in

PARTS = ("throughput", "startup", "memory", "growth", "processes")
SPARE_SECONDS = 60  # beyond its budget, after which a process is given up


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure (default: all)")
    add("--corpora", type=Path, metavar="DIR", help="measure on the real text of this folder, too")
    add("--write", type=Path, metavar="FILE", help="put the tables into their places of a document")
    add("--json", type=Path, metavar="FILE", help="write every figure of every round")
    add("--peers", nargs="+", metavar="NAME", help="only these, or 'none' (default: all)")
    add("--documents", type=int, metavar="N", help="no more than N of our own documents")
    number_options = (
        ("--rounds", 5, "rounds of throughput"),
        ("--part-kb", 100, "text of a round"),
        ("--warm-up-kb", 400, "other text that the scanner sees before"),
        ("--seconds", 60, "after which no round of a text begins"),
        ("--start-rounds", 11, "runs of each whole process"),
        ("--memory-documents", 100_000, "documents that one scanner scans"),
        ("--memory-seconds", 90, "after which it stops"),
        ("--largest", growth.SIZES[-1], "bytes of the largest single document"),
        ("--growth-seconds", 80, "for documents of many lines, and again for those of one"),
        ("--job-seconds", 15, "that one process takes for the large job"),
        ("--job-rounds", 3, "rounds of the large job"),
    )
    for name, default, what in number_options:
        add(name, type=int, default=default, metavar="N", help=f"{what} (default: {default})")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure all that is asked for; 2 where something was not written."""
    options = parse(arguments)
    texts = [own_text(options.documents)]
    if options.corpora is not None:
        found = real_texts(options.corpora)
        texts += found
        if not found:
            say(f"{options.corpora}: no corpora there; real text is not measured")
    before = load()
    parts = {name: measure(name, options, texts) for name in PARTS if name in options.only}
    about = f"{machine()}; load average {before} before, {load()} after"
    results = report.Results(about=(about, versions()), **parts)
    tables = {"goals": goals.to_text(results), "one run": report.to_text(results)}
    print("\n".join(tables.values()), end="")
    try:
        write(options, results, tables)
    except (InjectcleanError, OSError) as error:
        say(str(error))
        return 2
    return 0


def measure(part: str, options: argparse.Namespace, texts: Sequence[Text]) -> Any:
    """Measure one part; None where its process ended without a result."""
    say(f"measuring {part}")
    if part == "throughput":
        return measure_throughput(options, texts)
    if part == "startup":
        return tuple(startup.measure(texts[0].documents, rounds=options.start_rounds))
    if part == "growth":
        return tuple(growth.measure(options.largest, seconds=options.growth_seconds))
    if part == "memory":
        seconds = options.memory_seconds
        arguments = [options.memory_documents, seconds]
    else:
        seconds = 4 * options.job_seconds * options.job_rounds
        arguments = [options.job_seconds, options.job_rounds]
    try:
        return in_child(part, "measure", arguments, seconds + SPARE_SECONDS)
    except ChildError as error:
        say(f"{part}: {error}")
        return None


def measure_throughput(
    options: argparse.Namespace, texts: Sequence[Text]
) -> tuple[throughput.Throughput, ...]:
    """Measure everything on one kind of text after the other."""
    peers = throughput.set_up_peers(options.peers)
    sizes = (options.rounds, 1000 * options.part_kb, 1000 * options.warm_up_kb)
    return tuple(
        throughput.measure(text, deal(text.documents, *sizes), peers, seconds=options.seconds)
        for text in texts
    )


def machine() -> str:
    """What the figures depend on, and no more of the machine than that."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} on {platform.system()} {platform.machine()}, {os.cpu_count()} processors"


def load() -> str:
    """What else the machine was doing: processes that wanted a processor in the last minute."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "unknown"


def versions() -> str:
    """What was measured."""
    model = Scanner().scan("").model
    packages = dict.fromkeys(peer.package for peer in PEERS)
    known = {package: installed_version(package) for package in packages}
    others = [f"{package} {version}" for package, version in known.items() if version is not None]
    return ", ".join([f"injectclean {__version__} (model {model})", *others])


def write(options: argparse.Namespace, results: report.Results, tables: Mapping[str, str]) -> None:
    """Write what was asked for.

    Raises:
        ConfigError: the document has no place for a table.
        OSError: a file was not written.
    """
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        figures = json.dumps(dataclasses.asdict(results), indent=1)
        options.json.write_text(f"{figures}\n", encoding="utf-8")
    if options.write is not None:
        fill_in(options.write, tables)


def say(message: str) -> None:
    """Tell how far it is."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
