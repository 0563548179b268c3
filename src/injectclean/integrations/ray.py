"""Ray Data: a dataset of pages, cleaned by its workers (``injectclean[ray]``).

::

    import ray

    from injectclean.integrations.ray import clean_dataset

    pages = ray.data.read_parquet("pages")
    clean_dataset(pages, batch_size=1000, num_cpus=0.5).write_parquet("cleaned")

A worker of Ray's lives longer than a batch, and keeps the model as long; no actors are needed. On a
machine of few processors leave the reader some: with the default of a whole one for each task, two
tasks on two processors starve it.
"""

from __future__ import annotations

from typing import Any

from injectclean.config import Config
from injectclean.errors import MissingExtraError

try:
    from ray.data import Dataset
except ImportError as error:
    raise MissingExtraError(f"{error}; pip install 'injectclean[ray]'") from error

from injectclean.integrations.arrow import clean_table


def clean_dataset(
    dataset: Dataset, *, text: str = "text", config: Config | None = None, **options: Any
) -> Dataset:
    """The dataset with the columns that ``arrow.clean_table`` appends; lazy.

    Args:
        dataset: its other columns stay as they are.
        text: name of a column of strings.
        options: of ``Dataset.map_batches``, such as ``batch_size`` and ``num_cpus``.

    Raises:
        ConfigError: when the dataset is read, as the cause of Ray's error; see
            ``arrow.clean_table``.
    """
    arguments = {"text": text, "config": config}
    return dataset.map_batches(clean_table, batch_format="pyarrow", fn_kwargs=arguments, **options)
