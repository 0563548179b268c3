"""Where cleaned documents and their reports go, checked before anything is written."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence

from injectclean.commands.examine import Outcome
from injectclean.commands.inputs import Input, is_within, shown, state_of
from injectclean.document import encode
from injectclean.errors import ConfigError, OutputError
from injectclean.files import remove_leftovers, write_atomically
from injectclean.formats.json import dumps, report_dict

MAX_NAME_BYTES = 255  # what file systems commonly take
REPORT_MODE = 0o600  # a report holds what was removed, which may not be for everybody's eyes
_HASH_CHARACTERS = 16


def report_path(path: str, number: int = 1) -> str:
    """Where the report on the cleaned ``path`` goes; a name too long is cut and hashed.

    >>> report_path("out/a.txt"), report_path("out/a.txt", 2)
    ('out/a.txt.report.json', 'out/a.txt.report-2.json')
    """
    folder, name = os.path.split(path)
    suffix = ".report.json" if number == 1 else f".report-{number}.json"
    raw = os.fsencode(name)
    if len(raw) + len(suffix) > MAX_NAME_BYTES:
        mark = "-" + hashlib.sha256(raw).hexdigest()[:_HASH_CHARACTERS]
        room = MAX_NAME_BYTES - len(suffix) - len(mark)
        whole = raw[:room].decode("utf-8", "ignore").encode()  # no half of a character
        name = os.fsdecode(whole) + mark
    return os.path.join(folder, name + suffix)


class Folder:
    """A folder for cleaned documents, and where in it each input goes."""

    def __init__(self, path: str, inputs: Iterable[Input], named: Sequence[str]) -> None:
        """Plan all outputs.

        Raises:
            ConfigError: it is no folder, it overlaps an input, or two inputs would share an output.
        """
        if os.path.lexists(path) and not os.path.isdir(path):
            raise ConfigError(f"-o {shown(path)}: not a folder")
        self._path = path
        self._real = os.path.realpath(path)
        self._swept: set[str] = set()
        self._refuse_overlap(named)
        self._targets: dict[str, str] = {}
        for given in inputs:
            if given.problem is None:
                self._plan(given)

    def write(self, outcome: Outcome) -> None:
        """Write the cleaned document, and then its report.

        Raises:
            OutputError: one of them was not written.
        """
        target = os.path.join(self._path, outcome.input.relative)
        data = encode(outcome.cleaned, outcome.report.source)
        with _naming(target):
            self._prepare(os.path.dirname(target))
            write_atomically(target, data)
        with _naming(report_path(target)):
            write_atomically(report_path(target), report_bytes(outcome), mode=REPORT_MODE)

    def _refuse_overlap(self, named: Sequence[str]) -> None:
        for path in named:
            real = os.path.realpath(path)
            if os.path.isdir(path) and (is_within(real, self._real) or is_within(self._real, real)):
                raise ConfigError(f"-o {shown(self._path)}: overlaps the input {shown(path)}")

    def _plan(self, given: Input) -> None:
        target = os.path.join(self._path, given.relative)
        if given.named and os.path.realpath(target) == os.path.realpath(given.path):
            raise ConfigError(f"{shown(target)}: is an input; --in-place cleans where it stands")
        for path in (target, report_path(target)):
            if path in self._targets:
                both = f"{shown(self._targets[path])} and {shown(given.path)}"
                raise ConfigError(f"{both} would both be written to {shown(path)}")
            self._targets[path] = given.path

    def _prepare(self, folder: str) -> None:
        """Make a folder, once, and sweep what a killed run left in it."""
        if folder not in self._swept:
            os.makedirs(folder, exist_ok=True)
            if not is_within(os.path.realpath(folder), self._real):
                raise OutputError(f"{shown(folder)}: a link leads out of {shown(self._path)}")
            remove_leftovers(folder)
            self._swept.add(folder)


def replace_in_place(outcome: Outcome) -> str:
    """Write the report beside a document, then replace the document by its cleaned self.

    Returns:
        the report's path.

    Raises:
        OutputError: it is a link, it is no longer what was read, or writing failed; the document
            is untouched and no report is left.
    """
    path = outcome.input.path
    data = encode(outcome.cleaned, outcome.report.source)
    _require_unchanged(outcome)
    with _naming(path):
        report = _write_next_report(path, report_bytes(outcome))
        try:
            _require_unchanged(outcome)
            write_atomically(path, data, like=path)
        except BaseException:
            os.unlink(report)
            raise
    return report


def report_bytes(outcome: Outcome) -> bytes:
    """A report as it is kept beside a cleaned document."""
    return (dumps(report_dict(outcome.report, outcome.text), indent=1) + "\n").encode("ascii")


def _write_next_report(path: str, data: bytes) -> str:
    """Write under the next free name: the reports of earlier runs undo those."""
    for number in itertools.count(1):
        report = report_path(path, number)
        if not os.path.lexists(report):
            try:
                write_atomically(report, data, mode=REPORT_MODE, overwrite=False)
            except FileExistsError:
                continue
            return report
    raise AssertionError("numbers have no end")


def _require_unchanged(outcome: Outcome) -> None:
    path = outcome.input.path
    if os.path.islink(path):
        raise OutputError(f"{shown(path)}: a link; name the file that it leads to")
    if outcome.state is None or state_of(path) != outcome.state:
        raise OutputError(f"{shown(path)}: changed since it was read; not replaced")


@contextlib.contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let a failure of the operating system name the file that was to be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{shown(path)}: not written: {error.strerror or error}") from error
