"""Pieces of a line: where it may be cut, and what is known of a piece beside the others.

Furniture is glued to the lines of an article, too: a view counter behind the date, a menu before
the first sentence. A piece stands between strong separators, and is told by its own words, those of
its neighbours, and its form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from injectclean.chain import STATES, furniture_share
from injectclean.shape import (
    ends_sentence,
    has_date,
    is_bracketed,
    is_label_number,
    starts_with_arrow,
)

PIECE_FEATURES = (
    "alone", "related", "others", "beside_date", "length", "line_length", "at_start", "at_end",
    "label_number", "has_date", "arrow", "bracketed", "sentence", "digits", "lower",
)  # fmt: skip
SHORT_LINE = 300  # code points up to which every piece of a line is looked at
LONG_LINE = 4000  # code points from which a line is as long as any
_RELATED, _DATE = (STATES.index(name) for name in ("related", "date"))

# What each of them begins with is looked for first: most places of a line have nothing of it.
_SEPARATOR = re.compile(
    r"(?=[\s|\]>])"
    r"(?:\s+[-|·/»]+\s+|\s*\|\s*|\t+|\s{3,}|(?<=[.!?)\]\w])\s*(?=>>)|\]\s*|(?<=[.!?])\s+)"
)
# Read as their like within Latin-1: a class of signs beyond it takes long to compile.
_LIKE = (("–", "-"), ("•", "·"), ("…", "."))


def outer_pieces(places: Sequence[tuple[int, int]], size: int) -> Sequence[tuple[int, int]]:
    """All pieces of a short line; of a long one those at its ends, where furniture is glued."""
    return places if size <= SHORT_LINE or len(places) <= 4 else [*places[:2], *places[-2:]]


def cut_pieces(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of the pieces of a line between strong separators, blanks left out.

    A piece holds a letter or a digit; a line without separators is one piece. A dash before a small
    letter separates nothing: it stands in a word ("kinh tế - xã hội") or in a sentence.

    >>> line = "Phát triển kinh tế - xã hội của huyện - Lượt xem: 12"
    >>> [line[low:high] for low, high in cut_pieces(line)]
    ['Phát triển kinh tế - xã hội của huyện', 'Lượt xem: 12']
    """
    plain = text
    for sign, like in _LIKE:
        plain = plain.replace(sign, like)
    separators = [
        found.span()
        for found in _SEPARATOR.finditer(plain)
        if found[0].strip() != "-" or not plain[found.end() : found.end() + 1].islower()
    ]
    cuts = [0, *(at for span in separators for at in span), len(text)]
    pieces: list[tuple[int, int]] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        piece = text[start:end]
        if any(map(str.isalnum, piece)):
            low = start + len(piece) - len(piece.lstrip())
            pieces.append((low, low + len(piece.strip())))
    return pieces


def piece_features(
    text: str, place: tuple[int, int], states: Sequence[float], others: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Features of a piece of a line, in the order of ``PIECE_FEATURES``.

    ``states`` are the probabilities of its states by its words alone, ``others`` those of the
    line's other pieces.
    """
    piece = text[place[0] : place[1]]
    chance = min(max(furniture_share(states), 1e-4), 1 - 1e-4)
    beside = [furniture_share(other) for other in others] or [0.0]
    return (
        math.log(chance / (1.0 - chance)),
        states[_RELATED],
        sum(beside) / len(beside),
        max((other[_DATE] for other in others), default=0.0),
        math.log(len(piece)),
        math.log(min(len(text), LONG_LINE)),
        float(place[0] == 0),
        float(place[1] == len(text)),
        float(is_label_number(piece)),
        float(has_date(piece)),
        float(starts_with_arrow(piece)),
        float(is_bracketed(piece)),
        float(ends_sentence(piece)),
        float(any(map(str.isdigit, piece))),
        float(piece[0].islower()),
    )
