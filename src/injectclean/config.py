"""One frozen Config, from defaults, a file and flags.

A file is ``injectclean.toml``, or the table ``[tool.injectclean]`` of ``pyproject.toml``; the
nearest one at or above a folder counts. An unknown key is an error that names the likely one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from injectclean.errors import ConfigError
from injectclean.report import CATEGORIES
from injectclean.rules import Allow, Rule, make_allow, make_rule
from injectclean.values import field_names, frozen, replace

FILE_NAMES = ("injectclean.toml", "pyproject.toml")
FAIL_ON = ("injected", "any", "never")
# A line without which a pyproject.toml can't hold our table, however it is written.
_OWN_TABLE = rb"""(?m)^[ \t]*(?:\[+[ \t]*)?["']?tool["']?[ \t]*(?:\.[ \t]*["']?injectclean|\]|=)"""


@frozen
class Config:
    """Everything that a user can set.

    Attributes:
        gap: mark left where an injected phrase replaced words of the article; ``""`` for none.
        report_threshold: score in [0, 1] from which a finding is reported; None: the model's.
        clean_threshold: score in [0, 1] from which it is acted on; None: the model's.
        flag_only: categories, or their first part (``"boilerplate"``), that are never edited.
        disable: categories, or their first part, that are not looked for.
        max_bytes: the largest input that is read, in bytes.
        fail_on: which findings make a scan exit with 1.
        model: path of another model file.
        profile: path of the profile of the site that the documents come from.
        rules: the user's own phrases and patterns.
        allow: deliberate exceptions, each with a reason.
    """

    gap: str = "[…]"
    report_threshold: float | None = None
    clean_threshold: float | None = None
    flag_only: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    max_bytes: int = 64 * 1024 * 1024
    fail_on: str | None = None
    model: str | None = None
    profile: str | None = None
    rules: tuple[Rule, ...] = ()
    allow: tuple[Allow, ...] = ()

    def __post_init__(self) -> None:
        _check_threshold("report_threshold", self.report_threshold)
        _check_threshold("clean_threshold", self.clean_threshold)
        for key in ("flag_only", "disable"):
            for category in getattr(self, key):
                _check_category(key, category)
        if any(character in self.gap for character in "\r\n"):
            raise ConfigError("gap: a gap mark stays on its line; it holds a line break")
        if self.gap != self.gap.strip():
            raise ConfigError("gap: a gap mark begins and ends with no blank; the text has its own")
        if self.max_bytes < 1:
            raise ConfigError(f"max_bytes: {self.max_bytes} leaves nothing to read")
        if self.fail_on is not None and self.fail_on not in FAIL_ON:
            raise ConfigError(f"fail_on: {self.fail_on!r} is not one of {', '.join(FAIL_ON)}")

    def is_disabled(self, category: str) -> bool:
        """Whether the category, or all of its kind, is switched off."""
        return _names(self.disable, category)

    def is_flag_only(self, category: str) -> bool:
        """Whether findings of the category are only reported."""
        return _names(self.flag_only, category)


def find_config(folder: str) -> str | None:
    """The nearest configuration file at or above ``folder``."""
    current = os.path.abspath(folder)
    while True:
        for name in FILE_NAMES:
            path = os.path.join(current, name)
            if os.path.isfile(path) and (name != "pyproject.toml" or _has_table(path)):
                return path
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def read_config(path: str) -> Config:
    """Read a configuration file; a model or profile that it names lies relative to it.

    Raises:
        ConfigError: unreadable, not TOML, an unknown key, a wrong value, a rule that fails its own
            texts.
    """
    data = _read_toml(path)
    try:
        config = make_config(_own_table(data) if _is_pyproject(path) else data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    folder = os.path.dirname(path)
    named = {key: getattr(config, key) for key in ("model", "profile")}
    return override(config, **{k: v and os.path.join(folder, v) for k, v in named.items()})


def make_config(table: Mapping[str, Any]) -> Config:
    """Make a Config of plain values, as a file holds them.

    >>> make_config({"gap": "[...]", "disable": ["boilerplate/share"]}).gap
    '[...]'
    """
    known = field_names(Config)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"unknown key {key!r}{did_you_mean(key, known)}")
        values[key] = _convert(key, value)
    return Config(**values)


def override(config: Config, **flags: Any) -> Config:
    """Return ``config`` with those flags that were given (are not None)."""
    return replace(config, **{key: value for key, value in flags.items() if value is not None})


def did_you_mean(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """A hint at the nearest known word, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(known))}"


def _convert(key: str, value: Any) -> Any:
    if key == "rules":
        return _distinct(make_rule(entry, index) for index, entry in _entries(key, value))
    if key == "allow":
        return tuple(make_allow(entry, index) for index, entry in _entries(key, value))
    if key in ("disable", "flag_only"):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{key}: give a list of categories")
        return tuple(value)
    wanted = {"report_threshold": float, "clean_threshold": float, "max_bytes": int}.get(key, str)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ConfigError(f"{key}: {value!r} is not of type {wanted.__name__}")
    return value


def _distinct(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    named: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in named:
            raise ConfigError(f"rules: two rules are called {rule.id!r}")
        named[rule.id] = rule
    return tuple(named.values())


def _entries(key: str, value: Any) -> list[tuple[int, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ConfigError(f"{key}: write each one as a table, [[{key}]]")
    return list(enumerate(value, 1))


def _check_threshold(key: str, value: float | None) -> None:
    if value is not None and not 0.0 <= value <= 1.0:
        raise ConfigError(f"{key}: {value} is not between 0 and 1")


def _check_category(key: str, category: str) -> None:
    known = (*CATEGORIES, "injected", "boilerplate")
    if category not in known:
        raise ConfigError(f"{key}: no category {category!r}{did_you_mean(category, known)}")


def _names(entries: tuple[str, ...], category: str) -> bool:
    return category in entries or category.partition("/")[0] in entries


def _is_pyproject(path: str) -> bool:
    return os.path.basename(path) == "pyproject.toml"


def _own_table(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """``[tool.injectclean]`` of a pyproject.toml; empty where it has none."""
    tools = data.get("tool")
    table = tools.get("injectclean", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError("tool.injectclean: write it as a table, [tool.injectclean]")
    return table


def _has_table(path: str) -> bool:
    data = _read(path)
    if b"injectclean" not in data or re.search(_OWN_TABLE, data) is None:
        return False  # and tomllib is not even imported
    try:
        tools = _parse(path, data).get("tool")
    except ConfigError:
        # Somebody else's broken pyproject.toml is not ours to judge, unless it speaks of us.
        return b"[tool.injectclean" in data
    return isinstance(tools, dict) and "injectclean" in tools


def _read_toml(path: str) -> dict[str, Any]:
    return _parse(path, _read(path))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        hint = "name another with --config, or pass by it with --isolated"
        raise ConfigError(f"{path}: {error.strerror}; {hint}") from error


def _parse(path: str, data: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
