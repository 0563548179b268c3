"""What an evaluation counts, on documents small enough to count by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_tools import ROOT

from injectclean import Config, Scanner
from injectclean.evaluation import accuracy, byhand, foreign, tables, wild
from injectclean.evaluation.baselines import Lexicon, line_filters, words_alone
from injectclean.evaluation.counts import TOTAL, Breakdown, Measured
from injectclean.evaluation.crossfit import Evaluation
from injectclean.evaluation.disguises import DISGUISES, EXACT, READ
from injectclean.evaluation.documents import (
    in_disguise,
    is_half,
    language_of,
    measure_documents,
    measure_spans,
)
from injectclean.evaluation.intervals import Share
from injectclean.model import load_model
from injectclean.rules import make_rule
from injectclean.training.background import share_of
from injectclean.training.corpus import Corpus, Label, LabelledDocument, read_corpus
from injectclean.training.markup import parse_marked
from injectclean.training.synthesis import Synthetic

PHRASE = "nhà cái vạn lộc"
TITLE, BODY, COUNTER = "Tin vắn", f"Đoàn kiểm tra dự tại {PHRASE} hôm nay.", "Lượt xem: 12"
TEXT = f"{TITLE}\n{BODY}\n{COUNTER}"
START = TEXT.index(PHRASE)
SPAM = Label(START, START + len(PHRASE), "injected/gambling")
RULE = {
    "id": "spam", "phrase": PHRASE, "category": "injected/gambling", "reason": "a test",
    "match": [PHRASE], "no_match": ["nhà cái"],
}  # fmt: skip


def document() -> LabelledDocument:
    body = len(TITLE) + 1
    counter = body + len(BODY) + 1
    lines = (
        Label(0, len(TITLE), "content/title"),
        Label(body, body + len(BODY), "content/body"),
        Label(counter, len(TEXT), "boilerplate/view-counter"),
    )
    return LabelledDocument("pages/a/1", TEXT, "authored", "pages/a", lines, (SPAM,))


@pytest.mark.parametrize(
    ("start", "end", "half"),
    [
        (10, 20, True),
        (15, 20, True),
        (16, 20, False),
        (5, 20, True),
        (0, 21, False),
        (20, 30, False),
    ],
)
def test_half_of_the_union_is_enough(start: int, end: int, half: bool) -> None:
    assert is_half(start, end, Label(10, 20, "injected/gambling")) is half


@pytest.mark.parametrize(
    ("family", "language"),
    [("phrases/korean-toto-massage", "korean"), ("phrases/casino-online", "vietnamese")],
)
def test_a_familys_name_tells_its_language(family: str, language: str) -> None:
    assert language_of(family) == language


def test_shares_of_a_breakdown() -> None:
    by = Breakdown()
    by.count("style", "slot", reported=True, acted=False)
    by.count("style", "slot", reported=False, acted=False)
    other = Breakdown()
    other.count("style", "middle", reported=True, acted=True)
    by.add(other)

    reported, acted = by.share("style", "slot")

    assert list(by.shares("style")) == ["middle", "slot"]
    assert (reported.hits, reported.n, acted.hits) == (1, 2, 0)


def test_a_disguised_copy_says_where_its_phrases_stand() -> None:
    text = "Dự tại sòng bài có ông An.\nMời vào nhà cái."
    spans = (Label(7, 15, "injected/gambling"), Label(35, 42, "injected/gambling"))
    made = Synthetic(text, spans, "articles/a", ("phrases/a",) * 2, ("slot", "line_end"))

    for name in DISGUISES:
        disguised = in_disguise(made, name)
        outside = [
            disguised.text[: disguised.spans[0].start],
            disguised.text[disguised.spans[1].end :],
        ]
        assert outside == ["Dự tại ", "."]
        between = disguised.text[disguised.spans[0].end : disguised.spans[1].start]
        assert between == " có ông An.\nMời vào "


def test_a_disguise_is_exact_or_read() -> None:
    assert not EXACT.keys() & READ.keys()
    assert len(DISGUISES) >= 40


def test_a_lexicon_finds_folded_phrases_only() -> None:
    text = "Tại NHA CAI Vạn Lộc và nhà cái khác"

    found = [text[start:end] for start, end in Lexicon(["nhà cái vạn lộc", "sòng bài"]).find(text)]

    assert found == ["NHA CAI Vạn Lộc"]


def test_words_alone_report_as_many_honest_documents_as_asked() -> None:
    honest = [(float(score), "honest") for score in range(10)]
    spans = [(float(score), "span") for score in (5, 8, 9, 12)]

    assert words_alone([*honest, *spans], 0.1) == 0.5
    assert words_alone([*honest, *spans], 0.0) == 0.25
    assert words_alone([], 0.1) == 0.0


def test_rules_of_c4_keep_sentences_only() -> None:
    kept = line_filters(load_model(None))["C4 line rules"](document())

    assert kept == [False, True, False]


@pytest.fixture(scope="module")
def measured() -> Measured:
    scanner = Scanner(config=Config(rules=(make_rule(RULE, 1),)))
    return measure_documents(scanner, Corpus((document(),), ""), ["pages/a"])


def test_spans_and_lines_are_counted(measured: Measured) -> None:
    assert measured.spans.true == {"injected/gambling": 1, TOTAL: 1}
    assert measured.lines.true == {"boilerplate/view-counter": 1, TOTAL: 1}
    assert measured.characters["furniture"] == 12


def test_an_exact_finding_is_counted_as_such() -> None:
    scanner = Scanner(config=Config(rules=(make_rule(RULE, 1),)))
    counted = Measured()

    matches = measure_spans(counted, [SPAM], scanner.scan(TEXT))

    assert [match.text for match in matches if match] == [PHRASE]
    assert (counted.exact["true"], counted.exact["exact"]) == (1, 1)


def test_an_evaluation_has_all_its_tables(measured: Measured) -> None:
    evaluation = Evaluation(2, 1, measured)

    text = tables.to_text(evaluation)

    for title in ("injected, spans", "page furniture, lines", "spans of families not seen"):
        assert title in text
    assert json.dumps(evaluation.to_dict())


def test_shingle_f1_is_of_the_means() -> None:
    pages = wild.Wild(before=[(0.5, 1.0)], after=[(1.0, 1.0), (0.5, 1.0)])

    figures = pages.extraction()

    assert figures["F1 before"] == pytest.approx(2 / 3)
    assert figures["F1 after"] == pytest.approx(2 * 0.75 / 1.75)
    assert figures["recall lost"] == 0.0


def test_articles_in_another_language_are_counted_honest_and_with_phrases() -> None:
    path = ROOT / "data" / "unseen" / "articles" / "fr.marked"
    phrases = wild.read_unseen(ROOT / "data" / "unseen")[:20]

    by = foreign.measure_foreign(Scanner(), path, phrases)

    assert set(by.shares(foreign.HONEST)) == {"fr", "all"}
    assert by.share(foreign.HONEST, "fr")[0].n == 6
    reported, acted = by.share(foreign.INJECTED, "fr")
    assert reported.n >= 6 * foreign.ROUNDS
    assert acted.hits <= reported.hits <= reported.n


def test_what_a_hand_put_in_is_counted_by_language_and_place(tmp_path: Path) -> None:
    path = tmp_path / "vi-some.marked"
    spam = f"⟦injected/gambling|{PHRASE}⟧"
    lines = [
        "=== with", f"content/title\t{TITLE}", f"content/body\tDự tại {spam} hôm nay.",
        f"injected/gambling\t{PHRASE}", f"content/body\tHọp xong. ⟦injected/gambling|{PHRASE}!⟧",
        "=== one", f"content/title\t{TITLE}", f"content/body\t{spam} hôm nay.",
        "=== without", f"content/title\t{TITLE}", "content/body\tĐoàn kiểm tra dự họp hôm nay.",
    ]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")

    measured = byhand.measure_by_hand(Scanner(config=Config(rules=(make_rule(RULE, 1),))), path)

    spans = {row: shares[0] for row, shares in measured.by.shares(byhand.SPANS).items()}
    counted = {row: share.n for row, share in spans.items()}
    assert counted == {"vi": 4, "within a sentence": 2, "own line": 1, "sentence": 1, "all": 4}
    assert spans["within a sentence"].hits == 2
    assert {row: s[0].n for row, s in measured.by.shares(byhand.ARTICLES).items()} == {
        "vi": 2, "one phrase": 1, "all": 2,
    }  # fmt: skip
    assert measured.by.share(byhand.HONEST, "vi")[0] == Share(0, 1)
    assert measured.characters["lost"] == 0


def test_what_was_written_by_hand_is_what_its_file_is_called() -> None:
    paths = sorted((ROOT / "data" / "unseen" / "by_hand").glob("*.marked"))
    kinds_of_files = ("en-honest", "en-injected", "id-honest", "id-injected", "pages")
    assert [path.stem for path in paths] == [*kinds_of_files, "vi-honest", "vi-injected"]
    for path in paths:
        for marked in parse_marked(path.read_text(encoding="utf-8")):
            kinds = {label.label.partition("/")[0] for label in marked.labels}
            assert "content" in kinds, f"{path.stem}/{marked.name}"
            assert ("injected" in kinds) == path.stem.endswith("injected"), marked.name


def test_real_text_that_is_missing_is_left_out(tmp_path: Path) -> None:
    assert wild.measure_wild(tmp_path, tmp_path / "labels.csv").by.counts == {}


def test_real_terms_are_new_ones_of_several_words(tmp_path: Path) -> None:
    known = next(d for d in read_corpus(str(ROOT / "data" / "labels.csv")).of_kind("phrases"))
    ours = next(t for t in known.text.split("\n") if " " in t and share_of(t) == "measuring")
    terms = [(f"sòng bài mới {n}", "vi") for n in range(40)] + [(ours, "vi"), ("slot", "en")]
    path = tmp_path / wild.TERMS
    path.write_text("term\tlanguage\n" + "".join(f"{term}\t{name}\n" for term, name in terms))

    found = wild.read_real_terms(path, ROOT / "data" / "labels.csv")

    assert {phrase.text for phrase in found} == {
        term for term, _ in terms[:40] if share_of(term) == "measuring"
    }
    assert {phrase.family for phrase in found} == {"language: vi"}


def test_floors_name_figures_that_are_measured(measured: Measured) -> None:
    floors = json.loads((ROOT / "data" / "floors.json").read_text())
    real = wild.Wild(before=[(1.0, 1.0)], after=[(1.0, 1.0)])
    figures = accuracy.figures_of(Evaluation(2, 1, measured), real)
    figures |= {f"disguise: {name}": 1.0 for name in (*DISGUISES, "all exact", "all read")}

    assert set(floors) == {"at_least", "at_most"}
    assert {*floors["at_least"], *floors["at_most"]} <= figures.keys()


def test_the_shipped_models_figures_keep_the_floors() -> None:
    card = json.loads((ROOT / "models" / "default.json").read_text())["metrics"]
    figures = {name: share["value"] for name, share in card["shares"].items()}
    for kind in ("spans", "lines"):
        figures |= {f"{kind} {name}": card[kind][TOTAL][name] for name in ("precision", "recall")}
        figures[f"{kind} F1"] = card[kind][TOTAL]["f1"]
    figures |= {f"disguise: {name}": share for name, share in card["disguises"].items()}
    limits = json.loads((ROOT / "data" / "floors.json").read_text())["at_least"]

    below = list(accuracy.missed(ROOT / "data" / "floors.json", figures))

    assert below == []
    assert {"spans recall", "lines F1", "disguise: all exact"} <= limits.keys() & figures.keys()
