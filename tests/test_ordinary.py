"""Numbers of ordinary text: what is kept of them, and what is left out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from small_corpus import DATA, small_corpus

from injectclean.edges import EDGE_FEATURES
from injectclean.errors import ConfigError
from injectclean.features import JUDGED_FEATURES, SPAN_FEATURES
from injectclean.stretch import CORE_FEATURES
from injectclean.tokens import fold
from injectclean.training.background import read_jsonl, share_of
from injectclean.training.corpus import Label
from injectclean.training.examples import Example, copies_of, excerpt
from injectclean.training.ordinary import (
    NOTHING,
    Ordinary,
    as_document,
    learning_terms,
    ordinary_bytes,
    ordinary_examples,
    read_ordinary,
    thin_out,
)
from injectclean.training.samples import BESIDE, ROWS, Rows, join_rows, weight_of
from injectclean.training.synthesis import Phrase, inject, phrases_of

WIDTHS = {
    "cores": len(CORE_FEATURES),
    "starts": len(EDGE_FEATURES),
    "ends": len(EDGE_FEATURES),
    "spans": len(SPAN_FEATURES),
    "judged": len(JUDGED_FEATURES),
}
TEXT = "\n".join(
    f"Ngày {day} tháng 5, Ban Quản lý chợ Đồng Mơ họp với các hộ kinh doanh về phí chỗ ngồi."
    for day in range(1, 9)
)


def some_rows(width: int, count: int = 40) -> Rows:
    spans = np.array([n // 2 if n % 4 else -1 for n in range(count)])
    return Rows(
        np.arange(count * width, dtype=np.float64).reshape(count, width) / 512,
        (spans >= 0).astype(np.int64),
        np.ones(count),
        spans,
        np.array([f"phrases/f{n % 3}" if n >= 0 else "" for n in spans.tolist()]),
    )


def test_rows_come_back_from_their_file(tmp_path: Path) -> None:
    rows = {name: some_rows(width) for name, width in WIDTHS.items()}
    path = tmp_path / "rows.npz"
    path.write_bytes(ordinary_bytes(rows))

    found = read_ordinary(path)

    for name, part in rows.items():
        again = found.rows[name]
        assert np.abs(again.values - part.values).max() <= np.abs(part.values).max() / 1000
        for column in ("targets", "weights", "spans", "families"):
            assert getattr(again, column).tolist() == getattr(part, column).tolist()
    assert ordinary_bytes(rows) == path.read_bytes()


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert read_ordinary(None) is NOTHING
    assert read_ordinary(tmp_path / "none.npz") is NOTHING


def test_rows_of_other_features_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.npz"
    path.write_bytes(ordinary_bytes({name: some_rows(width) for name, width in WIDTHS.items()}))
    monkeypatch.setitem(ROWS, "ends", ["another", *EDGE_FEATURES[1:]])

    with pytest.raises(ConfigError, match="other features"):
        read_ordinary(path)


def test_what_was_measured_of_a_family_can_be_left_out() -> None:
    rows = some_rows(3)

    kept = Ordinary({"spans": rows}, "").of_families(["phrases/f0", "phrases/f2"]).rows["spans"]

    assert set(kept.families.tolist()) == {"", "phrases/f0", "phrases/f2"}
    assert (kept.spans < 0).sum() == (rows.spans < 0).sum()
    assert len(kept.values) == len(kept.targets) < len(rows.values)


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_fewer_rows_weigh_as_much(most: int) -> None:
    rows = some_rows(3, 4000)

    kept = thin_out(rows, most)

    for meets in (True, False):
        before, after = (part.weights[(part.spans >= 0) == meets] for part in (rows, kept))
        assert len(after) <= most
        assert abs(after.sum() - before.sum()) <= before.sum() / len(after)


def test_spam_is_no_ordinary_text_and_of_pages_it_is_what_they_really_say(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    rows = [
        {"id": "a", "text": "An honest comment.", "label": "ham"},
        {"id": "b", "text": "Slot gacor!", "label": "spam"},
        {"id": "c", "gold": "The article.", "text": "Menu\nThe article."},
        {"id": "d", "text": "News."},
    ]
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))

    assert list(read_jsonl(path)) == [
        ("a", "An honest comment."), ("c", "The article."), ("d", "News."),
    ]  # fmt: skip


def test_spans_of_several_parts_are_numbered_together() -> None:
    first, second = some_rows(3), some_rows(3, 8)

    both = join_rows([first, second])

    assert len(both.values) == 48
    assert (both.spans < 0).sum() == (first.spans < 0).sum() + (second.spans < 0).sum()
    assert not {*both.spans[:40].tolist()} & {*both.spans[40:].tolist()} - {-1}


def test_what_is_honest_beside_an_injection_hardly_counts() -> None:
    clean = Example(TEXT, (), (), 0, 2.0)
    injected = Example(TEXT, (Label(0, 4, "injected/other"),), ("",), 0, 2.0)

    assert weight_of(clean, is_honest=True) == weight_of(injected, is_honest=False) == 2.0
    assert weight_of(injected, is_honest=True) == 2.0 * BESIDE


def test_related_copies_have_phrases_of_one_family() -> None:
    document = as_document("market", TEXT)
    phrases = [Phrase(f"phrase {n}", "injected/other", f"phrases/f{n % 9}") for n in range(90)]

    made = [inject(document, phrases, f"seed {n}", 1.0) for n in range(40)]

    families = [copy.families for copy in made if copy is not None]
    assert all(len(set(each)) == 1 for each in families)
    assert any(len(each) > 1 for each in families)
    assert len({each[0] for each in families}) > 3


def test_excerpts_hold_whole_lines_and_whole_spans() -> None:
    phrases = phrases_of(small_corpus().documents)
    document = as_document("market", TEXT)

    examples = copies_of(document, phrases, 0, 1.0, 40, known=False)

    short = [example for example in examples if len(example.text) < len(TEXT) - 100]
    assert len(short) >= 30
    for example in short:
        assert example.text in "\n".join(e.text for e in examples if e not in short)
        for span in example.spans:
            assert "\n" not in example.text[span.start : span.end]
            assert len(example.families) == len(example.spans)
    assert sum(bool(example.spans) for example in short) >= 25


@pytest.mark.parametrize("seed", [str(number) for number in range(12)])
def test_what_stands_behind_the_break_of_an_injection_is_in_its_excerpt(seed: str) -> None:
    text = "Một.\nHai.\nHọp tại nhà cái uy tín\n, có đồng chí Bình.\nBa.\nBốn.\n"
    start = text.index("nhà cái")
    span = Label(start, start + len("nhà cái uy tín"), "injected/gambling")

    made = excerpt(Example(text, (span,), ("phrases/f",), 0), seed)

    assert "nhà cái uy tín\n, có đồng chí Bình.\n" in made.text
    assert [made.text[s.start : s.end] for s in made.spans] == ["nhà cái uy tín"]


def test_an_excerpt_of_an_honest_text_is_a_part_of_it() -> None:
    whole = Example(TEXT, (), (), 0)

    assert {excerpt(whole, str(n)).text in TEXT for n in range(30)} == {True}


def test_phrases_meet_only_the_ordinary_documents_of_their_fold() -> None:
    corpus = small_corpus()
    texts = [(f"document {n}", TEXT) for n in range(40)]

    examples = ordinary_examples(texts, corpus, 3)

    families = [{f for e in examples if e.fold == fold for f in e.families} for fold in range(3)]
    assert all(families)
    assert not families[0] & families[1] | families[0] & families[2] | families[1] & families[2]


def test_terms_are_put_into_documents_of_every_fold_and_belong_to_no_family() -> None:
    texts = [(f"document {n}", TEXT) for n in range(40)]
    terms = [Phrase("vay tiền nhanh", "injected/other", "")]

    examples = ordinary_examples(texts, small_corpus(), 3, terms)

    found = [e for e in examples if e.families and set(e.families) == {""}]
    assert {e.fold for e in found} == {0, 1, 2}
    said = {e.text[s.start : s.end] for e in found for s in e.spans}
    assert {" ".join(map(fold, text.strip(".").split())) for text in said} == {"vay tien nhanh"}


def test_no_term_that_is_measured_is_learned_from(tmp_path: Path) -> None:
    names = [f"vay nóng {n}" for n in range(200)]
    table = tmp_path / "terms.tsv"
    table.write_text("term\tkind\n" + "".join(f"{name}\tloan\n" for name in [*names, "vay"]))

    found = {phrase.text for phrase in learning_terms(table)}

    assert found == {name for name in names if share_of(name) != "measuring"}
    assert 100 < len(found) < 180


def test_the_shipped_rows_are_of_our_own_families() -> None:
    ordinary = read_ordinary(DATA / "ordinary.npz")

    families = {f for rows in ordinary.rows.values() for f in rows.families.tolist()} - {""}
    assert {family.partition("/")[0] for family in families} == {"phrases"}
    assert all((rows.spans < 0).any() for name, rows in ordinary.rows.items() if name == "spans")
