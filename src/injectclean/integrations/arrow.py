"""One function over Arrow tables, which every engine can call (``injectclean[arrow]``).

>>> import pyarrow
>>> pages = pyarrow.table({"url": ["a", "b"], "text": ["Bà con được mùa.", None]})
>>> cleaned = clean_table(pages)
>>> cleaned.column_names[:4]
['url', 'text', 'injectclean_text', 'injectclean_verdict']
>>> cleaned["injectclean_verdict"].to_pylist()
['pass', 'unread']
>>> restore_texts(cleaned).to_pylist()
['Bà con được mùa.', None]

These columns are appended, always all of them and in this order, whatever the data:

==============================  ================================================================
``injectclean_text``            the cleaned text, of the type of the text column (a dictionary's:
                                of its values)
``injectclean_verdict``         ``pass``, ``review``, ``block``, or ``unread``
``injectclean_problem``         why a text was not read, null where it was
``injectclean_quality``         struct of numbers to filter on, and ``held``: why no edit was made
                                although one was due
``injectclean_findings``        list of structs; offsets count code points of the text
``injectclean_edits``           list of structs: what ``restore_texts`` undoes
``injectclean_source_sha256``   of the text's UTF-8
``injectclean_cleaned_sha256``  of the cleaned text's UTF-8
``injectclean_made_by``         tool and model with their versions
==============================  ================================================================

Where a text was not read (it is null, not UTF-8, or larger than ``Config.max_bytes``) all but the
verdict, the problem and ``made_by`` are null. The evidence of findings is left to
``injectclean.scan``: its values are numbers and words, which no Arrow type holds in one column.
Arrow holds UTF-8, so a text with lone surrogates cannot stand in a table in the first place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from injectclean.config import Config, did_you_mean
from injectclean.document import Problem, Source
from injectclean.errors import ConfigError, MissingExtraError
from injectclean.integrations.records import CleanedRecord, clean_record
from injectclean.report import SCHEMA, Finding, Report
from injectclean.scanner import restore, scanner_for
from injectclean.spans import Edit
from injectclean.values import as_dict

try:
    import pyarrow as pa
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[arrow]'") from error

ROWS = 256  # handled at a time: what Python makes of a table's rows would not fit into memory
PREFIX = "injectclean_"
_QUALITY = pa.struct(
    [
        ("visible_characters", pa.int64()),
        ("main_content_characters", pa.int64()),
        ("share_injected", pa.float64()),
        ("share_boilerplate", pa.float64()),
        ("injected_findings", pa.int64()),
        ("boilerplate_findings", pa.int64()),
        ("removed_characters", pa.int64()),
        ("held", pa.string()),
    ]
)
_FINDING = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("category", pa.string()),
        ("score", pa.float64()),
        ("action", pa.string()),
        ("text", pa.string()),
        ("reason", pa.string()),
        ("allowed", pa.bool_()),  # an exception of the user's covers it: it counts for nothing
        ("edit", pa.int64()),
    ]
)
_EDIT = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("original", pa.string()),
        ("replacement", pa.string()),
        ("lossy", pa.bool_()),
    ]
)
_COLUMNS = {
    "verdict": pa.string(),
    "problem": pa.string(),
    "quality": _QUALITY,
    "findings": pa.list_(_FINDING),
    "edits": pa.list_(_EDIT),
    "source_sha256": pa.string(),
    "cleaned_sha256": pa.string(),
    "made_by": pa.string(),
}


def clean_table(table: pa.Table, *, text: str = "text", config: Config | None = None) -> pa.Table:
    """Append what cleaning the column ``text`` gives; every other column stays as it is.

    Args:
        table: any number of rows, in any number of chunks.
        text: name of a column of strings (string, large_string, string_view, or a dictionary of
            them).

    Raises:
        ConfigError: there is no such column, it holds no text, or the table has a column of the
            name of one that is to be appended.
        ModelError: the configuration's model cannot be used.
    """
    schema = output_schema(table.schema, text=text)
    appended = pa.schema(list(schema)[table.num_columns :])
    scanner = scanner_for(Config() if config is None else config)
    pieces = _pieces(table.column(table.schema.get_field_index(text)))
    rows = (map(_row, (clean_record(scanner, value) for value in piece)) for piece in pieces)
    batches = [pa.RecordBatch.from_pylist(list(piece), schema=appended) for piece in rows]
    columns = pa.Table.from_batches(batches, schema=appended).columns
    return pa.Table.from_arrays([*table.columns, *columns], schema=schema)


def output_schema(schema: pa.Schema, *, text: str = "text") -> pa.Schema:
    """The schema of ``clean_table``'s result, for engines that want it beforehand.

    >>> output_schema(pa.schema([("text", pa.large_string())])).field("injectclean_text").type
    DataType(large_string)

    Raises:
        ConfigError: as ``clean_table``.
    """
    found = schema.get_all_field_indices(text)
    if len(found) != 1:
        what = "no column" if not found else f"{len(found)} columns"
        hint = did_you_mean(text, tuple(schema.names)) if not found else "; rename the others"
        raise ConfigError(f"{what} {text!r} to read the text from{hint}")
    appended = [pa.field(f"{PREFIX}text", _text_type(schema.field(found[0])))]
    appended += [pa.field(f"{PREFIX}{name}", kind) for name, kind in _COLUMNS.items()]
    taken = [field.name for field in appended if field.name in schema.names]
    if taken:
        raise ConfigError(
            f"the table has columns already that would be appended: {', '.join(taken)}; "
            "drop or rename them (was it cleaned before?)"
        )
    return pa.schema([*schema, *appended], metadata=schema.metadata)


def restore_texts(table: pa.Table) -> pa.ChunkedArray:
    """The original texts, from what ``clean_table`` appended; null where it read none.

    Raises:
        ConfigError: a column that is needed is missing.
        RestoreError: a cleaned text is not the one that its edits belong to.
    """
    names = [f"{PREFIX}{name}" for name in ("text", "edits", "source_sha256", "cleaned_sha256")]
    for name in names:
        if name not in table.schema.names:
            raise ConfigError(f"no column {name!r}; restoring needs {', '.join(names)}")
    kind = table.schema.field(names[0]).type
    chunks = [
        pa.array(map(_restored, *(column.to_pylist() for column in batch.columns)), kind)
        for batch in table.select(names).to_batches(max_chunksize=ROWS)
    ]
    return pa.chunked_array(chunks, kind)


def _text_type(field: pa.Field) -> pa.DataType:
    kind = field.type
    if pa.types.is_null(kind):  # what engines make of a batch of nothing but nulls
        return pa.string()
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if kind in (pa.string(), pa.large_string(), pa.string_view()):
        return kind
    raise ConfigError(
        f"column {field.name!r} is of type {field.type}, which is no text; "
        "cast it to string, or name another column"
    )


def _pieces(column: pa.ChunkedArray) -> Iterator[list[str | Problem | None]]:
    for chunk in column.chunks:
        for start in range(0, len(chunk), ROWS):
            piece = chunk.slice(start, ROWS)
            try:
                yield piece.to_pylist()
            except UnicodeDecodeError:  # of some text: Arrow does not look at what it is given
                yield [_value(scalar) for scalar in piece]


def _value(scalar: pa.Scalar) -> str | Problem | None:
    try:
        value: str | None = scalar.as_py()
    except UnicodeDecodeError as error:
        return Problem("undecodable", f"not UTF-8 at byte {error.start}")
    return value


def _row(record: CleanedRecord) -> dict[str, Any]:
    """A row of the appended columns; ``from_pylist`` fills what is not there with nulls."""
    report = record.report
    problem = report.source.problem
    row: dict[str, Any] = {
        "verdict": record.verdict,
        "problem": None if problem is None else f"{problem.kind}: {problem.message}",
        "made_by": f"{report.tool}, {report.model}",
    }
    if record.text is not None:
        row |= {
            "text": record.text,
            "quality": report.quality,
            "findings": [_finding(finding) for finding in report.findings],
            "edits": [as_dict(edit) for edit in report.edits],
            "source_sha256": report.source.sha256,
            "cleaned_sha256": report.cleaned_sha256,
        }
    return {f"{PREFIX}{name}": value for name, value in row.items()}


def _finding(finding: Finding) -> dict[str, Any]:
    row = as_dict(finding) | {"allowed": finding.is_allowed}
    return row | {"start": finding.span.start, "end": finding.span.end}


def _restored(
    text: str | None,
    edits: list[dict[str, Any]] | None,
    source_sha256: str | None,
    cleaned_sha256: str | None,
) -> str | None:
    if text is None or edits is None:
        return None
    report = Report(
        schema=SCHEMA,
        tool="",
        model="",
        source=Source(sha256=source_sha256),
        verdict="",
        findings=(),
        edits=tuple(Edit(**edit) for edit in edits),
        quality={},
        cleaned_sha256=cleaned_sha256,
        complete=True,
    )
    return restore(text, report)
