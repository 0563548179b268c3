"""A folder for cleaned documents: planned, locked, written whole, and gone on with after a stop."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence

from injectclean.commands.inputs import Input, is_report_of_records, is_within
from injectclean.commands.journal import Done, Journal, digest_of_file
from injectclean.commands.outputs import (
    REPORT_MODE,
    Changes,
    mode_like,
    naming,
    report_bytes,
    report_path,
)
from injectclean.commands.work import Outcome
from injectclean.document import encode, shown
from injectclean.errors import ConfigError, OutputError, RestoreError
from injectclean.files import PendingFile, remove_leftovers, write_atomically
from injectclean.formats.json import dumps, report_dict
from injectclean.report import Report

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from injectclean.records.base import Reader, Writer


# What was read but not scanned to the end goes on as it is; its report says that it was not.
_PASSED_ON = ("timeout", "worker_died", "out_of_memory", "internal_error")


class Folder:
    """A folder for cleaned documents, and where in it each input goes."""

    def __init__(
        self,
        path: str,
        inputs: Sequence[Input],
        named: Sequence[str],
        run: str,
        fail: Callable[[str], None],
    ) -> None:
        """Plan all outputs, and take hold of the folder.

        Args:
            path: the folder; made where it is not there.
            inputs: all that will be written.
            named: the paths that the user named.
            run: the digest of all that decides on a document beside its bytes.
            fail: is told why a file of records was not written.

        Raises:
            ConfigError: it is no folder, it overlaps an input, two inputs would share an output,
                what is there is not ours, or another run is writing there.
            OutputError: it cannot be made.
        """
        if os.path.lexists(path) and not os.path.isdir(path):
            raise ConfigError(f"-o {shown(path)}: not a folder")
        self._path = path
        self._real = os.path.realpath(path)
        self._fail = fail
        self._swept: set[str] = set()
        self._refuse_overlap(named)
        self._targets: dict[str, str] = {}
        self._places = {given.path: place for place, given in enumerate(inputs)}
        self._order = [given.relative for given in inputs if given.problem is None]
        for given in inputs:
            if given.problem is None:
                self._plan(given)
        with naming(path):
            os.makedirs(path, exist_ok=True)
            self._sweep(path)
        self.changes = Changes()
        self._containers: dict[str, _Container] = {}
        self._failed: dict[str, OutputError] = {}
        self._journal = Journal(path, run)

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                try:
                    self._finish_containers(None)
                finally:
                    self._journal.finish(self._order)
        finally:
            for container in self._containers.values():
                container.abandon()
            self._journal.close()

    def known(self, given: Input) -> str | None:
        """The digest of an input's bytes, if what was made of them is still there.

        A file of records is looked at here and now, since its records are not read in one piece.
        """
        done = self._journal.find(given.relative)
        if done is None:
            return None
        target, report = self._paths(given)
        if digest_of_file(target) != done.output or digest_of_file(report) != done.report:
            return None
        if is_report_of_records(report) and digest_of_file(given.path) != done.input:
            return None
        return done.input

    def reports(self, given: Input) -> Iterator[Report]:
        """The reports that an earlier run has written on an input.

        Raises:
            OutputError: they are no longer there.
        """
        _, path = self._paths(given)
        try:
            with open(path, "rb") as file:
                lines = file if is_report_of_records(path) else (file.read(),)
                for line in lines:
                    report = Report.from_dict(json.loads(line))
                    self.changes.add(report)
                    yield report
        except (OSError, ValueError, RestoreError) as error:
            raise OutputError(f"{shown(path)}: no longer a report: {error}") from error

    def open(self, given: Input, reader: Reader) -> None:
        """Begin the output of a file of records; if that fails, ``write`` says so."""
        target = os.path.join(self._path, given.relative)
        try:
            with naming(target):
                self._prepare(given)
                self._containers[given.path] = _Container(given, target, reader)
        except OutputError as error:
            self._failed[given.path] = error

    def write(self, outcome: Outcome) -> None:
        """Write what was cleaned, and then its report.

        Raises:
            OutputError: one of them was not written.
        """
        self._finish_containers(outcome.input.path)
        if outcome.record is not None:
            self._write_record(outcome)
        elif outcome.input.path in self._containers:  # it broke off before its first record
            self._containers.pop(outcome.input.path).abandon()
        elif outcome.was_read:
            self._write_document(outcome, encode(outcome.cleaned, outcome.report.source))
        elif outcome.report.source.problem and outcome.report.source.problem.kind in _PASSED_ON:
            with naming(outcome.input.path), open(outcome.input.path, "rb") as file:
                data = file.read()
            self._write_document(outcome, data)

    def _write_record(self, outcome: Outcome) -> None:
        """Write a record, unless its file has failed: then that is said once, and none is left."""
        path = outcome.input.path
        error = self._failed.pop(path, None)
        if error is not None:
            raise error
        container = self._containers.get(path)
        if container is None:
            return
        try:
            container.write(outcome)
        except BaseException:
            self._containers.pop(path).abandon()
            raise

    def _write_document(self, outcome: Outcome, data: bytes) -> None:
        target, report = self._paths(outcome.input)
        described = report_bytes(outcome)
        with naming(report):
            self._prepare(outcome.input)
            write_atomically(report, described, mode=REPORT_MODE)
        with naming(target):
            try:
                write_atomically(target, data, mode=mode_like(outcome.input.path))
            except BaseException:
                _remove_alone(report, target)
                raise
        self.changes.add(outcome.report)
        source = outcome.report.source
        if source.sha256 is not None and source.problem is None:
            digests = (hashlib.sha256(part).hexdigest() for part in (data, described))
            self._journal.add(outcome.input.relative, Done(source.sha256, *digests))

    def _finish_containers(self, current: str | None) -> None:
        """Finish the files of records that lie behind; those ahead may be open already."""
        here = len(self._places) if current is None else self._places[current]
        for path in [path for path in self._containers if self._places[path] < here]:
            container = self._containers.pop(path)
            try:
                done = container.finish()
            except OutputError as error:  # one that fails costs no other
                self._fail(str(error))
                continue
            self.changes.documents += container.changes.documents
            self.changes.edits += container.changes.edits
            if done is not None:
                self._journal.add(container.given.relative, done)

    def _paths(self, given: Input) -> tuple[str, str]:
        target = os.path.join(self._path, given.relative)
        lines = report_path(target, lines=True)
        return target, lines if lines in self._targets else report_path(target)

    def _refuse_overlap(self, named: Sequence[str]) -> None:
        for path in named:
            real = os.path.realpath(path)
            if os.path.isdir(path) and (is_within(real, self._real) or is_within(self._real, real)):
                raise ConfigError(f"-o {shown(self._path)}: overlaps the input {shown(path)}")

    def _plan(self, given: Input) -> None:
        target = os.path.join(self._path, given.relative)
        if given.named and os.path.realpath(target) == os.path.realpath(given.path):
            raise ConfigError(f"{shown(target)}: is an input; --in-place cleans where it stands")
        report = report_path(target, lines=given.holds_records)
        # What we write has its report beside it, which was there first.
        if _is_there(target) and not _is_there(report):
            what = "is there, and no run has written it"
            raise ConfigError(f"{shown(target)}: {what}; give -o another folder")
        for path in (target, report):
            if path in self._targets:
                both = f"{shown(self._targets[path])} and {shown(given.path)}"
                raise ConfigError(f"{both} would both be written to {shown(path)}")
            self._targets[path] = given.path

    def _prepare(self, given: Input) -> None:
        """Make the folder of an input's files, once."""
        folder = os.path.dirname(os.path.join(self._path, given.relative))
        if folder not in self._swept:
            _make_folders(folder, os.path.dirname(given.path), self._path)
            self._sweep(folder)

    def _sweep(self, folder: str) -> None:
        """Sweep what a killed run left in a folder of ours."""
        if not is_within(os.path.realpath(folder), self._real):
            raise OutputError(f"{shown(folder)}: a link leads out of {shown(self._path)}")
        remove_leftovers(folder)
        self._swept.add(folder)


