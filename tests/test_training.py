"""Training: the runtime's sums are scikit-learn's decisions, bytes are the same, nothing leaks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_tools import ROOT, SEEDS, command, environment, process
from hypothesis import given, settings
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from small_corpus import DATA, LABELS, small_corpus, whole_corpus, write_small
from strategies import documents

from injectclean import Config, Scanner
from injectclean.injected import InjectedFinder, context_tokens
from injectclean.lines import LineScores, line_features
from injectclean.model import Model, default_path, load_model
from injectclean.scores import TokenScores
from injectclean.tables import BIAS, STEP
from injectclean.tokens import find_tokens, text_features, token_sequence_features, tokenize
from injectclean.training import stage2, train
from injectclean.training.background import NO_COUNTS
from injectclean.training.chain import line_scores
from injectclean.training.corpus import Corpus, LabelledDocument
from injectclean.training.examples import Example, examples_of
from injectclean.training.export import runtime_model
from injectclean.training.folds import folds_of
from injectclean.training.lines import fit_lines
from injectclean.training.ordinary import NOTHING
from injectclean.training.samples import GATE
from injectclean.training.stage2 import INNER_FOLDS, InjectedModel, fit_two_stages
from injectclean.training.synthesis import inject, phrases_of
from injectclean.training.words import WordModel

TOLERANCE = 1e-9
TRAINING_TIME = 300  # seconds; the small corpus takes a few on an idle machine
AUTHORED = [document.text for document in whole_corpus().documents[::9]]
SEED_TEXTS = [path.read_bytes().decode() for path in sorted(SEEDS.glob("*.txt"))]
WRITTEN = [*AUTHORED, *SEED_TEXTS]
Floats = NDArray[np.float64]


# Parity: the sums of the runtime are scikit-learn's decision function


@dataclass(frozen=True)
class Fitted:
    """Models as scikit-learn has them, and as the runtime reads them."""

    two_stages: InjectedModel
    lines: WordModel
    model: Model
    finder: InjectedFinder
    line_scores: LineScores


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    corpus = small_corpus()
    two_stages = fit_two_stages(corpus, NO_COUNTS, NOTHING)
    card = {**two_stages.card(), "thresholds": {"gate": GATE, "core": two_stages.cores.least}}
    model = runtime_model(two_stages.arrays(NO_COUNTS), card)
    lines = fit_lines(corpus.of_kind("articles", "pages", "honest"))
    return Fitted(two_stages, lines, model, InjectedFinder(model), line_scores(lines))


def token_sum(model: Model, text: str) -> float:
    """Stage 1's score of a whole text, as the runtime adds it up."""
    table = model.table("injected")
    scored = TokenScores(table, model.pair_counts()).sequence(find_tokens(text))
    return sum(scored.singles) + sum(scored.pairs) + table.intercept


def column_sums(model: Model, name: str, features: Sequence[str]) -> list[float]:
    """A table's score of each column, as the runtime adds it up."""
    table = model.labelled_table(name)
    return table.scores(sum(map(table.row, features)))


def log_softmax(decisions: Floats) -> Floats:
    top = decisions.max(axis=-1, keepdims=True)
    shifted: Floats = decisions - top
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def lines_in(texts: Sequence[str]) -> list[str]:
    return sorted({line for text in texts for line in text.split("\n") if line.strip()})


def check_injected(fitted: Fitted, texts: Sequence[str]) -> None:
    expected = fitted.two_stages.words.injected.decisions(texts)
    assert [token_sum(fitted.model, text) for text in texts] == pytest.approx(
        expected, rel=0, abs=TOLERANCE
    )


def check_lines(fitted: Fitted, texts: Sequence[str]) -> None:
    expected = log_softmax(fitted.lines.decisions(texts))
    found = np.array([fitted.line_scores.log_probabilities(text) for text in texts])
    assert np.abs(found - expected).max() <= TOLERANCE


