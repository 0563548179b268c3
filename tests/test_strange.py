"""Text in languages that little or nothing is known of: read as it is, and judged by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_tools import ROOT, SEEDS
from shipped import finder, scanner

from injectclean.scores import Scored
from injectclean.strange import MOST, Tally, lowering, strangeness
from injectclean.tokens import find_tokens
from injectclean.training.markup import parse_marked

ABROAD = sorted((ROOT / "data" / "unseen" / "articles").glob("*.marked"))
ARTICLES = ROOT / "data" / "documents" / "articles"
HOME = [*sorted(SEEDS.glob("*.txt")), *sorted((ARTICLES / "sport").glob("*.txt"))]


def articles(path: Path) -> list[str]:
    return [article.text for article in parse_marked(path.read_text(encoding="utf-8"))]


def strange(text: str) -> float:
    view = finder().view(text).text
    scores = map(finder()._scores.sequence, map(find_tokens, view.split("\n")))
    return strangeness(map(Tally.of, scores))


@pytest.mark.parametrize(
    ("unseen", "expected"), [(0, 0.0), (300, 0.0), (380, 0.15), (430, 0.81), (480, 1.0)]
)
def test_new_pairs_make_a_language_strange(unseen: int, expected: float) -> None:
    assert strangeness([Tally(500, 480, unseen, 0.0)]) == pytest.approx(expected, abs=0.01)


def test_of_few_words_no_language_can_be_told() -> None:
    assert strangeness([Tally(5, 4, 4, 10.0)]) == 0.0
    assert strangeness([]) == 0.0
    assert lowering([]) == 0.0


@pytest.mark.parametrize(
    ("mean", "expected"), [(-2.0, 0.0), (-1.0, 0.0), (0.5, 1.5), (2.0, MOST), (9.0, MOST)]
)
def test_what_all_tokens_have_in_common_is_taken_off(mean: float, expected: float) -> None:
    tally = Tally(tokens=500, pairs=480, unseen=480, gain=500 * mean)

    assert lowering([tally]) == pytest.approx(expected)
    assert lowering([tally._replace(unseen=200)]) == 0.0


def test_lowered_scores_keep_what_is_known_of_tokens() -> None:
    scored = Scored((1.0, 2.0), (0.0, 0.5), (0.0, 3.0), (2.8, 4.0), (1.8, 3.0))

    lowered = scored.lowered(1.0)

    assert lowered[:3] == scored[:3]
    assert lowered.gains == pytest.approx([1.8, 3.0])
    assert lowered.tight == pytest.approx([0.8, 2.0])
    assert scored.lowered(0.0) is scored


@pytest.mark.parametrize("path", HOME, ids=lambda path: path.stem)
def test_vietnamese_is_not_strange(path: Path) -> None:
    assert strange(path.read_text(encoding="utf-8")) == 0.0


def test_languages_without_counts_are_strange() -> None:
    found = [strange(text) for path in ABROAD if path.stem != "id" for text in articles(path)]

    assert len(found) >= 100
    assert sum(value > 0.5 for value in found) >= 0.95 * len(found)


@pytest.mark.parametrize(
    "text",
    [
        "Le maire a rappelé que la priorité restait la rénovation des écoles et l'isolation des "
        "bâtiments publics, dont les dépenses ont été chiffrées par les services techniques et "
        "seront présentées aux habitants du quartier avant les vacances de la Toussaint. Une "
        "réunion publique se tiendra ensuite à la salle des fêtes, où les riverains pourront "
        "consulter les plans et déposer leurs remarques dans un registre prévu à cet effet.",
        "Rektorn säger att eleverna under våren har fått ha lektioner i församlingshemmet, och "
        "flera föräldrar har klagat på bussresorna, som tar upp till fyrtio minuter, medan "
        "kommunen räknar med att försäkringen täcker en del av kostnaden för det nya taket. "
        "Besiktningen visade att takstolarna hade skadats redan under stormen i januari, trots "
        "att vaktmästaren vid flera tillfällen hade anmält läckage över den östra korridoren.",
    ],
)
def test_words_of_another_language_are_no_disguise(text: str) -> None:
    assert finder().view(text).text == text


def test_what_is_far_apart_is_not_near_in_another_language() -> None:
    words = (
        "le maire a rappelé que la priorité restait la rénovation des écoles et l'isolation des "
        "bâtiments publics dont les dépenses ont été chiffrées par les services techniques et "
        "seront présentées aux habitants du quartier avant les vacances de la Toussaint puis une "
        "réunion publique se tiendra à la salle des fêtes où les riverains pourront consulter"
    )
    text = f"vay1 {words} tai1"

    assert finder().view(text).text == text


def test_a_disguise_with_signs_is_read_in_any_language() -> None:
    text = (
        "Le maire a rappelé que la priorité restait la rénovation des écoles et l'isolation des "
        "bâtiments publics, dont les dépenses ont été chiffrées par les services techniques. "
        "s.l.o.t c-a-s-i-n-o. Les habitants du quartier seront consultés avant les vacances de la "
        "Toussaint, puis une réunion publique sera organisée à la salle des fêtes."
    )

    assert "slot casino" in finder().view(text).text


@pytest.mark.parametrize("path", ABROAD, ids=lambda path: path.stem)
def test_no_article_in_another_language_is_taken_for_a_promotion(path: Path) -> None:
    for text in articles(path):
        findings = scanner().scan(text).findings

        assert [finding.text for finding in findings if finding.is_injected] == []


@pytest.mark.parametrize("stem", ["th", "ko", "hi", "ru", "ar", "zh", "he", "el", "ja", "bn"])
def test_no_short_article_in_another_script_is_taken_for_a_promotion(stem: str) -> None:
    [path] = [path for path in ABROAD if path.stem == stem]
    for text in articles(path):
        lines = text.split("\n")
        for count in (6, 9):
            findings = scanner().scan("\n".join(lines[:count])).findings
            assert [finding.text for finding in findings if finding.is_injected] == []


def test_of_articles_in_other_languages_next_to_nothing_goes() -> None:
    texts = [text for path in ABROAD for text in articles(path)]

    gone = sum(len(edit.original) for text in texts for edit in scanner().scan(text).edits)

    # A quotation that stands by itself is taken for a menu.
    assert gone <= 0.0005 * sum(map(len, texts))


@pytest.mark.parametrize(
    ("stem", "phrase"),
    [
        ("fr", "buy cheap viagra online no prescription"),
        ("de", "bestes Online Casino ohne Einzahlung"),
        ("nl", "sòng bài online uy tín"),
        ("ru", "slot gacor gampang maxwin"),
    ],
)
def test_a_promotion_at_the_end_of_a_paragraph_is_found_in_any_language(
    stem: str, phrase: str
) -> None:
    [path] = [path for path in ABROAD if path.stem == stem]
    found = 0
    for text in articles(path):
        lines = text.split("\n")
        longest = max(range(len(lines)), key=lambda at: len(lines[at]))
        lines[longest] += f" {phrase}."
        findings = scanner().scan("\n".join(lines)).findings
        found += any(phrase in f.text or f.text in phrase for f in findings if f.is_injected)

    assert found >= len(articles(path)) / 2


@pytest.mark.parametrize("times", [1, 12])
def test_much_spam_in_another_script_is_found_in_little_vietnamese_text(times: int) -> None:
    article = (ARTICLES / "sport" / "spo-giai-chay-dem-thanh-co.txt").read_text(encoding="utf-8")
    little = "\n".join(article.split("\n")[:4])
    spam = "澳门网上赌场免费送彩金，百家乐在线开户"

    findings = scanner().scan("\n".join([little, *[spam] * times])).findings

    assert any(finding.is_injected for finding in findings)


@pytest.mark.parametrize(
    "family",
    [
        "chinese-gambling",
        "korean-toto-massage",
        "russian-loans-diplomas",
        "thai-sideline-brandname",
    ],
)
def test_a_page_that_is_nothing_but_spam_in_another_script_does_not_pass(family: str) -> None:
    [path] = (ROOT / "data" / "documents" / "phrases" / family).glob("*.txt")

    report = scanner().scan(path.read_text(encoding="utf-8"))

    assert report.verdict != "pass"
    assert any(finding.is_injected for finding in report.findings)


def test_spam_in_another_script_is_found_in_vietnamese_text() -> None:
    paragraph = (ARTICLES / "sport" / "spo-giai-chay-dem-thanh-co.txt").read_text(encoding="utf-8")
    phrase = "คาสิโนออนไลน์ เว็บตรง แจกเครดิตฟรี"

    findings = scanner().scan(f"{paragraph}\n{phrase}\n").findings

    assert any(finding.text == phrase for finding in findings)
