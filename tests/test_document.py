"""Bytes to a document and back: marks, encodings, damage, line ends."""

from __future__ import annotations

import codecs
import hashlib

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.document import (
    BINARY_PROBE_BYTES,
    Source,
    decode,
    digest,
    encode,
    from_text,
    newline_of,
    split_lines,
)
from injectclean.errors import ConfigError, InjectcleanError, InputError, OutputError

TEXT = "Sáng 22/8, huyện Tam Đường họp.\r\nBà con được mùa.\r\n"
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=150)


def kind_of(data: bytes, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        decode(data, path="a.txt", **options)  # type: ignore[arg-type]
    assert "a.txt" in str(caught.value)
    return caught.value.kind


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides_and_stays_out_of_the_text(mark: bytes, encoding: str) -> None:
    data = mark + TEXT.encode(encoding)

    document = decode(data)

    assert document.text == TEXT
    assert document.source.encoding == encoding
    assert document.source.bom is bool(mark)
    assert encode(document.text, document.source) == data


def test_source_tells_the_facts_of_the_bytes() -> None:
    data = codecs.BOM_UTF8 + TEXT.encode()

    source = decode(data, path="tin/a.txt").source

    assert source.path == "tin/a.txt"
    assert source.newline == "crlf"
    assert source.bytes == len(data)
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert source.problem is None


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n", codecs.BOM_UTF8])
def test_a_document_without_words_is_read(data: bytes) -> None:
    document = decode(data)

    assert encode(document.text, document.source) == data


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_must_be_named(encoding: str) -> None:
    data = TEXT.encode(encoding)

    assert kind_of(data) == "encoding_undetermined"

    document = decode(data, encoding=encoding)
    assert document.text == TEXT
    assert encode(document.text, document.source) == data


def test_utf_16_named_without_byte_order_follows_the_mark() -> None:
    data = codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")

    document = decode(data, encoding="utf-16")

    assert document.text == TEXT
    assert encode(document.text, document.source) == data


def test_utf_16_cut_within_a_character_is_refused() -> None:
    assert kind_of((codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"))[:-1]) == "undecodable"


@pytest.mark.parametrize("encoding", ["cp1258", "CP1258", "windows-1258", "latin-1"])
def test_another_encoding_is_read_when_it_is_named(encoding: str) -> None:
    # cp1258 writes most Vietnamese letters with combining tone marks.
    data = "Bà con được mùa".encode().decode("latin-1").encode("latin-1")
    if "1258" in encoding:
        data = "Ba\u0300 con đươ\u0323c mu\u0300a".encode("cp1258")

    document = decode(data, encoding=encoding)

    assert document.source.encoding == encoding
    assert encode(document.text, document.source) == data


def test_an_encoding_that_is_not_named_is_refused_with_the_remedy() -> None:
    data = ("Ba\u0300 con đươ\u0323c mu\u0300a " * 20).encode("cp1258")

    with pytest.raises(InputError, match=r"not utf-8 at byte 2; .*--encoding, e\.g\. cp1258"):
        decode(data)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "ascii", "cp1258"])
def test_bytes_that_the_named_encoding_has_not_are_refused(encoding: str) -> None:
    assert kind_of(b"mua \x8a\xff vang", encoding=encoding) == "undecodable"


@pytest.mark.parametrize(
    "encoding", ["klingon", "", "hex", "base64", "rot13", "undefined", "a\0b", "utf-8\ud800"]
)
def test_a_name_that_is_no_text_encoding_is_a_configuration_error(encoding: str) -> None:
    with pytest.raises(ConfigError, match="try utf-8 or cp1258"):
        decode(b"mua vang", encoding=encoding)


@EXAMPLES
@given(st.binary(max_size=60), st.sampled_from(["idna", "punycode", "utf-7", "raw_unicode_escape"]))
def test_a_curious_encoding_gives_the_bytes_back_or_is_refused(data: bytes, encoding: str) -> None:
    try:
        document = decode(data, encoding=encoding)
    except InjectcleanError:
        return
    assert encode(document.text, document.source) == data


def test_a_few_bad_bytes_are_kept_and_reported() -> None:
    data = TEXT.encode() * 10 + b"\xff\xfe bad" + TEXT.encode()

    document = decode(data, path="a.txt")

    problem = document.source.problem
    assert problem is not None
    assert problem.kind == "undecodable_bytes"
    assert f"byte {len(TEXT.encode()) * 10}" in problem.message
    assert "2 undecodable bytes" in problem.message
    assert document.text.count(TEXT) == 11
    assert encode(document.text, document.source) == data


@pytest.mark.parametrize(("bad", "is_read"), [(1, True), (2, False)])
def test_one_bad_byte_in_a_hundred_is_the_limit(bad: int, is_read: bool) -> None:
    data = b"\xff" * bad + b"a" * (100 - bad)

    if is_read:
        assert decode(data).source.problem is not None
    else:
        assert kind_of(data) == "undecodable"


@pytest.mark.parametrize("place", [0, BINARY_PROBE_BYTES - 1])
def test_a_nul_near_the_start_is_binary(place: int) -> None:
    data = b"a" * place + b"\0" + b"a" * 100

    assert kind_of(data) == "binary"
    document = decode(data, binary=True)
    assert encode(document.text, document.source) == data


def test_a_nul_behind_the_probe_is_text() -> None:
    assert decode(b"a" * BINARY_PROBE_BYTES + b"\0").text.endswith("\0")


def test_naming_a_one_byte_encoding_does_not_make_a_binary_file_text() -> None:
    assert kind_of(b"\x7fELF\x02\x01\x01\0\0\0", encoding="latin-1") == "binary"


def test_a_character_that_the_encoding_has_not_is_an_output_error() -> None:
    source = Source(path="a.txt", encoding="cp1258")

    with pytest.raises(OutputError, match=r"a\.txt: cp1258 has no code for '\\u2610'.*--gap"):
        encode("☐", source)


@pytest.mark.parametrize(
    ("text", "newline"),
    [
        ("", None),
        ("a", None),
        ("a\nb\n", "lf"),
        ("a\r\nb\r\n", "crlf"),
        ("a\rb\r", "cr"),
        ("a\r\nb\n", "mixed"),
        ("a\rb\n", "mixed"),
        ("a\n\rb", "mixed"),
    ],
)
def test_newline_of_names_the_line_end(text: str, newline: str | None) -> None:
    assert newline_of(text) == newline


@EXAMPLES
@given(strategies.documents)
def test_lines_partition_the_text(text: str) -> None:
    lines = list(split_lines(text))

    assert "".join(line.text for line in lines) == text
    assert all(text[line.start : line.end] == line.text for line in lines)
    assert all("\n" not in line.text[:-1] for line in lines)


@EXAMPLES
@given(strategies.raw_bytes)
def test_what_is_read_is_written_back_byte_for_byte(data: bytes) -> None:
    try:
        document = decode(data)
    except InputError:
        document = None

    if document is not None:
        assert encode(document.text, document.source) == data


@EXAMPLES
@given(strategies.documents)
def test_a_text_given_as_text_has_the_digest_of_its_own_encoding(text: str) -> None:
    document = from_text(text)

    assert document.text == text
    data = encode(text, document.source)
    assert document.source.sha256 == hashlib.sha256(data).hexdigest()
    assert document.source.bytes == len(data)


def test_digest_counts_lone_surrogates_as_they_are() -> None:
    assert digest("a\ud800") != digest("a\udc80") != digest("a")
