"""What else looks at text or pages, each as one function of a document.

A peer that reads HTML gets each line as a paragraph of the smallest page; making the page is not
timed, and bytes are always those of the text. A peer's set-up, its imports and its model included,
is not timed either.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from benchmarks.plain import make_plain, read_labels
from benchmarks.texts import ROOT

LABELS = ROOT / "data" / "labels.csv"
STOPLISTS = {"en": "English", "vi": "Vietnamese"}
PLAIN = "plain scikit-learn"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document in the forms that peers take."""

    text: str
    language: str
    data: bytes
    lines: list[str]  # without blank ones
    html: str


Run = Callable[[Prepared], object]


class Peer(NamedTuple):
    """A name, the package that it comes in, and what sets it up."""

    name: str
    package: str
    make: Callable[[], Run]


def prepare(text: str, language: str) -> Prepared:
    """Every form of a document."""
    lines = [line for line in text.split("\n") if line.strip()]
    paragraphs = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    page = f"<html><head><title></title></head><body>\n{paragraphs}\n</body></html>"
    return Prepared(text, language, text.encode(), lines, page)


def installed_version(package: str) -> str | None:
    """The version of a package; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def set_up(peer: Peer) -> Run | str:
    """A peer that has seen a document, so that all of it is loaded, or why there is none."""
    if installed_version(peer.package) is None:
        return "not installed"
    try:
        run = peer.make()
        for language in STOPLISTS:
            run(prepare("Một dòng để thử.\nOne line to try it.", language))
    except ImportError as error:
        return f"not installed as a whole: {error}".splitlines()[0]
    return run


def _plain() -> Run:
    score = make_plain(LABELS)
    return lambda document: score(document.lines)


def _justext() -> Run:
    import justext

    stoplists = {language: justext.get_stoplist(name) for language, name in STOPLISTS.items()}
    return lambda document: justext.justext(document.html, stoplists[document.language])


def _trafilatura() -> Run:
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # says when it extracts nothing
    return lambda document: trafilatura.extract(document.html)


def _resiliparse() -> Run:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda document: extract_plain_text(document.html, main_content=True)


def _fasttext() -> Run:
    """Words, default settings; all lines of a document in one call."""
    import fasttext

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.writelines(f"__label__{kind} {text}\n" for text, kind in read_labels(LABELS))
        file.flush()
        model = fasttext.train_supervised(input=file.name, thread=1, verbose=0)
    return lambda document: model.predict(document.lines)


def _datatrove(name: str) -> Callable[[], Run]:
    def make() -> Run:
        from datatrove.data import Document
        from datatrove.pipeline import filters

        chosen: Any = getattr(filters, name)()
        return lambda document: chosen.filter(Document(text=document.text, id=""))

    return make


PEERS = (
    Peer(PLAIN, "scikit-learn", _plain),
    Peer("justext", "justext", _justext),
    Peer("trafilatura", "trafilatura", _trafilatura),
    Peer("resiliparse", "resiliparse", _resiliparse),
    Peer("fastText, words of a line", "fasttext-numpy2-wheel", _fasttext),
    Peer("datatrove Gopher quality", "datatrove", _datatrove("GopherQualityFilter")),
    Peer("datatrove Gopher repetition", "datatrove", _datatrove("GopherRepetitionFilter")),
    Peer("datatrove C4 quality", "datatrove", _datatrove("C4QualityFilter")),
)
