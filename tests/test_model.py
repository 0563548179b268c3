"""Model files: what is read, and everything that is refused before a text is scanned."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import injectclean.model
from injectclean import Config, Scanner
from injectclean.errors import ModelError
from injectclean.forest import LEAF
from injectclean.model import FORMAT, card_digest, default_path, load_model
from injectclean.tables import (
    BIAS,
    CAPITAL,
    MAX_ROWS,
    PAIR_STEP,
    STEP,
    LabelledTable,
    PairCounts,
    Table,
)
from injectclean.training.background import Background, count_pairs
from injectclean.training.export import pair_arrays, runtime_model

KEYS = ("w song", "w bai", "p song bai", "d sòng1")
Arrays = dict[str, np.ndarray[Any, Any]]


def slots_of(keys: tuple[str, ...], size: int = 8) -> np.ndarray[Any, Any]:
    slots = np.zeros(size, dtype="<u4")
    for row, key in enumerate(keys):
        slot = zlib.crc32(key.encode()) & (size - 1)
        while slots[slot]:
            slot = (slot + 1) & (size - 1)
        slots[slot] = row + 1
    return slots


def small_arrays() -> Arrays:
    keys = [key.encode() for key in KEYS]
    pairs = np.zeros(4, dtype="<u4")
    found = {
        "keys": np.frombuffer(b"".join(keys), dtype=np.uint8),
        "offsets": np.cumsum([0, *map(len, keys)]).astype("<u4"),
        "slots": slots_of(KEYS),
    }
    fingerprint = zlib.crc32(b"bai song") >> 8
    pairs[zlib.crc32(b"song bai") & 3] = fingerprint << 8 | 20
    return {
        **{
            f"{table}.{role}": values
            for table in ("line", "word")
            for role, values in found.items()
        },
        "word.weights": np.array([0.0, 2.0, 4.0, 6.0], dtype="<f4"),
        "word.intercepts": np.array([0.25], dtype="<f8"),
        "word.wholes": np.array([], dtype="<f8"),
        "line.weights": (BIAS + np.arange(8) / STEP).astype("<u2"),
        "line.intercepts": np.array([0.5, -0.5], dtype="<f8"),
        "pairs.slots": pairs,
    }


def small_card() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": "small",
        "tables": ["line", "word"],
        "line_labels": ["body", "boilerplate/login"],
        "thresholds": {"injected.clean": 0.8},
    }


def npz(arrays: Mapping[str, Any]) -> bytes:
    """An ``.npz`` as the trainer writes it: stored, sizes in the local headers."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asanyarray(values), allow_pickle=True)
            archive.writestr(f"{name}.npy", member.getvalue())
    return buffer.getvalue()


def numpy_npz(arrays: Mapping[str, Any], *, compressed: bool = False) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def write(folder: Path, data: bytes, card: Mapping[str, Any]) -> str:
    """Write a model whose digests are right, whatever it holds."""
    full = {**card, "arrays_sha256": hashlib.sha256(data).hexdigest()}
    full["card_sha256"] = card_digest(full)
    (folder / "m.json").write_text(json.dumps(full, indent=1), encoding="utf-8")
    (folder / "m.npz").write_bytes(data)
    return str(folder / "m.npz")


@pytest.fixture
def small(tmp_path: Path) -> str:
    return write(tmp_path, npz(small_arrays()), small_card())


def refused(path: str, match: str | None = None) -> str:
    with pytest.raises(ModelError, match=match) as caught:
        load_model(path)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_model_is_read_and_named_by_its_arrays(small: str) -> None:
    model = load_model(small)

    digest = hashlib.sha256(Path(small).read_bytes()).hexdigest()
    assert model.identity == f"small@{digest[:12]}"
    assert model.threshold("injected.clean") == 0.8


def test_a_labelled_table_gives_the_scores_of_the_features_that_it_knows(small: str) -> None:
    table = load_model(small).labelled_table("line")

    assert table.intercepts == (0.5, -0.5)
    found = [table.scores(table.row(key)) for key in KEYS]
    assert found == [[0.5, 0.5], [2.5, 2.5], [4.5, 4.5], [6.5, 6.5]]
    assert table.scores(sum(map(table.row, KEYS))) == [12.5, 15.5]
    assert table.scores(0) == [0.5, -0.5]
    assert table.row("w nothing") == table.row("w \ud800") == 0


