"""Trained models to the arrays and the card that the runtime reads, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from injectclean.files import write_atomically
from injectclean.model import FORMAT, Model, card_digest, cast_plain, check_model
from injectclean.tables import BIAS, PAIR_STEP, STEP
from injectclean.tokens import fold, spelling_feature, token_features, word_feature
from injectclean.training.background import Background
from injectclean.training.words import WordModel

LOAD = 0.7  # share of a hash table's slots in use
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the oldest that a zip file knows: no clock in the model

_CODES = {"u1": "B", "u2": "H", "u4": "I", "f4": "f", "f8": "d"}

Arrays = dict[str, NDArray[Any]]


def table_arrays(
    name: str,
    model: WordModel,
    features: Callable[[str, str], list[str]] = token_features,
) -> Arrays:
    """Keys, hash table, weights and intercepts of a linear model, but for features of no weight.

    With them, for one column, what each word's fold adds up to under ``features``.
    """
    names, weights, intercepts = model.weights()
    kept = np.flatnonzero(np.any(weights != 0, axis=1))
    keys = [names[index].encode() for index in kept]
    packed = _packed(weights[kept])
    found = {
        f"{name}.keys": np.frombuffer(b"".join(keys), dtype=np.uint8),
        f"{name}.offsets": np.concatenate([[0], np.cumsum([len(key) for key in keys])]).astype(
            "<u4"
        ),
        f"{name}.slots": _key_slots(keys),
        f"{name}.weights": packed,
        f"{name}.intercepts": intercepts.astype("<f8"),
    }
    if len(intercepts) == 1:
        known = dict(zip([names[index] for index in kept], packed.tolist(), strict=True))
        found[f"{name}.wholes"] = np.array(_wholes(known, features), dtype="<f8")
    return found


def _wholes(weights: Mapping[str, float], features: Callable[[str, str], list[str]]) -> list[float]:
    """For each word, in order, the sum of what its fold gives; words are the last features."""
    first = word_feature("")
    words = [name.removeprefix(first) for name in weights if name.startswith(first)]
    if list(weights)[len(weights) - len(words) :] != [word_feature(word) for word in words]:
        raise ValueError("words are not the last features")
    spelled = spelling_feature("")
    return [
        math.fsum(
            weights.get(feature, 0.0)
            for feature in features(word, word)
            if not feature.startswith(spelled)
        )
        for word in words
    ]


def _packed(weights: NDArray[np.float64]) -> NDArray[Any]:
    """Weights (features x columns) row by row: floats of one column, steps of several."""
    if weights.shape[1] == 1:
        return weights.reshape(-1).astype("<f4")
    return (np.rint(weights / STEP) + BIAS).reshape(-1).astype("<u2")


def pair_arrays(background: Background) -> Arrays:
    """Hash table of the log counts of folded words and pairs, and the log of all words."""
    counts: dict[tuple[str, str], int] = {}
    words = [(word, "", count) for word, count in background.words]
    rows = [*background.pairs, *background.capitals, *words]
    for left, right, count in rows:
        key = (fold(left), fold(right))
        counts[key] = counts.get(key, 0) + count
    slots = np.zeros(_table_size(len(counts)), dtype="<u4")
    for (left, right), count in sorted(counts.items()):
        step = max(1, min(255, round(float(np.log1p(count)) / PAIR_STEP)))
        slot = zlib.crc32(f"{left} {right}".encode()) & (len(slots) - 1)
        while slots[slot]:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot] = (zlib.crc32(f"{right} {left}".encode()) >> 8) << 8 | step
    total = np.log1p(sum(count for _, count in background.words))
    return {"pairs.slots": slots, "pairs.total": np.array([total], dtype="<f8")}


def runtime_model(arrays: Arrays, card: Mapping[str, Any]) -> Model:
    """The model as the runtime would load it, without a file."""
    plain = {
        name: cast_plain(memoryview(values.tobytes()), _CODES[values.dtype.str[1:]])
        for name, values in arrays.items()
    }
    return check_model(Model(plain, {"name": "memory", "arrays_sha256": "", **card}))


def write_model(path: str, arrays: Arrays, card: Mapping[str, Any]) -> str:
    """Write ``path`` (``.npz``) and the card beside it, both whole or not at all.

    Returns:
        the arrays' SHA-256.
    """
    data = npz_bytes(arrays)
    digest = hashlib.sha256(data).hexdigest()
    sums = {"arrays_sha256": digest, "arrays_crc32": zlib.crc32(data)}
    full: dict[str, Any] = {**card, "format": FORMAT, **sums}
    full["card_sha256"] = card_digest(full)
    text = json.dumps(full, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, data)
    write_atomically(os.path.splitext(path)[0] + ".json", text.encode())
    return digest


def npz_bytes(arrays: Arrays, *, compressed: bool = False) -> bytes:
    """An ``.npz`` with members in order of their names and without times."""
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(
                member, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False
            )
            info = zipfile.ZipInfo(f"{name}.npy", _ZIP_TIME)
            archive.writestr(info, member.getvalue(), compress_type=method)
    return buffer.getvalue()


def _key_slots(keys: Sequence[bytes]) -> NDArray[np.uint32]:
    slots = np.zeros(_table_size(len(keys)), dtype="<u4")
    mask = len(slots) - 1
    for row, key in enumerate(keys):
        slot = zlib.crc32(key) & mask
        while slots[slot]:
            slot = (slot + 1) & mask
        slots[slot] = row + 1
    return slots


def _table_size(count: int) -> int:
    size = 2
    while size * LOAD < count + 1:
        size *= 2
    return size
