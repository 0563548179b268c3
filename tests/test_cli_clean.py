"""``injectclean clean``: into a folder, in place, to standard output, as a diff."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import (
    BODY,
    CLEAN,
    CLEANED,
    COUNTER,
    FURNITURE,
    INJECTED,
    LEAD,
    SEEDS,
    SPAM,
    Run,
    command,
    contents,
    process,
    put,
)

from injectclean.commands import clean as clean_command
from injectclean.commands import examine, outputs, work
from injectclean.commands.journal import JOURNAL
from injectclean.commands.work import Manner, Outcome, Task
from injectclean.document import from_text
from injectclean.files import TEMPORARY, write_atomically
from injectclean.formats.diff import unified_diff
from injectclean.report import Report
from injectclean.spans import Edit, apply_edits

Cli = Callable[..., Run]


def tree(folder: Path) -> list[str]:
    """Its files but the journal, which has tests of its own."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != JOURNAL)
    return sorted(str(p.relative_to(folder)) for p in found)


def test_folder_gets_cleaned_files_with_their_reports(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    (folder / "deep").mkdir()
    put(folder, a=CLEAN)
    put(folder / "deep", b=INJECTED)
    out = tmp_path / "out"

    result = run("clean", folder, "-o", out)

    assert (result.code, result.out) == (0, b"")
    how = "restore takes them back, with the report beside each"
    assert result.err == f"injectclean: documents: 2, changed: 1, edits: 1; {how}\n"
    assert tree(out) == ["a.txt", "a.txt.report.json", "deep/b.txt", "deep/b.txt.report.json"]
    assert (out / "a.txt").read_bytes() == CLEAN.encode()
    assert (out / "deep" / "b.txt").read_bytes() == CLEANED.encode()


def test_report_is_the_one_that_scan_gives_and_private(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    put(folder, a=INJECTED)
    out = tmp_path / "out"

    run("clean", folder / "a.txt", "-o", out)

    report = out / "a.txt.report.json"
    scanned = run("scan", folder / "a.txt", "--format", "jsonl")
    assert json.loads(report.read_bytes()) == json.loads(scanned.out)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_what_is_written_may_be_read_by_no_more_people_than_what_was_read(
    run: Cli, folder: Path, tmp_path: Path, mode: int
) -> None:
    put(folder, a=INJECTED)
    (folder / "p.csv").write_text(f"text\n{SPAM}\n")
    for path in (folder / "a.txt", folder / "p.csv"):
        path.chmod(mode)
    out, back = tmp_path / "out", tmp_path / "back.txt"
    mask = os.umask(0o022)

    run("clean", folder, "-o", out)
    run("restore", out / "a.txt", "--report", out / "a.txt.report.json", "-o", back)

    os.umask(mask)
    assert back.read_text() == INJECTED
    for path in (out / "a.txt", out / "p.csv", back):
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_folder_is_as_private_as_the_one_that_was_read(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    private = folder / "open" / "private"
    private.mkdir(parents=True)
    put(private, a=INJECTED)
    private.chmod(0o700)
    out = tmp_path / "out"
    mask = os.umask(0o022)

    run("clean", folder, "-o", out)

    os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.rglob("*")}
    assert (modes["open"], modes["private"]) == (0o755, 0o700)


def test_a_file_that_is_there_and_not_ours_is_not_written_over(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    put(folder, a=CLEAN, b=INJECTED)
    out = tmp_path / "out"
    out.mkdir()
    put(out, b="Somebody's own text.\n")

    result = run("clean", folder, "-o", out)

    assert result.code == 2
    assert "b.txt: is there, and no run has written it" in result.err
    assert contents(out) == {"b.txt": b"Somebody's own text.\n"}
    assert [run("clean", folder / "a.txt", "-o", out).code for _ in "12"] == [0, 0]
    assert run("clean", folder / "b.txt", "-o", out).code == 2  # nor when others are ours
    (out / "b.txt").unlink()
    (out / "b.txt").symlink_to(folder)
    assert run("clean", folder / "b.txt", "-o", out).code == 2
    (out / "b.txt").unlink()
    assert [run("clean", folder, "-o", out).code for _ in "12"] == [0, 0]


def test_one_document_goes_to_standard_output(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    result = run("clean", folder / "a.txt")

    assert (result.code, result.text, result.err) == (0, CLEANED, "")


def test_stdin_goes_to_standard_output_byte_for_byte(folder: Path) -> None:
    data = b"\xef\xbb\xbf" + INJECTED.replace("\n", "\r\n").encode()

    result = process(command("clean", "-"), input=data, cwd=folder)

    assert result.stdout == b"\xef\xbb\xbf" + CLEANED.replace("\n", "\r\n").encode()
    assert result.returncode == 0


def test_fail_on_lets_clean_report_findings(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    result = run("clean", folder / "a.txt", "--fail-on", "injected")

    assert (result.code, result.text) == (1, CLEANED)


def test_gap_can_be_chosen(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    without = run("clean", folder / "a.txt", "--gap", "")
    other = run("clean", folder / "a.txt", "--gap", "(?)")

    assert "tại điểm cầu, có lãnh đạo" in without.text
    assert "tại điểm cầu (?), có lãnh đạo" in other.text


@pytest.mark.parametrize("paths", [["."], ["a.txt", "b.txt"]])
def test_several_documents_need_a_place_to_go(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    put(folder, a=INJECTED, b=CLEAN)
    monkeypatch.chdir(folder)

    result = run("clean", *paths)

    assert (result.code, result.out) == (2, b"")
    assert "-o DIR" in result.err


def test_encoding_and_bytes_outside_the_edit_are_kept(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    data = b"\xff\xfe" + INJECTED.encode("utf-16-le")
    (folder / "a.txt").write_bytes(data)

    run("clean", folder, "-o", tmp_path / "out")

    assert (tmp_path / "out" / "a.txt").read_bytes() == b"\xff\xfe" + CLEANED.encode("utf-16-le")


def test_undecodable_bytes_are_kept_and_make_the_run_incomplete(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    bad = b"t\xc3\xa1c gi\xff\xfe\n"
    (folder / "a.txt").write_bytes(bad + INJECTED.encode())

    result = run("clean", folder, "-o", tmp_path / "out")

    assert (tmp_path / "out" / "a.txt").read_bytes() == bad + CLEANED.encode()
    assert result.code == 3
    assert "undecodable bytes" in result.err


def test_two_inputs_for_one_output_are_refused_before_anything(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        put(folder / name, a=INJECTED)

    result = run("clean", folder / "one", folder / "two", "-o", tmp_path / "out")

    assert result.code == 2
    assert "would both be written to" in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output", ["", "inside", "..", "link"])
def test_output_that_overlaps_the_input_is_refused(run: Cli, folder: Path, output: str) -> None:
    put(folder, a=INJECTED)
    (folder.parent / "site-link").symlink_to(folder)
    target = folder.parent / "site-link" if output == "link" else folder / output

    result = run("clean", folder, "-o", target)

    assert result.code == 2
    assert "overlaps" in result.err
    assert tree(folder) == ["a.txt", "injectclean.toml"]


def test_output_onto_the_named_file_itself_is_refused(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    result = run("clean", folder / "a.txt", "-o", folder)

    assert result.code == 2
    assert (folder / "a.txt").read_text() == INJECTED


def test_link_in_the_output_folder_leads_nowhere_else(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    (folder / "sub").mkdir()
    put(folder / "sub", a=INJECTED)
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    out.mkdir()
    (out / "sub").symlink_to(elsewhere)

    result = run("clean", folder, "-o", out)

    assert result.code == 3
    assert "leads out" in result.err
    assert list(elsewhere.iterdir()) == []


def test_one_output_that_fails_does_not_cost_the_others(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    put(folder, a=INJECTED, b=INJECTED)
    out = tmp_path / "out"
    (out / "a.txt").mkdir(parents=True)

    result = run("clean", folder, "-o", out)

    assert result.code == 3
    assert result.err.count("\n") == 2
    assert (out / "b.txt").read_text() == CLEANED
    assert not [name for name in tree(out) if TEMPORARY in name]


def test_report_of_a_long_name_is_shortened_and_unique(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    names = ["ạ" * 83 + end for end in ("xa.txt", "xb.txt")]
    for name in names:
        (folder / name).write_text(INJECTED)

    result = run("clean", folder, "-o", tmp_path / "out")

    assert result.code == 0
    written = tree(tmp_path / "out")
    assert len(written) == 4
    assert set(names) < set(written)
    assert all(len(os.fsencode(name)) <= 255 for name in written)


def test_leftovers_of_a_killed_run_are_swept(run: Cli, folder: Path, tmp_path: Path) -> None:
    put(folder, a=CLEAN)
    out = tmp_path / "out"
    out.mkdir()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (out / f"{TEMPORARY}{dead.pid}-a.txt").write_text("half")
    (out / f"{TEMPORARY}{os.getppid()}-a.txt").write_text("of a run that goes on")

    elsewhere = out / f"{TEMPORARY}{dead.pid}-b.txt"  # of another container, whose number is free
    with elsewhere.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run("clean", folder, "-o", out)

    left = {f"{TEMPORARY}{os.getppid()}-a.txt", elsewhere.name}
    assert {n for n in tree(out) if n.startswith(".")} == left


def test_in_place_replaces_only_what_changes_and_keeps_the_report(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=CLEAN)
    (folder / "a.txt").chmod(0o640)
    untouched = (folder / "b.txt").stat()

    result = run("clean", folder, "--in-place")

    assert result.code == 0
    assert tree(folder) == ["a.txt", "a.txt.report.json", "b.txt", "injectclean.toml"]
    assert (folder / "a.txt").read_text() == CLEANED
    assert stat.S_IMODE((folder / "a.txt").stat().st_mode) == 0o640
    assert (folder / "b.txt").stat() == untouched


def test_in_place_never_overwrites_an_earlier_report(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    run("clean", folder, "--in-place")
    first = (folder / "a.txt.report.json").read_bytes()
    put(folder, a=FURNITURE)

    run("clean", folder, "--in-place")

    assert (folder / "a.txt.report.json").read_bytes() == first
    second = json.loads((folder / "a.txt.report-2.json").read_bytes())
    assert second["findings"][0]["text"] == COUNTER


def test_in_place_twice_changes_nothing_more(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    run("clean", folder, "--in-place")
    before = tree(folder)

    result = run("clean", folder, "--in-place", "--fail-on", "any")

    assert (result.code, tree(folder)) == (0, before)


def test_in_place_goes_on_after_a_run_that_was_killed(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    run("clean", folder, "--in-place")
    unbroken = contents(folder)
    put(folder, a=INJECTED)  # its report is written already
    dead = subprocess.Popen(["true"])
    dead.wait()
    (folder / f"{TEMPORARY}{dead.pid}-a.txt").write_text("half")

    run("clean", folder, "--in-place")

    assert contents(folder) == unbroken


def test_two_runs_in_place_leave_no_cleaned_document_without_its_report(folder: Path) -> None:
    for number in range(60):
        put(folder, **{f"a{number:02}": f"{INJECTED}Số {number}.\n"})

    both = [
        subprocess.Popen(command("clean", folder, "--in-place"), stderr=subprocess.DEVNULL)
        for _ in "12"
    ]
    codes = [each.wait() for each in both]

    assert set(codes) <= {0, 3}  # what the other one has just replaced is listed
    for number in range(60):
        path = folder / f"a{number:02}.txt"
        assert SPAM not in path.read_text()
        assert run_restore(path).decode() == f"{INJECTED}Số {number}.\n"


def run_restore(path: Path) -> bytes:
    return process(command("restore", path, "--report", f"{path}.report.json")).stdout


def test_a_report_of_an_earlier_run_is_never_taken_away(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=INJECTED)
    run("clean", folder, "--in-place")
    put(folder, a=INJECTED)

    def full(path: str, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs, "write_atomically", full)
    result = run("clean", folder, "--in-place")

    assert result.code == 3
    assert (folder / "a.txt").read_text() == INJECTED
    assert (folder / "a.txt.report.json").exists()


def test_a_document_that_vanishes_costs_no_other(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=INJECTED, b=INJECTED)
    note = clean_command._note_held

    def vanish(examiner: examine.Examiner, outcome: Outcome) -> None:
        note(examiner, outcome)
        if outcome.input.path.endswith("a.txt"):
            os.unlink(outcome.input.path)

    monkeypatch.setattr(clean_command, "_note_held", vanish)
    result = run("clean", folder, "--in-place")

    assert result.code == 3
    assert "a.txt: changed since it was read" in result.err
    assert (folder / "b.txt").read_text() == CLEANED


def test_in_place_refuses_a_link(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    (folder / "link.txt").symlink_to("a.txt")

    result = run("clean", folder / "link.txt", "--in-place")

    assert result.code == 3
    assert "a link" in result.err
    assert "documents: 1, changed: 0, edits: 0" in result.err
    assert (folder / "a.txt").read_text() == INJECTED
    assert (folder / "link.txt").is_symlink()


def test_in_place_warns_of_hard_links(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    os.link(folder / "a.txt", folder.parent / "other.txt")

    result = run("clean", folder, "--in-place")

    assert "hard links" in result.err
    assert (folder.parent / "other.txt").read_text() == INJECTED
    assert result.code == 0


def test_in_place_refuses_a_file_that_changed_meanwhile(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=INJECTED)
    newer = INJECTED + "one more line\n"

    def slow(manner: Manner, task: Task) -> Outcome:
        outcome = work.examine(manner, task)
        put(folder, a=newer)
        return outcome

    monkeypatch.setattr(examine, "examine", slow)

    result = run("clean", folder, "--in-place")

    assert result.code == 3
    assert "changed since it was read" in result.err
    assert (folder / "a.txt").read_text() == newer
    assert tree(folder) == ["a.txt", "injectclean.toml"]


def test_in_place_that_fails_leaves_the_file_and_no_report(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=INJECTED)
    write = write_atomically

    def full(path: str, data: bytes, **options: object) -> None:
        if path.endswith("a.txt"):
            raise OSError(28, "No space left on device")
        write(path, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(outputs, "write_atomically", full)

    result = run("clean", folder, "--in-place")

    assert result.code == 3
    assert "No space left" in result.err
    assert tree(folder) == ["a.txt", "injectclean.toml"]
    assert (folder / "a.txt").read_text() == INJECTED


@pytest.mark.parametrize("flag", [["-o", "out"], ["--in-place"]])
def test_stdin_has_no_name_to_write_to(run: Cli, flag: list[str]) -> None:
    result = run("clean", "-", *flag)

    assert result.code == 2
    assert "standard input" in result.err


def test_held_document_is_left_as_it_is_and_named(run: Cli, folder: Path) -> None:
    put(folder, a=f"{SPAM}\n" * 9)

    result = run("clean", folder / "a.txt")

    assert result.text == f"{SPAM}\n" * 9
    assert "held back" in result.err


def test_diff_shows_the_change_and_writes_nothing(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=CLEAN)

    result = run("clean", folder, "--diff")

    assert result.code == 0
    assert result.text == (
        f"--- a/{folder}/a.txt\n+++ b/{folder}/a.txt\n@@ -1,4 +1,3 @@\n {LEAD}\n"
        f"-Tham dự tại điểm cầu {SPAM}\n-, có lãnh đạo huyện và đại diện các ban.\n"
        f"+Tham dự tại điểm cầu […], có lãnh đạo huyện và đại diện các ban.\n {BODY}\n"
    )
    assert (folder / "a.txt").read_text() == INJECTED


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_diff_is_a_patch_that_git_applies(
    run: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: Path, prefix: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_bytes(prefix + seed.read_bytes())
    patch = run("clean", "a.txt", "--diff", "--isolated").out
    cleaned = run("clean", "a.txt", "--isolated").out

    if patch:
        apply = ["git", "apply", "--unsafe-paths", "--directory=.", "-"]
        subprocess.run(apply, input=patch, check=True, cwd=tmp_path, capture_output=True)

    assert Path("a.txt").read_bytes() == cleaned


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("a\nb\nc\n", [(1, 2, "")]),
        ("a\nb\nc\n", [(1, 2, ""), (3, 4, "")]),
        ("a\nb\nc\nd", [(2, 3, ""), (3, 4, "")]),
        ("abc\nd\ne\n", [(1, 4, ""), (4, 6, "")]),
        ("a\nb", [(1, 3, "")]),
        ("a\nb\n", [(0, 4, "")]),
        ("a\n" * 20, [(4, 6, ""), (30, 32, "x")]),
        ("a", [(0, 1, "b\nc")]),
    ],
)
def test_diff_of_any_edits_is_applied_as_they_are(
    tmp_path: Path, text: str, cuts: list[tuple[int, int, str]]
) -> None:
    edits = tuple(Edit(start, end, text[start:end], new) for start, end, new in cuts)
    source = from_text(text, "a.txt").source
    report = Report("", "", "", source, "pass", (), edits, {}, None, True)
    (tmp_path / "a.txt").write_text(text)

    patch = "".join(unified_diff(report, text)).encode()
    apply = ["git", "apply", "--unidiff-zero", "-"]
    subprocess.run(apply, input=patch, check=True, cwd=tmp_path, capture_output=True)

    left = tmp_path / "a.txt"
    assert (left.read_text() if left.exists() else "") == apply_edits(text, edits)