def test_a_labelled_table_adds_up_as_many_rows_as_it_says() -> None:
    slots = slots_of(("a",))
    for step, intercept in ((2 * BIAS - 1, 0.5), (0, -0.5)):
        weights = memoryview(np.array([step], dtype="<u2"))
        table = LabelledTable(Table(b"a", [0, 1], slots.tolist()), weights, [intercept])
        found = table.scores(MAX_ROWS * table.row("a"))
        assert found == [intercept + MAX_ROWS * (step - BIAS) * STEP]


def test_a_linear_table_gives_the_weights_of_the_features_that_it_knows(small: str) -> None:
    table = load_model(small).table("word")

    assert [table.weight(key) for key in KEYS] == [0.0, 2.0, 4.0, 6.0]
    assert table.weight("w nothing") == table.weight("w \ud800") == 0.0
    assert table.total([*KEYS, "w bai", "w nothing"]) + table.intercept == 14.25


def test_no_two_keys_are_confused_in_a_full_table() -> None:
    keys = tuple(f"w {n}" for n in range(1000))
    data = [key.encode() for key in keys]
    offsets = np.cumsum([0, *map(len, data)]).tolist()

    table = Table(b"".join(data), offsets, slots_of(keys, 1024).tolist())

    assert len(table) == 1000
    assert [table.row(key) for key in keys] == list(range(1000))
    assert all(table.row(f"v {n}") == -1 for n in range(1000))


def test_pair_counts_are_logarithms_in_steps() -> None:
    arrays = {**small_arrays(), "pairs.total": np.array([7.0], dtype="<f8")}
    counts = runtime_model(arrays, small_card()).pair_counts()

    assert counts.log_count("song", "bai") == pytest.approx(20 * PAIR_STEP)
    assert counts.log_count("bai", "song") == 0.0
    assert PairCounts([0], 0.0).log_count("song", "bai") == 0.0


def test_words_that_meet_attract_each_other_and_frequent_ones_that_never_do_repel() -> None:
    words = (("an", 400), ("toan", 300), ("viet", 900))
    slots = pair_arrays(Background((("an", "toan", 50),), words, (), (), "", ""))
    counts = PairCounts(slots["pairs.slots"].tolist(), float(slots["pairs.total"][0]))

    assert counts.attraction("an", "toan") < 0 < counts.attraction("an", "toan") + 2
    assert counts.attraction("viet", "an") < counts.attraction("an", "toan")
    assert counts.attraction("zalo", "viet") == 0.0


