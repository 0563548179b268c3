"""Flags that train and evaluate share, and what they need installed."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from injectclean.errors import ConfigError


def add_training_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the data, what is left out, and how the work is shared."""
    data = (("--labels", "data/labels.csv"), ("--background", "data/background.tsv.gz"))
    for flag, path in data:
        parser.add_argument(
            flag, type=Path, metavar="FILE", default=path, help="default: %(default)s"
        )
    parser.add_argument(
        "--without", nargs="+", default=[], metavar="GROUP",
        help="groups of documents to leave out, e.g. seeds",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
        help="processes (default: one a processor); the result is the same",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="keep and use results of earlier runs"
    )


@contextlib.contextmanager
def needs_training_tools() -> Iterator[None]:
    """Say what to install where the tools that only training needs are missing.

    Raises:
        ConfigError: one of them can't be imported.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("injectclean"):
            raise
        what = f"needs {error.name}, which is not installed"
        raise ConfigError(f"training {what}; pip install scikit-learn joblib") from error
