"""Bytes of a container forwards, decompressed as they come; compressed again on the way out.

Memory is bounded by what a piece of compressed input can become: 16 KiB of gzip at most 17 MB, one
KiB of Zstandard at most 34 MB. What can be decompressed before a fault is handed out, and then the
fault is the source's problem.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from injectclean.document import Problem
from injectclean.errors import InputError, OutputError
from injectclean.records.base import missing_package, shown
from injectclean.values import NamedTuple

CHUNK_BYTES = 65536
CHECKSUM_BYTES = 4  # behind a Zstandard frame; fed alone, so that its failure takes no data along
_GZIP = 16 + zlib.MAX_WBITS


class Codec(NamedTuple):
    """One compression.

    ``faults`` are parts of the library's messages and what they mean; a fault not among them is
    ``damaged``.
    """

    name: str
    decompressor: Callable[[], Any]
    compressor: Callable[[], Any]
    error: type[Exception]
    faults: dict[str, str]
    foreign: str  # the message's part that says: no header of this format
    damaged: str
    piece_bytes: int


class Block(NamedTuple):
    """The bytes ``[start, end)`` of a decompressed container; no data where they are too many."""

    start: int
    end: int
    data: bytes | None


class Source:
    """A file's decompressed bytes, in chunks; ``problem`` says why they ended before their time."""

    def __init__(self, path: str) -> None:
        """Choose the compression by the file's name; nothing is opened yet.

        Raises:
            InputError: the package for this compression is missing.
        """
        self.path = path
        self.codec = codec_of(path)
        self.problem: Problem | None = None
        self.length: int | None = None  # of the decompressed bytes, once they were all read
        self._file: BinaryIO | None = None

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._file is not None:
            self._file.close()

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from offset ``start``, which is 0 where the file is compressed.

        Raises:
            InputError: the file cannot be opened.
        """
        self.close()
        self.problem = None
        try:
            file = self._file = open(self.path, "rb")  # noqa: SIM115  (``close`` closes it)
            file.seek(start)
        except OSError as error:
            raise InputError(*_os_problem(self.path, error)) from error
        position = start
        with file:
            pieces = self._pieces(file)
            for data in pieces if self.codec is None else self._decompressed(self.codec, pieces):
                position += len(data)
                yield data
        self.length = position

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        """The file as it is, in pieces as large as the codec takes them."""
        size = CHUNK_BYTES if self.codec is None else self.codec.piece_bytes
        held = b""  # the end of what was read: it may be the checksum at the end of the file
        try:
            while data := file.read(CHUNK_BYTES):
                data = held + data
                held = b"" if self.codec is None else data[-CHECKSUM_BYTES:]
                end = len(data) - len(held)
                yield from (data[at : min(at + size, end)] for at in range(0, end, size))
        except OSError as error:
            self.problem = Problem(*_os_problem(self.path, error))
            return
        yield held

    def _decompressed(self, codec: Codec, pieces: Iterator[bytes]) -> Iterator[bytes]:
        decoder, members = None, 0
        for piece in pieces:
            rest = piece
            while rest:
                if decoder is None:
                    # Some tools fill up the last block of a tape or a disk with zeros.
                    rest = rest.lstrip(b"\0") if members else rest
                    if not rest:
                        break
                    decoder = codec.decompressor()
                data, error = _feed(decoder, rest, codec.error)
                if data:
                    yield data
                if error is not None:
                    self.problem = self._fault(codec, str(error), members)
                    return
                rest = decoder.unused_data
                if decoder.eof:
                    decoder, members = None, members + 1
        if decoder is not None and self.problem is None:
            message = f"{shown(self.path)}: the {codec.name} data end before their time"
            self.problem = Problem("truncated", message)

    def _fault(self, codec: Codec, message: str, members: int) -> Problem:
        name = shown(self.path)
        if codec.foreign in message:
            if members:
                return Problem("trailing_garbage", f"{name}: garbage behind the {codec.name} data")
            return Problem(codec.damaged, f"{name}: not {codec.name}")
        kinds = (kind for part, kind in codec.faults.items() if part in message)
        kind = next(kinds, codec.damaged)
        return Problem(kind, f"{name}: {codec.name} data are damaged: {message}")


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


def codec_of(path: str) -> Codec | None:
    """The compression that a file's name tells.

    Raises:
        InputError: the package for it is missing.
    """
    name = path.lower()
    if name.endswith(".gz"):
        return _gzip()
    return _zstandard(path) if name.endswith(".zst") else None


def blocks(
    chunks: Iterator[bytes], max_bytes: int, goes_on: Callable[[bytes], bool]
) -> Iterator[Block]:
    r"""Cut bytes into lines, or what else ends with a line feed, holding ``max_bytes`` at the most.

    Args:
        chunks: the bytes.
        max_bytes: the largest block that is handed out with its data.
        goes_on: told every piece of a line in turn, whether the block goes on behind it.

    >>> [block.data for block in blocks(iter([b"a\nb", b"c\nlonger"]), 3, lambda piece: False)]
    [b'a\n', b'bc\n', None]
    """
    start = position = 0
    data = bytearray()
    for segment in _segments(chunks):
        position += len(segment)
        if position - start <= max_bytes:
            data += segment
        elif data:
            data = bytearray()
        is_open = goes_on(segment)
        if segment.endswith(b"\n") and not is_open:
            yield Block(start, position, bytes(data) if position - start <= max_bytes else None)
            start, data = position, bytearray()
    if position > start:
        yield Block(start, position, bytes(data) if position - start <= max_bytes else None)


def _segments(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines, cut once more where chunks end."""
    for chunk in chunks:
        at = 0
        while at < len(chunk):
            end = chunk.find(b"\n", at) + 1 or len(chunk)
            yield chunk[at:end]
            at = end


def _feed(decoder: Any, data: bytes, error: type[Exception]) -> tuple[bytes, Exception | None]:
    """Decompress; with a fault, what comes before it."""
    saved = decoder.copy() if hasattr(decoder, "copy") else None
    try:
        return decoder.decompress(data), None
    except error as fault:
        parts: list[bytes] = []
        if saved is not None:
            with contextlib.suppress(error):
                parts.extend(saved.decompress(data[at : at + 1]) for at in range(len(data)))
        return b"".join(parts), fault


def _gzip() -> Codec:
    return Codec(
        name="gzip",
        decompressor=lambda: zlib.decompressobj(_GZIP),
        # No name and no time of writing: the same bytes whenever it is done.
        compressor=lambda: zlib.compressobj(wbits=_GZIP),
        error=zlib.error,
        faults={"incorrect data check": "crc", "incorrect length check": "crc"},
        foreign="incorrect header check",
        damaged="bad_gzip",
        piece_bytes=16384,
    )


def _zstandard(path: str) -> Codec:
    try:
        import zstandard
    except ImportError as error:
        raise missing_package(path, "zstandard", "zst") from error
    return Codec(
        name="Zstandard",
        decompressor=lambda: zstandard.ZstdDecompressor().decompressobj(),
        compressor=lambda: zstandard.ZstdCompressor(write_checksum=True).compressobj(),
        error=zstandard.ZstdError,
        faults={"checksum": "crc", "too much memory": "limit_exceeded"},
        foreign="Unknown frame descriptor",
        damaged="bad_zstd",
        piece_bytes=1024,
    )


def _os_problem(path: str, error: OSError) -> tuple[str, str]:
    """Kind and message of a file that cannot be read."""
    kinds = {FileNotFoundError: "missing", PermissionError: "permission_denied"}
    kind = kinds.get(type(error), "read_error")
    return kind, f"{shown(path)}: {error.strerror or error}"