def test_a_capital_is_to_be_expected_where_ordinary_text_mostly_has_one() -> None:
    texts = ["Ông Nam gặp ông Bắc ở phường Nhất. Phường nhỏ."] * 30
    counted = count_pairs(texts)
    words = tuple((word, n) for (word, right), n in counted.items() if not right)
    capitals = tuple((*pair, n) for pair, n in counted.items() if CAPITAL in pair)
    slots = pair_arrays(Background((), words, capitals, (), "", ""))
    counts = PairCounts(slots["pairs.slots"].tolist(), float(slots["pairs.total"][0]))

    assert counts.capital_after("ong") > 0.9 > 0.6 > counts.capital_after("phuong") > 0.4
    assert counts.capital_after("gap") < 0.1 < 0.9 < counts.capital_before("gap")
    assert counts.capital_before("ong") < 0.1
    assert counts.capital_after("zalo") == counts.capital_before("zalo") == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("asked", np.array([9, LEAF, LEAF], dtype="|u1")),
        ("asked", np.array([0, LEAF, 0], dtype="|u1")),
        ("rights", np.array([1, 0, 0], dtype="<u4")),
        ("rights", np.array([3, 0, 0], dtype="<u4")),
        ("roots", np.array([3], dtype="<u4")),
        ("roots", np.array([0, 0], dtype="<u4")),
        ("roots", np.array([], dtype="<u4")),
        ("counts", np.array([2], dtype="<u4")),
        ("cuts", np.array([0.4], dtype="<f8")),
        ("kept", np.array([255, 255], dtype="|u1")),
        ("kept", np.array([255], dtype="|u1")),
        ("leaves", np.array([1.0, -1.0, 0, 0, 0, 0, 0, 0], dtype="<f8")),
        ("limits", np.array([0.5, 0.0], dtype="<f8")),
        ("values", np.array([0.0, np.nan, 1.0], dtype="<f8")),
        ("base", np.array([np.inf], dtype="<f8")),
        ("base", np.array([0.0, 0.0], dtype="<f8")),
        ("values", np.array([0.0, 1.0, 2.0], dtype="<f4")),
    ],
)
def test_trees_that_do_not_fit_together_are_refused(role: str, values: Any) -> None:
    arrays = {
        "trees.base": np.array([0.0], dtype="<f8"),
        "trees.counts": np.array([1], dtype="<u4"),
        "trees.cuts": np.array([0.5], dtype="<f8"),
        "trees.kept": np.array([0b11111111, 0b11111110], dtype="|u1"),
        "trees.leaves": np.array([-1.0, 1.0, 0, 0, 0, 0, 0, 0], dtype="<f8"),
        "trees.roots": np.array([0], dtype="<u4"),
        "trees.asked": np.array([0, LEAF, LEAF], dtype="|u1"),
        "trees.limits": np.array([0.5, 0.0, 0.0], dtype="<f8"),
        "trees.rights": np.array([2, 0, 0], dtype="<u4"),
        "trees.values": np.array([0.0, -1.0, 1.0], dtype="<f8"),
    }
    card = {**small_card(), "features": {"trees": ["a"]}}
    good = runtime_model(small_arrays() | arrays, card).forest("trees", ["a"])
    assert [good.logit([0.0]), good.logit([0.5]), good.logit([0.6])] == [-1.0, -1.0, 1.0]

    model = runtime_model(small_arrays() | arrays | {f"trees.{role}": values}, card)
    with pytest.raises(ValueError, match="trees"):
        model.forest("trees", ["a"])


