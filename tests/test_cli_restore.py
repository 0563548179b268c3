"""``injectclean restore``: the original byte for byte, or nothing."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import CLEANED, INJECTED, SEEDS, SPAM, Run, command, process, put

Cli = Callable[..., Run]

ORIGINALS = {
    "plain": INJECTED.encode(),
    "marked": b"\xef\xbb\xbf" + INJECTED.encode(),
    "windows": INJECTED.replace("\n", "\r\n").encode(),
    "utf-16": b"\xfe\xff" + INJECTED.encode("utf-16-be"),
    "damaged": b"\xff\xfe\xe1\n".join([INJECTED.encode()] * 2),
    "mark-uncovered": f"{SPAM}\n\ufeff{INJECTED}".encode(),
    "open-end": INJECTED.rstrip("\n").encode(),
}


@pytest.mark.parametrize("data", ORIGINALS.values(), ids=ORIGINALS)
def test_restored_bytes_are_the_original(
    run: Cli, folder: Path, tmp_path: Path, data: bytes
) -> None:
    (folder / "a.txt").write_bytes(data)
    out = tmp_path / "out" / "a.txt"
    run("clean", folder, "-o", out.parent)
    assert out.read_bytes() != data

    result = run("restore", out, "--report", f"{out}.report.json")

    assert (result.code, result.out, result.err) == (0, data, "")


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_seed_comes_back_from_its_report(run: Cli, tmp_path: Path, seed: Path) -> None:
    run("clean", seed, "-o", tmp_path / "out", "--isolated")
    cleaned = tmp_path / "out" / seed.name

    result = run("restore", cleaned, "--report", f"{cleaned}.report.json", "-o", tmp_path / "back")

    assert (result.code, result.out) == (0, b"")
    assert (tmp_path / "back").read_bytes() == seed.read_bytes()


def test_in_place_undoes_in_place(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)
    (folder / "a.txt").chmod(0o640)
    run("clean", folder, "--in-place")

    result = run(
        "restore", folder / "a.txt", "--report", folder / "a.txt.report.json", "--in-place"
    )

    assert result.code == 0
    assert (folder / "a.txt").read_bytes() == INJECTED.encode()
    assert stat.S_IMODE((folder / "a.txt").stat().st_mode) == 0o640


def test_report_may_be_a_line_of_scan(run: Cli, folder: Path, tmp_path: Path) -> None:
    put(folder, a=INJECTED)
    (tmp_path / "report").write_bytes(run("scan", folder, "--format", "jsonl").out)
    (tmp_path / "cleaned").write_text(CLEANED)

    result = run("restore", tmp_path / "cleaned", "--report", tmp_path / "report")

    assert result.out == INJECTED.encode()


def test_name_that_is_not_utf8_is_no_hindrance(run: Cli, folder: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.txt")
    (folder / name).write_text(INJECTED)
    run("clean", folder, "-o", tmp_path / "out")
    cleaned = tmp_path / "out" / name

    result = run("restore", cleaned, "--report", f"{cleaned}.report.json")

    assert result.out == INJECTED.encode()


def test_stdin_can_be_restored(folder: Path, tmp_path: Path) -> None:
    put(folder, a=INJECTED)
    process(command("clean", ".", "-o", tmp_path / "out"), cwd=folder)
    report = tmp_path / "out" / "a.txt.report.json"

    result = process(command("restore", "-", "--report", report), input=CLEANED.encode())

    assert (result.returncode, result.stdout) == (0, INJECTED.encode())


@pytest.mark.parametrize("change", ["text", "digest", "edits", "original", "unread"])
def test_wrong_pair_is_refused_and_nothing_written(
    run: Cli, folder: Path, tmp_path: Path, change: str
) -> None:
    put(folder, a=INJECTED)
    out = tmp_path / "out"
    run("clean", folder, "-o", out)
    report = json.loads((out / "a.txt.report.json").read_bytes())
    if change == "text":
        put(out, a=CLEANED + ".")
    elif change == "digest":
        report["source"]["sha256"] = "0" * 64
    elif change == "edits":
        report["edits"] = []
    elif change == "original":
        report["edits"][0]["original"] = report["edits"][0]["original"].upper()
    else:
        report["cleaned_sha256"] = None
    (out / "a.txt.report.json").write_text(json.dumps(report))
    before = (out / "a.txt").read_bytes()

    result = run("restore", out / "a.txt", "--report", out / "a.txt.report.json", "--in-place")

    assert result.code == 3
    assert "not restored" in result.err
    assert result.err.count("\n") == 1
    assert (out / "a.txt").read_bytes() == before


def _damaged(report: dict[str, object]) -> list[bytes]:
    source = report["source"]
    assert isinstance(source, dict)
    whole = json.dumps(report).encode()
    edits = [{"start": 0, "end": 1, "original": "x", "replacement": None, "lossy": False}]
    return [
        b"",
        b"\x00\xff",
        b"[]",
        b"null",
        whole[:-20],
        b"[" * 100_000,
        json.dumps({**report, "schema": "other/1"}).encode(),
        json.dumps({**report, "edits": 5}).encode(),
        json.dumps({**report, "edits": [{"start": "a"}]}).encode(),
        json.dumps({**report, "edits": edits}).encode(),
        json.dumps({**report, "source": {**source, "encoding": 5}}).encode(),
        json.dumps({**report, "source": {**source, "encoding": "rot13"}}).encode(),
        json.dumps({**report, "source": {**source, "encoding": "no-such"}}).encode(),
        json.dumps({**report, "source": {**source, "more": 1}}).encode(),
        json.dumps({**report, "source": {**source, "bom": True}}).encode(),
    ]


def test_damaged_report_is_one_line_and_no_traceback(
    run: Cli, folder: Path, tmp_path: Path
) -> None:
    put(folder, a=INJECTED)
    (tmp_path / "cleaned").write_text(CLEANED)
    good = json.loads(run("scan", folder, "--format", "jsonl").out)

    for data in _damaged(good):
        (tmp_path / "report").write_bytes(data)
        result = run("restore", tmp_path / "cleaned", "--report", tmp_path / "report")

        assert (result.code, result.out) == (3, b""), data[:80]
        assert result.err.count("\n") == 1
        assert "internal" not in result.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a.txt"], 2),
        (["-", "--report", "a.txt", "--in-place"], 2),
        (["missing.txt", "--report", "report.json"], 3),
        (["a.txt", "--report", "missing.json"], 3),
        (["a.txt", "--report", "."], 3),
        (["link.txt", "--report", "report.json", "--in-place"], 3),
        (["cleaned.txt", "--report", "report.json", "-o", "no/such/folder"], 3),
        (["cleaned.txt", "--report", "report.json", "-o", "."], 3),
    ],
)
def test_bad_call_is_one_line(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(folder)
    put(folder, a=INJECTED, cleaned=CLEANED)
    Path("link.txt").symlink_to("cleaned.txt")
    Path("report.json").write_bytes(run("scan", "a.txt", "--format", "jsonl").out)
    before = sorted(p.name for p in folder.iterdir())

    result = run("restore", *arguments)

    assert (result.code, result.out) == (code, b"")
    assert result.err.count("\n") == 1
    assert sorted(p.name for p in folder.iterdir()) == before
