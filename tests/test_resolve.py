"""Proposals to edits: what goes with a phrase, a sentence, a line, a piece, and what stays."""

from __future__ import annotations

import itertools
import re

import pytest
import strategies
from checks import check_seams
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.report import Finding
from injectclean.resolve import Proposal, resolve, sentence_goes_on
from injectclean.spans import Edit, Span, apply_edits, undo_edits

GAP = "[…]"
SCOPES = ("phrase", "sentence", "line", "piece")
MARKS = re.compile("[«»]")
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=200)


def proposal(span: Span, scope: str, *, act: bool = True, reach: Span | None = None) -> Proposal:
    return Proposal(span, scope, "injected/gambling", 0.99, act, "test", (), reach)


def unmark(marked: str) -> tuple[str, list[Span]]:
    """A text without its marks ``«`` and ``»``, and the spans that they enclosed."""
    text = MARKS.sub("", marked)
    places = [match.start() - index for index, match in enumerate(MARKS.finditer(marked))]
    return text, [Span(a, b) for a, b in zip(places[::2], places[1::2], strict=True)]


def clean(marked: str, scope: str, gap: str = GAP) -> str:
    text, spans = unmark(marked)
    _, edits = resolve(text, [proposal(span, scope) for span in spans], gap)
    return apply_edits(text, edits)


PHRASES = {
    "in a sentence": ("tại «X» hôm nay", "tại […] hôm nay", "tại hôm nay"),
    "before a comma": ("tại «X», hôm nay", "tại […], hôm nay", "tại, hôm nay"),
    "before a full stop": ("tại «X».", "tại […].", "tại."),
    "at the end": ("tại «X»", "tại […]", "tại"),
    "at the start": ("«X» có hai xã", "[…] có hai xã", "có hai xã"),
    "at the start of a line": ("A.\n«X» có hai xã", "A.\n[…] có hai xã", "A.\ncó hai xã"),
    "at the end of a line": ("tại «X»\nMai họp.", "tại […]\nMai họp.", "tại\nMai họp."),
    "alone": ("«X»", "[…]", ""),
    "scar before a comma": ("tại «X»\n, có", "tại […], có", "tại, có"),
    "scar before a full stop": ("tại «X»\n.\nMai", "tại […].\nMai", "tại.\nMai"),
    "scar before an ellipsis": ("tại «X»\n…\nMai", "tại […]…\nMai", "tại…\nMai"),
    "scar before a bracket": ("(tại «X»\n) rồi", "(tại […]) rồi", "(tại) rồi"),
    "scar before a word": ("Trong đó, «X»\ncó hai", "Trong đó, […] có hai", "Trong đó, có hai"),
    "scar with blanks": ("tại «X» \n  , có", "tại […], có", "tại, có"),
    "scar of CRLF": ("tại «X»\r\n, có", "tại […], có", "tại, có"),
    "scar of CR": ("tại «X»\r, có", "tại […], có", "tại, có"),
    "scar before a word, CRLF": ("đó, «X»\r\ncó", "đó, […] có", "đó, có"),
    "a new sentence is no scar": ("tại «X»\nCó hai", "tại […]\nCó hai", "tại\nCó hai"),
    "a blank line is no scar": ("tại «X»\n\ncó hai", "tại […]\n\ncó hai", "tại\n\ncó hai"),
    "a list is no scar": ("gồm «X»\na) xã", "gồm […]\na) xã", "gồm\na) xã"),
    "a numbered list is no scar": ("gồm «X»\nb. xã", "gồm […]\nb. xã", "gồm\nb. xã"),
    "scars on both sides": ("tại điểm cầu\n«X»\n, có", "tại điểm cầu […], có", "tại điểm cầu, có"),
    "scars on both sides, CRLF": ("điểm cầu\r\n«X»\r\n, có", "điểm cầu […], có", "điểm cầu, có"),
    "a sentence ends before it": ("họp.\n«X»\n, có", "họp.\n[…], có", "họp.\n, có"),
    "a blank line before it": ("họp\n\n«X»\n, có", "họp\n\n[…], có", "họp\n\n, có"),
    "quoted": ("gọi là “«X»” nhé", "gọi là “[…]” nhé", "gọi là “” nhé"),
    "two blanks stay two": ("tại  «X»  hôm nay", "tại  […]  hôm nay", "tại  hôm nay"),
    "no-break spaces": ("tại\u00a0«X»\u00a0hôm", "tại\u00a0[…]\u00a0hôm", "tại\u00a0hôm"),
    "between letters": ("网«X»站", "网[…]站", "网 站"),
    "behind a bidi override": ("tại \u202e«X\u202c» hôm", "tại […] hôm", "tại hôm"),
    "behind a zero-width space": ("tại\u200b«X» hôm", "tại[…] hôm", "tại hôm"),
    "behind an emoji": ("❤\ufe0f«X» hôm", "❤\ufe0f[…] hôm", "❤\ufe0f hôm"),
}


