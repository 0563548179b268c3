"""Folds that do not leak: what belongs together is held out together."""

from __future__ import annotations

import zlib
from collections.abc import Iterable


def folds_of(groups: Iterable[str], count: int) -> dict[str, int]:
    """Deal groups out to ``count`` folds, by the order of a hash of their names.

    Groups of one kind (the part before the slash) are spread evenly over the folds.

    >>> sorted(set(folds_of(["pages/a", "pages/b", "pages/c"], 3).values()))
    [0, 1, 2]
    """
    dealt: dict[str, int] = {}
    places: dict[str, int] = {}
    for group in sorted(set(groups), key=lambda name: (zlib.crc32(name.encode()), name)):
        kind = group.partition("/")[0]
        dealt[group] = places.get(kind, 0) % count
        places[kind] = places.get(kind, 0) + 1
    return dealt
