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

LEAST = 0.02  # score from which every candidate is worth learning from
SPARED = 16  # of so many other candidates one is kept, with their weight
JOBS = 2


@dataclass(frozen=True, slots=True)
class HonestCandidates:
    """Features (candidates x ``SPAN_FEATURES``) of candidates that are no injections."""

    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    sha256: str


NO_CANDIDATES = HonestCandidates(np.zeros((0, len(SPAN_FEATURES))), np.zeros(0), "")


def read_honest(path: Path | None) -> HonestCandidates:
    """Read the candidates; without a file, or with one of other features, there are none."""
    if path is None or not path.exists():
        return NO_CANDIDATES
    data = path.read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        names = bytes(arrays["names"]).decode().split()
        if tuple(names) != SPAN_FEATURES:
            return NO_CANDIDATES
        values = arrays["values"].astype(np.float64)
        weights = arrays["weights"].astype(np.float64)
    return HonestCandidates(values, weights, hashlib.sha256(data).hexdigest())


def collect(model: str, texts: Sequence[str]) -> list[tuple[float, ...]]:
    """Weight and features of the candidates of honest texts: the likely ones, a few others."""
    finder = InjectedFinder(load_model(model))
    found: list[tuple[float, ...]] = []
    for text in texts:
        for index, candidate in enumerate(finder.candidates(matching_view(text).text)):
            if finder.score(candidate) >= LEAST:
                found.append((1.0, *candidate.features))
            elif index % SPARED == len(text) % SPARED:
                found.append((float(SPARED), *candidate.features))
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
    rows = np.array(sorted(row for part in parts for row in part))
    arrays: Arrays = {
        "names": np.frombuffer(" ".join(SPAN_FEATURES).encode(), dtype=np.uint8),
        "weights": rows[:, 0].astype(np.float16),
        "values": rows[:, 1:].astype(np.float16),
    }
    Path(target).write_bytes(npz_bytes(arrays, compressed=True))
    print(f"{target}: {len(rows)} candidates of {len(texts)} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
