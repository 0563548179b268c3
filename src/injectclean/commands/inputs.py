"""What the paths of the command line lead to, and its bytes.

Folders are walked in the order of their names; what is hidden, a report or configuration of ours,
or kept by a version control system is passed by. Links are listed, and followed only on request.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence

from injectclean.document import Problem, shown
from injectclean.errors import InputError
from injectclean.values import NamedTuple

STDIN = "-"
CHUNK_BYTES = 65536
_PASSED_BY = ("injectclean.toml", "CVS", "_darcs")  # other version control folders are hidden
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.EACCES: "permission_denied",
    errno.EPERM: "permission_denied",
    errno.ELOOP: "loop",
    errno.ENXIO: "not_regular",
}


class Input(NamedTuple):
    """One thing to read."""

    path: str  # as it is opened; "-" for standard input
    relative: str  # below the folder that was named, or the file's own name
    named: bool  # on the command line, not found in a folder
    problem: Problem | None = None  # why it can't be read, where the walk knows
    holds_records: bool = False  # by its name a container of many documents


class State(NamedTuple):
    """What tells that a file is still the one that was read."""

    device: int
    inode: int
    size: int
    modified_ns: int


class Content(NamedTuple):
    """The bytes of an input; ``state`` is None for standard input."""

    data: bytes
    state: State | None
    has_changed: bool = False


class _Place(NamedTuple):
    """A folder or a file that a walk has yet to come to."""

    path: str
    relative: str
    is_folder: bool
    problem: Problem | None = None


def find_inputs(
    paths: Sequence[str], *, follow: bool = False, outside: bool = False
) -> Iterator[Input]:
    """Yield the inputs that ``paths`` lead to, in order.

    Args:
        paths: files, folders, patterns of them where no file has that name, and ``-`` for standard
            input.
        follow: whether links inside folders are followed.
        outside: whether they may lead out of the folder that was named.
    """
    for path in _expanded(paths):
        if path != STDIN and os.path.isdir(path):
            for place in _walk(path, follow=follow, outside=outside):
                named = place.path == path
                yield Input(place.path, place.relative, named, place.problem)
        else:
            yield Input(path, os.path.basename(path), True)


def read_input(path: str, max_bytes: int) -> Content:
    """Read a file, or standard input.

    Raises:
        InputError: it can't be read, is no regular file, or is larger than ``max_bytes``.
    """
    if path == STDIN:
        return _read_stdin(max_bytes)
    name = shown(path)
    try:
        _require_file(os.stat(path), name, max_bytes)  # opening some devices does something
        descriptor = os.open(path, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before = os.fstat(descriptor)
            _require_file(before, name, max_bytes)
            data = _read_limited(file.read, before.st_size + 1, name, max_bytes)
    except OSError as error:
        raise InputError(*problem_of(error, name)) from error
    state = _state(before)
    return Content(data, state, has_changed=state != state_of(path))


def state_of(path: str) -> State | None:
    """The state of the file that is at ``path`` now, or None where there is none."""
    try:
        return _state(os.stat(path))
    except OSError:
        return None


def problem_of(error: OSError, name: str) -> tuple[str, str]:
    """Kind and message of a failure to read ``name``."""
    kind = _KINDS.get(error.errno or 0, "read_error")
    return kind, f"{name or repr(name)}: {error.strerror or error}"


def is_report_name(name: str) -> bool:
    """Whether a file's name is one that ``clean`` gives to a report.

    >>> is_report_name("a.txt.report.json"), is_report_name("a.txt.report-2.json")
    (True, True)
    >>> is_report_name("pages.csv.report.jsonl")
    True
    >>> is_report_name("report.json")
    False
    """
    if is_report_of_records(name):
        return name != ".report.jsonl"
    stem, dot, mark = name.removesuffix(".json").rpartition(".")
    numbered = mark.startswith("report-") and mark[7:].isdecimal()
    return name.endswith(".json") and bool(stem and dot) and (mark == "report" or numbered)


def is_report_of_records(path: str) -> bool:
    """Whether a path is one that ``clean`` gives to the reports on a file of records."""
    return path.endswith(".report.jsonl")


def _expanded(paths: Sequence[str]) -> Iterator[str]:
    """The paths, patterns replaced by what they match; one that matches nothing stays."""
    for path in paths:
        if path == STDIN or os.path.lexists(path) or not any(sign in path for sign in "*?["):
            yield path
            continue
        from glob import glob

        yield from sorted(glob(path, recursive=True), key=os.fsencode) or [path]


def _walk(root: str, *, follow: bool, outside: bool) -> Iterator[_Place]:
    """Yield the files below ``root``, and what can't be walked, in the order of their names."""
    real_root = os.path.realpath(root) if follow else None
    seen: set[tuple[int, int]] = set()
    levels = [iter((_Place(root, "", is_folder=True),))]
    while levels:
        place = next(levels[-1], None)
        if place is None:
            levels.pop()
        elif not place.is_folder:
            yield place
        else:
            try:
                status = os.stat(place.path)
                names = os.listdir(place.path)
            except OSError as error:
                yield place._replace(problem=Problem(*problem_of(error, shown(place.path))))
                continue
            if not follow or (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                levels.append(_entries(place, names, real_root, outside=outside))


def _entries(
    folder: _Place, names: list[str], root: str | None, *, outside: bool
) -> Iterator[_Place]:
    for name in sorted(names, key=os.fsencode):
        if not (name.startswith(".") or name in _PASSED_BY or is_report_name(name)):
            path, relative = os.path.join(folder.path, name), os.path.join(folder.relative, name)
            yield _look(path, relative, root, outside=outside)


def _look(path: str, relative: str, root: str | None, *, outside: bool) -> _Place:
    """What lies at ``path``; ``root`` is the real folder being walked where links are followed."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            problem = _link_problem(path, root, outside=outside)
            if problem is not None:
                return _Place(path, relative, is_folder=False, problem=problem)
            status = os.stat(path)
    except OSError as error:
        problem = Problem(*problem_of(error, shown(path)))
        return _Place(path, relative, is_folder=False, problem=problem)
    return _Place(path, relative, is_folder=stat.S_ISDIR(status.st_mode))


def _link_problem(path: str, root: str | None, *, outside: bool) -> Problem | None:
    """Why a link is not followed, or None."""
    name = shown(path)
    if root is None:
        return Problem("symlink", f"{name}: a link, not followed; --follow follows it")
    target = os.path.realpath(path, strict=True)
    if os.path.isdir(target) and is_within(os.path.realpath(os.path.dirname(path)), target):
        return Problem("loop", f"{name}: a link to a folder that it lies in")
    if not outside and not is_within(target, root):
        return Problem("outside", f"{name}: a link out of the folder; --follow-outside follows it")
    return None


def is_within(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it; both real and absolute."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _require_file(status: os.stat_result, name: str, max_bytes: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise InputError("not_regular", f"{name}: a folder")
    if not stat.S_ISREG(status.st_mode):
        raise InputError("not_regular", f"{name}: not a regular file")
    if status.st_size > max_bytes:
        raise _too_large(name, f"{status.st_size} bytes", max_bytes)


def _read_stdin(max_bytes: int) -> Content:
    name = "standard input"
    if sys.stdin is None:
        raise InputError("read_error", f"{name}: closed")
    try:
        return Content(_read_limited(sys.stdin.buffer.read, CHUNK_BYTES, name, max_bytes), None)
    except (OSError, ValueError) as error:
        message = getattr(error, "strerror", None) or str(error)
        raise InputError("read_error", f"{name}: {message}") from error


def _read_limited(
    read: Callable[[int], bytes | None], expected: int, name: str, max_bytes: int
) -> bytes:
    """Read to the end, in parts of the size expected, but not past ``max_bytes``."""
    parts: list[bytes] = []
    left = max_bytes + 1
    size = max(expected, CHUNK_BYTES)
    while left > 0 and (part := read(min(left, size))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise _too_large(name, f"more than {max_bytes} bytes", max_bytes)
    return b"".join(parts)


def _too_large(name: str, size: str, max_bytes: int) -> InputError:
    return InputError(
        "too_large", f"{name}: {size}, and the limit is {max_bytes}; --max-bytes raises it"
    )


def _state(status: os.stat_result) -> State:
    return State(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
