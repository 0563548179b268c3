"""Polars: a DataFrame cleaned in this process (``injectclean[polars]``).

>>> import polars
>>> cleaned = clean_frame(polars.DataFrame({"text": ["Bà con được mùa.", None]}))
>>> cleaned.get_column("injectclean_verdict").to_list()
['pass', 'unread']

A frame that is larger than memory goes through in slices, one file of a folder after another::

    for path in sorted(Path("pages").glob("*.parquet")):
        clean_frame(polars.read_parquet(path)).write_parquet(Path("cleaned") / path.name)
"""

from __future__ import annotations

from injectclean.config import Config
from injectclean.errors import MissingExtraError

try:
    import polars as pl
    import pyarrow as pa
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[polars]'") from error

from injectclean.integrations.arrow import clean_table, output_schema


def clean_frame(
    frame: pl.DataFrame, *, text: str = "text", config: Config | None = None
) -> pl.DataFrame:
    """The frame with the columns that ``arrow.clean_table`` appends; the others stay as they are.

    Raises:
        ConfigError: as ``arrow.clean_table``.
    """
    output_schema(pa.schema([(name, pa.null()) for name in frame.columns]), text=text)
    # Only this column goes through Arrow, which has not got all the types of the others.
    cleaned = clean_table(frame.select(text).to_arrow(), text=text, config=config)
    appended = pl.from_arrow(cleaned.drop_columns([text]))
    return frame.hstack(appended)
