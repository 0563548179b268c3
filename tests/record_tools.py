"""What the tests of the record containers share."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

from injectclean.records.base import Record, open_records

LIMIT = 1 << 20  # bytes of a record
Change = Callable[[str], str | None]


def read(path: Path, **options: object) -> list[Record]:
    """All records of a container."""
    settings = {"max_bytes": LIMIT, **options}
    with open_records(str(path), **settings) as reader:  # type: ignore[arg-type]
        return list(reader)


def rewrite(
    path: Path, change: Change | Mapping[int, str] = lambda text: None, **options: object
) -> bytes:
    """The container that is written when texts change: by a function, or by number."""
    settings = {"max_bytes": LIMIT, **options}
    out = io.BytesIO()
    with open_records(str(path), **settings) as reader:  # type: ignore[arg-type]
        writer = reader.writer(out)
        for record in reader:
            new = None
            if record.text is not None:
                new = change(record.text) if callable(change) else change.get(record.number)
            writer.write(record, new)
        writer.close()
    assert not out.closed
    return out.getvalue()


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write a container."""
    path = folder / name
    path.write_bytes(data)
    return path


def outcomes(records: list[Record]) -> list[tuple[int, str]]:
    """Number, and text or kind of problem, of each record."""
    return [(record.number, outcome(record)) for record in records]


def outcome(record: Record) -> str:
    """The text, or the kind of the problem in angle brackets."""
    if record.problem is not None:
        assert record.text is None
        return f"<{record.problem.kind}>"
    assert record.text is not None
    return record.text
