"""What a command does not need, it does not import: startup is most of a short run's time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from cli_tools import CLEANED, INJECTED, put
from cli_tools import process as run_process

TRAINING = ("sklearn", "joblib", "scipy", "numpy")
RARE = ("difflib", "tempfile", "multiprocessing", "concurrent", "csv", "random", "base64")
INTROSPECTION = ("dataclasses", "inspect", "ast", "dis", "tokenize")  # values.py does without
ARCHIVES = ("shutil", "bz2", "lzma", "zipfile", "fnmatch")  # cli.py asks the terminal itself
SELDOM = ("array", "pathlib", "tomllib", "unittest")
CONTAINERS = ("injectclean.records.streams", "gzip", "pyarrow", "zstandard")
PROBE = """
import json, sys
from injectclean.cli import main
code = main(sys.argv[1:])
sys.stderr.write("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def imported(*arguments: object, cwd: Path) -> tuple[int, set[str]]:
    """Exit code and modules of a run in a process of its own."""
    result = run_process([sys.executable, "-c", PROBE, *map(str, arguments)], cwd=cwd)
    code, modules = json.loads(result.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder without a configuration; a document, its cleaned form and report."""
    put(tmp_path, a=INJECTED)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "a.txt"),
        ("scan", "a.txt", "--format", "jsonl"),
        ("clean", "a.txt"),
        ("clean", "a.txt", "-o", "out"),
        ("clean", "a.txt", "--in-place"),
    ],
)
def test_scan_and_clean_load_nothing_heavy(bare: Path, arguments: tuple[str, ...]) -> None:
    code, modules = imported(*arguments, cwd=bare)

    assert code in (0, 1)
    assert modules.isdisjoint(TRAINING)
    assert modules.isdisjoint(RARE)
    assert modules.isdisjoint(INTROSPECTION)
    assert modules.isdisjoint(ARCHIVES)
    assert modules.isdisjoint(SELDOM)
    assert modules.isdisjoint(CONTAINERS)
    assert not any(name.startswith("injectclean.training") for name in modules)


def test_restore_and_explain_load_nothing_heavy(folder: Path) -> None:
    put(folder, a=INJECTED, cleaned=CLEANED)
    imported("clean", "a.txt", "-o", "out", cwd=folder)
    report = "out/a.txt.report.json"

    for arguments in (("restore", "cleaned.txt", "--report", report), ("explain",)):
        code, modules = imported(*arguments, cwd=folder)

        assert code == 0
        assert modules.isdisjoint(TRAINING)


def test_version_loads_hardly_anything(bare: Path) -> None:
    code, modules = imported("--version", cwd=bare)

    ours = {name for name in modules if name.startswith("injectclean.")}
    assert code == 0
    assert ours == {
        "injectclean._version",
        "injectclean.cli",
        "injectclean.commands",
        "injectclean.commands.streams",
        "injectclean.errors",
        "injectclean.formats",
        "injectclean.formats.escape",
    }
    assert modules.isdisjoint(("dataclasses", "typing", "hashlib", "inspect"))


def test_importing_the_package_loads_nothing_heavy(bare: Path) -> None:
    script = "import json, sys, injectclean; injectclean.Scanner; print(json.dumps([*sys.modules]))"

    result = run_process([sys.executable, "-c", script], cwd=bare)

    assert set(json.loads(result.stdout)).isdisjoint(TRAINING)


def test_telling_containers_by_their_names_loads_nothing_else(bare: Path) -> None:
    script = (
        "import json, sys; from injectclean.records.base import container_of;"
        "container_of('a.csv'); print(json.dumps([*sys.modules]))"
    )

    result = run_process([sys.executable, "-c", script], cwd=bare)

    modules = set(json.loads(result.stdout))
    assert modules.isdisjoint(TRAINING)
    assert modules.isdisjoint(RARE)
    assert modules.isdisjoint(INTROSPECTION)
    assert modules.isdisjoint(CONTAINERS)
