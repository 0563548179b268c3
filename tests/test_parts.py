"""Texts too long to be looked at as a whole: their parts, and what is found in them."""

from __future__ import annotations

import tracemalloc

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from injectclean import Scanner, parts, quality, restore
from injectclean.config import make_config
from injectclean.parts import cut_parts

ARTICLE = "\n".join(strategies.PARAGRAPHS)
PHRASE = strategies.PHRASES[0]
INJECTED = f"Đoàn công tác đến {PHRASE}\n, nơi người dân đang thu hoạch lúa."
SHAPES = {
    "lines": "\n".join(f"{n}. {ARTICLE}" for n in range(40)),
    "one line": " ".join(f"{n}. {ARTICLE}" for n in range(40)).replace("\n", " "),
    "words": " ".join(f"từ{n} khác" for n in range(4_000)),
    "no blank": "x" * 30_000,
    "blanks": " \n" * 20_000,
    "surrogates": "\udc80 " * 20_000,
}


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LONGEST", 4_000)
    monkeypatch.setattr(parts, "SHORTEST", 1_000)
    monkeypatch.setattr(quality, "CHUNK", 1_000)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner()


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_are_the_text_and_none_is_too_long_or_too_short(shape: str) -> None:
    text = SHAPES[shape]

    places = cut_parts(text)

    assert "".join(text[start:end] for start, end in places) == text
    assert len(places) > 1
    assert all(parts.SHORTEST <= end - start <= parts.LONGEST for start, end in places)


@given(st.text(alphabet="ab \n.", max_size=200))
def test_a_text_that_is_not_long_is_one_part(text: str) -> None:
    assert cut_parts(text) == [(0, len(text))]


@pytest.mark.parametrize("shape", ["lines", "one line", "words"])
def test_what_is_taken_out_moves_only_the_ends_near_it(shape: str) -> None:
    text = SHAPES[shape]
    ends = [end for _, end in cut_parts(text)]
    at = len(text) // 3
    shorter = text[:at] + text[at + 30 :]

    moved = [end if end < at else end + 30 for _, end in cut_parts(shorter)]

    assert len(set(ends) - set(moved)) <= 3
    assert len(ends) > 6


@pytest.mark.parametrize("shape", ["lines", "one line"])
def test_what_stands_in_any_part_is_found_and_given_back(shape: str, scanner: Scanner) -> None:
    text = SHAPES[shape]
    middle = text.index("20. ")
    text = f"{INJECTED}\n{text[:middle]}\n{INJECTED}\n{text[middle:]}\n{INJECTED}"

    result = scanner.clean(text)

    report = result.report
    acted = [f.span.start for f in report.findings if f.edit is not None and f.is_injected]
    assert acted == [at for at in range(len(text)) if text.startswith(PHRASE, at)]
    assert all(f.text == text[f.span.start : f.span.end] for f in report.findings)
    assert restore(result.text, report) == text
    assert scanner.clean(result.text).report.edits == ()
    assert report.quality["visible_characters"] == len("".join(text.split()))


def test_the_rest_of_a_line_that_was_cut_is_no_line(scanner: Scanner) -> None:
    spam = "Buy cheap viagra online without prescription, discreet worldwide shipping"
    head = ARTICLE[:800]
    listed = "mía, ngô, khoai, sắn, " * 200
    line = f"{listed[: 3_980 - len(head)]}. {spam}"
    text = f"{head}\n{line}\n{ARTICLE}\n{ARTICLE}"
    [_, (cut, _), *_] = cut_parts(text)

    result = scanner.clean(text)

    assert text[cut:].startswith(spam)
    assert [f.text for f in result.report.findings if f.is_injected] == [spam]
    assert sum(len(edit.original) for edit in result.report.edits) < 2 * len(spam)
    assert restore(result.text, result.report) == text


@pytest.mark.parametrize("action", ["flag", "remove"])
def test_a_rule_matches_where_two_parts_meet(action: str) -> None:
    rule = {
        "id": "rice", "phrase": "lúa mùa này", "category": "injected/other", "action": action,
        "match": ["lúa mùa này"], "no_match": ["lúa mùa sau"],
    }  # fmt: skip
    scanner = Scanner(config=make_config({"rules": [rule]}))
    text = "lúa mùa này " * 2_000

    found = [f for f in scanner.scan(text).findings if ("rule", "rice", 1.0) in f.evidence]

    assert len(cut_parts(text)) > 5
    assert len(found) == 2_000


def test_a_part_without_an_edit_is_looked_at_once(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def see(text: str) -> parts.Seen:
        seen.append(text)
        return Scanner._see(scanner, text)

    monkeypatch.setattr(scanner, "_see", see)
    text = f"{SHAPES['lines']}\n{INJECTED}"

    result = scanner.clean(text)

    assert result.report.edits
    assert len(cut_parts(text)) < len(seen) <= len(cut_parts(text)) + 2


def test_a_long_text_needs_the_memory_of_a_part(scanner: Scanner) -> None:
    def peak(text: str) -> int:
        scanner.scan(text)  # so that the caches know it
        tracemalloc.start()
        scanner.scan(text)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    honest = SHAPES["one line"][:12_000]

    # A letter needs one to three bytes in the UTF-8 that is digested; its tokens need hundreds.
    assert peak(honest * 8) - peak(honest) < 5 * 7 * len(honest)
