r"""CSV and TSV: rows cut out of the bytes, so that of a changed row only one cell is written anew.

The standard library's reader tells what a cell holds, but not where it stands; what it tells is
what this module is tested against. A quote counts where a cell begins with it, two within it are
one, and what follows the closing one up to the delimiter belongs to the cell.

>>> [cell.value for cell in split_row('7,"a ""b"" c",\r\n', ",")]
['7', 'a "b" c', '']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from injectclean.document import Problem, shown
from injectclean.errors import InputError
from injectclean.records.base import NAME_FIELDS, Record, too_large
from injectclean.records.jsonl import decode_exactly
from injectclean.records.splice import Piece, SplicingWriter
from injectclean.records.streams import Block, Source, blocks
from injectclean.values import NamedTuple

DELIMITERS = ",;\t|"
_MARK = "\ufeff"


class Cell(NamedTuple):
    """A cell at ``[start, end)`` of its row."""

    start: int
    end: int
    value: str


class Header(NamedTuple):
    """What the first line says; ``text`` and ``names`` are indices of columns."""

    delimiter: str
    width: int
    text: int
    names: tuple[int, ...]


class Quotes:
    r"""Follows the quotes of a file, piece by piece, to tell which line feeds end a row.

    >>> quotes = Quotes(",")
    >>> [quotes.go_on(piece) for piece in (b'a,"b\n', b'c ""d', b'" e"\n')]
    [True, True, False]
    """

    def __init__(self, delimiters: str) -> None:
        self._follow = self._at_start
        self.delimit(delimiters)

    def delimit(self, delimiters: str) -> None:
        """From here on, cells end with one of these."""
        self._ends = re.compile(f"[{re.escape(delimiters)}\n]".encode())

    @property
    def are_open(self) -> bool:
        """Whether a quote was opened and not closed."""
        return self._follow == self._inside

    def go_on(self, piece: bytes) -> bool:
        """Whether the row goes on behind a piece of a line."""
        if b'"' not in piece and piece.endswith(b"\n") and not self.are_open:
            self._follow = self._at_start
            return False
        at = 0
        while at < len(piece):
            at = self._follow(piece, at)
        return self.are_open

    def _at_start(self, piece: bytes, at: int) -> int:
        is_quote = piece.startswith(b'"', at)
        self._follow = self._inside if is_quote else self._in_plain
        return at + is_quote

    def _in_plain(self, piece: bytes, at: int) -> int:
        end = self._ends.search(piece, at)
        if end is None:
            return len(piece)
        self._follow = self._at_start
        return end.end()

    def _inside(self, piece: bytes, at: int) -> int:
        quote = piece.find(b'"', at)
        if quote < 0:
            return len(piece)
        self._follow = self._behind_quote
        return quote + 1

    def _behind_quote(self, piece: bytes, at: int) -> int:
        is_double = piece.startswith(b'"', at)
        self._follow = self._inside if is_double else self._in_plain
        return at + is_double


class CsvReader:
    """Reads the rows of a CSV or TSV file whose first row names the columns."""

    def __init__(self, path: str, *, text_field: str, max_bytes: int, encoding: str) -> None:
        self._source = Source(path)
        self._field = text_field
        self._max_bytes = max_bytes
        self._encoding = encoding
        self._delimiter = ","

    def close(self) -> None:
        """As in the protocol."""
        self._source.close()

    def __iter__(self) -> Iterator[Record]:
        """As in the protocol."""
        quotes = Quotes(DELIMITERS)
        rows = blocks(self._source.chunks(), self._max_bytes, quotes.go_on)
        number = 0
        first = next(rows, None)
        if first is not None:
            header = self._header(first, is_open=quotes.are_open)
            quotes.delimit(header.delimiter)
            for row in rows:
                if row.data is None or row.data.strip(b"\r\n"):
                    number += 1
                    yield self._record(number, row, header, is_open=quotes.are_open)
        if self._source.problem is not None:
            yield Record(number + 1, f"row {number + 1}", None, self._source.problem, None, None)

    def writer(self, file: BinaryIO) -> SplicingWriter:
        """As in the protocol."""
        return SplicingWriter(self._source, file, self._render)

    def _header(self, block: Block, *, is_open: bool) -> Header:
        name = shown(self._source.path)
        if block.data is None or is_open:
            raise InputError(
                "bad_header", f"{name}: its first line, which names columns, has no end"
            )
        try:
            line = decode_exactly(block.data, self._encoding).removeprefix(_MARK)
        except InputError as error:
            raise InputError(error.kind, f"{name}: its first line: {error}") from error
        preferred = self._source.path.lower().removesuffix(".gz").removesuffix(".zst")
        self._delimiter = find_delimiter(line, self._field, is_tsv=preferred.endswith(".tsv"))
        columns = [cell.value for cell in split_row(line, self._delimiter)]
        if columns.count(self._field) != 1:
            what = "several columns" if self._field in columns else "no column"
            there_are = ", ".join(columns)
            message = f"{name}: {what} called {self._field!r}; there are: {there_are}"
            raise InputError("no_text_column", message)
        names = tuple(columns.index(field) for field in NAME_FIELDS if field in columns)
        return Header(self._delimiter, len(columns), columns.index(self._field), names)

    def _record(self, number: int, row: Block, header: Header, *, is_open: bool) -> Record:
        place = f"row {number}"
        where = f"{shown(self._source.path)}: {place}"
        piece = Piece(*row)
        try:
            if is_open:
                message = "a quote is not closed; nothing from here to the end was read as rows"
                raise InputError("unclosed_quote", message)
            if row.data is None:
                problem = too_large(where, row.end - row.start, self._max_bytes)
                return Record(number, place, None, problem, None, piece)
            cells = self._cells(row.data, header)
        except InputError as error:
            problem = Problem(error.kind, f"{where}: {error}")
            return Record(number, place, None, problem, None, piece)
        cell = cells[header.text]
        name = next((cells[index].value for index in header.names if cells[index].value), None)
        piece = piece._replace(cell=(cell.start, cell.end, len(cells) == 1))
        return Record(number, place, cell.value, None, name, piece)

    def _cells(self, data: bytes, header: Header) -> list[Cell]:
        if b"\0" in data:
            raise InputError("nul", "holds a NUL")
        cells = split_row(decode_exactly(data, self._encoding), header.delimiter)
        if len(cells) != header.width:
            message = f"{len(cells)} cells, where the first line names {header.width} columns"
            raise InputError("bad_row", message)
        return cells

    def _render(self, piece: Piece, text: str) -> bytes:
        """The row with another text."""
        assert piece.data is not None  # noqa: S101  (a row without data has no text)
        row = piece.data.decode(self._encoding)
        start, end, is_alone = piece.cell
        needs_quotes = any(sign in text for sign in f'{self._delimiter}"\r\n')
        # A row of one empty cell would be a blank line, which is no row.
        if needs_quotes or row.startswith('"', start) or (is_alone and not text):
            text = '"' + text.replace('"', '""') + '"'
        return f"{row[:start]}{text}{row[end:]}".encode(self._encoding)


def find_delimiter(line: str, field: str, *, is_tsv: bool = False) -> str:
    r"""The delimiter of a header line: one that makes ``field`` a column, or else the most of them.

    >>> find_delimiter("id;text, with notes\n", "id")
    ';'
    """
    usual = "\t" if is_tsv else ","
    candidates = (usual, *(sign for sign in DELIMITERS if sign != usual))

    def worth(delimiter: str) -> tuple[bool, int]:
        columns = [cell.value for cell in split_row(line, delimiter)]
        return field in columns, len(columns)

    return max(candidates, key=worth)


def split_row(row: str, delimiter: str) -> list[Cell]:
    """The cells of a row, whose line end is none of a cell."""
    end = len(row) - (row.endswith("\n") + row.endswith("\r\n"))
    cells: list[Cell] = []
    at = 0
    while True:
        found = _cell(delimiter).match(row, at, end)
        assert found is not None  # noqa: S101  (it matches the empty string)
        quoted, plain = found["quoted"], found["plain"]
        value = plain if quoted is None else quoted.replace('""', '"') + plain
        cells.append(Cell(at, found.end(), value))
        at = found.end() + 1
        if at > end:
            return cells


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'(?:"(?P<quoted>(?:[^"]++|"")*+)")?+(?P<plain>[^{re.escape(delimiter)}]*+)')
