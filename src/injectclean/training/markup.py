"""Marked text to documents and labels: how labelled data is written by hand.

A marked file is one group. ``=== name`` begins a document; every further line is
``label<TAB>text``, or empty; a span with another label than its line is ``⟦label|text⟧``.
The format, and what each label means, stand in docs/data.md.

    python -m injectclean.training.markup data/labels.csv pages my-layout.marked

adds the documents (or writes them anew) and puts their rows into the table.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from injectclean.errors import ConfigError
from injectclean.training.corpus import COLUMNS, LABELS, Label, document_path

LICENSE = "Apache-2.0"
_SPAN = re.compile(r"⟦([^|⟧]*)\|([^⟧]*)⟧")
_BULLET = re.compile(r"\s*(?:[•*\-–+»▪]\s+)?")


@dataclass(frozen=True, slots=True)
class MarkedDocument:
    """A document read from marked text."""

    name: str
    text: str
    labels: tuple[Label, ...]


def parse_marked(marked: str) -> Iterator[MarkedDocument]:
    r"""Yield the documents of a marked text.

    >>> line = "content/date\t1/2/2020 | ⟦boilerplate/view-counter|Xem: 5⟧"
    >>> [document] = parse_marked(f"=== a\n{line}")
    >>> document.text, [(label.start, label.end, label.label) for label in document.labels]
    ('1/2/2020 | Xem: 5', [(0, 17, 'content/date'), (11, 17, 'boilerplate/view-counter')])

    Raises:
        ConfigError: a line is not marked, or its label is unknown.
    """
    name: str | None = None
    lines: list[str] = []
    for line in marked.split("\n"):
        if line.startswith("=== "):
            if name is not None:
                yield _document(name, lines)
            name, lines = line[4:], []
        elif name is not None:
            lines.append(line)
    if name is not None:
        yield _document(name, lines)


def _document(name: str, lines: Sequence[str]) -> MarkedDocument:
    while lines and not lines[-1]:
        lines = lines[:-1]
    texts: list[str] = []
    labels: list[Label] = []
    position = 0
    for line in lines:
        text, found = _line(name, line, position)
        texts.append(text)
        labels += found
        position += len(text) + 1
    return MarkedDocument(name, "\n".join(texts), tuple(labels))


def _line(name: str, line: str, position: int) -> tuple[str, list[Label]]:
    if not line:
        return "", []
    label, tab, marked = line.partition("\t")
    if not tab or label not in LABELS:
        raise ConfigError(f"{name}: not 'label<TAB>text': {line[:60]!r}")
    text = ""
    inner: list[Label] = []
    at = 0
    for span in _SPAN.finditer(marked):
        text += marked[at : span.start()]
        if span[1] not in LABELS:
            raise ConfigError(f"{name}: unknown label {span[1]!r}")
        inner.append(Label(position + len(text), position + len(text) + len(span[2]), span[1]))
        text += span[2]
        at = span.end()
    text += marked[at:]
    bullet = _BULLET.match(text)
    low = bullet.end() if bullet and bullet.end() < len(text.rstrip()) else 0
    whole = Label(position + low, position + len(text.rstrip()), label)
    return text, [
        whole,
        *(span for span in inner if (span.start, span.end) != (whole.start, whole.end)),
    ]


def add_group(labels_path: str, kind: str, marked_path: str) -> int:
    """Write a marked file's documents, and replace the group's rows in the table.

    Returns:
        how many rows the group has.
    """
    data = os.path.dirname(os.path.abspath(labels_path))
    group = f"{kind}/{os.path.basename(marked_path).removesuffix('.marked')}"
    with open(marked_path, encoding="utf-8", newline="") as file:
        documents = list(parse_marked(file.read()))
    rows = [row for row in _read_rows(labels_path) if row["source"] != group]
    kept = len(rows)
    for document in documents:
        doc_id = f"{group}/{document.name}"
        path = document_path(data, doc_id)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(document.text)
        rows += [_row(doc_id, group, document.text, label) for label in document.labels]
    _write_rows(labels_path, rows)
    return len(rows) - kept


def _row(doc_id: str, group: str, text: str, label: Label) -> dict[str, str]:
    return {
        "doc_id": doc_id,
        "start": str(label.start),
        "end": str(label.end),
        "text": text[label.start : label.end],
        "label": label.label,
        "origin": "authored",
        "source": group,
        "license": LICENSE,
        "note": "",
    }


def _read_rows(path: str) -> list[dict[str, str]]:
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_rows(path: str, rows: Sequence[dict[str, str]]) -> None:
    ordered = sorted(rows, key=lambda row: (row["doc_id"], int(row["start"]), -int(row["end"])))
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)


def main(arguments: Sequence[str]) -> int:
    """Add marked files to a table of labels."""
    if len(arguments) < 3:
        print("usage: python -m injectclean.training.markup LABELS_CSV KIND FILE.marked ...")
        return 2
    labels_path, kind, *files = arguments
    for path in sorted(files):
        print(f"{path}: {add_group(labels_path, kind, path)} labels")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
