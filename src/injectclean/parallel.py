"""Work on several processes, in order, with bounded memory.

Items are handed out in batches. No more than a window of them is on its way at any time: the next
batch is drawn only when the oldest one was given back, so that an endless input is read as fast as
its results are used. Each process loads one scanner, and keeps it.

A process may be ended over an item: by the system, for want of memory, or by somebody. Then what
was on its way is done over one by one, so that only that item is lost, and it is known which.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from injectclean.config import Config
from injectclean.errors import InputError
from injectclean.report import Cleaned
from injectclean.scanner import scanner_for

if TYPE_CHECKING:
    from concurrent.futures import Future

    from joblib.externals.loky import ProcessPoolExecutor

BATCH_TEXTS = 32  # handing one text over costs some 0.2 ms, cleaning a short one 2 ms
BATCH_CHARACTERS = 200_000  # a batch of long texts is full before
BATCHES_PER_JOB = 2  # one at work and one waiting for it
ORPHANED_AFTER = 1.0  # seconds between two looks whether the first process is still there
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def clean_in_processes(config: Config, texts: Iterable[str], jobs: int) -> Iterator[Cleaned]:
    """Yield the cleaned texts, in order, from ``jobs`` processes.

    The processes end with the iterator, also when it is closed before the end of ``texts``.

    Raises:
        ModelError: the model cannot be used.
        InputError: a process died over a text.
    """
    return in_processes(partial(_clean_text, config), texts, jobs, size=len, died=_died)


def in_processes(
    work: Callable[[_Item], _Result],
    items: Iterable[_Item],
    jobs: int,
    *,
    size: Callable[[_Item], int],
    died: Callable[[_Item, Exception], _Result],
) -> Iterator[_Result]:
    """Yield ``work`` of each item, in order, from ``jobs`` processes.

    Args:
        work: a function that can be sent to another process.
        size: of an item, in characters or bytes; large ones fill a batch.
        died: what is given for an item over which a process was ended; it may raise.
    """
    pool = _Pool(work, jobs, died)
    try:
        for batch in _batches(items, size):
            yield from pool.put(batch)
        yield from pool.rest()
    except (Exception, GeneratorExit):
        pool.close()
        raise
    except BaseException:  # somebody wants an end at once
        pool.kill()
        raise
    pool.close()


class _Pool(Generic[_Item, _Result]):
    """Processes, and the batches that are on their way, oldest first."""

    def __init__(
        self,
        work: Callable[[_Item], _Result],
        jobs: int,
        died: Callable[[_Item, Exception], _Result],
    ) -> None:
        from joblib.externals.loky.process_executor import BrokenProcessPool

        self._work = work
        self._jobs = jobs
        self._died = died
        self._broken = BrokenProcessPool
        self._executor = _executor(jobs)
        self._window: deque[tuple[Future[list[_Result]] | None, list[_Item]]] = deque()

    def put(self, batch: list[_Item]) -> Iterator[_Result]:
        """Hand out a batch; gives the oldest results when enough is on its way."""
        try:
            future = self._executor.submit(_work_all, self._work, batch)
        except self._broken:
            future = None
        self._window.append((future, batch))
        if len(self._window) >= BATCHES_PER_JOB * self._jobs:
            yield from self._oldest()

    def rest(self) -> Iterator[_Result]:
        """The results of all that is on its way."""
        while self._window:
            yield from self._oldest()

    def close(self) -> None:
        """End the processes, once they have done what they are at."""
        for future, _ in self._window:
            if future is not None:
                future.cancel()  # ended midway, a process may hang the others
        self._executor.shutdown()

    def kill(self) -> None:
        """End the processes, whatever they are at."""
        self._executor.shutdown(kill_workers=True)

    def _oldest(self) -> Iterator[_Result]:
        future, _ = self._window[0]
        try:
            results = None if future is None else future.result()
        except self._broken:
            results = None
        if results is None:
            items = [item for _, batch in self._window for item in batch]
            self._window.clear()
            self._executor.shutdown()
            self._executor = _executor(1)
            yield from map(self._alone, items)
            self._executor.shutdown()
            self._executor = _executor(self._jobs)
        else:
            self._window.popleft()
            yield from results

    def _alone(self, item: _Item) -> _Result:
        try:
            results: list[_Result] = self._executor.submit(_work_all, self._work, [item]).result()
        except self._broken as error:
            self._executor.shutdown()
            self._executor = _executor(1)
            return self._died(item, error)
        return results[0]


def _executor(jobs: int) -> ProcessPoolExecutor:
    from joblib.externals.loky import ProcessPoolExecutor

    return ProcessPoolExecutor(max_workers=jobs, initializer=_begin, initargs=(os.getpid(),))


def _begin(first: int) -> None:
    """An interrupt at the keyboard reaches all processes; the first one ends the others.

    Unless it was killed: then they end by themselves.
    """
    import signal
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(first,), daemon=True).start()


def _end_with(first: int) -> None:
    while os.getppid() == first:
        time.sleep(ORPHANED_AFTER)
    os._exit(1)


def _batches(items: Iterable[_Item], size: Callable[[_Item], int]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    filled = 0
    for item in items:
        batch.append(item)
        filled += size(item)
        if len(batch) == BATCH_TEXTS or filled >= BATCH_CHARACTERS:
            yield batch
            batch, filled = [], 0
    if batch:
        yield batch


def _work_all(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return list(map(work, items))


def _clean_text(config: Config, text: str) -> Cleaned:
    return scanner_for(config).clean(text)


def _died(text: str, error: Exception) -> Cleaned:
    message = f"a process was ended over a text of {len(text)} characters: {error}"
    raise InputError("worker_died", message) from error
