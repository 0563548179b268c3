"""From an input to its report, whatever happens on the way: no input is dropped, none is fatal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from injectclean.commands.inputs import STDIN, Content, Input, State, find_inputs, read_input, shown
from injectclean.commands.streams import say
from injectclean.document import Document, Problem, Source, decode
from injectclean.errors import InjectcleanError, InputError
from injectclean.formats.summary import Summary, is_failure, was_read
from injectclean.report import Report
from injectclean.scanner import Scanner
from injectclean.values import NamedTuple, replace


class Outcome(NamedTuple):
    """What became of one input; the texts are empty where none was read."""

    input: Input
    report: Report
    text: str = ""
    cleaned: str = ""
    state: State | None = None

    @property
    def was_read(self) -> bool:
        """Whether there was a text to scan."""
        return was_read(self.report)


class Examiner:
    """Reads and scans inputs, tells of what went wrong, and counts."""

    def __init__(self, scanner: Scanner, options: argparse.Namespace) -> None:
        self._scanner = scanner
        self._options = options
        self.summary = Summary()

    def inputs(self) -> Iterator[Input]:
        """The inputs that the command line names."""
        options = self._options
        follow = options.follow or options.follow_outside
        return find_inputs(options.paths, follow=follow, outside=options.follow_outside)

    def examine(self, given: Input) -> Outcome:
        """Read and scan one input; what went wrong is in the report, on stderr, and counted."""
        outcome = self._examine(given)
        problem = outcome.report.source.problem
        if problem is not None and is_failure(outcome.report, named=given.named):
            say(problem.message)
        elif problem is None and not outcome.text:
            self.note(f"{_name(given)}: empty")
        self.summary.add(outcome.report, named=given.named)
        return outcome

    def fail(self, message: str) -> None:
        """An output was not written: say so; the run is incomplete."""
        say(message)
        self.summary.complete = False

    def note(self, message: str) -> None:
        """Something worth knowing, unless only findings and failures are wanted."""
        if not self._options.quiet:
            say(message)

    def finish(self) -> None:
        """Notes on the run as a whole: nothing scanned, exceptions that matched nothing."""
        if not self.summary.documents:
            self.note("no documents found")
        elif self.summary.scanned:
            for entry in self._scanner.config.allow:
                if entry.text not in self.summary.allow_texts:
                    self.note(f'allow entry "{entry.text}" matched nothing')

    def _examine(self, given: Input) -> Outcome:
        name = _name(given)
        problem = given.problem
        if problem is None:
            try:
                return self._scan(given)
            except InputError as error:
                problem = Problem(error.kind, str(error))
            except InjectcleanError:
                raise
            except MemoryError:
                problem = Problem("out_of_memory", f"{name}: not enough memory for it")
            except Exception as error:  # one document's misfortune must not cost the others
                what = f"{type(error).__name__}: {error}"
                problem = Problem("internal_error", f"{name}: internal error, {what}")
        source = Source(path=shown(given.path), problem=problem)
        return Outcome(given, self._scanner.unread(source))

    def _scan(self, given: Input) -> Outcome:
        content = read_input(given.path, self._scanner.config.max_bytes)
        document = self._decode(given, content)
        result = self._scanner.clean_document(document)
        return Outcome(given, result.report, document.text, result.text, content.state)

    def _decode(self, given: Input, content: Content) -> Document:
        path = None if given.path == STDIN else shown(given.path)
        options = self._options
        document = decode(content.data, path=path, encoding=options.encoding, binary=options.text)
        problem = document.source.problem
        if problem is None and content.has_changed:
            message = f"{_name(given)}: changed while it was read"
            problem = Problem("changed_during_read", message)
        source = replace(document.source, path=path or STDIN, problem=problem)
        return Document(document.text, source)


def _name(given: Input) -> str:
    return "standard input" if given.path == STDIN else shown(given.path)
