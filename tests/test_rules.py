"""The user's rules and exceptions: what they match, and what is refused when they are made."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.errors import ConfigError
from injectclean.normalize import matching_view
from injectclean.rules import Rule, find_allow, find_rule, make_allow, make_rule
from injectclean.tokens import tokenize

EXAMPLES = settings(deadline=None, derandomize=True, max_examples=100)


def entry(**changes: Any) -> dict[str, Any]:
    values = {
        "id": "house",
        "phrase": "nhà cái",
        "category": "injected/gambling",
        "match": ["vào nhà cái ngay"],
        "no_match": ["nhà có cái sân"],
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def found(rule: Rule, text: str) -> list[str]:
    view = matching_view(text)
    tokens = tokenize(view.text)
    places = [
        view.span(tokens[match.start].start, tokens[match.end - 1].end)
        for match in find_rule(rule, view.text, tokens)
    ]
    return [text[start:end] for start, end in places]


@pytest.mark.parametrize(
    "text",
    [
        "vào nhà cái ngay",
        "NHÀ CÁI",
        "nha cai",
        "nhà  cái",
        "nhà\u00a0cái",
        "nhà\ncái",
        "nhà-cái",
        "“nhà” cái",
        unicodedata.normalize("NFD", "nhà cái"),
        "n\u200bhà c\u200bái",
        "ｎｈà ｃáｉ",
        "nhà cái, nhà cái"[:9],
    ],
)
def test_a_phrase_matches_through_case_marks_and_disguises(text: str) -> None:
    assert len(found(make_rule(entry(), 1), text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nhà",
        "nhà có cái",
        "nhànước cái",
        "nhà cáix",
        "về nhà. Cái này",
        "nhà!\nCái",
        "nhà\n\ncái",
    ],
)
def test_a_phrase_matches_whole_words_of_one_sentence(text: str) -> None:
    assert found(make_rule(entry(), 1), text) == []


def test_an_address_is_no_end_of_a_sentence() -> None:
    rule = make_rule(entry(phrase="bet88.com", match=["bet88.com"], no_match=["bet88. Com"]), 1)

    assert found(rule, "vào BET88.COM.") == ["BET88.COM"]


def test_matches_are_found_from_the_left_and_do_not_overlap() -> None:
    rule = make_rule(entry(phrase="ha ha", match=["ha ha"], no_match=["ha"]), 1)

    assert found(rule, "ha ha ha, ha ha") == ["ha ha", "ha, ha"]


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("nhà cái *88", "Nhà cái XYZ88, hôm nay", ["Nhà cái XYZ88"]),
        ("nhà cái *88", "nhà cái 1988", ["nhà cái 1988"]),
        ("nhà cái *88", "nhà cái này", []),
        ("bet??", "bet88 bet888 bet8", ["bet88"]),
        ("*bet*", "sbet kubet88 be t", ["sbet", "kubet88"]),
        ("bet*.com", "BET88.com bet88 .net", ["BET88.com"]),
        ("b*t-vip", "b1t vip", ["b1t vip"]),
        ("sòng*", "Sông Đà sòng", ["Sông", "sòng"]),
        ("[ab]*", "a, ab c1", ["ab c1"]),
    ],
)
def test_a_star_and_a_question_mark_stand_for_letters_of_one_word(
    pattern: str, text: str, matched: list[str]
) -> None:
    example = matched[0] if matched else "nhà cái x88"
    rule = make_rule(entry(phrase=None, pattern=pattern, match=[example], no_match=["xã"]), 1)

    assert found(rule, text) == matched


def test_a_pattern_of_many_stars_is_fast() -> None:
    rule = make_rule(
        entry(phrase=None, pattern="*a*a*a*a*a*b", match=["aaaaaab"], no_match=["b"]), 1
    )

    assert found(rule, "a" * 100_000) == []


@EXAMPLES
@given(strategies.documents, st.sampled_from(strategies.PHRASES))
def test_what_a_rule_matches_has_its_words(text: str, phrase: str) -> None:
    rule = make_rule(entry(phrase=phrase, match=[phrase], no_match=["xã"]), 1)

    for matched in found(rule, text):
        words = [token.folded for token in tokenize(matching_view(matched).text)]
        assert words == [token.folded for token in tokenize(phrase)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phrase": None}, r"rules\[house\]: give either a phrase or a pattern"),
        ({"pattern": "nhà *"}, "give either a phrase or a pattern"),
        ({"phrase": ""}, "phrase must be a text"),
        ({"phrase": 3}, "phrase must be a text"),
        ({"phrase": "!!!"}, "holds no word"),
        ({"phrase": None, "pattern": "***"}, "holds no letter"),
        ({"id": None}, r"rules\[1\]: id must be a text"),
        ({"category": None}, "category must be a text"),
        ({"category": "gambling"}, "no category 'gambling'"),
        ({"category": "injected"}, "no category 'injected'"),
        ({"action": "delete"}, "action 'delete' is not one of remove, replace, flag"),
        ({"reason": " "}, "reason must be a text"),
        ({"match": None}, "'match' and under 'no_match'"),
        ({"match": []}, "'match' and under 'no_match'"),
        ({"match": "nhà cái"}, "as lists"),
        ({"match": [""]}, "match must be a text"),
        ({"match": [1]}, "match must be a text"),
        ({"no_match": None}, "'match' and under 'no_match'"),
        ({"match": ["nhà nước"]}, "does not match its own match text 'nhà nước'"),
        ({"no_match": ["vào NHA CAI"]}, "matches its own no_match text 'vào NHA CAI'"),
        ({"phrases": ["nhà cái"]}, "unknown key 'phrases'"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_rule(entry(**changes), 1)


def test_a_rule_is_proved_on_texts_as_they_will_be_read() -> None:
    make_rule(entry(phrase=unicodedata.normalize("NFD", "nhà cái"), match=["n\u200bhà cái"]), 1)


def test_a_rule_has_a_reason_of_its_own_or_names_itself() -> None:
    assert make_rule(entry(), 1).reason == "rule house: nhà cái"
    assert make_rule(entry(reason="bản quyền"), 1).reason == "bản quyền"
    assert make_rule(entry(), 1).action == "remove"


def allowance(**changes: Any) -> dict[str, Any]:
    values = {"text": "Sòng bài Phú Quốc", "reason": "tên dự án trong bài", **changes}
    return {key: value for key, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": None}, r"allow\[1\]: an exception needs a reason"),
        ({"reason": "  "}, "an exception needs a reason"),
        ({"text": None}, "text must be a text"),
        ({"text": "…!"}, "holds no word"),
        ({"category": "gambling"}, "no category 'gambling'"),
        ({"until": "2027"}, "unknown key 'until'"),
    ],
)
def test_an_exception_that_cannot_be_used_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_allow(allowance(**changes), 1)


@pytest.mark.parametrize(
    ("category", "covered"),
    [
        (None, True),
        ("injected", True),
        ("injected/gambling", True),
        ("injected/loan", False),
        ("boilerplate", False),
    ],
)
def test_an_exception_covers_its_category(category: str | None, covered: bool) -> None:
    entry = make_allow(allowance(category=category), 1)

    assert (find_allow((entry,), "sòng bài Phú Quốc", "injected/gambling") is entry) is covered


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Sòng bài Phú Quốc.", True),
        ("song bai phu quoc", True),
        (unicodedata.normalize("NFD", "Sòng bài Phú Quốc"), True),
        ("sòng\u200b bài Phú Quốc", True),
        ("sòng bài", False),
        ("sòng bài Phú Quốc 2", False),
        ("…", False),
    ],
)
def test_an_exception_covers_a_finding_of_just_its_words(text: str, covered: bool) -> None:
    entry = make_allow(allowance(), 1)

    assert (find_allow((entry,), text, "injected/gambling") is not None) is covered
