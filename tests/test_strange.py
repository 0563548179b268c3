"""Text in languages that little or nothing is known of: read as it is, and judged by itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from cli_tools import ROOT, SEEDS

from injectclean import Scanner
from injectclean.injected import InjectedFinder
from injectclean.model import load_model
from injectclean.scores import Scored
from injectclean.strange import MOST, Tally, lowering, strangeness
from injectclean.training.markup import parse_marked

UNTAUGHT = sorted((ROOT / "data" / "unseen" / "articles").glob("*.marked"))
ARTICLES = ROOT / "data" / "documents" / "articles"
HOME = [*sorted(SEEDS.glob("*.txt")), *sorted((ARTICLES / "sport").glob("*.txt"))]
ABROAD = sorted(path for path in ARTICLES.glob("in-*/*.txt") if path.parent.name != "in-id")


@cache
def finder() -> InjectedFinder:
    return InjectedFinder(load_model(None))


@cache
def scanner() -> Scanner:
    return Scanner()


def strange(text: str) -> float:
    view = finder().view(text).text
    places = finder().places(view)
    return 0.0 if places is None else places.facts(0).strange


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
    found = [strange(path.read_text(encoding="utf-8")) for path in ABROAD]

    assert len(found) >= 80
    assert sum(value > 0.5 for value in found) >= 0.9 * len(found)


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


def test_a_disguise_with_signs_is_read_in_any_language() -> None:
    text = (
        "Le maire a rappelé que la priorité restait la rénovation des écoles et l'isolation des "
        "bâtiments publics, dont les dépenses ont été chiffrées par les services techniques. "
        "s.l.o.t c-a-s-i-n-o. Les habitants du quartier seront consultés avant les vacances de la "
        "Toussaint, puis une réunion publique sera organisée à la salle des fêtes."
    )

    assert "slot casino" in finder().view(text).text


@pytest.mark.parametrize("path", UNTAUGHT, ids=lambda path: path.stem)
def test_no_sentence_goes_of_an_article_in_a_language_never_learned(path: Path) -> None:
    for article in parse_marked(path.read_text(encoding="utf-8")):
        report = scanner().scan(article.text)

        assert [edit.original for edit in report.edits] == [], article.name


def test_there_are_articles_in_languages_never_learned() -> None:
    assert len(UNTAUGHT) >= 12
    assert not {path.stem for path in UNTAUGHT} & {
        path.name.removeprefix("in-") for path in ARTICLES.glob("in-*")
    }
