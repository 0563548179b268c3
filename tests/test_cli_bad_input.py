"""Bad inputs, outputs, models and configurations: one line, the right exit code, no traceback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_tools import (
    BODY,
    CLEAN,
    CLEANED,
    INJECTED,
    LEAD,
    SPAM,
    Run,
    command,
    environment,
    process,
    put,
    shell,
    write_folder,
)

from injectclean.commands import inputs
from injectclean.commands.journal import JOURNAL
from injectclean.model import card_digest, default_path
from injectclean.scanner import Scanner

Cli = Callable[..., Run]
NOBODY = 65534


def problem(result: Run) -> tuple[str, str, bool]:
    """Kind, verdict and completeness of the only report."""
    report = json.loads(result.out)
    return report["source"]["problem"]["kind"], report["verdict"], report["complete"]


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)  # the name of a socket must be short
        server.bind(path.name)


MAKE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "binary": lambda path: path.write_bytes(b"MZ\x00\x01\x00" + bytes(100)),
    "undecodable": lambda path: path.write_bytes("tất cả đều sai".encode("utf-16-le")[1:-1] * 9),
    "encoding_undetermined": lambda path: path.write_bytes("every letter".encode("utf-16-le")),
    "too_large": lambda path: path.write_bytes(b"a" * 2001),
    "loop": lambda path: path.symlink_to(path.name),
    "not_regular": lambda path: os.mkfifo(path),
}


@pytest.mark.parametrize("kind", MAKE)
def test_unread_input_is_never_clean(run: Cli, folder: Path, kind: str) -> None:
    path = folder / "bad.txt"
    MAKE[kind](path)
    if kind == "undecodable":
        path.write_bytes(LEAD.encode("utf-8").replace(b"\xe1", b"\xff"))

    result = run("scan", path, "--format", "jsonl", "--max-bytes", "2000")

    assert problem(result) == (kind, "review", False)
    assert result.code == 3
    assert result.err.startswith(f"injectclean: {path}: ")
    assert result.err.count("\n") == 1


def test_a_few_bytes_with_a_nul_are_binary(run: Cli, folder: Path) -> None:
    (folder / "few.txt").write_bytes(b"ab\x00")

    assert problem(run("scan", folder / "few.txt", "--format", "jsonl"))[0] == "binary"


def test_special_files_are_refused_without_opening_them(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    make_socket(folder / "socket")
    started = time.monotonic()

    for path in ("/dev/zero", "/dev/tty", folder / "socket"):
        assert problem(run("scan", path, "--format", "jsonl"))[0] == "not_regular"

    assert time.monotonic() - started < 5


def test_sparse_giant_is_decided_at_once(run: Cli, folder: Path) -> None:
    with (folder / "giant.txt").open("wb") as file:
        file.truncate(10 << 30)

    result = run("scan", folder / "giant.txt", "--format", "jsonl")

    assert problem(result)[0] == "too_large"


def test_file_that_grows_past_the_limit_while_it_is_read_is_too_large(
    run: Cli, folder: Path
) -> None:
    # Files in /proc say that they hold nothing, and hold more.
    result = run("scan", "/proc/self/status", "--format", "jsonl", "--max-bytes", "20")

    assert problem(result)[0] == "too_large"


def test_empty_file_is_scanned_and_noted(run: Cli, folder: Path) -> None:
    put(folder, a="")

    result = run("scan", folder / "a.txt")

    assert (result.code, result.err) == (0, f"injectclean: {folder}/a.txt: empty\n")
    assert f"{folder}/a.txt: pass\n" in result.text


def test_binary_in_a_folder_is_listed_and_no_failure(run: Cli, folder: Path) -> None:
    put(folder, a=CLEAN)
    (folder / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    os.mkfifo(folder / "c.fifo")

    result = run("scan", folder)

    assert (result.code, result.err) == (0, "")
    assert f"{folder}/b.png: not scanned (binary)\n" in result.text
    assert "not scanned: 2 (1 binary, 1 not_regular)\nverdict: pass\n" in result.text


def test_binary_is_read_as_text_on_request(run: Cli, folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"\x00" + INJECTED.encode())

    result = run("scan", folder / "a.txt", "--text")

    assert result.code == 1
    assert SPAM in result.text


def test_bad_bytes_are_passed_by_and_the_rest_is_scanned(run: Cli, folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"a\xfe\xffb\n" + (INJECTED + BODY * 9).encode())

    result = run("scan", folder / "a.txt", "--format", "jsonl")

    report = json.loads(result.out)
    assert problem(result) == ("undecodable_bytes", "block", False)
    assert [f["line"] for f in report["findings"]] == [3]
    assert (result.code, result.err.count("\n")) == (3, 1)


def test_incomplete_wins_over_findings_and_siblings_are_scanned(run: Cli, folder: Path) -> None:
    put(folder, a=INJECTED)

    result = run("scan", folder / "missing.txt", folder / "a.txt")

    assert result.code == 3
    assert SPAM in result.text
    assert result.text.endswith("not scanned: 1 (1 missing)\nverdict: block (incomplete)\n")


def test_file_that_changes_while_it_is_read_is_scanned_as_read(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, a=INJECTED)
    read = inputs._read_limited

    def growing(*arguments: object) -> bytes:
        data = read(*arguments)  # type: ignore[arg-type]
        put(folder, a=INJECTED + CLEAN)
        return data

    monkeypatch.setattr(inputs, "_read_limited", growing)

    result = run("scan", folder / "a.txt", "--format", "jsonl")

    assert problem(result) == ("changed_during_read", "block", False)
    assert result.code == 3


@pytest.mark.parametrize(
    ("error", "kind"),
    [(MemoryError(), "out_of_memory"), (ZeroDivisionError("a fault of ours"), "internal_error")],
)
def test_one_document_that_fails_does_not_cost_the_others(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    put(folder, a=CLEAN, b=INJECTED)
    clean_document = Scanner.clean_document

    def failing(self: Scanner, document: object) -> object:
        if document.text == CLEAN:  # type: ignore[attr-defined]
            raise error
        return clean_document(self, document)  # type: ignore[arg-type]

    monkeypatch.setattr(Scanner, "clean_document", failing)

    result = run("scan", folder, "--format", "jsonl")

    first, second = (json.loads(line) for line in result.out.splitlines())
    assert first["source"]["problem"]["kind"] == kind
    assert second["verdict"] == "block"
    assert (result.code, result.err.count("\n")) == (3, 1)


def test_interruption_is_silent(run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Scanner, "clean_document", interrupted)
    put(folder, a=CLEAN)

    result = run("scan", folder)

    assert (result.code, result.err) == (130, "")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Whoever ignores SIGINT, as a background job does, hands that on to what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_process_ends_without_a_traceback(folder: Path) -> None:
    with subprocess.Popen(
        command("scan", "-"), cwd=folder, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
    ) as running:  # fmt: skip
        assert running.stdin is not None
        # More than a pipe holds: when all of it is written the command waits for the rest.
        for _ in range(64):
            running.stdin.write(b"Trang thu.\n" * 1000)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)

    assert (running.returncode, err) == (130, b"")


# What others may not read


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that any user can come to."""
    path = Path(tempfile.mkdtemp(prefix="injectclean-"))
    path.chmod(0o755)
    yield write_folder(path / "site")
    shutil.rmtree(path)


