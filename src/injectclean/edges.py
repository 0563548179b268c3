"""Where a phrase around a core most likely begins and ends: edges, weighed and ranked."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from injectclean.forest import Forest
from injectclean.sentences import ENDS, has_end
from injectclean.stretch import MAX_SPAN, QUOTES, Stretch, Window, has_scar

MAX_MOVE = 6  # tokens by which an edge may move off the core's, or to its sentence's edge
EDGES = 3  # starts, and ends, of a core that are tried with one another
PAIRS = 4  # of them, those that are kept
EDGE_FEATURES = (
    "gain", "added", "added_mean", "dropped", "dropped_mean", "repeat_break",
    "inside", "outside", "outside_mean", "across_count", "across_unseen", "across_pull",
    "inner_count", "inner_pull",
    "at_line", "at_sentence", "at_mark", "at_quote", "at_blank", "break_scar",
    "inside_upper", "outside_upper", "plain_change", "capital_outside",
)  # fmt: skip
_ENDS = frozenset(ENDS)
_MARK = re.compile(r"[^\w\s]")

Repeated = Mapping[tuple[str, str], int]


def place_edges(
    judges: Mapping[int, Forest],
    stretch: Stretch,
    core: Window,
    repeated: Repeated,
    most: int = EDGES,
) -> list[tuple[int, int, float]]:
    """The likeliest starts and ends near those of stage 1, and their log-odds together.

    ``most`` starts are tried with as many ends.
    """
    best = {
        side: sorted(
            (
                (
                    judges[side].logit(edge_features(stretch, at, side, core, repeated)),
                    -abs(at - core[side > 0]),
                    at,
                )
                for at in edge_choices(stretch, core, side)
            ),
            reverse=True,
        )[:most]
        for side in (-1, 1)
    }
    pairs = [
        (left + right, start, end)
        for left, _, start in best[-1]
        for right, _, end in best[1]
        if start < end
    ]
    return [(start, end, odds) for odds, start, end in sorted(pairs, reverse=True)[:PAIRS]]


def edge_odds(judges: Mapping[int, Forest], stretch: Stretch, span: Window) -> float:
    """The log-odds of both edges of a span, which is its own core."""
    return sum(
        judges[side].logit(edge_features(stretch, span[side > 0], side, span, {}))
        for side in (-1, 1)
    )


def edge_choices(stretch: Stretch, core: Window, side: int) -> list[int]:
    """Token positions at which a span around ``core`` may start (side -1) or end (side 1)."""
    start, end = core
    count = len(stretch.tokens)
    if side < 0:
        near = range(max(0, start - MAX_MOVE), min(end - 1, start + MAX_MOVE) + 1)
        far = range(start - MAX_MOVE - 1, max(-1, end - MAX_SPAN), -1)
    else:
        near = range(max(start + 1, end - MAX_MOVE), min(count, end + MAX_MOVE) + 1)
        far = range(end + MAX_MOVE + 1, min(count, start + MAX_SPAN) + 1)
    stop = next((at for at in far if _may_end(stretch.between(at))), None)
    return list(near) if stop is None else [*near, stop]


def pair_repeats(stretches: Iterable[Stretch]) -> Counter[tuple[str, str]]:
    """How often the document's suspicious stretches have each pair of folds."""
    counts: Counter[tuple[str, str]] = Counter()
    seen: set[int] = set()
    for stretch in stretches:
        if id(stretch) not in seen:
            seen.add(id(stretch))
            folds = [token.folded for token in stretch.tokens]
            counts.update(pairwise(folds))
    return counts


def edge_features(
    stretch: Stretch,
    at: int,
    side: int,
    core: Window,
    repeated: Repeated,
) -> tuple[float, ...]:
    """Features of an edge before token ``at``; ``side`` is -1 for a start and 1 for an end.

    ``core`` is the token range that stage 1 proposed; ``repeated`` counts the document's pairs.
    Order: ``EDGE_FEATURES``.
    """
    start, end = (at, core[1]) if side < 0 else (core[0], at)
    gain = stretch.window(start, end) - stretch.window(*core)
    return (
        max(-8.0, min(8.0, gain)),
        *_moved(stretch, at, core[side > 0], side),
        _repeat_break(stretch, at, side, repeated),
        *_edge_itself(stretch, at, side),
    )


def _edge_itself(stretch: Stretch, at: int, side: int) -> tuple[float, ...]:
    """Features of an edge that do not depend on the core, measured once."""
    found = stretch.edge_memo.get((at, side))
    if found is None:
        found = stretch.edge_memo[at, side] = _measure_edge(stretch, at, side)
    return found


def _measure_edge(stretch: Stretch, at: int, side: int) -> tuple[float, ...]:
    tokens, count = stretch.tokens, len(stretch.tokens)
    inner, outer = (at, at - 1) if side < 0 else (at - 1, at)
    has_outer = 0 <= outer < count
    outside = (
        stretch.singles[max(0, outer - 2) : outer + 1]
        if side < 0
        else stretch.singles[outer : outer + 3]
    )
    gap = stretch.between(at)
    at_line = "\n" in gap
    at_sentence = not at_line and has_end(gap)
    marked = not at_line and not at_sentence and _MARK.search(gap) is not None
    quoted = marked and not QUOTES.isdisjoint(gap)
    across = stretch.across(at)
    second = inner + 1 if side < 0 else inner
    pair = stretch.pairs[at] if 0 < at < count else 0.0
    share = stretch.counts.capital_after if side < 0 else stretch.counts.capital_before
    return (
        stretch.singles[inner],
        (stretch.singles[outer] if has_outer else 0.0) + pair,
        sum(outside) / len(outside) if has_outer else 0.0,
        across,
        float(has_outer and across == 0.0),
        stretch.pull(at),
        stretch.across(second),
        stretch.pull(second),
        float(at_line),
        float(at_sentence),
        float(marked and not quoted),
        float(quoted),
        float(not (at_line or at_sentence or marked)),
        float(side > 0 and at == count and has_scar(stretch.text, tokens[at - 1].end)),
        float(tokens[inner].text[0].isupper()),
        float(has_outer and tokens[outer].text[0].isupper()),
        float(has_outer and tokens[inner].text.isascii() and not tokens[outer].text.isascii()),
        share(tokens[outer].folded) if has_outer else 0.0,
    )


def _repeat_break(stretch: Stretch, at: int, side: int, repeated: Repeated) -> float:
    """How much oftener the document has the pair inside the edge than the pair across it.

    A phrase put into several places keeps its inside and changes its neighbours.
    """
    tokens, count = stretch.tokens, len(stretch.tokens)
    second = at + 1 if side < 0 else at - 1
    if not 0 < second < count:
        return 0.0
    inside = repeated.get((tokens[second - 1].folded, tokens[second].folded), 1)
    if inside < 2:
        return 0.0
    across = 1
    if 0 < at < count:
        across = repeated.get((tokens[at - 1].folded, tokens[at].folded), 1)
    return math.log(inside / across)


def _moved(stretch: Stretch, at: int, core: int, side: int) -> tuple[float, float, float, float]:
    """How many tokens an edge at ``at`` adds to or drops from the core, and their mean scores."""
    low, high = min(at, core), max(at, core)
    if low == high:
        return 0.0, 0.0, 0.0, 0.0
    mean = stretch.window(low, high) / (high - low)
    size = math.log1p(high - low)
    added = (at < core) == (side < 0)
    return (size, mean, 0.0, 0.0) if added else (0.0, 0.0, size, mean)


def _may_end(gap: str) -> bool:
    return "\n" in gap or not _ENDS.isdisjoint(gap)
