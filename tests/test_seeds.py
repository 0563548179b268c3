"""The five real documents with the shipped model: issue 2, what it must do on the seeds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from cli_tools import SEEDS

from injectclean import Cleaned, Finding, Scanner, clean, restore

PATHS = sorted(SEEDS.glob("*.txt"))
PHRASE = "sòng bài online uy tín"
# What stands around each of the four in the original, and in the cleaned text.
GAPS = {
    "Tham dự tại điểm cầu sòng bài online uy tín\n, có đồng chí Tẩn Thị Quế":
        "Tham dự tại điểm cầu […], có đồng chí Tẩn Thị Quế",
    "cá nhân tại điểm cầu sòng bài online uy tín\n.\n": "cá nhân tại điểm cầu […].\n",
    "trên địa bàn sòng bài online uy tín\n…\n": "trên địa bàn […]…\n",
    "Trong đó, sòng bài online uy tín\ncó 2 tập thể": "Trong đó, […] có 2 tập thể",
}  # fmt: skip
# Lines that go, counted from the first one; all others stay as they are, to the letter.
GOES_FROM = {
    "001": "Tin Liên Quan",
    "002": "Tin khác",
    "003": "Bình luận",
    "004": "  • BẢN ĐỒ HÀNH CHÍNH",
}
GOES_ALONE = {
    "002": "anh tin bai",
    "003": "Thứ năm, 25/04/2024, 20:37 [GMT+7]",
    "004": "TRANG THÔNG TIN ĐIỆN TỬ ĐẢNG BỘ TỈNH ĐIỆN BIÊN",
}
STAYS = {
    "000": ("Trọng Hoản",),
    "001": (
        "Quang cảnh hội nghị.",
        "Bí thư Tỉnh ủy Nguyễn Văn Vịnh phát biểu tại hội nghị.",
        "Theo Thành Phú/LCĐT",
    ),
    "002": (
        "Các đại biểu thảo luận tại Hội nghị",
        "Đồng chí Thào A Sinh - Phó Bí thư Thường trực Thị uỷ phát biểu tại Hội nghị",
        "Đồng chí Lê Đình Lợi - Phó Ban Dân vận Tỉnh ủy phát biểu tại Hội nghị",
        "Hồng Hải (Trng tâm VH,TT-TT Sa Pa)",
    ),
    "003": ("Thứ ba, 16/01/2018 - 21:39'", "Thanh Hiền"),
    "004": (
        "• Thời gian đăng: 13/07/2021 03:02:42 PM",
        "(Đồng chí Mùa A Sơn, Phó Bí thư Thường trực Tỉnh ủy, "
        "phát biểu tham gia ý kiến tại Hội nghị)",
        "Tin, ảnh: Lý Thanh Tiềm",
    ),
}
COUNTER = " - Lượt đọc: 7665"
IMAGE = "IMG_4018.jpg"


def text_of(number: str) -> str:
    [path] = [path for path in PATHS if path.name.startswith(number)]
    return path.read_bytes().decode()


@cache
def cleaned(number: str) -> Cleaned:
    return clean(text_of(number))


def injected(number: str) -> list[Finding]:
    return [finding for finding in cleaned(number).report.findings if finding.is_injected]


def visible_lines(text: str) -> list[str]:
    """The lines that are not blank, with the blanks at their start."""
    return [line.rstrip() for line in text.split("\n") if line.strip()]


# 000: four injections


def test_the_four_injections_of_000_are_found_each_exactly() -> None:
    text = text_of("000")
    starts = [at for at in range(len(text)) if text.startswith(PHRASE, at)]

    found = injected("000")

    assert [finding.text for finding in found] == [PHRASE] * 4
    assert [finding.span.start for finding in found] == starts


def test_the_injections_of_000_are_gambling() -> None:
    assert {finding.category for finding in injected("000")} == {"injected/gambling"}


def test_one_phrase_gets_one_verdict() -> None:
    assert len({finding.score for finding in injected("000")}) == 1


@pytest.mark.parametrize(("before", "after"), GAPS.items(), ids=["comma", "stop", "dots", "word"])
def test_an_injection_leaves_a_gap_and_takes_its_scar(before: str, after: str) -> None:
    assert text_of("000").count(before) == 1

    assert cleaned("000").text.count(after) == 1


def test_nothing_else_in_000_is_edited() -> None:
    expected = text_of("000")
    for before, after in GAPS.items():
        expected = expected.replace(before, after)

    assert cleaned("000").text == expected


def test_the_gaps_of_000_are_known_to_be_losses() -> None:
    edits = cleaned("000").report.edits

    assert [edit.lossy for edit in edits] == [True] * 4


def test_the_phrase_is_nowhere_in_the_cleaned_text() -> None:
    assert "sòng bài" not in cleaned("000").text


def test_000_is_blocked() -> None:
    assert cleaned("000").report.verdict == "block"


# 001 to 004: page furniture


@pytest.mark.parametrize("number", ["001", "002", "003", "004"])
def test_a_page_with_only_furniture_passes(number: str) -> None:
    assert injected(number) == []
    assert cleaned(number).report.verdict == "pass"


@pytest.mark.parametrize("number", ["001", "002", "003", "004"])
def test_the_furniture_goes_and_all_else_stays(number: str) -> None:
    kept = visible_lines(text_of(number))
    kept = kept[: kept.index(GOES_FROM[number])]
    if number == "004":
        kept = [line.removesuffix(COUNTER) for line in kept if line.strip() != IMAGE]

    expected = [line for line in kept if line != GOES_ALONE.get(number)]

    assert visible_lines(cleaned(number).text) == expected


def test_all_seven_image_placeholders_of_002_go() -> None:
    assert text_of("002").count("anh tin bai") == 7

    assert "anh tin bai" not in cleaned("002").text


def test_only_the_counter_goes_from_the_date_line_of_004() -> None:
    assert COUNTER in text_of("004")

    assert "  • Thời gian đăng: 13/07/2021 03:02:42 PM\n" in cleaned("004").text


# All five


@pytest.mark.parametrize("number", STAYS)
def test_captions_dates_and_by_lines_stay(number: str) -> None:
    kept = [line.strip() for line in cleaned(number).text.split("\n")]

    assert [line for line in STAYS[number] if line not in kept] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:3])
def test_restoring_gives_the_bytes_back(path: Path) -> None:
    result = cleaned(path.name[:3])

    assert restore(result.text, result.report).encode() == path.read_bytes()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:3])
def test_a_cleaned_seed_stays_as_it_is(path: Path) -> None:
    result = cleaned(path.name[:3])

    again = clean(result.text)

    assert again.text == result.text
    assert [finding for finding in again.report.findings if finding.edit is not None] == []


@pytest.mark.parametrize("sign", ["\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:3])
def test_whatever_ends_lines_the_same_goes(path: Path, sign: str) -> None:
    text = text_of(path.name[:3]).replace("\n", sign)

    result = clean(text)

    assert result.text == cleaned(path.name[:3]).text.replace("\n", sign)
    assert restore(result.text, result.report) == text


def test_other_seeds_before_it_do_not_change_a_report() -> None:
    scanner = Scanner()
    texts = [text_of(path.name[:3]) for path in PATHS]

    backwards = [scanner.scan(text) for text in reversed(texts)]

    assert backwards[::-1] == [cleaned(path.name[:3]).report for path in PATHS]
