"""Flags that scan and clean share, and the configuration and scanner that they lead to."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from injectclean.commands.inputs import STDIN
from injectclean.config import FAIL_ON, Config, find_config, override, read_config
from injectclean.document import shown
from injectclean.errors import ConfigError


def add_input_arguments(parser: argparse.ArgumentParser, *, fail_on: str) -> None:
    """Add the paths, and all that says how they are read and judged."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder, or - for stdin")
    parser.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        help=f"findings that make the exit code 1 (default: {fail_on})",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary, no notes")
    reading = parser.add_argument_group("reading")
    reading.add_argument("--encoding", help="the inputs' encoding, e.g. cp1258 (default: UTF-8)")
    reading.add_argument("--text", action="store_true", help="read what looks binary as text")
    reading.add_argument("--max-bytes", type=int, metavar="N", help="largest input that is read")
    reading.add_argument("--follow", action="store_true", help="follow links inside folders")
    reading.add_argument(
        "--follow-outside", action="store_true", help="also links that lead out of the folder"
    )
    reading.add_argument(
        "--text-field", default="text", metavar="NAME", help="field of records (default: text)"
    )
    reading.add_argument(
        "-j", "--jobs", type=int, default=1, metavar="N", help="processes (default: 1)"
    )
    reading.add_argument(
        "--doc-timeout", type=float, metavar="S", help="seconds a document may take"
    )
    judging = parser.add_argument_group("judging")
    judging.add_argument("--config", metavar="FILE", help="configuration file (default: nearest)")
    judging.add_argument("--isolated", action="store_true", help="read no configuration file")
    judging.add_argument(
        "--model", metavar="FILE", help="another model (.npz, its .json beside it)"
    )
    judging.add_argument(
        "--profile", metavar="FILE", help="profile of the site, as 'profile' writes it"
    )
    judging.add_argument(
        "--report-threshold", type=float, metavar="P", help="score from which to report"
    )
    judging.add_argument(
        "--clean-threshold", type=float, metavar="P", help="score from which to edit"
    )
    judging.add_argument("--gap", metavar="MARK", help="mark left in a sentence; '' for none")


def load_config(options: argparse.Namespace) -> Config:
    """The configuration: flags, then ``--config``, then the nearest file, then defaults.

    Raises:
        ConfigError: a value, a file or a combination of flags cannot be used.
    """
    if options.isolated and options.config is not None:
        raise ConfigError("--isolated and --config contradict one another")
    if options.paths.count(STDIN) > 1:
        raise ConfigError("- (standard input) is given twice; it can be read only once")
    _check_encoding(options.encoding)
    path = options.config
    if path is None and not options.isolated:
        path = find_config(_first_folder(options.paths))
    return override(
        Config() if path is None else read_config(path),
        gap=None if options.gap is None else shown(options.gap),
        report_threshold=options.report_threshold,
        clean_threshold=options.clean_threshold,
        max_bytes=options.max_bytes,
        model=options.model,
        profile=options.profile,
    )


def _first_folder(paths: Sequence[str]) -> str:
    first = paths[0]
    if first == STDIN:
        return "."
    return first if os.path.isdir(first) else os.path.dirname(first)


def _check_encoding(name: str | None) -> None:
    """Refuse what is no encoding of text, before anything is read."""
    if name is not None:
        try:
            "a".encode(name)
        except (LookupError, ValueError) as error:
            raise ConfigError(f"--encoding: {error}; try utf-8 or cp1258") from error
