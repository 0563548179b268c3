"""The benchmarks run from end to end, on next to nothing; how fast is not asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cli_tools import ROOT

PAGE = """# Page
<!-- measured: goals -->
old
<!-- end -->
between
<!-- measured: one run -->
old
<!-- end -->
<!-- measured: another -->
kept
<!-- end -->
"""
TINY = [
    *("--peers", "none", "--documents=2", "--rounds=1", "--part-kb=1", "--start-rounds=1"),
    *("--memory-documents=2", "--largest=1000", "--job-seconds=0", "--job-rounds=1"),
]


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_tiny_run_writes_its_tables_between_the_markers_alone(tmp_path: Path) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(PAGE, encoding="utf-8")

    done = bench(*TINY, "--write", page, "--json", figures)

    assert done.returncode == 0, done.stderr
    written = page.read_text(encoding="utf-8")
    assert "old" not in written
    assert "not measured in this run" not in written
    kept = ["# Page", "between", "<!-- measured: another -->\nkept\n<!-- end -->"]
    assert [part for part in kept if part not in written] == []
    assert written.count("<!-- ") == PAGE.count("<!-- ")
    measured = json.loads(figures.read_text(encoding="utf-8"))
    assert [name for name, part in measured.items() if not part] == []


def test_what_is_left_out_is_named_and_not_guessed() -> None:
    done = bench(*TINY, "--only", "startup")

    assert done.returncode == 0, done.stderr
    assert "throughput: not measured in this run" in done.stdout
    assert "Not known from this run: two processes" in done.stdout


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no place\n", encoding="utf-8")

    done = bench(*TINY, "--only", "startup", "--write", page)

    assert done.returncode == 2
    assert "no place for" in done.stderr
    assert page.read_text(encoding="utf-8") == "no place\n"


def test_the_page_on_speed_has_both_places() -> None:
    text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")

    assert "<!-- measured: goals -->" in text
    assert "<!-- measured: one run -->" in text
