"""Files written whole or not at all: a temporary file in the same folder, synced, then renamed."""

from __future__ import annotations

import contextlib
import os

TEMPORARY = ".icl-tmp-"


def write_atomically(path: str, data: bytes, *, like: str | None = None) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part.

    Args:
        like: a file whose mode and, where allowed, owner the new one takes.

    Raises:
        OSError: the file was not written; what was there before is untouched.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f"{TEMPORARY}{os.getpid()}-{name[-40:]}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if like is not None:
                _take_after(file.fileno(), like)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder or ".")


def _take_after(descriptor: int, like: str) -> None:
    status = os.stat(like)
    os.fchmod(descriptor, status.st_mode & 0o7777)
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, status.st_uid, status.st_gid)


def _sync_folder(folder: str) -> None:
    # Some file systems refuse to sync a folder; the rename itself has happened.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
