"""Run commands, and print what each took: processor milliseconds and peak kilobytes.

A process's peak counts from before its program was loaded, when it was still a copy of the one
that started it. So this runs on its own, and imports next to nothing.
"""

import json
import os
import sys

FAILED = 2  # scan exits with 0 or 1


def run(command: list[str]) -> list[float]:
    """Wait for one command, its output thrown away.

    Raises:
        SystemExit: it failed.
    """
    process = os.fork()
    if process == 0:
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.execv(command[0], command)  # noqa: S606
        finally:
            os._exit(127)
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in range(FAILED):
        raise SystemExit(f"failed: {command}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return [1000 * (usage.ru_utime + usage.ru_stime), kilobytes]


if __name__ == "__main__":
    rounds, commands = json.load(sys.stdin)
    print(json.dumps([[run(command) for command in commands] for _ in range(rounds)]))
