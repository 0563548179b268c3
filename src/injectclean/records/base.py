"""What all containers have in common: records one after the other, and a writer beside them.

A reader yields the documents of a container with what could not be read among them, each with its
place. Its writer takes every one of those records, in order, with the new text or None, and writes
the same container again: what was not changed stays as it is, to the byte where the format allows.

>>> container_of("crawl/pages.JSONL.gz"), container_of("page.txt")
('jsonl', None)
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO, Protocol

from injectclean.document import Problem, shown
from injectclean.errors import ConfigError, InputError
from injectclean.values import NamedTuple

NAME_FIELDS = ("id", "url")  # where a record's own name is looked for, in this order
_CONTAINERS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
}
_COMPRESSED = {".gz": ("jsonl", "csv", "warc"), ".zst": ("jsonl", "csv")}


class Record(NamedTuple):
    """One record of a container: a document, or why there is none to scan.

    Attributes:
        number: from 1: physical line (JSONL), data row (CSV, Parquet), record (WARC).
        place: the same for messages: ``line 12``, ``row 3``, ``record 7 at byte 1234``.
        text: the document's text; None where there is none to scan.
        problem: why it was not, or not wholly, read.
        name: the record's own identifier, where it has one.
        raw: what the writer needs; nobody else's business.
    """

    number: int
    place: str
    text: str | None
    problem: Problem | None
    name: str | None
    raw: Any


class Writer(Protocol):
    """Writes a container like the one that was read."""

    def write(self, record: Record, text: str | None) -> None:
        """Take the next record, of all that were read; ``text`` None leaves it as it is.

        Raises:
            OutputError: the container's encoding has no code for the text, or the file that was
                read is not what it was.
            ValueError: a text for a record that has none.
        """

    def close(self) -> None:
        """Finish the container; the file itself stays open."""

    def abandon(self) -> None:
        """Let go of what is open without finishing: the file may be closed already."""


class Reader(Protocol):
    """Reads a container; nothing is opened before the first record is asked for."""

    def close(self) -> None:
        """Let go of the file."""

    def __iter__(self) -> Iterator[Record]:
        """Yield the records; what ends the container before its time is the last one's problem.

        Raises:
            InputError: before the first record: it cannot be read at all.
        """

    def writer(self, file: BinaryIO) -> Writer:
        """A writer of the same format and compression; ask for it before the records."""


def container_of(path: str) -> str | None:
    """Which container a file is by its name: ``jsonl``, ``csv``, ``parquet``, ``warc`` or None."""
    stem, suffix = os.path.splitext(os.path.basename(path).lower())
    if suffix in _COMPRESSED:
        container = _CONTAINERS.get(os.path.splitext(stem)[1])
        return container if container in _COMPRESSED[suffix] else None
    return _CONTAINERS.get(suffix)


def open_records(
    path: str, *, text_field: str = "text", max_bytes: int, encoding: str | None = None
) -> closing[Reader]:
    """A reader for the container at ``path``, chosen by its name, to be used in ``with``.

    Args:
        path: the file.
        text_field: the field or column that holds the text; a plain name, not a path of names.
        max_bytes: the largest single record that is read, in bytes.
        encoding: of the records, where it is not UTF-8; it must write ASCII as ASCII.

    Raises:
        InputError: it is no container, or a package is missing that reads it.
        ConfigError: there is no such encoding, or it is not made for lines.
    """
    kind = container_of(path)
    used = _checked(encoding)
    if kind == "jsonl":
        from injectclean.records.jsonl import JsonlReader

        return closing(JsonlReader(path, text_field=text_field, max_bytes=max_bytes, encoding=used))
    if kind == "csv":
        from injectclean.records.csv import CsvReader

        return closing(CsvReader(path, text_field=text_field, max_bytes=max_bytes, encoding=used))
    if kind == "warc":
        from injectclean.records.warc import WarcReader

        return closing(WarcReader(path, max_bytes=max_bytes, encoding=used))
    if kind == "parquet":
        from injectclean.records.parquet import ParquetReader

        return closing(ParquetReader(path, text_field=text_field, max_bytes=max_bytes))
    raise InputError("not_records", f"{shown(path)}: no container of records by its name")


def missing_package(path: str, package: str, extra: str) -> InputError:
    """What to say where an optional package is not installed."""
    remedy = f"pip install 'injectclean[{extra}]'"
    return InputError("missing_package", f"{shown(path)}: needs the package {package}; {remedy}")


def too_large(where: str, size: int, max_bytes: int) -> Problem:
    """What to say of a record over the limit."""
    message = f"{where}: {size} bytes, and the limit is {max_bytes}; --max-bytes raises it"
    return Problem("too_large", message)


def _checked(encoding: str | None) -> str:
    """The encoding's plain name; line feeds and quotes are looked for in its bytes."""
    if encoding is None:
        return "utf-8"
    ascii_bytes = bytes(range(128))
    try:
        name = codecs.lookup(encoding).name
        if ascii_bytes.decode(name) == ascii_bytes.decode("ascii"):
            return "utf-8" if name == "utf-8-sig" else name
    except (LookupError, ValueError) as error:
        raise ConfigError(f"no encoding is called {encoding!r}; try utf-8 or cp1258") from error
    raise ConfigError(f"{encoding}: not for records; convert the file to UTF-8 first")
