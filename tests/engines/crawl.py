"""A crawl in a process of its own: Scrapy's reactor starts once in a process.

Run as ``python crawl.py CALLBACK SETTINGS.json STATS.json FILE...``; a line of a file is an item.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess


class Page(scrapy.Item):
    """An item that lists its fields."""

    id = scrapy.Field()
    text = scrapy.Field()
    injectclean = scrapy.Field()


class Narrow(scrapy.Item):
    """An item without a field for the report."""

    text = scrapy.Field()


class PagesSpider(scrapy.Spider):
    """Every line of the files is an item; the first file is asked for once more."""

    name = "pages"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for path in self.paths:
            uri = Path(path).as_uri()
            yield scrapy.Request(uri, callback=getattr(self, self.callback), dont_filter=True)

    def items(self, response: Any) -> Iterator[Any]:
        yield from map(json.loads, response.text.splitlines())
        if "again" not in response.meta:
            yield response.request.replace(meta={"again": True}, callback=self.nothing)

    async def items_async(self, response: Any) -> AsyncIterator[Any]:
        for entry in self.items(response):
            yield entry

    def declared(self, response: Any) -> Iterator[Any]:
        for line in response.text.splitlines():
            yield Page(json.loads(line))

    def narrow(self, response: Any) -> Iterator[Any]:
        for line in response.text.splitlines():
            yield Narrow(text=json.loads(line)["text"])

    def nothing(self, response: Any) -> None:
        self.crawler.stats.inc_value("pages/asked_again")


def main(callback: str, settings: str, stats: str, *paths: str) -> None:
    process = CrawlerProcess(json.loads(Path(settings).read_text(encoding="utf-8")))
    crawler = process.create_crawler(PagesSpider)
    process.crawl(crawler, paths=paths, callback=callback)
    process.start()
    Path(stats).write_text(json.dumps(crawler.stats.get_stats(), default=str), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
