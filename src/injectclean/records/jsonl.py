r"""JSONL: one JSON object a line; of a changed line only the text's literal is written anew.

The line is checked as JSON with the standard library's decoder, value by value, so that the place
of each value is known. Numbers are never made: ``1e999`` and an integer of 5,000 digits are looked
at as they stand. The text's field is a name of the outermost object; a dot in it means itself.

>>> literal = find_text('{"id": 7, "text" : "a\\u00e9"}', "text")
>>> literal.text, literal.name, (literal.start, literal.end)
('aé', '7', (19, 28))
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from injectclean.document import Problem, shown
from injectclean.errors import InputError
from injectclean.records.base import NAME_FIELDS, Record, too_large
from injectclean.records.splice import Piece, SplicingWriter
from injectclean.records.streams import Block, Source, blocks
from injectclean.values import NamedTuple

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_BLANKS = re.compile(r"[ \t\r\n]*")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_NON_ASCII_ESCAPE = re.compile(r"\\u(?!00[0-7])")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MARK = "\ufeff"


class Member(NamedTuple):
    """A member of an object; its value lies at ``[start, end)`` of the line."""

    key: str
    start: int
    end: int
    value: Any


class Literal(NamedTuple):
    """The string literal of a text at ``[start, end)`` of its line, and the record's own name."""

    start: int
    end: int
    text: str
    name: str | None


class JsonlReader:
    """Reads the lines of a JSONL file."""

    def __init__(self, path: str, *, text_field: str, max_bytes: int, encoding: str) -> None:
        self._source = Source(path)
        self._field = text_field
        self._max_bytes = max_bytes
        self._encoding = encoding

    def close(self) -> None:
        """As in the protocol."""
        self._source.close()

    def __iter__(self) -> Iterator[Record]:
        """As in the protocol."""
        number = 0
        lines = blocks(self._source.chunks(), self._max_bytes, lambda _: False)
        for number, block in enumerate(lines, 1):
            record = self._record(number, block)
            if record is not None:
                yield record
        if self._source.problem is not None:
            yield Record(number + 1, f"line {number + 1}", None, self._source.problem, None, None)

    def writer(self, file: BinaryIO) -> SplicingWriter:
        """As in the protocol."""
        return SplicingWriter(self._source, file, self._render)

    def _record(self, number: int, block: Block) -> Record | None:
        """The record of a line; None for a blank one."""
        place = f"line {number}"
        piece = Piece(*block)
        where = f"{shown(self._source.path)}: {place}"
        if block.data is None:
            problem = too_large(where, block.end - block.start, self._max_bytes)
            return Record(number, place, None, problem, None, piece)
        try:
            line = decode_exactly(block.data, self._encoding)
            if not line.removeprefix(_MARK).strip(" \t\r\n"):
                return None
            literal = find_text(line, self._field)
        except InputError as error:
            return Record(
                number, place, None, Problem(error.kind, f"{where}: {error}"), None, piece
            )
        piece = piece._replace(cell=(literal.start, literal.end))
        return Record(number, place, literal.text, None, literal.name, piece)

    def _render(self, piece: Piece, text: str) -> bytes:
        """The line with another text."""
        assert piece.data is not None  # noqa: S101  (a record without data has no text)
        line = piece.data.decode(self._encoding)
        start, end = piece.cell
        head, tail = line[:start].encode(self._encoding), line[end:].encode(self._encoding)
        literal = _literal(text, is_ascii=_is_ascii(line, start, end))
        try:
            return head + literal.encode(self._encoding) + tail
        except UnicodeEncodeError:
            return head + _literal(text, is_ascii=True).encode("ascii") + tail


