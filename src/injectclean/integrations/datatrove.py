"""datatrove: a step that cleans the text of documents (``injectclean[datatrove]``).

::

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from injectclean.integrations.datatrove import CleanInjected

    LocalPipelineExecutor(
        pipeline=[
            JsonlReader("pages"),
            CleanInjected(exclusion_writer=JsonlWriter("blocked")),
            JsonlWriter("cleaned"),
        ],
        tasks=100,
        workers=2,
    ).run()

A document's ``metadata`` gets ``injectclean_verdict``, the numbers of the report's ``quality`` as
``injectclean_share_injected`` and so on, and ``injectclean_report``, the report as JSON: parse it,
and ``Report.from_dict`` and ``injectclean.restore`` give the text back that was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from injectclean.config import Config
from injectclean.errors import MissingExtraError
from injectclean.formats.json import dumps, report_dict
from injectclean.integrations.records import CleanedRecord, clean_record
from injectclean.scanner import scanner_for

try:
    from datatrove.data import Document
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.writers.disk_base import DiskWriter
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[datatrove]'") from error


class CleanInjected(PipelineStep):  # type: ignore[misc]  # datatrove has no types
    """Cleans ``doc.text``, says in ``doc.metadata`` what was done, and counts.

    Args:
        config: what is looked for, and what is done about it.
        exclusion_writer: gets the documents with the verdict ``block``, as they were read, and
            only it; without one they go on, cleaned.

    The statistics count ``total``, ``forwarded`` and ``dropped`` documents, each verdict as
    ``verdict_block`` and so on, each category of findings, and ``edits``.
    """

    name = "🧽 Injected text"
    type = "✂️ - FORMAT"

    def __init__(
        self, *, config: Config | None = None, exclusion_writer: DiskWriter | None = None
    ) -> None:
        """A step that is shipped to workers: the model is loaded where it runs."""
        super().__init__()
        self.config = Config() if config is None else config
        self.exclusion_writer = exclusion_writer

    def run(
        self, data: Iterator[Document] | None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        """Yield the documents, cleaned, without those that went to the exclusion writer."""
        del world_size
        scanner = scanner_for(self.config)
        with self.exclusion_writer or nullcontext() as writer:
            for document in data or ():
                with self.track_time():
                    record = clean_record(scanner, document.text)
                    document.metadata |= _metadata(record, document.text)
                    self._count(record)
                if writer is not None and record.verdict == "block":
                    self.stat_update("dropped")
                    writer.write(document, rank)
                    continue
                if record.text is not None:
                    document.text = record.text
                    self.update_doc_stats(document)
                self.stat_update("forwarded")
                yield document

    def _count(self, record: CleanedRecord) -> None:
        self.stat_update("total", f"verdict_{record.verdict}")
        for finding in record.report.findings:
            self.stat_update(finding.category)
        self.stat_update("edits", value=len(record.report.edits))


def _metadata(record: CleanedRecord, text: Any) -> dict[str, Any]:
    """Plain values only: a Parquet writer takes its columns from the first documents."""
    report = record.report
    numbers = {
        f"injectclean_{name}": value for name, value in report.quality.items() if name != "held"
    }
    return {
        "injectclean_verdict": record.verdict,
        **numbers,
        "injectclean_report": dumps(report_dict(report, text or "")),
    }
