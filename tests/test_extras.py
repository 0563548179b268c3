"""An integration without its package says which extra brings it; nothing else asks for it."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from cli_tools import ROOT

PACKAGES = {
    "arrow": "pyarrow",
    "spark": "pyspark",
    "ray": "ray",
    "datasets": "datasets",
    "polars": "polars",
    "duckdb": "duckdb",
    "datatrove": "datatrove",
    "scrapy": "scrapy",
    "trafilatura": "trafilatura",
}
MODULES = ROOT / "src" / "injectclean" / "integrations"


def python(code: str) -> str:
    """What a process of its own prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def extras() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["optional-dependencies"]


@pytest.mark.parametrize("module", PACKAGES)
def test_a_missing_package_names_the_extra_that_brings_it(module: str) -> None:
    printed = python(
        "import sys\n"
        # Its own package, and pyarrow, which comes with the extras that need it.
        f"sys.modules.update(dict.fromkeys(['{PACKAGES[module]}', 'pyarrow'], None))\n"
        "try:\n"
        f"    import injectclean.integrations.{module}\n"
        "except ImportError as error:\n"
        "    print(type(error).__name__, error)\n"
    )

    assert printed.startswith("MissingExtraError ")
    assert printed.endswith(f"; pip install 'injectclean[{module}]'\n")


@pytest.mark.parametrize("module", PACKAGES)
def test_every_integration_has_an_extra_that_brings_its_package(module: str) -> None:
    assert any(entry.startswith(PACKAGES[module]) for entry in extras()[module])


def test_every_integration_is_known_here() -> None:
    modules = {path.stem for path in MODULES.glob("*.py")} - {"__init__", "records"}

    assert modules == set(PACKAGES)


def test_the_package_imports_no_integration() -> None:
    printed = python(
        "import sys, injectclean; injectclean.Scanner; "
        "print([n for n in sys.modules if 'integrations' in n or n.startswith('pyarrow')])"
    )

    assert printed.strip() == "[]"
