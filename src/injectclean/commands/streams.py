"""Standard input, output and error, in whatever state the caller left them.

Data goes out as bytes, so no locale changes it. A reader that has gone ends the run in silence; a
full disk, or a stream that is closed, ends it with one line.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from injectclean.errors import OutputError
from injectclean.formats.escape import visible


class ReaderGone(Exception):  # noqa: N818  (no error: whoever read our output had enough)
    """Nobody reads standard output any more."""


class StdoutError(OutputError):
    """Standard output is closed, or takes no more."""


class Stdout:
    """Standard output for data."""

    def __init__(self) -> None:
        """Take hold of standard output.

        Raises:
            StdoutError: it is closed.
        """
        if sys.stdout is None:
            raise StdoutError("standard output: closed")
        self._buffer = sys.stdout.buffer
        self._encoding = sys.stdout.encoding or "utf-8"
        self._has_dashes = _has_codes("—…", self._encoding)
        self.is_terminal = sys.stdout.isatty()

    def __enter__(self) -> Stdout:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.flush()

    @property
    def has_colour(self) -> bool:
        """Whether colours are welcome: on a terminal, unless NO_COLOR is set (no-color.org)."""
        wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return self.is_terminal and wanted

    def write_text(self, text: str) -> None:
        """Write text for people: what the locale's encoding lacks is written as an escape."""
        if not self._has_dashes:
            text = text.replace("—", "-").replace("…", "...")
        self.write(text.encode(self._encoding, "backslashreplace"))

    def write(self, data: bytes) -> None:
        """Write all of ``data``.

        Raises:
            ReaderGone: the reading end is closed.
            StdoutError: nothing more can be written.
        """
        rest = memoryview(data)
        with _guarded():
            while rest:  # an unbuffered stream may take a part only
                rest = rest[self._buffer.write(rest) :]

    def flush(self) -> None:
        """Hand over what is still buffered; raises as ``write`` does."""
        with _guarded():
            self._buffer.flush()


def say(message: str) -> None:
    """One line on standard error, whatever the message holds; nowhere, if that is closed."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"injectclean: {visible(message)}\n")
        sys.stderr.flush()


def flush_stdout() -> None:
    """Flush what others (the help text) wrote; raises as ``Stdout.write`` does."""
    if sys.stdout is not None:
        with _guarded():
            sys.stdout.flush()


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        _give_up_stdout()
        raise ReaderGone from error
    except OSError as error:
        _give_up_stdout()
        raise StdoutError(f"standard output: {error.strerror or error}") from error


def _has_codes(characters: str, encoding: str) -> bool:
    try:
        return bool(characters.encode(encoding))
    except UnicodeEncodeError:
        return False


def _give_up_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of failing once more."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
