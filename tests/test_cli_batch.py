"""Batches: many files and records, several processes, stops and goings on, and what goes wrong."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import (
    CLEAN,
    CLEANED,
    INJECTED,
    SPAM,
    Run,
    command,
    contents,
    process,
    put,
    shell,
    write_folder,
)

from injectclean.commands import examine, work
from injectclean.commands import folder as container
from injectclean.commands.journal import JOURNAL, LOCK, Journal
from injectclean.commands.work import Manner, Outcome, Task
from injectclean.errors import ConfigError

Cli = Callable[..., Run]
KILLS = int(os.environ.get("INJECTCLEAN_KILLS", "12"))
FILES = int(os.environ.get("INJECTCLEAN_KILL_FILES", "250"))


def jsonl(*texts: object) -> str:
    lines = (
        json.dumps({"id": f"d{n}", "text": t, "n": 1e3}, ensure_ascii=False)
        for n, t in enumerate(texts)
    )
    return "".join(f"{line}\n" for line in lines)


# Records


def test_records_are_scanned_one_by_one_and_listed_with_their_numbers(
    run: Cli, folder: Path
) -> None:
    (folder / "pages.jsonl").write_text(jsonl(CLEAN, INJECTED, 7) + "{broken\n")

    result = run("scan", folder, "--format", "jsonl")

    reports = [json.loads(line) for line in result.out.splitlines()]
    assert [r["source"]["path"].rpartition("#")[2] for r in reports] == ["1", "2", "3", "4"]
    assert [r["verdict"] for r in reports] == ["pass", "block", "review", "review"]
    kinds = [r["source"]["problem"] and r["source"]["problem"]["kind"] for r in reports]
    assert kinds == [None, None, "not_string", "bad_json"]
    assert result.code == 3
    assert "pages.jsonl: line 4" in result.err


def test_only_the_text_of_changed_records_changes(run: Cli, folder: Path, tmp_path: Path) -> None:
    source = jsonl(CLEAN, INJECTED) + '{"text" :  7, "id": "\\u0041"}\n'
    (folder / "pages.jsonl").write_text(source)

    result = run("clean", folder, "-o", tmp_path / "out")

    before, after = source.split("\n"), (tmp_path / "out/pages.jsonl").read_text().split("\n")
    assert (after[0], after[2:]) == (before[0], before[2:])
    assert json.loads(after[1]) == {**json.loads(before[1]), "text": CLEANED}
    assert result.code == 3


def test_compressed_records_and_another_field(run: Cli, folder: Path, tmp_path: Path) -> None:
    lines = jsonl(INJECTED).replace('"text"', '"body"')
    (folder / "pages.jsonl.gz").write_bytes(gzip.compress(lines.encode()))

    result = run("clean", folder, "-o", tmp_path / "out", "--text-field", "body")

    cleaned = gzip.decompress((tmp_path / "out/pages.jsonl.gz").read_bytes())
    assert json.loads(cleaned)["body"] == CLEANED
    assert result.code == 0


def test_a_table_without_the_field_is_no_clean_table(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    (folder / "pages.csv").write_text("id,body\n1,một\n")

    result = run("clean", folder, "-o", tmp_path / "out")

    assert result.code == 3
    assert "body" in result.err
    assert not (tmp_path / "out/pages.csv").exists()


def test_text_reads_a_container_as_one_text(run: Cli, folder: Path) -> None:
    (folder / "pages.jsonl").write_text(jsonl(CLEAN, INJECTED))

    result = run("scan", folder, "--text", "--format", "jsonl")

    assert len(result.out.splitlines()) == 1


def test_records_need_a_folder_to_go_to(run: Cli, folder: Path) -> None:
    (folder / "pages.jsonl").write_text(jsonl(INJECTED))

    for where in (("--in-place",), ("--diff",), ()):
        result = run("clean", folder / "pages.jsonl", *where)

        assert result.code == 2
        assert "holds records; -o DIR takes it" in result.err


def test_records_are_restored(run: Cli, folder: Path, tmp_path: Path) -> None:
    source = jsonl(CLEAN, INJECTED, 7, INJECTED)
    (folder / "pages.jsonl").write_text(source)
    run("clean", folder, "-o", tmp_path / "out")
    cleaned, report = tmp_path / "out/pages.jsonl", tmp_path / "out/pages.jsonl.report.jsonl"

    assert run("restore", cleaned, "--report", report).code == 2
    back = tmp_path / "back.jsonl"
    assert run("restore", cleaned, "--report", report, "-o", back).code == 0
    assert back.read_text() == source
    missing = tmp_path / "nowhere.report.jsonl"
    result = run("restore", cleaned, "--report", missing, "--in-place")
    assert result.code == 3
    assert "nowhere.report.jsonl: No such file" in result.err
    result = run("restore", cleaned, "--report", report, "--in-place")
    assert (result.code, result.err) == (0, "")
    assert cleaned.read_text() == source
    again = run("restore", cleaned, "--report", report, "--in-place")
    assert again.code == 3
    assert "line 2: not restored" in again.err
    assert cleaned.read_text() == source


def test_records_found_on_the_way_are_listed_and_the_others_cleaned(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    (folder / "pages.csv").write_text("text\nmột\n")

    result = run("clean", folder, "--in-place")

    assert result.code == 3
    assert "pages.csv: holds records; -o DIR takes it" in result.err
    assert (folder / "a.txt").read_text() == CLEANED


@pytest.mark.parametrize("where", ["open", "write", "finish"])
def test_records_that_cannot_be_written_leave_nothing_and_cost_no_other(
    run: Cli, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    put(folder, z=INJECTED)
    for name in ("pages", "pages2"):
        (folder / f"{name}.jsonl").write_text(jsonl(CLEAN, INJECTED, CLEAN))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    places = {
        "open": (container, "digest_of_file"),
        "write": (container, "report_dict"),
        "finish": (container.PendingFile, "finish"),
    }
    monkeypatch.setattr(*places[where], fail)

    result = run("clean", folder, "-o", tmp_path / "out")

    assert result.code == 3
    assert result.err.count("No space left") == 2
    assert "documents: 7, changed: 1, edits: 1;" in result.err
    assert not [p for p in contents(tmp_path / "out") if "pages" in p]
    assert (tmp_path / "out/z.txt").read_text() == CLEANED


# Several processes


def test_jobs_change_no_byte_of_output(run: Cli, folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        put(folder, **{f"a{number:02}": INJECTED if number % 3 else CLEAN})
    (folder / "pages.jsonl").write_text(jsonl(*[CLEAN, INJECTED] * 30, None))

    one = run("scan", folder, "--format", "json")
    two = run("scan", folder, "--format", "json", "--jobs", "2")
    run("clean", folder, "-o", tmp_path / "one")
    run("clean", folder, "-o", tmp_path / "two", "-j", "2")

    assert (one.code, one.out) == (two.code, two.out)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_less_than_one_job_is_refused(run: Cli, folder: Path) -> None:
    assert run("scan", folder, "--jobs", "0").code == 2


def test_a_document_over_which_a_process_ends_is_listed_and_the_others_done(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Within the test: a worker could not import a function of this file.
    def end_at_b(manner: Manner, task: Task) -> Outcome:
        if task.input.path.endswith("b.txt"):
            os.kill(os.getpid(), signal.SIGKILL)
        return work.examine(manner, task)

    put(folder, a=CLEAN, b=CLEAN, c=INJECTED)
    monkeypatch.setattr(examine, "examine", end_at_b)

    result = run("scan", folder, "--format", "jsonl", "--jobs", "2")

    reports = [json.loads(line) for line in result.out.splitlines()]
    kinds = [r["source"]["problem"] and r["source"]["problem"]["kind"] for r in reports]
    assert kinds == [None, "worker_died", None]
    assert reports[2]["verdict"] == "block"
    assert result.code == 3


def test_a_document_that_takes_too_long_is_listed(run: Cli, folder: Path) -> None:
    put(folder, long=(f"{CLEAN}" * 4000))

    result = run("scan", folder, "--doc-timeout", "0.05")

    assert result.code == 3
    assert "takes longer than 0.05 s" in result.err
    assert run("scan", folder, "--doc-timeout", "0").code == 2


def test_what_takes_too_long_goes_on_as_it_is_and_is_tried_again(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    text = f"{INJECTED}{CLEAN}" * 800
    put(folder, long=text)
    out = tmp_path / "out"

    result = run("clean", folder, "-o", out, "--doc-timeout", "0.05")

    assert result.code == 3
    assert (out / "long.txt").read_text() == text
    assert json.loads((out / "long.txt.report.json").read_text())["complete"] is False
    assert run("clean", folder, "-o", out).code == 0
    assert (out / "long.txt").read_text() != text


# Paths and outputs


def test_a_pattern_in_quotes_is_expanded(run: Cli, folder: Path) -> None:
    put(folder, a=CLEAN, b=CLEAN, c=CLEAN)

    result = run("scan", folder / "[ab].txt", "--format", "jsonl")

    assert len(result.out.splitlines()) == 2
    assert run("scan", folder / "*.html").code == 3


def test_scan_writes_its_report_to_a_file_whole_or_not_at_all(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    put(folder, a=INJECTED)
    report = tmp_path / "report.jsonl"

    result = run("scan", folder, "--format", "jsonl", "-o", report)

    assert (result.code, result.out) == (1, b"")
    assert report.read_bytes() == run("scan", folder, "--format", "jsonl").out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_one_line_and_exit_3(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    result = run("scan", folder, "-o", "/dev/full")

    assert result.code == 3
    assert result.err.count("\n") == 1
    assert "No space left" in result.err


def test_a_file_of_records_that_cannot_be_written_is_one_line_and_changes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    arrow = pytest.importorskip("pyarrow")
    texts = [f"{INJECTED}{random.Random(n).random()}" * 9 for n in range(60)]
    import pyarrow.parquet

    path = folder / "pages.parquet"
    pyarrow.parquet.write_table(arrow.table({"text": texts}), path, row_group_size=1)

    result = shell('ulimit -f 8; exec "$@"', "clean", folder, "-o", tmp_path / "out")

    assert result.returncode == 3
    first, last = result.stderr.decode().splitlines()
    assert first == f"injectclean: {tmp_path}/out/pages.parquet: not written: File too large"
    assert last == "injectclean: documents: 60, changed: 0, edits: 0"
    assert list(contents(tmp_path / "out")) == [JOURNAL]


# Going on


def test_what_is_done_is_not_done_again(
    run: Cli, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=CLEAN, b=INJECTED)
    (folder / "pages.jsonl").write_text(jsonl(INJECTED))
    first = run("clean", folder, "-o", tmp_path / "out")
    before = contents(tmp_path / "out")
    scanned = []
    whole = examine.examine

    def watched(manner: Manner, task: Task) -> Outcome:
        outcome = whole(manner, task)
        scanned.extend([task.name] if not outcome.is_known else [])
        return outcome

    monkeypatch.setattr(examine, "examine", watched)

    second = run("clean", folder, "-o", tmp_path / "out")

    assert scanned == []
    assert second == first
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize("what", ["input", "output", "report", "gap", "journal"])
def test_what_changed_is_done_anew(run: Cli, folder: Path, tmp_path: Path, what: str) -> None:
    put(folder, a=CLEAN, b=INJECTED)
    out, flags = tmp_path / "out", []
    run("clean", folder, "-o", out)
    if what == "input":
        put(folder, b=INJECTED + "Thêm một dòng nữa.\n")
    elif what == "gap":
        flags = ["--gap", "[?]"]
    else:
        names = {"output": "b.txt", "report": "b.txt.report.json", "journal": JOURNAL}
        (out / names[what]).write_bytes((out / names[what]).read_bytes()[:-20])

    run("clean", folder, "-o", out, *flags)
    run("clean", folder, "-o", tmp_path / "unbroken", *flags)

    assert contents(out) == contents(tmp_path / "unbroken")


def test_two_runs_on_one_folder_are_refused(run: Cli, folder: Path, tmp_path: Path) -> None:
    put(folder, a=INJECTED)
    out = tmp_path / "out"
    out.mkdir()
    journal = Journal(str(out), "another run")

    result = run("clean", folder, "-o", out)

    assert result.code == 2
    assert f"locked by pid {os.getpid()}" in result.err
    journal.close()
    assert run("clean", folder, "-o", out).code == 0
    assert not (out / LOCK).exists()


def test_a_lock_that_nobody_holds_is_taken(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("1\n")

    Journal(str(tmp_path), "run").close()
    journal = Journal(str(tmp_path), "run")

    with pytest.raises(ConfigError, match="locked"):
        Journal(str(tmp_path), "run")
    journal.close()


@pytest.mark.slow
def test_killed_at_any_moment_the_same_command_goes_on_to_the_same_end(
    folder: Path, tmp_path: Path
) -> None:
    for number in range(FILES):
        put(folder, **{f"a{number:04}": (INJECTED if number % 4 else CLEAN) + f"Số {number}.\n"})
    (folder / "pages.jsonl").write_text(jsonl(*[CLEAN, INJECTED] * 40))
    unbroken = process(command("clean", folder, "-o", tmp_path / "unbroken"))
    seconds = _time(command("clean", folder, "-o", tmp_path / "timed"))
    rng = random.Random("kills")
    out = tmp_path / "out"
    ended = 0

    for _ in range(KILLS):
        started = subprocess.Popen(
            command("clean", folder, "-o", out, "--jobs", str(rng.choice((1, 2)))),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(rng.uniform(0.0, 0.6 * seconds))
        started.kill()
        ended += started.wait() == -signal.SIGKILL
        for path in out.rglob("*.txt"):
            if not path.name.startswith("."):
                assert path.read_bytes() == (tmp_path / "unbroken" / path.name).read_bytes()
    last = process(command("clean", folder, "-o", out))

    assert ended > 0
    assert (last.returncode, last.stdout) == (unbroken.returncode, unbroken.stdout)
    assert last.stderr == unbroken.stderr
    assert contents(out) == contents(tmp_path / "unbroken")


@pytest.mark.slow
def test_killed_in_place_the_same_command_goes_on_to_the_same_end(tmp_path: Path) -> None:
    rng = random.Random("kills in place")
    folders = [write_folder(tmp_path / name / "site") for name in ("unbroken", "killed")]
    for folder in folders:
        for number in range(FILES):
            put(folder, **{f"a{number:04}": f"{INJECTED}Số {number}.\n"})
    in_place = command("clean", "site", "--in-place")
    seconds = _time(in_place, folders[0].parent)
    ended = 0

    for _ in range(KILLS):
        started = subprocess.Popen(in_place, cwd=folders[1].parent, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(rng.uniform(0.0, 0.6 * seconds))
        started.kill()
        ended += started.wait() == -signal.SIGKILL
    process(in_place, cwd=folders[1].parent)

    assert ended > 0
    assert contents(folders[1]) == contents(folders[0])


def _time(arguments: list[str], where: Path | None = None) -> float:
    begun = time.monotonic()
    process(arguments, cwd=where)
    return time.monotonic() - begun


def _hear_interrupts() -> None:
    """What a shell starts in the background ignores them, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_asked_to_end_does_so_soon_and_leaves_no_half(
    folder: Path, tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    for number in range(400):
        put(folder, **{f"a{number:04}": INJECTED * 5 + f"Số {number}.\n"})
    out = tmp_path / "out"
    arguments = command("clean", folder, "-o", out, "--jobs", "2")
    started = subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_hear_interrupts,
    )
    while not list(out.glob("*.txt")) if out.exists() else True:
        time.sleep(0.02)

    started.send_signal(sign)
    begun = time.monotonic()
    ended = started.wait(30)

    assert ended == code
    assert time.monotonic() - begun < 10
    assert not (out / LOCK).exists()
    assert not [p for p in out.iterdir() if p.name.startswith(".icl-tmp")]


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_and_nowhere_else(folder: Path, tmp_path: Path) -> None:
    for number in range(30):
        put(folder, **{f"a{number:02}": INJECTED * 20 + f"Số {number}.\n"})
    code = (
        "import sys; from injectclean.commands import progress; "
        "progress.FIRST = progress.EVERY = 0.0; from injectclean.cli import main; sys.exit(main())"
    )
    arguments = [sys.executable, "-c", code, "clean", str(folder), "-o", str(tmp_path / "out")]
    ours, theirs = pty.openpty()

    started = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=theirs)
    started.wait(60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()

    assert " MB/s, " in shown
    assert " left" in shown
    assert b"MB/s" not in subprocess.run(arguments, capture_output=True, check=False).stderr
    assert SPAM not in shown
