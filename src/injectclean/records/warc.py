"""WARC and WET: the payloads that are plain text; the other records are kept as they are.

Read by this module itself and not by a library, for three reasons: a damaged record must not end
the file, what is not changed must stay to the byte, and a length that lies must not cost memory.
Where a length turns out wrong, the record ends where the next one begins.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from injectclean.document import Problem, shown
from injectclean.errors import InputError
from injectclean.records.base import Record
from injectclean.records.heads import fields, media_type, new_digest, replaced
from injectclean.records.jsonl import decode_exactly
from injectclean.records.splice import Piece, SplicingWriter
from injectclean.records.streams import Source
from injectclean.records.warcscan import Scan, scan_records
from injectclean.values import NamedTuple

HTML = ("text/html", "application/xhtml+xml")
_BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream")
_DOCUMENTS = ("conversion", "resource", "response", "continuation")
_HTTP = "application/http"
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")
_MARK = "\ufeff"


class Payload(NamedTuple):
    """A payload at ``[start, end)`` of its record's block, and what it is."""

    start: int
    end: int
    kind: str  # media type
    coding: str | None = None  # how HTTP packed it


class WarcReader:
    """Reads the records of a WARC file."""

    def __init__(self, path: str, *, max_bytes: int, encoding: str) -> None:
        self._source = Source(path)
        self._max_bytes = max_bytes
        self._encoding = encoding
        self._cuts: deque[int] | None = None

    def close(self) -> None:
        """As in the protocol."""
        self._source.close()

    def __iter__(self) -> Iterator[Record]:
        """As in the protocol."""
        number = 0
        for number, scan in enumerate(scan_records(self._source.chunks(), self._max_bytes), 1):
            if self._cuts is not None:
                self._cuts.append(scan.end)
            record = self._record(number, scan)
            if record is not None:
                yield record
        if self._source.problem is not None:
            place = f"record {number + 1}"
            yield Record(number + 1, place, None, self._source.problem, None, None)

    def writer(self, file: BinaryIO) -> SplicingWriter:
        """As in the protocol; compressed, each record is a member of its own."""
        self._cuts = None if self._source.codec is None else deque()
        return SplicingWriter(self._source, file, self._render, cuts=self._cuts)

    def _record(self, number: int, scan: Scan) -> Record | None:
        """The record; None for one that holds no document."""
        place = f"record {number} at byte {scan.start}"
        piece = Piece(scan.start, scan.end, scan.data)
        head = fields(scan.head)
        is_read = scan.problem is None or scan.problem[0] == "too_large"
        if is_read and head.get("warc-type", "response") not in _DOCUMENTS:
            return None
        name = head.get("warc-target-uri", "").strip("<>") or None
        try:
            payload = _payload(scan, head)
            if payload is None:
                return None
            text, piece = self._text(scan, payload, piece)
        except InputError as error:
            problem = Problem(error.kind, f"{shown(self._source.path)}: {place}: {error}")
            return Record(number, place, None, problem, name, piece)
        return Record(number, place, text, None, name, piece)

    def _text(self, scan: Scan, payload: Payload, piece: Piece) -> tuple[str, Piece]:
        start = len(scan.head) + payload.start
        end = len(scan.head) + payload.end
        text = decode_exactly(_data(scan)[start:end], self._encoding)
        if text.startswith(_MARK):
            text = text[1:]
            start += len(_MARK.encode(self._encoding))
        return text, piece._replace(cell=(len(scan.head), payload.start, start, end))

    def _render(self, piece: Piece, text: str) -> bytes:
        """The record with another text, its lengths and its digests."""
        data = piece.data
        assert data is not None  # noqa: S101  (a record without data has no text)
        head_end, payload_start, start, end = piece.cell
        head, http = data[:head_end], data[head_end : head_end + payload_start]
        payload = data[head_end + payload_start : start] + text.encode(self._encoding)
        old = fields(head)
        if fields(http).get("content-length") == str(end - head_end - payload_start):
            http = replaced(http, {"content-length": str(len(payload))})
        values = {
            "content-length": str(len(http + payload)),
            "warc-block-digest": new_digest(old.get("warc-block-digest"), http + payload),
            "warc-payload-digest": new_digest(old.get("warc-payload-digest"), payload),
        }
        return replaced(head, values) + http + payload + data[end:]


def _payload(scan: Scan, head: dict[str, str]) -> Payload | None:
    """The payload of plain text in a record; None where there is no payload at all.

    Raises:
        InputError: it is no plain text, or was not wholly read.
    """
    if scan.problem is not None:
        raise InputError(*scan.problem)
    if "warc-type" not in head:
        raise InputError("bad_record", "no WARC-Type")
    if head["warc-type"] == "continuation" or "warc-segment-number" in head:
        raise InputError("segmented", "a part of a document; the parts must be joined first")
    payload = _http_payload(scan) if _is_http(head) else None
    if payload is None:
        payload = Payload(0, scan.block_end, media_type(head.get("content-type")))
    if payload.start >= payload.end:
        return None if payload.kind != "text/plain" else payload
    if payload.kind in HTML:
        raise InputError("html", "HTML; extract the text first")
    if payload.kind.startswith(_BINARY):
        raise InputError("binary", f"{payload.kind}, which is no text")
    if payload.kind != "text/plain":
        what = payload.kind or "a payload of no known type"
        raise InputError("not_plain_text", f"{what}; only text/plain is read")
    if payload.coding is not None:
        raise InputError("encoded_payload", f"packed by HTTP ({payload.coding}); unpack it first")
    return payload


def _is_http(head: dict[str, str]) -> bool:
    return head["warc-type"] == "response" and media_type(head.get("content-type")) == _HTTP


def _http_payload(scan: Scan) -> Payload:
    """What an HTTP response carries."""
    block = _data(scan)[len(scan.head) : len(scan.head) + scan.block_end]
    ends = [at + len(end) for end in _HEAD_ENDS if (at := block.find(end)) >= 0]
    if not block.startswith(b"HTTP/") or not ends:
        raise InputError("bad_record", "no head of an HTTP response")
    start = min(ends)
    head = fields(block[:start])
    codings = (head.get(name) for name in ("transfer-encoding", "content-encoding"))
    packed = [coding for coding in codings if coding and coding.lower() != "identity"]
    kind = media_type(head.get("content-type"))
    return Payload(start, scan.block_end, kind, ", ".join(packed) or None)


def _data(scan: Scan) -> bytes:
    assert scan.data is not None  # noqa: S101  (a record without data has a problem)
    return scan.data
