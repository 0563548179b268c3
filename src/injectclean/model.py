"""The trained model: named arrays in one ``.npz`` file, and a card in JSON that vouches for them.

Reading needs neither numpy nor a pickle: every member must be an uncompressed array of a plain
number type, checked by its header, and the file's SHA-256 must be the one on the card. So a damaged
or foreign file is refused before anything is scanned, and cannot run code.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
import sys
import zipfile
import zlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from injectclean.errors import ModelError

FORMAT = 1
PAIR_STEP = 0.05  # nats of log count that one step of a stored pair count stands for
MAX_MODEL_BYTES = 256 * 1024 * 1024
_TYPES = {"<f8": "d", "<f4": "f", "<u4": "I", "<i4": "i", "|u1": "B"}
_NPY_MAGIC = b"\x93NUMPY\x01\x00"


class Table:
    """Exact string keys with a row of weights each, found without building a dictionary.

    Keys are stored end to end; ``slots`` is an open-addressing hash table over CRC-32 that holds
    row numbers plus one. A look-up compares the key itself, so no two keys are ever confused.
    """

    def __init__(self, keys: bytes, offsets: Sequence[int], slots: Sequence[int]) -> None:
        self._keys = keys
        self._offsets = offsets
        self._slots = slots
        self._mask = len(slots) - 1

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def row(self, key: str) -> int:
        """The row of ``key``, or -1."""
        wanted = key.encode("utf-8", "surrogatepass")
        slot = zlib.crc32(wanted) & self._mask
        while found := self._slots[slot]:
            if self._keys[self._offsets[found - 1] : self._offsets[found]] == wanted:
                return found - 1
            slot = (slot + 1) & self._mask
        return -1


class LinearTable:
    """An additive linear model: a score is the intercept plus the sum of its features' weights."""

    def __init__(self, table: Table, weights: Sequence[float], intercepts: Sequence[float]) -> None:
        self._table = table
        self._weights = weights
        self.intercepts = tuple(intercepts)
        self.width = len(self.intercepts)

    def weight(self, feature: str) -> float:
        """Weight of a feature in the first column; 0.0 when it was never seen."""
        row = self._table.row(feature)
        return self._weights[row * self.width] if row >= 0 else 0.0

    def weights(self, feature: str) -> Sequence[float] | None:
        """Weights of a feature in every column, or None when it was never seen."""
        row = self._table.row(feature)
        return None if row < 0 else self._weights[row * self.width : (row + 1) * self.width]


class PairCounts:
    """How often two folds stand side by side in ordinary text, as a logarithm in steps.

    A 24-bit fingerprint stands for the pair, so a pair never seen is taken for a seen one about
    once in ten million look-ups: it is evidence, not a weight.
    """

    def __init__(self, slots: Sequence[int]) -> None:
        self._slots = slots
        self._mask = len(slots) - 1

    def log_count(self, left: str, right: str) -> float:
        """Natural logarithm of 1 + the count; 0.0 for a pair never seen."""
        key = zlib.crc32(f"{left} {right}".encode("utf-8", "surrogatepass"))
        fingerprint = zlib.crc32(f"{right} {left}".encode("utf-8", "surrogatepass")) >> 8
        slot = key & self._mask
        while found := self._slots[slot]:
            if found >> 8 == fingerprint:
                return (found & 0xFF) * PAIR_STEP
            slot = (slot + 1) & self._mask
        return 0.0


