"""JSONL, line by line: every line has its outcome, and only the text's literal ever changes."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pytest
from cli_tools import process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_tools import outcomes, put, read, rewrite

from injectclean.errors import ConfigError, InputError
from injectclean.records.base import Record, container_of, open_records

DEEP = b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
MIXED = [  # fault I1: a line, and what comes of it
    (b'{"text": "mot"}', "mot"),
    (b'{"text": "hai", "id": 7}\r', "hai"),
    (b"{not json}", "<bad_json>"),
    (b"", None),
    (b'{"title": "no text here"}', "<no_text>"),
    (b'{"text": null}', "<no_text>"),
    (b'{"text": 5}', "<not_string>"),
    (b'{"text": ["a", "b"]}', "<not_string>"),
    (b"[1, 2, 3]", "<no_text>"),
    (b'"text"', "<no_text>"),
    (DEEP, "<too_deep>"),
    (b'{"text": "a", "text": "b"}', "<duplicate_key>"),
    (b'{"text": "bad \xff byte"}', "<bad_encoding>"),
    (b'{"text": "x", "n": 1e999, "m": -1e-999}', "x"),
    (b'{"text": "y", "n": NaN, "m": -Infinity}', "y"),
    (b'{"text": "z", "n": ' + b"9" * 5000 + b"}", "z"),
    (b'{"text": "lone \\ud800 half"}', "lone \ud800 half"),
    (b'{"text": ""}', ""),
    (b'{"text": "extra"} {}', "<bad_json>"),
    (b'{"id": "20", "text": "cut off he', "<truncated>"),
]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return put(tmp_path, "mixed.jsonl", b"\n".join(line for line, _ in MIXED))


def test_every_line_has_an_outcome_and_bad_ones_stop_nothing(mixed: Path) -> None:
    expected = [(number, what) for number, (_, what) in enumerate(MIXED, 1) if what is not None]

    assert outcomes(read(mixed)) == expected


def test_problems_name_file_line_and_reason(mixed: Path) -> None:
    problems = {r.number: r.problem.message for r in read(mixed) if r.problem is not None}

    assert problems[3] == f"{mixed}: line 3: not JSON: Expecting a name in double quotes (column 2)"
    assert problems[13] == f"{mixed}: line 13: not utf-8 at its byte 15"
    assert all(message.startswith(f"{mixed}: line {n}: ") for n, message in problems.items())


def test_unchanged_lines_are_the_same_bytes_whatever_they_are(mixed: Path) -> None:
    assert rewrite(mixed) == mixed.read_bytes()
    assert rewrite(mixed, lambda text: text) == mixed.read_bytes()


def test_only_the_literal_changes(mixed: Path) -> None:
    lines = mixed.read_bytes().split(b"\n")

    changed = rewrite(mixed, {2: "X", 14: 'a "b"', 17: "lone \ud800"}).split(b"\n")

    lines[1] = b'{"text": "X", "id": 7}\r'
    lines[13] = b'{"text": "a \\"b\\"", "n": 1e999, "m": -1e-999}'
    lines[16] = b'{"text": "lone \\ud800"}'
    assert changed == lines


@pytest.mark.parametrize(
    ("line", "new", "expected"),
    [
        ('{"text":"đ"}', "é…\ud800", '{"text":"é…\\ud800"}'),
        ('{"text":"\\u0111", "b": "đ"}', "é", '{"text":"\\u00e9", "b": "đ"}'),
        ('{"text":"a", "b": "đ"}', "é", '{"text":"é", "b": "đ"}'),
        ('{"text":"a\\u000a", "b": "c"}', "é\n", '{"text":"\\u00e9\\n", "b": "c"}'),
        ('{"te\\u0078t" : "a" }', "b", '{"te\\u0078t" : "b" }'),
        ('\ufeff {"text":"a"}\t', "b", '\ufeff {"text":"b"}\t'),
        ('{"t":{"text":"in"},"text":"a"}', "b", '{"t":{"text":"in"},"text":"b"}'),
    ],
)
def test_the_new_literal_is_spelled_as_the_old_one_was(
    tmp_path: Path, line: str, new: str, expected: str
) -> None:
    path = put(tmp_path, "a.jsonl", line.encode())

    assert rewrite(path, {1: new}).decode() == expected


def test_blank_lines_and_line_ends_stay(tmp_path: Path) -> None:
    path = put(tmp_path, "a.ndjson", b'\n \r\n{"text":"a"}\r\n\n\n{"text":"b"}\n\xef\xbb\xbf\n\n')

    assert outcomes(read(path)) == [(3, "a"), (6, "b")]
    assert rewrite(path, {6: "c"}) == path.read_bytes().replace(b'"b"', b'"c"')


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('{"text":"a","url":"u","id":"i"}', "i"),
        ('{"text":"a","url":"u","id":null}', "u"),
        ('{"text":"a","id":12345678901234567890}', "12345678901234567890"),
        ('{"text":"a","id":["x"]}', None),
    ],
)
def test_a_record_is_called_by_its_id_or_its_address(
    tmp_path: Path, line: str, name: str | None
) -> None:
    [record] = read(put(tmp_path, "a.jsonl", line.encode()))

    assert record.name == name
    assert record.place == "line 1"


def test_another_field_may_hold_the_text_and_a_dot_in_it_means_itself(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jsonl", b'{"a.b":"flat","a":{"b":"deep"}}')

    assert outcomes(read(path, text_field="a.b")) == [(1, "flat")]


def test_a_line_over_the_limit_is_listed_and_kept(tmp_path: Path) -> None:
    line = b'{"text": "' + b"a" * 100 + b'"}\n'
    path = put(tmp_path, "a.jsonl", line + b'{"text": "b"}\n' + line)

    records = read(path, max_bytes=len(line) - 1)

    assert outcomes(records) == [(1, "<too_large>"), (2, "b"), (3, "<too_large>")]
    assert outcomes(read(path, max_bytes=len(line)))[0] == (1, "a" * 100)
    expected = line + b'{"text": "c"}\n' + line
    assert rewrite(path, {2: "c"}, max_bytes=50) == expected


def test_another_encoding_may_be_named(tmp_path: Path) -> None:
    line = '{"text": "giá ở đây"}'
    data = line.replace("ở", "ơ\u0309").encode("cp1258")
    path = put(tmp_path, "a.jsonl", data)

    [record] = read(path, encoding="cp1258")

    assert record.text == "giá ơ\u0309 đây"
    assert rewrite(path, {1: "đá"}, encoding="cp1258") == '{"text": "đá"}'.encode("cp1258")
    assert rewrite(path, {1: "中"}, encoding="cp1258") == b'{"text": "\\u4e2d"}'


@pytest.mark.parametrize("encoding", ["utf-16", "klingon", "hex", "cp037"])
def test_an_encoding_that_is_not_for_lines_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ConfigError):
        read(put(tmp_path, "a.jsonl", b""), encoding=encoding)


def test_what_is_no_container_or_not_there_is_refused(tmp_path: Path) -> None:
    for name, kind in (("a.txt", "not_records"), ("missing.jsonl", "missing")):
        with pytest.raises(InputError) as caught:
            read(tmp_path / name)

        assert caught.value.kind == kind


def test_nothing_is_opened_before_the_first_record(tmp_path: Path) -> None:
    with open_records(str(tmp_path / "missing.jsonl"), max_bytes=9):
        pass


def test_a_text_for_a_record_without_one_is_a_mistake(tmp_path: Path) -> None:
    path = put(tmp_path, "a.jsonl", b"[]")
    with open_records(str(path), max_bytes=9) as reader, (tmp_path / "out").open("wb") as out:
        writer = reader.writer(out)

        with pytest.raises(ValueError, match="line 1 has no text"):
            writer.write(next(iter(reader)), "new")


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("a.jsonl", "jsonl"),
        ("A.NDJSON.GZ", "jsonl"),
        ("a.jsonl.zst", "jsonl"),
        ("a.csv", "csv"),
        ("a.tsv.gz", "csv"),
        ("a.parquet", "parquet"),
        ("a.parquet.gz", None),
        ("a.warc.gz", "warc"),
        ("a.wet", "warc"),
        ("a.warc.zst", None),
        ("a.txt", None),
        ("a.gz", None),
        ("jsonl", None),
        ("a.jsonl/b.md", None),
    ],
)
def test_a_container_is_known_by_its_name(name: str, container: str | None) -> None:
    assert container_of(name) == container


HUGE = """
import sys
from injectclean.records.base import open_records
with open_records(sys.argv[1], max_bytes=1 << 20) as reader, open(sys.argv[2], "wb") as out:
    writer = reader.writer(out)
    for record in reader:
        print(record.number, record.problem.kind if record.problem else record.text)
        writer.write(record, None if record.problem else "new")
    writer.close()
