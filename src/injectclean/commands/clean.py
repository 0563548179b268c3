"""``injectclean clean``: write documents without what does not belong to them.

Into a folder, in place, to standard output, or only as a diff. What is written comes with the
report that undoes it, but on standard output, where there is room for one thing only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Callable, Sequence

from injectclean._version import __version__
from injectclean.commands.examine import Examiner
from injectclean.commands.folder import Folder
from injectclean.commands.inputs import STDIN, Input
from injectclean.commands.journal import digest_of_file
from injectclean.commands.options import add_input_arguments, load_config
from injectclean.commands.outputs import Changes, InPlace
from injectclean.commands.streams import Stdout, StdoutError, say
from injectclean.commands.work import Outcome
from injectclean.config import Config
from injectclean.document import Problem, encode, shown
from injectclean.errors import ConfigError, OutputError
from injectclean.scanner import scanner_for
from injectclean.values import as_dict

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
    examiner = Examiner(config, options)
    inputs = list(examiner.inputs())
    changes = None
    if options.output is not None:
        changes = _fill(examiner, inputs, options, _run_digest(config, options))
    else:
        inputs = list(map(_without_records, inputs))
        if options.in_place:
            changes = _replace(examiner, inputs)
        else:
            _deliver(examiner, inputs, (_diff_to if options.diff else _text_to)(Stdout()))
    if changes is not None:
        counts = f"documents: {examiner.summary.documents}, changed: {changes.documents}"
        undo = "; restore takes them back, with the report beside each" if changes.documents else ""
        examiner.note(f"{counts}, edits: {changes.edits}{undo}")
    examiner.finish()
    return examiner.summary.exit_code(options.fail_on or FAIL_ON)


def _deliver(examiner: Examiner, inputs: Sequence[Input], deliver: Deliver) -> None:
    for outcome in examiner.outcomes(inputs):
        if outcome.was_read:
            _note_held(examiner, outcome)
            try:
                deliver(outcome)
            except StdoutError:
                raise
            except OutputError as error:
                examiner.fail(str(error))


def _fill(
    examiner: Examiner, inputs: Sequence[Input], options: argparse.Namespace, run: str
) -> Changes:
    """Write all below a folder; what an earlier run has done is only counted."""
    with Folder(options.output, inputs, options.paths, run, examiner.fail) as folder:
        for outcome in examiner.outcomes(inputs, known=folder.known, opened=folder.open):
            try:
                if outcome.is_known:
                    for report in folder.reports(outcome.input):
                        examiner.count(outcome, report)
                else:
                    _note_held(examiner, outcome)
                    folder.write(outcome)
            except OutputError as error:
                examiner.fail(str(error))
    return folder.changes


def _run_digest(config: Config, options: argparse.Namespace) -> str:
    """The digest of all that decides on a document beside its bytes."""
    profile = None if config.profile is None else digest_of_file(config.profile)
    decides = [
        __version__, scanner_for(config).model, profile, as_dict(config),
        options.encoding, options.text, options.text_field,
    ]  # fmt: skip
    text = json.dumps(decides, sort_keys=True, default=lambda pattern: pattern.pattern)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_records(given: Input) -> Input:
    """Files of records are cleaned into a folder only: found on the way, they are listed.

    Raises:
        ConfigError: one was named.
    """
    if not given.holds_records:
        return given
    message = f"{shown(given.path)}: holds records; -o DIR takes it"
    if given.named:
        raise ConfigError(message)
    return given._replace(problem=Problem("holds_records", message), holds_records=False)


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


def _replace(examiner: Examiner, inputs: Sequence[Input]) -> Changes:
    in_place = InPlace()

    def deliver(outcome: Outcome) -> None:
        if outcome.report.edits:
            names = in_place.replace(outcome)
            if names > 1:
                path = outcome.input.path
                say(f"{shown(path)}: has {names} names (hard links); the others keep the old text")

    _deliver(examiner, inputs, deliver)
    return in_place.changes


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
