"""WARC and WET: plain text is read, damage is passed by, and what warcio reads back is right."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_tools import outcome, outcomes, put, read, rewrite

warcio = pytest.importorskip("warcio")

from warcio.archiveiterator import ArchiveIterator  # noqa: E402
from warcio.statusandheaders import StatusAndHeaders  # noqa: E402
from warcio.warcwriter import WARCWriter  # noqa: E402

# warcio leaves its temporary files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PLAIN = "text/plain"
TEXT = "Sáng nay, xã tổ chức hội nghị.\nHết.\n"


def made(
    kind: str = "conversion",
    block: bytes = TEXT.encode(),
    *,
    length: int | str | None = None,
    content: str | None = PLAIN,
    extra: str = "",
    end: bytes = b"\r\n\r\n",
) -> bytes:
    """One record; with a wrong length on request."""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.example/{kind}\r\n{extra}"
    head += "" if content is None else f"Content-Type: {content}\r\n"
    head += f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    return head.encode() + block + end


def response(body: bytes, *fields: str, content: str = PLAIN) -> bytes:
    """An HTTP response record."""
    head = "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {content}", *fields, "", ""))
    return made("response", head.encode() + body, content="application/http; msgtype=response")


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def members(data: bytes) -> Iterator[bytes]:
    """What the members of a gzip file hold, each for itself."""
    while data:
        decoder = zlib.decompressobj(31)
        yield decoder.decompress(data)
        data = decoder.unused_data


GOOD = made()
OTHERS = [
    made("warcinfo", b"software: x\r\n", content="application/warc-fields"),
    made("request", b"GET / HTTP/1.1\r\n\r\n", content="application/http; msgtype=request"),
    made("metadata", b"via: x\r\n", content="application/warc-fields"),
    made("revisit", b"HTTP/1.1 304 Not Modified\r\n\r\n", content="application/http"),
]


def test_documents_are_read_and_other_records_passed_by(tmp_path: Path) -> None:
    parts = [OTHERS[0], GOOD, *OTHERS[1:], made("resource", b"b"), response(b"c"), OTHERS[0]]
    path = put(tmp_path, "a.warc", b"".join(parts))

    records = read(path)

    assert outcomes(records) == [(2, TEXT), (6, "b"), (7, "c")]
    assert records[0].place == f"record 2 at byte {len(OTHERS[0])}"
    assert records[2].name == "http://a.example/response"
    assert rewrite(path) == path.read_bytes()
    changed = b"".join([*parts[:5], made("resource", b"longer"), *parts[6:]])
    assert rewrite(path, {6: "longer"}) == changed


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (response(b"<p>a</p>", content="text/html; charset=utf-8"), "<html>"),
        (made("conversion", b"<p/>", content="application/xhtml+xml"), "<html>"),
        (response(b"\x89PNG", content="image/png"), "<binary>"),
        (response(b"{}", content="application/json"), "<not_plain_text>"),
        (made("resource", b"a", content=None), "<not_plain_text>"),
        (response(b"1\r\na\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "<encoded_payload>"),
        (response(b"\x1f\x8b", "Content-Encoding: gzip"), "<encoded_payload>"),
        (made("response", b"no HTTP", content="application/http"), "<bad_record>"),
        (made("continuation", b"a", extra="WARC-Segment-Number: 2\r\n"), "<segmented>"),
        (made("response", b"a", extra="WARC-Segment-Number: 1\r\n"), "<segmented>"),
        (made("conversion", b"\xff\xfe"), "<bad_encoding>"),
        (made("conversion", b"a" * 2000), "<too_large>"),
        (made("conversion", b"a").replace(b"WARC-Type: conversion\r\n", b""), "<bad_record>"),
        (made("conversion", b"a", length="1e3"), "<bad_record>"),
        (made("conversion", b""), ""),
        (made("conversion", b"\xef\xbb\xbfa"), "a"),
    ],
)
def test_what_is_not_read_is_listed_and_kept(tmp_path: Path, record: bytes, kind: str) -> None:
    path = put(tmp_path, "a.warc", record + GOOD)

    assert outcomes(read(path, max_bytes=2000)) == [(1, kind), (2, TEXT)]
    assert rewrite(path, {2: "new"}, max_bytes=2000) == record + made(block=b"new")


@pytest.mark.parametrize(
    "record", [response(b"", content="text/html"), made("request", b"a" * 999)]
)
def test_where_there_is_nothing_to_read_nothing_is_listed(tmp_path: Path, record: bytes) -> None:
    path = put(tmp_path, "a.warc", record + GOOD)

    assert outcomes(read(path, max_bytes=900)) == [(2, TEXT)]


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = put(tmp_path, "a.wet", made(block=b"\xef\xbb\xbfa"))

    assert rewrite(path, {1: "bc"}) == made(block=b"\xef\xbb\xbfbc")


DAMAGED = {
    "too long": (made(block=b"abcdef", length=8), "<bad_length>"),
    "much too long": (made(block=b"abcdef", length=100), "<bad_length>"),
    "absurdly long": (made(block=b"abcdef", length=10**12), "<bad_length>"),
    "too short": (made(block=b"abcdef", length=3), "<bad_length>"),
    "cut off": (made(block=b"abcdef", end=b""), "<bad_length>"),
    "cut off within": (made(block=b"abcdef", length=500, end=b""), "<bad_length>"),
    "garbage": (b"garbage \x00\xff\r\n" * 9, "<bad_record>"),
    "cut off in its head": (made()[:50], "<bad_record>"),
    "head without an end": (b"WARC/1.0\r\nX: " + b"a" * 100_000, "<bad_record>"),
}


@pytest.mark.parametrize("what", DAMAGED)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_damage_is_listed_with_its_place_and_the_next_record_read(
    tmp_path: Path, what: str, suffix: str
) -> None:
    damaged, kind = DAMAGED[what]
    data = GOOD + damaged + GOOD + GOOD
    path = put(tmp_path, f"a.warc{suffix}", gzip.compress(data) if suffix else data)

    records = read(path, max_bytes=50_000)

    assert [outcome(record) for record in records] == [TEXT, kind, TEXT, TEXT]
    assert records[1].place == f"record 2 at byte {len(GOOD)}"
    assert records[1].problem is not None
    assert records[1].problem.message.startswith(f"{path}: record 2 at byte {len(GOOD)}: ")
    written = rewrite(path, {3: "new"}, max_bytes=50_000)
    expected = GOOD + damaged + made(block=b"new") + GOOD
    assert (gzip.decompress(written) if suffix else written) == expected


def test_a_bomb_costs_no_memory_and_the_next_record_is_read(tmp_path: Path) -> None:
    bomb = gzip.compress(made(block=b"a" * (200 << 20)), compresslevel=1)
    path = put(tmp_path, "a.warc.gz", gzip.compress(GOOD) + bomb + gzip.compress(GOOD))
    del bomb
    tracemalloc.start()

    records = read(path, max_bytes=100_000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcomes(records) == [(1, TEXT), (2, "<too_large>"), (3, TEXT)]
    assert peak < 80 << 20


@pytest.mark.parametrize("cut", [1, 30, 150])
def test_a_file_that_breaks_off_is_not_wholly_read(tmp_path: Path, cut: int) -> None:
    path = put(tmp_path, "a.warc", GOOD + made(block=b"a" * 200, end=b"")[:-cut])

    assert outcomes(read(path)) == [(1, TEXT), (2, "<truncated>")]
    assert rewrite(path) == path.read_bytes()


def test_ends_of_records_may_be_sloppy(tmp_path: Path) -> None:
    records = [b"\r\n" * 3, made(end=b"\r\n\r\n\r\n"), made(end=b"\n\n"), made(end=b"")]
    path = put(tmp_path, "a.warc", b"".join(records))

    assert outcomes(read(path)) == [(1, TEXT), (2, TEXT), (3, TEXT)]
    assert rewrite(path) == path.read_bytes()


def test_garbage_behind_a_good_record_is_not_its_fault(tmp_path: Path) -> None:
    path = put(tmp_path, "a.warc", GOOD + b"junk")

    assert outcomes(read(path)) == [(1, TEXT), (2, "<bad_record>")]


def test_a_text_that_quotes_a_record_is_one_text(tmp_path: Path) -> None:
    block = b"This is one:\r\n\r\n" + made(block=b"inner")
    path = put(tmp_path, "a.warc", made(block=block) + GOOD)

    assert outcomes(read(path)) == [(1, block.decode()), (2, TEXT)]


def test_digests_and_lengths_are_made_anew_and_other_fields_stay(tmp_path: Path) -> None:
    def page(body: bytes) -> bytes:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        block = http.encode() + body
        sums = f"warc-block-digest: {sha1(block)}\r\nWARC-Payload-Digest:  md5:"
        extra = f"{sums}{hashlib.md5(body).hexdigest().upper()}\r\nX-Folded: a\r\n  b\r\n"
        return made("response", block, content="application/http", extra=extra)

    path = put(tmp_path, "a.warc", page(b"before") + GOOD)

    assert rewrite(path, {1: "và sau"}) == page("và sau".encode()) + GOOD


def test_a_digest_that_cannot_be_made_is_taken_out(tmp_path: Path) -> None:
    path = put(tmp_path, "a.warc", made(extra="WARC-Block-Digest: blake9:abc\r\n"))

    assert rewrite(path) == path.read_bytes()
    assert rewrite(path, {1: "new"}) == made(block=b"new")


def by_warcio(texts: list[str], *, packed: bool) -> bytes:
    """A file that the reference library writes."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a", {"software": "tests"}))
    for index, text in enumerate(texts):
        headers = StatusAndHeaders("200 OK", [("Content-Type", PLAIN)], protocol="HTTP/1.1")
        kinds = {"warc_content_type": PLAIN} if index % 2 else {"http_headers": headers}
        kind = "conversion" if index % 2 else "response"
        payload = io.BytesIO(text.encode())
        record = writer.create_warc_record("http://a.example/", kind, payload=payload, **kinds)
        writer.write_record(record)
    return out.getvalue()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(
    texts=st.lists(st.text(), min_size=1, max_size=4),
    news=st.lists(st.none() | st.text(), min_size=4, max_size=4),
    packed=st.booleans(),
)
def test_the_reference_library_reads_what_is_written_with_right_digests(
    tmp_path: Path, texts: list[str], news: list[str | None], packed: bool
) -> None:
    texts = [text.removeprefix("\ufeff") for text in texts]
    path = put(tmp_path, f"a.warc{'.gz' if packed else ''}", by_warcio(texts, packed=packed))
    changes = {number: new for number, new in enumerate(news, 2) if new is not None}

    assert outcomes(read(path)) == list(enumerate(texts, 2))
    data = rewrite(path, changes)

    records = list(read_by_warcio(data))
    assert records == [changes.get(n, text) for n, text in enumerate(texts, 2)]
    if packed:
        starts = [member[:9] for member in members(data)]
        assert starts == [b"WARC/1.0\r"] * (len(texts) + 1)
        assert [*members(rewrite(path))] == [*members(path.read_bytes())]
    else:
        assert rewrite(path) == path.read_bytes()


def read_by_warcio(data: bytes) -> Iterator[str]:
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        payload = record.content_stream().read().decode()
        if record.rec_type != "warcinfo":
            yield payload


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), packed=st.booleans())
def test_a_file_however_damaged_is_written_as_it_is(
    tmp_path: Path, data: st.DataObject, packed: bool
) -> None:
    whole = bytearray(GOOD + OTHERS[0] + response(b"c") + GOOD)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(whole)))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=9))
    path = put(tmp_path, f"a.warc{'.gz' if packed else ''}", bytes(whole))
    if packed:
        path.write_bytes(gzip.compress(bytes(whole)))

    written = rewrite(path, max_bytes=data.draw(st.sampled_from((50, 300, 10_000))))

    assert (gzip.decompress(written) if packed else written) == bytes(whole)
