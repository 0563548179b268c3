"""The trained model: named arrays in one ``.npz`` file, and a card in JSON that vouches for them.

Reading needs neither numpy nor a pickle: every member must be an uncompressed array of a plain
number type, checked by its header, and the file must be the one that its card describes. So a
damaged or foreign file is refused before anything is scanned, and cannot run code.

A model that the user names is held against the SHA-256 on its card, and every number in it is
looked at. That the shipped one stands this is a test; at every start it is held against the CRC-32
on its card, which tells damage, a part, or another model's file at a tenth of the cost. Against
somebody who changes file and card neither sum would help, and loading runs no code.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import stat
import struct
import sys
from collections.abc import Mapping, Sequence
from mmap import ACCESS_READ, mmap
from typing import Any
from zlib import crc32

from injectclean.errors import ModelError
from injectclean.forest import LEAF, Forest, Nodes, Questions, arrange
from injectclean.tables import LabelledTable, LinearTable, PairCounts, Table

FORMAT = 2
MAX_MODEL_BYTES = 256 * 1024 * 1024
_TYPES = {"<f8": "d", "<f4": "f", "<u4": "I", "<u2": "H", "|u1": "B"}
_ZIP_MEMBER = b"PK\x03\x04"
_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_SHAPE = re.compile(r"'shape': \((\d{1,12}),\)")
_ENTRIES = ("arrays_sha256", "format", "name", "tables", "thresholds")
_ROLES = {
    "keys": "B", "offsets": "I", "slots": "I", "weights": "fH", "intercepts": "d", "wholes": "d",
    "roots": "I", "asked": "B", "limits": "d", "rights": "I", "values": "d", "base": "d",
    "counts": "I", "cuts": "d", "kept": "B", "leaves": "d", "total": "d",
}  # fmt: skip
_TABLE_ROLES = ("keys", "offsets", "slots", "weights", "intercepts")
_TREE_ROLES = ("base", *Nodes._fields, *Questions._fields)
_FORESTS = (
    "cores", "starts", "ends", "injection_alone", "extent_alone", "injection", "extent",
)  # fmt: skip
_TREE_ARRAYS = [(name, role) for name in _FORESTS for role in _TREE_ROLES]
_LABELS = {"vertical": "verticals", "line": "line_labels"}  # table: the card's names of its columns
# All that the standard library raises on a file that is no stored zip of arrays.
_UNUSABLE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, EOFError,
    struct.error,
)  # fmt: skip


class Model:
    """Arrays and card, read once and never changed."""

    def __init__(
        self, arrays: Mapping[str, memoryview], card: Mapping[str, Any], *, is_known: bool = False
    ) -> None:
        self._arrays = arrays
        self._is_known = is_known  # to be whole: a test has looked at each of its numbers
        self.card = card

    @property
    def identity(self) -> str:
        """Short name of exactly these weights, as reports give it."""
        return f"{self.card['name']}@{self.card['arrays_sha256'][:12]}"

    def table(self, name: str) -> LinearTable:
        """The linear model called ``name``, of one column."""
        parts = _parts(self, name)
        wholes = _wholes(self, name)
        return LinearTable(_keys_of(parts), parts["weights"], parts["intercepts"][0], wholes)

    def labelled_table(self, name: str) -> LabelledTable:
        """The linear model called ``name``, of a column for each label."""
        parts = _parts(self, name)
        return LabelledTable(_keys_of(parts), parts["weights"], parts["intercepts"])

    def pair_counts(self) -> PairCounts:
        """Counts of words and of pairs in ordinary text."""
        total = _typed(self._arrays, "pairs", "total")
        _require(len(total) == 1 and math.isfinite(total[0]), "pairs.total")
        return PairCounts(self._arrays["pairs.slots"], total[0])

    def forest(self, name: str, names: Sequence[str]) -> Forest:
        """The trees called ``name`` over features called ``names``.

        Raises:
            LookupError: there are none.
            ValueError: they don't fit together, or were trained on other features.
        """
        _require(self.card["features"][name] == list(names), f"{name}: other features")
        parts = {role: _typed(self._arrays, name, role) for role in _TREE_ROLES}
        nodes = Nodes(*(parts[role] for role in Nodes._fields))
        questions = Questions(*(parts[role] for role in Questions._fields))
        if not self._is_known:
            base = parts["base"]
            _require(len(base) == 1 and math.isfinite(base[0]), f"{name}.base")
            _check_trees(name, nodes, questions, len(names))
        return Forest(names, parts["base"][0], nodes, questions)

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
        path: of the ``.npz`` file; the card is the ``.json`` beside it. Default: the shipped one,
            whose numbers are not looked at one by one.

    Raises:
        ModelError: missing, unreadable, damaged, foreign or of a newer format.
    """
    is_shipped = path is None
    path = path or default_path()
    card = _read_card(os.path.splitext(path)[0] + ".json")
    data = _map_file(path)
    is_known = is_shipped and "arrays_crc32" in card
    if is_known and crc32(data) != card["arrays_crc32"]:
        raise _foreign(path, "CRC-32")
    if not is_known and hashlib.sha256(data).hexdigest() != card["arrays_sha256"]:
        raise _foreign(path, "SHA-256")
    try:
        model = Model(_read_arrays(data), card, is_known=is_known)
        return check_layout(model) if is_known else check_model(model)
    except _UNUSABLE as error:
        raise ModelError(f"{path}: not a usable model: {error}") from error


