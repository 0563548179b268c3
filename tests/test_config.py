"""Configuration: where it is found, what it may hold, and what comes before what."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from injectclean import Config
from injectclean.config import did_you_mean, find_config, make_config, override, read_config
from injectclean.errors import ConfigError

RULE = {
    "id": "house",
    "phrase": "nhà cái",
    "category": "injected/gambling",
    "match": ["vào nhà cái ngay"],
    "no_match": ["nhà có cái sân"],
}


def test_the_defaults_leave_everything_to_the_model() -> None:
    config = Config()

    assert config.gap == "[…]"
    assert config.report_threshold is None
    assert config.rules == config.allow == config.disable == config.flag_only == ()


def test_a_config_is_frozen_and_can_be_a_key() -> None:
    config = make_config({"rules": [RULE]})

    with pytest.raises(dataclasses.FrozenInstanceError):
        config.gap = ""  # type: ignore[misc]
    assert hash(config) == hash(make_config({"rules": [RULE]}))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"gapp": "x"}, "unknown key 'gapp'; did you mean 'gap'?"),
        ({"clean-threshold": 0.9}, "did you mean 'clean_threshold'?"),
        ({"zzzzzz": 1}, "unknown key 'zzzzzz'; known: allow, clean_threshold"),
        ({"gap": 3}, "gap: 3 is not of type str"),
        ({"gap": "a\nb"}, "holds a line break"),
        ({"gap": "a\rb"}, "holds a line break"),
        ({"gap": " "}, "gap: .* blank"),
        ({"gap": "[…] "}, "gap: .* blank"),
        ({"report_threshold": 1.5}, "report_threshold: 1.5 is not between 0 and 1"),
        ({"report_threshold": -0.1}, "not between 0 and 1"),
        ({"clean_threshold": float("nan")}, "not between 0 and 1"),
        ({"clean_threshold": float("inf")}, "not between 0 and 1"),
        ({"clean_threshold": "0.9"}, "'0.9' is not of type float"),
        ({"clean_threshold": True}, "True is not of type float"),
        ({"max_bytes": 0}, "leaves nothing to read"),
        ({"max_bytes": 1.5}, "1.5 is not of type int"),
        ({"max_bytes": True}, "True is not of type int"),
        ({"fail_on": "always"}, "'always' is not one of injected, any, never"),
        ({"disable": "boilerplate"}, "disable: give a list of categories"),
        ({"disable": [1]}, "disable: give a list of categories"),
        ({"disable": ["boilerplate/foot"]}, "did you mean 'boilerplate/footer'?"),
        ({"flag_only": ["injected/gamble"]}, "did you mean 'injected/gambling'?"),
        ({"rules": RULE}, r"rules: write each one as a table, \[\[rules\]\]"),
        ({"rules": ["nhà cái"]}, "write each one as a table"),
        ({"rules": [{**RULE, "match": ["nhà nước"]}]}, r"rules\[house\]: does not match its own"),
        ({"rules": [{**RULE, "id": None}]}, r"rules\[None\]: id must be a text"),
        ({"rules": [RULE, RULE]}, "two rules are called 'house'"),
        ({"allow": [{"text": "sòng bài"}]}, r"allow\[1\]: an exception needs a reason"),
        ({"allow": {"text": "a", "reason": "b"}}, r"\[\[allow\]\]"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(
    table: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        make_config(table)


@pytest.mark.parametrize("threshold", [0, 0.0, 1, 1.0, 0.5])
def test_thresholds_reach_from_zero_to_one(threshold: float) -> None:
    assert make_config({"clean_threshold": threshold}).clean_threshold == float(threshold)


@pytest.mark.parametrize(
    ("entries", "category", "named"),
    [
        (("boilerplate",), "boilerplate/share", True),
        (("boilerplate/share",), "boilerplate/share", True),
        (("boilerplate/share",), "boilerplate/login", False),
        (("injected",), "boilerplate/share", False),
        ((), "boilerplate/share", False),
    ],
)
def test_a_category_is_named_by_itself_or_its_kind(
    entries: tuple[str, ...], category: str, named: bool
) -> None:
    assert Config(disable=entries).is_disabled(category) is named
    assert Config(flag_only=entries).is_flag_only(category) is named


def test_did_you_mean_lists_what_is_known_when_nothing_is_near() -> None:
    assert did_you_mean("qqq", ("a", "b")) == "; known: a, b"


def test_flags_that_were_given_come_before_the_file() -> None:
    config = make_config({"gap": "[...]", "fail_on": "any"})

    assert override(config, gap="", fail_on=None) == make_config({"gap": "", "fail_on": "any"})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    far = write(tmp_path / "injectclean.toml", 'gap = "far"')
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_config(str(deep)) == str(far)
    near = write(tmp_path / "a" / "pyproject.toml", '[tool.injectclean]\ngap = "near"')
    assert find_config(str(deep)) == str(near)
    assert read_config(str(near)).gap == "near"
    own = write(tmp_path / "a" / "injectclean.toml", 'gap = "own"')
    assert find_config(str(deep)) == str(own)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[tool.ruff]\nline-length = 100\n",
        "[project]\nname = 'injectclean'\n",
        "tool = 3\n",
        "# injectclean\n[[[ broken\n",
        "x = 1\nx = 2 # [tool]\n",
    ],
)
def test_a_pyproject_of_somebody_else_is_passed_by(tmp_path: Path, text: str) -> None:
    write(tmp_path / "a" / "pyproject.toml", text)
    own = write(tmp_path / "injectclean.toml", "")

    assert find_config(str(tmp_path / "a")) == str(own)


def test_a_broken_pyproject_that_speaks_of_us_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[tool.injectclean]\ngap = \n")

    assert find_config(str(tmp_path)) == str(path)
    with pytest.raises(ConfigError, match=r"pyproject\.toml: not TOML"):
        read_config(str(path))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("injectclean.toml", "gapp = 1", r"injectclean\.toml: unknown key 'gapp'; did you mean"),
        ("injectclean.toml", "gap", "not TOML"),
        ("injectclean.toml", "a = " + "[" * 100_000, "not TOML"),
        ("injectclean.toml", '[tool.injectclean]\ngap = "x"', "unknown key 'tool'"),
        ("pyproject.toml", "[tool]\ninjectclean = 3", "write it as a table"),
        ("pyproject.toml", "[tool.injectclean]\nzap = 1", r"pyproject\.toml: unknown key 'zap'"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = write(tmp_path / name, text)

    with pytest.raises(ConfigError, match=message):
        read_config(str(path))


def test_a_file_that_is_not_utf_8_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "injectclean.toml"

    with pytest.raises(ConfigError, match=r"injectclean\.toml: No such file"):
        read_config(str(path))
    path.write_bytes(b'gap = "\xff"')
    with pytest.raises(ConfigError, match=r"injectclean\.toml: not TOML"):
        read_config(str(path))


def test_a_file_with_everything_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "injectclean.toml",
        """
        gap = ""
        report_threshold = 0.4
        clean_threshold = 1
        flag_only = ["boilerplate"]
        disable = ["injected/seo"]
        max_bytes = 1000
        fail_on = "injected"
        model = "mine.npz"

        [[rules]]
        id = "house"
        pattern = "nhà cái *88"
        category = "injected/gambling"
        action = "flag"
        match = ["nhà cái abc88"]
        no_match = ["nhà cái này"]

        [[allow]]
        text = "sòng bài Phú Quốc"
        category = "injected"
        reason = "tên dự án"
        """,
    )

    config = read_config(str(path))

    assert config.clean_threshold == 1.0
    assert [rule.id for rule in config.rules] == ["house"]
    assert [entry.reason for entry in config.allow] == ["tên dự án"]


def test_a_model_is_looked_for_beside_the_file_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "site" / "injectclean.toml", 'model = "models/mine.npz"')

    assert read_config(str(path)).model == str(tmp_path / "site" / "models" / "mine.npz")
    write(path, 'model = "/opt/mine.npz"')
    assert read_config(str(path)).model == "/opt/mine.npz"
