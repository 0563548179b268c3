"""Honest candidates of ordinary text: the features of what stage 1 proposes there, not the text.

    python -m injectclean.training.honest MODEL.npz data/honest_candidates.npz CORPUS.jsonl.gz ...

A model looks at the learning share of clean corpora, and the features of the candidates that it
finds likely are kept as numbers. Stage 2 learns from them what our own articles do not show it.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from injectclean.features import SPAN_FEATURES
from injectclean.injected import InjectedFinder
from injectclean.model import load_model
from injectclean.normalize import matching_view
from injectclean.training.background import read_jsonl, share_of
from injectclean.training.export import Arrays, npz_bytes

LEAST = 0.05  # score from which a candidate is worth learning from
JOBS = 2


@dataclass(frozen=True, slots=True)
class HonestCandidates:
    """Features (candidates x ``SPAN_FEATURES``) of candidates that are no injections."""

    values: NDArray[np.float64]
    sha256: str


def read_honest(path: Path | None) -> HonestCandidates:
    """Read the candidates; without a file, or with one of other features, there are none."""
    if path is None or not path.exists():
        return HonestCandidates(np.zeros((0, len(SPAN_FEATURES))), "")
    data = path.read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        names = bytes(arrays["names"]).decode().split()
        values = arrays["values"].astype(np.float64)
    if tuple(names) != SPAN_FEATURES:
        return HonestCandidates(np.zeros((0, len(SPAN_FEATURES))), "")
    return HonestCandidates(values, hashlib.sha256(data).hexdigest())


def collect(model: str, texts: Sequence[str]) -> list[tuple[float, ...]]:
    """Features of the likely candidates of honest texts."""
    finder = InjectedFinder(load_model(model))
    found: list[tuple[float, ...]] = []
    for text in texts:
        candidates = finder.candidates(matching_view(text).text)
        found += [c.features for c in candidates if finder.judge(c)[0] >= LEAST]
    return found


def main(arguments: Sequence[str]) -> int:
    """Collect candidates from corpora, and write their features."""
    if len(arguments) < 3:
        print("usage: python -m injectclean.training.honest MODEL.npz OUT.npz CORPUS.jsonl.gz ...")
        return 2
    model, target, *corpora = arguments
    texts = [
        t for name in corpora for key, t in read_jsonl(Path(name)) if share_of(key) == "learning"
    ]
    parts = Parallel(n_jobs=JOBS)(delayed(collect)(model, texts[k::JOBS]) for k in range(JOBS))
    rows = sorted(row for part in parts for row in part)
    arrays: Arrays = {
        "names": np.frombuffer(" ".join(SPAN_FEATURES).encode(), dtype=np.uint8),
        "values": np.array(rows, dtype=np.float32),
    }
    Path(target).write_bytes(npz_bytes(arrays, compressed=True))
    print(f"{target}: {len(rows)} candidates of {len(texts)} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
