"""The tokenizer, the fold and the features that every model reads."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.normalize import matching_view
from injectclean.tokens import (
    MAX_TOKEN,
    find_tokens,
    fold,
    pair_feature,
    spelling,
    text_features,
    token_features,
    tokenize,
)

EXAMPLES = settings(deadline=None, derandomize=True, max_examples=150)
texts = st.one_of(strategies.documents, st.text(max_size=60))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t ", []),
        ("Sòng bài\nBET88.com", ["Sòng", "bài", "BET88", "com"]),
        ("snake_case-and/slash", ["snake", "case", "and", "slash"]),
        ("25-NQ/TW", ["25", "NQ", "TW"]),
        ("1.234,5%", ["1", "234", "5"]),
        ("网上赌场ok", ["网", "上", "赌", "场", "ok"]),
        ("カジノ", ["カ", "ジ", "ノ"]),
        ("सट्टा किंग 88", ["सट्टा", "किंग", "88"]),
        ("កាស៊ីណូ អនឡាញ", ["កាស៊ីណូ", "អនឡាញ"]),
        ("קָזִינוֹ ok", ["קָזִינוֹ", "ok"]),
        ("🎉vui👍", ["vui"]),
        ("a\ud800b", ["a", "b"]),
        ("จังหวัด", ["จังหวัด"]),
    ],
)
def test_tokens_are_runs_of_letters_and_digits(text: str, tokens: list[str]) -> None:
    assert find_tokens(text) == tokens
    assert [token.text for token in tokenize(text)] == tokens


@pytest.mark.parametrize(
    ("length", "sizes"),
    [
        (MAX_TOKEN, [MAX_TOKEN]),
        (MAX_TOKEN + 1, [MAX_TOKEN, 1]),
        (3 * MAX_TOKEN, [MAX_TOKEN, MAX_TOKEN, MAX_TOKEN]),
    ],
)
def test_a_very_long_run_is_cut(length: int, sizes: list[int]) -> None:
    assert [len(token) for token in find_tokens("a" * length)] == sizes


@EXAMPLES
@given(texts)
def test_tokens_stand_where_they_say_in_order(text: str) -> None:
    tokens = tokenize(text)

    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert all(a.end <= b.start for a, b in itertools.pairwise(tokens))
    assert all(token.folded for token in tokens)


@EXAMPLES
@given(texts, st.data())
def test_a_part_of_a_text_is_tokenized_at_its_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    tokens = tokenize(text, start, end)

    assert [t.text for t in tokens] == find_tokens(text[start:end])
    assert all(start <= t.start and t.end <= end for t in tokens)


@pytest.mark.parametrize(
    ("token", "folded"),
    [
        ("Sòng", "song"),
        ("ĐƯỢC", "duoc"),
        ("BET88", "bet88"),
        ("straße", "strasse"),
        ("Москва", "moskva"),
        ("赌", "du"),
        ("İ", "i"),
    ],
)
def test_fold_is_lower_case_ascii(token: str, folded: str) -> None:
    assert fold(token) == folded


@EXAMPLES
@given(texts)
def test_fold_never_empties_a_token_and_settles(text: str) -> None:
    for token in find_tokens(text):
        assert fold(token)
        assert fold(fold(token)) == fold(token)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hòa"),
        ("Thuỷ", "thủy"),
        ("khoẻ", "khỏe"),
        ("quý", unicodedata.normalize("NFD", "quý")),
    ],
)
def test_spelling_does_not_mind_where_the_tone_is_written(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ma", "má"), ("mà", "má"), ("ba", "bà"), ("dau", "đau")]
)
def test_spelling_keeps_different_words_apart(one: str, other: str) -> None:
    assert spelling(one) != spelling(other)


def test_features_of_a_token_are_its_fold_spelling_and_n_grams() -> None:
    assert token_features("Bài", "bai") == [
        "t", "w bai", "d bai1", "c ^ba", "c bai", "c ai$", "c ^bai", "c bai$",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "feature"), [("7", "n 1"), ("2024", "n 4"), ("1" * 20, "n 9")])
def test_a_number_is_known_by_its_length_only(number: str, feature: str) -> None:
    assert token_features(number, number) == ["t", feature]


def test_features_of_a_text_hold_the_pairs_of_neighbours() -> None:
    features = text_features("Sòng bài")

    assert [f for f in features if f.startswith("p ")] == [pair_feature("song", "bai")]
    assert features.count("t") == 2


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", [*strategies.PARAGRAPHS, *strategies.PHRASES])
def test_features_do_not_depend_on_the_normal_form(text: str, form: str) -> None:
    view = matching_view(unicodedata.normalize(form, text))

    assert text_features(view.text) == text_features(text)