def check_verticals(fitted: Fitted, texts: Sequence[str]) -> None:
    verticals = fitted.two_stages.verticals
    expected = verticals.decisions(texts)
    found = [column_sums(fitted.model, "vertical", text_features(text)) for text in texts]
    assert np.abs(np.array(found) - expected).max() <= TOLERANCE
    names = verticals.classifier.classes_[expected.argmax(axis=1)]
    assert [fitted.finder.vertical(tokenize(text)) for text in texts] == names.tolist()


def check_context(fitted: Fitted, texts: Sequence[str]) -> None:
    places = [(s, *core) for text in texts for s, core in fitted.finder.cores(text)]
    if not places:
        return
    near = [" ".join(token.text for token in context_tokens(*place)) for place in places]
    expected = fitted.two_stages.context.decisions(near)
    found = [fitted.finder.context_score(*place) for place in places]
    assert found == pytest.approx(expected, rel=0, abs=TOLERANCE)


def test_token_sums_are_the_decisions_on_written_texts(fitted: Fitted) -> None:
    check_injected(fitted, WRITTEN)


def test_line_scores_are_the_log_softmax_of_the_decisions_on_written_lines(
    fitted: Fitted,
) -> None:
    check_lines(fitted, lines_in(WRITTEN))


def test_vertical_sums_are_the_decisions_on_phrases_and_lines(fitted: Fitted) -> None:
    phrases = [phrase.text for phrase in phrases_of(whole_corpus().documents)]

    check_verticals(fitted, [*phrases[::5], *lines_in(SEED_TEXTS)])


def test_context_sums_are_the_decisions_around_candidates(fitted: Fitted) -> None:
    check_context(fitted, WRITTEN)


@given(text=documents)
@settings(max_examples=100, deadline=None)
def test_sums_are_the_decisions_on_any_text(fitted: Fitted, text: str) -> None:
    check_injected(fitted, [text])
    check_verticals(fitted, [text])


@given(text=documents)
@settings(max_examples=100, deadline=None)
def test_context_sums_are_the_decisions_on_any_text(fitted: Fitted, text: str) -> None:
    check_context(fitted, [text])


@given(text=documents)
@settings(max_examples=100, deadline=None)
def test_line_scores_are_the_decisions_on_any_line(fitted: Fitted, text: str) -> None:
    check_lines(fitted, lines_in([text]) or [""])


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load_model()


def as_sklearn(
    name: str, analyzer: Callable[[str], list[str]]
) -> Callable[[Sequence[str]], Floats]:
    """scikit-learn's decision function with a shipped table's weights."""
    with np.load(default_path(), allow_pickle=False) as arrays:
        keys, offsets = arrays[f"{name}.keys"].tobytes(), arrays[f"{name}.offsets"]
        weights, intercepts = arrays[f"{name}.weights"], arrays[f"{name}.intercepts"]
    names = [keys[a:b].decode() for a, b in pairwise(offsets)]
    counts = CountVectorizer(analyzer=analyzer, vocabulary=names)
    classifier = LogisticRegression()
    columns = len(intercepts)
    classifier.classes_ = np.arange(max(2, columns))
    if columns > 1:
        weights = (weights.astype(np.float64) - BIAS) * STEP
    classifier.coef_ = weights.reshape(len(names), columns).T.astype(np.float64)
    classifier.intercept_ = intercepts
    return lambda texts: classifier.decision_function(counts.transform(texts))


def test_shipped_token_sums_are_the_decisions(shipped: Model) -> None:
    expected = as_sklearn("injected", text_features)(WRITTEN)

    found = [token_sum(shipped, text) for text in WRITTEN]

    assert found == pytest.approx(expected, rel=0, abs=TOLERANCE)


def test_shipped_second_opinions_are_the_decisions(shipped: Model) -> None:
    expected = as_sklearn("content", text_features)(WRITTEN)
    table = shipped.table("content")
    scores = TokenScores(table, shipped.pair_counts())

    found = [scores.total(tokenize(text)) + table.intercept for text in WRITTEN]

    assert found == pytest.approx(expected, rel=0, abs=TOLERANCE)


