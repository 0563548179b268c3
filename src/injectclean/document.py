r"""Bytes to a Document, and a Document to lines, without losing a byte.

A byte-order mark decides first, then UTF-8 is tried strictly. A file that is UTF-8 but for a few
bytes is read with those bytes kept as lone surrogates, so that it can be written back unchanged,
and marked as not wholly read. Anything else needs its encoding named.

>>> document = decode(b"\xef\xbb\xbfone\r\ntwo", path="a.txt")
>>> document.text, document.source.bom, [line.text for line in split_lines(document.text)]
('one\r\ntwo', True, ['one\r\n', 'two'])
>>> encode(document.text, document.source)
b'\xef\xbb\xbfone\r\ntwo'
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Iterator

from injectclean.errors import ConfigError, InputError, OutputError
from injectclean.values import NamedTuple, frozen, replace

BINARY_PROBE_BYTES = 8192  # as ripgrep and git look for NUL
MAX_BAD_SHARE = 0.01  # more undecodable bytes than this: another encoding, not a damaged file
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_BREAKS = "\r\v\f\x85\u2028\u2029"  # of lines; page breaks end one, too
_OTHER_BREAK = re.compile(f"\r(?!\n)|[{_OTHER_BREAKS[1:]}]")
# Codecs that write a mark of their own: the mark is a fact of the source, so the plain one is used.
_SELF_MARKING = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


@frozen
class Problem:
    """Why a document was not read, or not wholly: a stable word and a sentence."""

    kind: str
    message: str


@frozen
class Source:
    """What is known about where a text came from. ``sha256`` is of its original bytes."""

    path: str | None = None
    encoding: str = "utf-8"
    bom: bool = False
    newline: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    problem: Problem | None = None


class Document(NamedTuple):
    """One text to examine, with its source facts."""

    text: str
    source: Source


class Line(NamedTuple):
    """One line of a text at ``[start, end)``, with its line feed."""

    start: int
    end: int
    text: str


def digest(text: str) -> str:
    """SHA-256 of a text's UTF-8; lone surrogates count as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def from_text(text: str, path: str | None = None) -> Document:
    """Make a document of a text that is already decoded."""
    source = Source(path=path, newline=newline_of(text))
    data = encode(text, source)
    source = replace(source, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    return Document(text, source)


def decode(
    data: bytes, *, path: str | None = None, encoding: str | None = None, binary: bool = False
) -> Document:
    """Decode ``data`` without loss.

    Args:
        encoding: the encoding's name, where the caller knows it.
        binary: read also what looks binary.

    Raises:
        InputError: the bytes are binary, or of an encoding that must be named.
        ConfigError: the named encoding does not exist.
    """
    name = path or "standard input"
    mark, marked = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", None))
    used = (marked or "utf-8") if encoding is None else encoding
    wide = _plain_name(used).startswith(("utf-16", "utf-32"))
    if not wide and not binary and b"\0" in data[:BINARY_PROBE_BYTES]:
        _refuse_nul(data, name)
    if _plain_name(used) in _SELF_MARKING:
        used = marked or _SELF_MARKING[_plain_name(used)]
    bom = marked == _plain_name(used)
    body = data[len(mark) :] if bom else data
    text, problem = _decode_body(body, used, named=encoding is not None, name=name)
    source = Source(
        path=path,
        encoding=used,
        bom=bom,
        newline=newline_of(text),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        problem=problem,
    )
    return Document(text, source)


def encode(text: str, source: Source) -> bytes:
    """Encode ``text`` as its source was encoded, byte-order mark included.

    Raises:
        OutputError: the encoding has no code for a character of the text.
    """
    mark = next((m for m, e in _MARKS if e == _plain_name(source.encoding)), b"")
    errors = "surrogateescape" if source.encoding == "utf-8" else "strict"
    try:
        body = text.encode(source.encoding, errors)
    except UnicodeEncodeError as error:
        if source.encoding != "utf-8":
            character = text[error.start]
            raise OutputError(
                f"{source.path}: {source.encoding} has no code for {character!a}; "
                "choose a gap mark that it has, e.g. --gap '...'"
            ) from error
        # Lone surrogates that no byte was read as: a text that a program made.
        body = text.encode("utf-8", "surrogatepass")
    return (mark if source.bom else b"") + body


def decode_as(data: bytes, source: Source) -> str:
    r"""Decode ``data`` exactly as ``encode`` encodes a text for ``source``.

    >>> decode_as(b"\xef\xbb\xbfone", Source(bom=True))
    'one'

    Raises:
        InputError: the bytes are not of that encoding, or lack its byte-order mark.
        ConfigError: there is no such encoding.
    """
    mark = next((m for m, e in _MARKS if e == _plain_name(source.encoding)), b"")
    if source.bom and not data.startswith(mark):
        raise InputError("undecodable", f"the byte-order mark of {source.encoding} is missing")
    errors = "surrogateescape" if source.encoding == "utf-8" else "strict"
    try:
        return data[len(mark) if source.bom else 0 :].decode(source.encoding, errors)
    except (UnicodeError, LookupError) as error:
        raise InputError("undecodable", f"not {source.encoding}: {error}") from error


def shown(path: str) -> str:
    """A path for messages: its bytes as UTF-8, whatever the locale; others as lone surrogates."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def split_lines(text: str) -> Iterator[Line]:
    """Yield the lines of ``text``, split at line feeds only; joined they are the text."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield Line(start, end, text[start:end])
        start = end


def with_line_feeds(text: str) -> str:
    r"""The text with a line feed for every other line break: as long, and its lines can be seen.

    A carriage return before a line feed stays.

    >>> with_line_feeds("one\rtwo\r\nthree\u2028four")
    'one\ntwo\r\nthree\nfour'
    """
    return _OTHER_BREAK.sub("\n", text) if any(sign in text for sign in _OTHER_BREAKS) else text


def newline_of(text: str) -> str | None:
    """The line end that a text uses: ``"lf"``, ``"crlf"``, ``"cr"``, ``"mixed"`` or None."""
    crlf = text.count("\r\n")
    lf = text.count("\n") - crlf
    cr = text.count("\r") - crlf
    used = [name for name, count in (("crlf", crlf), ("lf", lf), ("cr", cr)) if count]
    return used[0] if len(used) == 1 else ("mixed" if used else None)


def _plain_name(encoding: str) -> str:
    try:
        "a".encode(encoding)  # refuses also the codecs that are none of text, such as hex
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise ConfigError(f"no encoding is called {encoding!r}; try utf-8 or cp1258") from error


def _refuse_nul(data: bytes, name: str) -> None:
    sample = data[:BINARY_PROBE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > max(1, len(sample) // 8) and min(even, odd) <= max(even, odd) // 8:
        raise InputError(
            "encoding_undetermined",
            f"{name}: looks like UTF-16 without a byte-order mark; "
            "name the encoding with --encoding utf-16-le or utf-16-be",
        )
    raise InputError("binary", f"{name}: binary file (NUL byte); --text reads it nevertheless")


def _decode_body(
    body: bytes, encoding: str, *, named: bool, name: str
) -> tuple[str, Problem | None]:
    try:
        text = body.decode(encoding)
        if encoding != "utf-8" and text.encode(encoding) != body:
            raise InputError(
                "undecodable", f"{name}: {encoding} does not give these bytes back; name another"
            )
        return text, None
    except UnicodeDecodeError as error:
        where = f"{name}: not {encoding} at byte {error.start}"
        if encoding != "utf-8" or named:
            raise InputError("undecodable", f"{where}; name another with --encoding") from error
        text = body.decode("utf-8", "surrogateescape")
        bad = sum("\udc80" <= character <= "\udcff" for character in text)
        if bad > len(body) * MAX_BAD_SHARE:
            raise InputError(
                "undecodable", f"{where}; name the encoding with --encoding, e.g. cp1258"
            ) from error
        message = f"{where}; {bad} undecodable bytes were kept as they are and not examined"
        return text, Problem("undecodable_bytes", message)
    except UnicodeError as error:
        message = f"{name}: not {encoding} ({error}); name another with --encoding"
        raise InputError("undecodable", message) from error
