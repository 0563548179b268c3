"""The shape of a line: what can be seen of it without reading its words.

Shapes hold in every language: length, punctuation at either end, dates, digits, case, bullets,
blank lines around it, and where it stands relative to the article's long paragraphs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from injectclean.caches import remembered
from injectclean.values import NamedTuple

HEAD_TOKENS = 24  # tokens read at a line's start, and
TAIL_TOKENS = 8  # at its end; what a longer line is, its middle tells no more
LONG_PARAGRAPH = 180  # code points from which a line that ends as a sentence is a paragraph

LIKELY_BYLINE, LIKELY_HEADING, LIKELY_NEAR = 0.4, 0.85, 0.6  # probabilities by words alone
HEAD = 200  # code points at its start in which dates, times and the like are looked for
SHORT_HEADING = 60  # code points of a heading over other news, at the most
MIDDLE = 120  # code points that tell titles from teasers
NEAR = 4  # lines before and after that count as near

SHAPES = (
    "chars<4", "chars<12", "chars<25", "chars<50",
    "chars<90", "chars<180", "chars<400", "chars>=400",
    "ends_ellipsis", "ends_sentence", "ends_colon", "ends_letter", "ends_digit", "ends_bracket",
    "starts_bullet", "starts_digit", "starts_lower", "starts_arrow", "starts_upper",
    "all_bracketed", "all_upper", "title_case", "has_date", "has_time", "has_year", "has_address",
    "file_name", "only_numbers", "mostly_digits", "bar_separated", "indented", "no_accents",
    "label_number", "quote", "name_like",
    "blank_before", "blank_after", "first", "second", "last", "repeated", "repeated_often",
    "before_article", "in_article", "after_article", "no_article", "next_ellipsis",
    "previous_short",
    "next_short", "next_long", "previous_long",
    "byline_above", "byline_below", "heading_above", "furniture_before", "furniture_after",
    "long_below_byline", "short_below_byline", "long_below_heading", "short_below_heading",
    "cut_off_below",
)  # fmt: skip

_DATE = re.compile(
    r"\b\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b"
)
_TIME = re.compile(r"\b\d{1,2}[:h]\d{2}\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ADDRESS = re.compile(r"https?://|www\.|\w@\w|\b0\d{2,3}[ .]?\d{3}[ .]?\d{3,4}\b")
_FILE = re.compile(r"^\W*[\w ()-]{1,80}\.(?:jpe?g|png|gif|webp|bmp|svg|mp4|pdf)\W*$", re.IGNORECASE)
_ARROWS = (">>", "»", "→", "►", "▶", "<<", "«")
_ELLIPSES = ("...", "…")
_BULLETS = "•*-–+»>▪◦●■►▶✓·"
_NUMBER_MARKS = frozenset(".,:/|<>«»…()-")
_LABEL = re.compile(r"[^\d:]{2,40}:\s*[\d.,\s]*$")
_BAR = re.compile(r"\S\s*[|»/]\s*\S.*\S\s*[|»/]\s*\S")


class Row(NamedTuple):
    """One line that is not blank: ``[start, end)`` of its visible text in the view, and that."""

    start: int
    end: int
    text: str
    indent: int
    blank_before: bool
    blank_after: bool


def rows_of(text: str) -> list[Row]:
    """The lines of a view that hold a letter or a digit, without the blanks at their ends.

    A line of marks alone is no line of its own: it belongs to what stands around it.
    """
    found: list[Row] = []
    blank = False
    start = 0
    size = len(text)
    while start < size:
        stop = text.find("\n", start)
        stop = size if stop < 0 else stop
        raw = text[start:stop]
        visible = raw.strip()
        if any(map(str.isalnum, visible)):
            indent = len(raw) - len(raw.lstrip())
            low = start + indent
            after = text[stop : stop + 80].split("\n", 2)[1:2]
            blank_after = not after or not after[0].strip()
            found.append(Row(low, low + len(visible), visible, indent, blank, blank_after))
        blank = not visible
        start = stop + 1
    return found


def is_paragraph(text: str) -> bool:
    """Whether a line is a long paragraph of running text, not a teaser that is cut off."""
    return len(text) >= LONG_PARAGRAPH and text[-1:] in '.!?"”)' and not text.endswith("...")


def shapes_of(rows: Sequence[Row]) -> list[tuple[int, ...]]:
    """For each row the indices of the ``SHAPES`` that hold, in order."""
    own = [own_shapes(row.text) for row in rows]
    paragraphs = [index for index, row in enumerate(rows) if is_paragraph(row.text)]
    first, last = (paragraphs[0], paragraphs[-1]) if paragraphs else (0, 0)
    counts = Counter(row.text for row in rows if len(row.text) < 80)
    found: list[tuple[int, ...]] = []
    for index, row in enumerate(rows):
        names = set(own[index])
        names |= _place_shapes(rows, index)
        if row.indent >= 2:
            names.add("indented")
        if counts[row.text] > 1:
            names.add("repeated" if counts[row.text] < 3 else "repeated_often")
        if not paragraphs:
            names.add("no_article")
        elif index < first:
            names.add("before_article")
        else:
            names.add("after_article" if index > last else "in_article")
        found.append(tuple(sorted(map(_INDEX.__getitem__, names))))
    return found


def history_of(
    rows: Sequence[Row], bylines: Sequence[float], furniture: Sequence[float]
) -> list[tuple[int, ...]]:
    """For each row the shapes that come from what its document's other lines are by their words.

    Args:
        bylines: for each row the probability by words alone that it is a by-line.
        furniture: for each row the probability by words alone that it is furniture.
    """
    signed = [
        chance >= LIKELY_BYLINE or (is_name_like(row.text) and not row.text.isupper())
        for chance, row in zip(bylines, rows, strict=True)
    ]
    begun = [len(row.text) >= LONG_PARAGRAPH for row in rows]
    last_signed = max((i for i, is_signed in enumerate(signed) if is_signed), default=-1)
    has_begun = above = heading = False
    found: list[tuple[int, ...]] = []
    for index, row in enumerate(rows):
        length = "short" if len(row.text) < MIDDLE else "long"
        names = []
        if above:
            names += ["byline_above", f"{length}_below_byline"]
        if heading:
            names += ["heading_above", f"{length}_below_heading"]
        if (above or heading) and row.text.endswith(_ELLIPSES):
            names.append("cut_off_below")
        if index < last_signed:
            names.append("byline_below")
        if index and _mean(furniture[max(0, index - NEAR) : index]) >= LIKELY_NEAR:
            names.append("furniture_before")
        if index + 1 < len(rows) and _mean(furniture[index + 1 : index + 1 + NEAR]) >= LIKELY_NEAR:
            names.append("furniture_after")
        found.append(tuple(map(_INDEX.__getitem__, names)))
        has_begun = has_begun or begun[index]
        above = above or (has_begun and signed[index])
        short = len(row.text) < SHORT_HEADING
        heading = heading or (has_begun and short and furniture[index] >= LIKELY_HEADING)
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


_INDEX = {name: index for index, name in enumerate(SHAPES)}
_LENGTHS = (4, 12, 25, 50, 90, 180, 400)


@remembered
def own_shapes(text: str) -> frozenset[str]:
    """Names of the shapes that a text has by itself, without its neighbours; it is not blank."""
    size = len(text)
    length = next((f"chars<{limit}" for limit in _LENGTHS if size < limit), "chars>=400")
    head = text[:HEAD]
    names = {length} | _end_shapes(text) | _start_shapes(head)
    letters = "".join(filter(str.isalpha, head))
    digits = sum(map(str.isdigit, head))
    tests = {
        "all_bracketed": is_bracketed(text),
        "all_upper": len(letters) > 3 and all(map(str.isupper, letters)),
        "title_case": size < 90 and _is_title_case(head),
        "has_date": has_date(text),
        "has_time": _TIME.search(head) is not None,
        "has_year": _YEAR.search(head) is not None,
        "has_address": _ADDRESS.search(head) is not None,
        "file_name": size < 100 and _FILE.match(text) is not None,
        "only_numbers": size < 100 and all(map(_is_number_mark, text)),
        "mostly_digits": digits * 2 > len(letters) + digits,
        "bar_separated": size < 300 and _is_bar_separated(text),
        "no_accents": head.isascii() and len(letters) > 5,
        "label_number": is_label_number(text),
        "quote": head[0] in '"“‘«',
        "name_like": is_name_like(text),
    }
    return frozenset(names | {name for name, holds in tests.items() if holds})


def is_bracketed(text: str) -> bool:
    """Whether a text begins and ends with brackets."""
    return text[0] in "([" and text[-1] in ")]"


def has_date(text: str) -> bool:
    """Whether a date with its year stands near a text's start."""
    return _DATE.search(text, 0, HEAD) is not None


