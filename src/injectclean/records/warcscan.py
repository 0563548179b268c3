r"""Where the records of a WARC file begin and end, whatever they say themselves.

>>> data = b"WARC/1.0\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
>>> [(scan.start, scan.end, scan.problem) for scan in scan_records(iter([data, data]), 100)]
[(0, 37, None), (37, 74, None)]
>>> [scan.problem for scan in scan_records(iter([b"junk\n", data[:-6]]), 100)]
[('bad_record', 'no WARC record with a whole head'), ('truncated', 'its 2 bytes are not all there')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from injectclean.records.heads import fields
from injectclean.values import NamedTuple

MAX_HEAD_BYTES = 1 << 16  # of one record; a head is some hundred bytes
_BEGINNING = re.compile(rb"WARC/\d\.\d+\r?\n(?=[A-Za-z-]+[ \t]*:)")
_BEGINNING_BYTES = 64  # as many as a beginning may need at the most, split between two chunks
_VERSION = re.compile(rb"WARC/\d\.\d+\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_TRAILERS = (b"\r\n\r\n", b"\n\n")
_BLANKS = re.compile(rb"[\r\n]*")
_LINE_ENDS = (b"\r", b"\n")


class Scan(NamedTuple):
    """One record at ``[start, end)`` of the decompressed file.

    Attributes:
        head: up to and with its blank line; empty where none was found.
        data: the whole record, or None where it is too large.
        block_end: length of the block behind the head, in bytes.
        problem: kind and message of what is wrong with it.
    """

    start: int
    end: int
    head: bytes
    data: bytes | None
    block_end: int
    problem: tuple[str, str] | None


class _Window:
    """The bytes from ``position`` on, as many as were asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.data = bytearray()
        self.position = 0

    def fill(self, size: int) -> int:
        """Have ``size`` bytes at hand, or all that there are; returns how many."""
        while len(self.data) < size and (chunk := next(self._chunks, None)) is not None:
            self.data += chunk
        return len(self.data)

    def drop(self, size: int) -> None:
        """Go on by as many bytes."""
        del self.data[:size]
        self.position += size


def scan_records(chunks: Iterator[bytes], max_bytes: int) -> Iterator[Scan]:
    """Yield every record, and every stretch that is none, holding ``max_bytes`` at the most."""
    window = _Window(chunks)
    while window.fill(MAX_HEAD_BYTES):
        # Blank lines too many are the next record's: they are written with it.
        blanks = _BLANKS.match(window.data)
        window.drop(0 if blanks is None else blanks.end())
        if window.fill(MAX_HEAD_BYTES) and window.data[:1] not in _LINE_ENDS:
            yield _scan_one(window, max_bytes)


def _scan_one(window: _Window, max_bytes: int) -> Scan:
    # A head does not reach into the next record; to look no further keeps the work linear, too.
    following = _BEGINNING.search(window.data, 1, MAX_HEAD_BYTES)
    limit = MAX_HEAD_BYTES if following is None else following.start()
    head_end = _HEAD_END.search(window.data, 0, limit)
    if _VERSION.match(window.data) is None or head_end is None:
        return _resync(window, b"", ("bad_record", "no WARC record with a whole head"))
    head = bytes(window.data[: head_end.end()])
    length = _length(head)
    if length is None:
        return _resync(window, head, ("bad_record", "its Content-Length is missing or no number"))
    if len(head) + length > max_bytes:
        return _skip_large(window, head, length, max_bytes)
    return _take(window, head, length)


def _take(window: _Window, head: bytes, length: int) -> Scan:
    """A record of a size to hold."""
    size = len(head) + length
    if window.fill(size + _BEGINNING_BYTES) < size:
        start = window.position
        _seek_beginning(window, len(head), None)
        return Scan(start, window.position, head, None, 0, _missing(window, length))
    behind = bytes(window.data[size : size + _BEGINNING_BYTES])
    trailer = next((end for end in _TRAILERS if behind.startswith(end)), None)
    if trailer is None:
        if behind.strip(b"\r\n"):
            return _resync(window, head, _wrong(length))
        trailer = behind  # the end of the file may come early
    start, data = window.position, bytes(window.data[: size + len(trailer)])
    window.drop(len(data))
    return Scan(start, window.position, head, data, length, None)


def _skip_large(window: _Window, head: bytes, length: int, max_bytes: int) -> Scan:
    """A record over the limit: passed by without being held, but not further than the next one."""
    size = len(head) + length
    problem = ("too_large", f"{size} bytes, and the limit is {max_bytes}; --max-bytes raises it")
    start = window.position
    _seek_beginning(window, len(head), start + size)
    if window.position < start + size:
        problem = _missing(window, length)
    return Scan(start, window.position, head, None, 0, problem)


def _missing(window: _Window, length: int) -> tuple[str, str]:
    """What is wrong with a record that ends early, at the next one or at the end of the file."""
    if window.fill(1):
        return _wrong(length)
    return "truncated", f"its {length} bytes are not all there"


def _wrong(length: int) -> tuple[str, str]:
    return "bad_length", f"its Content-Length, {length}, is wrong"


def _resync(window: _Window, head: bytes, problem: tuple[str, str]) -> Scan:
    """What lies here up to the next record, which is looked for behind the head."""
    start = window.position
    _seek_beginning(window, len(head) or 1, None)
    return Scan(start, window.position, head, None, 0, problem)


def _seek_beginning(window: _Window, past: int, limit: int | None) -> None:
    """Go to the next record behind ``past`` bytes, at the furthest to the offset ``limit``."""
    while True:
        window.fill(past + MAX_HEAD_BYTES)
        found = _BEGINNING.search(window.data, past)
        is_last = len(window.data) < past + MAX_HEAD_BYTES
        if found is not None:
            step = found.start()
        else:
            step = len(window.data) if is_last else len(window.data) - _BEGINNING_BYTES
        if limit is not None:
            step = min(step, limit - window.position)
        window.drop(step)
        past = 0
        if found is not None or is_last or window.position == limit:
            return


def _length(head: bytes) -> int | None:
    value = fields(head).get("content-length", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None
