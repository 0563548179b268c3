"""The stages in order: view -> injected -> boilerplate -> resolve, until nothing is left to act on.

>>> scanner = Scanner()
>>> result = scanner.clean("Một dòng bình thường của bài báo về hội nghị tổng kết năm.")
>>> result.report.verdict, result.report.edits
('pass', ())
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache

from injectclean._version import __version__
from injectclean.boilerplate import BoilerplateFinder
from injectclean.campaign import Thresholds
from injectclean.config import Config
from injectclean.document import Document, Source, digest, encode, from_text, with_line_feeds
from injectclean.errors import ConfigError, ModelError, OutputError, RestoreError
from injectclean.injected import InjectedFinder
from injectclean.model import Model, load_model
from injectclean.parts import Parts, Seen
from injectclean.propose import (
    apply_allow,
    propose_boilerplate,
    propose_injected,
    propose_rules,
)
from injectclean.quality import Measures, hold_back, hold_furniture, measure, quality_numbers
from injectclean.report import SCHEMA, Cleaned, Finding, Report
from injectclean.resolve import Proposal, action_of, resolve
from injectclean.spans import Cuts, Edit, Span, apply_edits, compose_edits, covering, undo_edits
from injectclean.values import NamedTuple, replace

MAX_PASSES = 8  # a removal that uncovers another is rare; a text that does not settle is held
NOT_SETTLED = "every removal uncovers another one"


class _Pass(NamedTuple):
    """What one look at a text gives."""

    findings: tuple[Finding, ...]
    edits: tuple[Edit, ...]
    measures: Measures
    held: str | None


class Scanner:
    """Finds injected text and page furniture; loads the model once, then keeps no state but caches.

    Example:
        >>> scanner = Scanner(config=Config(gap="[...]"))
        >>> [result.report.verdict for result in scanner.clean_many(["Một.", "Hai."])]
        ['pass', 'pass']
    """

    def __init__(self, *, config: Config | None = None) -> None:
        """Load the model.

        Raises:
            ModelError: the model is missing, damaged or foreign.
            ConfigError: the site's profile cannot be used.
        """
        self.config = Config() if config is None else config
        model = load_model(self.config.model)
        profile = self.config.profile
        self._shared = None if profile is None else _shares(profile)
        self._model_name = model.identity
        try:
            self._injected = InjectedFinder(model)
            self._boilerplate = BoilerplateFinder(model)
            self._injected_thresholds = self._thresholds(model, "injected")
            self._boilerplate_thresholds = self._thresholds(model, "boilerplate")
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            name = self.config.model or "the shipped model"
            what = f"{type(error).__name__}: {error}"
            raise ModelError(f"{name}: not for this version; train it anew ({what})") from error

    @property
    def model(self) -> str:
        """Name and digest of the model, as reports give them."""
        return self._model_name

    def scan(self, text: str) -> Report:
        """Report on ``text``; the report's edits are what ``clean`` would do."""
        return self.clean(text).report

    def clean(self, text: str) -> Cleaned:
        """Return the sanitized text, and the report that explains and undoes it."""
        return self.clean_document(from_text(text))

    def clean_document(self, document: Document) -> Cleaned:
        """As ``clean``, for a document whose source is known."""
        text = with_line_feeds(document.text)
        parts = Parts(self._see, self._see_rules)
        looked = self._look(text, parts)
        findings, edits = list(looked.findings), looked.edits
        held = looked.held
        again = looked
        for _ in range(MAX_PASSES):
            if not again.edits:
                break
            current = apply_edits(text, edits)
            again = self._look(current, parts)
            held = held or again.held
            findings = _add_later(text, findings, edits, again)
            edits = compose_edits(text, edits, again.edits)
        else:
            findings, edits, held = list(looked.findings), (), NOT_SETTLED
        if text is not document.text:
            text = document.text
            edits = tuple(replace(e, original=text[e.start : e.end]) for e in edits)
            findings = [replace(f, text=text[f.span.start : f.span.end]) for f in findings]
        linked = _link(findings, edits)
        cleaned = apply_edits(text, edits)
        report = Report(
            schema=SCHEMA,
            tool=f"injectclean {__version__}",
            model=self._model_name,
            source=document.source,
            verdict=self._verdict(linked, held),
            findings=linked,
            edits=edits,
            quality=quality_numbers(looked.measures, linked, edits, held),
            cleaned_sha256=digest(cleaned),
            complete=document.source.problem is None,
        )
        return Cleaned(cleaned, report)

    def unread(self, source: Source) -> Report:
        """The report on an input that could not be read, as ``source.problem`` says."""
        return Report(
            schema=SCHEMA,
            tool=f"injectclean {__version__}",
            model=self._model_name,
            source=source,
            verdict="review",
            findings=(),
            edits=(),
            quality={},
            cleaned_sha256=None,
            complete=False,
        )

    def clean_many(self, texts: Iterable[str], *, jobs: int = 1) -> Iterator[Cleaned]:
        """Clean texts one by one, in order, with bounded memory.

        Args:
            jobs: processes that share the work; 1 needs none beside this one.

        Raises:
            ConfigError: ``jobs`` is less than 1.
        """
        if jobs < 1:
            raise ConfigError(f"jobs: {jobs} is less than 1")
        if jobs == 1:
            return map(self.clean, texts)
        from injectclean.parallel import clean_in_processes

        return clean_in_processes(self.config, texts, jobs)

    def _see(self, text: str) -> Seen:
        view = self._injected.view(text)
        config = self.config
        injected = propose_injected(view, self._injected, self._injected_thresholds, config)
        dropped = sorted(p.span for p in injected if p.scope == "line" and p.act)
        lines = self._boilerplate.lines(view, dropped, self._shared)
        furniture = propose_boilerplate(view, lines, self._boilerplate_thresholds, config)
        content = [
            Span(*view.span(line.row.start, line.row.end)) for line in lines if line.is_content
        ]
        return Seen(propose_rules(view, config), injected, furniture, content)

    def _see_rules(self, text: str) -> list[Proposal]:
        return propose_rules(self._injected.view(text), self.config) if self.config.rules else []

    def _look(self, text: str, parts: Parts) -> _Pass:
        seen = parts.look(text)
        furniture, held = seen.furniture, None
        if any(p.act for p in furniture):
            acted = [p for p in (*seen.injected, *furniture) if p.act]
            held = hold_furniture(measure(text, seen.content, acted))
        if held is not None:
            furniture = [p._replace(act=False) for p in furniture]
        # What the user's own rules say is no guess: only the last guard holds it back.
        found = [*seen.rules, *seen.injected, *furniture]
        proposals = apply_allow(text, found, self.config)
        measures = measure(text, seen.content, [p for p in proposals if p.act])
        if any(p.act for p in proposals) and (reason := hold_back(measures)) is not None:
            held = reason
            proposals = [p._replace(act=False) for p in proposals]
        findings, edits = resolve(text, proposals, self.config.gap)
        return _Pass(findings, edits, measures, held)

    def _thresholds(self, model: Model, kind: str) -> Thresholds:
        report, clean = self.config.report_threshold, self.config.clean_threshold
        return Thresholds(
            report=model.threshold(f"{kind}.report") if report is None else report,
            clean=model.threshold(f"{kind}.clean") if clean is None else clean,
        )

    def _verdict(self, findings: Sequence[Finding], held: str | None) -> str:
        counted = [f for f in findings if f.is_injected and not f.is_allowed]
        if any(f.score >= self._injected_thresholds.clean for f in counted):
            return "block"
        return "review" if counted or held is not None else "pass"