class Marker:
    """Unpickling it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("how", ["pickle", "joblib", "joblib-zlib", "objects", "zip"])
def test_a_pickle_is_refused_and_not_run(tmp_path: Path, how: str) -> None:
    marker = tmp_path / "marker"
    evil = Marker(marker)
    if how == "objects":
        data = npz({**small_arrays(), "line.weights": np.array([evil], dtype=object)})
    elif how == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(evil))
        data = buffer.getvalue()
    elif how == "pickle":
        data = pickle.dumps(evil)
    else:
        joblib = pytest.importorskip("joblib")
        joblib.dump(evil, tmp_path / "dump", compress=3 if how == "joblib-zlib" else 0)
        data = (tmp_path / "dump").read_bytes()

    refused(write(tmp_path, data, small_card()), "not a usable model")

    assert not marker.exists()


@pytest.mark.parametrize("suffix", [".pkl", ".joblib", ".pt", ""])
def test_a_file_without_a_card_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps({"weights": [1.0]}))

    refused(str(path), r"model\.json: No such file")


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_truncated_file_is_refused(small: str, kept: float) -> None:
    data = Path(small).read_bytes()
    cut = int(len(data) * kept) if isinstance(kept, float) else kept
    Path(small).write_bytes(data[:cut])

    refused(small, "is not the file that its card describes")


def test_a_flipped_byte_anywhere_in_the_arrays_is_refused(small: str) -> None:
    data = Path(small).read_bytes()
    positions = range(0, len(data), max(1, len(data) // 500))

    assert len(positions) >= 500
    for position in positions:
        broken = bytearray(data)
        broken[position] ^= 0xFF
        Path(small).write_bytes(broken)
        refused(small)


def test_a_flipped_byte_of_the_shipped_model_is_refused(tmp_path: Path) -> None:
    shipped = Path(default_path())
    data = bytearray(shipped.read_bytes())
    (tmp_path / "m.json").write_bytes(shipped.with_suffix(".json").read_bytes())
    path = tmp_path / "m.npz"

    for part in range(10):
        position = part * (len(data) - 1) // 9
        data[position] ^= 1
        path.write_bytes(data)
        refused(str(path))
        data[position] ^= 1
    path.write_bytes(data)
    load_model(str(path))


def test_arrays_that_a_forger_vouches_for_are_loaded_or_refused_never_a_crash(
    tmp_path: Path,
) -> None:
    data = npz(small_arrays())

    for position in range(0, len(data), 5):
        broken = bytearray(data)
        broken[position] ^= 0x55
        path = write(tmp_path, bytes(broken), small_card())
        try:
            load_model(path)
        except ModelError:
            continue


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_of_the_card_is_refused(small: str, mask: int) -> None:
    path = Path(small).with_suffix(".json")
    card = path.read_bytes()
    values = json.loads(card)

    for position in range(len(card)):
        broken = bytearray(card)
        broken[position] ^= mask
        path.write_bytes(broken)
        try:
            same = json.loads(bytes(broken)) == values
        except (ValueError, UnicodeError):
            same = False
        if same:  # one blank for another
            load_model(small)
        else:
            refused(small)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "3",
        '"card"',
        "{",
        "[" * 100_000,
        '{"format": 1, "format": NaN}',
        "\x00",
    ],
)
def test_what_is_no_card_is_refused(small: str, text: str) -> None:
    Path(small).with_suffix(".json").write_text(text, encoding="utf-8")

    refused(small, r"m\.json: not a model card")


@pytest.mark.parametrize("missing", ["format", "name", "tables", "thresholds"])
def test_a_card_without_an_entry_is_refused(tmp_path: Path, missing: str) -> None:
    card = {key: value for key, value in small_card().items() if key != missing}

    refused(write(tmp_path, npz(small_arrays()), card), missing)


def test_a_card_without_the_digest_of_its_arrays_is_refused(small: str) -> None:
    path = Path(small).with_suffix(".json")
    card = {k: v for k, v in json.loads(path.read_bytes()).items() if "sha256" not in k}
    path.write_text(json.dumps({**card, "card_sha256": card_digest(card)}), encoding="utf-8")

    refused(small, "arrays_sha256")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (FORMAT + 1, "newer; upgrade injectclean"),
        (10**30, "newer; upgrade injectclean"),
        (0, "train the model anew"),
        (-1, "train the model anew"),
        ("1", "not a model card"),
        (None, "not a model card"),
    ],
)
def test_another_format_is_refused_with_the_remedy(
    tmp_path: Path, version: object, message: str
) -> None:
    refused(write(tmp_path, npz(small_arrays()), {**small_card(), "format": version}), message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("line.weights", np.arange(7, dtype="<f4")),
        ("line.weights", np.array([], dtype="<f4")),
        ("line.weights", np.arange(8, dtype=">u2")),
        ("line.weights", np.arange(7, dtype="<u2")),
        ("word.weights", np.full(4, math.nan, dtype="<f4")),
        ("word.weights", np.array([0, math.inf, 0, -math.inf], dtype="<f4")),
        ("word.weights", np.arange(4, dtype="<u2")),
        ("word.weights", np.arange(4, dtype="<f2")),
        ("word.intercepts", np.array([0.5, 0.5])),
        ("word.wholes", np.zeros(5)),
        ("word.wholes", np.array([math.nan])),
        ("line.weights", np.arange(8, dtype=">f4")),
        ("line.weights", np.arange(8, dtype="<c8")),
        ("line.weights", np.array(["a"] * 8)),
        ("line.weights", np.arange(8, dtype="<u4")),
        ("line.weights", np.asfortranarray(np.zeros((4, 2), dtype="<f4"))),
        ("line.intercepts", np.array([], dtype="<f8")),
        ("line.intercepts", np.array([math.nan, 0.0])),
        ("line.intercepts", np.zeros(3)),
        ("line.intercepts", np.zeros(1)),
        ("line.offsets", np.array([0, 6, 11, 21], dtype="<u4")),
        ("line.offsets", np.array([0, 11, 6, 21, 29], dtype="<u4")),
        ("line.offsets", np.array([1, 6, 11, 21, 30], dtype="<u4")),
        ("line.offsets", np.array([], dtype="<u4")),
        ("line.offsets", np.array([0, 6, 11, 21, 30], dtype="<f8")),
        ("line.keys", np.arange(31, dtype=np.uint8)),
        ("line.keys", np.arange(30, dtype="<u4")),
        ("line.slots", np.zeros(7, dtype="<u4")),
        ("line.slots", np.zeros(0, dtype="<u4")),
        ("line.slots", np.ones(8, dtype="<u4")),
        ("line.slots", np.array([0, 9, 0, 0, 0, 0, 0, 0], dtype="<u4")),
        ("line.slots", np.array([0, -1, 0, 0, 0, 0, 0, 0], dtype="<i4")),
        ("line.slots", np.zeros(8, dtype="<f8")),
        ("pairs.slots", np.zeros(3, dtype="<u4")),
        ("pairs.slots", np.ones(4, dtype="<u4")),
        ("pairs.slots", np.zeros(4, dtype="<f4")),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, name: str, value: object) -> None:
    refused(write(tmp_path, npz({**small_arrays(), name: value}), small_card()), "not a usable")


@pytest.mark.parametrize("name", small_arrays())
def test_a_missing_array_is_refused(tmp_path: Path, name: str) -> None:
    arrays = {key: value for key, value in small_arrays().items() if key != name}

    refused(write(tmp_path, npz(arrays), small_card()), name)


def test_labels_that_are_more_than_the_columns_are_refused(tmp_path: Path) -> None:
    card = {**small_card(), "line_labels": ["body"]}

    refused(write(tmp_path, npz(small_arrays()), card), "line")


def member(header: bytes, body: bytes) -> bytes:
    padded = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + body


@pytest.mark.parametrize(
    "shape", [b"(1000000000,)", b"(9,)", b"(2, 3)", b"()", b"(-8,)", b"8", b"(8,"]
)
def test_a_header_that_promises_another_size_is_refused(tmp_path: Path, shape: bytes) -> None:
    header = b"{'descr': '<u2', 'fortran_order': False, 'shape': " + shape + b", }"
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(npz(small_arrays()))) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for info in old.infolist():
            changed = info.filename == "line.weights.npy"
            new.writestr(info, member(header, bytes(16)) if changed else old.read(info))

    refused(write(tmp_path, buffer.getvalue(), small_card()), "not a usable model")


def test_a_compressed_file_is_refused(tmp_path: Path) -> None:
    data = numpy_npz(small_arrays(), compressed=True)

    refused(write(tmp_path, data, small_card()), "is compressed")


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    bomb = numpy_npz({"bomb": np.zeros(10**7)}, compressed=True)

    refused(write(tmp_path, bomb, small_card()), "is compressed")


@pytest.mark.parametrize(
    "arrays",
    [{}, {"arr_0": np.zeros(3)}, {"weights": np.zeros((3, 3)), "vocabulary": np.arange(9)}],
    ids=["empty", "unnamed", "of somebody else"],
)
def test_a_foreign_npz_is_refused(tmp_path: Path, arrays: Arrays) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(numpy_npz(arrays))

    refused(str(path), r"m\.json: No such file")
    refused(write(tmp_path, numpy_npz(arrays), small_card()), "not a usable model")
    refused(write(tmp_path, npz(arrays), small_card()), "not a usable model")


def test_a_card_and_arrays_of_two_models_are_refused(tmp_path: Path, small: str) -> None:
    other = {**small_arrays(), "line.weights": np.ones(8, dtype="<f4")}
    Path(small).write_bytes(npz(other))

    refused(small, "is not the file that its card describes")


def test_a_missing_model_is_refused_by_name(tmp_path: Path) -> None:
    assert "nowhere" in refused(str(tmp_path / "nowhere.npz"), "No such file")


def test_a_folder_or_a_device_is_no_model(tmp_path: Path, small: str) -> None:
    for path in ("/dev/zero", str(tmp_path)):
        os.unlink(small)
        os.symlink(path, small)
        refused(small, "not a file")


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.json")

    refused(str(tmp_path / "m.npz"), "not a file")


def test_a_path_that_cannot_be_one_is_refused() -> None:
    refused("a\0b.npz", "null byte")


def test_a_huge_file_is_refused_unread(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(injectclean.model, "MAX_MODEL_BYTES", 1000)

    refused(small, "larger than 1000 bytes")


def test_a_scanner_refuses_a_model_that_lacks_what_it_needs(small: str) -> None:
    with pytest.raises(ModelError) as caught:
        Scanner(config=Config(model=small))

    assert caught.value.exit_code == 2


def test_the_shipped_model_lies_in_the_package_or_at_the_top_of_the_checkout() -> None:
    path = Path(default_path())

    assert path.name == "default.npz"
    assert path.with_suffix(".json").exists()


def test_the_model_in_the_package_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "injectclean"
    monkeypatch.setattr(injectclean.model, "__file__", str(package / "model.py"))
    top = tmp_path / "models" / "default.npz"
    inside = package / "models" / "default.npz"

    with pytest.raises(ModelError, match="run 'injectclean train'"):
        default_path()
    for path in (top, inside):
        path.parent.mkdir(parents=True)
        path.touch()
        assert default_path() == str(path)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small model in place of the shipped one, which is loaded without naming it."""
    package = tmp_path / "src" / "injectclean"
    folder = package / "models"
    folder.mkdir(parents=True)
    monkeypatch.setattr(injectclean.model, "__file__", str(package / "model.py"))
    data = npz(small_arrays())
    made = Path(write(tmp_path, data, {**small_card(), "arrays_crc32": zlib.crc32(data)}))
    made.with_suffix(".json").rename(folder / "default.json")
    return made.rename(folder / "default.npz")


