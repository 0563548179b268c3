"""``injectclean restore``: give back the original of a cleaned document, byte for byte.

A file of records comes back with its original texts; where one was cleaned, its literal is spelled
as we spell it, which may be another way to write the same characters.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from injectclean.commands.inputs import STDIN, is_report_of_records, problem_of, read_input
from injectclean.commands.outfile import require_apart
from injectclean.commands.outputs import mode_like, naming
from injectclean.commands.streams import Stdout
from injectclean.document import decode_as, encode, shown
from injectclean.errors import ConfigError, InputError, OutputError, RestoreError
from injectclean.files import PendingFile, write_atomically
from injectclean.report import Report
from injectclean.scanner import restore

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from injectclean.records.base import Record

MAX_BYTES = 1 << 30  # a limit against devices without end; documents have their own when cleaned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what restore takes."""
    parser.add_argument("path", metavar="PATH", help="the cleaned file, or - for stdin")
    parser.add_argument("--report", metavar="FILE", required=True, help="its report")
    parser.add_argument(
        "--text-field", default="text", metavar="NAME", help="field of records (default: text)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", metavar="OUT", help="file to write (default: stdout)")
    where.add_argument("--in-place", action="store_true", help="replace PATH")


def run(options: argparse.Namespace) -> int:
    """Restore the file, and return the exit code."""
    path = options.path
    if options.in_place and path == STDIN:
        raise ConfigError("standard input has no name to write to; give -o OUT")
    require_apart(options.output, [options.report, path])
    if is_report_of_records(options.report):
        return _restore_records(options)
    report = _read_report(options.report)
    original = _original(read_input(path, MAX_BYTES).data, report, path)
    if options.in_place:
        _refuse_link(options)
        _write(path, original, like=path)
    elif options.output is not None:
        _write(options.output, original, mode=mode_like(path))
    else:
        stdout = Stdout()
        stdout.write(original)
        stdout.flush()
    return 0


def _restore_records(options: argparse.Namespace) -> int:
    """Restore the texts of a file of records, whole or not at all."""
    from injectclean.records.base import open_records

    path, target = options.path, options.path if options.in_place else options.output
    if target is None:
        raise ConfigError("records are restored to a file; give -o OUT or --in-place")
    _refuse_link(options)
    with _opened(options.report) as lines, naming(target):
        pending = PendingFile(target, mode=mode_like(path))
        try:
            with open_records(path, text_field=options.text_field, max_bytes=MAX_BYTES) as reader:
                writer = reader.writer(pending.file)
                for record, report in _with_reports(reader, lines, shown(options.report)):
                    writer.write(record, _text_of(record, report, path))
                writer.close()
            pending.finish()
        finally:
            pending.abandon()
    return 0


def _refuse_link(options: argparse.Namespace) -> None:
    if options.in_place and os.path.islink(options.path):
        raise OutputError(f"{shown(options.path)}: a link; name the file that it leads to")


def _opened(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as error:
        raise InputError(*problem_of(error, shown(path))) from error


def _with_reports(
    reader: Iterable[Record], lines: BinaryIO, name: str
) -> Iterator[tuple[Record, Report]]:
    """Each record with the report on it; ``name`` is that of the file of reports.

    Raises:
        RestoreError: there is not one for each.
    """
    for record in reader:
        try:
            report = Report.from_dict(json.loads(lines.readline()))
        except (ValueError, RecursionError, RestoreError) as error:
            raise RestoreError(f"{name}: no report on {record.place}: {error}") from error
        if not str(report.source.path).endswith(f"#{record.number}"):
            raise RestoreError(f"{name}: {record.place} has the report on another record")
        yield record, report
    if lines.readline():
        raise RestoreError(f"{name}: has reports on more records")


def _text_of(record: Record, report: Report, path: str) -> str | None:
    """The original text of a record; None where it was not cleaned."""
    if not report.edits:
        return None
    if record.text is None:
        raise RestoreError(f"{shown(path)}: {record.place}: not restored: it holds no text")
    try:
        return restore(record.text, report)
    except RestoreError as error:
        raise RestoreError(f"{shown(path)}: {record.place}: not restored: {error}") from error


def _read_report(path: str) -> Report:
    """Read a report as ``clean`` or ``scan --format jsonl`` writes it.

    Raises:
        RestoreError: the file holds something else.
    """
    data = read_input(path, MAX_BYTES).data
    try:
        values: Any = json.loads(data)
        return Report.from_dict(values)
    except (ValueError, RecursionError, RestoreError) as error:
        raise RestoreError(f"{shown(path)}: not a report, or damaged: {error}") from error


def _original(data: bytes, report: Report, path: str) -> bytes:
    """The bytes from which ``report`` made ``data``, proven by their digest."""
    name = "standard input" if path == STDIN else shown(path)
    try:
        text = restore(decode_as(data, report.source), report)
        original = encode(text, report.source)
    except (InputError, RestoreError, OutputError, ConfigError) as error:
        raise RestoreError(f"{name}: not restored: {error}") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise RestoreError(f"{name}: not restored: the report is damaged: {error}") from error
    if hashlib.sha256(original).hexdigest() != report.source.sha256:
        raise RestoreError(
            f"{name}: not restored: the bytes are not the original's (SHA-256 differs)"
        )
    return original


def _write(path: str, data: bytes, *, like: str | None = None, mode: int | None = None) -> None:
    with naming(path):
        write_atomically(path, data, like=like, mode=mode)
