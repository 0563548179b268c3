"""Parquet: rows are read group by group, and only the column of texts is ever replaced."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from record_tools import outcomes, read, rewrite

from injectclean.errors import InputError, OutputError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = 1000
TEXTS = [f"bài số {number % 7}" if number % 5 else None for number in range(ROWS)]
DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def table(kind: Any = None) -> Any:
    """Rows of several types, with metadata on the schema and on a field."""
    texts = pa.array(TEXTS, pa.string())
    texts = texts.dictionary_encode() if kind == DICTIONARY else texts.cast(kind or pa.string())
    columns = {
        "id": pa.array(range(ROWS), pa.int32()),
        "text": texts,
        "tags": pa.array([["a", None]] * ROWS),
        "at": pa.array(range(ROWS), pa.timestamp("ms", "UTC")),
        "deep": pa.array([{"score": 0.5, "text": "inner"}] * ROWS),
    }
    made = pa.table(columns).replace_schema_metadata({"origin": "a test"})
    note = made.schema.field("text").with_metadata({"note": "kept"})
    return made.set_column(1, note, made.column("text"))


def save(folder: Path, content: Any, **options: Any) -> Path:
    path = folder / "a.parquet"
    settings = {"row_group_size": 300, **options}
    pq.write_table(content, path, **settings)
    return path


def opened(data: bytes) -> Any:
    return pq.ParquetFile(io.BytesIO(data))


KINDS = [pa.string(), pa.large_string(), pa.string_view(), DICTIONARY]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_only_the_texts_change(tmp_path: Path, kind: Any) -> None:
    path = save(tmp_path, table(kind))

    changed = opened(rewrite(path, {352: "mới", 354: "", 900: "cuối"}))

    before, after = pq.ParquetFile(path), changed
    expected = list(TEXTS)
    expected[351], expected[353], expected[899] = "mới", "", "cuối"
    assert TEXTS[350] is None
    assert after.read().column("text").to_pylist() == expected
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert after.read().drop_columns("text").equals(before.read().drop_columns("text"))
    sizes = [after.metadata.row_group(index).num_rows for index in range(4)]
    assert sizes == [300, 300, 300, 100]


def test_every_row_has_an_outcome(tmp_path: Path) -> None:
    records = read(save(tmp_path, table()))

    assert outcomes(records) == [(n, text or "<no_text>") for n, text in enumerate(TEXTS, 1)]
    assert [(r.place, r.name) for r in records[1:3]] == [("row 2", "1"), ("row 3", "2")]


def test_a_file_of_which_nothing_changes_is_the_same_bytes(tmp_path: Path) -> None:
    path = save(tmp_path, table())

    assert rewrite(path) == path.read_bytes()
    assert rewrite(path, lambda text: text) == path.read_bytes()


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_codec_version_and_encodings_stay(tmp_path: Path, codec: str, version: str) -> None:
    codecs = {"text": codec, "id": "zstd", "tags.list.element": "gzip"}
    rest = dict.fromkeys(("at", "deep.score", "deep.text"), "none")
    settings = {"use_dictionary": ["id"], "write_statistics": ["text"], "version": version}
    path = save(tmp_path, table(), compression=codecs | rest, **settings)

    after = opened(rewrite(path, {2: "new"})).metadata

    before = pq.ParquetFile(path).metadata
    assert after.format_version == before.format_version
    for index in range(before.num_columns):
        old, new = (m.row_group(1).column(index) for m in (before, after))
        assert (new.compression, new.encodings) == (old.compression, old.encodings)
        assert new.is_stats_set == old.is_stats_set


def test_old_timestamps_and_nested_names_stay(tmp_path: Path) -> None:
    content = table().set_column(3, "at", pa.array(range(ROWS), pa.timestamp("ns")))
    odd = {"use_deprecated_int96_timestamps": True, "use_compliant_nested_type": False}
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, content.schema, store_schema=False, **odd) as writer:
        writer.write_table(content)
        writer.add_key_value_metadata({"by": "another tool, which stores no Arrow schema"})

    after = opened(rewrite(path, {2: "new"}))

    before = pq.ParquetFile(path)
    assert after.schema.equals(before.schema)
    assert after.metadata.metadata == before.metadata.metadata


def test_a_text_over_the_limit_or_not_utf8_is_listed_and_kept(tmp_path: Path) -> None:
    raw = pa.array([b"good", b"a" * 21, b"\xff", b"a" * 20], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 4, raw.buffers())
    path = save(tmp_path, pa.table({"url": ["u", None, "", "v"], "text": texts}))

    records = read(path, max_bytes=20)

    found = [(1, "good"), (2, "<too_large>"), (3, "<bad_encoding>"), (4, "a" * 20)]
    assert outcomes(records) == found
    assert [record.name for record in records] == ["u", None, None, "v"]
    after = opened(rewrite(path, {1: "new"}, max_bytes=20)).read().column("text")
    assert after.cast(pa.binary()).to_pylist() == [b"new", b"a" * 21, b"\xff", b"a" * 20]


@pytest.mark.parametrize(
    ("columns", "kind", "message"),
    [
        ({"id": [1], "body": ["a"]}, "no_text_column", "there are: id, body"),
        ({"text": [1]}, "not_string", "the column 'text' is no text but int64"),
        ({"text": [["a"]]}, "not_string", "is no text but list"),
    ],
)
def test_a_file_without_one_text_column_is_refused(
    tmp_path: Path, columns: dict[str, Any], kind: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(save(tmp_path, pa.table(columns)))

    assert caught.value.kind == kind


def test_what_is_not_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for data in (None, b"", b"PAR1 and no more", b"text,id\n" * 99):
        if data is not None:
            path.write_bytes(data)

        with pytest.raises(InputError, match=r"a\.parquet: ") as caught:
            read(path)

        assert caught.value.kind == ("missing" if data is None else "bad_parquet")


def test_damage_within_ends_the_rows_and_is_told(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(ROWS)]
    path = save(tmp_path, pa.table({"text": texts}), compression="gzip", use_dictionary=False)
    data = bytearray(path.read_bytes())
    column = pq.ParquetFile(path).metadata.row_group(2).column(0)
    middle = column.data_page_offset + column.total_compressed_size // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)

    records = read(path)

    assert outcomes(records)[:600] == list(enumerate(texts[:600], 1))
    assert outcomes(records)[600:] == [(601, "<bad_parquet>")]
    assert rewrite(path) == bytes(data)
    with pytest.raises(OutputError, match="its row group 3 cannot be read"):
        rewrite(path, {1: "new"})


def test_a_file_without_rows_has_no_records(tmp_path: Path) -> None:
    path = save(tmp_path, pa.table({"text": pa.array([], pa.string())}))

    assert read(path) == []
    assert rewrite(path) == path.read_bytes()


def test_half_of_a_character_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="row 2: half of a surrogate pair"):
        rewrite(save(tmp_path, table()), {2: "\ud800"})