def test_shipped_verticals_are_the_decisions(shipped: Model) -> None:
    texts = [phrase.text for phrase in phrases_of(whole_corpus().documents)]
    expected = as_sklearn("vertical", text_features)(texts)

    found = [column_sums(shipped, "vertical", token_sequence_features(tokenize(t))) for t in texts]

    assert np.abs(np.array(found) - expected).max() <= TOLERANCE
    names = np.array(shipped.card["verticals"])[expected.argmax(axis=1)]
    finder = InjectedFinder(shipped)
    assert [finder.vertical(tokenize(text)) for text in texts] == names.tolist()


def test_shipped_line_scores_are_the_log_softmax_of_the_decisions(shipped: Model) -> None:
    lines = lines_in(WRITTEN)
    expected = log_softmax(as_sklearn("line", line_features)(lines))

    scores = LineScores(shipped.labelled_table("line"), shipped.card["line_labels"])
    found = np.array([scores.log_probabilities(line) for line in lines])

    assert np.abs(found - expected).max() <= TOLERANCE


# The same data give the same bytes


@dataclass(frozen=True)
class Written:
    """A model that a process trained, as files."""

    path: Path

    @property
    def files(self) -> tuple[bytes, bytes]:
        return self.path.read_bytes(), self.path.with_suffix(".json").read_bytes()

    @property
    def card(self) -> dict[str, Any]:
        card: dict[str, Any] = json.loads(self.files[1])
        return card


def train_process(folder: Path, labels: Path, *, jobs: int, **variables: str) -> Written:
    """Train in a process of its own, from a folder without counted text."""
    path = folder / f"jobs-{jobs}" / "m.npz"
    path.parent.mkdir()
    arguments = command(
        *("train", "--labels", labels, "--background", labels.parent / "background.tsv.gz"),
        *("--jobs", jobs, "-o", path),
    )
    done = process(arguments, env=environment(**variables), cwd=str(folder), timeout=TRAINING_TIME)
    assert (done.returncode, done.stderr) == (0, b"")
    return Written(path)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Written, Written]:
    """Trained twice: other hash seeds, other numbers of processes and of threads."""
    folder = tmp_path_factory.mktemp("small")
    labels = write_small(folder)
    return (
        train_process(
            folder,
            labels,
            jobs=1,
            PYTHONHASHSEED="1",
            OPENBLAS_NUM_THREADS="2",
            OMP_NUM_THREADS="2",
        ),
        train_process(folder, labels, jobs=2, PYTHONHASHSEED="2"),
    )


def test_training_gives_the_same_arrays_whatever_the_hash_seed_and_the_jobs(
    twice: tuple[Written, Written],
) -> None:
    first, second = twice

    assert first.files[0] == second.files[0]


def test_training_gives_the_same_card_whatever_the_hash_seed_and_the_jobs(
    twice: tuple[Written, Written],
) -> None:
    first, second = twice

    assert first.files[1].decode() == second.files[1].decode()


def test_a_card_names_no_path_and_no_time(twice: tuple[Written, Written]) -> None:
    text = twice[0].files[1].decode()

    assert str(twice[0].path.parent.parent) not in text
    assert str(ROOT) not in text


def test_training_works_without_counted_text(twice: tuple[Written, Written]) -> None:
    card = twice[0].card["trained_with"]

    counted = ("background_sha256", "promotional_sha256", "ordinary_sha256")
    assert [card[name] for name in counted] == ["", "", ""]


def test_a_model_without_counted_text_tells_injected_copies_from_originals(
    twice: tuple[Written, Written],
) -> None:
    scanner = Scanner(config=Config(model=str(twice[0].path), report_threshold=0.01))
    corpus = small_corpus()
    phrases = phrases_of(corpus.documents)
    pairs = [
        (document.text, made.text)
        for document in corpus.of_kind("articles")
        for number in range(8)
        if (made := inject(document, phrases, f"told apart {number}")) is not None
    ]

    def best(text: str) -> float:
        findings = scanner.scan(text).findings
        return max((f.score for f in findings if f.is_injected), default=0.0)

    scores = [(best(original), best(injected)) for original, injected in pairs]
    higher = sum(injected > original for original, injected in scores)
    lower = sum(injected < original for original, injected in scores)

    assert len(scores) >= 150
    assert higher >= 0.6 * len(scores)
    assert higher >= 3 * lower


