"""Scrapy: items annotated as they are scraped (``injectclean[scrapy]``).

One of the two, in ``settings.py``; the middleware sees items before any pipeline does::

    ITEM_PIPELINES = {"injectclean.integrations.scrapy.CleanPipeline": 300}
    SPIDER_MIDDLEWARES = {"injectclean.integrations.scrapy.CleanMiddleware": 300}

An item gets a field ``injectclean`` (declare it where a ``scrapy.Item`` or a dataclass lists its
fields): ``verdict``, the cleaned ``text``, and the ``report`` as ``Report.from_dict`` takes it. Its
own text stays, and it is kept, unless a setting says otherwise:

=======================  ==========================================================================
``INJECTCLEAN_FIELD``    field of the text; ``"text"``
``INJECTCLEAN_INTO``     field that is written; ``"injectclean"``; the text's own name puts the
                         cleaned text in its place, and writes no report
``INJECTCLEAN_DROP``     verdicts whose items are dropped, such as ``["block"]``; ``[]``
``INJECTCLEAN_CONFIG``   path of a configuration file, or its keys as a dict; the defaults
=======================  ==========================================================================

The crawl's statistics count ``injectclean/items``, each ``injectclean/verdict/...``, the items with
an injection as ``injectclean/injected``, and ``injectclean/dropped``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from injectclean.config import Config, did_you_mean, make_config, read_config
from injectclean.errors import ConfigError, MissingExtraError
from injectclean.formats.json import report_dict
from injectclean.integrations.records import RECORD_VERDICTS, CleanedRecord, clean_record
from injectclean.scanner import scanner_for

try:
    from itemadapter import ItemAdapter, is_item
    from scrapy.crawler import Crawler
    from scrapy.exceptions import DropItem
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[scrapy]'") from error


class _Annotator:
    """What the pipeline and the middleware share: settings, statistics, one item."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the settings.

        Raises:
            ConfigError: one of them cannot be used.
            ModelError: the configuration's model cannot be used.
        """
        settings = crawler.settings
        self._stats = crawler.stats
        self._field = settings.get("INJECTCLEAN_FIELD", "text")
        self._into = settings.get("INJECTCLEAN_INTO", "injectclean")
        self._drop = _verdicts(settings.getlist("INJECTCLEAN_DROP"))
        self._scanner = scanner_for(_config(settings.get("INJECTCLEAN_CONFIG")))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """How Scrapy makes it."""
        return cls(crawler)

    def annotate(self, item: Any) -> str:
        """Write what cleaning gives into the item; returns the verdict."""
        fields = ItemAdapter(item)
        text = fields.get(self._field)
        record = clean_record(self._scanner, text)
        self._count(record)
        if self._into != self._field:
            self._write(fields, _annotation(record, text))
        elif record.text is not None:
            fields[self._field] = record.text
        return record.verdict

    def is_dropped(self, verdict: str) -> bool:
        """Whether items of this verdict go; counts them."""
        if verdict not in self._drop:
            return False
        self._stats.inc_value("injectclean/dropped")
        return True

    def _write(self, fields: ItemAdapter, annotation: dict[str, Any]) -> None:
        try:
            fields[self._into] = annotation
        except KeyError as error:
            name = type(fields.item).__name__
            raise ConfigError(
                f"{name} has no field {self._into!r} to write the report to; declare one, "
                "or name another with INJECTCLEAN_INTO"
            ) from error

    def _count(self, record: CleanedRecord) -> None:
        self._stats.inc_value("injectclean/items")
        self._stats.inc_value(f"injectclean/verdict/{record.verdict}")
        if any(f.is_injected and not f.is_allowed for f in record.report.findings):
            self._stats.inc_value("injectclean/injected")


class CleanPipeline(_Annotator):
    """The item pipeline."""

    def process_item(self, item: Any, spider: object = None) -> Any:
        """Return the item, annotated.

        Raises:
            DropItem: its verdict is one of ``INJECTCLEAN_DROP``.
        """
        del spider  # older versions of Scrapy hand it over
        verdict = self.annotate(item)
        if self.is_dropped(verdict):
            raise DropItem(f"injectclean: {verdict}")
        return item


class CleanMiddleware(_Annotator):
    """The spider middleware: items as they come from a callback; requests pass by."""

    def process_spider_output(
        self, response: object, result: Iterable[Any], spider: object = None
    ) -> Iterator[Any]:
        """Yield what a callback yields, items annotated, without those that are dropped."""
        del response, spider
        return (entry for entry in result if self._goes_on(entry))

    async def process_spider_output_async(
        self, response: object, result: AsyncIterator[Any], spider: object = None
    ) -> AsyncIterator[Any]:
        """As ``process_spider_output``, for callbacks that are asynchronous."""
        del response, spider
        async for entry in result:
            if self._goes_on(entry):
                yield entry

    def _goes_on(self, entry: Any) -> bool:
        return not is_item(entry) or not self.is_dropped(self.annotate(entry))


def _annotation(record: CleanedRecord, text: Any) -> dict[str, Any]:
    report = report_dict(record.report, text if isinstance(text, str) else "")
    return {"verdict": record.verdict, "text": record.text, "report": report}


def _config(given: str | Mapping[str, Any] | None) -> Config:
    if given is None:
        return Config()
    return read_config(given) if isinstance(given, str) else make_config(given)


def _verdicts(given: list[str]) -> tuple[str, ...]:
    for verdict in given:
        if verdict not in RECORD_VERDICTS:
            hint = did_you_mean(verdict, RECORD_VERDICTS)
            raise ConfigError(f"INJECTCLEAN_DROP: no verdict {verdict!r}{hint}")
    return tuple(given)
