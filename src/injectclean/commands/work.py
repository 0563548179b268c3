"""From an input to its report, whatever happens on the way: no input is dropped, none is fatal.

A task is sent to another process and its outcome back, so both are plain values.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from injectclean.commands.inputs import STDIN, Content, Input, State, read_input
from injectclean.config import Config
from injectclean.document import Document, Problem, Source, decode, from_text, shown
from injectclean.errors import ConfigError, InjectcleanError, InputError
from injectclean.formats.summary import was_read
from injectclean.report import Report
from injectclean.scanner import scanner_for
from injectclean.values import NamedTuple, replace

TYPE_CHECKING = False  # as in typing, whose import is not worth a constant
if TYPE_CHECKING:
    from injectclean.records.base import Record


class Manner(NamedTuple):
    """How inputs are read and scanned."""

    config: Config
    encoding: str | None = None
    binary: bool = False
    timeout: float | None = None  # seconds a document may take


class Task(NamedTuple):
    """A file to read and scan, or a record of one that is read.

    ``known`` is the digest of the bytes that an earlier run has done.
    """

    input: Input
    record: Record | None = None
    known: str | None = None

    @property
    def name(self) -> str:
        """What it is called in reports and messages."""
        path = STDIN if self.input.path == STDIN else shown(self.input.path)
        return path if self.record is None else f"{path}#{self.record.number}"


_KNOWN = Problem("known", "done by an earlier run")  # whose report is read instead of this one


class Outcome(NamedTuple):
    """What became of a task; the texts are empty where none was read.

    ``is_known`` says that the file is still the one that an earlier run has done.
    """

    input: Input
    report: Report
    text: str = ""
    cleaned: str = ""
    state: State | None = None
    record: Record | None = None
    is_known: bool = False

    @property
    def was_read(self) -> bool:
        """Whether there was a text to scan."""
        return was_read(self.report)


class _LateError(BaseException):
    """A document takes too long; no error, so that nothing on its way takes it for one."""


def examine(manner: Manner, task: Task) -> Outcome:
    """Read and scan one thing; what went wrong is in the report."""
    problem = task.input.problem if task.record is None else task.record.problem
    if task.record is None and problem is not None:
        return unread(manner, task, problem)
    if task.known is not None and task.input.holds_records:
        return unread(manner, task, _KNOWN)._replace(is_known=True)
    try:
        if task.record is None:
            return _examine_file(manner, task)
        if task.record.text is None:
            return unread(manner, task, problem or Problem("no_text", f"{task.name}: no text"))
        return _examine_record(manner, task, task.record.text)
    except InputError as error:
        problem = Problem(error.kind, str(error))
    except InjectcleanError:
        raise
    except _LateError:
        what = f"takes longer than {manner.timeout:g} s; --doc-timeout gives more"
        problem = Problem("timeout", f"{_said(task)}: {what}")
    except MemoryError:
        problem = Problem("out_of_memory", f"{_said(task)}: not enough memory for it")
    except Exception as error:  # one document's misfortune must not cost the others
        what = f"{type(error).__name__}: {error}"
        problem = Problem("internal_error", f"{_said(task)}: internal error, {what}")
    return unread(manner, task, problem)


def unread(manner: Manner, task: Task, problem: Problem) -> Outcome:
    """The outcome of what was not scanned."""
    source = Source(path=task.name, problem=problem)
    return Outcome(task.input, scanner_for(manner.config).unread(source))


def died(manner: Manner, task: Task, error: Exception) -> Outcome:
    """The outcome of what a process was ended over."""
    del error  # it says no more than that a process ended
    message = f"{_said(task)}: the process that scanned it was ended, perhaps for want of memory"
    return unread(manner, task, Problem("worker_died", message))


def require_clock(timeout: float | None) -> None:
    """Refuse a limit of time where it cannot be kept.

    Raises:
        ConfigError: it is no time, or the system has no alarms.
    """
    if timeout is not None:
        import signal

        if timeout <= 0:
            raise ConfigError(f"--doc-timeout: {timeout:g} seconds leave no time")
        if not hasattr(signal, "setitimer"):
            raise ConfigError("--doc-timeout: this system has no alarms")


def _examine_file(manner: Manner, task: Task) -> Outcome:
    content = read_input(task.input.path, manner.config.max_bytes)
    if task.known is not None and hashlib.sha256(content.data).hexdigest() == task.known:
        return unread(manner, task, _KNOWN)._replace(is_known=True)
    document = _decode(manner, task, content)
    with _deadline(manner.timeout):
        result = scanner_for(manner.config).clean_document(document)
    return Outcome(task.input, result.report, document.text, result.text, content.state)


def _examine_record(manner: Manner, task: Task, text: str) -> Outcome:
    document = from_text(text, task.name)
    if task.record is not None and task.record.problem is not None:
        document = Document(text, replace(document.source, problem=task.record.problem))
    with _deadline(manner.timeout):
        result = scanner_for(manner.config).clean_document(document)
    return Outcome(task.input, result.report, text, result.text)


def _decode(manner: Manner, task: Task, content: Content) -> Document:
    path = None if task.input.path == STDIN else shown(task.input.path)
    document = decode(content.data, path=path, encoding=manner.encoding, binary=manner.binary)
    problem = document.source.problem
    if problem is None and content.has_changed:
        problem = Problem("changed_during_read", f"{_said(task)}: changed while it was read")
    return Document(document.text, replace(document.source, path=task.name, problem=problem))


def _said(task: Task) -> str:
    return "standard input" if task.input.path == STDIN else task.name


@contextlib.contextmanager
def _deadline(seconds: float | None) -> Iterator[None]:
    """Interrupt what takes longer; only in the main thread of a process, where signals arrive."""
    if seconds is None:
        yield
        return
    import signal

    def ring(*_: object) -> None:
        raise _LateError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
