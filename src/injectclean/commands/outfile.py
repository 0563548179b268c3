"""A file for data that a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from injectclean.commands.inputs import Input
from injectclean.commands.outputs import naming
from injectclean.document import shown
from injectclean.errors import ConfigError
from injectclean.files import PendingFile


def apart_from(output: str | None, inputs: Iterable[Input]) -> Iterator[Input]:
    """The inputs, as they are: what is written must be none of them.

    Raises:
        ConfigError: it is one.
    """
    for given in inputs:
        require_apart(output, given.path)
        yield given


def require_apart(output: str | None, path: str) -> None:
    """Refuse to write over a file that is read.

    Raises:
        ConfigError: both are the same file.
    """
    if output is None or not os.path.isfile(output) or not os.path.exists(path):
        return
    if os.path.samefile(output, path):
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
            self._pending = None if is_device else PendingFile(path)
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
