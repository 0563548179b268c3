"""A file for data that a command writes."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable

from injectclean.commands.inputs import STDIN
from injectclean.commands.outputs import naming
from injectclean.document import shown
from injectclean.errors import ConfigError
from injectclean.files import PendingFile, remove_leftovers


def require_apart(output: str | None, paths: Iterable[str]) -> None:
    """Refuse, before anything is read, to write over a file that will be.

    ``paths`` are gone through only where ``output`` is there already.

    Raises:
        ConfigError: it is one of them.
    """
    if output is None or not os.path.isfile(output):
        return
    target = os.stat(output)
    for path in paths:
        with contextlib.suppress(OSError):
            status = os.fstat(0) if path == STDIN else os.stat(path)
            if os.path.samestat(status, target):
                raise ConfigError(f"-o {shown(output)}: is read, too; write to another file")


class FileOut:
    """A file for data, there as a whole at the end; a device takes what comes."""

    has_colour = False

    def __init__(self, path: str) -> None:
        """Begin it.

        Raises:
            OutputError: it cannot be written.
        """
        self._path = path
        is_device = os.path.exists(path) and not os.path.isfile(path)
        with naming(self._path):
            target = path if is_device else _behind_links(path)
            if not is_device:
                remove_leftovers(os.path.dirname(target) or ".")
            self._pending = None if is_device else PendingFile(target)
            self._file = self._pending.file if self._pending else open(path, "wb")  # noqa: SIM115

    def __enter__(self) -> FileOut:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._pending is None:
            with naming(self._path):
                self._file.close()
        elif kind is None:
            with naming(self._path):
                self._pending.finish()
        else:
            self._pending.abandon()

    def write_text(self, text: str) -> None:
        """Write text as UTF-8.

        Raises:
            OutputError: it was not written.
        """
        self.write(text.encode("utf-8", "backslashreplace"))

    def write(self, data: bytes) -> None:
        """Write all of ``data``; raises as ``write_text`` does."""
        with naming(self._path):
            self._file.write(data)


def _behind_links(path: str) -> str:
    """The file that a link leads to, so that the link stays one, as behind the shell's ">"."""
    if not os.path.islink(path):
        return path
    target = os.path.realpath(path)
    if os.path.islink(target):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target
