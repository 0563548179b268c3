"""Shared fixtures. The model is read once a test run: reading it says nothing about the command."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from cli_tools import Run, write_folder

from injectclean import model, scanner
from injectclean.cli import main

_load_once = cache(model.load_model)


@pytest.fixture
def model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scanners share one loaded model."""
    monkeypatch.setattr(scanner, "load_model", _load_once)


@pytest.fixture
def run(model_once: None, capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Run]:
    """Run the command line in this process."""

    def call(*arguments: object) -> Run:
        capsysbinary.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsysbinary.readouterr()
        return Run(code, captured.out, captured.err.decode("utf-8", "surrogateescape"))

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration whose rules alone find anything, whatever the model."""
    return write_folder(tmp_path / "site")
