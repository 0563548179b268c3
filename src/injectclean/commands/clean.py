"""``injectclean clean``: write documents without what does not belong to them.

Into a folder, in place, to standard output, or only as a diff. What is written comes with the
report that undoes it, but on standard output, where there is room for one thing only.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from injectclean.commands.examine import Examiner, Outcome
from injectclean.commands.inputs import STDIN, Input, shown
from injectclean.commands.options import add_input_arguments, load_config, make_scanner
from injectclean.commands.outputs import Folder, replace_in_place
from injectclean.commands.streams import Stdout, StdoutError, say
from injectclean.document import encode
from injectclean.errors import ConfigError, OutputError

FAIL_ON = "never"
Deliver = Callable[[Outcome], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what clean takes."""
    add_input_arguments(parser, fail_on=FAIL_ON)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "-o", "--output", metavar="DIR", help="write cleaned files and their reports below DIR"
    )
    where.add_argument(
        "--in-place", action="store_true", help="replace the files; a report beside each undoes it"
    )
    where.add_argument("--diff", action="store_true", help="show what would change; write nothing")


def run(options: argparse.Namespace) -> int:
    """Clean the inputs, and return the exit code."""
    _check_paths(options)
    config = load_config(options)
    examiner = Examiner(make_scanner(config), options)
    inputs = list(examiner.inputs())
    deliver = _delivery(options, inputs)
    for given in inputs:
        outcome = examiner.examine(given)
        if outcome.was_read:
            _note_held(examiner, outcome)
            try:
                deliver(outcome)
            except StdoutError:
                raise
            except OutputError as error:
                examiner.fail(str(error))
    summary = examiner.summary
    if options.output is not None or options.in_place:
        counts = f"documents: {summary.documents}, changed: {summary.changed}"
        examiner.note(f"{counts}, edits: {summary.edits}")
    examiner.finish()
    return summary.exit_code(options.fail_on or FAIL_ON)


def _check_paths(options: argparse.Namespace) -> None:
    """Refuse combinations of paths and outputs that cannot be.

    Raises:
        ConfigError: they don't go together.
    """
    to_files = options.output is not None or options.in_place
    if to_files and STDIN in options.paths:
        raise ConfigError("standard input has no name to write to; clean it to standard output")
    is_one = len(options.paths) == 1 and not os.path.isdir(options.paths[0])
    if not (to_files or options.diff or is_one):
        raise ConfigError("standard output takes one document; -o DIR or --in-place takes several")


def _delivery(options: argparse.Namespace, inputs: Sequence[Input]) -> Deliver:
    """What is done with each cleaned document."""
    if options.output is not None:
        return Folder(options.output, inputs, options.paths).write
    if options.in_place:
        return _replace
    stdout = Stdout()
    return _diff_to(stdout) if options.diff else _text_to(stdout)


def _replace(outcome: Outcome) -> None:
    if outcome.report.edits:
        path = outcome.input.path
        names = os.lstat(path).st_nlink
        replace_in_place(outcome)
        if names > 1:
            say(f"{shown(path)}: has {names} names (hard links); the others keep the old text")


def _text_to(stdout: Stdout) -> Deliver:
    def deliver(outcome: Outcome) -> None:
        stdout.write(encode(outcome.cleaned, outcome.report.source))
        stdout.flush()

    return deliver


def _diff_to(stdout: Stdout) -> Deliver:
    from injectclean.formats.diff import shown_line, unified_diff

    def deliver(outcome: Outcome) -> None:
        for line in unified_diff(outcome.report, outcome.text):
            if stdout.is_terminal:
                stdout.write_text(shown_line(line, colour=stdout.has_colour))
            else:
                stdout.write(line.encode("utf-8", "surrogateescape"))
        stdout.flush()

    return deliver


def _note_held(examiner: Examiner, outcome: Outcome) -> None:
    held = outcome.report.quality.get("held")
    if held is not None:
        examiner.note(f"{outcome.report.source.path}: held back, left as it is: {held}")