def shipped_is_refused(match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        load_model()
    assert caught.value.exit_code == 2


def test_the_shipped_model_stands_the_whole_check() -> None:
    named, unnamed = load_model(default_path()), load_model()

    assert named.identity == unnamed.identity
    assert "arrays_crc32" in named.card
    for name, names in named.card["features"].items():
        features = [0.0] * len(names)
        assert named.forest(name, names).logit(features) == unnamed.forest(name, names).logit(
            features
        )


def test_the_shipped_model_is_told_by_a_checksum(shipped: Path) -> None:
    assert load_model().identity == load_model(str(shipped)).identity


def test_a_flipped_byte_anywhere_in_the_shipped_arrays_is_refused(shipped: Path) -> None:
    data = shipped.read_bytes()

    for position in range(0, len(data), max(1, len(data) // 500)):
        for mask in (0x01, 0xFF):
            broken = bytearray(data)
            broken[position] ^= mask
            shipped.write_bytes(broken)
            shipped_is_refused("CRC-32 differs")


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_truncated_shipped_model_is_refused(shipped: Path, kept: int) -> None:
    shipped.write_bytes(shipped.read_bytes()[:kept])

    shipped_is_refused("is not the file that its card describes")


@pytest.mark.parametrize("more", [b"\0", bytes(1000)])
def test_a_shipped_model_with_something_appended_is_refused(shipped: Path, more: bytes) -> None:
    shipped.write_bytes(shipped.read_bytes() + more)

    shipped_is_refused("is not the file that its card describes")


def test_another_model_in_place_of_the_shipped_one_is_refused(shipped: Path) -> None:
    shipped.write_bytes(npz({**small_arrays(), "line.weights": np.ones(8, dtype="<f4")}))

    shipped_is_refused("is not the file that its card describes")


@pytest.mark.parametrize("crc", [None, "", -1, 0, [], math.pi])
def test_a_checksum_that_is_none_is_refused(shipped: Path, crc: object) -> None:
    card = json.loads(shipped.with_suffix(".json").read_bytes())
    card["arrays_crc32"] = crc
    card["card_sha256"] = card_digest(card)
    shipped.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")

    shipped_is_refused("CRC-32 differs")


def test_a_shipped_card_without_a_checksum_needs_the_digest(shipped: Path) -> None:
    card = json.loads(shipped.with_suffix(".json").read_bytes())
    del card["arrays_crc32"]
    card["card_sha256"] = card_digest(card)
    shipped.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")

    assert load_model().identity.startswith("small@")
    shipped.write_bytes(shipped.read_bytes()[:-1])
    shipped_is_refused("SHA-256 differs")


@pytest.mark.parametrize("name", small_arrays())
def test_a_shipped_model_without_an_array_is_refused(shipped: Path, name: str) -> None:
    data = npz({key: value for key, value in small_arrays().items() if key != name})
    card = json.loads(shipped.with_suffix(".json").read_bytes())
    card["arrays_crc32"] = zlib.crc32(data)
    card["card_sha256"] = card_digest(card)
    shipped.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")
    shipped.write_bytes(data)

    shipped_is_refused(name)


def test_loading_imports_no_numpy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, injectclean.model as m; m.load_model(); "
        "print(sorted({'numpy', 'scipy', 'sklearn', 'joblib', 'pickle'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
