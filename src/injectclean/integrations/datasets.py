"""Hugging Face datasets: a ``Dataset`` or ``IterableDataset`` cleaned (``injectclean[datasets]``).

::

    from datasets import load_dataset

    from injectclean.integrations.datasets import clean_dataset

    pages = load_dataset("parquet", data_files="pages/*.parquet", split="train")
    cleaned = clean_dataset(pages, num_proc=2)
    kept = cleaned.filter(lambda row: row["injectclean_verdict"] == "pass")
"""

from __future__ import annotations

from typing import Any, TypeVar

from injectclean.config import Config
from injectclean.document import Source, digest
from injectclean.errors import MissingExtraError
from injectclean.profile import read_profile
from injectclean.scanner import scanner_for

try:
    import pyarrow as pa
    from datasets import Dataset, Features, IterableDataset
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[datasets]'") from error

from injectclean.integrations.arrow import clean_table, output_schema

_Pages = TypeVar("_Pages", Dataset, IterableDataset)


def clean_dataset(
    dataset: _Pages, *, text: str = "text", config: Config | None = None, **options: Any
) -> _Pages:
    """The dataset with the columns that ``arrow.clean_table`` appends.

    Args:
        dataset: its other columns and their features stay as they are, and so does the format of
            a ``Dataset``; an ``IterableDataset`` gives plain Python values.
        text: name of a column of strings.
        options: of the dataset's ``map``, such as ``batch_size`` and ``num_proc``.

    Raises:
        ConfigError: as ``arrow.clean_table``; of a dataset without known features only when it
            is read.
    """
    features = None if dataset.features is None else _features(dataset.features, text)
    if isinstance(dataset, Dataset) and not len(dataset):  # map gives it back as it is
        cleaned = _empty(features)
    else:
        arguments = {"text": text, "config": config, "made_by": _made_by(config)}
        cleaned = dataset.with_format("arrow").map(
            _clean_batch, batched=True, fn_kwargs=arguments, features=features, **options
        )
    return _in_format_of(dataset, cleaned)


def _empty(features: Features) -> Dataset:
    return Dataset.from_dict({name: [] for name in features}, features=features)


def _in_format_of(dataset: _Pages, cleaned: _Pages) -> _Pages:
    if isinstance(dataset, IterableDataset):
        return cleaned.with_format(None)
    given = dataset.format
    hidden = set(dataset.column_names) - set(given["columns"])
    return cleaned.with_format(
        given["type"],
        columns=[name for name in cleaned.column_names if name not in hidden],
        output_all_columns=given["output_all_columns"],
        **given["format_kwargs"],
    )


def _clean_batch(
    table: pa.Table, *, text: str, config: Config | None, made_by: tuple[str, str, str]
) -> pa.Table:
    del made_by  # it stands in the arguments so that a new model is not taken for one seen before
    return clean_table(table, text=text, config=config)


def _made_by(config: Config | None) -> tuple[str, str, str]:
    """What a cached result depends on beside the data and the configuration."""
    config = Config() if config is None else config
    report = scanner_for(config).unread(Source())
    profile = "" if config.profile is None else read_profile(config.profile).to_json()
    return report.tool, report.model, digest(profile)


def _features(features: Features, text: str) -> Features:
    given = features.arrow_schema
    appended = list(output_schema(given, text=text))[len(given) :]
    return Features({**features, **Features.from_arrow_schema(pa.schema(appended))})
