"""A file for data that a command writes."""

from __future__ import annotations

import os

from injectclean.commands.outputs import naming
from injectclean.files import PendingFile


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