# Folds that do not leak


def test_folds_deal_out_every_group_evenly() -> None:
    sources = whole_corpus().sources()

    folds = folds_of(sources, INNER_FOLDS)

    assert sorted(folds) == sources
    for kind in {source.partition("/")[0] for source in sources}:
        sizes = [
            sum(fold == number for source, fold in folds.items() if source.startswith(f"{kind}/"))
            for number in range(INNER_FOLDS)
        ]
        assert max(sizes) - min(sizes) <= 1


def test_folds_do_not_depend_on_the_order_of_groups() -> None:
    sources = whole_corpus().sources()

    assert folds_of(sources[::-1], INNER_FOLDS) == folds_of(sources, INNER_FOLDS)


@pytest.fixture(scope="module")
def dealt() -> tuple[Corpus, dict[str, int], list[Example]]:
    corpus = small_corpus()
    folds = folds_of(corpus.sources(), INNER_FOLDS)
    return corpus, folds, examples_of(corpus, folds)


def folded(text: str) -> str:
    return " ".join(token.folded for token in tokenize(text))


def test_the_copies_of_a_document_stay_in_its_fold(
    dealt: tuple[Corpus, dict[str, int], list[Example]],
) -> None:
    # A title is never changed by an injection or a break, so it tells whose copy an example is.
    corpus, folds, examples = dealt
    carriers = [d for d in corpus.documents if d.kind in ("articles", "pages")]
    titles = {
        document.text[line.start : line.end]: document.source
        for document in carriers
        for line in document.lines
        if line.label == "content/title"
    }

    copies = [
        (example.fold, folds[source])
        for example in examples
        for title, source in titles.items()
        if title in example.text.split("\n")
    ]

    assert len(copies) >= len(titles) * 2
    assert [pair for pair in copies if pair[0] != pair[1]] == []


def test_phrases_meet_only_the_documents_of_their_fold(
    dealt: tuple[Corpus, dict[str, int], list[Example]],
) -> None:
    corpus, folds, examples = dealt
    of_fold = {
        number: {folded(p.text) for p in phrases_of(corpus.documents) if folds[p.family] == number}
        for number in range(INNER_FOLDS)
    }

    injected = [
        (example.fold, folded(example.text[span.start : span.end]))
        for example in examples
        for span in example.spans
    ]

    assert {fold for fold, _ in injected} == set(range(INNER_FOLDS))
    assert [phrase for fold, phrase in injected if phrase not in of_fold[fold]] == []


def test_an_injected_copys_spans_are_its_phrases() -> None:
    corpus = small_corpus()
    phrases = phrases_of(corpus.documents)
    known = {folded(phrase.text) for phrase in phrases}

    made = [
        inject(document, phrases, f"test {number}")
        for document in corpus.of_kind("articles", "pages")
        for number in range(10)
    ]

    spans = [(m.text[s.start : s.end], s) for m in made if m is not None for s in m.spans]
    assert len(spans) > 100
    assert [text for text, _ in spans if folded(text) not in known or text != text.strip()] == []


def test_stage_1_of_a_fold_has_not_seen_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = small_corpus()
    folds = folds_of(corpus.sources(), INNER_FOLDS)

    def seen(phrases: Sequence[Any], documents: Sequence[LabelledDocument], *_: object) -> set[str]:
        return {p.family for p in phrases} | {d.source for d in documents}

    monkeypatch.setattr(stage2, "fit_phrases", seen)

    for number in range(INNER_FOLDS):
        groups = stage2._fold_words(corpus, NO_COUNTS, folds, number, False)
        assert groups == {source for source in corpus.sources() if folds[source] != number}


