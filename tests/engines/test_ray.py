"""Ray Data gives what the plain loop gives, from worker processes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from engine_documents import appended, engine, expected, expected_rows, texts, unread_row

ray = engine("ray")
pa = engine("pyarrow")

import pyarrow.parquet as pq  # noqa: E402

from injectclean import Config  # noqa: E402
from injectclean.integrations.ray import clean_dataset  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of settings of its own
FILES = 4
HALF = {"num_cpus": 0.5, "batch_size": 300}  # a whole processor each would starve the reader


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # By default a worker gives way to everything else, and starves on a busy machine.
        patch.setenv("RAY_worker_niceness", "0")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
        ray.shutdown()


def table() -> Any:
    count = len(texts())
    return pa.table(
        {
            "id": range(count),
            "at": pa.array([None, *range(1, count)], pa.timestamp("us", tz="UTC")),
            "text": list(texts()),
            "tags": [["a"], []] * (count // 2) + [None] * (count % 2),
        }
    )


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What Ray wrote, as Arrow reads it, by id."""
    given, written = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("cleaned")
    step = -(-len(texts()) // FILES)
    for number in range(FILES):
        pq.write_table(table().slice(number * step, step), given / f"{number}.parquet")

    clean_dataset(ray.data.read_parquet(str(given)), **HALF).write_parquet(str(written))

    return pq.read_table(written).sort_by("id")


def test_rows_are_what_the_plain_loop_gives(cleaned: Any) -> None:
    assert appended(cleaned.to_pylist()) == expected_rows()


def test_other_columns_stay_as_they_are(cleaned: Any) -> None:
    names = table().column_names

    assert cleaned.column_names[: len(names)] == names
    assert cleaned.select(names).to_pylist() == table().to_pylist()


def test_nulls_are_unread_also_where_a_block_holds_nothing_else() -> None:
    dataset = ray.data.from_items([{"text": None}, {"text": None}, {"text": texts()[0]}])

    rows = clean_dataset(dataset, num_cpus=0.5, batch_size=1).take_all()

    report = expected()[0].report
    made_by = f"{report.tool}, {report.model}"
    unread = [row for row in rows if row["text"] is None]
    assert appended(unread) == [unread_row("missing: no text: NoneType", made_by)] * 2
    assert [row["injectclean_verdict"] for row in rows if row["text"]] == ["block"]


def test_a_configuration_is_used() -> None:
    dataset = ray.data.from_items([{"body": texts()[0]}])

    [row] = clean_dataset(dataset, text="body", config=Config(gap=""), **HALF).take_all()

    assert "[…]" in expected()[0].text
    assert "[…]" not in row["injectclean_text"]


@pytest.mark.parametrize(
    ("row", "message"),
    [({"txt": "a"}, "did you mean 'txt'"), ({"text": 1}, "is of type int64, which is no text")],
)
def test_an_error_in_a_worker_names_the_problem(row: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception, match=message) as caught:
        clean_dataset(ray.data.from_items([row]), num_cpus=0.5).take_all()

    assert "ConfigError" in str(caught.value)
