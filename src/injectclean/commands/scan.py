"""``injectclean scan``: report on documents; nothing is changed."""

from __future__ import annotations

import argparse

from injectclean.commands.examine import Examiner
from injectclean.commands.options import add_input_arguments, load_config, make_scanner
from injectclean.commands.streams import Stdout
from injectclean.formats.json import JsonlWriter, JsonWriter
from injectclean.formats.text import TextWriter

FORMATS = ("text", "json", "jsonl")
FAIL_ON = "any"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what scan takes."""
    add_input_arguments(parser, fail_on=FAIL_ON)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Scan the inputs, and return the exit code."""
    config = load_config(options)
    examiner = Examiner(make_scanner(config), options)
    stdout = Stdout()
    writer = _writer(options, stdout)
    for given in examiner.inputs():
        outcome = examiner.examine(given)
        stdout.write_text(writer.document(outcome.report, outcome.text))
    stdout.write_text(writer.end(examiner.summary))
    stdout.flush()
    examiner.finish()
    return examiner.summary.exit_code(options.fail_on or config.fail_on or FAIL_ON)


def _writer(options: argparse.Namespace, stdout: Stdout) -> TextWriter | JsonWriter | JsonlWriter:
    if options.format == "json":
        return JsonWriter()
    if options.format == "jsonl":
        return JsonlWriter()
    return TextWriter(colour=stdout.has_colour, brief=options.quiet)
