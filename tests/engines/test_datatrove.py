"""datatrove's executor gives what the plain loop gives, and its statistics add up."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from engine_documents import FEW, engine, expected, texts

engine("datatrove")

from datatrove.data import Document  # noqa: E402
from datatrove.executor import LocalPipelineExecutor  # noqa: E402
from datatrove.pipeline.readers import JsonlReader  # noqa: E402
from datatrove.pipeline.writers import JsonlWriter  # noqa: E402

from injectclean import Config, Report, restore  # noqa: E402
from injectclean.errors import ModelError  # noqa: E402
from injectclean.formats.json import report_dict  # noqa: E402
from injectclean.integrations.datatrove import CleanInjected  # noqa: E402

FILES = 4


def write_pages(folder: Path, count: int) -> Path:
    """The first documents, dealt out to files."""
    for number in range(FILES):
        lines = [
            json.dumps({"id": str(index), "text": text, "url": f"https://example.org/{index}"})
            for index, text in enumerate(texts()[:count])
            if index % FILES == number
        ]
        (folder / f"{number}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def run(pages: Path, folder: Path, **options: Any) -> dict[str, Any]:
    """Run a pipeline on two processes; returns the statistics of our step."""
    LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(pages)),
            CleanInjected(**options),
            JsonlWriter(str(folder / "cleaned")),
        ],
        tasks=FILES,
        workers=2,
        logging_dir=str(folder / "logs"),
    ).run()
    stats = json.loads((folder / "logs" / "stats.json").read_text(encoding="utf-8"))
    [ours] = [step["stats"] for step in stats if "Injected text" in step["name"]]
    return ours


def written(folder: Path) -> dict[int, dict[str, Any]]:
    """Documents by number."""
    found = {}
    for path in folder.glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for document in map(json.loads, file):
                found[int(document["id"])] = document
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a run over all documents, and its statistics."""
    folder = tmp_path_factory.mktemp("plain")
    pages = write_pages(tmp_path_factory.mktemp("pages"), len(texts()))
    return folder, run(pages, folder)


def count(stat: Any) -> int:
    return stat["total"] if isinstance(stat, dict) else stat


def test_documents_and_reports_are_what_the_plain_loop_gives(plain: Any) -> None:
    found = written(plain[0] / "cleaned")

    assert sorted(found) == list(range(len(texts())))
    for number, (text, result) in enumerate(zip(texts(), expected(), strict=True)):
        metadata = found[number]["metadata"]
        assert found[number]["text"] == result.text
        assert metadata["injectclean_verdict"] == result.report.verdict
        assert json.loads(metadata["injectclean_report"]) == report_dict(result.report, text)
        assert metadata["url"] == f"https://example.org/{number}"


def test_numbers_to_filter_on_are_in_the_metadata(plain: Any) -> None:
    found = written(plain[0] / "cleaned")

    for number, result in enumerate(expected()):
        for name in result.report.quality.keys() - {"held"}:
            given = found[number]["metadata"][f"injectclean_{name}"]
            assert given == result.report.quality[name]


def test_the_report_in_the_metadata_undoes_the_cleaning(plain: Any) -> None:
    document = written(plain[0] / "cleaned")[0]

    report = Report.from_dict(json.loads(document["metadata"]["injectclean_report"]))

    assert document["text"] != texts()[0]
    assert restore(document["text"], report) == texts()[0]


def test_statistics_of_all_tasks_add_up(plain: Any) -> None:
    verdicts = Counter(result.report.verdict for result in expected())
    categories = Counter(f.category for result in expected() for f in result.report.findings)

    stats = {name: count(stat) for name, stat in plain[1].items()}

    wanted = {f"verdict_{verdict}": number for verdict, number in verdicts.items()}
    assert stats.items() >= {**wanted, **categories}.items()
    assert stats["total"] == stats["forwarded"] == len(texts())
    assert stats["edits"] == sum(len(result.report.edits) for result in expected())


def test_blocked_documents_go_to_the_exclusion_writer_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    pages = write_pages(tmp_path / "pages", FEW)
    writer = JsonlWriter(str(tmp_path / "blocked"))

    stats = run(pages, tmp_path, exclusion_writer=writer)

    blocked, kept = written(tmp_path / "blocked"), written(tmp_path / "cleaned")
    wanted = {n for n, result in enumerate(expected()[:FEW]) if result.report.verdict == "block"}
    assert wanted
    assert set(blocked) == wanted
    assert set(kept) == set(range(FEW)) - wanted
    assert all(blocked[number]["text"] == texts()[number] for number in wanted)
    assert all(blocked[n]["metadata"]["injectclean_verdict"] == "block" for n in wanted)
    assert count(stats["dropped"]) == len(wanted)


def test_a_document_without_text_is_unread_and_goes_on() -> None:
    documents = [Document(text=None, id="a"), Document(text=texts()[0], id="b")]

    first, second = CleanInjected(config=Config(gap="")).run(iter(documents))

    assert (first.text, first.metadata["injectclean_verdict"]) == (None, "unread")
    assert second.metadata["injectclean_verdict"] == "block"
    assert "[…]" not in second.text


def test_a_model_that_cannot_be_read_ends_the_task(tmp_path: Path) -> None:
    step = CleanInjected(config=Config(model=str(tmp_path / "nowhere.npz")))

    with pytest.raises(ModelError, match="nowhere"):
        list(step.run(iter([Document(text="a", id="a")])))
