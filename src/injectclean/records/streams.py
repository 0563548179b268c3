"""Bytes of a container forwards, decompressed as they come, and cut into lines.

Memory is bounded by what a piece of compressed input can become: 16 KiB of gzip at most 17 MB, one
KiB of Zstandard at most 34 MB. What can be decompressed before a fault is handed out, and then the
fault is the source's problem.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from injectclean.document import Problem, shown
from injectclean.errors import InputError
from injectclean.records.compression import Codec, codec_of
from injectclean.values import NamedTuple

CHUNK_BYTES = 65536
CHECKSUM_BYTES = 4  # behind a Zstandard frame; fed alone, so that its failure takes no data along


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
        if (decoder is not None or not members) and self.problem is None:
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


def _os_problem(path: str, error: OSError) -> tuple[str, str]:
    """Kind and message of a file that cannot be read."""
    kinds = {FileNotFoundError: "missing", PermissionError: "permission_denied"}
    kind = kinds.get(type(error), "read_error")
    return kind, f"{shown(path)}: {error.strerror or error}"
