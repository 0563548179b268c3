"""``injectclean train`` and ``evaluate``: thin; what they call is tested with the training."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cli_tools import Run

from injectclean.evaluation import accuracy

Cli = Callable[..., Run]


class Calls:
    """Stands for the functions that do the work, and remembers what they were called with."""

    def __init__(self) -> None:
        self.seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def train_files(self, *arguments: Any, **options: Any) -> SimpleNamespace:
        self.seen.append((arguments, options))
        return SimpleNamespace(arrays={"a": 1, "b": 2}, card={"name": "default"})

    def evaluate_files(self, *arguments: Any, **options: Any) -> SimpleNamespace:
        self.seen.append((arguments, options))
        return SimpleNamespace(to_dict=lambda: {"f1": 0.9})

    def measure_wild(self, *arguments: Any, **options: Any) -> str:
        self.seen.append((arguments, options))
        return "wild"

    def to_text(self, evaluation: object) -> str:
        return "a table\n"

    def wild_text(self, wild: object) -> str:
        return "another table\n"

    def figures_of(self, evaluation: object, wild: object) -> dict[str, float]:
        return {"recall": 0.5}

    fill_in = staticmethod(accuracy.fill_in)
    missed = staticmethod(accuracy.missed)

    def write_model(self, path: str, arrays: object, card: object) -> str:
        if path == "full.npz":
            raise OSError(28, "No space left on device")
        self.seen.append(((path, arrays, card), {}))
        return "0" * 64


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    stand_in = Calls()
    modules = {
        "training.train": ("train_files",),
        "training.export": ("write_model",),
        "evaluation.crossfit": ("evaluate_files",),
        "evaluation.tables": ("to_text",),
        "evaluation.wild": ("measure_wild",),
        "evaluation.accuracy": ("wild_text", "figures_of", "fill_in", "missed"),
    }
    for name, functions in modules.items():
        module = ModuleType(f"injectclean.{name}")
        for function in functions:
            setattr(module, function, getattr(stand_in, function))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        package, _, leaf = module.__name__.rpartition(".")
        monkeypatch.setattr(sys.modules[package], leaf, module, raising=False)
    return stand_in


def test_train_says_what_it_wrote(run: Cli, calls: Calls) -> None:
    result = run("train", "--without", "seeds", "--jobs", "2", "-o", "new.npz")

    (paths, options), (written, _) = calls.seen
    assert result == (0, b"new.npz: 2 arrays, SHA-256 " + b"0" * 64 + b"\n", "")
    assert paths == (Path("data/labels.csv"), Path("data/background.tsv.gz"))
    assert options == {"without": ("seeds",), "jobs": 2, "cache": None}
    assert written == ("new.npz", {"a": 1, "b": 2}, {"name": "default"})


def test_train_takes_other_data(run: Cli, calls: Calls) -> None:
    run("train", "--labels", "l.csv", "--background", "b.gz", "--cache", "c", "--without", "a", "b")

    paths, options = calls.seen[0]
    assert paths == (Path("l.csv"), Path("b.gz"))
    assert (options["without"], options["cache"]) == (("a", "b"), Path("c"))


def test_model_that_cannot_be_written_is_one_line(run: Cli, calls: Calls) -> None:
    result = run("train", "-o", "full.npz")

    assert (result.code, result.out) == (3, b"")
    assert result.err == "injectclean: full.npz: not written: No space left on device\n"


def test_evaluate_prints_the_table(run: Cli, calls: Calls) -> None:
    result = run("evaluate", "--folds", "5", "--jobs", "1")

    assert result == (0, b"a table\n", "")
    assert calls.seen[0][1] == {"without": (), "folds": 5, "jobs": 1, "cache": None}


def test_evaluate_can_print_json(run: Cli, calls: Calls) -> None:
    result = run("evaluate", "--format", "json")

    assert json.loads(result.out) == {"f1": 0.9}


PLACES = "Text.\n<!-- measured: {} -->\n<!-- end -->\n"


def test_tables_are_written_into_their_places(run: Cli, calls: Calls, tmp_path: Path) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text(PLACES.format("all documents") + PLACES.format("real text"))

    result = run("evaluate", "--corpora", tmp_path, "--write", document, "--jobs", "1")

    assert (result.code, result.out) == (0, b"a table\n\nanother table\n")
    assert calls.seen[1] == ((tmp_path, Path("data/labels.csv")), {"jobs": 1})
    assert document.read_text().split("```")[1::2] == ["\na table\n", "\nanother table\n"]
    run("evaluate", "--corpora", tmp_path, "--write", document, "--jobs", "1")
    assert document.read_text().count("a table") == 1


def test_a_document_without_a_place_is_refused(run: Cli, calls: Calls, tmp_path: Path) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text(PLACES.format("all documents"))

    result = run("evaluate", "--without", "seeds", "--write", document)

    assert result.code == 2
    assert result.err == f"injectclean: {document}: no place for 'without seeds'\n"
    assert document.read_text() == PLACES.format("all documents")


def test_missing_corpora_are_said(run: Cli, calls: Calls, tmp_path: Path) -> None:
    result = run("evaluate", "--corpora", tmp_path / "none")

    assert (result.code, result.out) == (0, b"a table\n")
    assert "real text was not measured" in result.err


@pytest.mark.parametrize(
    ("floors", "code", "err"),
    [
        ({"at_least": {"recall": 0.5}, "at_most": {"recall": 0.5}}, 0, ""),
        ({"at_least": {"other": 1.0}, "at_most": {}}, 0, ""),
        ({"at_least": {"recall": 0.6}, "at_most": {}}, 1, "recall: 0.5000 is less than 0.6000"),
        ({"at_least": {}, "at_most": {"recall": 0.4}}, 1, "recall: 0.5000 is more than 0.4000"),
        ({"at_least": {}}, 2, "not a table of floors"),
    ],
)
def test_a_figure_under_its_floor_fails(
    run: Cli, calls: Calls, tmp_path: Path, floors: object, code: int, err: str
) -> None:
    path = tmp_path / "floors.json"
    path.write_text(json.dumps(floors))

    result = run("evaluate", "--floors", path)

    assert result.code == code
    assert err in result.err


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_missing_training_tool_is_named(
    run: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [
        name
        for name in sys.modules
        if name.startswith(("injectclean.training", "injectclean.evaluation"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)  # type: ignore[arg-type]

    result = run(command)

    assert (result.code, result.out) == (2, b"")
    assert "needs sklearn" in result.err
    assert "pip install" in result.err
