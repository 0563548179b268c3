r"""A site's profile: the lines that repeat across its pages, as evidence that they are furniture.

A line is known by its folds with every number alike, so that a visitor counter is the same line on
each page. It says how many of the site's pages have it, and where on them it usually stands. It is
an object that is made, read and given to a scanner; nothing is learned behind anybody's back.

>>> profile = learn_profile(["Trang chủ\nBài một.\nLượt xem: 12", "Trang chủ\nLượt xem: 7"])
>>> profile.pages, profile.share("lượt xem: 99"), profile.share("Bài một.")
(2, 0.5, 0.0)
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from injectclean.document import with_line_feeds
from injectclean.errors import ConfigError
from injectclean.normalize import matching_view
from injectclean.shape import LONG_PARAGRAPH, is_name_like, rows_of
from injectclean.tokens import find_tokens, fold
from injectclean.values import NamedTuple

SCHEMA = "injectclean/profile/1"
LEAST_PAGES = 2  # that have a line, for it to repeat
MAX_LINES = 20_000  # that a profile keeps, those on the most pages
MAX_BYTES = 64 * 1024 * 1024  # of a profile's file


class Repeated(NamedTuple):
    """A line: how many pages have it, and its mean place on them (0.0 first line, 1.0 last)."""

    pages: int
    place: float


class SiteProfile(NamedTuple):
    """The repeated lines of a site, by their keys, and how many pages were looked at."""

    pages: int
    lines: Mapping[str, Repeated]

    def share(self, line: str) -> float:
        """The share of the site's pages, in [0, 1], that have a line; 0.0 if it does not repeat.

        One of the pages does not count: two may be the same article at two addresses.
        """
        found = self.lines.get(key_of(line))
        return 0.0 if found is None else (found.pages - 1) / self.pages

    def to_json(self) -> str:
        """The profile as JSON, the same bytes for the same pages in whatever order."""
        lines = {key: [line.pages, line.place] for key, line in self.lines.items()}
        data = {"schema": SCHEMA, "pages": self.pages, "lines": lines}
        return json.dumps(data, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def key_of(line: str) -> str:
    """What a line is known by: its folds, numbers alike; nothing for what an article may repeat.

    A paragraph that repeats is the same article at two addresses, all dates look alike, and names
    are those of authors.

    >>> key_of(" • Đang online: 17"), key_of("12/5/2024 - 8:30"), key_of("Trọng Hoản")
    ('dang online 0', '', '')
    """
    if len(line) >= LONG_PARAGRAPH or is_name_like(line):
        return ""
    folds = [fold(token) for token in find_tokens(line)]
    if 2 * sum(map(str.isdecimal, folds)) >= len(folds):
        return ""
    return " ".join("0" if folded.isdecimal() else folded for folded in folds)


def learn_profile(pages: Iterable[str]) -> SiteProfile:
    """The lines that at least ``LEAST_PAGES`` of the pages have.

    Args:
        pages: texts of pages of one site.
    """
    counts: dict[str, int] = {}
    places: dict[str, float] = {}
    total = 0
    for page in pages:
        total += 1
        rows = rows_of(matching_view(with_line_feeds(page)).text)
        last = max(1, len(rows) - 1)
        seen = {key_of(row.text): at / last for at, row in reversed(list(enumerate(rows)))}
        for key, place in seen.items():
            counts[key] = counts.get(key, 0) + 1
            places[key] = places.get(key, 0.0) + place
    repeated = (key for key, count in counts.items() if key and count >= LEAST_PAGES)
    kept = sorted(repeated, key=lambda key: (-counts[key], key))[:MAX_LINES]
    lines = {key: Repeated(counts[key], _rounded(places[key] / counts[key])) for key in kept}
    return SiteProfile(total, lines)


def _rounded(place: float) -> float:
    return round(place, 4)  # as it is written


def read_profile(path: str) -> SiteProfile:
    """Read a profile.

    Raises:
        ConfigError: it is missing, damaged or something else.
    """
    try:
        if os.path.getsize(path) > MAX_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes; not a site profile")
        with open(path, encoding="utf-8") as file:
            return _profile(json.load(file))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a site profile: {error}") from error


def _profile(data: Any) -> SiteProfile:
    if data["schema"] != SCHEMA:
        raise ValueError(f"its schema is {data['schema']!r}")
    pages = int(data["pages"])
    lines = {key: Repeated(int(n), float(place)) for key, (n, place) in data["lines"].items()}
    if not all(0 < line.pages <= pages for line in lines.values()):
        raise ValueError("a line is on more pages than there are")
    return SiteProfile(pages, lines)
