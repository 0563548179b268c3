"""``injectclean evaluate``: measure on documents that a model has not seen."""

from __future__ import annotations

import argparse

from injectclean.commands.streams import Stdout
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


def run(options: argparse.Namespace) -> int:
    """Evaluate, and print the table."""
    if options.folds < 2:
        raise ConfigError(f"--folds: {options.folds} leaves nothing to hold out; give 2 or more")
    stdout = Stdout()
    with needs_training_tools():
        from injectclean.training.evaluate import evaluate_files
    result = evaluate_files(
        options.labels,
        options.background,
        without=tuple(options.without),
        folds=options.folds,
        jobs=options.jobs,
        cache=options.cache,
    )
    if options.format == "json":
        stdout.write_text(dumps(result.to_dict(), indent=1) + "\n")
    else:
        stdout.write_text(result.to_text().rstrip("\n") + "\n")
    stdout.flush()
    return 0
