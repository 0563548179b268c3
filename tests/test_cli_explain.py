"""``injectclean explain``: every category is explained, with its measured precision or none."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from cli_tools import Run

from injectclean.commands.explain import describe, explain
from injectclean.languages import explanations
from injectclean.report import CATEGORIES

Cli = Callable[..., Run]


def test_every_category_is_explained_and_no_other() -> None:
    assert tuple(explanations()) == CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_explanation_has_reasons_and_examples(category: str) -> None:
    entry = explanations()[category]

    assert set(entry) == {"finds", "why", "found", "stays"}
    assert len(entry["found"]) == 2
    assert len(entry["stays"]) == 1
    assert entry["finds"].endswith(".")
    assert entry["finds"].isascii()
    assert entry["why"].isascii()


@pytest.mark.parametrize("category", CATEGORIES)
def test_category_is_explained_on_the_command_line(run: Cli, category: str) -> None:
    result = run("explain", category)

    entry = explanations()[category]
    assert result.code == 0
    assert result.text.startswith(f"{category}\n\nFinds: {entry['finds']}\n")
    assert all(f"  - {text}\n" in result.text for text in (*entry["found"], *entry["stays"]))
    assert "\nMeasured: " in result.text


def test_list_has_a_line_for_each_category(run: Cli) -> None:
    result = run("explain")

    assert [line.split()[0] for line in result.text.splitlines()] == list(CATEGORIES)


def test_list_can_be_of_one_kind(run: Cli) -> None:
    result = run("explain", "injected")

    assert {line.partition("/")[0] for line in result.text.splitlines()} == {"injected"}


def test_unknown_category_is_refused_with_the_likely_one(run: Cli) -> None:
    result = run("explain", "injected/gambing")

    assert (result.code, result.out) == (2, b"")
    assert "did you mean 'injected/gambling'?" in result.err


def test_measured_precision_is_shown_with_its_interval() -> None:
    measured = {
        "precision": 0.9812,
        "recall": 0.9,
        "f1": 0.939,
        "n": 120,
        "low": 0.95,
        "high": 0.99,
    }

    text = explain("injected/loan", measured)

    assert text.endswith(
        "\nMeasured: precision 0.981 (0.950 to 0.990), recall 0.900, F1 0.939, "
        "on 120 examples held out\n"
    )


@pytest.mark.parametrize("measured", [None, {}, {"precision": None}, {"precision": "high"}])
def test_what_was_not_measured_is_not_claimed(measured: dict[str, object] | None) -> None:
    assert describe(measured) == "not measured"


def test_missing_model_is_no_hindrance_unless_it_was_named(
    run: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "exists", lambda path: False)

    assert "not measured" in run("explain", "injected/loan").text
    assert run("explain", "injected/loan", "--model", "missing.npz").code == 2