def as_nobody(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """Run without the right of root to read everything: with it such a test proves nothing."""
    drop: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv")
        drop = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
        if process([*drop, *command("--version")], cwd="/").returncode != 0:
            pytest.skip("another user cannot read this checkout")
    return process([*drop, *command(*arguments)], cwd="/")


def test_unreadable_file_and_folder_are_reported_and_siblings_scanned(public_folder: Path) -> None:
    put(public_folder, a=CLEAN, b=INJECTED, c=INJECTED)
    (public_folder / "d").mkdir()
    put(public_folder / "d", x=INJECTED)
    (public_folder / "a.txt").chmod(0)
    (public_folder / "d").chmod(0)

    result = as_nobody("scan", public_folder, "--format", "jsonl")

    reports = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [(r["source"]["problem"] or {}).get("kind") for r in reports]
    assert kinds == ["permission_denied", None, None, "permission_denied"]
    assert result.returncode == 3
    assert result.stderr.decode().count("\n") == 2


def test_unreadable_configuration_is_refused(public_folder: Path) -> None:
    put(public_folder, a=CLEAN)
    (public_folder / "injectclean.toml").chmod(0)

    refused = as_nobody("scan", public_folder)
    isolated = as_nobody("scan", public_folder, "--isolated", "--fail-on", "never")

    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"--isolated" in refused.stderr
    assert isolated.returncode == 0


def test_folder_that_cannot_be_written_is_one_line(public_folder: Path) -> None:
    put(public_folder, a=INJECTED)

    in_place = as_nobody("clean", public_folder, "--in-place")
    elsewhere = as_nobody("clean", public_folder, "-o", public_folder.parent / "out")

    for result in (in_place, elsewhere):
        assert result.returncode == 3
        assert result.stderr.startswith(b"injectclean: ")
        assert b"Permission denied" in result.stderr
    assert sorted(p.name for p in public_folder.iterdir()) == ["a.txt", "injectclean.toml"]


# Links that lead round


def test_loop_of_links_ends_and_is_reported(run: Cli, folder: Path) -> None:
    (folder / "deep").mkdir()
    put(folder / "deep", a=CLEAN)
    (folder / "deep" / "up").symlink_to("..")
    (folder / "self").symlink_to("self")

    plain = run("scan", folder)
    followed = run("scan", folder, "--follow")

    assert (plain.code, plain.err) == (0, "")
    assert followed.code == 3
    assert [line.split(": ")[1] for line in followed.err.splitlines()] == [
        f"{folder}/deep/up",
        f"{folder}/self",
    ]
    assert "documents: 3 (1 pass, 0 review, 0 block)" in followed.text


def test_deep_and_long_names_are_no_obstacle(run: Cli, folder: Path, tmp_path: Path) -> None:
    deep = folder / "/".join(["d" * 30] * 60)
    deep.mkdir(parents=True)
    put(deep, a=INJECTED)

    result = run("clean", folder, "-o", tmp_path / "out")

    assert result.code == 0
    (cleaned,) = (tmp_path / "out").rglob("a.txt")
    assert cleaned.read_text() == CLEANED


# Streams


def test_closed_stdin_is_one_line(folder: Path) -> None:
    result = shell('exec "$@" <&-', "scan", "-", cwd=folder)

    assert result.returncode == 3
    assert result.stderr == b"injectclean: standard input: closed\n"


@pytest.mark.parametrize("arguments", [("scan", "."), ("clean", "a.txt"), ("explain",)])
@pytest.mark.parametrize(
    ("redirection", "message"),
    [(">/dev/full", b"No space left on device"), (">&-", b"closed")],
)
def test_output_that_takes_nothing_is_one_line(
    folder: Path, arguments: tuple[str, ...], redirection: str, message: bytes
) -> None:
    put(folder, a=INJECTED)

    result = shell(f'exec "$@" {redirection}', *arguments, cwd=folder)

    assert result.returncode == 3
    assert result.stderr == b"injectclean: standard output: " + message + b"\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("scan", "."), ("clean", ".", "--diff"), ("--help",)])
def test_a_reader_that_leaves_is_told_nothing_but_by_the_exit_code(
    folder: Path, arguments: tuple[str, ...], unbuffered: str
) -> None:
    put(folder, a=INJECTED)
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as pipe:
        result = process(
            command(*arguments), cwd=folder, env=environment(PYTHONUNBUFFERED=unbuffered),
            capture_output=False, stdout=pipe, stderr=subprocess.PIPE,
        )  # fmt: skip

    assert result.stderr == b""
    codes = {0, 141} if arguments == ("--help",) else {141}  # argparse may not even notice
    assert result.returncode in codes


def test_closed_stderr_is_no_failure(folder: Path) -> None:
    put(folder, a="")

    result = shell('exec "$@" 2>&-', "scan", ".", cwd=folder)

    assert result.returncode == 0
    assert b"verdict: pass" in result.stdout


@pytest.mark.parametrize("where", [("-o", "../out"), ("--in-place",)])
def test_file_size_limit_leaves_nothing_half_written(folder: Path, where: tuple[str, ...]) -> None:
    text = INJECTED + f"{BODY}\n" * 30
    put(folder, a=text)

    result = shell('ulimit -f 4; exec "$@"', "clean", ".", *where, cwd=folder)

    assert result.returncode == 3
    assert b"File too large" in result.stderr
    assert (folder / "a.txt").read_text() == text
    files = {p.name for p in folder.parent.rglob("*") if p.is_file()}
    assert files - {JOURNAL} == {"a.txt", "injectclean.toml"}


def test_few_file_descriptors_are_enough(folder: Path) -> None:
    for number in range(60):
        put(folder, **{f"a{number}": CLEAN})

    result = shell('ulimit -n 20; exec "$@"', "scan", ".", cwd=folder)

    assert result.returncode == 0


# Configuration and usage


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('gapp = "x"', "did you mean 'gap'?"),
        ("max_bytes = true", "max_bytes"),
        ('disable = ["injected/gamble"]', "did you mean 'injected/gambling'?"),
        ("gap =", "not TOML"),
        ("\xff", "not TOML"),
        ('[[allow]]\ntext = "x"', "needs a reason"),
        ('[[rules]]\nid = "x"\nphrase = "y"\ncategory = "injected/seo"', "match"),
        (
            '[[rules]]\nid = "x"\nphrase = "y"\ncategory = "injected/seo"\nmatch = 5\nno_match = 5',
            "match",
        ),
    ],
)
def test_bad_configuration_is_refused_before_anything_is_scanned(
    run: Cli, folder: Path, config: str, message: str
) -> None:
    put(folder, a=INJECTED)
    (folder / "injectclean.toml").write_bytes(config.encode("latin-1"))

    result = run("scan", folder)

    assert (result.code, result.out) == (2, b"")
    assert f"{folder}/injectclean.toml" in result.err
    assert message in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    "table", ["tool = 5", "[tool]\ninjectclean = 5", "[tool.injectclean]\ngapp = 1"]
)
def test_odd_pyproject_is_no_traceback(run: Cli, tmp_path: Path, table: str) -> None:
    put(tmp_path, a=CLEAN)
    (tmp_path / "pyproject.toml").write_text(f"# injectclean\n{table}\n")

    result = run("scan", tmp_path / "a.txt", "--fail-on", "never")

    assert result.code == (0 if table == "tool = 5" else 2)
    assert "internal" not in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scna", "."],
        ["scan"],
        ["scan", ".", "--formt", "json"],
        ["scan", ".", "--form", "json"],
        ["scan", ".", "--format", "xml"],
        ["scan", ".", "--fail-on", "some"],
        ["scan", ".", "--max-bytes", "many"],
        ["scan", ".", "--max-bytes", "0"],
        ["scan", ".", "--report-threshold", "2"],
        ["scan", ".", "--clean-threshold", "nan"],
        ["scan", ".", "--gap", "a\nb"],
        ["scan", ".", "--encoding", "no-such"],
        ["scan", ".", "--encoding", "rot13"],
        ["scan", ".", "--encoding", "undefined"],
        ["scan", ".", "--config", "missing.toml"],
        ["scan", ".", "--config", "."],
        ["scan", ".", "--isolated", "--config", "injectclean.toml"],
        ["scan", "-", "-"],
        ["clean", ".", "-o", "x", "--in-place"],
        ["clean", ".", "--diff", "--in-place"],
        ["clean", "a.txt", "-o", "injectclean.toml"],
        ["evaluate", "--folds", "1"],
        ["train", "--labels", "missing.csv", "-o", "x.npz"],
    ],
)
def test_wrong_usage_is_one_line_and_2(
    run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(folder)
    put(folder, a=INJECTED)

    result = run(*arguments)

    assert (result.code, result.out) == (2, b"")
    assert result.err.startswith("injectclean: ")
    assert result.err.count("\n") == 1


def test_hostile_argument_is_shown_harmlessly(run: Cli) -> None:
    assert "\x1b" not in run("scan", "--\x1b[2J", "\x1b[2J.txt").err
    assert "\x1b" not in run("scan", "\x1b[2J.txt").err


def test_dash_dash_ends_the_flags(run: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path("-rf.txt").write_text(INJECTED)

    result = run("scan", "--", "-rf.txt")

    assert result.code == 1
    assert "-rf.txt:2:22:" in result.text


# Models


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped model, to be spoilt."""
    path = tmp_path / "model.npz"
    shipped = Path(default_path())
    shutil.copy(shipped, path)
    shutil.copy(shipped.with_suffix(".json"), path.with_suffix(".json"))
    return path


def change_card(path: Path, **changes: object) -> None:
    card_path = path.with_suffix(".json")
    card = {**json.loads(card_path.read_bytes()), **changes}
    card["arrays_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    card["card_sha256"] = card_digest(card)
    card_path.write_text(json.dumps(card))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _put_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    change_card(path)


def _rename_a_feature(path: Path) -> None:
    features = json.loads(path.with_suffix(".json").read_bytes())["features"]
    change_card(path, features={**features, "extent": ["another", *features["extent"][1:]]})


SPOIL: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "no card": lambda path: path.with_suffix(".json").unlink(),
    "one bit": _flip,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: _put_bytes(path, b""),
    "pickle": lambda path: _put_bytes(path, b"\x80\x04\x95\x00."),
    "other zip": lambda path: _put_bytes(path, b"PK\x05\x06" + bytes(18)),
    "newer format": lambda path: change_card(path, format=99),
    "older format": lambda path: change_card(path, format=0),
    "other features": lambda path: change_card(path, features={}),
    "features of other names": _rename_a_feature,
    "other tables": lambda path: change_card(path, tables=["nothing"]),
    "odd tables": lambda path: change_card(path, tables=7),
    "changed card": lambda path: path.with_suffix(".json").write_text('{"format": 1}'),
    "card is no object": lambda path: path.with_suffix(".json").write_text("[]"),
    "deep card": lambda path: path.with_suffix(".json").write_text("[" * 100_000),
    "binary card": lambda path: path.with_suffix(".json").write_bytes(b"\xff\x00"),
    "folder": _make_folder,
}


@pytest.mark.parametrize("spoil", SPOIL)
def test_spoilt_model_is_refused_before_anything_is_scanned(
    run: Cli, folder: Path, model: Path, spoil: str
) -> None:
    put(folder, a=INJECTED)
    SPOIL[spoil](model)

    result = run("scan", folder, "--model", model)

    assert (result.code, result.out) == (2, b"")
    assert result.err.count("\n") == 1
    assert "internal" not in result.err


def test_copied_model_is_a_model(run: Cli, folder: Path, model: Path) -> None:
    put(folder, a=INJECTED)

    assert run("scan", folder, "--model", model).code == 1
