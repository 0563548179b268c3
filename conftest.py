"""Examples of integrations run where their package is installed, as their tests do."""

from importlib.util import find_spec

_FOLDER = "src/injectclean/integrations"
_PACKAGES = {
    "arrow": "pyarrow",
    "spark": "pyspark",
    **{name: name for name in ("ray", "datasets", "polars", "duckdb", "datatrove", "scrapy")},
    "trafilatura": "trafilatura",
}
collect_ignore = [
    f"{_FOLDER}/{module}.py"
    for module, package in _PACKAGES.items()
    if find_spec(package) is None or find_spec("pyarrow") is None
]
