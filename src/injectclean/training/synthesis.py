"""Injections into honest articles, and honest twins with the same breaks: what stage 2 learns from.

Everything is drawn from a generator seeded with names, so the same data give the same documents.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from injectclean.tokens import fold
from injectclean.training.corpus import Label, LabelledDocument

STYLES = (
    "slot", "slot_scar", "middle", "middle_scar", "sentence", "own_line", "paragraph", "line_end",
)  # fmt: skip
SENTENCE_STYLES = ("sentence", "own_line", "paragraph")  # for phrases that are whole sentences
REPEATED = 0.25  # share of documents in which one phrase stands several times
_NAME = re.compile(r"(?<=[^\W\d_] )(?:[^\W\d_]\w*)(?: [^\W\d_]\w*){0,3}")
_SENTENCE = re.compile(r"(?<=[.!?…]) (?=\w)")
_BEFORE_MARK = re.compile(r"(?<=\w)(?=[,.;:] |[,.;:]$)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A promotional phrase, its category and its family."""

    text: str
    category: str
    family: str


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A document with known injections: ``spans`` are labels in its own text."""

    text: str
    spans: tuple[Label, ...]
    source: str
    families: tuple[str, ...]
    styles: tuple[str, ...]


def phrases_of(documents: Sequence[LabelledDocument]) -> list[Phrase]:
    """The phrases of the documents of kind ``phrases``, in order."""
    return [
        Phrase(document.text[label.start : label.end], label.label, document.source)
        for document in documents
        if document.kind == "phrases"
        for label in document.lines
        if label.label.startswith("injected/")
    ]


def inject(
    document: LabelledDocument, phrases: Sequence[Phrase], seed: str, related: float = 0.0
) -> Synthetic | None:
    """Put one to four phrases into the running text of a document that has none.

    ``related`` is the share of documents in which all of them are of one family: of one campaign.
    """
    rng = random.Random(f"{seed} {document.doc_id}")
    places = [label for label in document.lines if _is_host(document, label)]
    if not places or not phrases:
        return None
    count = min(len(places), rng.choice((1, 1, 2, 3)))
    if rng.random() < REPEATED:
        chosen = [rng.choice(phrases)] * min(len(places), rng.choice((2, 3, 4)))
    else:
        chosen = [rng.choice(phrases) for _ in range(count)]
        if related and rng.random() < related:
            family = [phrase for phrase in phrases if phrase.family == chosen[0].family]
            chosen = [chosen[0], *(rng.choice(family) for _ in chosen[1:])]
    hosts = sorted(rng.sample(places, len(chosen)), key=lambda label: label.start)
    parts: list[str] = []
    spans: list[Label] = []
    styles: list[str] = []
    position = size = 0
    for host, phrase in zip(hosts, chosen, strict=True):
        style = rng.choice(SENTENCE_STYLES if phrase.text[-1] in ".!?…" else STYLES)
        line = document.text[host.start : host.end]
        text, (low, high) = _insert(line, disguise_case(phrase.text, rng), style, rng)
        parts += document.text[position : host.start], text
        size += host.start - position
        spans.append(Label(size + low, size + high, phrase.category))
        size += len(text)
        position = host.end
        styles.append(style)
    parts.append(document.text[position:])
    families = tuple(phrase.family for phrase in chosen)
    return Synthetic("".join(parts), tuple(spans), document.source, families, tuple(styles))


def break_lines(document: LabelledDocument, seed: str, share: float = 0.4) -> Synthetic:
    """An honest twin: line breaks before some marks, as removed links leave them."""
    rng = random.Random(f"{seed} breaks {document.doc_id}")
    parts: list[str] = []
    position = 0
    for label in document.lines:
        if not _is_host(document, label) or rng.random() > share:
            continue
        line = document.text[label.start : label.end]
        marks = [match.start() for match in _BEFORE_MARK.finditer(line)]
        if marks:
            at = label.start + rng.choice(marks)
            parts += document.text[position:at], "\n"
            position = at
    parts.append(document.text[position:])
    return Synthetic("".join(parts), (), document.source, (), ())


def disguise_case(phrase: str, rng: random.Random) -> str:
    """The phrase as it is, or in capitals, title case, or without diacritics: one in five."""
    roll = rng.random()
    if roll < 0.06:
        return phrase.upper()
    if roll < 0.12:
        return phrase.title()
    if roll < 0.20 and all(ord(character) < 0x1F00 for character in phrase):
        return " ".join("".join(fold(c) if c.isalpha() else c for c in w) for w in phrase.split())
    return phrase


def _is_host(document: LabelledDocument, label: Label) -> bool:
    if label.label not in ("content/body", "content/lead", "content/caption", "content/item"):
        return False
    inside = any(label.start <= inner.start < label.end for inner in document.inner)
    return not inside and label.end - label.start >= 40


def _insert(line: str, phrase: str, style: str, rng: random.Random) -> tuple[str, tuple[int, int]]:
    """The line with the phrase in it, and where the phrase stands."""
    if style == "own_line":
        return f"{line}\n{phrase}", (len(line) + 1, len(line) + 1 + len(phrase))
    if style == "paragraph":
        return f"{phrase}\n{line}", (0, len(phrase))
    if style == "sentence":
        return _as_sentence(line, phrase, rng)
    if style == "line_end":
        bare = phrase.rstrip(".!?… ")
        return f"{line} {bare}", (len(line) + 1, len(line) + 1 + len(bare))
    bare = phrase.rstrip(".!?… ")
    if style.startswith("slot"):
        names = [m for m in _NAME.finditer(line) if m.group()[0].isupper()]
        if names:
            name = rng.choice(names)
            start, stop = name.start(), _end_of_name(line, name.start())
            return _splice(line, start, stop, bare, scar=style.endswith("scar"))
    blanks = [m.start() for m in re.finditer(r"(?<=\w) (?=\w)", line)]
    at = rng.choice(blanks) + 1 if blanks else len(line)
    return _splice(line, at, at, bare, scar=style.endswith("scar"))


def _end_of_name(line: str, start: int) -> int:
    stop = start
    for word in re.finditer(r"\w+", line[start:]):
        if word.start() + start > stop + 1 or not word.group()[0].isupper():
            break
        stop = start + word.end()
    return stop


def _splice(
    line: str, start: int, stop: int, phrase: str, *, scar: bool
) -> tuple[str, tuple[int, int]]:
    before, after = line[:start], line[stop:]
    if before and not before[-1].isspace() and before[-1].isalnum():
        before += " "
    if scar:
        after = "\n" + after.lstrip()
    elif after[:1].isalnum():
        after = " " + after
    return before + phrase + after, (len(before), len(before) + len(phrase))


def _as_sentence(line: str, phrase: str, rng: random.Random) -> tuple[str, tuple[int, int]]:
    sentence = phrase if phrase[-1] in ".!?…" else phrase + "."
    sentence = sentence[0].upper() + sentence[1:]
    breaks = [match.start() for match in _SENTENCE.finditer(line)]
    if not breaks or rng.random() < 0.5:
        base = line if line[-1] in '.!?…"”' else line + "."
        return f"{base} {sentence}", (len(base) + 1, len(base) + 1 + len(sentence))
    at = rng.choice(breaks) + 1
    return f"{line[:at]}{sentence} {line[at:]}", (at, at + len(sentence))
