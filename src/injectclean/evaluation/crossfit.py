"""What the detector is worth on documents, layouts and families of phrases that it has not seen.

Groups are dealt out to folds; a model trained without a fold's groups is written, loaded as any
model is, and scans them: their pages and articles as they are, and articles with that fold's
phrases injected, plain and in disguise. Simpler ways are measured on the same documents.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from injectclean.config import Config
from injectclean.evaluation.baselines import measure_baselines, words_alone
from injectclean.evaluation.counts import TOTAL, Measured
from injectclean.evaluation.documents import measure_documents
from injectclean.evaluation.intervals import Share
from injectclean.evaluation.profiles import measure_profiles
from injectclean.model import load_model
from injectclean.scanner import Scanner
from injectclean.training.corpus import Corpus, read_corpus
from injectclean.training.export import write_model
from injectclean.training.folds import folds_of
from injectclean.training.train import (
    Counted,
    code_digest,
    kept,
    read_counted,
    train_model,
    with_thresholds,
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of an evaluation."""

    folds: int
    groups: int
    measured: Measured

    def shares(self) -> dict[str, Share]:
        """Shares that do not belong to a category."""
        exact, characters = self.measured.exact, self.measured.characters
        by = self.measured.by
        injected, honest = by.share("documents", "injected"), by.share("honest", TOTAL)
        twins = by.share("honest disguised", TOTAL)
        return {
            "injected spans found, edges exact": Share(exact["exact"], exact["found"]),
            "injected spans acted on": Share(exact["acted"], exact["true"]),
            "injected documents with one of them reported": injected[0],
            "injected documents with one of them acted on": injected[1],
            "honest documents with a reported injection": honest[0],
            "honest documents with an acted-on injection": honest[1],
            "honest documents in disguise, reported": twins[0],
            "honest documents in disguise, acted on": twins[1],
            "honest sentences reported": by.share("sentences", TOTAL)[0],
            "article characters lost": Share(characters["lost"], characters["article"]),
            "furniture characters gone": Share(characters["gone"], characters["furniture"]),
        }

    def disguises(self) -> dict[str, tuple[float, int]]:
        """For each disguise, what is reported of what is reported without it; and how many."""
        by = self.measured.by
        plain = by.shares("undisguised")
        return {
            name: (reported.hits / max(1, plain[name][0].hits), reported.n)
            for name, (reported, _) in by.shares("disguised").items()
        }

    def words_alone(self) -> float:
        """Recall of words alone, at our own share of honest documents reported."""
        return words_alone(self.measured.scores, self.measured.by.share("honest", TOTAL)[0].value)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the model card holds them."""
        spans = {name: score.to_dict() for name, score in self.measured.spans.scores().items()}
        lines = {name: score.to_dict() for name, score in self.measured.lines.scores().items()}
        return {
            "folds": self.folds,
            "groups": self.groups,
            "spans": spans,
            "lines": lines,
            "categories": {k: v for k, v in {**lines, **spans}.items() if "/" in k},
            "styles": {
                style: {"reported": reported.to_dict(), "acted": acted.to_dict()}
                for style, (reported, acted) in self.measured.by.shares("style").items()
            },
            "disguises": {name: round(share, 4) for name, (share, _) in self.disguises().items()},
            "shares": {name: share.to_dict() for name, share in self.shares().items()},
        }


def evaluate_files(
    labels: Path,
    background: Path | None,
    *,
    without: tuple[str, ...] = (),
    folds: int = 3,
    jobs: int = 1,
    cache: Path | None = None,
) -> Evaluation:
    """Evaluate on files; arguments as for ``train_files``."""
    corpus = read_corpus(str(labels)).without(without)
    return evaluate_corpus(corpus, read_counted(background), folds=folds, jobs=jobs, cache=cache)


def evaluate_corpus(
    corpus: Corpus, counted: Counted, *, folds: int = 3, jobs: int = 1, cache: Path | None = None
) -> Evaluation:
    """Train on all folds but one, scan that one, for each."""
    dealt = folds_of(corpus.sources(), folds)
    # By digests: joblib's own of so many objects is another one in another process.
    run = kept(_evaluate_fold, cache, ignore=["corpus", "counted"])
    made_of = (
        code_digest(), _own_digest(), corpus.sha256, *corpus.sources(),
        counted.background.sha256, counted.background.promotional_sha256, counted.ordinary.sha256,
    )  # fmt: skip
    parts = Parallel(n_jobs=jobs)(
        delayed(run)(corpus, counted, [s for s, f in dealt.items() if f == fold], made_of)
        for fold in range(folds)
    )
    total = Measured()
    for part in parts:
        total.add(part)
    return Evaluation(folds, len(dealt), total)


def _own_digest() -> str:
    """SHA-256 of the package's source: of what measures, and of what decides and is measured."""
    hasher = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        hasher.update(path.read_bytes())
    return hasher.hexdigest()


def _evaluate_fold(
    corpus: Corpus, counted: Counted, held_out: Sequence[str], made_of: Sequence[str]
) -> Measured:
    del made_of  # only names the data and the code whose result is kept
    trained = train_model(corpus.without(held_out), counted)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "fold.npz")
        write_model(path, trained.arrays, with_thresholds(trained.card))
        scanner = Scanner(config=Config(model=path))
        model = load_model(path)
        measured = measure_documents(scanner, corpus, held_out)
        measure_profiles(measured, Path(path), corpus, held_out)
    measure_baselines(measured, model, corpus, held_out)
    return measured
