"""How far a finding reaches beyond its tokens."""

from __future__ import annotations

import pytest

from injectclean.extent import reach


@pytest.mark.parametrize(
    ("before", "tokens", "signs", "after", "scope"),
    [
        ("đã vay ", "lãi suất 0", "%", " của họ", "phrase"),
        ("đã xem ", "lãi suất 0", "", " % của họ", "phrase"),
        ("Hội ", "thám tử sheowin", ".vn", " viết thư", "phrase"),
        ("Hội ", "thám tử", "", ". họ viết thư", "phrase"),
        ("đi ", "本店质量保证", "。", " ngày mai", "phrase"),
        ("Hết.\n", "Vay nóng ngay hôm nay", "!", "\nRồi", "line"),
        ("Hết.\n", "Vay lãi 0", "%!", "\nRồi", "line"),
        ("Hết. ", "Vay nóng ngay", "!", " Rồi mai", "sentence"),
    ],
)
def test_what_belongs_to_the_last_word_goes_with_it(
    before: str, tokens: str, signs: str, after: str, scope: str
) -> None:
    text = before + tokens + signs + after
    start = len(before)

    found = reach(text, start, start + len(tokens))

    assert found == (start, start + len(tokens + signs), scope)


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


@pytest.mark.parametrize(
    ("before", "within", "inside", "beyond", "after"),
    [
        ("<p>Trồng cỏ. ", "", "Vay nóng 5 phút", "</p", ">"),
        ("<p>Trồng cỏ. ", "", "Vay nóng 5 phút", " </strong></p", ">\n"),
        ("<", "p>", "Vay nóng 5 phút", "<br", "/> còn nữa"),
        ("<a ", "href='x'>", "Vay <i>nóng</i> 5 phút", "</a> </p", ">"),
        ("a ", "", "vay nóng x<y và y", "", " phút"),
    ],
)
def test_tags_around_stay_whole(
    before: str, within: str, inside: str, beyond: str, after: str
) -> None:
    text = before + within + inside + beyond + after
    start = len(before + within)

    found = reach(text, len(before), start + len(inside + beyond))

    assert found[:2] == (start, start + len(inside))
