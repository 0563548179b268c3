"""``injectclean evaluate``: measure on documents that a model has not seen."""

from __future__ import annotations

import argparse
from pathlib import Path

from injectclean.commands.streams import Stdout, say
from injectclean.commands.training import add_training_arguments, needs_training_tools
from injectclean.errors import ConfigError
from injectclean.formats.json import dumps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what evaluate takes."""
    add_training_arguments(parser)
    parser.add_argument(
        "--folds", type=int, default=3, metavar="N", help="parts held out in turn (default: 3)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument(
        "--corpora", type=Path, metavar="DIR", help="measure the shipped model on real text, too"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the tables into their places of a document"
    )
    parser.add_argument(
        "--floors",
        type=Path,
        metavar="FILE",
        help="exit with 1 when a figure misses its floor",
    )


def run(options: argparse.Namespace) -> int:
    """Evaluate, print the tables, and say which floor is missed."""
    if options.folds < 2:
        raise ConfigError(f"--folds: {options.folds} leaves nothing to hold out; give 2 or more")
    stdout = Stdout()
    with needs_training_tools():
        from injectclean.evaluation import accuracy, crossfit, tables, wild
    result = crossfit.evaluate_files(
        options.labels,
        options.background,
        without=tuple(options.without),
        folds=options.folds,
        jobs=options.jobs,
        cache=options.cache,
    )
    place = "without " + " ".join(options.without) if options.without else "all documents"
    written = {place: tables.to_text(result)}
    real = None
    if options.corpora is not None and options.corpora.is_dir():
        real = wild.measure_wild(options.corpora, options.labels, jobs=options.jobs)
        written["real text"] = accuracy.wild_text(real)
    elif options.corpora is not None:
        say(f"{options.corpora}: no such folder; real text was not measured")
    if options.format == "json":
        stdout.write_text(dumps(result.to_dict(), indent=1) + "\n")
    else:
        stdout.write_text("\n".join(written.values()))
    stdout.flush()
    if options.write is not None:
        accuracy.fill_in(options.write, written)
    if options.floors is None:
        return 0
    below = list(accuracy.missed(options.floors, accuracy.figures_of(result, real)))
    for line in below:
        say(line)
    return 1 if below else 0
