"""From labels to the model's files, byte for byte the same each time."""

from __future__ import annotations

import hashlib
import platform
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from joblib import Memory, Parallel, delayed

import injectclean
from injectclean._version import __version__
from injectclean.training.background import Background, read_background
from injectclean.training.chain import fit_chain, line_scores, sequences_of
from injectclean.training.corpus import Corpus, LabelledDocument, read_corpus
from injectclean.training.export import Arrays, table_arrays
from injectclean.training.folds import folds_of
from injectclean.training.lines import fit_lines
from injectclean.training.ordinary import Ordinary, read_ordinary
from injectclean.training.pieces import fit_pieces, piece_rows
from injectclean.training.samples import GATE
from injectclean.training.stage2 import INNER_FOLDS, fit_two_stages
from injectclean.training.thresholds import THRESHOLDS
from injectclean.training.words import WordModel

# The modules whose functions measure what a model learns from.
_MEASURES = (
    "apart.py", "boilerplate.py", "campaign.py", "chain.py", "company.py", "edges.py",
    "features.py", "forest.py", "injected.py", "judge.py", "lines.py", "model.py", "normalize.py",
    "pieces.py", "readings.py", "respell.py", "scores.py", "segment.py", "sentences.py", "shape.py",
    "signs.py", "spelling.py", "strange.py", "stretch.py", "tables.py", "tokens.py",
    "languages/__init__.py", "languages/look_alikes.json", "languages/vi/spelling.json",
)  # fmt: skip
# Modules of training that only come after it: they don't change what is learned.
_AFTERWARDS = ("thresholds.py", "markup.py")
ORDINARY_NAME = "ordinary.npz"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model: what is written, and the line model for measuring."""

    arrays: Arrays
    card: dict[str, Any]
    lines: WordModel


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of ordinary text: pairs of words, and features of what stands there."""

    background: Background
    ordinary: Ordinary


def read_counted(background: Path | None) -> Counted:
    """Read the pair counts, and the features that lie beside them."""
    ordinary = background.parent / ORDINARY_NAME if background is not None else None
    return Counted(read_background(background), read_ordinary(ordinary))


def train_model(corpus: Corpus, counted: Counted, *, jobs: int = 1) -> Trained:
    """Train every part on a corpus."""
    injected = fit_two_stages(corpus, counted.background, counted.ordinary, jobs)
    lines, sequence = fit_boilerplate(corpus, jobs)
    card = {
        **injected.card(),
        "name": "default",
        "line_labels": lines.classifier.classes_.tolist(),
        **sequence,
        "thresholds": {"gate": GATE, "core": injected.cores.least},
    }
    card["tables"] = [*card["tables"], "line"]
    return Trained(
        {**injected.arrays(counted.background), **table_arrays("line", lines)}, card, lines
    )


def fit_boilerplate(corpus: Corpus, jobs: int) -> tuple[WordModel, dict[str, Any]]:
    """The line model on everything; chain and pieces on lines that their models left out."""
    documents = [document for document in corpus.documents if document.kind != "phrases"]
    folds = folds_of((document.source for document in documents), INNER_FOLDS)
    parts: list[list[LabelledDocument]] = [
        [d for d in documents if folds[d.source] != fold] for fold in range(INNER_FOLDS)
    ]
    models = Parallel(n_jobs=jobs)(delayed(fit_lines)(part) for part in [*parts, documents])
    sequences, pieces = [], []
    for fold in range(INNER_FOLDS):
        whole = [d for d in documents if folds[d.source] == fold and d.is_whole]
        sequences += sequences_of(whole, models[fold], f"grafts {fold}")
        pieces.append(piece_rows(whole, line_scores(models[fold])))
    return models[-1], {"chain": fit_chain(sequences), "pieces": fit_pieces(pieces)}


def train_files(
    labels: Path,
    background: Path | None,
    *,
    without: tuple[str, ...] = (),
    jobs: int = 1,
    cache: Path | None = None,
) -> Trained:
    """Train on files.

    Args:
        without: groups of documents, or kinds of groups (``seeds``), to leave out.
        cache: a folder in which joblib keeps results of unchanged data and code.
    """
    corpus = read_corpus(str(labels)).without(without)
    counted = read_counted(background)
    run = kept(_train_cached, cache, ignore=["jobs"])
    trained: Trained = run(corpus, counted, code_digest(_AFTERWARDS), jobs)
    card = {
        **with_thresholds(trained.card),
        "trained_with": provenance(corpus, counted, without),
    }
    return Trained(trained.arrays, card, trained.lines)


def kept(
    function: Callable[..., Any], cache: Path | None, ignore: Sequence[str] = ()
) -> Callable[..., Any]:
    """A function whose results joblib keeps in a folder, if there is one."""
    run = Memory(cache, verbose=0).cache(function, ignore=list(ignore))

    def call(*arguments: Any) -> Any:
        with warnings.catch_warnings():
            # joblib's advice to whoever keeps results of large arguments; ours take long to make.
            warnings.filterwarnings("ignore", "Persisting input arguments", UserWarning)
            return run(*arguments)

    return call


def provenance(corpus: Corpus, counted: Counted, without: tuple[str, ...]) -> Mapping[str, Any]:
    """Digests and versions: from what, by what, with what the model was made."""
    return {
        "labels_sha256": corpus.sha256,
        "background_sha256": counted.background.sha256,
        "promotional_sha256": counted.background.promotional_sha256,
        "ordinary_sha256": counted.ordinary.sha256,
        "code_sha256": code_digest(),
        "without": sorted(without),
        "documents": len(corpus.documents),
        "injectclean": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
    }


def with_thresholds(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card with the scores from which findings are reported and acted on."""
    return {**card, "thresholds": {**card["thresholds"], **THRESHOLDS}}


def code_digest(left_out: tuple[str, ...] = ()) -> str:
    """SHA-256 of the source that makes a model: what measures features, and what trains."""
    folder = Path(injectclean.__file__).parent
    hasher = hashlib.sha256()
    for path in [
        *(folder / name for name in _MEASURES),
        *sorted((folder / "training").glob("*.py")),
    ]:
        if path.name not in left_out:
            hasher.update(path.name.encode())
            hasher.update(path.read_bytes())
    return hasher.hexdigest()


def _train_cached(corpus: Corpus, counted: Counted, code: str, jobs: int) -> Trained:
    del code  # only names the version of the code whose result is kept
    return train_model(corpus, counted, jobs=jobs)
