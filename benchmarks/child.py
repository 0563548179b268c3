"""Functions of this package, each run in a fresh process: ``python -m benchmarks.child``."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from typing import Any

from benchmarks.texts import ROOT

OUT_OF_MEMORY = 12


class ChildError(Exception):
    """A process was stopped, or ended without a result; says why."""


def in_child(module: str, function: str, arguments: list[Any], seconds: float) -> dict[str, Any]:
    """Call a function in a process of its own.

    Raises:
        ChildError: it took longer than ``seconds`` of wall time, or failed.
    """
    command = [sys.executable, "-m", "benchmarks.child", module, function, json.dumps(arguments)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise ChildError("stopped: over the time budget") from error
    if done.returncode == OUT_OF_MEMORY:
        raise ChildError("stopped: out of memory")
    if done.returncode != 0:
        raise ChildError(f"failed: exit code {done.returncode}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main(module: str, function: str, arguments: str) -> int:
    """Call the function, and print what it returns."""
    try:
        called = getattr(import_module(f"benchmarks.{module}"), function)
        print(json.dumps(called(*json.loads(arguments))))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
