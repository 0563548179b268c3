"""``injectclean scan``: report on documents; nothing is changed."""

from __future__ import annotations

import argparse
from itertools import chain

from injectclean.commands.examine import Examiner
from injectclean.commands.options import add_input_arguments, load_config
from injectclean.commands.outfile import FileOut, require_apart
from injectclean.commands.streams import Stdout
from injectclean.formats.json import JsonlWriter, JsonWriter
from injectclean.formats.text import TextWriter

FORMATS = ("text", "json", "jsonl")
FAIL_ON = "any"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what scan takes."""
    add_input_arguments(parser, fail_on=FAIL_ON)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the report to FILE")


def run(options: argparse.Namespace) -> int:
    """Scan the inputs, and return the exit code."""
    config = load_config(options)
    examiner = Examiner(config, options)
    besides = filter(None, (options.config, config.profile, config.model))
    require_apart(options.output, chain(besides, (given.path for given in examiner.inputs())))
    with Stdout() if options.output is None else FileOut(options.output) as out:
        writer = _writer(options, out)
        for outcome in examiner.outcomes(examiner.inputs()):
            out.write_text(writer.document(outcome.report, outcome.text))
        out.write_text(writer.end(examiner.summary))
    examiner.finish()
    return examiner.summary.exit_code(options.fail_on or config.fail_on or FAIL_ON)


def _writer(
    options: argparse.Namespace, out: Stdout | FileOut
) -> TextWriter | JsonWriter | JsonlWriter:
    if options.format == "json":
        return JsonWriter()
    if options.format == "jsonl":
        return JsonlWriter()
    return TextWriter(colour=out.has_colour, brief=options.quiet)
