"""DuckDB: cleaning as a function in SQL (``injectclean[duckdb]``).

>>> import duckdb
>>> connection = duckdb.connect()
>>> register(connection)
>>> pages = "(VALUES ('a', 'Bà con được mùa.'), ('b', NULL)) AS pages(url, text)"
>>> cleaned = connection.sql(f"SELECT *, unnest(injectclean(text)) FROM {pages} ORDER BY url")
>>> cleaned.select("url", "injectclean_verdict").fetchall()
[('a', 'pass'), ('b', 'unread')]

The function gives a struct of the columns that ``arrow.clean_table`` appends; ``unnest`` makes
columns of it. DuckDB calls it with some thousand rows at a time, so a query streams as ever.
"""

from __future__ import annotations

from injectclean.config import Config
from injectclean.errors import ConfigError, MissingExtraError

try:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[duckdb]'") from error

from injectclean.integrations.arrow import clean_table, output_schema

_FUNCTIONS = "SELECT DISTINCT function_name FROM duckdb_functions()"


def register(
    connection: DuckDBPyConnection, *, name: str = "injectclean", config: Config | None = None
) -> None:
    """Make ``name(text)`` known to the connection's SQL.

    Raises:
        ConfigError: the connection has a function of that name already.
        ModelError: when a query calls it, as DuckDB's error that quotes it.
    """
    if name in {row[0] for row in connection.execute(_FUNCTIONS).fetchall()}:
        raise ConfigError(f"function {name!r} is already there; give another name")
    empty = output_schema(pa.schema([("text", pa.string())])).empty_table().drop_columns(["text"])
    columns = connection.from_arrow(empty)
    given = connection.struct_type(dict(zip(columns.columns, columns.types, strict=True)))

    def clean_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
        table = clean_table(pa.table({"text": column}), config=config)
        return table.drop_columns(["text"]).to_struct_array()

    # A null is cleaned, too: to "unread".
    connection.create_function(
        name, clean_column, ["VARCHAR"], given, type="arrow", null_handling="special"
    )
