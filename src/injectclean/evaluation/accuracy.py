"""Writes what was measured where people read it, and holds it against floors.

A document has places for it, between ``<!-- measured: NAME -->`` and ``<!-- end -->``. Floors are
figures that an evaluation must reach (``at_least``), or must not exceed (``at_most``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from injectclean.errors import ConfigError, OutputError
from injectclean.evaluation import byhand
from injectclean.evaluation.counts import TOTAL, Measured
from injectclean.evaluation.crossfit import Evaluation
from injectclean.evaluation.foreign import HONEST, INJECTED
from injectclean.evaluation.intervals import Share
from injectclean.evaluation.tables import share_row, share_table
from injectclean.evaluation.wild import UNSEEN, Wild
from injectclean.files import write_atomically

_PUT_IN = ("new phrases", UNSEEN, "real terms")
_PLACE = re.compile(r"(<!-- measured: (?P<name>[\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill_in(path: Path, tables: Mapping[str, str]) -> None:
    """Put tables into their places of a document.

    Raises:
        ConfigError: the document is not readable, or has no place for one.
        OutputError: it was not written.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not readable: {error}") from error
    places = {match["name"] for match in _PLACE.finditer(text)}
    if missing := sorted(set(tables) - places):
        raise ConfigError(f"{path}: no place for {missing[0]!r}")

    def put(match: re.Match[str]) -> str:
        table = tables.get(match["name"])
        if table is None:
            return match.group()
        return f"{match[1]}```\n{table.rstrip()}\n```\n{match[3]}"

    try:
        write_atomically(str(path), _PLACE.sub(put, text).encode())
    except OSError as error:
        raise OutputError(f"{path}: not written: {error.strerror or error}") from error


def wild_text(wild: Wild) -> str:
    """The tables of real text."""
    parts = [
        share_table("clean documents", wild.by.shares("clean")),
        share_row("characters of clean documents lost", wild.lost()),
    ]
    for name in _PUT_IN:
        exact = Share(wild.exact[f"{name} exact"], wild.exact[f"{name} found"])
        parts.append(share_table(f"news with {name}", wild.by.shares(name)))
        parts.append(share_row("edges exact, of what is found", exact))
    parts += [share_table(name, wild.by.shares(name)) for name in (HONEST, INJECTED)]
    if wild.by_hand.by.counts:
        parts += _by_hand_text(wild.by_hand)
    if wild.before:
        figures = wild.extraction().items()
        head = f"after an extractor, {len(wild.before)} pages"
        parts.append("\n".join([head, *(f"{name:32} {value:.4f}" for name, value in figures)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _by_hand_text(measured: Measured) -> Iterator[str]:
    for name in (byhand.SPANS, byhand.ARTICLES, byhand.HONEST):
        yield share_table(name, measured.by.shares(name))
    for name, share in _by_hand_shares(measured).items():
        yield share_row(name, share)


def _by_hand_shares(measured: Measured) -> dict[str, Share]:
    exact, characters, spans = measured.exact, measured.characters, measured.spans
    return {
        "by hand: reported that were put in": Share(spans.right_found[TOTAL], spans.found[TOTAL]),
        "by hand: edges exact, of what is found": Share(exact["exact"], exact["found"]),
        "by hand: article characters lost": Share(characters["lost"], characters["article"]),
        "by hand: furniture characters gone": Share(characters["gone"], characters["furniture"]),
    }


def figures_of(evaluation: Evaluation | None, wild: Wild | None) -> dict[str, float]:
    """The figures that floors may name."""
    found: dict[str, float] = {}
    if evaluation is not None:
        measured = evaluation.measured
        for name, tally in (("spans", measured.spans), ("lines", measured.lines)):
            score = tally.scores().get(TOTAL)
            if score is not None:
                found[f"{name} precision"] = score.precision.value
                found[f"{name} recall"] = score.recall.value
                found[f"{name} F1"] = score.f1
        found |= {name: share.value for name, share in evaluation.shares().items()}
        found |= {f"disguise: {name}": share for name, (share, _) in evaluation.disguises().items()}
    if wild is not None:
        for name in (*_PUT_IN, HONEST, INJECTED):
            reported, acted = wild.by.share(name, TOTAL)
            found[f"{name} reported"], found[f"{name} acted on"] = reported.value, acted.value
        reported, acted = wild.by.share("clean", TOTAL)
        found["clean reported"], found["clean acted on"] = reported.value, acted.value
        found["clean characters lost"] = wild.lost().value
        for name in (byhand.SPANS, byhand.ARTICLES, byhand.HONEST):
            reported, acted = wild.by_hand.by.share(name, TOTAL)
            found[f"{name} reported"], found[f"{name} acted on"] = reported.value, acted.value
        found |= {name: share.value for name, share in _by_hand_shares(wild.by_hand).items()}
        if wild.before:
            found |= {f"extracted: {name}": value for name, value in wild.extraction().items()}
    return found


def missed(floors: Path, figures: Mapping[str, float]) -> Iterator[str]:
    """A line for each floor that a measured figure falls under.

    Raises:
        ConfigError: the floors are not readable.
    """
    try:
        read: dict[str, dict[str, float]] = json.loads(floors.read_text(encoding="utf-8"))
        limits = [(n, v, 1) for n, v in read["at_least"].items()]
        limits += [(n, v, -1) for n, v in read["at_most"].items()]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(f"{floors}: not a table of floors: {error}") from error
    for name, limit, sign in limits:
        figure = figures.get(name)
        if figure is not None and sign * figure < sign * limit:
            what = "less than" if sign > 0 else "more than"
            yield f"{name}: {figure:.4f} is {what} {limit:.4f}"