@pytest.mark.parametrize(("marked", "with_gap", "without"), PHRASES.values(), ids=PHRASES)
def test_a_phrase_leaves_the_gap_and_takes_its_scar(
    marked: str, with_gap: str, without: str
) -> None:
    marked = marked.replace("X", "sòng bài")

    assert clean(marked, "phrase") == with_gap
    assert clean(marked, "phrase", gap="") == without


SENTENCES = {
    "between two": ("Một. «X.» Hai.", "Một. Hai."),
    "last of a line": ("Một. «X.»\nHai.", "Một.\nHai."),
    "first of a line": ("Một.\n«X.» Hai.", "Một.\nHai."),
    "first of the document": ("«X.» Hai.", "Hai."),
    "last of the document": ("Một. «X.»", "Một."),
    "indented": ("Một.\n    «X.» Hai.", "Một.\n    Hai."),
    "two blanks": ("Một.  «X.»  Hai.", "Một.  Hai."),
    "no-break spaces": ("Một.\u00a0«X.»\u00a0Hai.", "Một.\u00a0Hai."),
    "ideographic spaces": ("Một.\u3000«X.»\u3000Hai.", "Một.\u3000Hai."),
    "CRLF": ("Một. «X.»\r\nHai.", "Một.\r\nHai."),
    "first of a line, CRLF": ("Một.\r\n«X.» Hai.", "Một.\r\nHai."),
    "first of a line, CR": ("Một.\r«X.» Hai.", "Một.\rHai."),
    "no blank": ("Một.«X.»Hai.", "Một.Hai."),
    "behind a hidden character": ("Một. \u200d«X.»\u200d Hai.", "Một. \u200d\u200d Hai."),
    "between words": ("một«X»hai", "một hai"),
}


