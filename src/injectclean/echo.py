r"""How much of a line the article says, too: furniture speaks of its site, a title of its article.

Words such as "send" and "rate" are a comment form's, and stand in titles. What tells them apart
is not the line: of a title the article repeats names and phrases, two words at a time.

>>> from injectclean.shape import rows_of
>>> body = "The council of Orla rebuilt the old stone bridge over the Venn this spring, and " * 2
>>> rows = rows_of(f"Send your view: Orla rebuilt the old stone bridge\n{body}")
>>> round(Echo(rows).share(0), 2)
0.62
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from injectclean.shape import MIDDLE, Row
from injectclean.tokens import find_tokens, fold

LEAST_WORDS = 8  # fewer are a name or a heading, which the article may share with the site's menu
Pair = tuple[str, str]


class Echo:
    """The pairs of words of a document's long lines."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def share(self, index: int) -> float:
        """Share of a line's pairs of words that other lines, long ones, have; 0.0 of few words."""
        pairs = _pairs(self._rows[index].text)
        if len(pairs) < LEAST_WORDS - 1:
            return 0.0
        own = int(_is_long(self._rows[index]))
        return sum(self._said[pair] > own for pair in pairs) / len(pairs)

    @cached_property
    def _said(self) -> Counter[Pair]:
        """How many long lines have each pair."""
        return Counter(pair for row in self._rows if _is_long(row) for pair in _pairs(row.text))


def _is_long(row: Row) -> bool:
    return len(row.text) >= MIDDLE


def _pairs(text: str) -> set[Pair]:
    return set(pairwise(map(fold, find_tokens(text))))
