"""What one injection says of others in its document."""

from __future__ import annotations

from functools import cache

import pytest
from cli_tools import SEEDS

from injectclean import Scanner
from injectclean.campaign import Found, Thresholds, find_injected
from injectclean.injected import InjectedFinder
from injectclean.model import load_model
from injectclean.reasons import COMPANY

LOUD = "nhà cái uy tín tặng 100k"
DOUBTFUL = ["sảnh game đổi thưởng", "kèo bóng đá ngon", "vay nóng không thế chấp"]
THRESHOLDS = Thresholds(report=0.05, clean=0.99)


@cache
def finder() -> InjectedFinder:
    return InjectedFinder(load_model(None))


@cache
def host() -> str:
    """An honest article: the first seed without its injections."""
    text = min(SEEDS.glob("*.txt")).read_text(encoding="utf-8")
    return Scanner().clean(text).text.replace(" […]", "")


def injected(*phrases: str) -> str:
    """The article with phrases at the end of its long lines."""
    lines = host().split("\n")
    long = [at for at, line in enumerate(lines) if len(line) > 200]
    for at, phrase in zip(long[1:], phrases, strict=False):
        lines[at] += f" {phrase}"
    return "\n".join(lines)


def found(text: str, phrase: str) -> Found | None:
    every = find_injected(finder().view(text).text, finder(), THRESHOLDS)
    return next((f for f in every if text[slice(*f.candidate.place)] == phrase), None)


def score(text: str, phrase: str) -> float:
    each = found(text, phrase)
    return 0.0 if each is None else each.score


@pytest.mark.parametrize("phrase", DOUBTFUL)
def test_another_injection_makes_a_phrase_likelier(phrase: str) -> None:
    alone, together = score(injected(phrase), phrase), score(injected(phrase, LOUD), phrase)

    assert alone < together


@pytest.mark.parametrize("phrase", DOUBTFUL)
def test_what_the_company_says_is_told(phrase: str) -> None:
    alone, together = found(injected(phrase), phrase), found(injected(phrase, LOUD), phrase)

    assert together is not None
    assert COMPANY in [name for name, _, _ in together.terms]
    assert alone is None or COMPANY not in [name for name, _, _ in alone.terms]


@pytest.mark.parametrize("phrase", [*DOUBTFUL, LOUD])
def test_a_phrase_is_no_company_to_itself(phrase: str) -> None:
    again = find_injected(finder().view(injected(phrase, phrase)).text, finder(), THRESHOLDS)

    assert [f for f in again if COMPANY in [name for name, _, _ in f.terms]] == []


def test_phrases_that_share_words_do_not_hide_one_another() -> None:
    phrases = ["sòng bài uy tín", "sòng bài online uy tín", "sòng bài online"]
    text = injected(*phrases)

    assert [score(text, phrase) > 0.7 for phrase in phrases] == [True] * 3


def test_an_honest_article_has_no_company() -> None:
    text = host()

    assert find_injected(finder().view(text).text, finder(), Thresholds(0.5, 0.9)) == []
