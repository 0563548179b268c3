"""Numbers about a document that a pipeline can filter on, and the guard that holds edits back."""

from __future__ import annotations

from collections.abc import Sequence

from injectclean.report import Finding
from injectclean.resolve import Proposal
from injectclean.spans import Edit, Span
from injectclean.values import NamedTuple

# The least that must remain, in visible code points: a short sentence. A library call may bring a
# single sentence, so this cannot ask for a whole paragraph of newspaper length.
MIN_MAIN_CONTENT = 24
# Furniture goes only where a paragraph of running text stays: a page that is all short lines (a
# list, a timetable, a poem) may be nothing but content.
MIN_PARAGRAPH = 80
CHUNK = 50_000  # code points that are cut into words at once: the words of all need ten times that


class Measures(NamedTuple):
    """Visible code points of a document, by what they are."""

    visible: int
    injected: int
    boilerplate: int
    main_content: int
    paragraph: int


def measure(text: str, content: Sequence[Span], proposals: Sequence[Proposal]) -> Measures:
    """Count the visible code points of a text, of its main content, and of what is proposed."""
    injected = _merged([p.span for p in proposals if p.category.startswith("injected/")])
    furniture = _merged([p.span for p in proposals if p.category.startswith("boilerplate/")])
    remaining = _visible_outside(text, content, _merged([*injected, *furniture]))
    return Measures(
        visible=visible(text),
        injected=sum(visible(text[span.start : span.end]) for span in injected),
        boilerplate=sum(visible(text[span.start : span.end]) for span in furniture),
        main_content=sum(remaining),
        paragraph=max(remaining, default=0),
    )


def hold_back(measures: Measures) -> str | None:
    """Why the edits must not be made, or None: a document is never emptied."""
    if measures.main_content < MIN_MAIN_CONTENT:
        return "hardly any main content would remain"
    if measures.injected > measures.main_content:
        return "injected text outweighs the main content"
    return None


def hold_furniture(measures: Measures) -> str | None:
    """Why furniture must stay, or None: without a paragraph nothing tells a page from a list."""
    if measures.boilerplate and measures.paragraph < MIN_PARAGRAPH:
        return "no paragraph of main content would remain"
    return None


def quality_numbers(
    measures: Measures, findings: Sequence[Finding], edits: Sequence[Edit], held: str | None
) -> dict[str, int | float | str | None]:
    """The report's ``quality``."""
    total = measures.visible or 1
    return {
        "visible_characters": measures.visible,
        "main_content_characters": measures.main_content,
        "share_injected": round(measures.injected / total, 4),
        "share_boilerplate": round(measures.boilerplate / total, 4),
        "injected_findings": sum(f.is_injected for f in findings),
        "boilerplate_findings": sum(not f.is_injected for f in findings),
        "removed_characters": sum(len(edit.original) for edit in edits),
        "held": held,
    }


def visible(text: str) -> int:
    """Code points that are not blank."""
    at_once = (text[at : at + CHUNK] for at in range(0, len(text), CHUNK))
    return sum(sum(map(len, part.split())) for part in at_once)


def _merged(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _visible_outside(text: str, spans: Sequence[Span], taken: Sequence[Span]) -> list[int]:
    """Visible code points of each span that ``taken`` does not cover; both sorted and disjoint."""
    counts: list[int] = []
    at = 0
    for span in spans:
        count = visible(text[span.start : span.end])
        while at < len(taken) and taken[at].end <= span.start:
            at += 1
        index = at
        while index < len(taken) and taken[index].start < span.end:
            low, high = max(span.start, taken[index].start), min(span.end, taken[index].end)
            count -= visible(text[low:high])
            index += 1
        counts.append(count)
    return counts
