"""Knowledge of scripts and languages: data files, read once, and nothing else."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _read(*path: str) -> Any:
    with open(os.path.join(_FOLDER, *path), encoding="utf-8") as file:
        return json.load(file)


@cache
def look_alikes() -> dict[int, int]:
    """Code point of a look-alike letter -> code point of the Latin letter that it imitates."""
    groups: dict[str, str] = _read("look_alikes.json")
    return {ord(other): ord(latin) for latin, others in groups.items() for other in others}


def explanations() -> dict[str, dict[str, Any]]:
    """Category -> ``finds``, ``why`` (English), and the examples ``found`` and ``stays``."""
    explained: dict[str, dict[str, Any]] = _read("categories.json")
    return explained


def spellings() -> list[dict[str, Any]]:
    """How syllables are spelled and typed, of each language of syllables (``spelling.json``)."""
    folders = sorted(entry.name for entry in os.scandir(_FOLDER) if entry.is_dir())
    named = ((folder, "spelling.json") for folder in folders)
    return [_read(*path) for path in named if os.path.exists(os.path.join(_FOLDER, *path))]
