"""What the finders see in a view, as proposals in offsets of the original text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from injectclean.boilerplate import LineScore, shape_names
from injectclean.campaign import Found, Thresholds, find_injected
from injectclean.config import Config
from injectclean.echo import Echo
from injectclean.extent import reach
from injectclean.features import place_of
from injectclean.injected import InjectedFinder
from injectclean.normalize import View
from injectclean.reasons import (
    boilerplate_reason,
    injected_reason,
    piece_reason,
)
from injectclean.report import ALLOWED
from injectclean.resolve import Proposal, sentence_goes_on
from injectclean.rules import find_allow, find_rule
from injectclean.spans import Span
from injectclean.tokens import tokenize

MIN_PAGE = 80  # code points; in less there is no page around a line that could tell what it is
MAX_EVIDENCE = 6  # terms kept with a finding
ANCHOR = 0.65  # chance by its words alone of a line, without which lines near it do not go
BEHIND_ANCHOR, BEFORE_ANCHOR = 20, 10  # lines that it speaks for
_BULLET = r"[*+>•·»▪–-]\s+(?=\S)"  # stays outside a finding, goes with its line
ECHOED = 0.55  # share of its pairs of words in the article, from which a line is the article's
DOUBTFUL = 0.7  # chance without its site's profile of a line that goes with it
LINE_RISK, PIECE_RISK = 12.0, 18.0  # code points of the article that may be expected to go with one
SHARED = 0.3  # share of its site's pages that have a line, from which it may go for that
Evidence = tuple[tuple[str, float | str, float], ...]


def propose_injected(
    view: View, finder: InjectedFinder, thresholds: Thresholds, config: Config
) -> list[Proposal]:
    """Injected spans of a view, the best of those that overlap."""
    if config.is_disabled("injected"):
        return []
    found = [
        (found, finder.vertical(found.candidate.tokens))
        for found in find_injected(view.text, finder, thresholds)
    ]
    return [
        _as_proposal(view, each, category, thresholds, config)
        for each, category in found
        if not config.is_disabled(category)
    ]


def _as_proposal(
    view: View, found: Found, category: str, thresholds: Thresholds, config: Config
) -> Proposal:
    start, end, scope = reach(view.text, *found.candidate.place)
    return _proposal(
        view, start, end, scope, category, found.score,
        found.score >= thresholds.clean and not config.is_flag_only(category),
        injected_reason(found.terms), _rounded(found.terms[:MAX_EVIDENCE]),
    )  # fmt: skip


def propose_boilerplate(
    view: View,
    lines: Sequence[LineScore],
    thresholds: Thresholds,
    config: Config,
) -> list[Proposal]:
    """Furniture: runs of lines of one category, and pieces of lines that stay."""
    if config.is_disabled("boilerplate") or sum(len(line.row.text) for line in lines) < MIN_PAGE:
        return []
    acts = _acts(lines, thresholds, config)
    runs = _runs(acts)
    found: list[Proposal] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        stop = index + 1
        if line.furniture >= thresholds.report and not config.is_disabled(line.category):
            while stop < len(lines) and _same_block(lines, acts, index, stop, thresholds):
                stop += 1
            block = _block(view, lines[index:stop], act=acts[index])
            if acts[index]:
                low, high = runs[index]
                reach = Span(*view.span(lines[low].row.start, lines[high - 1].row.end))
                block = block._replace(reach=reach)
            found.append(block)
        else:
            found += _pieces(view, line, config)
        index = stop
    return found


def propose_rules(view: View, config: Config) -> list[Proposal]:
    """What the user's own rules match."""
    if not config.rules:
        return []
    tokens = tokenize(view.text)
    found: list[Proposal] = []
    for rule in config.rules:
        for match in find_rule(rule, view.text, tokens):
            start, end = tokens[match.start].start, tokens[match.end - 1].end
            own_line, _ = place_of(view.text, start, end)
            alone = own_line and not sentence_goes_on(view.text, end, sure=True)
            scope = "line" if alone else "phrase"
            act = rule.action != "flag"
            evidence: Evidence = (("rule", rule.id, 1.0),)
            found.append(
                _proposal(view, start, end, scope, rule.category, 1.0, act, rule.reason, evidence)
            )
    return found


def apply_allow(text: str, proposals: Sequence[Proposal], config: Config) -> list[Proposal]:
    """Take the action from proposals that an exception covers, and say so."""
    if not config.allow:
        return list(proposals)
    found: list[Proposal] = []
    for p in proposals:
        entry = find_allow(config.allow, text[p.span.start : p.span.end], p.category)
        if entry is not None:
            evidence = ((ALLOWED, entry.text, 0.0), *p.evidence)
            reason = f"allowed: {entry.reason}"
            p = p._replace(act=False, reason=reason, evidence=evidence)
        found.append(p)
    return found


