r"""How much of a line the article says, too: furniture speaks of its site, a title of its article.

Words such as "send" and "rate" are a comment form's, and stand in titles. What tells them apart
is not the line: of a title the article repeats names and phrases, two words at a time.

>>> body = "The council of Orla rebuilt the old stone bridge over the Venn this spring, and so on. "
>>> echo = Echo([body * 2])
>>> round(echo.share("Send your view: Orla rebuilt the old stone bridge"), 2)
0.62
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from injectclean.shape import MIDDLE
from injectclean.tokens import find_tokens, fold

LEAST_WORDS = 8  # fewer are a name or a heading, which the article may share with the site's menu
Pair = tuple[str, str]


class Echo:
    """The pairs of words of an article's long lines; teasers repeat their titles and are none."""

    def __init__(self, article: Sequence[str]) -> None:
        self._article = article

    def share(self, line: str) -> float:
        """Share of a line's pairs of words that the article has; 0.0 of a line of few words."""
        pairs = _pairs(line)
        if len(pairs) < LEAST_WORDS - 1:
            return 0.0
        return len(pairs & self._said) / len(pairs)

    @cached_property
    def _said(self) -> set[Pair]:
        return {pair for text in self._article if len(text) >= MIDDLE for pair in _pairs(text)}


def _pairs(text: str) -> set[Pair]:
    return set(pairwise(map(fold, find_tokens(text))))
