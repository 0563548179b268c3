"""What a whole process costs: processor time and peak memory of the command line."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.texts import SEED, document_of

BARE = "python -c pass"
IMPORT = 'python -c "import injectclean"'
SCAN = "injectclean scan FILE"
FILE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Process:
    """Medians of whole processes."""

    what: str
    milliseconds: float  # of processor time
    peak_bytes: float


def measure(documents: Sequence[str], *, rounds: int) -> list[Process]:
    """Run each command ``rounds`` times, one after the other; one more run before fills caches."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document.txt"
        text = document_of(FILE_BYTES, documents, one_line=False, seed=SEED)
        file.write_text(text, encoding="utf-8", newline="")
        commands = {
            BARE: [sys.executable, "-c", "pass"],
            IMPORT: [sys.executable, "-c", "import injectclean"],
            SCAN: [*_command_line(), "scan", str(file)],
        }
        _spawn(1, list(commands.values()), folder)
        found = _spawn(rounds, list(commands.values()), folder)
    return [
        Process(
            name,
            statistics.median(round_[at][0] for round_ in found),
            1024 * statistics.median(round_[at][1] for round_ in found),
        )
        for at, name in enumerate(commands)
    ]


def _command_line() -> list[str]:
    script = Path(sys.executable).with_name("injectclean")
    return [str(script)] if script.exists() else [sys.executable, "-m", "injectclean"]


def _spawn(rounds: int, commands: list[list[str]], folder: str) -> list[list[list[float]]]:
    """Run commands as an installed program runs: its modules are compiled before, into a folder."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    helper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("spawn.py"))]
    done = subprocess.run(
        helper,
        input=json.dumps([rounds, commands]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    found: list[list[list[float]]] = json.loads(done.stdout)
    return found