def _acts(lines: Sequence[LineScore], thresholds: Thresholds, config: Config) -> list[bool]:
    """Which lines go: on the sequence's word and one more, their words or a neighbour that goes.

    A likely line between two that go, or between one and the end, is part of their block. All of
    them go only near a line of the block whose own words say what it is: names, dishes or streets
    below each other look like a menu to the sequence. What repeats on the line's site needs no
    neighbour, and says nothing of any. What the article says, too, stays, and so does what is long
    for how sure it is: a paragraph is a greater loss than a menu's item.
    """
    sure = [line.unaided >= thresholds.clean for line in lines]
    near = [
        (index > 0 and sure[index - 1], index + 1 < len(sure) and sure[index + 1])
        for index in range(len(lines))
    ]
    last = len(lines) - 1
    enclosed = [before and (after or index == last) for index, (before, after) in enumerate(near)]
    likely = [
        (is_sure and (line.alone >= 0.5 or any(sides))) or (line.unaided >= 0.5 and is_enclosed)
        for line, is_sure, sides, is_enclosed in zip(lines, sure, near, enclosed, strict=True)
    ]
    echo = Echo([line.row.text for line in lines if line.furniture < thresholds.report])
    anchors = [line.alone >= ANCHOR for line in lines]
    behind = _reached(likely, anchors, BEHIND_ANCHOR)
    before = _reached(likely[::-1], anchors[::-1], BEFORE_ANCHOR)[::-1]
    return [
        (is_behind or is_before or _is_shared(line, thresholds))
        and not config.is_flag_only(line.category)
        and not config.is_disabled(line.category)
        and _risk(line.furniture, len(line.row.text)) <= LINE_RISK
        and echo.share(line.row.text) < ECHOED
        for line, is_behind, is_before in zip(lines, behind, before, strict=True)
    ]


def _risk(furniture: float, size: int) -> float:
    """How many code points of the article are expected to go with one that is likely furniture."""
    return (1.0 - furniture) * size


def _is_shared(line: LineScore, thresholds: Thresholds) -> bool:
    is_sure = line.furniture >= thresholds.clean and line.unaided >= DOUBTFUL
    return line.shared >= SHARED and is_sure


def _reached(likely: Sequence[bool], anchors: Sequence[bool], most: int) -> list[bool]:
    """For each likely line whether it is an anchor, or in a row with one, ``most`` lines behind."""
    found: list[bool] = []
    left = -1
    for is_likely, is_anchor in zip(likely, anchors, strict=True):
        left = most if is_anchor else left - 1
        left = left if is_likely else -1
        found.append(left >= 0)
    return found


def _same_block(
    lines: Sequence[LineScore], acts: Sequence[bool], index: int, stop: int, thresholds: Thresholds
) -> bool:
    same = lines[stop].category == lines[index].category and acts[stop] == acts[index]
    return same and lines[stop].furniture >= thresholds.report


def _runs(acts: Sequence[bool]) -> list[tuple[int, int]]:
    """For each line ``[low, high)`` of the run around it of lines that all go, or all stay."""
    runs: list[tuple[int, int]] = []
    for _, group in groupby(acts):
        low, size = len(runs), len(list(group))
        runs += [(low, low + size)] * size
    return runs


def _block(view: View, block: Sequence[LineScore], *, act: bool) -> Proposal:
    score = min(line.furniture for line in block)
    alone = sum(line.alone for line in block) / len(block)
    loudest = max(block, key=lambda line: line.furniture)
    shared = sum(line.shared for line in block) / len(block)
    evidence: Evidence = (
        ("words alone", round(alone, 4), 1.0),
        ("lines", len(block), 0.0),
        ("shape", " ".join(shape_names(loudest.shapes)), 0.0),
        *([("pages of its site", round(shared, 4), 0.0)] if shared else ()),
    )
    reason = boilerplate_reason(block[0].category, len(block), alone, shared)
    bullet = re.match(_BULLET, block[0].row.text)
    start = block[0].row.start + (bullet.end() if bullet else 0)
    return _proposal(
        view, start, block[-1].row.end, "line", block[0].category, score, act,
        reason, evidence,
    )  # fmt: skip


def _pieces(view: View, line: LineScore, config: Config) -> list[Proposal]:
    found: list[Proposal] = []
    for piece in line.pieces:
        if config.is_disabled(piece.category):
            continue
        risk = _risk(piece.score, piece.end - piece.start)
        act = risk <= PIECE_RISK and not config.is_flag_only(piece.category)
        evidence: Evidence = (("words alone", round(piece.score, 4), 1.0),)
        found.append(
            _proposal(
                view, piece.start, piece.end, "piece", piece.category, piece.score, act,
                piece_reason(piece.category), evidence,
            )
        )  # fmt: skip
    return found


def _proposal(
    view: View,
    start: int,
    end: int,
    scope: str,
    category: str,
    score: float,
    act: bool,
    reason: str,
    evidence: Evidence,
) -> Proposal:
    span = Span(*view.span(start, end))
    return Proposal(span, scope, category, round(score, 4), act, reason, evidence)


def _rounded(terms: Sequence[tuple[str, float, float]]) -> Evidence:
    return tuple((name, round(value, 4), round(weight, 4)) for name, value, weight in terms)
