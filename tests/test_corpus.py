"""The labelled data: its form, its breadth, and that nothing in it gives anything away."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache

import pytest
from cli_tools import ROOT, SEEDS

from injectclean.evaluation.wild import read_unseen
from injectclean.tokens import tokenize
from injectclean.training.corpus import (
    COLUMNS,
    Corpus,
    Label,
    LabelledDocument,
    document_path,
    phrase_key,
    read_corpus,
)
from injectclean.training.synthesis import Phrase, phrases_of

LABELS = ROOT / "data" / "labels.csv"
SEED_NAMES = sorted(path.stem for path in SEEDS.glob("*.txt"))
LONG = 60  # code points from which two groups share a text by copying, not by chance


@cache
def table() -> tuple[tuple[str, ...], tuple[dict[str, str], ...]]:
    """The table's header and its rows."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = tuple(reader)
    return tuple(reader.fieldnames or ()), rows


@pytest.fixture(scope="module")
def rows() -> tuple[dict[str, str], ...]:
    return table()[1]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(str(LABELS))


@pytest.fixture(scope="module")
def phrases(corpus: Corpus) -> list[Phrase]:
    return phrases_of(corpus.documents)


def normalised(text: str) -> str:
    """What is left of a text when case, diacritics, blanks and marks don't count."""
    return " ".join(token.folded for token in tokenize(text))


