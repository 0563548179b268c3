"""The states of lines, and the sequence of them: a linear-chain conditional random field.

A state sums up the labels that behave alike in a sequence. What a line's words say of its states,
and its shape, are weighed together with what all other lines of the document say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

STATES = ("head", "date", "body", "aside", "byline", "related", "image", "furniture")
CONTENT_STATES = 5  # the first ones
LOG_FLOOR = -8.0


def state_of(label: str) -> int:
    """The state of the sequence model that a label belongs to."""
    kind, _, name = label.partition("/")
    if kind == "boilerplate":
        name = {"related": "related", "image-placeholder": "image"}.get(name, "furniture")
    else:
        name = _CONTENT_STATE.get(name, "body")
    return STATES.index(name)


_CONTENT_STATE = {
    "title": "head", "lead": "head", "subhead": "head", "date": "date", "body": "body",
    "caption": "aside", "item": "aside", "attachment": "aside", "byline": "byline",
}  # fmt: skip


def state_log_probabilities(values: Sequence[float], states: Sequence[int]) -> list[float]:
    """Sum the labels' probabilities within each state; logarithms, floored."""
    sums = [0.0] * len(STATES)
    for value, state in zip(values, states, strict=True):
        sums[state] += math.exp(value)
    return [max(LOG_FLOOR, math.log(value)) if value > 0.0 else LOG_FLOOR for value in sums]


def furniture_share(posterior: Sequence[float]) -> float:
    """Probability of all states that are furniture."""
    return min(1.0, sum(posterior[CONTENT_STATES:]))


class Chain:
    """Linear-chain conditional random field over ``STATES``; posteriors by forward-backward."""

    def __init__(self, card: Mapping[str, Sequence[Sequence[float]]]) -> None:
        self._words = card["words"]
        self._shapes = card["shapes"]
        self._moves = [[math.exp(value) for value in row] for row in card["moves"]]
        self._first, self._last = card["ends"]

    def posteriors(
        self, words: Sequence[Sequence[float]], shapes: Sequence[Sequence[int]]
    ) -> list[list[float]]:
        """For each line the probability of every state, given all lines of the document."""
        potentials = [self._potential(w, s) for w, s in zip(words, shapes, strict=True)]
        if not potentials:
            return []
        potentials[0] = [value + end for value, end in zip(potentials[0], self._first, strict=True)]
        potentials[-1] = [
            value + end for value, end in zip(potentials[-1], self._last, strict=True)
        ]
        scaled = [_exp_scaled(row) for row in potentials]
        forward = [_normalized(scaled[0])]
        columns = list(zip(*self._moves, strict=True))
        for row in scaled[1:]:
            before = forward[-1]
            reached = [sum(map(float.__mul__, before, column)) for column in columns]
            forward.append(_normalized(list(map(float.__mul__, reached, row))))
        backward = [1.0] * len(STATES)
        found = [forward[-1]]
        for index in range(len(scaled) - 2, -1, -1):
            ahead = list(map(float.__mul__, backward, scaled[index + 1]))
            backward = _normalized([sum(map(float.__mul__, ahead, row)) for row in self._moves])
            found.append(_normalized(list(map(float.__mul__, forward[index], backward))))
        return found[::-1]

    def _potential(self, words: Sequence[float], shapes: Sequence[int]) -> list[float]:
        sums = [0.0] * len(STATES)
        for value, row in zip(words, self._words, strict=True):
            for state, weight in enumerate(row):
                sums[state] += value * weight
        for shape in shapes:
            for state, weight in enumerate(self._shapes[shape]):
                sums[state] += weight
        return sums


def _exp_scaled(values: Sequence[float]) -> list[float]:
    top = max(values)
    return [math.exp(value - top) for value in values]


def _normalized(values: list[float]) -> list[float]:
    total = sum(values)
    if total <= 0.0:
        return [1.0 / len(values)] * len(values)
    return [value / total for value in values]