def _make_folders(folder: str, like: str, top: str) -> None:
    """Make a folder below ``top``; it and those above it are as private as those of the input."""
    if folder == top or os.path.isdir(folder):
        return
    _make_folders(os.path.dirname(folder), os.path.dirname(like), top)
    mode = os.stat(like or ".").st_mode & 0o777
    with contextlib.suppress(FileExistsError):  # another run, or a link, which is looked at next
        os.mkdir(folder, mode | stat.S_IRWXU)


def _is_there(path: str) -> bool:
    return os.path.lexists(path) and (os.path.islink(path) or not os.path.isdir(path))


def _remove_alone(report: str, target: str) -> None:
    """Take a report away whose document could not be written."""
    if not os.path.lexists(target):
        with contextlib.suppress(OSError):
            os.unlink(report)


class _Container:
    """A file of records that is being written, and the reports on its records."""

    def __init__(self, given: Input, target: str, reader: Reader) -> None:
        self.given = given
        self.changes = Changes()
        self._is_whole = True
        self._digest = digest_of_file(given.path)
        self._target = PendingFile(target, mode=mode_like(given.path))
        try:
            self._reports = PendingFile(report_path(target, lines=True), mode=REPORT_MODE)
        except OSError:
            self._target.abandon()
            raise
        self._writer: Writer = reader.writer(self._target.file)  # opens nothing yet

    def write(self, outcome: Outcome) -> None:
        """Take the next record, and its report."""
        record = outcome.record
        assert record is not None  # noqa: S101  (told by the caller)
        self._is_whole = self._is_whole and outcome.report.source.problem is None
        with naming(self._target.path):
            changed = outcome.cleaned if outcome.report.edits else None
            if record.raw is not None:
                self._writer.write(record, changed)
            line = dumps(report_dict(outcome.report, outcome.text)) + "\n"
            self._reports.file.write(line.encode("ascii"))
        self.changes.add(outcome.report)

    def finish(self) -> Done | None:
        """Put both files in their places; their digests, if all was read."""
        try:
            with naming(self._target.path):
                self._writer.close()
                report = self._reports.finish()
                try:
                    output = self._target.finish()
                except BaseException:
                    _remove_alone(self._reports.path, self._target.path)
                    raise
        except BaseException:
            self.abandon()
            raise
        unchanged = self._digest is not None and digest_of_file(self.given.path) == self._digest
        if self._digest is None or not unchanged or not self._is_whole:
            return None
        return Done(self._digest, output, report)

    def abandon(self) -> None:
        """Take away what was written so far."""
        with contextlib.suppress(OSError):
            self._writer.abandon()
        self._target.abandon()
        self._reports.abandon()
