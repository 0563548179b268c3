"""Hugging Face datasets give what the plain loop gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engine_documents import FEW, appended, engine, expected, expected_rows, texts, unread_row

datasets = engine("datasets")

from datasets import ClassLabel, Dataset, Features, Value  # noqa: E402

from injectclean import Config, scanner  # noqa: E402
from injectclean.errors import ConfigError  # noqa: E402
from injectclean.integrations.datasets import clean_dataset  # noqa: E402

FEATURES = Features({"topic": ClassLabel(names=["a", "b"]), "text": Value("string")})


@pytest.fixture(autouse=True)
def no_progress_bars() -> None:
    datasets.disable_progress_bars()


def pages(count: int | None = None) -> Any:
    given = list(texts()[:count])
    topics = [index % 2 for index in range(len(given))]
    return Dataset.from_dict({"topic": topics, "text": given}, features=FEATURES)


def test_rows_are_what_the_plain_loop_gives_in_order() -> None:
    cleaned = clean_dataset(pages(), num_proc=2, batch_size=300)

    assert appended(cleaned.to_list()) == expected_rows()


def test_one_process_and_an_iterable_dataset_give_the_same() -> None:
    given = pages(FEW)

    assert appended(clean_dataset(given).to_list()) == expected_rows()[:FEW]
    iterated = clean_dataset(given.to_iterable_dataset(num_shards=5))
    assert appended(list(iterated)) == expected_rows()[:FEW]


def test_other_columns_keep_their_features_and_the_dataset_its_format() -> None:
    given = pages(4).with_format("numpy", columns=["topic"])

    cleaned = clean_dataset(given)

    assert {name: cleaned.features[name] for name in FEATURES} == FEATURES
    assert cleaned.format["type"] == "numpy"
    assert cleaned[0].keys() == {"topic", *appended(cleaned.with_format(None).to_list())[0]}
    assert cleaned.with_format(None)["topic"][:] == [0, 1, 0, 1]


def test_nulls_are_unread() -> None:
    given = Dataset.from_dict({"text": [None, texts()[0]]}, features=Features(text=Value("string")))

    first, second = appended(clean_dataset(given).to_list())

    assert first == unread_row("missing: no text: NoneType", second["injectclean_made_by"])


def test_an_empty_dataset_has_the_columns_of_a_full_one() -> None:
    assert clean_dataset(pages(0)).features == clean_dataset(pages(1)).features


def test_a_configuration_is_used() -> None:
    given = pages(1).rename_column("text", "body")

    [row] = clean_dataset(given, text="body", config=Config(gap=""))

    assert "[…]" in expected()[0].text
    assert "[…]" not in row["injectclean_text"]


def test_a_cached_result_is_used_again_but_not_of_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pages.parquet"
    pages(2).to_parquet(str(path))
    given = Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))

    first, again = clean_dataset(given), clean_dataset(given)
    monkeypatch.setattr(scanner, "__version__", "999")
    newer = clean_dataset(given)

    assert first.cache_files == again.cache_files
    assert "injectclean 999" in newer["injectclean_made_by"][0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"txt": ["a"]}, "did you mean 'txt'"),
        ({"text": [1]}, "is of type int64, which is no text"),
        ({"text": ["a"], "injectclean_text": ["b"]}, "drop or rename them"),
    ],
)
def test_a_dataset_that_cannot_be_cleaned_is_refused(
    columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        clean_dataset(Dataset.from_dict(columns))
