"""README and docs say what is true: the commands at the top, and every output that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_tools import ROOT, Run

from injectclean.cli import COMMANDS

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
SET_UP_AND_SCAN = (
    "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/injectclean scan seeds/"
)
SET_UP_AND_TEST = (
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -q"
)
SHELLS = ("sh", "bash", "shell", "console")
_FENCED = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"^<!-- output: injectclean (.+?) -->\n", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """An output that a page shows, and the command that it is of."""

    page: Path
    arguments: str
    output: str | None


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def shown_outputs(page: Path) -> list[Shown]:
    """Every marker of a page, with the fenced block that follows at once."""
    text = read(page)
    found = []
    for marker in _MARKER.finditer(text):
        block = _FENCED.match(text, marker.end())
        found.append(Shown(page, marker[1], block[3] if block else None))
    return found


def test_a_marker_is_read_with_the_block_behind_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- output: injectclean scan 'a b' -->\n```text\nx\n\ny\n```\n", encoding="utf-8"
    )

    assert shown_outputs(page) == [Shown(page, "scan 'a b'", "x\n\ny\n")]


def test_the_first_two_commands_set_up_and_scan_and_set_up_and_test() -> None:
    lines = [
        line
        for block in _FENCED.finditer(read(README))
        if block[2].strip() in SHELLS
        for line in block[3].splitlines()
        if line.strip() and not line.startswith("#")
    ]

    assert lines[:2] == [SET_UP_AND_SCAN, SET_UP_AND_TEST]


def test_the_gate_runs_the_test_command_of_the_readme() -> None:
    assert SET_UP_AND_TEST in read(ROOT / ".ci" / "run").splitlines()


def test_the_readme_shows_what_scanning_the_seeds_prints() -> None:
    assert "scan seeds/" in [shown.arguments for shown in shown_outputs(README)]


@pytest.mark.parametrize(
    "shown",
    [shown for page in PAGES for shown in shown_outputs(page)],
    ids=lambda shown: f"{shown.page.name}: {shown.arguments}",
)
def test_a_shown_output_is_what_the_command_prints(
    shown: Shown, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    done = run(*shlex.split(shown.arguments))

    assert done.err == ""
    assert shown.output is not None, "no fenced block right behind the marker"
    assert shown.output == done.text


def test_help_lists_every_command(run: Callable[..., Run]) -> None:
    printed = run("--help").text

    assert [name for name in COMMANDS if f"\n    {name} " not in printed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_mentions_every_command(command: str) -> None:
    assert f"injectclean {command}" in read(README)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(page))

    local = [link for link in links if not re.match(r"\w+:", link)]

    assert [link for link in local if not (page.parent / link).exists()] == []
