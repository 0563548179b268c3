"""The Arrow function that the engines call: its columns, and everything that it must not touch."""

from __future__ import annotations

from typing import Any

import pytest
from engine_documents import FEW, appended, engine, expected, expected_rows, texts, unread_row

pa = engine("pyarrow")

from injectclean import Config, Scanner  # noqa: E402
from injectclean.errors import ConfigError, ModelError, RestoreError  # noqa: E402
from injectclean.integrations.arrow import (  # noqa: E402
    ROWS,
    clean_table,
    output_schema,
    restore_texts,
)
from injectclean.scanner import scanner_for  # noqa: E402

HONEST = "Bà con được mùa, cả xã vui như ngày hội."


def made_by() -> str:
    report = expected()[0].report
    return f"{report.tool}, {report.model}"


def column(values: list[str | None], kind: Any) -> Any:
    return pa.array(values, pa.string()).cast(kind)


def not_utf8() -> Any:
    """Three texts, the second of which is not UTF-8, as a careless writer leaves them."""
    honest = HONEST.encode()
    bad = b"ab\xff\xfe"
    ends = pa.array([0, len(honest), len(honest) + len(bad), 2 * len(honest) + len(bad)])
    data = pa.py_buffer(honest + bad + honest)
    return pa.Array.from_buffers(
        pa.large_string(), 3, [None, ends.cast(pa.int64()).buffers()[1], data]
    )


def test_rows_are_what_the_plain_loop_gives_in_order() -> None:
    table = pa.table({"text": list(texts())})

    cleaned = clean_table(table)

    assert appended(cleaned.to_pylist()) == expected_rows()
    assert cleaned.schema == output_schema(table.schema)


def test_originals_come_back_from_what_was_appended() -> None:
    given = [*texts()[:FEW], None]
    cleaned = clean_table(pa.table({"text": given}))

    restored = restore_texts(cleaned.drop_columns(["text"]))

    assert restored.to_pylist() == given
    assert cleaned["injectclean_text"].to_pylist() != given


def test_other_columns_keep_their_values_order_types_and_metadata() -> None:
    fields = [
        pa.field("url", pa.dictionary(pa.int8(), pa.string()), metadata={"role": "key"}),
        pa.field("text", pa.string(), metadata={"language": "vi"}, nullable=False),
        pa.field("at", pa.timestamp("us", tz="Asia/Ho_Chi_Minh")),
        pa.field("tags", pa.map_(pa.string(), pa.list_(pa.decimal128(5, 2)))),
    ]
    arrays = [
        pa.array(["a", "b"]).dictionary_encode().cast(fields[0].type),
        pa.array(list(texts()[:2])),
        pa.array([1, None], fields[2].type),
        pa.array([[("x", [1])], None], fields[3].type),
    ]
    table = pa.table(arrays, schema=pa.schema(fields, metadata={"crawl": "2024-10"}))

    cleaned = clean_table(table)

    assert cleaned.select(table.column_names).equals(table, check_metadata=True)
    assert cleaned.schema.metadata == {b"crawl": b"2024-10"}
    assert cleaned.column_names[:4] == table.column_names


def test_a_null_is_unread_and_never_passes() -> None:
    cleaned = clean_table(pa.table({"text": [None, HONEST]}))

    first, second = appended(cleaned.to_pylist())
    assert first == unread_row("missing: no text: NoneType", made_by())
    assert second["injectclean_verdict"] == "pass"


def test_a_text_that_is_not_utf8_is_unread_and_the_others_are_cleaned() -> None:
    cleaned = clean_table(pa.table({"text": not_utf8()}))

    rows = appended(cleaned.drop_columns(["text"]).to_pylist())
    assert rows[1] == unread_row("undecodable: not UTF-8 at byte 2", made_by())
    assert [row["injectclean_text"] for row in (rows[0], rows[2])] == [HONEST, HONEST]


@pytest.mark.parametrize(("less", "verdict"), [(0, "pass"), (1, "unread")])
def test_a_text_over_the_limit_of_bytes_is_unread(less: int, verdict: str) -> None:
    config = Config(max_bytes=len(HONEST.encode()) - less)

    cleaned = clean_table(pa.table({"text": [HONEST]}), config=config)

    assert cleaned["injectclean_verdict"].to_pylist() == [verdict]


def test_a_text_that_breaks_the_scanner_does_not_cost_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clean = Scanner.clean

    def breaking(self: Scanner, text: str) -> Any:
        return clean(self, text) if text == HONEST else [][0]

    monkeypatch.setattr(Scanner, "clean", breaking)
    cleaned = clean_table(pa.table({"text": ["x", HONEST]}))

    assert cleaned["injectclean_verdict"].to_pylist() == ["unread", "pass"]
    assert cleaned["injectclean_problem"].to_pylist() == [
        "internal_error: IndexError: list index out of range",
        None,
    ]


