"""How far a finding reaches beyond its tokens."""

from __future__ import annotations

import pytest

from injectclean.extent import reach


def unmarked(marked: str) -> tuple[str, dict[str, int]]:
    """The text without its marks: ``[`` and ``]`` around tokens, ``{`` and ``}`` around a span."""
    places: dict[str, int] = {}
    text = ""
    for letter in marked:
        if letter in "[]{}":
            places[letter] = len(text)
        else:
            text += letter
    return text, places


@pytest.mark.parametrize(
    ("marked", "scope"),
    [
        ("đã vay {[lãi suất 0]%} của họ", "phrase"),
        ("đã xem {[lãi suất 0]} % của họ", "phrase"),
        ("Hội {[thám tử sheowin].vn} viết thư", "phrase"),
        ("Hội {[thám tử]}. họ viết thư", "phrase"),
        ("đi {[本店质量保证]。} ngày mai", "phrase"),
        ("Hết.\n{[Vay nóng ngay hôm nay]!}\nRồi", "line"),
        ("Hết.\n{[Vay lãi 0]%!}\nRồi", "line"),
        ("Hết. {[Vay nóng ngay]!} Rồi mai", "sentence"),
        ("<p>Trồng cỏ. {[Vay nóng 5 phút}</p]>", "phrase"),
        ("<p>Trồng cỏ. {[Vay nóng 5 phút} </strong></p]>\n", "phrase"),
        ("<[p>{Vay nóng 5 phút}<br]/> còn nữa", "phrase"),
        ("<a [href='x'>{Vay <i>nóng</i> 5 phút}</a> </p]>", "phrase"),
        ("a {[vay nóng x<y và y]} phút", "phrase"),
    ],
)
def test_a_finding_has_what_belongs_to_its_words_and_no_part_of_a_tag_at_its_ends(
    marked: str, scope: str
) -> None:
    text, places = unmarked(marked)

    found = reach(text, places["["], places["]"])

    assert found == (places["{"], places["}"], scope)


@pytest.mark.parametrize("sign", ["#", "@", "¿", "$"])
def test_what_belongs_to_the_first_word_goes_with_it(sign: str) -> None:
    text = f"Họ xem {sign}vaynong rồi đi"
    start = text.index("vaynong")

    assert reach(text, start, start + 7) == (start - 1, start + 7, "phrase")


def test_an_address_is_not_cut_at_its_sign() -> None:
    text = "thư tới toasoan@vaynong cho họ"
    start = text.index("vaynong")

    assert reach(text, start, start + 7) == (start, start + 7, "phrase")


def test_quotes_around_a_line_go_with_it_and_others_stay() -> None:
    line, inside = "“Vay nóng ngay!”", "Bài “Vay nóng ngay” hay"

    assert reach(line, 1, 14) == (0, 16, "line")
    assert reach(inside, 5, 18) == (5, 18, "phrase")
