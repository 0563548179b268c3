"""What simpler ways find in the same documents: the figures that ours stand beside.

Spans: a lexicon of the folded phrases that a fold's model was trained with; the words' scores
alone, without context, their threshold set to the same share of honest documents reported. Lines:
the line rules of C4 (Raffel et al., 2020), jusText where it is installed, and the linear model over
a line's words without the sequence.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from injectclean.boilerplate import BoilerplateFinder
from injectclean.evaluation.counts import TOTAL, Measured
from injectclean.evaluation.documents import ROUNDS, count_line, is_half, labelled_rows
from injectclean.injected import InjectedFinder
from injectclean.model import Model
from injectclean.scores import TokenScores
from injectclean.stretch import cut_stretches, maximal_windows
from injectclean.tokens import Token, tokenize
from injectclean.training.corpus import Corpus, LabelledDocument
from injectclean.training.examples import synthetic_documents
from injectclean.training.synthesis import phrases_of

LEAST_WINDOW = 2.0  # nats of a window that is looked at
C4_WORDS = 5  # in a line that stays
_STOPLISTS = {"en": "English", "id": "Indonesian"}  # Vietnamese otherwise
Place = tuple[int, int]


def measure_baselines(
    measured: Measured, model: Model, corpus: Corpus, held_out: Sequence[str]
) -> None:
    """Count what simpler ways find in the documents of the groups that a model has not seen."""
    chosen = set(held_out)
    documents = [d for d in corpus.documents if d.source in chosen and d.kind != "phrases"]
    whole = [document for document in documents if document.is_whole]
    phrases = phrases_of([d for d in corpus.documents if d.source not in chosen])
    lexicon = Lexicon(phrase.text for phrase in phrases)
    words = Words(model)
    by = measured.baselines.setdefault("folded lexicon", Measured()).by
    for document in whole:
        if not document.spans("injected"):
            found = any(lexicon.find(document.text))
            by.count("honest", TOTAL, reported=found, acted=found)
            score = max((score for *_, score in words.find(document.text)), default=0.0)
            measured.scores.append((score, "honest"))
    for made in synthetic_documents(corpus, held_out, "evaluation", ROUNDS):
        places = list(lexicon.find(made.text))
        windows = list(words.find(made.text))
        for span in made.spans:
            found = any(is_half(*place, span) for place in places)
            by.count("spans", TOTAL, reported=found, acted=found)
            scores = [score for start, end, score in windows if is_half(start, end, span)]
            measured.scores.append((max(scores, default=0.0), "span"))
    for name, kept in line_filters(model).items():
        baseline = measured.baselines.setdefault(name, Measured())
        for document in whole:
            _measure_lines(baseline, document, kept)


class Lexicon:
    """Finds known phrases, folded."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._known: dict[str, set[tuple[str, ...]]] = {}
        for phrase in phrases:
            folds = tuple(token.folded for token in tokenize(phrase))
            if folds:
                self._known.setdefault(folds[0], set()).add(folds)

    def find(self, text: str) -> Iterator[Place]:
        """``[start, end)`` of every phrase."""
        tokens = tokenize(text)
        folds = tuple(token.folded for token in tokens)
        for at, token in enumerate(tokens):
            for phrase in self._known.get(token.folded, ()):
                if folds[at : at + len(phrase)] == phrase:
                    yield token.start, tokens[at + len(phrase) - 1].end


class Words:
    """Finds the runs of words that score highest, by their words alone."""

    def __init__(self, model: Model) -> None:
        self._finder = InjectedFinder(model)
        self._scores = TokenScores(model.table("injected"), model.pair_counts())

    def find(self, text: str) -> Iterator[tuple[int, int, float]]:
        """``[start, end)`` of every run in the text, and its score."""
        view = self._finder.view(text)
        for start, end in cut_stretches(view.text):
            tokens: list[Token] = tokenize(view.text, start, end)
            scored = self._scores.sequence(token.text for token in tokens)
            gains = list(map(float.__add__, scored.singles, scored.pairs))
            for first, last in maximal_windows(gains, LEAST_WINDOW):
                low, high = tokens[first].start, tokens[last - 1].end
                yield *view.span(low, high), sum(gains[first:last])


def words_alone(scores: Sequence[tuple[float, str]], share: float) -> float:
    """The share of spans that words alone report with so many honest documents."""
    honest = sorted((score for score, what in scores if what == "honest"), reverse=True)
    spans = [score for score, what in scores if what == "span"]
    if not honest or not spans:
        return 0.0
    least = honest[min(len(honest) - 1, round(share * len(honest)))]
    return sum(score > least for score in spans) / len(spans)


def line_filters(model: Model) -> dict[str, Callable[[LabelledDocument], list[bool]]]:
    """Name -> which of a document's labelled rows stay."""
    finder = BoilerplateFinder(model)
    view = InjectedFinder(model).view

    def by_words(document: LabelledDocument) -> list[bool]:
        return [line.alone < 0.5 for line in finder.lines(view(document.text), [])]

    filters: dict[str, Callable[[LabelledDocument], list[bool]]]
    filters = {"nothing": _everything, "C4 line rules": _by_rules, "line TF-IDF": by_words}
    if importlib.util.find_spec("justext") is not None:
        filters["jusText"] = _by_justext
    return filters


def _everything(document: LabelledDocument) -> list[bool]:
    return [True for _ in labelled_rows(document)]


def _by_rules(document: LabelledDocument) -> list[bool]:
    lines = (document.text[label.start : label.end].strip() for label in labelled_rows(document))
    return [line.endswith((".", "!", "?", '"', "”")) and len(line.split()) >= C4_WORDS
            for line in lines]  # fmt: skip


def _by_justext(document: LabelledDocument) -> list[bool]:
    import justext

    lines = [document.text[label.start : label.end] for label in labelled_rows(document)]
    page = "".join(f"<p>{escape(line)}</p>" for line in lines)
    language = document.source.partition("/")[2].removeprefix("ext-").removeprefix("mini-")[:2]
    stoplist = justext.get_stoplist(_STOPLISTS.get(language, "Vietnamese"))
    paragraphs = justext.justext(f"<html><body>{page}</body></html>", stoplist)
    stay = {" ".join(p.text.split()) for p in paragraphs if not p.is_boilerplate}
    return [" ".join(line.split()) in stay for line in lines]


def _measure_lines(
    baseline: Measured, document: LabelledDocument, kept: Callable[[LabelledDocument], list[bool]]
) -> None:
    for label, stays in zip(labelled_rows(document), kept(document), strict=True):
        guess = None if stays else "boilerplate/other"
        count_line(baseline, document, label, 0 if stays else label.end - label.start, guess)
