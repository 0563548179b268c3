"""The wheel, built and installed with its dependencies in an empty environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cli_tools import ROOT, SEEDS, command, environment, process

pytestmark = pytest.mark.slow
MINUTES = 60  # seconds
OUR_FILES = (
    "models/default.npz",
    "models/default.json",
    "py.typed",
    "formats/report-1.schema.json",
)


def outside() -> dict[str, str]:
    """The environment without what would lead Python back to the checkout."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    kept.pop("VIRTUAL_ENV", None)
    return kept


def must(*arguments: object, minutes: int, **options: object) -> str:
    """Run a step that the tests need; returns what it printed."""
    done = process([*map(str, arguments)], timeout=minutes * MINUTES, **options)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    must(*build, minutes=2)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    must(sys.executable, "-m", "venv", folder, minutes=1)
    must(folder / "bin" / "pip", "install", "-q", wheel, minutes=5, env=outside())
    return folder


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another folder, with the seeds and nothing else of the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(SEEDS, folder / "seeds")
    return folder


def scan(
    arguments: list[str], folder: Path, env: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return process([*arguments, "seeds/"], cwd=str(folder), env=env)


@pytest.mark.parametrize("name", OUR_FILES)
def test_the_wheel_holds_the_model_the_schema_and_the_type_marker(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert f"injectclean/{name}" in archive.namelist()


def test_the_wheel_holds_the_model_of_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.read("injectclean/models/default.npz")

    assert inside == (ROOT / "models" / "default.npz").read_bytes()


def test_the_wheel_holds_every_module_and_language_file(wheel: Path) -> None:
    package = ROOT / "src" / "injectclean"
    expected = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(wheel) as archive:
        assert expected - set(archive.namelist()) == set()


def test_the_wheel_holds_no_tests_and_no_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    assert len(tops) == 2
    assert "injectclean" in tops
    assert all(top == "injectclean" or top.endswith(".dist-info") for top in tops)


def test_the_installed_wheel_finds_in_the_seeds_what_the_checkout_finds(
    installed: Path, elsewhere: Path
) -> None:
    checkout = scan(command("scan", "--format", "jsonl"), ROOT, environment())

    arguments = [str(installed / "bin" / "injectclean"), "scan", "--format", "jsonl"]
    from_wheel = scan(arguments, elsewhere, outside())

    assert from_wheel.stderr == b""
    assert from_wheel.stdout == checkout.stdout
    assert len([json.loads(line) for line in from_wheel.stdout.splitlines()]) == 5


def test_the_installed_wheel_exits_with_1_for_the_seeds(installed: Path, elsewhere: Path) -> None:
    done = scan([str(installed / "bin" / "injectclean"), "scan"], elsewhere, outside())

    assert (done.returncode, done.stderr) == (1, b"")


def test_the_installed_wheel_uses_its_own_code_and_model(installed: Path, elsewhere: Path) -> None:
    code = (
        "import injectclean, injectclean.model as model; "
        "print(injectclean.__file__); print(model.default_path())"
    )

    printed = must(
        installed / "bin" / "python", "-c", code, minutes=1, cwd=str(elsewhere), env=outside()
    )

    assert all(Path(line).is_relative_to(installed) for line in printed.splitlines())
    assert len(printed.splitlines()) == 2
