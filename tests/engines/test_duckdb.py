"""DuckDB gives what the plain loop gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engine_documents import appended, engine, expected, expected_rows, texts, unread_row

duckdb = engine("duckdb")
pa = engine("pyarrow")

from injectclean import Config  # noqa: E402
from injectclean.errors import ConfigError  # noqa: E402
from injectclean.integrations.arrow import output_schema  # noqa: E402
from injectclean.integrations.duckdb import register  # noqa: E402


@pytest.fixture
def connection() -> Any:
    with duckdb.connect() as opened:
        opened.register("pages", pa.table({"id": range(len(texts())), "text": list(texts())}))
        yield opened


def rows(relation: Any) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def test_rows_are_what_the_plain_loop_gives(connection: Any) -> None:
    register(connection)

    cleaned = connection.sql("SELECT *, unnest(injectclean(text)) FROM pages ORDER BY id")

    found = rows(cleaned)
    assert appended(found) == expected_rows()
    assert [row["text"] for row in found] == list(texts())


def test_columns_are_those_of_the_arrow_function_also_in_a_file(
    connection: Any, tmp_path: Path
) -> None:
    register(connection)
    path = tmp_path / "cleaned.parquet"

    connection.execute(f"COPY (SELECT *, unnest(injectclean(text)) FROM pages LIMIT 3) TO '{path}'")

    found = connection.read_parquet(str(path))
    wanted = output_schema(pa.schema([("id", pa.int64()), ("text", pa.string())]))
    assert found.columns == wanted.names
    assert [str(kind) for kind in found.types] == [
        str(kind) for kind in connection.from_arrow(wanted.empty_table()).types
    ]


def test_nulls_are_unread(connection: Any) -> None:
    register(connection)

    [row] = rows(connection.sql("SELECT unnest(injectclean(NULL))"))

    report = expected()[0].report
    assert row == unread_row("missing: no text: NoneType", f"{report.tool}, {report.model}")


def test_a_configuration_and_a_name_are_used(connection: Any) -> None:
    register(connection, name="without_mark", config=Config(gap=""))

    [row] = rows(connection.sql("SELECT unnest(without_mark(text)) FROM pages WHERE id = 0"))

    assert "[…]" in expected()[0].text
    assert "[…]" not in row["injectclean_text"]


def test_a_name_that_is_taken_is_refused(connection: Any) -> None:
    register(connection)

    with pytest.raises(ConfigError, match="'injectclean' is already there; give another name"):
        register(connection)


def test_an_error_in_a_query_names_the_problem(connection: Any, tmp_path: Path) -> None:
    register(connection, config=Config(model=str(tmp_path / "nowhere.npz")))

    with pytest.raises(duckdb.Error, match=r"nowhere"):
        connection.sql("SELECT injectclean(text) FROM pages").fetchall()