@pytest.mark.parametrize(
    ("kind", "cleaned_kind"),
    [
        (pa.string(), pa.string()),
        (pa.large_string(), pa.large_string()),
        (pa.string_view(), pa.string_view()),
        (pa.dictionary(pa.int32(), pa.string()), pa.string()),
        (pa.dictionary(pa.int8(), pa.large_string()), pa.large_string()),
    ],
    ids=str,
)
def test_every_kind_of_text_column_gives_the_same_rows(kind: Any, cleaned_kind: Any) -> None:
    given = [*texts()[:5], None, texts()[0]]
    plain = clean_table(pa.table({"text": given}))

    cleaned = clean_table(pa.table({"text": column(given, kind)}))

    assert cleaned.schema.field("injectclean_text").type == cleaned_kind
    assert appended(cleaned.to_pylist()) == appended(plain.to_pylist())
    assert restore_texts(cleaned).to_pylist() == given


def test_a_column_of_many_chunks_keeps_its_order() -> None:
    chunks = [[HONEST, *texts()[:2]], [], [None], list(texts()[2:5])]
    flat = [text for chunk in chunks for text in chunk]
    table = pa.table({"text": pa.chunked_array(chunks, pa.string()), "n": range(len(flat))})

    cleaned = clean_table(table)

    assert restore_texts(cleaned).to_pylist() == flat
    assert cleaned["n"].to_pylist() == list(range(len(flat)))


@pytest.mark.parametrize("count", [ROWS - 1, ROWS, ROWS + 1])
def test_no_row_is_lost_where_a_piece_ends(count: int) -> None:
    given = [f"Bài {number}." for number in range(count)]

    assert clean_table(pa.table({"text": given}))["injectclean_text"].to_pylist() == given


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.null()], ids=str)
def test_an_empty_table_has_the_schema_of_a_full_one(kind: Any) -> None:
    schema = pa.schema([("text", kind), ("n", pa.int8())])

    assert clean_table(schema.empty_table()).schema == output_schema(schema)
    assert clean_table(pa.table([[], []], schema=schema)).num_rows == 0


def test_the_schema_does_not_depend_on_the_data() -> None:
    schema = pa.schema([("text", pa.string())])

    for given in ([None], [HONEST], list(texts()[:1])):
        assert clean_table(pa.table([given], schema=schema)).schema == output_schema(schema)


def test_a_batch_of_nothing_but_nulls_needs_no_type() -> None:
    cleaned = clean_table(pa.table({"text": pa.nulls(2)}))

    assert cleaned["injectclean_verdict"].to_pylist() == ["unread"] * 2
    assert cleaned.schema.field("injectclean_text").type == pa.string()


def test_all_numbers_of_a_report_have_a_column() -> None:
    quality = output_schema(pa.schema([("text", pa.string())])).field("injectclean_quality")

    assert [field.name for field in quality.type] == list(expected()[0].report.quality)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"txt": ["a"]}, "no column 'text' to read the text from; did you mean 'txt'?"),
        ({"text": [1]}, "column 'text' is of type int64, which is no text; cast it to string"),
        ({"text": [b"a"]}, "is of type binary, which is no text"),
        (
            {"text": ["a"], "injectclean_edits": [1], "injectclean_text": [1]},
            "injectclean_text, injectclean_edits; drop or rename them",
        ),
    ],
)
def test_a_table_that_cannot_be_cleaned_is_refused_with_a_remedy(
    table: dict[str, list[Any]], message: str
) -> None:
    given = pa.table(table)

    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        clean_table(given)
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        output_schema(given.schema)


def test_two_columns_of_the_text_s_name_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])

    with pytest.raises(ConfigError, match="2 columns 'text'"):
        clean_table(table)


def test_a_cleaned_table_is_not_cleaned_twice() -> None:
    once = clean_table(pa.table({"text": [HONEST]}))

    with pytest.raises(ConfigError, match="was it cleaned before"):
        clean_table(once)


def test_a_model_that_cannot_be_read_is_an_error_and_no_row(tmp_path: Any) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        clean_table(
            pa.table({"text": [HONEST]}), config=Config(model=str(tmp_path / "nowhere.npz"))
        )


def test_another_column_and_configuration_are_used() -> None:
    config = Config(gap="[???]", disable=("boilerplate",))
    scanner = Scanner(config=config)
    given = list(texts()[:5])

    cleaned = clean_table(pa.table({"body": given}), text="body", config=config)

    assert cleaned["injectclean_text"].to_pylist() == [scanner.clean(t).text for t in given]
    assert "[???]" in cleaned["injectclean_text"][0].as_py()


def test_equal_configurations_share_one_scanner() -> None:
    assert scanner_for(Config(gap="[x]")) is scanner_for(Config(gap="[x]"))


def test_an_edited_cleaned_text_is_not_restored() -> None:
    cleaned = clean_table(pa.table({"text": list(texts()[:1])}))
    broken = cleaned.set_column(1, "injectclean_text", pa.array(["another"]))

    with pytest.raises(RestoreError, match="SHA-256"):
        restore_texts(broken)


def test_restoring_says_which_column_is_missing() -> None:
    cleaned = clean_table(pa.table({"text": [HONEST]})).drop_columns(["injectclean_edits"])

    with pytest.raises(ConfigError, match="no column 'injectclean_edits'"):
        restore_texts(cleaned)
