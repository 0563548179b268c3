"""Evaluations as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from injectclean.evaluation.counts import TOTAL, Measured, Shares
from injectclean.evaluation.crossfit import Evaluation
from injectclean.evaluation.intervals import Score, Share
from injectclean.training.synthesis import STYLES

NAME = 34
_Row = TypeVar("_Row")


def to_text(evaluation: Evaluation) -> str:
    """All tables of an evaluation."""
    measured = evaluation.measured
    by = measured.by
    styles = by.shares("style")
    groups, folds = evaluation.groups, evaluation.folds
    parts = [
        f"{groups} groups of documents held out in {folds} folds; 95 % intervals",
        score_table("injected, spans", measured.spans.scores()),
        share_table(
            "injected, by style", {style: styles[style] for style in STYLES if style in styles}
        ),
        share_table("injected, by language", by.shares("language")),
        share_table("injected, by vertical", by.shares("vertical")),
        score_table("page furniture, lines", measured.lines.scores()),
        "\n".join(share_row(name, share) for name, share in evaluation.shares().items()),
        share_table("honest documents", by.shares("honest")),
        disguise_table(evaluation),
        baseline_table(evaluation),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def score_table(title: str, scores: dict[str, Score]) -> str:
    """Precision, recall and F1, a row a category."""
    lines = [f"{title:{NAME}} precision            recall               F1      n"]
    lines += [f"{name:{NAME}} {_cells(score)}" for name, score in _total_last(scores)]
    return "\n".join(lines)


def share_table(title: str, rows: Shares) -> str:
    """What is reported and what acted on, a row each."""
    lines = [f"{title:{NAME}} reported             acted on                    n"]
    for name, shares in _total_last(rows):
        lines.append(f"{name:{NAME}} {_intervals(shares)}         {shares[0].n:5d}")
    return "\n".join(lines) if rows else ""


def share_row(name: str, share: Share) -> str:
    """A share with its interval."""
    low, high = share.limits
    return f"{name:45} {share.value:8.4f}  [{low:.4f}, {high:.4f}]  {share.hits}/{share.n}"


def disguise_table(evaluation: Evaluation) -> str:
    """What is reported of phrases in disguise, of what is reported without."""
    lines = [f"{'disguise':{NAME}} reported, of what is reported without     n"]
    lines += [
        f"{name:{NAME}} {share:8.3f}                           {n:8d}"
        for name, (share, n) in evaluation.disguises().items()
    ]
    return "\n".join(lines) if len(lines) > 1 else ""


def baseline_table(evaluation: Evaluation) -> str:
    """Simpler ways on the same documents."""
    ours = evaluation.measured
    honest = ours.by.share("honest", TOTAL)[0]
    lines = [f"{'spans of families not seen':{NAME}} recall   honest documents reported"]
    spans = Share(ours.spans.right_true[TOTAL], ours.spans.true[TOTAL])
    lines.append(_baseline("injectclean", spans.value, honest.value))
    lines.append(_baseline("words alone", evaluation.words_alone(), honest.value))
    lexicon = ours.baselines.get("folded lexicon", Measured()).by
    found, alarms = lexicon.share("spans", TOTAL)[0], lexicon.share("honest", TOTAL)[0]
    lines.append(_baseline("folded lexicon", found.value, alarms.value))
    lines.append(_baseline("nothing", 0.0, 0.0))
    lines += ["", f"{'lines of layouts not seen':{NAME}} F1       article lost   furniture gone"]
    lines.append(_line_baseline("injectclean", ours))
    lines += [
        _line_baseline(name, measured)
        for name, measured in ours.baselines.items()
        if measured.characters
    ]
    return "\n".join(lines)


def _baseline(name: str, recall: float, alarms: float) -> str:
    return f"{name:{NAME}} {recall:.3f}    {alarms:.4f}"


def _line_baseline(name: str, measured: Measured) -> str:
    scores = measured.lines.scores().get(TOTAL)
    f1 = scores.f1 if scores is not None else 0.0
    characters = measured.characters
    lost = Share(characters["lost"], characters["article"]).value
    gone = Share(characters["gone"], characters["furniture"]).value
    return f"{name:{NAME}} {f1:.3f}    {lost:.4f}         {gone:.4f}"


def _total_last(rows: dict[str, _Row]) -> Iterator[tuple[str, _Row]]:
    yield from ((name, row) for name, row in rows.items() if name != TOTAL)
    if TOTAL in rows:
        yield TOTAL, rows[TOTAL]


def _cells(score: Score) -> str:
    return f"{_intervals((score.precision, score.recall))}  {score.f1:.3f}  {score.recall.n:5d}"


def _intervals(shares: Sequence[Share]) -> str:
    parts = []
    for share in shares:
        low, high = share.limits
        parts.append(f"{share.value:.3f} [{low:.3f}, {high:.3f}]")
    return "  ".join(parts)
