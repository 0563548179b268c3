"""Names and bytes of outputs, and cleaning where a document stands."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterator

from injectclean.commands.inputs import state_of
from injectclean.commands.work import Outcome
from injectclean.document import encode, shown
from injectclean.errors import OutputError
from injectclean.files import remove_leftovers, write_atomically
from injectclean.formats.json import dumps, report_dict
from injectclean.report import Report

MAX_NAME_BYTES = 255  # what file systems commonly take
REPORT_MODE = 0o600  # a report holds what was removed, which may not be for everybody's eyes
_HASH_CHARACTERS = 16


def report_path(path: str, number: int = 1, *, lines: bool = False) -> str:
    """Where the report on the cleaned ``path`` goes; a name too long is cut and hashed.

    Args:
        path: of what was cleaned.
        number: of the cleaning, where it was cleaned in place more than once.
        lines: it holds records, with a report on each.

    >>> report_path("out/a.txt"), report_path("out/a.txt", 2)
    ('out/a.txt.report.json', 'out/a.txt.report-2.json')
    >>> report_path("out/pages.csv", lines=True)
    'out/pages.csv.report.jsonl'
    """
    folder, name = os.path.split(path)
    suffix = ".report.json" if number == 1 else f".report-{number}.json"
    suffix += "l" * lines
    raw = os.fsencode(name)
    if len(raw) + len(suffix) > MAX_NAME_BYTES:
        mark = "-" + hashlib.sha256(raw).hexdigest()[:_HASH_CHARACTERS]
        room = MAX_NAME_BYTES - len(suffix) - len(mark)
        whole = raw[:room].decode("utf-8", "ignore").encode()  # no half of a character
        name = os.fsdecode(whole) + mark
    return os.path.join(folder, name + suffix)


class Changes:
    """How many documents were written that changed, and how many edits they took."""

    def __init__(self) -> None:
        self.documents = 0
        self.edits = 0

    def add(self, report: Report) -> None:
        """Count a document that was written."""
        self.documents += bool(report.edits)
        self.edits += len(report.edits)


class InPlace:
    """Cleans documents where they stand: a report beside each, then the document itself.

    So a document that was replaced has its report, whenever the run is ended; the next one finds
    the document as it was, takes the report that is there for its own, and sweeps the folder.
    """

    def __init__(self) -> None:
        self.changes = Changes()
        self._swept: set[str] = set()

    def replace(self, outcome: Outcome) -> int:
        """Write the report, then replace the document by its cleaned self.

        Returns:
            How many names (hard links) the document had; the others keep the old text.

        Raises:
            OutputError: it is a link, it is no longer what was read, or writing failed; the
                document is untouched, and no report of this run is left.
        """
        path = outcome.input.path
        folder = os.path.dirname(path) or "."
        data, report = encode(outcome.cleaned, outcome.report.source), report_bytes(outcome)
        with naming(path), _alone_in(folder):
            self._sweep(folder)
            _require_unchanged(outcome)
            names = os.lstat(path).st_nlink
            made = _write_next_report(path, report)
            try:
                _require_unchanged(outcome)
                write_atomically(path, data, like=path)
            except BaseException:
                if made is not None:
                    os.unlink(made)
                raise
        self.changes.add(outcome.report)
        return names

    def _sweep(self, folder: str) -> None:
        if folder not in self._swept:
            remove_leftovers(folder)
            self._swept.add(folder)


@contextlib.contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Let no other run replace a document of the folder meanwhile.

    Two at once would take one another's reports for their own, and away.
    """
    descriptor = None
    with contextlib.suppress(ImportError, OSError):  # a system, or a share, without such locks
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def report_bytes(outcome: Outcome) -> bytes:
    """A report as it is kept beside a cleaned document."""
    return (dumps(report_dict(outcome.report, outcome.text), indent=1) + "\n").encode("ascii")


def _write_next_report(path: str, data: bytes) -> str | None:
    """Write under the next free name: the reports of earlier runs undo those.

    Returns:
        The name; None where the same report is there already, of a run that was ended before it
        replaced the document, or whose cleaning somebody has undone.
    """
    for number in itertools.count(1):
        report = report_path(path, number)
        if _has(report, data):
            return None
        if not os.path.lexists(report):
            try:
                write_atomically(report, data, mode=REPORT_MODE, overwrite=False)
            except FileExistsError:
                continue
            return report
    raise AssertionError("numbers have no end")


def _has(path: str, data: bytes) -> bool:
    try:
        if os.path.islink(path) or os.path.getsize(path) != len(data):
            return False
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False


def mode_like(path: str) -> int:
    """The mode of what is made of a file: no more of its bits than the file has."""
    try:
        return os.stat(path).st_mode & 0o666
    except OSError:
        return REPORT_MODE


def _require_unchanged(outcome: Outcome) -> None:
    path = outcome.input.path
    if os.path.islink(path):
        raise OutputError(f"{shown(path)}: a link; name the file that it leads to")
    if outcome.state is None or state_of(path) != outcome.state:
        raise OutputError(f"{shown(path)}: changed since it was read; not replaced")


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Let a failure of the operating system name the file that was to be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{shown(path)}: not written: {error.strerror or error}") from error
