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
        return SimpleNamespace(to_text=lambda: "a table\n", to_dict=lambda: {"f1": 0.9})

    def write_model(self, path: str, arrays: object, card: object) -> str:
        if path == "full.npz":
            raise OSError(28, "No space left on device")
        self.seen.append(((path, arrays, card), {}))
        return "0" * 64


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    stand_in = Calls()
    for name in ("train", "evaluate", "export"):
        module = ModuleType(f"injectclean.training.{name}")
        for function in ("train_files", "evaluate_files", "write_model"):
            setattr(module, function, getattr(stand_in, function))
        monkeypatch.setitem(sys.modules, module.__name__, module)
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


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_missing_training_tool_is_named(
    run: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("injectclean.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)  # type: ignore[arg-type]

    result = run(command)

    assert (result.code, result.out) == (2, b"")
    assert "needs sklearn" in result.err
    assert "pip install" in result.err
