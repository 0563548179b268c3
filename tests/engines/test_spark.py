"""PySpark gives what the plain loop gives, from Python processes of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_documents import appended, engine, expected, expected_rows, texts, unread_row

engine("pyspark")
pa = engine("pyarrow")

import pyarrow.parquet as pq  # noqa: E402
from pyspark.errors import PythonException  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from injectclean import Config  # noqa: E402
from injectclean.errors import ConfigError  # noqa: E402
from injectclean.integrations.spark import clean_frame  # noqa: E402

PARTITIONS = 8  # two processes take turns at them


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "300")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All documents in a Parquet file, beside columns of other types."""
    count = len(texts())
    table = pa.table(
        {
            "id": range(count),
            "at": pa.array([None, *range(1, count)], pa.timestamp("us", tz="UTC")),
            "text": list(texts()),
            "tags": pa.array([[("x", ["y"])]] * count, pa.map_(pa.string(), pa.list_(pa.string()))),
        }
    )
    path = tmp_path_factory.mktemp("pages") / "pages.parquet"
    pq.write_table(table, path)
    return path


@pytest.fixture(scope="module")
def cleaned(spark: Any, pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What Spark wrote, as Arrow reads it, by id."""
    path = tmp_path_factory.mktemp("cleaned") / "cleaned"
    frame = clean_frame(spark.read.parquet(str(pages)).repartition(PARTITIONS))
    frame.write.parquet(str(path))
    return pq.read_table(path).sort_by("id")


def test_rows_are_what_the_plain_loop_gives(cleaned: Any) -> None:
    assert appended(cleaned.to_pylist()) == expected_rows()


def test_other_columns_stay_as_they_are(cleaned: Any, pages: Path) -> None:
    given = pq.read_table(pages)

    assert cleaned.column_names[:4] == given.column_names
    # Spark writes times in nanoseconds.
    assert cleaned.select(given.column_names).cast(given.schema).equals(given)


def test_the_schema_is_known_before_a_row_is_read(spark: Any, pages: Path, cleaned: Any) -> None:
    frame = spark.read.parquet(str(pages))

    schema = clean_frame(frame).schema

    assert schema.fields[:4] == frame.schema.fields
    assert schema.names == cleaned.column_names
    assert schema["injectclean_quality"].dataType["share_injected"].dataType.typeName() == "double"


def test_nulls_are_unread_and_reports_can_be_queried(spark: Any) -> None:
    frame = spark.createDataFrame([(None,), (texts()[0],)], "body string")

    rows = clean_frame(frame, text="body", config=Config(gap="")).where(
        "injectclean_verdict = 'unread' or injectclean_quality.share_injected > 0"
    )

    found = sorted((row.asDict(recursive=True) for row in rows.collect()), key=str)
    report = expected()[0].report
    [unread] = [row for row in found if row["body"] is None]
    [blocked] = [row for row in found if row["body"] is not None]
    assert appended([unread]) == [
        unread_row("missing: no text: NoneType", f"{report.tool}, {report.model}")
    ]
    assert blocked["injectclean_verdict"] == "block"
    assert "[…]" not in blocked["injectclean_text"]


def test_an_empty_frame_stays_empty(spark: Any) -> None:
    assert clean_frame(spark.createDataFrame([], "text string")).count() == 0


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("txt string", "did you mean 'txt'"),
        ("text int", "is of type int, which is no text"),
        ("text string, injectclean_edits int", "drop or rename them"),
    ],
)
def test_a_frame_that_cannot_be_cleaned_is_refused_at_once(
    spark: Any, schema: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        clean_frame(spark.createDataFrame([], schema))


def test_an_error_in_an_executor_names_the_problem(spark: Any, tmp_path: Path) -> None:
    config = Config(model=str(tmp_path / "nowhere.npz"))
    frame = spark.createDataFrame([("a",)], "text string")

    with pytest.raises(PythonException, match=r"ModelError: .*nowhere"):
        clean_frame(frame, config=config).collect()