def _shares(path: str) -> Callable[[str], float]:
    from injectclean.profile import read_profile

    return read_profile(path).share


@lru_cache(maxsize=1)
def scanner_for(config: Config) -> Scanner:
    """The scanner of this process, kept as long as an equal configuration is asked for.

    For engines, whose every batch is a call of its own with a copy of the configuration.
    """
    return Scanner(config=config)


@cache
def _default_scanner() -> Scanner:
    return Scanner()


def scan(text: str) -> Report:
    """Report on ``text`` with the shipped model and the default configuration."""
    return _default_scanner().scan(text)


def clean(text: str) -> Cleaned:
    """Clean ``text`` with the shipped model and the default configuration.

    >>> clean("Bài báo này chỉ có một câu bình thường và không có gì khác.").report.edits
    ()
    """
    return _default_scanner().clean(text)


def restore(text: str, report: Report) -> str:
    """Return the original of a cleaned ``text``.

    Raises:
        RestoreError: ``text`` is not what the report's cleaning gave, to the letter, or what the
            report's edits give back is not what was cleaned.
    """
    if report.cleaned_sha256 is None or digest(text) != report.cleaned_sha256:
        raise RestoreError(
            "this is not the cleaned text that the report describes (SHA-256 differs)"
        )
    try:
        original = undo_edits(text, report.edits)
        data = encode(original, report.source)
    except (ValueError, OutputError, ConfigError) as error:
        raise RestoreError(str(error)) from error
    if report.source.sha256 not in (None, hashlib.sha256(data).hexdigest()):
        raise RestoreError("the report's edits do not give its source back (SHA-256 differs)")
    return original


def _add_later(
    text: str, findings: list[Finding], edits: tuple[Edit, ...], later: _Pass
) -> list[Finding]:
    """Add what a later pass acts on, at its place in the original; what it only flags is known."""
    cuts = Cuts(edits)
    known = {(f.span, f.category): index for index, f in enumerate(findings)}
    result = list(findings)
    for found in later.findings:
        if found.edit is None:
            continue
        span = cuts.to_original(found.span.start, found.span.end)
        moved = replace(found, span=span, text=text[span.start : span.end])
        index = known.get((span, found.category))
        if index is None:
            result.append(moved)
        else:
            result[index] = moved
    return result


def _link(findings: Sequence[Finding], edits: Sequence[Edit]) -> tuple[Finding, ...]:
    """Sort findings and let each name the edit that it lies in."""
    linked: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.span.start, -f.span.end, f.category)):
        index = covering(edits, finding.span)
        action = "flag"
        if finding.action != "flag" and index is not None:
            action = action_of(edits[index])
        linked.append(replace(finding, edit=index, action=action))
    return tuple(linked)