def _foreign(path: str, kind: str) -> ModelError:
    return ModelError(f"{path}: is not the file that its card describes ({kind} differs)")


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
    check_layout(model)
    for name in model.card["tables"]:
        _check_numbers(name, _parts(model, name))
        finite = name in _LABELS or all(map(math.isfinite, _wholes(model, name)))
        _require(finite, f"{name}: sums that are not finite")
    return model


def check_layout(model: Model) -> Model:
    """Check that the arrays are all there, of their types, and of sizes that fit together.

    Raises:
        ValueError: they don't.
    """
    for name in model.card["tables"]:
        parts = _parts(model, name)
        labels = model.card[_LABELS[name]] if name in _LABELS else None
        _check_sizes(name, parts, labels)
        if labels is None:
            wholes = _wholes(model, name)
            _require(len(wholes) < len(parts["offsets"]), f"{name}: more words than rows")
    _require_hash_table(_typed(model._arrays, "pairs", "slots"), "pairs.slots")
    if "injected" in model.card["tables"]:
        for name, role in (("pairs", "total"), *_TREE_ARRAYS):
            _typed(model._arrays, name, role)
    return model


def _keys_of(parts: Mapping[str, memoryview]) -> Table:
    return Table(bytes(parts["keys"]), parts["offsets"], parts["slots"])


def _parts(model: Model, name: str) -> dict[str, memoryview]:
    return {role: _typed(model._arrays, name, role) for role in _TABLE_ROLES}


def _wholes(model: Model, name: str) -> memoryview:
    return _typed(model._arrays, name, "wholes")


def _typed(arrays: Mapping[str, memoryview], name: str, role: str) -> memoryview:
    values = arrays[f"{name}.{role}"]
    _require(values.format in _ROLES[role], f"{name}.{role} is of type {values.format!r}")
    return values


def _check_sizes(name: str, parts: Mapping[str, memoryview], labels: Sequence[str] | None) -> None:
    columns = 1 if labels is None else len(labels)
    _require(len(parts["intercepts"]) == columns > 0, f"{name}: not {columns} intercepts")
    kind = "f" if labels is None else "H"
    _require(parts["weights"].format == kind, f"{name}: weights of another type than {kind!r}")
    offsets = parts["offsets"]
    rows = len(offsets) - 1
    fits = rows >= 0 and offsets[0] == 0 and offsets[-1] == len(parts["keys"])
    _require(fits, f"{name}: key offsets")
    _require_hash_table(parts["slots"], f"{name}.slots")
    _require(len(parts["weights"]) == rows * columns > 0, f"{name}: number of weights")


def _check_numbers(name: str, parts: Mapping[str, memoryview]) -> None:
    offsets = parts["offsets"].tolist()
    _require(sorted(offsets) == offsets, f"{name}: key offsets fall")
    _require(max(parts["slots"]) < len(offsets), f"{name}: a slot points past the keys")
    small = parts["weights"].format == "H" or _are_small(parts["weights"])
    _require(small, f"{name}: weights that are not finite")
    _require(all(map(math.isfinite, parts["intercepts"])), f"{name}: intercepts")


def _check_trees(name: str, nodes: Nodes, questions: Questions, features: int) -> None:
    """Check that every walk down a tree ends: children stand behind their parents, leaves last."""
    asked, rights, count = list(nodes.asked), list(nodes.rights), len(nodes.asked)
    fits = all(len(part) == count > 0 for part in (nodes.limits, nodes.rights, nodes.values))
    _require(fits, f"{name}: number of nodes")
    roots = list(nodes.roots)
    _require(bool(roots) and roots[0] == 0 and sorted(set(roots)) == roots, f"{name}: roots")
    _require(asked[-1] == LEAF and roots[-1] < count, f"{name}: a tree without end")
    inner = [node for node in range(count) if asked[node] != LEAF]
    _require(all(node + 1 < rights[node] < count for node in inner), f"{name}: a child before it")
    _require(all(asked[node] < features for node in inner), f"{name}: a feature without a name")
    finite = all(map(math.isfinite, (*nodes.limits, *nodes.values)))
    _require(finite, f"{name}: values that are not finite")
    expected = arrange(nodes, features)
    told = [list(part) for part in (questions.counts, questions.cuts, questions.leaves)]
    alike = told == [expected.counts, expected.cuts, expected.leaves]
    alike = alike and bytes(questions.kept) == bytes(expected.kept)
    _require(alike, f"{name}: questions of other trees")


