"""The published JSON Schema fits what the command line really writes, and little else."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_tools import INJECTED, ROOT, SEEDS, Run, put

from injectclean.report import ACTIONS, CATEGORIES, SCHEMA, VERDICTS

Cli = Callable[..., Run]
PATH = ROOT / "src" / "injectclean" / "formats" / "report-1.schema.json"
PUBLISHED = json.loads(PATH.read_bytes())
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)


def strict(text: bytes) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    values: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return values


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)


def test_objects_of_the_schema_are_closed() -> None:
    described = [part for part in parts(PUBLISHED) if part.get("type") == "object"]
    closed = [part for part in described if "properties" in part]

    assert all(part["additionalProperties"] is False for part in closed)
    assert len(closed) == 7


def test_schema_knows_our_words() -> None:
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA
    assert tuple(PUBLISHED["$defs"]["category"]["enum"]) == CATEGORIES
    assert tuple(PUBLISHED["properties"]["verdict"]["enum"]) == VERDICTS
    assert tuple(PUBLISHED["$defs"]["finding"]["properties"]["action"]["enum"]) == ACTIONS


def test_reports_on_the_seeds_are_valid(run: Cli) -> None:
    result = run("scan", SEEDS, "--isolated", "--format", "jsonl", "--report-threshold", "0.01")

    reports = [strict(line) for line in result.out.splitlines()]
    assert len(reports) == 5
    for report in reports:
        VALIDATOR.validate(report)


@pytest.fixture
def odd_folder(folder: Path) -> Path:
    put(folder, a=INJECTED, empty="", windows=INJECTED.replace("\n", "\r\n"), lone="x\r")
    (folder / "binary.bin").write_bytes(bytes(9))
    (folder / "damaged.txt").write_bytes(b"\xff\n" + INJECTED.encode() * 3)
    (folder / "foreign.txt").write_bytes("một hai ba".encode("utf-16-be"))
    (folder / "marked.txt").write_bytes(b"\xef\xbb\xbf" + INJECTED.encode())
    (folder / os.fsdecode(b"\xff.txt")).write_text(INJECTED)
    (folder / "link").symlink_to("a.txt")
    os.mkfifo(folder / "pipe")
    return folder


def test_reports_on_odd_and_unread_documents_are_valid(run: Cli, odd_folder: Path) -> None:
    result = run("scan", odd_folder, odd_folder / "missing", "--format", "jsonl")

    reports = [strict(line) for line in result.out.splitlines()]
    assert len(reports) == 12
    assert sum(report["complete"] for report in reports) == 6
    for report in reports:
        VALIDATOR.validate(report)


def test_reports_in_one_json_are_valid(run: Cli, odd_folder: Path) -> None:
    values = strict(run("scan", odd_folder, "--format", "json").out)

    assert len(values["documents"]) == 11
    for report in values["documents"]:
        VALIDATOR.validate(report)


def test_reports_beside_cleaned_files_are_valid(run: Cli, odd_folder: Path, tmp_path: Path) -> None:
    run("clean", odd_folder, "-o", tmp_path / "out")

    written = list((tmp_path / "out").glob("*.report.json"))
    assert len(written) == 7
    for path in written:
        VALIDATOR.validate(strict(path.read_bytes()))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("more",), 1),
        (("verdict",), "clean"),
        (("complete",), False),
        (("cleaned_sha256",), None),
        (("source", "more"), 1),
        (("source", "sha256"), "short"),
        (("source", "problem"), {"kind": "binary", "message": "x"}),
        (("findings", 0, "score"), 1.5),
        (("findings", 0, "start"), -1),
        (("findings", 0, "category"), "injected"),
        (("findings", 0, "more"), 1),
        (("findings", 0, "evidence", 0, "weight"), "heavy"),
        (("edits", 0, "original"), ""),
        (("quality", "held"), 1),
        (("quality",), {}),
    ],
)
def test_what_is_no_report_is_invalid(
    run: Cli, folder: Path, place: tuple[str | int, ...], value: object
) -> None:
    put(folder, a=INJECTED)
    report = strict(run("scan", folder, "--format", "jsonl").out)
    VALIDATOR.validate(report)
    spoilt = copy.deepcopy(report)
    inner: Any = spoilt
    for step in place[:-1]:
        inner = inner[step]

    inner[place[-1]] = value

    assert not VALIDATOR.is_valid(spoilt)
