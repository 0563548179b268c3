"""The labelled documents: ``data/labels.csv`` and the texts that it points to.

A label is a span with the truth about it. Every line that is not blank has one; a span inside a
line that differs from its line has one of its own. ``source`` names the group that a document
belongs to (a layout, a family of phrases, a topic): groups are held out together.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from injectclean.errors import ConfigError
from injectclean.report import CATEGORIES
from injectclean.tokens import tokenize
from injectclean.training.grammar import Family, phrases_of_family, read_grammar

GRAMMAR_PHRASES = 40  # made of each family's grammar, about as many as are authored

COLUMNS = ("doc_id", "start", "end", "text", "label", "origin", "source", "license", "note")
CONTENT = (
    "content/title", "content/date", "content/lead", "content/body", "content/subhead",
    "content/caption", "content/item", "content/byline", "content/attachment",
)  # fmt: skip
LABELS = (*CONTENT, *CATEGORIES)


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about ``[start, end)`` of a document, in code points."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document with the labels of its lines, and those of spans inside lines."""

    doc_id: str
    text: str
    origin: str
    source: str
    lines: tuple[Label, ...]
    inner: tuple[Label, ...] = field(default=())

    @property
    def kind(self) -> str:
        """First part of the group.

        ``pages``, ``articles``, ``honest``, ``lines``, ``phrases``, ``seeds``.
        """
        return self.source.partition("/")[0]

    @property
    def is_whole(self) -> bool:
        """Whether this is a page or an article, not a list of sentences, lines or phrases."""
        if self.kind == "honest":
            return any(label.label == "content/title" for label in self.lines)
        return self.kind in ("pages", "articles", "seeds")

    def spans(self, kind: str) -> list[Label]:
        """Labels of lines and of inner spans of a kind (``injected``, ``boilerplate``)."""
        found = [
            label for label in (*self.lines, *self.inner) if label.label.startswith(f"{kind}/")
        ]
        return sorted(found, key=lambda label: (label.start, label.end))


@dataclass(frozen=True, slots=True)
class Corpus:
    """All labelled documents, in the order of their names, and a digest of what was read."""

    documents: tuple[LabelledDocument, ...]
    sha256: str

    def without(self, sources: Iterable[str]) -> Corpus:
        """The corpus without the documents of some groups, or of some kinds of groups.

        Raises:
            ConfigError: there is no such group.
        """
        left_out = set(sources)
        known = {name for d in self.documents for name in (d.source, d.kind)}
        if unknown := sorted(left_out - known):
            raise ConfigError(f"no group of documents is called {unknown[0]!r}")
        kept = [d for d in self.documents if d.source not in left_out and d.kind not in left_out]
        return Corpus(tuple(kept), self.sha256)

    def of_kind(self, *kinds: str) -> list[LabelledDocument]:
        """The documents of some kinds."""
        return [document for document in self.documents if document.kind in kinds]

    def sources(self) -> list[str]:
        """The groups, sorted."""
        return sorted({document.source for document in self.documents})


def read_corpus(labels_path: str) -> Corpus:
    """Read the labels and their documents.

    Seeds lie beside the folder of ``labels_path`` in ``seeds/``, others in it in ``documents/``;
    each family of ``grammar/`` gives one more document, of phrases that it makes.

    Raises:
        ConfigError: a file is missing, or a row does not fit its document.
    """
    data = os.path.dirname(os.path.abspath(labels_path))
    hasher = hashlib.sha256()
    documents: list[LabelledDocument] = []
    for doc_id, rows in _rows_by_document(labels_path):
        text = _read_text(document_path(data, doc_id))
        hasher.update(f"{doc_id}\n{text}\n".encode())
        labels = []
        for row in rows:
            label = Label(int(row["start"]), int(row["end"]), row["label"])
            if text[label.start : label.end] != row["text"] or label.label not in LABELS:
                where = f"{labels_path}: {doc_id} [{label.start}, {label.end}) {label.label}"
                raise ConfigError(f"{where}: the row does not fit its document")
            hasher.update(f"{label.start} {label.end} {label.label}\n".encode())
            labels.append(label)
        row = rows[0]
        documents.append(labelled_document(doc_id, text, row["origin"], row["source"], labels))
    authored = (d for d in documents if d.kind == "phrases")
    taken = {phrase_key(d.text[line.start : line.end]) for d in authored for line in d.lines}
    for family in read_grammar(Path(data) / "grammar"):
        document = _grammar_document(family, taken)
        hasher.update(f"{document.doc_id}\n{document.text}\n{family.category}\n".encode())
        documents.append(document)
    return Corpus(tuple(sorted(documents, key=lambda d: d.doc_id)), hasher.hexdigest())


def document_path(data: str, doc_id: str) -> str:
    """Where the text of a document lies."""
    if doc_id.startswith("seeds/"):
        return os.path.join(os.path.dirname(data), f"{doc_id}.txt")
    return os.path.join(data, "documents", f"{doc_id}.txt")


def labelled_document(
    doc_id: str, text: str, origin: str, source: str, labels: Iterable[Label]
) -> LabelledDocument:
    """A document, its labels told apart: those of lines, and those of spans inside them."""
    ordered = sorted(labels, key=lambda label: (label.start, -label.end))
    lines: list[Label] = []
    inner: list[Label] = []
    for label in ordered:
        inside = lines and label.end <= lines[-1].end
        (inner if inside else lines).append(label)
    return LabelledDocument(doc_id, text, origin, source, tuple(lines), tuple(inner))


def _grammar_document(family: Family, taken: set[str]) -> LabelledDocument:
    """Phrases that a grammar makes, as a document of their family, one a line.

    Those ``taken``, here or by another family, are left out: no phrase is in two folds.
    """
    lines: list[Label] = []
    text = ""
    for phrase in phrases_of_family(family, GRAMMAR_PHRASES):
        key = phrase_key(phrase)
        if key in taken:
            continue
        taken.add(key)
        start = len(text) + 1 if text else 0
        text = f"{text}\n{phrase}" if text else phrase
        lines.append(Label(start, start + len(phrase), family.category))
    name = f"phrases/{family.name}"
    return LabelledDocument(f"{name}/grammar", text, "grammar", name, tuple(lines))


def phrase_key(text: str) -> str:
    """The folds of a phrase: the same for the same phrase, however it is written."""
    return " ".join(token.folded for token in tokenize(text))


def _rows_by_document(path: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    rows: dict[str, list[dict[str, str]]] = {}
    try:
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["doc_id"], []).append(row)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not a table of labels: {error}") from error
    yield from sorted(rows.items())


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
