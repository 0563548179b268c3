"""What one injection says of others in its document."""

from __future__ import annotations

from functools import cache

import pytest
from cli_tools import SEEDS
from shipped import finder

from injectclean import Scanner
from injectclean.campaign import (
    Found,
    Thresholds,
    _and_elsewhere,
    _verdicts,
    find_injected,
    look_twice,
    select,
)
from injectclean.company import SUSPECT
from injectclean.features import JUDGED_FEATURES
from injectclean.injected import Candidate, Score
from injectclean.model import load_model

LOUD = "nhà cái uy tín tặng 100k"
DOUBTFUL = ["thiết kế logo", "khóa học làm giàu", "tư vấn du học"]
THRESHOLDS = Thresholds(report=0.05, clean=0.99)
REPORTED = load_model(None).threshold("injected.report")


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


def feature(text: str, phrase: str, name: str) -> float:
    """A feature of a phrase at the second look, the least of all its places."""
    view = finder().view(text).text
    at = JUDGED_FEATURES.index(name)
    return min(
        each.features[at]
        for each in look_twice(view, finder())
        if view[slice(*each.place)] == phrase
    )


@pytest.mark.parametrize("phrase", DOUBTFUL)
def test_another_phrase_is_company(phrase: str) -> None:
    together = injected(phrase, LOUD)

    assert feature(injected(phrase), phrase, "another") == 0.0
    assert feature(together, phrase, "another") >= SUSPECT
    assert feature(together, phrase, "others") >= feature(together, phrase, "another")


@pytest.mark.parametrize("phrase", [*DOUBTFUL, LOUD])
def test_a_phrase_is_no_company_to_itself(phrase: str) -> None:
    assert feature(injected(phrase, phrase), phrase, "another") == 0.0


def test_phrases_that_share_words_do_not_hide_one_another() -> None:
    phrases = ["sòng bài uy tín", "sòng bài online uy tín", "sòng bài online"]
    text = injected(*phrases)

    shortest, *longer = (score(text, phrase) for phrase in phrases)

    assert shortest >= REPORTED
    assert min(longer) > 0.7


def judged(*scores: float) -> list[tuple[Score, Candidate]]:
    """One phrase at places of its own, with these scores."""
    text = "Vay nhanh. " * len(scores)
    found = list(finder().standing(text, [("vay", "nhanh")]))
    return [(Score(score, score), each) for score, each in zip(scores, found, strict=True)]


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [((0.9,), 0.9), ((0.9, 0.9), 0.9), ((0.9, 0.5), 0.8387), ((0.9, 0.1), 0.75)],
)
def test_a_phrase_is_half_as_sure_as_its_surest_place_and_half_as_all(
    scores: tuple[float, ...], verdict: float
) -> None:
    # 0.8387: the odds are 9 and 1, their logarithms' mean between the greatest and the mean 1.648.
    assert _verdicts(judged(*scores), []) == {("vay", "nhanh"): pytest.approx(verdict, abs=1e-4)}


def test_a_phrase_does_not_stand_within_another_one() -> None:
    places = judged(0.9, 0.1)
    start, end = places[1][1].place

    assert _verdicts(places, [(start - 1, end)]) == {("vay", "nhanh"): pytest.approx(0.9)}


def test_a_place_that_was_judged_twice_is_one_place() -> None:
    [(_, candidate)] = judged(0.9)
    twice = [(Score(score, score), candidate) for score in (0.1, 0.9)]

    assert _verdicts(twice, []) == {("vay", "nhanh"): pytest.approx(0.9)}


def test_a_phrase_has_the_same_edges_wherever_it_stands() -> None:
    text = "Họ vay nhanh. Họ vay nhanh."
    longer = list(finder().standing(text, [("ho", "vay", "nhanh")]))
    shorter = list(finder().standing(text, [("vay", "nhanh")]))
    exact = (0.9, longer[0]), (0.5, longer[1]), (0.6, shorter[0]), (0.6, shorter[1])

    kept, _ = select([(Score(0.9, value), each) for value, each in exact], Thresholds(0.6, 0.8))

    assert kept == longer


def test_what_is_not_reported_hides_nothing_that_would_be() -> None:
    text = "Họ vay nhanh ở đây."
    first, second, third = (
        next(finder().standing(text, [phrase]))
        for phrase in (("ho", "vay"), ("vay", "nhanh"), ("nhanh", "o"))
    )
    # The surer of its edges comes first, and what would not be reported made way for nothing.
    pairs = [(Score(0.55, 0.9), first), (Score(0.9, 0.5), second), (Score(0.7, 0.2), third)]

    kept, verdicts = select(pairs, Thresholds(report=0.6, clean=0.8))

    assert kept == [second]
    assert verdicts[second.phrase] == pytest.approx(0.9)
    assert select(pairs, Thresholds(report=0.5, clean=0.8))[0] == [first, third]
    assert select(pairs, Thresholds(report=0.95, clean=0.99))[0] == []


def test_what_goes_gives_back_the_places_that_it_took() -> None:
    text = "Họ vay nhanh ở đây. Vay nhanh."
    loud, other = finder().standing(text, [("vay", "nhanh")])
    [longer] = finder().standing(text, [("ho", "vay", "nhanh")])
    # Its surest place is taken at first, and the other one would not be reported.
    pairs = [
        (Score(0.55, 0.95), longer), (Score(0.95, 0.6), loud), (Score(0.55, 0.6), other),
    ]  # fmt: skip

    kept, _ = select(pairs, Thresholds(report=0.6, clean=0.8))

    assert {each.place for each in kept} == {loud.place, other.place}


def test_what_is_doubtful_keeps_no_place_from_a_phrase_that_is_found() -> None:
    text = "Vay nhanh ở đây. Họ vay nhanh."
    loud, other = finder().standing(text, [("vay", "nhanh")])
    [longer] = finder().standing(text, [("ho", "vay", "nhanh")])

    for score, kept in ((0.4, other), (0.6, longer)):
        chosen = [Found(loud, (), 0.9), Found(longer, (), score)]
        found = _and_elsewhere(text, chosen, finder())
        assert {each.candidate.place for each in found} == {loud.place, kept.place}


def test_an_honest_article_has_no_company() -> None:
    text = host()

    assert find_injected(finder().view(text).text, finder(), Thresholds(0.5, 0.9)) == []


@pytest.mark.parametrize("phrase", ["thuốc cường dương Nhật Bản", "casino online"])
def test_a_phrase_that_is_found_is_found_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, phrase: str
) -> None:
    lines = host().split("\n")
    at = next(at for at, line in enumerate(lines) if len(line) > 200)
    words = lines[at].split(" ")
    within = " ".join([*words[:2], phrase, *words[2:]])
    text = "\n".join([*lines[:at], within, *lines[at + 1 :], phrase])
    thresholds = Thresholds(report=REPORTED, clean=0.99)

    def phrases() -> list[str]:
        every = find_injected(text, finder(), thresholds)
        return [text[slice(*each.candidate.place)] for each in every]

    everywhere = phrases()
    monkeypatch.setattr("injectclean.campaign.SPECIFIC", 99)

    assert everywhere == [phrase, phrase]
    assert phrases() == [phrase]
