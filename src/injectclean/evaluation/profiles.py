"""What a profile of a site adds on its pages, with a model that has seen none of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from injectclean.config import Config
from injectclean.evaluation.counts import Measured
from injectclean.evaluation.documents import measure_lines
from injectclean.profile import LEAST_PAGES, learn_profile
from injectclean.scanner import Scanner
from injectclean.training.corpus import Corpus, LabelledDocument

WITHOUT, WITH = "pages of sites, no profile", "pages of sites, with their profile"


def measure_profiles(
    measured: Measured, model: Path, corpus: Corpus, sources: Sequence[str]
) -> None:
    """Scan the pages of some groups twice: as they are, and with what repeats on their site."""
    sites: dict[str, list[LabelledDocument]] = defaultdict(list)
    for document in corpus.documents:
        if document.kind == "pages" and document.source in set(sources):
            sites[document.source].append(document)
    plain = Scanner(config=Config(model=str(model)))
    path = model.with_suffix(".profile.json")
    for pages in sites.values():
        if len(pages) < LEAST_PAGES:
            continue
        path.write_text(learn_profile(page.text for page in pages).to_json(), encoding="utf-8")
        told = Scanner(config=Config(model=str(model), profile=str(path)))
        for name, scanner in ((WITHOUT, plain), (WITH, told)):
            counts = measured.baselines.setdefault(name, Measured())
            for page in pages:
                measure_lines(counts, page, scanner.scan(page.text))