def is_label_number(text: str) -> bool:
    """Whether a short text is a name, a colon and numbers."""
    return len(text) < 80 and _LABEL.match(text) is not None


def starts_with_arrow(text: str) -> bool:
    """Whether a text begins with a sign that points elsewhere."""
    return text.startswith(_ARROWS)


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, and not with an ellipsis."""
    return text[-1] in ".!?" and not text.endswith(_ELLIPSES)


def _is_bar_separated(text: str) -> bool:
    # A class of signs beyond Latin-1 takes long to compile.
    return _BAR.search(text.replace("›", "»").replace("•", "»")) is not None


def _is_number_mark(character: str) -> bool:
    return character.isdecimal() or character.isspace() or character in _NUMBER_MARKS


def _end_shapes(text: str) -> set[str]:
    last = text[-1]
    if text.endswith(_ELLIPSES):
        return {"ends_ellipsis"}
    if ends_sentence(text):
        return {"ends_sentence"}
    if last == ":":
        return {"ends_colon"}
    if last in ')]”"':
        return {"ends_bracket"}
    return {"ends_digit"} if last.isdigit() else ({"ends_letter"} if last.isalpha() else set())


def _start_shapes(head: str) -> set[str]:
    first = head[0]
    names: set[str] = set()
    if first in _BULLETS:
        names.add("starts_bullet")
    if starts_with_arrow(head):
        names.add("starts_arrow")
    if first.isdigit():
        names.add("starts_digit")
    letter = next(filter(str.isalpha, head), "")
    names.add("starts_upper" if letter.isupper() else "starts_lower")
    return names


def _place_shapes(rows: Sequence[Row], index: int) -> set[str]:
    row = rows[index]
    before = rows[index - 1].text if index else ""
    after = rows[index + 1].text if index + 1 < len(rows) else ""
    tests = {
        "blank_before": row.blank_before,
        "blank_after": row.blank_after,
        "first": index == 0,
        "second": index == 1,
        "last": index + 1 == len(rows),
        "next_ellipsis": after.endswith(("...", "…")),
        "previous_short": 0 < len(before) < 40,
        "next_short": 0 < len(after) < 40,
        "next_long": len(after) >= LONG_PARAGRAPH,
        "previous_long": len(before) >= LONG_PARAGRAPH,
    }
    return {name for name, holds in tests.items() if holds}


def _is_title_case(text: str) -> bool:
    words = [word for word in text.split() if word[0].isalpha()]
    return len(words) > 1 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def is_name_like(text: str) -> bool:
    """Whether a text is two to five words with capitals, and nothing else."""
    words = text.split(None, 5)  # a sixth word is one too many, and the rest need not be looked at
    return 2 <= len(words) <= 5 and all(
        w[0].isupper() and w.isalpha() and w[1:].islower() for w in words
    )
