"""The command line: finds the command, runs it, and turns every failure into a line and a code.

Exit codes: 0 all scanned, nothing found at the level asked for; 1 findings; 2 usage, configuration
or model refused, nothing scanned; 3 incomplete, or an output was not written; 130 interrupted,
143 asked to end.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from injectclean._version import __version__
from injectclean.commands.streams import ReaderGone, flush_stdout, say
from injectclean.errors import InjectcleanError

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from typing import NoReturn

COMMANDS = {
    "scan": "report injected text and page furniture; change nothing",
    "clean": "write documents without them, and reports that undo it",
    "restore": "give back the original of a cleaned document",
    "profile": "learn the lines that repeat across the pages of one site",
    "explain": "say what a category finds, and how well",
    "train": "make a model from labels",
    "evaluate": "measure precision and recall on held-out documents",
}
INTERRUPTED = 130  # 128 + SIGINT, as shells count
TERMINATED = 143  # 128 + SIGTERM
READER_GONE = 141  # 128 + SIGPIPE: what was not said is not "nothing found"
INCOMPLETE = 3


class _Terminated(BaseException):
    """The process is asked to end: what is half done is taken back."""


class Formatter(argparse.HelpFormatter):
    """As wide as the terminal; argparse would ask shutil, which imports every archive format."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, in which hostile arguments do no harm."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to ask for help, and exit with 2."""
        say(f"{message}; see '{self.prog} --help'")
        raise SystemExit(2)


def make_parser(command: str | None, *, alone: bool = False) -> argparse.ArgumentParser:
    """The parser, with the flags of ``command`` alone: the other modules are not imported.

    Args:
        alone: the other commands are not even named, which only help and errors show.
    """
    parser = Parser(
        prog="injectclean",
        formatter_class=Formatter,
        allow_abbrev=False,
        description="Find spam injected into web articles, and page furniture; clean and undo.",
        epilog="exit codes: 0 nothing found, 1 findings, 2 refused, 3 incomplete",
    )
    parser.add_argument("--version", action="version", version=f"injectclean {__version__}")
    # Without prog, argparse formats a usage message, for which it imports half of a terminal.
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, prog="injectclean"
    )
    for name in (command,) if alone and command in COMMANDS else COMMANDS:
        line = COMMANDS[name]
        about = f"{line[0].upper()}{line[1:]}."
        sub = commands.add_parser(
            name, help=line, description=about, allow_abbrev=False, formatter_class=Formatter
        )
        if name == command:
            module = import_module(f"injectclean.commands.{name}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    # A start makes many objects and no garbage; to look for some at every 700 costs 2 to 5 ms.
    gc.set_threshold(50_000)
    if argv is None:
        signal.signal(signal.SIGTERM, _terminate)
    try:
        return _run(arguments)
    except ReaderGone:
        return READER_GONE
    except InjectcleanError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except _Terminated:
        return TERMINATED
    except MemoryError:
        say("out of memory")
        return INCOMPLETE
    except Exception as error:  # a fault of ours, which is still no reason for a traceback
        say(f"internal error: {type(error).__name__}: {error}")
        return INCOMPLETE
    finally:
        if argv is None:  # the process ends here: to look for garbage once more costs 6 ms
            gc.freeze()


def _terminate(*_: object) -> None:
    raise _Terminated


def _run(arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    try:
        parser = make_parser(command, alone=arguments[:1] == [command])
        options = parser.parse_args(arguments)
    except SystemExit as exit_:
        flush_stdout()
        return exit_.code if isinstance(exit_.code, int) else 2
    code: int = options.run(options)
    return code


def _columns() -> int:
    """How wide the terminal is, as ``shutil.get_terminal_size`` finds it."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80