"""


def test_a_line_of_a_gigabyte_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "')
        file.truncate(1 << 30)
        file.seek(0, 2)
        file.write(b'"}\n{"text": "after"}\n')
    limit = 256 << 20  # bytes of addresses, Python's own included

    def cap() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    # /dev/null: what is written back is tested above, and a gigabyte is a gigabyte.
    result = process([sys.executable, "-c", HUGE, str(path), "/dev/null"], preexec_fn=cap)

    assert result.stderr == b""
    assert result.stdout.decode().splitlines() == ["1 too_large", "2 after"]


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just("\ud800")
)
values = st.recursive(
    scalars,
    lambda some: (
        st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=2)
    ),
    max_leaves=4,
)
others = st.dictionaries(st.text(max_size=5), values, max_size=3)
texts = st.one_of(st.text(), st.text(), st.just("a\ud800 b"), values)
objects = st.builds(lambda a, text, b: {**a, "text": text, **b}, others, texts, others)
spellings = st.tuples(
    st.booleans(), st.sampled_from(((",", ":"), (", ", ": "), (" ,\t", "  :"))), st.text(" \t\r")
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """A line of JSON however it is spelled, or any bytes at all."""
    is_ascii, separators, blanks = draw(spellings)
    spelled = json.dumps(draw(objects), ensure_ascii=is_ascii, separators=separators)
    line = (blanks + spelled + blanks[::-1]).encode("utf-8", "surrogatepass")
    return draw(st.sampled_from((line, line, line, line[1:], b"", b"\xff" + line)))


def as_object(line: bytes) -> dict[str, object]:
    found = json.loads(line.decode(), parse_float=str, parse_constant=str)
    assert isinstance(found, dict)
    return found


def is_joinable(text: str) -> bool:
    """Whether JSON can hold it: two halves one beside the other are read as one character."""
    return text == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    some=st.lists(lines(), max_size=6),
    news=st.lists(
        st.one_of(st.none(), st.text(), st.just("a\ud800b\udc00")).filter(
            lambda text: text is None or is_joinable(text)
        ),
        min_size=7,
        max_size=7,
    ),
    ending=st.sampled_from((b"", b"\n", b"\r\n")),
)
def test_new_texts_are_in_the_output_and_nothing_else_changes(
    tmp_path: Path, some: list[bytes], news: list[str | None], ending: bytes
) -> None:
    path = put(tmp_path, "a.jsonl", b"\n".join(some) + ending)
    before: dict[int, Record] = {record.number: record for record in read(path)}
    wanted = {n: new for n, new in enumerate(news, 1) if new is not None}

    out = put(tmp_path, "b.jsonl", rewrite(path, wanted))

    old_lines, new_lines = path.read_bytes().split(b"\n"), out.read_bytes().split(b"\n")
    assert len(old_lines) == len(new_lines)
    assert rewrite(path) == path.read_bytes()
    after = {record.number: record for record in read(out)}
    assert before.keys() == after.keys()
    for number, record in before.items():
        old, new = old_lines[number - 1], new_lines[number - 1]
        if record.text is None or wanted.get(number) in (None, record.text):
            assert old == new
            assert after[number].text == record.text
        else:
            assert after[number].text == wanted[number]
            start, end = record.raw.cell
            line, text = old.decode(), new.decode()
            assert text[:start] == line[:start]
            assert text.endswith(line[end:])
            assert as_object(new) == {**as_object(old), "text": wanted[number]}
