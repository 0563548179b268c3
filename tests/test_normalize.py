"""The matching view: what it undoes, and the map back to the original."""

from __future__ import annotations

import itertools
import sys
import unicodedata

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.normalize import matching_view
from injectclean.tokens import find_tokens, fold

EXAMPLES = settings(deadline=None, derandomize=True, max_examples=150)
PHRASE = "sòng bài online uy tín"

texts = st.one_of(strategies.documents, st.text(max_size=60))


def shifted(start: int, letters: str = "song bai") -> str:
    """Lower-case ASCII letters moved to the alphabet that begins at ``start``."""
    return "".join(chr(start + ord(c) - ord("a")) if c.isalpha() else c for c in letters)


DISGUISES = {
    "decomposed": (unicodedata.normalize("NFD", PHRASE), PHRASE),
    "half decomposed": (
        "s" + unicodedata.normalize("NFD", "òng bài") + " online",
        "sòng bài online",
    ),
    "odd order of marks": ("ba\u0323\u0302y", "bậy"),
    "zero-width space": ("\u200b".join(PHRASE), PHRASE),
    "zero-width joiner": ("\u200d".join(PHRASE), PHRASE),
    "word joiner": ("\u2060".join(PHRASE), PHRASE),
    "soft hyphen": ("\u00ad".join(PHRASE), PHRASE),
    "byte-order mark": ("\ufeff".join(PHRASE), PHRASE),
    "bidi override": ("sò\u202eng\u202c bài\u2069", "sòng bài"),
    "variation selector": ("\ufe0f".join(PHRASE), PHRASE),
    "tag characters": ("s\U000e0041òng bài", "sòng bài"),
    "zero-width before a mark": ("so\u200b\u0300ng", "sòng"),
    "no-break space": ("sòng\u00a0bài", "sòng bài"),
    "ideographic space": ("sòng\u3000bài", "sòng bài"),
    "thin space": ("sòng\u2009bài", "sòng bài"),
    "fullwidth": ("ｓòｎｇ　ｂàｉ　８８", "sòng bài 88"),
    "mathematical bold": (shifted(0x1D41A), "song bai"),
    "mathematical script": (shifted(0x1D4D0 + 26), "song bai"),
    "monospace": (shifted(0x1D68A), "song bai"),
    "circled": (shifted(0x24D0), "song bai"),
    "parenthesized": (shifted(0x249C), "(s)(o)(n)(g) (b)(a)(i)"),
    "squared": (shifted(0x1F130), "SONG BAI"),
    "negative circled": (shifted(0x1F150), "SONG BAI"),
    "negative squared": (shifted(0x1F170), "SONG BAI"),
    "superscript": ("ˢᵒⁿᵍ", "song"),
    "ligature": ("o\ufb03ce", "office"),
    "long s": ("ſòng bài", "sòng bài"),
    "Cyrillic": ("sоng bаi", "song bai"),
    "Greek": ("sοng bαi", "song bai"),
    "Armenian": ("sօng", "song"),
    "hooked": ("sonɡ", "song"),
    "eth for đ": ("ðổi thưởng", "đổi thưởng"),
    "combining overlay": ("s\u0336o\u0336n\u0336g\u0336", "song"),
    "enclosing circle": ("s\u20ddo\u20ddn\u20ddg\u20dd", "song"),
    "keycap": ("8\ufe0f\u20e38\ufe0f\u20e3", "88"),
}


@pytest.mark.parametrize(("disguised", "plain"), DISGUISES.values(), ids=DISGUISES)
def test_a_disguise_is_undone(disguised: str, plain: str) -> None:
    view = matching_view(f"Tại {disguised}, hôm nay")

    assert view.text == f"Tại {plain}, hôm nay"
    assert view.span(4, 4 + len(plain)) == (4, 4 + len(disguised))


@pytest.mark.parametrize(
    "text",
    [
        "plain ascii, 1 < 2",
        "Bà con được mùa; đường làng ngõ xóm",
        "Москва и Киев",
        "Αθήνα",
        "จังหวัดเชียงใหม่",
        "北京市 東京都 서울",
        "5° – “ngoặc” … • 100%",
        "a\r\nb\n\nc\x0bd\x85e",
        "🎉 vui 👍🏽",
    ],
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert matching_view(text).text == text


def test_a_word_all_of_look_alikes_is_a_word_of_that_script() -> None:
    assert matching_view("сосна sоng").text == "сосна song"


def test_a_word_with_letters_of_the_other_script_stays() -> None:
    assert matching_view("bанк").text == "bанк"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", strategies.PARAGRAPHS)
def test_the_view_does_not_depend_on_the_normal_form(text: str, form: str) -> None:
    assert matching_view(unicodedata.normalize(form, text)).text == text


def test_a_mark_on_a_line_break_leaves_the_line_break() -> None:
    assert matching_view("a\n\u0301b\r\n\u200bc").text == "a\nb\r\nc"


@EXAMPLES
@given(texts)
def test_every_character_of_the_view_maps_to_a_place_of_the_original(text: str) -> None:
    view = matching_view(text)

    places = [view.span(index, index + 1) for index in range(len(view.text))]

    assert all(0 <= start < end <= len(text) for start, end in places)


@EXAMPLES
@given(texts)
def test_the_map_never_goes_back(text: str) -> None:
    view = matching_view(text)
    places = [view.span(index, index + 1) for index in range(len(view.text))]

    for (start, end), (next_start, next_end) in itertools.pairwise(places):
        same_cluster = (start, end) == (next_start, next_end)
        assert same_cluster or end <= next_start


@EXAMPLES
@given(texts)
def test_lines_of_the_view_are_lines_of_the_text(text: str) -> None:
    view = matching_view(text)

    breaks = [view.span(i, i + 1)[0] for i, c in enumerate(view.text) if c == "\n"]

    assert breaks == [index for index, c in enumerate(text) if c == "\n"]


@EXAMPLES
@given(texts)
def test_words_that_need_no_rewriting_are_in_the_view_as_they_are(text: str) -> None:
    view = matching_view(text)

    for index, character in enumerate(view.text):
        start, end = view.span(index, index + 1)
        if end - start == 1 and text[start].isascii():
            assert character == text[start:end]


@EXAMPLES
@given(st.sampled_from(strategies.PHRASES).flatmap(strategies.disguises))
def test_a_disguised_phrase_has_the_folds_of_the_plain_one(disguised: str) -> None:
    folds = {tuple(map(fold, find_tokens(phrase))) for phrase in strategies.PHRASES}

    assert tuple(map(fold, find_tokens(matching_view(disguised).text))) in folds


def test_the_map_of_a_rewritten_text_is_small() -> None:
    text = "a\u200b" + "được mùa " * 1000

    view = matching_view(text)

    assert sys.getsizeof(view._starts) < 6 * len(text), "a map costs a few bytes a character"
