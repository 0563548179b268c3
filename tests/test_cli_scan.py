"""``injectclean scan``: what it prints, in which order, and its exit code."""

from __future__ import annotations

import base64
import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_tools import (
    ALLOW,
    CLEAN,
    COUNTER,
    FURNITURE,
    INJECTED,
    LEAD,
    SEEDS,
    SPAM,
    Run,
    command,
    environment,
    process,
    put,
    write_folder,
)

Cli = Callable[..., Run]


def jsonl(result: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.out.splitlines()]


def paths(result: Run) -> list[object]:
    return [document["source"]["path"] for document in jsonl(result)]


def test_finding_is_one_line_with_place_category_score_action_text_and_reason(
    run: Cli, folder: Path
) -> None:
    put(folder, a=INJECTED)

    result = run("scan", folder / "a.txt")

    assert f"{folder}/a.txt: block\n" in result.text
    assert (
        f"{folder}/a.txt:2:22: injected/gambling 1.00 replace "
        f'"{SPAM}" — a made-up betting house\n' in result.text
    )
    assert result.err == ""


def test_summary_counts_documents_findings_and_verdicts(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=FURNITURE, c=CLEAN)

    result = run("scan", folder)

    assert result.text.endswith(
        "\ndocuments: 3 (2 pass, 0 review, 1 block)\n"
        "findings: 2 (1 injected/gambling, 1 boilerplate/visitor-counter)\n"
        "verdict: block\n"
    )


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        (CLEAN, "any", 0),
        (INJECTED, "any", 1),
        (INJECTED, "injected", 1),
        (INJECTED, "never", 0),
        (FURNITURE, "any", 1),
        (FURNITURE, "injected", 0),
        (FURNITURE, None, 1),
    ],
)
def test_fail_on_says_which_findings_count(
    run: Cli, folder: Path, text: str, fail_on: str | None, code: int
) -> None:
    put(folder, a=text)

    result = run("scan", folder, *(["--fail-on", fail_on] if fail_on else []))

    assert result.code == code


