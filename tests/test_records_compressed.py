"""gzip and Zstandard around records: whatever is wrong with them, what can be read is read."""

from __future__ import annotations

import gzip
import io
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from record_tools import outcome, outcomes, put, read, rewrite

from injectclean.errors import InputError, OutputError
from injectclean.records.base import open_records

zstandard = pytest.importorskip("zstandard")

ONE = b'{"text": "one"}\n'
TWO = b'{"text": "two"}\n'
Pack = Callable[[bytes], bytes]


def zst(data: bytes) -> bytes:
    made: bytes = zstandard.ZstdCompressor(write_checksum=True).compress(data)
    return made


def unzst(data: bytes) -> bytes:
    source = io.BytesIO(data)
    with zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True) as reader:
        plain: bytes = reader.read()
    return plain


PACKS: dict[str, tuple[Pack, Pack]] = {"gz": (gzip.compress, gzip.decompress), "zst": (zst, unzst)}


@pytest.fixture(params=PACKS)
def suffix(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_members_are_read_one_after_the_other(tmp_path: Path, suffix: str) -> None:
    pack, unpack = PACKS[suffix]
    # Cut within a line: members know nothing of lines.
    path = put(tmp_path, f"a.jsonl.{suffix}", pack(ONE + TWO[:5]) + pack(b"") + pack(TWO[5:]))

    assert outcomes(read(path)) == [(1, "one"), (2, "two")]
    assert unpack(rewrite(path)) == ONE + TWO
    assert unpack(rewrite(path, {2: "three"})) == ONE + b'{"text": "three"}\n'


def test_what_is_written_depends_on_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path, f"a.jsonl.{suffix}", PACKS[suffix][0](ONE))
    first = rewrite(path)

    again = put(tmp_path, f"b.jsonl.{suffix}", first)

    assert rewrite(again) == first


@pytest.mark.parametrize("kept", [1, 5, 9, -1, -5, -9])
def test_data_that_break_off_are_truncated(tmp_path: Path, suffix: str, kept: int) -> None:
    packed = PACKS[suffix][0](TWO)
    path = put(tmp_path, f"a.jsonl.{suffix}", PACKS[suffix][0](ONE) + packed[:kept])

    found = [outcome(record) for record in read(path)]

    assert found[0] == "one"
    assert found[-1] == "<truncated>"


def test_what_comes_before_the_break_is_read_and_written(tmp_path: Path, suffix: str) -> None:
    pack, unpack = PACKS[suffix]
    body = b"".join(b'{"text": "%d"}\n' % number for number in range(100_000))
    path = put(tmp_path, f"a.jsonl.{suffix}", pack(body)[: len(pack(body)) // 2])

    records = read(path)
    written = unpack(rewrite(path, {1: "zero"}))

    assert len(records) > 10_000
    assert [outcome(record) for record in records[:-2]] == [str(n) for n in range(len(records) - 2)]
    assert outcome(records[-1]) == "<truncated>"
    assert records[-1].number == len(records)
    assert written.startswith(b'{"text": "zero"}\n{"text": "1"}\n')
    assert body.endswith(written[-50:]) or written[-50:] in body


def test_a_wrong_checksum_is_told_after_the_data(tmp_path: Path, suffix: str) -> None:
    packed = bytearray(PACKS[suffix][0](ONE + TWO))
    packed[-5 if suffix == "gz" else -1] ^= 1  # gzip's last four bytes are the length

    records = read(put(tmp_path, f"a.jsonl.{suffix}", bytes(packed)))

    assert outcomes(records) == [(1, "one"), (2, "two"), (3, "<crc>")]


def test_garbage_behind_the_data_is_told(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path, f"a.jsonl.{suffix}", PACKS[suffix][0](ONE) + b"garbage")

    records = read(path)

    assert outcomes(records) == [(1, "one"), (2, "<trailing_garbage>")]
    assert records[1].problem is not None
    assert records[1].problem.message.startswith(f"{path}: garbage behind the ")
    assert PACKS[suffix][1](rewrite(path)) == ONE


def test_zeros_behind_the_data_are_padding(tmp_path: Path, suffix: str) -> None:
    packed = PACKS[suffix][0](ONE) + bytes(100_000)

    assert outcomes(read(put(tmp_path, f"a.jsonl.{suffix}", packed))) == [(1, "one")]


def test_what_is_not_compressed_is_told(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path, f"a.jsonl.{suffix}", ONE)

    kind = {"gz": "<bad_gzip>", "zst": "<bad_zstd>"}[suffix]
    assert outcomes(read(path)) == [(1, kind)]


def test_damage_within_the_data_ends_them(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(ONE, compresslevel=0) + gzip.compress(TWO))
    packed[-len(gzip.compress(TWO)) + 10] = 0xFF  # a block of no known kind

    records = read(put(tmp_path, "a.jsonl.gz", bytes(packed)))

    assert outcomes(records) == [(1, "one"), (2, "<bad_gzip>")]


def test_packed_nothing_holds_nothing(tmp_path: Path, suffix: str) -> None:
    pack, unpack = PACKS[suffix]
    path = put(tmp_path, f"a.csv.{suffix}", pack(b""))

    assert read(path) == []
    assert unpack(rewrite(path)) == b""


def test_a_file_without_a_byte_was_never_packed_to_its_end(tmp_path: Path, suffix: str) -> None:
    for kind in ("csv", "jsonl", "warc") if suffix == "gz" else ("csv", "jsonl"):
        records = read(put(tmp_path, f"a.{kind}.{suffix}", b""))

        assert [outcome(record) for record in records] == ["<truncated>"], kind


def test_a_csv_may_be_compressed_too(tmp_path: Path, suffix: str) -> None:
    pack, unpack = PACKS[suffix]
    path = put(tmp_path, f"a.tsv.{suffix}", pack(b"id\ttext\n1\ta\n\n2\tb\n\n"))

    assert unpack(rewrite(path, {2: "c"})) == b"id\ttext\n1\ta\n\n2\tc\n\n"


def test_a_bomb_costs_no_memory_and_what_follows_is_read(tmp_path: Path, suffix: str) -> None:
    pack, _ = PACKS[suffix]
    if suffix == "gz":
        packer = zlib.compressobj(wbits=31)
    else:
        packer = zstandard.ZstdCompressor().compressobj()
    megabyte = b"a" * (1 << 20)
    bomb = b"".join(packer.compress(megabyte) for _ in range(300)) + packer.flush()
    path = put(tmp_path, f"a.jsonl.{suffix}", pack(ONE) + bomb + pack(b"\n" + TWO))
    tracemalloc.start()

    records = read(path, max_bytes=1000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcomes(records) == [(1, "one"), (2, "<too_large>"), (3, "two")]
    assert len(path.read_bytes()) < 400_000
    assert peak < 100 << 20


def test_a_file_that_was_cut_since_it_was_read_is_not_written(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jsonl", b"\n" * 200_000 + ONE)
    with open_records(str(path), max_bytes=99) as reader:
        writer = reader.writer(io.BytesIO())
        [record] = reader
        path.write_bytes(b"\n")

        with pytest.raises(OutputError, match="changed while it was read"):
            writer.write(record, "new")


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("a.jsonl.zst", "zstandard", "zst"), ("a.parquet", "pyarrow", "parquet")],
)
def test_a_missing_package_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(
        InputError, match=rf"package {package}; pip install .*\[{extra}\]"
    ) as caught:
        open_records(str(tmp_path / name), max_bytes=1)

    assert caught.value.kind == "missing_package"
