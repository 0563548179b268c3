"""What the finders see in a view, as proposals in offsets of the original text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from injectclean.blocks import lines_that_go, risk, runs_of
from injectclean.boilerplate import LineScore, shape_names
from injectclean.campaign import Found, Thresholds, find_injected
from injectclean.config import Config
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
_BULLET = r"[*+>•·»▪–-]\s+(?=\S)"  # stays outside a finding, goes with its line
PIECE_RISK = 18.0  # code points of the article that may be expected to go with a piece
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
    acts = lines_that_go(lines, thresholds, config)
    runs = runs_of(acts)
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


def _same_block(
    lines: Sequence[LineScore], acts: Sequence[bool], index: int, stop: int, thresholds: Thresholds
) -> bool:
    same = lines[stop].category == lines[index].category and acts[stop] == acts[index]
    return same and lines[stop].furniture >= thresholds.report


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
        expected = risk(piece.score, piece.end - piece.start)
        act = expected <= PIECE_RISK and not config.is_flag_only(piece.category)
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
