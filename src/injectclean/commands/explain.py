"""``injectclean explain``: what a category finds, why, with examples, and how well."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from injectclean.commands.streams import Stdout
from injectclean.config import did_you_mean
from injectclean.errors import ConfigError, ModelError
from injectclean.languages import explanations
from injectclean.model import load_model
from injectclean.report import CATEGORIES, KINDS

NOT_MEASURED = "not measured"
Metrics = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what explain takes."""
    parser.add_argument("category", nargs="?", metavar="CATEGORY", help="default: list all")
    parser.add_argument("--model", metavar="FILE", help="another model than the shipped one")


def run(options: argparse.Namespace) -> int:
    """Print one explanation, or the list."""
    chosen = options.category
    if chosen is not None and chosen not in (*CATEGORIES, *KINDS):
        hint = did_you_mean(chosen, (*CATEGORIES, *KINDS))
        raise ConfigError(f"no category {chosen!r}{hint}")
    metrics = _metrics(options.model)
    stdout = Stdout()
    if chosen in CATEGORIES:
        stdout.write_text(explain(chosen, metrics.get(chosen)))
    else:
        stdout.write_text(list_categories(chosen, metrics))
    stdout.flush()
    return 0


def explain(category: str, measured: Metrics | None) -> str:
    """All there is to say about one category."""
    entry = explanations()[category]
    lines = [category, "", f"Finds: {entry['finds']}", f"Why:   {entry['why']}", "", "For example:"]
    lines += [f"  - {example}" for example in entry["found"]]
    lines += ["", "Stays, although it looks alike:"]
    lines += [f"  - {example}" for example in entry["stays"]]
    lines += ["", f"Measured: {describe(measured)}"]
    return "\n".join(lines) + "\n"


def list_categories(kind: str | None, metrics: Mapping[str, Metrics]) -> str:
    """One line a category, of one kind or of all."""
    explained = explanations()
    chosen = [c for c in CATEGORIES if kind in (None, c.partition("/")[0])]
    width = max(map(len, chosen))
    lines = []
    for category in chosen:
        precision = _number(metrics.get(category), "precision")
        shown = NOT_MEASURED if precision is None else f"precision {precision:.3f}"
        lines.append(f"{category:<{width}}  {shown:<15}  {explained[category]['finds']}")
    return "\n".join(lines) + "\n"


def describe(measured: Metrics | None) -> str:
    """Precision, recall and F1 in words, as far as the model's card has them.

    >>> describe({"precision": 0.98, "low": 0.95, "high": 0.99, "n": 120})
    'precision 0.980 (0.950 to 0.990), on 120 examples held out'
    >>> describe(None)
    'not measured'
    """
    precision = _number(measured, "precision")
    if precision is None or measured is None:
        return NOT_MEASURED
    said = f"precision {precision:.3f}"
    low, high = _number(measured, "low"), _number(measured, "high")
    if low is not None and high is not None:
        said += f" ({low:.3f} to {high:.3f})"
    for key, name in (("recall", "recall"), ("f1", "F1")):
        value = _number(measured, key)
        said += "" if value is None else f", {name} {value:.3f}"
    count = _number(measured, "n")
    return said if count is None else f"{said}, on {count:.0f} examples held out"


def _metrics(model: str | None) -> dict[str, Metrics]:
    """What the model's card says was measured, by category; nothing without a shipped model.

    Raises:
        ModelError: the model that was named can't be used.
    """
    try:
        card = load_model(model).card
    except ModelError:
        if model is not None:
            raise
        return {}
    metrics = card.get("metrics")
    categories = metrics.get("categories") if isinstance(metrics, dict) else None
    if not isinstance(categories, dict):
        return {}
    return {name: entry for name, entry in categories.items() if isinstance(entry, dict)}


def _number(measured: Metrics | None, key: str) -> float | None:
    value = None if measured is None else measured.get(key)
    return float(value) if isinstance(value, int | float) else None
