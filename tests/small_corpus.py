"""A small part of the labelled data, on which training takes seconds."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cli_tools import ROOT

from injectclean.training.corpus import Corpus, document_path, read_corpus

DATA = ROOT / "data"
LABELS = DATA / "labels.csv"
GROUPS = (
    "articles/economy-enterprise",
    "articles/party-committee",
    "articles/sport",
    "honest/gambling-crime",
    "honest/lending-honest",
    "honest/seo-it-honest",
    "pages/gov-xa-trang-mot-cot",
    "pages/health-ttyt-ea-nung",
    "pages/local-lang-gom-thuong-dong",
    "pages/news-dinh-chu-trong-doan",
    "pages/school-tieu-hoc-hoa-sua",
    "pages/tour-suoi-bac-homestay",
    "phrases/betting-house",
    "phrases/casino-online",
    "phrases/erectile",
    "phrases/escort",
    "phrases/pawn-loan",
    "phrases/replica-watches",
    "phrases/seo-services",
)


@cache
def whole_corpus() -> Corpus:
    """All labelled documents."""
    return read_corpus(str(LABELS))


def small_corpus() -> Corpus:
    """The documents of ``GROUPS``."""
    corpus = whole_corpus()
    return corpus.without(set(corpus.sources()) - set(GROUPS))


def write_small(folder: Path, groups: Sequence[str] = GROUPS) -> Path:
    """Write the small corpus as files, and nothing that was counted; returns its table's path."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["source"] in groups]
    for doc_id in {row["doc_id"] for row in rows}:
        path = Path(document_path(str(folder / "data"), doc_id))
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(document_path(str(DATA), doc_id), path)
    labels = folder / "data" / "labels.csv"
    with labels.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return labels