def test_lines_are_scored_for_the_chain_by_a_model_that_has_not_seen_their_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scored: list[tuple[set[str], set[str]]] = []

    def sources(documents: Sequence[LabelledDocument]) -> set[str]:
        return {document.source for document in documents}

    def record(documents: Sequence[LabelledDocument], seen: set[str], *_: str) -> list[Any]:
        scored.append((sources(documents), seen))
        return []

    monkeypatch.setattr(train, "fit_lines", sources)
    monkeypatch.setattr(train, "line_scores", lambda seen: seen)
    monkeypatch.setattr(train, "sequences_of", record)
    monkeypatch.setattr(train, "piece_rows", record)
    monkeypatch.setattr(train, "fit_chain", lambda _: {})
    monkeypatch.setattr(train, "fit_pieces", lambda _: {})
    train.fit_boilerplate(small_corpus(), 1)

    assert len(scored) == 2 * INNER_FOLDS
    assert [groups & seen for groups, seen in scored] == [set()] * len(scored)


# The shipped card


@pytest.fixture(scope="module")
def card(shipped: Model) -> dict[str, Any]:
    return dict(shipped.card)


def test_the_shipped_card_says_of_which_labels_the_model_was_made(card: dict[str, Any]) -> None:
    message = f"{LABELS} or a document was changed after the model was trained: run `make train`"

    assert card["trained_with"]["labels_sha256"] == whole_corpus().sha256, message


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("background_sha256", "background.tsv.gz"),
        ("promotional_sha256", "promotional.tsv.gz"),
        ("ordinary_sha256", "ordinary.npz"),
    ],
)
def test_the_shipped_card_says_of_which_counts_the_model_was_made(
    card: dict[str, Any], entry: str, name: str
) -> None:
    digest = hashlib.sha256((DATA / name).read_bytes()).hexdigest()

    message = f"{DATA / name} was changed after the model was trained: run `make train`"
    assert card["trained_with"][entry] == digest, message


def test_the_shipped_model_was_made_of_all_groups(card: dict[str, Any]) -> None:
    assert card["trained_with"]["without"] == []
    assert card["trained_with"]["documents"] == len(whole_corpus().documents)


def test_the_shipped_card_has_the_digest_of_the_code(card: dict[str, Any]) -> None:
    digest = card["trained_with"]["code_sha256"]

    assert len(digest) == 64
    assert int(digest, 16) >= 0


def test_the_shipped_card_has_the_digest_of_the_arrays(card: dict[str, Any]) -> None:
    assert hashlib.sha256(Path(default_path()).read_bytes()).hexdigest() == card["arrays_sha256"]


def test_the_shipped_card_says_what_the_model_was_made_with(card: dict[str, Any]) -> None:
    assert {"injectclean", "python", "scikit-learn", "numpy"} <= set(card["trained_with"])


def test_the_shipped_thresholds_are_probabilities(card: dict[str, Any]) -> None:
    scores = dict(card["thresholds"])
    del scores["gate"], scores["core"]  # these are log-odds

    assert scores
    assert [name for name, value in scores.items() if not 0 < value < 1] == []


@pytest.mark.parametrize("kind", ["injected", "boilerplate"])
def test_shipped_models_act_on_no_less_than_they_report(card: dict[str, Any], kind: str) -> None:
    thresholds = card["thresholds"]

    assert thresholds[f"{kind}.report"] <= thresholds[f"{kind}.clean"]


def test_the_codes_digest_is_of_all_that_measures() -> None:
    package = Path(train.__file__).parents[1]
    no_measures = {"caches.py", "errors.py", "reasons.py", "spans.py", "values.py"}
    seen: set[str] = set()
    ahead = ["campaign.py", "boilerplate.py"]
    while ahead:
        name = ahead.pop()
        if name not in seen | no_measures:
            seen.add(name)
            code = (package / name).read_text(encoding="utf-8")
            modules = re.findall(r"^from injectclean\.(\w+) import", code, re.MULTILINE)
            files = [(f"{module}.py", f"{module}/__init__.py") for module in modules]
            ahead += [file if (package / file).exists() else folder for file, folder in files]

    assert seen == {name for name in train._MEASURES if name.endswith(".py")}
