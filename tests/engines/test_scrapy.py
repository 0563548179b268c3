"""Scrapy's own crawler, over local files: items annotated as the plain loop would, and counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from engine_documents import COUNT, FEW, engine, expected, texts

engine("scrapy")

from injectclean import Config, Report, Scanner, restore  # noqa: E402
from injectclean.formats.json import report_dict  # noqa: E402

CRAWL = Path(__file__).parent / "crawl.py"
PIPELINE = {"ITEM_PIPELINES": {"injectclean.integrations.scrapy.CleanPipeline": 300}}
MIDDLEWARE = {"SPIDER_MIDDLEWARES": {"injectclean.integrations.scrapy.CleanMiddleware": 300}}


class Crawled(NamedTuple):
    items: dict[int, dict[str, Any]]
    stats: dict[str, Any]
    log: str


def crawl(folder: Path, entries: list[dict[str, Any]], callback: str, **settings: Any) -> Crawled:
    """Crawl a file of entries; items by their id."""
    pages, feed, stats = folder / "pages.jsonl", folder / "feed.jsonl", folder / "stats.json"
    pages.write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    given = {"FEEDS": {feed.as_uri(): {"format": "jsonlines"}}, "LOG_LEVEL": "INFO", **settings}
    (folder / "settings.json").write_text(json.dumps(given), encoding="utf-8")
    command = [sys.executable, CRAWL, callback, folder / "settings.json", stats, pages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=7200, check=False)
    assert done.returncode == 0, done.stderr
    lines = feed.read_text(encoding="utf-8").splitlines() if feed.exists() else []
    items = [json.loads(line) for line in lines]
    return Crawled({i.get("id"): i for i in items}, json.loads(stats.read_text()), done.stderr)


def pages(count: int) -> list[dict[str, Any]]:
    return [{"id": index, "text": text} for index, text in enumerate(texts()[:count])]


@pytest.mark.parametrize(
    ("component", "callback", "count"),
    [(PIPELINE, "items", COUNT), (MIDDLEWARE, "items", FEW), (MIDDLEWARE, "items_async", FEW)],
    ids=["pipeline", "middleware", "middleware, asynchronous"],
)
def test_items_get_what_the_plain_loop_gives_and_are_kept(
    component: dict[str, Any], callback: str, count: int, tmp_path: Path
) -> None:
    results = expected()[:count]

    crawled = crawl(tmp_path, pages(count), callback, **component)

    assert sorted(crawled.items) == list(range(count))
    for index, (text, result) in enumerate(zip(texts(), results, strict=False)):
        assert crawled.items[index] == {
            "id": index,
            "text": text,
            "injectclean": {
                "verdict": result.report.verdict,
                "text": result.text,
                "report": report_dict(result.report, text),
            },
        }
    verdicts = Counter(result.report.verdict for result in results)
    wanted = {f"injectclean/verdict/{name}": number for name, number in verdicts.items()}
    assert crawled.stats.items() >= wanted.items()
    assert crawled.stats["injectclean/items"] == count
    assert crawled.stats["injectclean/injected"] == sum(
        any(finding.is_injected for finding in result.report.findings) for result in results
    )
    assert "injectclean/dropped" not in crawled.stats
    assert crawled.stats["pages/asked_again"] == 1


@pytest.mark.parametrize("component", [PIPELINE, MIDDLEWARE], ids=["pipeline", "middleware"])
def test_items_are_dropped_on_request_and_counted(
    component: dict[str, Any], tmp_path: Path
) -> None:
    blocked = {i for i, result in enumerate(expected()[:10]) if result.report.verdict == "block"}

    crawled = crawl(tmp_path, pages(10), "items", INJECTCLEAN_DROP=["block"], **component)

    assert blocked
    assert set(crawled.items) == set(range(10)) - blocked
    assert crawled.stats["injectclean/dropped"] == len(blocked)


def test_an_item_that_lists_its_fields_is_annotated(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, pages(1), "declared", **PIPELINE)

    report = Report.from_dict(crawled.items[0]["injectclean"]["report"])
    assert report == expected()[0].report
    assert restore(crawled.items[0]["injectclean"]["text"], report) == texts()[0]


def test_an_item_without_the_field_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, pages(1), "narrow", **PIPELINE)

    assert not crawled.items
    assert "ConfigError: Narrow has no field 'injectclean'" in crawled.log
    assert "name another with INJECTCLEAN_INTO" in crawled.log


def test_the_cleaned_text_takes_the_place_of_the_text_on_request(tmp_path: Path) -> None:
    settings = {"INJECTCLEAN_INTO": "text", "INJECTCLEAN_CONFIG": {"gap": "[???]"}}

    crawled = crawl(tmp_path, pages(5), "items", **PIPELINE, **settings)

    scanner = Scanner(config=Config(gap="[???]"))
    assert "[???]" in crawled.items[0]["text"]
    assert crawled.items == {
        index: {"id": index, "text": scanner.clean(text).text}
        for index, text in enumerate(texts()[:5])
    }


def test_a_configuration_file_and_another_field_are_used(tmp_path: Path) -> None:
    path = tmp_path / "injectclean.toml"
    path.write_text('gap = "[???]"', encoding="utf-8")
    settings = {"INJECTCLEAN_FIELD": "body", "INJECTCLEAN_CONFIG": str(path)}

    crawled = crawl(tmp_path, [{"id": 0, "body": texts()[0]}], "items", **PIPELINE, **settings)

    assert "[???]" in crawled.items[0]["injectclean"]["text"]


def test_an_item_without_text_is_unread(tmp_path: Path) -> None:
    entries = [{"id": 0}, {"id": 1, "text": None}, {"id": 2, "text": ["a"]}]

    crawled = crawl(tmp_path, entries, "items", **PIPELINE)

    assert [item["injectclean"]["verdict"] for item in crawled.items.values()] == ["unread"] * 3
    problem = crawled.items[2]["injectclean"]["report"]["source"]["problem"]
    assert problem == {"kind": "missing", "message": "no text: list"}
    assert crawled.stats["injectclean/verdict/unread"] == 3


def test_a_wrong_setting_ends_the_crawl_with_a_remedy(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, pages(1), "items", INJECTCLEAN_DROP="blok", **PIPELINE)

    assert not crawled.items
    assert "INJECTCLEAN_DROP: no verdict 'blok'; did you mean 'block'?" in crawled.log