def groups_by_text(
    corpus: Corpus, texts: Callable[[LabelledDocument], list[str]]
) -> dict[str, set[str]]:
    """For each normalised text the groups that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in corpus.documents:
        for text in texts(document):
            found[normalised(text)].add(document.source)
    return found


def lines_of(document: LabelledDocument) -> list[tuple[int, int]]:
    """``[start, end)`` of the lines that are not blank."""
    found = []
    position = 0
    for line in document.text.split("\n"):
        if line.strip():
            found.append((position, position + len(line)))
        position += len(line) + 1
    return found


def labels_on(document: LabelledDocument, start: int, end: int) -> list[Label]:
    """The line labels that meet ``[start, end)``."""
    return [label for label in document.lines if label.start < end and start < label.end]


# Form


def test_the_columns_are_those_of_the_contract() -> None:
    expected = "doc_id, start, end, text, label, origin, source, license, note"

    assert table()[0] == COLUMNS == tuple(expected.split(", "))


def test_every_rows_text_is_its_slice(rows: tuple[dict[str, str], ...], corpus: Corpus) -> None:
    texts = {document.doc_id: document.text for document in corpus.documents}

    wrong = [
        (row["doc_id"], row["start"])
        for row in rows
        if texts[row["doc_id"]][int(row["start"]) : int(row["end"])] != row["text"]
        or not row["text"]
    ]

    assert wrong == []


def test_no_row_stands_twice(rows: tuple[dict[str, str], ...]) -> None:
    places = Counter((row["doc_id"], row["start"], row["end"]) for row in rows)

    assert [place for place, count in places.items() if count > 1] == []


def test_rows_stand_in_order(rows: tuple[dict[str, str], ...]) -> None:
    places = [(row["doc_id"], int(row["start"]), -int(row["end"])) for row in rows]

    assert places == sorted(places)


def test_no_label_begins_or_ends_with_a_blank(rows: tuple[dict[str, str], ...]) -> None:
    assert [row["doc_id"] for row in rows if row["text"] != row["text"].strip()] == []


def test_every_line_has_exactly_one_line_label(corpus: Corpus) -> None:
    wrong = [
        (document.doc_id, start)
        for document in corpus.documents
        for start, end in lines_of(document)
        if len(labels_on(document, start, end)) != 1
    ]

    assert wrong == []


def test_no_line_label_reaches_over_its_line(corpus: Corpus) -> None:
    wrong = [
        (document.doc_id, label.start)
        for document in corpus.documents
        for label in document.lines
        if "\n" in document.text[label.start : label.end]
    ]

    assert wrong == []


def test_a_line_label_leaves_out_only_blanks_and_bullets(corpus: Corpus) -> None:
    left_out = {
        document.text[start : label.start] + document.text[label.end : end]
        for document in corpus.documents
        for start, end in lines_of(document)
        for label in labels_on(document, start, end)
    }

    assert [text for text in sorted(left_out) if any(c.isalnum() for c in text)] == []


def test_spans_inside_lines_differ_from_their_lines_and_are_disjoint(corpus: Corpus) -> None:
    wrong = []
    for document in corpus.documents:
        end = -1
        for span in document.inner:
            [line] = labels_on(document, span.start, span.end)
            if span.start < end or span.label == line.label:
                wrong.append((document.doc_id, span.start))
            end = span.end

    assert wrong == []


def test_every_document_file_is_labelled(corpus: Corpus) -> None:
    folder = ROOT / "data" / "documents"
    files = {str(path) for path in folder.rglob("*") if path.is_file()}

    labelled = {
        document_path(str(ROOT / "data"), document.doc_id)
        for document in corpus.documents
        if document.kind != "seeds" and document.origin != "grammar"
    }

    assert files == labelled


# Where it comes from


def test_everything_is_a_seed_or_our_own_writing(rows: tuple[dict[str, str], ...]) -> None:
    origins = {(row["origin"], row["source"].partition("/")[0] == "seeds") for row in rows}

    assert origins == {("seed", True), ("authored", False)}


def test_our_own_writing_has_our_licence(rows: tuple[dict[str, str], ...]) -> None:
    assert {row["license"] for row in rows if row["origin"] == "authored"} == {"Apache-2.0"}


def test_the_seeds_are_the_five_files(corpus: Corpus) -> None:
    seeds = {document.doc_id: document.text for document in corpus.of_kind("seeds")}

    files = {f"seeds/{name}": (SEEDS / f"{name}.txt").read_bytes().decode() for name in SEED_NAMES}
    assert seeds == files
    assert len(seeds) == 5


@pytest.mark.parametrize("name", SEED_NAMES)
def test_labels_cover_every_line_of_a_seed(corpus: Corpus, name: str) -> None:
    [seed] = [document for document in corpus.documents if document.doc_id == f"seeds/{name}"]

    covered = [labels_on(seed, start, end) for start, end in lines_of(seed)]

    assert all(len(labels) == 1 for labels in covered)
    assert len(covered) == len(seed.lines)


def test_each_seed_is_a_group_of_its_own(corpus: Corpus) -> None:
    assert all(document.source == document.doc_id for document in corpus.of_kind("seeds"))


# Breadth


def test_there_are_2000_different_authored_phrases(corpus: Corpus) -> None:
    authored = [d for d in corpus.of_kind("phrases") if d.origin == "authored"]
    phrases = {normalised(d.text[line.start : line.end]) for d in authored for line in d.lines}

    assert len(phrases) >= 2000


def test_there_are_60_families_of_phrases(phrases: list[Phrase]) -> None:
    sizes = Counter(phrase.family for phrase in phrases)

    assert len([family for family, size in sizes.items() if size >= 20]) >= 60


def test_there_are_120_articles_of_10_registers_to_inject_into(corpus: Corpus) -> None:
    articles = [d for d in corpus.of_kind("articles", "honest") if d.is_whole]
    registers = {d.source for d in articles if d.kind == "articles" and not d.spans("injected")}

    assert sum(not document.spans("injected") for document in articles) >= 120
    assert len(registers) >= 10


def test_there_are_500_honest_sentences_and_100_documents(corpus: Corpus) -> None:
    honest = corpus.of_kind("honest")
    sentences = {
        document.text[line.start : line.end]
        for document in honest
        if not document.is_whole
        for line in document.lines
    }

    assert len(sentences) >= 500
    assert sum(document.is_whole for document in honest) >= 100


def test_honest_sentences_use_the_words_of_phrases(corpus: Corpus, phrases: list[Phrase]) -> None:
    promotional = {token.folded for phrase in phrases for token in tokenize(phrase.text)}

    lines = [
        {token.folded for token in tokenize(document.text, line.start, line.end)}
        for document in corpus.of_kind("honest")
        for line in document.lines
    ]

    assert len([words for words in lines if len(words & promotional) >= 3]) >= 150


def test_there_are_5000_lines_of_furniture_in_120_page_layouts(corpus: Corpus) -> None:
    pages = corpus.of_kind("pages")
    layouts = {
        document.source
        for document in pages
        if any(line.label.startswith("boilerplate/") for line in document.lines)
    }

    lines = [line for document in pages for line in document.lines]
    assert sum(line.label.startswith("boilerplate/") for line in lines) >= 5000
    assert len(layouts) >= 120


def test_lines_out_of_their_place_are_furniture_and_as_much_of_what_is_taken_for_it(
    corpus: Corpus,
) -> None:
    shares = {
        document.doc_id: sum(line.label.startswith("boilerplate/") for line in document.lines)
        / len(document.lines)
        for document in corpus.of_kind("lines")
    }

    assert len(shares) >= 50
    assert [doc_id for doc_id, share in shares.items() if not 0.4 <= share <= 0.6] == []


def test_a_layout_has_at_least_two_pages(corpus: Corpus) -> None:
    sizes = Counter(document.source for document in corpus.of_kind("pages"))

    assert min(sizes.values()) >= 2


# Nothing leaks from one group into another


def test_a_document_belongs_to_one_group(rows: tuple[dict[str, str], ...]) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        groups[row["doc_id"]].add(row["source"])

    assert [doc_id for doc_id, sources in groups.items() if len(sources) > 1] == []
    assert all(doc_id.startswith(source) for doc_id, [source] in groups.items())


def test_no_two_groups_have_the_same_document(corpus: Corpus) -> None:
    shared = groups_by_text(corpus, lambda document: [document.text])

    assert [groups for groups in shared.values() if len(groups) > 1] == []


def test_no_two_families_have_the_same_phrase(phrases: list[Phrase]) -> None:
    families: dict[str, set[str]] = defaultdict(set)
    for phrase in phrases:
        families[normalised(phrase.text)].add(phrase.family)

    assert {text: found for text, found in families.items() if len(found) > 1} == {}


def test_no_two_groups_share_a_long_line(corpus: Corpus) -> None:
    shared = groups_by_text(
        corpus,
        lambda document: [
            document.text[line.start : line.end]
            for line in document.lines
            if line.end - line.start > LONG
        ],
    )

    assert {text: groups for text, groups in shared.items() if len(groups) > 1} == {}


def test_no_model_learns_from_the_unseen_families(phrases: list[Phrase]) -> None:
    known = {phrase_key(phrase.text) for phrase in phrases}
    families = {phrase.family for phrase in phrases}
    unseen = read_unseen(ROOT / "data" / "unseen")
    names = {f"phrases/{path.stem}" for path in (ROOT / "data" / "unseen").glob("*.marked")}

    assert len(names) >= 80
    assert len({phrase_key(phrase.text) for phrase in unseen}) >= 2000
    assert names & families == set()
    assert sorted(p.text for p in unseen if phrase_key(p.text) in known) == []


def test_phrases_do_not_stand_in_honest_text(corpus: Corpus, phrases: list[Phrase]) -> None:
    # A whole phrase as a line of its own, labelled as content, would be a contradiction.
    promotional = {normalised(phrase.text) for phrase in phrases}

    contradictions = [
        (document.doc_id, line.start)
        for document in corpus.documents
        for line in document.lines
        if line.label.startswith("content/")
        and normalised(document.text[line.start : line.end]) in promotional
    ]

    assert contradictions == []
