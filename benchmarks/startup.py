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

BARE = "python -c pass"
IMPORT = 'python -c "import injectclean"'
SCAN = "injectclean scan FILE"
FILE_BYTES, FILES = 4096, 5  # the documents nearest to this size, as they are


@dataclass(frozen=True, slots=True)
class Process:
    """Medians of whole processes."""

    what: str
    milliseconds: float  # of processor time
    peak_bytes: float


def measure(documents: Sequence[str], *, rounds: int) -> list[Process]:
    """Run each command ``rounds`` times, one after the other; one more run before fills caches."""
    nearest = sorted(documents, key=lambda text: abs(len(text.encode()) - FILE_BYTES))[:FILES]
    with tempfile.TemporaryDirectory() as folder:
        commands = [
            (BARE, [sys.executable, "-c", "pass"]),
            (IMPORT, [sys.executable, "-c", "import injectclean"]),
        ]
        for number, text in enumerate(nearest):
            file = Path(folder) / f"document-{number}.txt"
            file.write_text(text, encoding="utf-8", newline="")
            commands.append((SCAN, [*_command_line(), "scan", str(file)]))
        _spawn(1, [command for _, command in commands], folder)
        found = _spawn(rounds, [command for _, command in commands], folder)
    runs: dict[str, list[list[float]]] = {}
    for round_ in found:
        for (name, _), run in zip(commands, round_, strict=True):
            runs.setdefault(name, []).append(run)
    return [
        Process(
            name,
            statistics.median(milliseconds for milliseconds, _ in each),
            1024 * statistics.median(kilobytes for _, kilobytes in each),
        )
        for name, each in runs.items()
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
