"""The phrase grammar: what it makes is well formed, the same each time, and broad enough."""

from __future__ import annotations

import pytest
from cli_tools import ROOT

from injectclean.errors import ConfigError
from injectclean.training.corpus import read_corpus
from injectclean.training.grammar import parse_grammar, phrases_of_family, read_grammar

FAMILIES = read_grammar(ROOT / "data" / "grammar")


def test_there_are_sixty_families_and_more() -> None:
    assert len(FAMILIES) >= 60
    assert len({family.category for family in FAMILIES}) >= 7


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_makes_whole_phrases(family) -> None:
    phrases = phrases_of_family(family, 60)
    assert len(set(phrases)) == len(phrases) == 60
    for phrase in phrases:
        assert phrase == " ".join(phrase.split())
        assert not set("{}\n[]") & set(phrase)


def test_the_same_phrases_each_time_and_more_when_more_are_asked_for() -> None:
    family = FAMILIES[0]
    assert phrases_of_family(family, 30) == phrases_of_family(family, 60)[:30]


def test_a_small_family_makes_what_it_can() -> None:
    family = parse_grammar("two", "injected/loan\n[product]\nvay\nnợ\n[phrase]\n{product} nhanh\n")
    assert sorted(phrases_of_family(family, 10)) == ["nợ nhanh", "vay nhanh"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("injected/loan\n[phrase]\n{product} nhanh\n", "{product} has no fillings"),
        ("injected/loan\n[product]\nvay\n", "[phrase]"),
        ("loan\n[phrase]\nvay\n", "category"),
        ("injected/loan\nvay\n[phrase]\nvay\n", "before the first"),
    ],
)
def test_a_broken_grammar_is_refused(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=r".*") as caught:
        parse_grammar("broken", text)
    assert what in str(caught.value)


def test_the_phrases_of_a_grammar_belong_to_their_family() -> None:
    corpus = read_corpus(str(ROOT / "data" / "labels.csv"))
    made = [document for document in corpus.documents if document.origin == "grammar"]
    assert {document.source for document in made} == {f"phrases/{f.name}" for f in FAMILIES}
    left = corpus.without([made[0].source]).documents
    assert all(document.source != made[0].source for document in left)