def _are_small(weights: memoryview) -> bool:
    """Whether no 32-bit float has an exponent near the largest, as NaN and infinities have.

    Looking at the highest bytes costs a hundredth of asking each weight.
    """
    highest = weights.tobytes()[3::4]
    return b"\x7f" not in highest and b"\xff" not in highest


def cast_plain(data: memoryview, code: str) -> memoryview:
    """View bytes as numbers of one of the plain types that a model may hold."""
    # Spelled out for the type checker: the codes of memoryview.cast are literals.
    if code == "B":
        return data.cast("B")
    if code == "I":
        return data.cast("I")
    if code == "H":
        return data.cast("H")
    view: memoryview = data.cast("f") if code == "f" else data.cast("d")  # type: ignore[assignment]
    return view


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _require_hash_table(slots: Sequence[int], name: str) -> None:
    size = len(slots)
    _require(size > 0 and size & (size - 1) == 0, f"{name}: size is not a power of two")
    _require(0 in slots, f"{name}: no free slot")


def _map_file(path: str) -> bytes | mmap:
    """A file's bytes in place, which processes share; a model is replaced whole, never in part."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise ModelError(f"{path}: not a file")
        if status.st_size > MAX_MODEL_BYTES:
            raise ModelError(f"{path}: larger than {MAX_MODEL_BYTES} bytes")
        with open(path, "rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ) if status.st_size else b""
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {getattr(error, 'strerror', error)}") from error


def _read_card(path: str) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads(bytes(_map_file(path)))
        _require(isinstance(card, dict), "it is no object")
        newer = card["format"] > FORMAT
        valid = card["card_sha256"] == card_digest(card)
        lacking = [entry for entry in _ENTRIES if entry not in card]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: not a model card: {error}") from error
    if newer:
        raise ModelError(f"{path}: format {card['format']} is newer; upgrade injectclean")
    if not valid:
        raise ModelError(f"{path}: the card was changed or damaged (its digest differs)")
    if card["format"] != FORMAT:
        raise ModelError(f"{path}: format {card['format']} is not {FORMAT}; train the model anew")
    if lacking:
        raise ModelError(f"{path}: not a model card: without {', '.join(lacking)}")
    return card


def _read_arrays(data: bytes | mmap) -> dict[str, memoryview]:
    """The arrays of an ``.npz``, in place.

    The local headers of a stored zip are read here, because ``zipfile`` takes as long to import as
    a document to scan; the file's SHA-256 was checked, so its own checksums add nothing.
    """
    _require(sys.byteorder == "little", "this machine's byte order is not the model's")
    arrays: dict[str, memoryview] = {}
    at = 0
    while data[at : at + 4] == _ZIP_MEMBER:
        method, packed, size, name_size, extra = struct.unpack("<8xH8xIIHH", data[at : at + 30])
        start = at + 30 + name_size + extra
        name = data[at + 30 : at + 30 + name_size].decode("ascii")
        _require(method == 0 and packed == size, f"{name} is compressed")
        _require(start + size <= len(data), f"{name} is larger than its file")
        arrays[name.removesuffix(".npy")] = _read_array(memoryview(data)[start : start + size])
        at = start + size
    _require(bool(arrays), "no arrays in it")
    return arrays


def _read_array(data: memoryview) -> memoryview:
    """Parse one ``.npy`` member of format 1.0, as numpy documents it, of one dimension."""
    _require(bytes(data[:8]) == _NPY_MAGIC, "not an .npy array of format 1.0")
    start = 10 + struct.unpack("<H", data[8:10])[0]
    header = bytes(data[10:start]).decode("latin-1")
    code = next((code for code in _TYPES if f"'descr': '{code}'" in header), None)
    if code is None or "'fortran_order': False" not in header:
        raise ValueError(f"array type is not allowed: {header.strip()}")
    values = cast_plain(data[start:], _TYPES[code])
    shape = _SHAPE.search(header)
    _require(shape is not None and int(shape[1]) == len(values), f"shape: {header.strip()}")
    return values
