"""Cleaning on several processes: the same results, in order, lazily, with nothing left running."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import strategies
from cli_tools import command, environment

from injectclean import Cleaned, Config, Scanner
from injectclean.errors import ConfigError, InputError, ModelError
from injectclean.parallel import (
    BATCH_CHARACTERS,
    BATCH_TEXTS,
    BATCHES_PER_JOB,
    ORPHANED_AFTER,
    _died,
    clean_in_processes,
    in_processes,
)

ARTICLE = "\n".join([*strategies.PARAGRAPHS, strategies.CARRIERS[0].format(strategies.PHRASES[0])])


def texts(count: int) -> list[str]:
    return [f"{ARTICLE}\nBài số {number}, \ud800 và \udcc3." for number in range(count)]


def children(first: int | str = "self") -> set[int]:
    """Worker processes of one; threads and processes may end while they are listed."""
    found = set()
    for task in Path(f"/proc/{first}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    if b"popen_loky" in Path(f"/proc/{child}/cmdline").read_bytes():
                        found.add(int(child))
    return found


def is_running(process: int) -> bool:
    """Whether a process is there, and not only waits for somebody to ask how it ended."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner()


def test_two_processes_give_what_one_gives_in_order(scanner: Scanner) -> None:
    given = texts(2 * BATCH_TEXTS + 5)

    assert list(scanner.clean_many(given, jobs=2)) == list(scanner.clean_many(given))


@pytest.mark.parametrize("count", [0, 1])
def test_few_texts_need_no_full_batch(scanner: Scanner, count: int) -> None:
    results = list(scanner.clean_many(iter(texts(count)), jobs=2))

    assert [len(result.text) > 0 for result in results] == [True] * count


def test_processes_use_the_configuration_of_the_scanner() -> None:
    config = Config(gap="[???]", disable=("boilerplate",))
    given = texts(3)

    results = list(Scanner(config=config).clean_many(given, jobs=2))

    assert results == list(map(Scanner(config=config).clean, given))


def test_an_endless_input_is_read_only_as_far_as_results_are_used(scanner: Scanner) -> None:
    drawn = itertools.count()

    def endless() -> Iterator[str]:
        for number in drawn:
            yield f"{ARTICLE}\nBài số {number}."

    results = scanner.clean_many(endless(), jobs=2)
    used: list[Cleaned] = list(itertools.islice(results, 3 * BATCH_TEXTS))

    window = (2 * BATCHES_PER_JOB + 1) * BATCH_TEXTS
    assert next(drawn) <= len(used) + window
    assert used[-1].text.endswith(f"Bài số {3 * BATCH_TEXTS - 1}.")
    assert children()
    results.close()  # type: ignore[attr-defined]
    assert not children()


def test_long_texts_do_not_wait_for_a_full_batch(scanner: Scanner) -> None:
    long = "Bà con được mùa. " * (BATCH_CHARACTERS // 16)
    drawn = itertools.count()

    results = scanner.clean_many((long for _ in drawn), jobs=2)
    next(results)
    results.close()  # type: ignore[attr-defined]

    assert next(drawn) <= 2 * BATCHES_PER_JOB + 1


def test_an_error_of_the_input_comes_through(scanner: Scanner) -> None:
    def broken() -> Iterator[str]:
        yield ARTICLE
        raise RuntimeError("input broke")

    with pytest.raises(RuntimeError, match="input broke"):
        list(scanner.clean_many(broken(), jobs=2))
    assert not children()


def test_less_than_one_job_is_refused_at_once(scanner: Scanner) -> None:
    with pytest.raises(ConfigError, match="jobs: 0 is less than 1"):
        scanner.clean_many([], jobs=0)


def test_a_model_that_a_process_cannot_read_is_an_error_here(tmp_path: Path) -> None:
    config = Config(model=str(tmp_path / "nowhere.npz"))

    with pytest.raises(ModelError, match="nowhere"):
        list(clean_in_processes(config, texts(1), 2))


def test_what_an_ended_process_was_at_is_done_over(scanner: Scanner) -> None:
    def deadly() -> Iterator[str]:
        yield from texts(BATCH_TEXTS)
        for child in children():
            os.kill(child, signal.SIGKILL)
        yield from texts(2 * BATCH_TEXTS)

    found = list(scanner.clean_many(deadly(), jobs=2))

    assert found == list(map(scanner.clean, [*texts(BATCH_TEXTS), *texts(2 * BATCH_TEXTS)]))
    assert not children()


def test_an_item_over_which_processes_end_is_known_and_costs_no_other() -> None:
    # Within the test: a worker could not import a function of this file.
    def end_over_seven(item: int) -> int:
        if item == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return -item

    found = list(
        in_processes(
            end_over_seven, range(3 * BATCH_TEXTS), 2, size=lambda _: 1, died=lambda item, _: item
        )
    )

    assert found == [item if item == 7 else -item for item in range(3 * BATCH_TEXTS)]
    assert not children()


def test_a_text_over_which_processes_end_is_an_error() -> None:
    with pytest.raises(InputError, match="over a text of 3 characters") as caught:
        _died("abc", RuntimeError("ended"))
    assert caught.value.kind == "worker_died"


def test_processes_do_not_outlive_the_first_one_when_it_is_killed(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(ARTICLE, encoding="utf-8")
    first = subprocess.Popen(
        command("scan", *[page] * 2000, "--jobs", "2"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    with first:
        assert first.stdout is not None
        first.stdout.readline()
        started = children(first.pid)
        first.kill()
    until = time.monotonic() + 20 * ORPHANED_AFTER

    while any(map(is_running, started)) and time.monotonic() < until:
        time.sleep(0.1)

    assert len(started) >= 2
    assert not any(map(is_running, started))


def test_one_job_imports_no_joblib() -> None:
    code = (
        "import sys, injectclean; "
        "list(injectclean.Scanner().clean_many(['Một.', 'Hai.'])); "
        "print('joblib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
