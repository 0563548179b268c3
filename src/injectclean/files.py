"""Files written whole or not at all: a temporary file in the same folder, synced, then renamed."""

from __future__ import annotations

import contextlib
import hashlib
import os

TEMPORARY = ".icl-tmp-"


def write_atomically(
    path: str,
    data: bytes,
    *,
    like: str | None = None,
    mode: int | None = None,
    overwrite: bool = True,
) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part.

    Args:
        path: the file; its folder must exist.
        data: all of its content.
        like: a file whose mode, extended attributes and, where allowed, owner the new one takes.
        mode: the new file's mode; default: what the process's mask leaves of 0666.
        overwrite: whether a file that is already there is replaced.

    Raises:
        FileExistsError: the file is there and must not be overwritten.
        OSError: the file was not written; what was there before is untouched.
    """
    temporary = temporary_path(path)
    descriptor = _create(temporary, mode)
    try:
        _fill(descriptor, data, like)
        if overwrite:
            os.replace(temporary, path)
        else:
            _give_free_name(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(path) or ".")


class PendingFile:
    """A file that is written piece by piece, and is there when it is finished."""

    def __init__(self, path: str, *, mode: int | None = None) -> None:
        """Begin it beside its place.

        Raises:
            OSError: it cannot be made.
        """
        self.path = path
        self._temporary = temporary_path(path)
        self.file = os.fdopen(_create(self._temporary, mode), "w+b")

    def finish(self) -> str:
        """Sync it and put it in its place; gives the SHA-256 of its bytes.

        Raises:
            OSError: it was not written; what was there before is untouched.
        """
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.seek(0)
            digest = hashlib.file_digest(self.file, "sha256").hexdigest()
            self.file.close()
            os.replace(self._temporary, self.path)
        except BaseException:
            self.abandon()
            raise
        _sync_folder(os.path.dirname(self.path) or ".")
        return digest

    def abandon(self) -> None:
        """Take it away, if it is not finished."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)


def remove_leftovers(folder: str) -> None:
    """Remove what a run that was killed left half-written in ``folder``.

    A temporary file names the process that writes it; those of a live one are left alone. One of
    another container or host may have any number, so it must not be locked by its writer either.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            owner = name.removeprefix(TEMPORARY).partition("-")[0]
            if name.startswith(TEMPORARY) and owner.isdecimal() and not _is_alive(int(owner)):
                path = os.path.join(folder, name)
                descriptor = os.open(path, os.O_RDONLY)
                try:
                    if _lock(descriptor):
                        os.unlink(path)
                finally:
                    os.close(descriptor)


def temporary_path(path: str) -> str:
    """Where this process writes what is to stand at ``path``."""
    folder, name = os.path.split(path)
    # Whole names can be as long as the file system takes, and alike at either end.
    mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return os.path.join(folder, f"{TEMPORARY}{os.getpid()}-{mark}-{name[-40:]}")


def _create(temporary: str, mode: int | None) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    descriptor = os.open(temporary, flags, 0o666 if mode is None else mode)
    _lock(descriptor)
    return descriptor


def _lock(descriptor: int) -> bool:
    """Lock an open file until it is closed, unless another process has; True where none can."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # any other: a file system without locks
        return not isinstance(error, BlockingIOError)
    return True


def _fill(descriptor: int, data: bytes, like: str | None) -> None:
    """Write, dress and sync an open file, and close it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        if like is not None:
            _take_after(file.fileno(), like)
        file.flush()
        os.fsync(file.fileno())


def _give_free_name(temporary: str, path: str) -> None:
    """Rename, but never over a file that is there."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: look, then rename.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(temporary, path)
    else:
        os.unlink(temporary)


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # elsewhere signal 0 is a signal, so nobody is asked and nothing is removed
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _take_after(descriptor: int, like: str) -> None:
    status = os.stat(like)
    # The owner first: a change of owner takes set-user-id bits away.
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & 0o7777)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(like):
                os.setxattr(descriptor, name, os.getxattr(like, name))


def _sync_folder(folder: str) -> None:
    # Some file systems refuse to sync a folder; the rename itself has happened.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