@pytest.mark.parametrize(("marked", "cleaned"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_goes_with_one_blank(marked: str, cleaned: str) -> None:
    assert clean(marked.replace("X", "Sòng bài"), "sentence") == cleaned


LINES = {
    "between two": ("Một.\n«X»\nHai.\n", "Một.\nHai.\n"),
    "first": ("«X»\nHai.\n", "Hai.\n"),
    "last": ("Một.\n«X»\n", "Một.\n"),
    "last without a line break": ("Một.\n«X»", "Một."),
    "last without a line break, CRLF": ("Một.\r\n«X»", "Một."),
    "last with blank lines before": ("Một.\n\n\n«X»\n", "Một.\n"),
    "last with blank lines around": ("Một.\n\n«X»\n\n\n", "Một.\n"),
    "last of a document that ends without": ("Một.\n\n«X»", "Một."),
    "CRLF": ("Một.\r\n«X»\r\nHai.\r\n", "Một.\r\nHai.\r\n"),
    "blank lines on both sides": ("Một.\n\n«X»\n\nHai.", "Một.\n\nHai."),
    "several blank lines": ("Một.\n\n\n«X»\n \n\nHai.", "Một.\n\n\nHai."),
    "a blank line before": ("Một.\n\n«X»\nHai.", "Một.\n\nHai."),
    "a blank line behind": ("Một.\n«X»\n\nHai.", "Một.\n\nHai."),
    "blank lines at the start": ("\n\n«X»\n\nHai.", "Hai."),
    "indented, with a bullet": ("Một.\n  • «X» !\nHai.", "Một.\nHai."),
    "two lines": ("Một.\n«X\nX»\nHai.", "Một.\nHai."),
    "two, one beside the other": ("Một.\n«X»\n«X»\nHai.", "Một.\nHai."),
    "two, a blank line between": ("Một.\n\n«X»\n\n«X»\n\nHai.", "Một.\n\nHai."),
    "the whole document": ("«X»", ""),
}


@pytest.mark.parametrize(("marked", "cleaned"), LINES.values(), ids=LINES)
def test_a_line_goes_with_its_line_break_and_no_blank_line_is_left(
    marked: str, cleaned: str
) -> None:
    assert clean(marked.replace("X", "Đăng nhập"), "line") == cleaned


PIECES = {
    "behind a dash": ("16/01/2018 - «X»", "16/01/2018"),
    "behind a dash, a line follows": ("16/01/2018 - «X»\nHai.", "16/01/2018\nHai."),
    "CRLF": ("16/01/2018 - «X»\r\nHai.", "16/01/2018\r\nHai."),
    "blanks at the end of the line": ("16/01/2018 | «X»  \nHai.", "16/01/2018\nHai."),
    "between two": ("Một | «X» | Hai", "Một | Hai"),
    "first": ("«X» | Hai", "Hai"),
    "first, before a bracket": ("«X» - (Hai)", "(Hai)"),
    "behind a full stop": ("Một. «X»", "Một."),
    "behind a quotation mark": ("“Một” - «X»", "“Một”"),
    "in brackets": ("Một [«X»] hai", "Một [] hai"),
    "with its opening bracket": ("Một «[X»] hai", "Một hai"),
    "behind a decomposed letter": ("Hoa\u0300 - «X»", "Hoa\u0300"),
    "behind an emoji": ("Vui 🎉 - «X»", "Vui 🎉"),
    "before an emoji": ("«X» - 🎉 vui", "🎉 vui"),
    "behind a currency sign": ("Giá 5₫ - «X»", "Giá 5₫"),
}


@pytest.mark.parametrize(("marked", "cleaned"), PIECES.values(), ids=PIECES)
def test_a_piece_goes_with_the_separator_before_it(marked: str, cleaned: str) -> None:
    assert clean(marked.replace("X", "Lượt đọc: 7665"), "piece") == cleaned


def test_an_edit_that_takes_words_of_the_article_is_lossy() -> None:
    text, (span,) = unmark("tại «sòng bài», có")

    for scope in SCOPES:
        _, (edit,) = resolve(text, [proposal(span, scope)], GAP)
        assert edit.lossy is (scope == "phrase")


def test_a_finding_names_its_edit_and_action() -> None:
    text, spans = unmark("Tại «sòng bài», có\n«Đăng nhập»\nMai họp «8 giờ».")
    proposals = [
        proposal(spans[0], "phrase"),
        proposal(spans[1], "line"),
        proposal(spans[2], "phrase", act=False),
    ]

    findings, edits = resolve(text, proposals, GAP)

    assert [(f.action, f.edit) for f in findings] == [("replace", 0), ("remove", 1), ("flag", None)]
    assert [f.text for f in findings] == ["sòng bài", "Đăng nhập", "8 giờ"]
    assert len(edits) == 2


def test_a_finding_within_a_larger_edit_names_it() -> None:
    text, (outer,) = unmark("Một.\n«Vào sòng bài ngay\nĐăng nhập»\nHai.")
    inner = Span(outer.start + 4, outer.start + 12)

    findings, edits = resolve(text, [proposal(inner, "phrase"), proposal(outer, "line")], GAP)

    assert len(edits) == 1
    assert [f.edit for f in findings] == [0, 0]


def test_lines_that_go_together_are_one_edit() -> None:
    text, spans = unmark("Một.\n«Đăng nhập»\n\n«Tin khác»\nHai.")
    reach = Span(spans[0].start, spans[1].end)

    findings, edits = resolve(text, [proposal(s, "line", reach=reach) for s in spans], GAP)

    assert apply_edits(text, edits) == "Một.\nHai."
    assert [f.edit for f in findings] == [0, 0]


def test_findings_are_in_the_order_of_the_text_whatever_the_order_of_proposals() -> None:
    text, spans = unmark("tại «a», «b», «c»; «d»")
    proposals = [proposal(span, "phrase") for span in spans]

    assert resolve(text, proposals, GAP) == resolve(text, proposals[::-1], GAP)


@pytest.mark.parametrize(
    ("marked", "scope"),
    [
        ("<scr«sòng bài»ipt>", "sentence"),
        ("< «Sòng bài.»script>", "sentence"),
        ("&«sòng bài»lt;", "sentence"),
        ("[a]«Sòng bài.»(b)", "sentence"),
        ("<«Sòng bài.»!-- a", "sentence"),
        ("a -«Sòng bài.»->", "sentence"),
        ("<«Sòng»«bài»b>", "sentence"),
        ("&«Sòng.»l«Bài.»t;", "sentence"),
        ("[a«Sòng bài»](b)", "phrase"),
    ],
)
def test_no_markup_arises_at_a_seam(marked: str, scope: str) -> None:
    text, _ = unmark(marked)

    cleaned = clean(marked, scope)

    assert markup(cleaned) <= markup(text) | {"]("}
    assert cleaned.count("](") <= text.count("](")


def test_a_gap_mark_of_markup_is_the_users_own_wish() -> None:
    assert clean("tại «sòng bài», có", "phrase", gap="<!-- … -->") == "tại <!-- … -->, có"


def test_halves_of_a_character_do_not_become_one() -> None:
    # Bytes that were no UTF-8 stand as lone surrogates; side by side they would be another text.
    cleaned = clean("Một.\udcc3«Sòng bài.»\udca9", "sentence")

    assert cleaned.encode("utf-8", "surrogateescape").decode("utf-8", "replace").count("é") == 0


def test_a_phrase_does_not_join_the_furniture_of_the_next_line() -> None:
    text, spans = unmark("Đoàn đến thăm «sòng bài uy tín»\n«anh tin bai»\nMai họp.")
    proposals = [proposal(spans[0], "phrase"), proposal(spans[1], "line")]

    _, edits = resolve(text, proposals, GAP)

    assert apply_edits(text, edits).startswith("Đoàn đến thăm ")
    assert "anh tin bai" not in apply_edits(text, edits)
    assert apply_edits(text, edits).endswith("\nMai họp.")


def test_the_sentences_own_punctuation_is_not_taken_for_a_line() -> None:
    text, spans = unmark("trên địa bàn «sòng bài uy tín»\n«…»\nMai họp.")
    proposals = [proposal(spans[0], "phrase"), proposal(spans[1], "line")]

    _, edits = resolve(text, proposals, GAP)

    assert apply_edits(text, edits) == "trên địa bàn […]…\nMai họp."


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("X, có", False),
        ("X\n, có", True),
        ("X\r\n, có", True),
        ("X\n…", True),
        ("X\ncó hai", False),
        ("X\nCó hai", False),
        ("X\n\n, có", False),
        ("X", False),
        ("X\n", False),
    ],
)
def test_a_line_break_before_closing_punctuation_is_a_sure_scar(text: str, goes_on: bool) -> None:
    assert sentence_goes_on(text, 1, sure=True) is goes_on


