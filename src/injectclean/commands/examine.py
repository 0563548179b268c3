"""Inputs to outcomes, in order: files and the records in them, on one process or several."""

from __future__ import annotations

import argparse
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from injectclean.commands.inputs import STDIN, Input, find_inputs
from injectclean.commands.progress import Progress
from injectclean.commands.streams import say
from injectclean.commands.work import Manner, Outcome, Task, died, examine, require_clock
from injectclean.config import Config
from injectclean.document import Problem
from injectclean.errors import ConfigError, InputError
from injectclean.formats.summary import Summary, is_failure
from injectclean.parallel import in_processes
from injectclean.report import Report
from injectclean.scanner import scanner_for

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from injectclean.records.base import Reader, Record

# A file with another name holds one text; whatever looks like this may hold many.
_CONTAINERS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".warc", ".wet", ".gz", ".zst")
SMALL_FILE = 6_000  # bytes that a batch counts a file as, whose size nobody asked for


class Examiner:
    """Reads and scans inputs, tells of what went wrong, and counts."""

    def __init__(self, config: Config, options: argparse.Namespace) -> None:
        """Load the model.

        Raises:
            ConfigError: a flag cannot be used.
            ModelError: the model is missing, damaged or foreign.
        """
        if options.jobs < 1:
            raise ConfigError(f"--jobs: {options.jobs} is less than 1")
        require_clock(options.doc_timeout)
        scanner_for(config)
        self._config = config
        self._options = options
        self._manner = Manner(config, options.encoding, options.text, options.doc_timeout)
        self._records: deque[Record | None] = deque()
        self.progress = Progress(wanted=not options.quiet)
        self.summary = Summary()

    def inputs(self) -> Iterator[Input]:
        """The inputs that the command line names."""
        options = self._options
        follow = options.follow or options.follow_outside
        for given in find_inputs(options.paths, follow=follow, outside=options.follow_outside):
            yield given._replace(holds_records=self._holds_records(given))

    def outcomes(
        self,
        inputs: Iterable[Input],
        *,
        known: Callable[[Input], str | None] | None = None,
        opened: Callable[[Input, Reader], None] | None = None,
    ) -> Iterator[Outcome]:
        """What becomes of the inputs, in order; what went wrong is said, and counted.

        Args:
            known: gives the digest of an input's bytes if an earlier run has done them.
            opened: is told of each file of records before the first of them.
        """
        tasks = self._tasks(self.progress.watch(inputs), known, opened)
        if self._options.jobs == 1:
            outcomes: Iterator[Outcome] = map(partial(examine, self._manner), tasks)
        else:
            outcomes = in_processes(
                partial(examine, self._manner),
                tasks,
                self._options.jobs,
                size=_size,
                died=partial(died, self._manner),
            )
        for outcome in outcomes:
            outcome = outcome._replace(record=self._records.popleft())
            if not outcome.is_known:
                self.count(outcome, outcome.report)
            yield outcome
        self.progress.end()

    def count(self, outcome: Outcome, report: Report) -> None:
        """Count the report on an outcome, and say what went wrong."""
        named = outcome.input.named
        problem = report.source.problem
        if problem is not None and is_failure(report, named=named):
            self._say(problem.message)
        elif problem is None and not outcome.is_known and not outcome.text:
            self.note(f"{_name(report)}: empty")
        self.summary.add(report, named=named)
        self.progress.count(report)

    def fail(self, message: str) -> None:
        """A cleaned document was not written: say so; the run is incomplete."""
        self._say(message)
        self.summary.complete = False

    def note(self, message: str) -> None:
        """Something worth knowing, unless only findings and failures are wanted."""
        if not self._options.quiet:
            self._say(message)

    def finish(self) -> None:
        """Notes on the run as a whole: nothing scanned, exceptions that matched nothing."""
        if not self.summary.documents:
            self.note("no documents found")
        elif self.summary.scanned:
            for entry in self._config.allow:
                if entry.text not in self.summary.allow_texts:
                    self.note(f'allow entry "{entry.text}" matched nothing')

    def _say(self, message: str) -> None:
        self.progress.clear()
        say(message)

    def _tasks(
        self,
        inputs: Iterable[Input],
        known: Callable[[Input], str | None] | None,
        opened: Callable[[Input, Reader], None] | None,
    ) -> Iterator[Task]:
        for given in inputs:
            digest = known(given) if known is not None and given.problem is None else None
            if given.holds_records and digest is None:
                yield from self._records_of(given, opened)
            else:
                self._records.append(None)
                yield Task(given, known=digest)

    def _holds_records(self, given: Input) -> bool:
        if given.problem is not None or given.path == STDIN or self._options.text:
            return False
        if not given.path.lower().endswith(_CONTAINERS) or os.path.isdir(given.path):
            return False
        from injectclean.records.base import container_of

        return container_of(given.path) is not None

    def _records_of(
        self, given: Input, opened: Callable[[Input, Reader], None] | None
    ) -> Iterator[Task]:
        from injectclean.records.base import open_records

        options = self._options
        problem = None
        try:
            with open_records(
                given.path,
                text_field=options.text_field,
                max_bytes=self._config.max_bytes,
                encoding=options.encoding,
            ) as reader:
                if opened is not None:
                    opened(given, reader)
                for record in reader:
                    self._records.append(record)
                    yield Task(given, record._replace(raw=None))
        except InputError as error:
            problem = Problem(error.kind, str(error))
        if problem is not None:
            self._records.append(None)
            yield Task(given._replace(problem=problem))


def _size(task: Task) -> int:
    if task.record is None:
        return SMALL_FILE
    return len(task.record.text or "")


def _name(report: Report) -> str:
    path = report.source.path
    return "standard input" if path in (None, STDIN) else str(path)
