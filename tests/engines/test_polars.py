"""Polars gives what the plain loop gives."""

from __future__ import annotations

import pytest
from engine_documents import appended, engine, expected, expected_rows, texts, unread_row

pl = engine("polars")

from injectclean import Config  # noqa: E402
from injectclean.errors import ConfigError  # noqa: E402
from injectclean.integrations.polars import clean_frame  # noqa: E402


def test_rows_are_what_the_plain_loop_gives_in_order() -> None:
    frame = pl.DataFrame({"id": range(len(texts())), "text": texts()})

    cleaned = clean_frame(frame)

    assert appended(cleaned.to_dicts()) == expected_rows()


def test_other_columns_stay_as_they_are_whatever_their_types() -> None:
    kinds = {"site": pl.Enum(["a", "b"]), "text": pl.String, "share": pl.Categorical}
    frame = pl.DataFrame({"site": ["b", "a"], "text": texts()[:2], "share": ["x", "x"]}, kinds)
    frame = frame.with_columns(thing=pl.Series([{1}, {2}], dtype=pl.Object))

    cleaned = clean_frame(frame)

    assert cleaned.columns[:4] == frame.columns
    assert cleaned.schema["site"] == kinds["site"]
    for name in frame.columns:
        assert cleaned[name].dtype == frame[name].dtype
        assert cleaned[name].to_list() == frame[name].to_list()


def test_nulls_are_unread() -> None:
    cleaned = clean_frame(pl.DataFrame({"text": [None, texts()[0]]}))

    made_by = cleaned["injectclean_made_by"][1]
    first = appended(cleaned.to_dicts())[0]
    assert first == unread_row("missing: no text: NoneType", made_by)


def test_an_empty_frame_has_the_columns_of_a_full_one() -> None:
    empty = clean_frame(pl.DataFrame(schema={"text": pl.String}))

    assert empty.is_empty()
    assert empty.schema == clean_frame(pl.DataFrame({"text": [texts()[0]]})).schema


def test_a_configuration_is_used() -> None:
    cleaned = clean_frame(pl.DataFrame({"body": texts()[:1]}), text="body", config=Config(gap=""))

    assert expected()[0].text.replace("[…]", "") != expected()[0].text
    assert "[…]" not in cleaned["injectclean_text"][0]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"txt": ["a"]}, "did you mean 'txt'"),
        ({"text": [1]}, "is of type int64, which is no text"),
        ({"text": ["a"], "injectclean_text": ["b"]}, "drop or rename them"),
    ],
)
def test_a_frame_that_cannot_be_cleaned_is_refused(
    frame: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        clean_frame(pl.DataFrame(frame))
