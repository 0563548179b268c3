"""What a run has done, for the run that goes on after it was ended; and one run at a time.

A line is added behind each finished document, with the digests of its bytes, of what was written,
and of all that decides on it. A torn last line is passed over, and so is what no longer fits: that
document is done anew. At the end of a run the lines are those of its inputs, in their order,
however often it was ended on the way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from typing import Any

from injectclean.commands.outputs import naming
from injectclean.document import shown
from injectclean.errors import ConfigError, OutputError
from injectclean.files import write_atomically
from injectclean.formats.json import dumps
from injectclean.values import NamedTuple

JOURNAL = ".injectclean.journal"
LOCK = ".injectclean.lock"


class Done(NamedTuple):
    """A finished document: digests of its bytes, of the cleaned file and of its report."""

    input: str
    output: str
    report: str


class Journal:
    """The journal of an output folder, which belongs to this run until it is closed."""

    def __init__(self, folder: str, run: str) -> None:
        """Lock the folder and read what was done in it.

        Args:
            folder: where outputs go; it is there.
            run: the digest of all that decides on a document beside its bytes.

        Raises:
            ConfigError: another run is writing there.
            OutputError: the journal cannot be read or written.
        """
        self._path = os.path.join(folder, JOURNAL)
        self._run = run
        self._lock = _Lock(os.path.join(folder, LOCK))
        try:
            with naming(self._path):
                self._done = self._read()
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OutputError:
            self._lock.release()
            raise

    def find(self, relative: str) -> Done | None:
        """What was done with an input, if it was done in the same way."""
        return self._done.get(shown(relative))

    def add(self, relative: str, done: Done) -> None:
        """Note a document whose outputs are on the disk.

        Raises:
            OutputError: the line was not written.
        """
        self._done[shown(relative)] = done
        with naming(self._path):
            os.write(self._file, self._line(shown(relative), done))

    def finish(self, order: Iterable[str]) -> None:
        """Keep the lines of these inputs, in their order.

        Raises:
            OutputError: they were not written.
        """
        names = [name for name in map(shown, order) if name in self._done]
        lines = b"".join(self._line(name, self._done[name]) for name in names)
        with naming(self._path):
            write_atomically(self._path, lines, mode=0o600)

    def close(self) -> None:
        """Let another run have the folder."""
        os.close(self._file)
        self._lock.release()

    def _read(self) -> dict[str, Done]:
        found: dict[str, Done] = {}
        try:
            with open(self._path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return found
        if data and not data.endswith(b"\n"):
            with open(self._path, "ab") as file:
                file.write(b"\n")  # what a torn line holds must not begin the next one
        for line in data.split(b"\n"):
            # A torn or foreign line says nothing; its document is done anew.
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                if entry["run"] == self._run:
                    found[entry["path"]] = Done(*(str(entry[name]) for name in Done._fields))
        return found

    def _line(self, name: str, done: Done) -> bytes:
        entry: dict[str, Any] = {"path": name, "run": self._run, **done._asdict()}
        return (dumps(entry) + "\n").encode("ascii")


def digest_of_file(path: str) -> str | None:
    """SHA-256 of a file's bytes, or None where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


class _Lock:
    """A lock that the system lets go of when its process ends, in whatever way.

    The file holds the process's number, for whoever finds it locked, and goes with the lock.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None
        try:
            import fcntl
        except ImportError:  # a system without such locks: two runs are not kept apart
            return
        while self._file is None:
            with naming(path):
                file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                owner = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
                os.close(file)
                folder = shown(os.path.dirname(path))
                raise ConfigError(f"-o {folder}: locked by pid {owner}") from error
            if self._is_current(file):
                self._file = file
            else:
                os.close(file)  # the run that had it took the file away; there may be a new one
        try:
            with naming(path):
                os.ftruncate(self._file, 0)
                os.write(self._file, f"{os.getpid()}\n".encode())
        except OutputError:
            self.release()
            raise

    def release(self) -> None:
        """Take the file away, and let go."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
            os.close(self._file)
            self._file = None

    def _is_current(self, file: int) -> bool:
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return False
        status = os.fstat(file)
        return (there.st_dev, there.st_ino) == (status.st_dev, status.st_ino)
