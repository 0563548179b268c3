"""PySpark: a frame of pages, cleaned on its executors (``injectclean[spark]``).

::

    from pyspark.sql import SparkSession

    from injectclean.integrations.spark import clean_frame

    spark = SparkSession.builder.getOrCreate()
    pages = spark.read.parquet("pages")
    clean_frame(pages).where("injectclean_verdict <> 'block'").write.parquet("cleaned")

The executors must be able to import injectclean and pyarrow, and to read the model's file where
``Config.model`` names one. ``docs/scale.md`` says how to run this over a crawl.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from injectclean.config import Config
from injectclean.errors import ConfigError, MissingExtraError

try:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StringType, StructType
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[spark]'") from error

from injectclean.integrations.arrow import clean_table, output_schema


def clean_frame(frame: DataFrame, *, text: str = "text", config: Config | None = None) -> DataFrame:
    """The frame with the columns that ``arrow.clean_table`` appends; lazy, without a shuffle.

    Args:
        frame: its rows stay in their partitions, and its columns as they are.
        text: name of a column of strings.

    Raises:
        ConfigError: at once, as ``arrow.clean_table``.
        ModelError: in an executor, as Spark's error that quotes it.
    """
    # Only names and the text's type matter here: the other columns keep the types Spark gave them.
    given = pa.schema([(name, pa.string()) for name in frame.columns])
    appended = list(output_schema(given, text=text))[len(given) :]
    kind = frame.schema[text].dataType
    if not isinstance(kind, StringType):
        raise ConfigError(
            f"column {text!r} is of type {kind.simpleString()}, which is no text; "
            "cast it to string, or name another column"
        )
    schema = StructType([*frame.schema, *from_arrow_schema(pa.schema(appended))])
    return frame.mapInArrow(partial(_clean_batches, text=text, config=config), schema)


def _clean_batches(
    batches: Iterator[pa.RecordBatch], *, text: str, config: Config | None
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        table = clean_table(pa.Table.from_batches([batch]), text=text, config=config)
        yield from table.to_batches()
