"""Parquet: row groups one after the other; only the text's column is replaced.

What pyarrow cannot tell of a file it cannot keep: the level of compression, the size of pages,
Bloom filters. Codecs, row groups, types, the metadata of schema and columns stay. A file of which
no text changes is copied. pyarrow reads whole pages, and writes whole row groups: so much is held.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, BinaryIO

from injectclean.document import Problem, shown
from injectclean.errors import InputError, OutputError
from injectclean.records.base import NAME_FIELDS, Record, missing_package, too_large
from injectclean.values import NamedTuple

BATCH_ROWS = 256  # decoded at a time


class Row(NamedTuple):
    """``Record.raw``: a row within its row group, both from 0."""

    group: int
    row: int


class ParquetReader:
    """Reads the rows of a Parquet file."""

    def __init__(self, path: str, *, text_field: str, max_bytes: int) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise missing_package(path, "pyarrow", "parquet") from error
        self._arrow: Any = pyarrow
        self._path = path
        self._field = text_field
        self._max_bytes = max_bytes
        self._file: Any = None

    def close(self) -> None:
        """As in the protocol."""
        if self._file is not None:
            self._file.close()

    def __iter__(self) -> Iterator[Record]:
        """As in the protocol."""
        file = self._file = open_parquet(self._arrow, self._path)
        self._check(file.schema_arrow)
        number = 0
        try:
            for group in range(file.num_row_groups):
                for index, row in enumerate(self._rows(file, group)):
                    number += 1
                    yield self._record(number, Row(group, index), row)
        except (self._arrow.ArrowException, OSError) as error:
            message = f"{shown(self._path)}: behind row {number}: {error}"
            problem = Problem("bad_parquet", message)
            yield Record(number + 1, f"row {number + 1}", None, problem, None, None)

    def writer(self, file: BinaryIO) -> ParquetWriter:
        """As in the protocol."""
        return ParquetWriter(self._arrow, self._path, self._field, file)

    def _check(self, schema: Any) -> None:
        """Refuse a file without one column of text."""
        name = shown(self._path)
        if schema.names.count(self._field) != 1:
            what = "several columns" if self._field in schema.names else "no column"
            there_are = ", ".join(schema.names)
            message = f"{name}: {what} called {self._field!r}; there are: {there_are}"
            raise InputError("no_text_column", message)
        kind = schema.field(self._field).type
        if not _is_text(self._arrow.types, kind):
            message = f"{name}: the column {self._field!r} is no text but {kind}"
            raise InputError("not_string", message)

    def _rows(self, file: Any, group: int) -> Iterator[tuple[Any, str | None]]:
        """Text, as an Arrow scalar, and name of each row."""
        names = [field for field in NAME_FIELDS if field in file.schema_arrow.names]
        columns = list(dict.fromkeys([self._field, *names]))
        batches = file.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns)
        for batch in batches:
            texts = batch.column(self._field)
            if self._arrow.types.is_dictionary(texts.type):
                texts = texts.dictionary_decode()
            named = [batch.column(field) for field in names]
            for index, text in enumerate(texts):
                found = (_name(column[index]) for column in named)
                yield text, next((name for name in found if name), None)

    def _record(self, number: int, raw: Row, row: tuple[Any, str | None]) -> Record:
        scalar, name = row
        place = f"row {number}"
        where = f"{shown(self._path)}: {place}"
        data = scalar.as_buffer()
        if data is None:
            problem = Problem("no_text", f"{where}: {self._field!r} is null")
        elif data.size > self._max_bytes:
            problem = too_large(where, data.size, self._max_bytes)
        else:
            try:
                return Record(number, place, data.to_pybytes().decode(), None, name, raw)
            except UnicodeDecodeError as error:
                message = f"{where}: not UTF-8 at its byte {error.start + 1}"
                problem = Problem("bad_encoding", message)
        return Record(number, place, None, problem, name, raw)


class ParquetWriter:
    """Writes a Parquet file again, from the first row group on that holds a change."""

    def __init__(self, arrow: Any, path: str, field: str, file: BinaryIO) -> None:
        self._arrow = arrow
        self._path = path
        self._field = field
        self._output = file
        self._file: Any = None
        self._writer: Any = None
        self._written = 0  # row groups
        self._group = 0
        self._texts: dict[int, str] = {}  # new texts of this row group

    def write(self, record: Record, text: str | None) -> None:
        """As in the protocol."""
        if text is not None and record.text is None:
            raise ValueError(f"{record.place} has no text that could be changed")
        if record.raw is None:
            return
        if record.raw.group != self._group:
            self._finish_group()
            self._group = record.raw.group
        if text is not None and text != record.text:
            try:
                text.encode()
            except UnicodeEncodeError as error:
                message = f"{shown(self._path)}: {record.place}: half of a surrogate pair"
                raise OutputError(message) from error
            self._texts[record.raw.row] = text

    def close(self) -> None:
        """As in the protocol."""
        self._finish_group()
        if self._writer is None:
            with open(self._path, "rb") as file:
                shutil.copyfileobj(file, self._output)
            return
        try:
            self._copy_groups(self._file.num_row_groups)
            self._writer.close()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """As in the protocol."""
        if self._writer is not None:
            # When it is forgotten it would finish, and say on stderr that it could not.
            self._writer.is_open = False
        if self._file is not None:
            self._file.close()

    def _finish_group(self) -> None:
        """Write this row group, if it holds a change, and those before it."""
        if not self._texts:
            return
        if self._writer is None:
            self._file = open_parquet(self._arrow, self._path)
            self._writer = start_writer(self._arrow, self._file, self._output)
        self._copy_groups(self._group)
        self._put(self._changed(self._read(self._group)))
        self._texts = {}

    def _copy_groups(self, end: int) -> None:
        while self._written < end:
            self._put(self._read(self._written))

    def _read(self, group: int) -> Any:
        try:
            return self._file.read_row_group(group)
        except (self._arrow.ArrowException, OSError) as error:
            message = f"{shown(self._path)}: its row group {group + 1} cannot be read: {error}"
            raise OutputError(message) from error

    def _put(self, table: Any) -> None:
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self._written += 1

    def _changed(self, table: Any) -> Any:
        """The row group with its new texts; in parts, as a change must not double all texts."""
        index = table.schema.get_field_index(self._field)
        field = table.schema.field(index)
        arrow = self._arrow
        plain = field.type.value_type if arrow.types.is_dictionary(field.type) else field.type
        parts, at = [], 0
        for row in sorted(self._texts):
            parts += table.column(index).slice(at, row - at).chunks
            made = arrow.array([self._texts[row]], type=plain)
            parts.append(made if plain == field.type else made.dictionary_encode().cast(field.type))
            at = row + 1
        parts += table.column(index).slice(at).chunks
        return table.set_column(index, field, arrow.chunked_array(parts, type=field.type))


def open_parquet(arrow: Any, path: str) -> Any:
    """Open a Parquet file.

    Raises:
        InputError: it cannot be opened, or is none.
    """
    try:
        return arrow.parquet.ParquetFile(path)
    except FileNotFoundError as error:
        raise InputError("missing", f"{shown(path)}: {error.strerror or error}") from error
    except PermissionError as error:
        raise InputError("permission_denied", f"{shown(path)}: {error}") from error
    except (arrow.ArrowException, OSError) as error:
        raise InputError("bad_parquet", f"{shown(path)}: not Parquet: {error}") from error


def start_writer(arrow: Any, file: Any, output: BinaryIO) -> Any:
    """A writer of a file like another one."""
    settings = writer_settings(file)
    writer = arrow.parquet.ParquetWriter(output, file.schema_arrow, **settings)
    if not settings["store_schema"] and file.metadata.metadata:
        # Without Arrow's own schema pyarrow writes none of the file's other metadata either.
        writer.add_key_value_metadata(file.metadata.metadata)
    return writer


def writer_settings(file: Any) -> dict[str, Any]:
    """How a file was written, as far as it tells; the first row group speaks for all."""
    metadata = file.metadata
    group = metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    paths = [column.path_in_schema for column in columns]
    return {
        "compression": {path: _codec(column) for path, column in zip(paths, columns, strict=True)},
        "use_dictionary": [
            path for path, column in zip(paths, columns, strict=True) if _has_dictionary(column)
        ],
        "version": metadata.format_version,
        "write_statistics": [
            path for path, column in zip(paths, columns, strict=True) if column.is_stats_set
        ],
        "store_schema": b"ARROW:schema" in (metadata.metadata or {}),
        "use_deprecated_int96_timestamps": any(c.physical_type == "INT96" for c in columns),
        "use_compliant_nested_type": not any(".list.item" in path for path in paths),
    }


def _codec(column: Any) -> str:
    return "none" if column.compression == "UNCOMPRESSED" else str(column.compression).lower()


def _has_dictionary(column: Any) -> bool:
    return any("DICTIONARY" in encoding for encoding in column.encodings)


def _is_text(types: Any, kind: Any) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    names = ("is_string", "is_large_string", "is_string_view")
    return any(getattr(types, name)(kind) for name in names if hasattr(types, name))


def _name(scalar: Any) -> str | None:
    try:
        value = scalar.as_py()
    except (UnicodeDecodeError, ValueError, OverflowError):
        return None
    return None if value is None else str(value)
