"""Knowledge of scripts and languages: data files, read once, and nothing else."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))


@cache
def look_alikes() -> dict[int, int]:
    """Code point of a look-alike letter -> code point of the Latin letter that it imitates."""
    with open(os.path.join(_FOLDER, "look_alikes.json"), encoding="utf-8") as file:
        groups: dict[str, str] = json.load(file)
    return {ord(other): ord(latin) for latin, others in groups.items() for other in others}


def explanations() -> dict[str, dict[str, Any]]:
    """Category -> ``finds``, ``why`` (English), and the examples ``found`` and ``stays``."""
    with open(os.path.join(_FOLDER, "categories.json"), encoding="utf-8") as file:
        explained: dict[str, dict[str, Any]] = json.load(file)
    return explained