def test_flagged_finding_counts_too(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    config = folder / "injectclean.toml"
    config.write_text(config.read_text().replace("reason = ", 'action = "flag"\nreason = ', 1))

    result = run("scan", folder)

    assert result.code == 1
    assert " flag " in result.text


def test_allowed_finding_counts_for_nothing_and_says_so(run: Cli, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "site", extra=ALLOW.format(text=SPAM))
    put(folder, a=INJECTED)

    result = run("scan", folder)

    assert result.code == 0
    assert f'allowed "{SPAM}" — allowed: the author wrote it so' in result.text
    assert "findings: 0\nallowed: 1\nverdict: pass\n" in result.text
    assert result.err == ""


def test_unused_allow_entry_is_listed_at_the_end(run: Cli, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "site", extra=ALLOW.format(text="không có ở đây"))
    put(folder, a=CLEAN)

    result = run("scan", folder)

    assert result.err == 'injectclean: allow entry "không có ở đây" matched nothing\n'
    assert result.code == 0


def test_folder_is_walked_in_order_without_what_is_hidden_or_ours(run: Cli, folder: Path) -> None:
    put(folder, b=CLEAN, a=CLEAN)
    (folder / "ab").mkdir()
    put(folder / "ab", z=CLEAN)
    for name in (".hidden.txt", "a.txt.report.json", "a.txt.report-2.json", ".icl-tmp-1-a.txt"):
        (folder / name).write_text(INJECTED)
    for name in (".git", "CVS", ".svn"):
        (folder / name).mkdir()
        (folder / name / "x.txt").write_text(INJECTED)

    result = run("scan", folder, "--format", "jsonl")

    assert paths(result) == [f"{folder}/{name}" for name in ("a.txt", "ab/z.txt", "b.txt")]


def test_jsonl_is_one_report_a_line(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=CLEAN)

    result = run("scan", folder, "--format", "jsonl")

    first, second = jsonl(result)
    assert first["verdict"] == "block"
    assert second["findings"] == []
    (found,) = first["findings"]
    assert (found["line"], found["column"], found["text"]) == (2, 22, SPAM)
    assert INJECTED[found["start"] : found["end"]] == SPAM


def test_json_is_one_object_with_documents_and_summary(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=CLEAN)

    result = run("scan", folder, "--format", "json")

    values = json.loads(result.out)
    assert [d["verdict"] for d in values["documents"]] == ["block", "pass"]
    assert values["summary"] == {
        "documents": 2,
        "scanned": 2,
        "not_scanned": {},
        "findings": {"injected/gambling": 1},
        "allowed": 0,
        "verdicts": {"pass": 1, "review": 0, "block": 1},
        "verdict": "block",
        "complete": True,
    }


def test_json_of_no_documents_is_still_json(run: Cli, folder: Path) -> None:
    result = run("scan", folder, "--format", "json")

    assert json.loads(result.out)["documents"] == []
    assert (result.code, result.err) == (0, "injectclean: no documents found\n")


def test_stdin_is_read_for_a_dash(folder: Path) -> None:
    result = process(command("scan", "-", "--format", "jsonl"), input=INJECTED.encode(), cwd=folder)

    report = json.loads(result.stdout)
    assert (result.returncode, report["source"]["path"]) == (1, "-")


def test_data_does_not_depend_on_the_locale(folder: Path) -> None:
    put(folder, bài=INJECTED)
    plain = environment(LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    usual = process(command("scan", ".", "--format", "jsonl"), cwd=folder)
    without = process(command("scan", ".", "--format", "jsonl"), cwd=folder, env=plain)

    assert usual.stdout == without.stdout
    assert (usual.returncode, without.returncode) == (1, 1)
    assert b"b\\u00e0i.txt" in usual.stdout


def test_text_for_an_ascii_terminal_is_escaped(folder: Path) -> None:
    put(folder, bài=INJECTED)
    plain = environment(LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    result = process(command("scan", "."), cwd=folder, env=plain)

    assert (result.returncode, result.stderr) == (1, b"")
    assert b'./b\\xe0i.txt:2:22: injected/gambling 1.00 replace "nh\\xe0 c' in result.stdout
    assert b'" - a made-up betting house\n' in result.stdout


def test_hostile_text_cannot_act_on_the_terminal(run: Cli, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a\x1b[2J\nb\u202e")
    put(folder, a=f"{LEAD}\n{COUNTER[:6]}\x9b\u200b\u202e{COUNTER[6:]}\n{LEAD}\n")

    result = run("scan", folder, "--fail-on", "never")

    assert {c for c in result.text if not c.isprintable()} == {"\n"}
    assert "a\\x1b[2J\\nb<U+202E>" in result.text
    assert "\\x9b<U+200B><U+202E>" in result.text


def test_long_findings_are_shortened(run: Cli, folder: Path) -> None:
    put(folder, a=f"{LEAD}\n{LEAD}\n" + f"{COUNTER}\n" * 8)
    config = folder / "injectclean.toml"
    config.write_text(config.read_text().replace(COUNTER, " ".join([COUNTER] * 4)))
    put(folder, b=f"{LEAD}\n{' '.join([COUNTER] * 4)}\n")

    result = run("scan", folder)

    assert f'"{" ".join([COUNTER] * 4)[:59]}…"' in result.text


def test_name_that_is_not_utf8_is_kept_as_bytes(run: Cli, folder: Path) -> None:
    raw = os.fsencode(folder) + b"/\xff\xfe.txt"
    Path(os.fsdecode(raw)).write_text(CLEAN)

    result = run("scan", folder, "--format", "jsonl")

    (report,) = jsonl(result)
    assert base64.b64decode(report["source"]["path_b64"]) == raw
    assert result.out.isascii()
    assert "\\xff\\xfe.txt: pass" in run("scan", folder).text


def test_quiet_says_only_what_was_found(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=CLEAN, c="")

    result = run("scan", folder, "--quiet")

    assert [line.split(" ")[0] for line in result.text.splitlines()] == [
        f"{folder}/a.txt:",
        f"{folder}/a.txt:2:22:",
    ]
    assert result.err == ""


def test_colour_is_for_terminals_that_want_it(folder: Path) -> None:
    put(folder, a=INJECTED)

    coloured = _on_terminal(folder, TERM="xterm", NO_COLOR="")
    plain = _on_terminal(folder, TERM="xterm", NO_COLOR="1")
    piped = process(command("scan", "a.txt"), cwd=folder)

    assert b"\x1b[31mblock\x1b[0m" in coloured
    assert b"\x1b" not in plain
    assert b"\x1b" not in piped.stdout


def _on_terminal(folder: Path, **changes: str) -> bytes:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb") as terminal:
        process(
            command("scan", "a.txt", "-q"),
            cwd=folder,
            env=environment(**changes),
            capture_output=False,
            stdout=terminal,
            stderr=terminal,
        )
    shown = os.read(ours, 65536)
    os.close(ours)
    return shown


def test_nearest_configuration_counts_and_flags_win(run: Cli, folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    put(inner, a=INJECTED)
    config = folder / "injectclean.toml"
    config.write_text('fail_on = "never"\n' + config.read_text())

    from_above = run("scan", inner)
    flag = run("scan", inner, "--fail-on", "any")
    isolated = run("scan", inner, "--isolated", "--fail-on", "never")

    assert (from_above.code, flag.code) == (0, 1)
    assert "a made-up betting house" in from_above.text
    assert "a made-up betting house" not in isolated.text


def test_named_configuration_replaces_the_nearest(run: Cli, folder: Path, tmp_path: Path) -> None:
    put(folder, a=INJECTED)
    other = tmp_path / "other.toml"
    other.write_text('disable = ["injected", "boilerplate"]\n')

    result = run("scan", folder, "--config", other)

    assert result.code == 0


def test_pyproject_without_our_table_is_passed_by(run: Cli, folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    put(inner, a=INJECTED)
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")

    result = run("scan", inner / "a.txt")

    assert "a made-up betting house" in result.text


def test_links_are_listed_and_not_followed(run: Cli, folder: Path) -> None:
    put(folder, a=CLEAN)
    (folder / "link.txt").symlink_to("a.txt")
    (folder / "up").symlink_to("..")

    result = run("scan", folder)

    assert f"{folder}/link.txt: not scanned (symlink)\n" in result.text
    assert "not scanned: 2 (2 symlink)\n" in result.text
    assert (result.code, result.err) == (0, "")


def test_links_are_followed_on_request_within_the_folder(run: Cli, folder: Path) -> None:
    put(folder.parent, secret=INJECTED)
    put(folder, a=CLEAN)
    (folder / "deep").mkdir()
    put(folder / "deep", b=CLEAN)
    (folder / "link").symlink_to("deep")
    (folder / "out.txt").symlink_to("../secret.txt")

    within = run("scan", folder, "--follow", "--format", "jsonl")
    beyond = run("scan", folder, "--follow-outside", "--format", "jsonl")

    kinds = [report["source"]["problem"] for report in jsonl(within)]
    assert [kind and kind["kind"] for kind in kinds] == [None, None, "outside"]
    assert within.code == 0
    assert beyond.code == 1


def test_the_order_of_inputs_does_not_change_their_reports(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED, b=FURNITURE)
    one, two = folder / "a.txt", folder / "b.txt"

    forward = run("scan", one, two, "--format", "jsonl").out.splitlines()
    backward = run("scan", two, one, "--format", "jsonl").out.splitlines()

    assert forward == backward[::-1]


def test_other_threshold_reports_less(run: Cli) -> None:
    few = run("scan", SEEDS, "--isolated", "--report-threshold", "1.0", "--format", "json")
    more = run("scan", SEEDS, "--isolated", "--report-threshold", "0.5", "--format", "json")

    def count(result: Run) -> int:
        found: dict[str, int] = json.loads(result.out)["summary"]["findings"]
        return sum(found.values())

    assert count(few) < count(more)


def test_encoding_can_be_named(run: Cli, folder: Path) -> None:
    (folder / "a.txt").write_bytes(INJECTED.encode("utf-16-be"))

    unnamed = run("scan", folder / "a.txt")
    named = run("scan", folder / "a.txt", "--encoding", "utf-16-be", "--text")

    assert (unnamed.code, named.code) == (3, 1)
    assert "--encoding" in unnamed.err


def test_help_and_version_go_to_standard_output(run: Cli) -> None:
    help_, version = run("--help"), run("--version")

    assert help_.code == version.code == 0
    assert version.text.startswith("injectclean ")
    assert all(name in help_.text for name in ("scan", "clean", "restore", "explain", "train"))
    assert help_.out.isascii()


def test_module_and_command_are_the_same() -> None:
    result = process([sys.executable, "-m", "injectclean", "--version"])

    assert result.stdout.startswith(b"injectclean ")


@pytest.mark.parametrize("command", ["scan", "profile"])
def test_what_is_read_is_not_written_over(run: Cli, folder: Path, command: str) -> None:
    paths = [folder / f"{name}.txt" for name in "abc"]
    for path in paths:
        path.write_bytes(b"Not \xff read.\n")  # of which something would be said
    before = [path.read_bytes() for path in paths]

    result = run(command, str(folder), "-o", str(folder / "b.txt"))

    assert result.code == 2
    assert (
        result.err == f"injectclean: -o {folder / 'b.txt'}: is read, too; write to another file\n"
    )
    assert [path.read_bytes() for path in paths] == before


def test_a_configuration_is_not_written_over(run: Cli, folder: Path) -> None:
    put(folder, a=CLEAN)
    path = folder / "injectclean.toml"
    before = path.read_bytes()

    result = run("scan", folder, "--config", path, "-o", path)

    assert (result.code, path.read_bytes()) == (2, before)


def test_a_link_to_an_output_stays_a_link(run: Cli, folder: Path, tmp_path: Path) -> None:
    put(folder, a=INJECTED)
    target, link = tmp_path / "reports.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(target)

    result = run("scan", folder, "--format", "jsonl", "-o", link)

    assert result.code == 1
    assert link.is_symlink()
    assert json.loads(target.read_text(encoding="utf-8"))["findings"]


def test_an_output_may_be_a_pipe(folder: Path) -> None:
    put(folder, a=INJECTED)
    command = [sys.executable, "-m", "injectclean", "scan", str(folder), "--format", "jsonl"]

    result = process([*command, "-o", "/dev/stdout"])

    assert result.returncode == 1
    assert json.loads(result.stdout)["findings"]


@pytest.mark.parametrize("name", ["loop", "new/"])
def test_an_output_that_is_no_place_for_a_file_is_refused(
    run: Cli, folder: Path, tmp_path: Path, name: str
) -> None:
    put(folder, a=INJECTED)
    (tmp_path / "loop").symlink_to("loop")

    result = run("scan", folder, "-o", f"{tmp_path}/{name}")

    assert result.code == 3
    assert "not written" in result.err
    assert [path.name for path in tmp_path.iterdir() if not path.is_dir()] == ["loop"]
    assert (tmp_path / "loop").is_symlink()