class Model:
    """Arrays and card, read once and never changed."""

    def __init__(self, arrays: Mapping[str, array[Any]], card: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self.card = card

    @property
    def identity(self) -> str:
        """Short name of exactly these weights, as reports give it."""
        return f"{self.card['name']}@{self.card['arrays_sha256'][:12]}"

    def table(self, name: str) -> LinearTable:
        """The linear model called ``name``."""
        arrays = self._arrays
        table = Table(
            bytes(arrays[f"{name}.keys"]), arrays[f"{name}.offsets"], arrays[f"{name}.slots"]
        )
        return LinearTable(table, arrays[f"{name}.weights"], arrays[f"{name}.intercepts"])

    def pair_counts(self) -> PairCounts:
        """Counts of pairs in ordinary text."""
        return PairCounts(self._arrays["pairs.slots"])

    def threshold(self, name: str) -> float:
        """A threshold of the card."""
        return float(self.card["thresholds"][name])


def default_path() -> str:
    """Where the shipped model lies: inside the package, or at the top of a checkout.

    Raises:
        ModelError: it is in neither place.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    top = os.path.dirname(os.path.dirname(package))
    for folder in (package, top):
        path = os.path.join(folder, "models", "default.npz")
        if os.path.exists(path):
            return path
    raise ModelError("no model: models/default.npz is missing; run 'injectclean train'")


def load_model(path: str | None = None) -> Model:
    """Read a model and its card, and check both.

    Args:
        path: of the ``.npz`` file; the card is the ``.json`` beside it. Default: the shipped one.

    Raises:
        ModelError: missing, unreadable, damaged, foreign or of a newer format.
    """
    path = path or default_path()
    card = _read_card(os.path.splitext(path)[0] + ".json")
    data = _read_file(path)
    if hashlib.sha256(data).hexdigest() != card["arrays_sha256"]:
        raise ModelError(f"{path}: is not the file that its card describes (SHA-256 differs)")
    try:
        arrays = _read_arrays(data)
        return check_model(Model(arrays, card))
    except (ValueError, KeyError, IndexError, TypeError, struct.error, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: not a usable model: {error}") from error


def card_digest(card: Mapping[str, Any]) -> str:
    """SHA-256 of a card without its own digest, in canonical JSON."""
    body = {key: value for key, value in card.items() if key != "card_sha256"}
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_model(model: Model) -> Model:
    """Check that the arrays fit together and hold finite numbers.

    Raises:
        ValueError: they don't.
    """
    arrays = model._arrays
    for name in model.card["tables"]:
        offsets, slots = arrays[f"{name}.offsets"], arrays[f"{name}.slots"]
        keys, intercepts = arrays[f"{name}.keys"], arrays[f"{name}.intercepts"]
        rows = len(offsets) - 1
        _require(rows >= 0 and offsets[0] == 0 and offsets[-1] == len(keys), f"{name}: key offsets")
        _require(sorted(offsets) == offsets.tolist(), f"{name}: key offsets fall")
        _require_hash_table(slots, f"{name}.slots")
        _require(max(slots) <= rows, f"{name}: a slot points past the keys")
        weights = arrays[f"{name}.weights"]
        _require(len(weights) == rows * len(intercepts) > 0, f"{name}: number of weights")
        # One sum sees every NaN and infinity, and costs far less than asking each weight.
        finite = math.isfinite(sum(weights)) and math.isfinite(sum(intercepts))
        _require(finite, f"{name}: weights that are not finite")
    _require_hash_table(arrays["pairs.slots"], "pairs.slots")
    return model


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _require_hash_table(slots: Sequence[int], name: str) -> None:
    size = len(slots)
    _require(size > 0 and size & (size - 1) == 0, f"{name}: size is not a power of two")
    _require(0 in slots, f"{name}: no free slot")


def _read_file(path: str) -> bytes:
    try:
        if os.path.getsize(path) > MAX_MODEL_BYTES:
            raise ModelError(f"{path}: larger than {MAX_MODEL_BYTES} bytes")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def _read_card(path: str) -> dict[str, Any]:
    try:
        card = json.loads(_read_file(path))
        newer = isinstance(card, dict) and card.get("format", 0) > FORMAT
        valid = isinstance(card, dict) and card["card_sha256"] == card_digest(card)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: not a model card: {error}") from error
    if newer:
        raise ModelError(f"{path}: format {card['format']} is newer; upgrade injectclean")
    if not valid:
        raise ModelError(f"{path}: the card was changed or damaged (its digest differs)")
    if card["format"] != FORMAT:
        raise ModelError(f"{path}: format {card['format']} is not {FORMAT}; train the model anew")
    return card


def _read_arrays(data: bytes) -> dict[str, array[Any]]:
    arrays: dict[str, array[Any]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            _require(info.compress_type == zipfile.ZIP_STORED, f"{info.filename} is compressed")
            _require(info.file_size <= len(data), f"{info.filename} is larger than its file")
            arrays[info.filename.removesuffix(".npy")] = _read_array(archive.read(info))
    return arrays


def _read_array(data: bytes) -> array[Any]:
    """Parse one ``.npy`` member of format 1.0, as numpy documents it; flat, whatever its shape."""
    _require(data.startswith(_NPY_MAGIC), "not an .npy array of format 1.0")
    start = 10 + struct.unpack("<H", data[8:10])[0]
    header = data[10:start].decode("latin-1")
    code = next((code for code in _TYPES if f"'descr': '{code}'" in header), None)
    if code is None or "'fortran_order': False" not in header:
        raise ValueError(f"array type is not allowed: {header.strip()}")
    values = array(_TYPES[code])
    values.frombytes(data[start:])
    if sys.byteorder == "big":
        values.byteswap()
    return values
