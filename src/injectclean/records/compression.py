"""The compressions of containers: gzip, and Zstandard where its package is installed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from injectclean.records.base import missing_package
from injectclean.values import NamedTuple

_GZIP = 16 + zlib.MAX_WBITS


class Codec(NamedTuple):
    """One compression.

    ``faults`` are parts of the library's messages and what they mean; a fault not among them is
    ``damaged``.
    """

    name: str
    decompressor: Callable[[], Any]
    compressor: Callable[[], Any]
    error: type[Exception]
    faults: dict[str, str]
    foreign: str  # the message's part that says: no header of this format
    damaged: str
    piece_bytes: int


def codec_of(path: str) -> Codec | None:
    """The compression that a file's name tells.

    Raises:
        InputError: the package for it is missing.
    """
    name = path.lower()
    if name.endswith(".gz"):
        return _gzip()
    return _zstandard(path) if name.endswith(".zst") else None


def _gzip() -> Codec:
    return Codec(
        name="gzip",
        decompressor=lambda: zlib.decompressobj(_GZIP),
        # No name and no time of writing: the same bytes whenever it is done.
        compressor=lambda: zlib.compressobj(wbits=_GZIP),
        error=zlib.error,
        faults={"incorrect data check": "crc", "incorrect length check": "crc"},
        foreign="incorrect header check",
        damaged="bad_gzip",
        piece_bytes=16384,
    )


def _zstandard(path: str) -> Codec:
    try:
        import zstandard
    except ImportError as error:
        raise missing_package(path, "zstandard", "zst") from error
    return Codec(
        name="Zstandard",
        decompressor=lambda: zstandard.ZstdDecompressor().decompressobj(),
        compressor=lambda: zstandard.ZstdCompressor(write_checksum=True).compressobj(),
        error=zstandard.ZstdError,
        faults={"checksum": "crc", "too much memory": "limit_exceeded"},
        foreign="Unknown frame descriptor",
        damaged="bad_zstd",
        piece_bytes=1024,
    )
