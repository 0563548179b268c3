"""``injectclean train``: make a model from labels."""

from __future__ import annotations

import argparse

from injectclean.commands.streams import Stdout
from injectclean.commands.training import add_training_arguments, needs_training_tools
from injectclean.errors import OutputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what train takes."""
    add_training_arguments(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="models/default.npz", help="default: %(default)s"
    )
    parser.add_argument(
        "--measure", action="store_true", help="evaluate as well, and put the figures on the card"
    )


def run(options: argparse.Namespace) -> int:
    """Train, write the model and its card, and say what was written."""
    stdout = Stdout()
    with needs_training_tools():
        from injectclean.evaluation.crossfit import evaluate_files
        from injectclean.training.export import write_model
        from injectclean.training.train import train_files
    settings = {
        "without": tuple(options.without),
        "jobs": options.jobs,
        "cache": options.cache,
    }
    trained = train_files(options.labels, options.background, **settings)
    card = trained.card
    if options.measure:
        measured = evaluate_files(options.labels, options.background, **settings)
        card = {**card, "metrics": measured.to_dict()}
    try:
        digest = write_model(options.output, trained.arrays, card)
    except OSError as error:
        raise OutputError(f"{options.output}: not written: {error.strerror or error}") from error
    stdout.write_text(f"{options.output}: {len(trained.arrays)} arrays, SHA-256 {digest}\n")
    stdout.flush()
    return 0
