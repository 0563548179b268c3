"""The writer of what is made of bytes: changed records are rendered, all else is copied.

It stands at an offset of the container that was read. What lies between two records (a head line,
blank lines, records that hold no document) and what was too large to be held is read once more,
from the file, so that nothing of it is kept in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from injectclean.document import shown
from injectclean.errors import OutputError
from injectclean.records.base import Record
from injectclean.records.compression import Codec
from injectclean.records.streams import Source
from injectclean.values import NamedTuple


class Piece(NamedTuple):
    """``Record.raw``: where a record lies in the decompressed bytes, and how to change it.

    ``data`` is None where it was too large to hold; ``cell`` is whatever the format's ``render``
    needs to find the text in ``data``.
    """

    start: int
    end: int
    data: bytes | None
    cell: Any = None


class Sink:
    """Compresses what it is given into a file."""

    def __init__(self, file: BinaryIO, codec: Codec | None) -> None:
        self._file = file
        self._codec = codec
        self._compressor: Any = None
        self._is_empty = True

    def write(self, data: bytes) -> None:
        """Write ``data``, at the latest when the sink is closed."""
        if self._codec is None:
            self._file.write(data)
            return
        if self._compressor is None:
            self._compressor = self._codec.compressor()
            self._is_empty = False
        self._file.write(self._compressor.compress(data))

    def cut(self) -> None:
        """End the compressed member; what comes is the next one's."""
        if self._compressor is not None:
            self._file.write(self._compressor.flush())
            self._compressor = None

    def close(self) -> None:
        """End what was begun; a compressed file is never without a member."""
        if self._is_empty:
            self.write(b"")
        self.cut()


class Copier:
    """Reads a source a second time, forwards, for what a writer takes over as it is."""

    def __init__(self, path: str) -> None:
        self._source = Source(path)
        self._chunks: Iterator[bytes] | None = None
        self._position = 0  # of ``_rest``, in decompressed bytes
        self._rest = b""

    def close(self) -> None:
        """Close the file, if it was opened."""
        self._source.close()

    def copy(self, sink: Sink, start: int, end: int | None) -> None:
        """Write ``[start, end)`` to ``sink``; ``end`` None: all that there is.

        Raises:
            OutputError: the file is shorter than it was when it was read.
        """
        while (end is None or start < end) and (data := self._next(start)):
            part = data if end is None else data[: end - start]
            sink.write(part)
            start += len(part)
        if end is not None and start < end:
            raise OutputError(f"{shown(self._source.path)}: changed while it was read")

    def _next(self, start: int) -> bytes:
        """Bytes from ``start``, as many as are at hand; none at the end."""
        if self._chunks is None or (self._source.codec is None and start > self._end):
            first = 0 if self._source.codec is not None else start
            self._chunks, self._position, self._rest = self._source.chunks(first), first, b""
        while self._end <= start:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._position, self._rest = self._end, chunk
        return self._rest[start - self._position :]

    @property
    def _end(self) -> int:
        return self._position + len(self._rest)


class SplicingWriter:
    """Writes a container again with some of its records changed."""

    def __init__(
        self,
        source: Source,
        file: BinaryIO,
        render: Callable[[Piece, str], bytes],
        *,
        cuts: deque[int] | None = None,
    ) -> None:
        """Begin to write.

        Args:
            source: what is read.
            file: where it goes.
            render: the bytes of a changed record.
            cuts: ends of records, where each is compressed for itself; the reader adds to it.
        """
        self._source = source
        self._copier = Copier(source.path)
        self._sink = Sink(file, source.codec)
        self._render = render
        self._cuts = cuts
        self._position = 0

    def write(self, record: Record, text: str | None) -> None:
        """As in the protocol."""
        piece = record.raw
        if text is not None and record.text is None:
            raise ValueError(f"{record.place} has no text that could be changed")
        if piece is None:  # the container's own failure: no bytes of it
            return
        self._copy(piece.start)
        if text is not None and text != record.text:
            self._sink.write(self._rendered(record, text))
        elif piece.data is not None:
            self._sink.write(piece.data)
        else:
            self._copy(piece.end)
        self._position = piece.end
        self._cut()

    def close(self) -> None:
        """As in the protocol."""
        try:
            self._copy(self._source.length)
        finally:
            self._copier.close()
        self._sink.close()

    def abandon(self) -> None:
        """As in the protocol."""
        self._copier.close()

    def _rendered(self, record: Record, text: str) -> bytes:
        try:
            return self._render(record.raw, text)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            message = f"{error.encoding} has no code for {character!a}; choose another gap mark"
            raise OutputError(f"{shown(self._source.path)}: {record.place}: {message}") from error

    def _copy(self, end: int | None) -> None:
        """Copy up to ``end``, record by record where each is compressed for itself."""
        while self._cuts and (end is None or self._cuts[0] <= end):
            self._copier.copy(self._sink, self._position, self._cuts[0])
            self._position = max(self._position, self._cuts[0])
            self._cut()
        self._copier.copy(self._sink, self._position, end)
        self._position = self._position if end is None else max(self._position, end)

    def _cut(self) -> None:
        if self._cuts is not None:
            self._sink.cut()
            while self._cuts and self._cuts[0] <= self._position:
                self._cuts.popleft()
