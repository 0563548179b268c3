"""CSV and TSV: rows are what the standard library reads, and only the text's cell ever changes."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_tools import LIMIT, outcomes, put, read, rewrite

from injectclean.errors import InputError, OutputError
from injectclean.records.csv import split_row

PLAIN = b'id,text,note\r\n1,"one ""two""\r\nthree",=1+1\r\n2, four ,"-5"\r\n'


def test_rows_are_read_with_their_names(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", PLAIN)

    records = read(path)

    assert outcomes(records) == [(1, 'one "two"\r\nthree'), (2, " four ")]
    assert [(record.place, record.name) for record in records] == [("row 1", "1"), ("row 2", "2")]


def test_only_the_cell_changes(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", PLAIN)

    assert rewrite(path) == PLAIN
    assert rewrite(path, {2: "five"}) == PLAIN.replace(b" four ", b"five")
    assert rewrite(path, {1: 'a\n"b"'}).startswith(
        b'id,text,note\r\n1,"a\n""b""",=1+1\r\n2, four ,'
    )
    assert rewrite(path, {1: "a", 2: "x, y"}) == (
        b'id,text,note\r\n1,"a",=1+1\r\n2,"x, y","-5"\r\n'
    )


@pytest.mark.parametrize(
    ("name", "header", "row", "text"),
    [
        ("a.csv", "id;text", "1;a, b", "a, b"),
        ("a.csv", "id|text", "1|a;b", "a;b"),
        ("a.csv", "text\tid", "a, b\t1", "a, b"),
        ("a.tsv", "text\tid, as it is", 'a "b"\t1', 'a "b"'),
        ("a.csv", '"id","text"', '"1","a"', "a"),
        ("a.csv", '\ufeff"text",id', "a,1", "a"),
        ("a.csv", "text", "a;b", "a;b"),
        ("a.csv", '"first\nname",text', "1,a", "a"),
    ],
)
def test_the_first_line_tells_the_delimiter(
    tmp_path: Path, name: str, header: str, row: str, text: str
) -> None:
    path = put(tmp_path, name, f"{header}\n{row}\n".encode())

    assert outcomes(read(path)) == [(1, text)]
    assert rewrite(path, {1: "new"}).decode() == f"{header}\n{row.replace(text, 'new')}\n"


def test_bad_rows_are_listed_and_the_others_read(tmp_path: Path) -> None:
    rows = [b"id,text", b"1", b"2,a,b", b"", b"3,good", b"4,\xff", b"5,a\0b", b'6,"open\n7,b']
    path = put(tmp_path, "a.csv", b"\n".join(rows))

    records = read(path)

    kinds = ["<bad_row>", "<bad_row>", "good", "<bad_encoding>", "<nul>", "<unclosed_quote>"]
    assert outcomes(records) == list(enumerate(kinds, 1))
    assert records[0].problem is not None
    assert records[0].problem.message == (
        f"{path}: row 1: 1 cells, where the first line names 2 columns"
    )
    assert rewrite(path, {3: "better"}) == path.read_bytes().replace(b"good", b"better")


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (b"id,body,Text\n1,a,b\n", "no_text_column", "there are: id, body, Text"),
        (b"text,text\n1,a\n", "no_text_column", "several columns called 'text'"),
        (b"\xff\xfei\0d\0", "bad_encoding", "its first line: not utf-8"),
        (b'id,"text\n1,a\n', "bad_header", "has no end"),
        (b"a" * (LIMIT + 1), "bad_header", "has no end"),
    ],
)
def test_a_file_without_one_text_column_is_refused(
    tmp_path: Path, data: bytes, kind: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(put(tmp_path, "a.csv", data))

    assert caught.value.kind == kind


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    for data in (b"", b"id,text", b"id,text\n\n\r\n"):
        path = put(tmp_path, "a.csv", data)

        assert read(path) == []
        assert rewrite(path) == data


def test_a_cell_that_is_emptied_leaves_a_row(tmp_path: Path) -> None:
    alone = put(tmp_path, "a.csv", b"text\nspam\n")
    beside = put(tmp_path, "b.csv", b"id,text\n1,spam\n")

    assert rewrite(alone, {1: ""}) == b'text\n""\n'
    assert rewrite(beside, {1: ""}) == b"id,text\n1,\n"


def test_a_field_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    large = b"1," + b"a" * 200_000 + b"\n"  # the standard library's own limit is 131,072
    path = put(tmp_path, "a.csv", b"id,text\n" + large + b'2,"' + b"b,\n" * 99_999 + b'"\n3,c\n')

    records = read(path, max_bytes=len(large))

    assert [len(record.text or "") for record in records] == [200_000, 0, 1]
    assert records[1].problem is not None
    assert records[1].problem.kind == "too_large"
    expected = path.read_bytes()[:-2] + b"d\n"
    assert rewrite(path, {3: "d"}, max_bytes=len(large)) == expected


def test_a_quote_that_is_never_closed_costs_no_memory(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", b'id,text\n1,a\n2,"' + b"b,\n" * 300_000)
    tracemalloc.start()

    records = read(path, max_bytes=10_000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcomes(records) == [(1, "a"), (2, "<unclosed_quote>")]
    assert peak < 400_000  # bytes; the file has 900,000


def test_a_character_without_a_code_is_refused_with_its_place(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", b"id,text\n1,a\n")

    with pytest.raises(OutputError, match="row 1: charmap has no code for '\\\\u4e2d'"):
        rewrite(path, {1: "中"}, encoding="cp1258")


cells = st.text(st.sampled_from('ab "\n\r,;éđ=\t'), max_size=6)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    table=tables,
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(("\n", "\r\n")),
    quoting=st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    news=st.lists(st.none() | cells, min_size=5, max_size=5),
)
def test_what_the_standard_library_writes_is_read_and_changed_alike(
    tmp_path: Path,
    table: list[list[str]],
    delimiter: str,
    ending: str,
    quoting: int,
    news: list[str | None],
) -> None:
    width = len(table[0]) if table else 1
    header = ["text", "b", "c", "d"][:width]
    if width == 1:
        delimiter = ","  # a header of one column does not tell another
    out = io.StringIO(newline="")
    if any("\r" in cell for row in table for cell in row):
        quoting = csv.QUOTE_ALL  # some versions write a bare CR that they can't read
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([header, *table])
    path = put(tmp_path, "a.csv", out.getvalue().encode())

    assert outcomes(read(path)) == [(n, row[0]) for n, row in enumerate(table, 1)]
    assert rewrite(path) == path.read_bytes()
    changes = {n: new for n, new in enumerate(news, 1) if new is not None}
    data = rewrite(path, changes).decode()
    again = list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))
    assert again == [
        header,
        *([changes.get(n, row[0]), *row[1:]] for n, row in enumerate(table, 1)),
    ]


@given(row=st.text(st.sampled_from('ab",;'), max_size=12))
def test_a_row_however_odd_is_split_as_the_standard_library_splits_it(row: str) -> None:
    [expected] = list(csv.reader(io.StringIO(row + "\n", newline=""))) or [[""]]

    if '"' not in row or not expected[-1].endswith("\n"):  # no quote was left open
        assert [cell.value for cell in split_row(row + "\n", ",")] == (expected or [""])