def test_a_line_break_before_a_small_letter_is_a_likely_scar() -> None:
    assert sentence_goes_on("X\ncó hai", 1, sure=False)
    assert not sentence_goes_on("X\nCó hai", 1, sure=False)


@st.composite
def proposed(draw: st.DrawFn) -> tuple[str, list[Proposal]]:
    """A text and spans of it that begin and end at visible characters, of all scopes.

    Only lines span line breaks.
    """
    text = draw(strategies.documents)
    visible = [index for index, c in enumerate(text) if not c.isspace() and c.isprintable()]
    if not visible:
        return text, []
    found: list[Proposal] = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.sampled_from(visible))
        scope = draw(st.sampled_from(SCOPES))
        end = start + draw(st.sampled_from([1, 3, 8, 20, 60]))
        if scope != "line":
            end = min(end, *(text.find(c, start) % (len(text) + 1) for c in "\r\n"))
        end = max(place for place in visible if place < end or place == start) + 1
        act = draw(st.sampled_from([True, True, True, False]))
        found.append(proposal(Span(start, end), scope, act=act))
    return text, found


gaps = st.sampled_from([GAP, "", "..."])


def markup(text: str) -> set[str]:
    return set(re.findall(r"<[A-Za-z/!?]|&#?\w+;|\]\(|-->", text))


@EXAMPLES
@given(proposed(), gaps)
def test_edits_describe_the_text_and_undo(case: tuple[str, list[Proposal]], gap: str) -> None:
    text, proposals = case

    findings, edits = resolve(text, proposals, gap)

    assert all(a.end <= b.start for a, b in itertools.pairwise(edits))
    assert all(text[e.start : e.end] == e.original for e in edits)
    assert undo_edits(apply_edits(text, edits), edits) == text
    assert len(findings) == len(proposals)
    assert all(_is_linked(finding, edits) for finding in findings)


def _is_linked(finding: Finding, edits: tuple[Edit, ...]) -> bool:
    if finding.edit is None:
        return finding.action == "flag"
    edit = edits[finding.edit]
    return edit.start <= finding.span.start and finding.span.end <= edit.end


@EXAMPLES
@given(proposed(), gaps)
def test_one_proposal_at_least_is_carried_out(case: tuple[str, list[Proposal]], gap: str) -> None:
    text, proposals = case

    _, edits = resolve(text, proposals, gap)

    if "<" not in text and "&" not in text and "]" not in text and "-" not in text:
        assert bool(edits) is any(p.act for p in proposals)


@EXAMPLES
@given(proposed(), gaps)
def test_no_markup_arises(case: tuple[str, list[Proposal]], gap: str) -> None:
    text, proposals = case

    _, edits = resolve(text, proposals, gap)

    assert markup(apply_edits(text, edits)) <= markup(text)


@EXAMPLES
@given(proposed(), gaps)
def test_no_removal_joins_words_or_lines_or_leaves_blanks_side_by_side(
    case: tuple[str, list[Proposal]], gap: str
) -> None:
    text, proposals = case

    _, edits = resolve(text, proposals, gap)

    check_seams(text, edits)