def decode_exactly(data: bytes, encoding: str) -> str:
    """Decode bytes that are written back as they were.

    Raises:
        InputError: ``bad_encoding``: they are not of that encoding.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not {encoding} at its byte {error.start + 1}"
        raise InputError("bad_encoding", message) from error
    if encoding != "utf-8" and text.encode(encoding) != data:
        raise InputError("bad_encoding", f"{encoding} does not give its bytes back")
    return text


def find_text(line: str, field: str) -> Literal:
    """The text in a line of JSON.

    Raises:
        InputError: ``bad_json``, ``truncated``, ``too_deep``, ``no_text``, ``duplicate_key`` or
            ``not_string``.
    """
    members = _parse(line, (field, *NAME_FIELDS))
    if members is None:
        raise InputError("no_text", "not an object, so it has no fields")
    found = [member for member in members if member.key == field]
    if len(found) > 1:
        raise InputError("duplicate_key", f"the field {field!r} occurs {len(found)} times")
    if not found or found[0].value is None:
        raise InputError("no_text", f"no field {field!r}" if not found else f"{field!r} is null")
    member = found[0]
    if line[member.start] != '"':
        raise InputError("not_string", f"the field {field!r} is not a string")
    return Literal(member.start, member.end, member.value, _name(members))


def _parse(line: str, wanted: tuple[str, ...]) -> list[Member] | None:
    """The members of those names in the object that a line is; None for other JSON."""
    start = _skip(line, line.startswith(_MARK))
    try:
        if line[start : start + 1] == "{":
            members, end = _members(line, start, wanted)
        else:
            members, end = None, _DECODER.raw_decode(line, start)[1]
        if _skip(line, end) != len(line):
            raise json.JSONDecodeError("Extra data", line, _skip(line, end))
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} (column {error.pos + 1})"
        raise InputError(_fault(line, error), message) from error
    except RecursionError as error:
        raise InputError("too_deep", "JSON is nested too deeply") from error
    return members


def _members(line: str, start: int, wanted: tuple[str, ...]) -> tuple[list[Member], int]:
    """The wanted members of the object at ``start``, and where it ends."""
    members: list[Member] = []
    at = _skip(line, start + 1)
    if line[at : at + 1] == "}":
        return members, at + 1
    while True:
        if line[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting a name in double quotes", line, at)
        key, at = _DECODER.raw_decode(line, at)
        value_at = _skip(line, _expect(line, at, ":"))
        value, end = _DECODER.raw_decode(line, value_at)
        if key in wanted:
            members.append(Member(key, value_at, end, value))
        at = _skip(line, end)
        if line[at : at + 1] == "}":
            return members, at + 1
        at = _skip(line, _expect(line, at, ","))


def _expect(line: str, at: int, sign: str) -> int:
    at = _skip(line, at)
    if line[at : at + 1] != sign:
        raise json.JSONDecodeError(f"Expecting {sign!r}", line, at)
    return at + 1


def _skip(line: str, at: int) -> int:
    blanks = _BLANKS.match(line, at)
    return at if blanks is None else blanks.end()


def _fault(line: str, error: json.JSONDecodeError) -> str:
    """``truncated`` for a last line that breaks off, else ``bad_json``."""
    breaks_off = error.pos >= len(line.rstrip()) or error.msg.startswith("Unterminated string")
    return "truncated" if breaks_off and not line.endswith("\n") else "bad_json"


def _name(members: list[Member]) -> str | None:
    """The record's identifier: a string, or a number as it is spelled."""
    values = {member.key: member.value for member in reversed(members)}
    found = (values[field] for field in NAME_FIELDS if isinstance(values.get(field), str))
    return next(found, None)


def _is_ascii(line: str, start: int, end: int) -> bool:
    """Whether a literal, or else its line, holds no character but ASCII's."""
    if _NON_ASCII.search(line, start, end):
        return False
    return bool(_NON_ASCII_ESCAPE.search(line, start, end)) or not _NON_ASCII.search(line)


def _literal(text: str, *, is_ascii: bool) -> str:
    if is_ascii:
        return json.dumps(text)
    # UTF-8 has no code for half of a pair; JSON has an escape for it.
    raw = json.dumps(text, ensure_ascii=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", raw)
