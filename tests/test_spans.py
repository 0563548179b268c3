"""Spans, edits and their arithmetic: applying, undoing, composing, mapping back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from injectclean.spans import Cuts, Edit, Span, apply_edits, compose_edits, undo_edits

REPLACEMENTS = ("", " ", "[…]", "[…] ", "xy", "a long replacement")
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=120)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> tuple[Edit, ...]:
    """Sorted, disjoint edits of ``text``, some of which touch."""
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted))
    found: list[Edit] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        if start < end:
            replacement = draw(st.sampled_from(REPLACEMENTS))
            found.append(Edit(start, end, text[start:end], replacement, draw(st.booleans())))
    return tuple(found)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    text = draw(st.text("ab \n[…]", max_size=40))
    return text, draw(edits_of(text))


@st.composite
def edited_twice(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...], tuple[Edit, ...]]:
    text, first = draw(edited())
    return text, first, draw(edits_of(apply_edits(text, first)))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 0)])
def test_span_is_never_empty_nor_before_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


@pytest.mark.parametrize(
    ("other", "overlaps", "contains"),
    [
        (Span(2, 5), True, True),
        (Span(3, 4), True, True),
        (Span(0, 2), False, False),
        (Span(5, 6), False, False),
        (Span(0, 3), True, False),
        (Span(1, 6), True, False),
    ],
)
def test_spans_overlap_when_they_share_a_code_point(
    other: Span, overlaps: bool, contains: bool
) -> None:
    span = Span(2, 5)

    assert span.overlaps(other) is overlaps
    assert other.overlaps(span) is overlaps
    assert span.contains(other) is contains


def test_span_length_counts_code_points() -> None:
    assert len(Span(2, 5)) == 3


@pytest.mark.parametrize(
    ("start", "end", "original"), [(0, 0, ""), (-1, 1, "ab"), (0, 2, "a"), (0, 1, "ab")]
)
def test_edit_that_does_not_fit_its_original_is_refused(
    start: int, end: int, original: str
) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Edit(start, end, original, "")


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(0, 1, "b", ""),),
        (Edit(2, 4, "c ", ""),),
        (Edit(0, 2, "ab", ""), Edit(1, 3, "bc", "")),
        (Edit(2, 3, "c", ""), Edit(0, 1, "a", "")),
    ],
    ids=["other text", "past the end", "overlapping", "unsorted"],
)
def test_edits_that_do_not_describe_the_text_are_refused(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(ValueError, match="does not describe"):
        apply_edits("abc", edits)


def test_undo_refuses_a_text_that_the_edits_did_not_make() -> None:
    with pytest.raises(ValueError, match="was not applied"):
        undo_edits("a[x]c", (Edit(1, 2, "b", "[…]"),))


@EXAMPLES
@given(edited())
def test_undo_gives_the_text_back(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case

    assert undo_edits(apply_edits(text, edits), edits) == text


@EXAMPLES
@given(edited_twice())
def test_composed_edits_do_what_both_passes_do(
    case: tuple[str, tuple[Edit, ...], tuple[Edit, ...]],
) -> None:
    text, first, second = case

    composed = compose_edits(text, first, second)

    assert apply_edits(text, composed) == apply_edits(apply_edits(text, first), second)


@EXAMPLES
@given(edited_twice())
def test_composed_edits_are_sorted_and_disjoint_and_undo(
    case: tuple[str, tuple[Edit, ...], tuple[Edit, ...]],
) -> None:
    text, first, second = case

    composed = compose_edits(text, first, second)

    assert all(a.end <= b.start for a, b in itertools.pairwise(composed))
    assert undo_edits(apply_edits(text, composed), composed) == text


@EXAMPLES
@given(edited())
def test_composing_with_no_second_pass_changes_nothing(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case

    assert compose_edits(text, edits, ()) == edits


@EXAMPLES
@given(edited())
def test_composing_with_no_first_pass_gives_the_second(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case

    composed = compose_edits(text, (), edits)

    assert apply_edits(text, composed) == apply_edits(text, edits)


def test_composing_an_edit_with_its_undoing_leaves_no_edit() -> None:
    first = (Edit(1, 2, "b", "xyz"),)
    second = (Edit(1, 4, "xyz", "b"),)

    assert compose_edits("abc", first, second) == ()


def test_a_second_pass_that_joins_two_removals_makes_one_edit() -> None:
    text = "keep one two three keep"
    first = (Edit(5, 9, "one ", ""), Edit(13, 19, "three ", ""))
    second = (Edit(5, 9, "two ", ""),)

    assert compose_edits(text, first, second) == (Edit(5, 19, "one two three ", ""),)


def test_what_either_pass_loses_is_lost_in_the_composed_edit() -> None:
    first = (Edit(1, 2, "b", "[…]", lossy=True),)
    second = (Edit(0, 4, "a[…]", "", lossy=False),)

    assert compose_edits("abc", first, second) == (Edit(0, 2, "ab", "", lossy=True),)


@EXAMPLES
@given(edited(), st.data())
def test_a_place_of_the_edited_text_maps_to_the_original_that_made_it(
    case: tuple[str, tuple[Edit, ...]], data: st.DataObject
) -> None:
    text, edits = case
    cleaned = apply_edits(text, edits)
    if not cleaned:
        return
    start = data.draw(st.integers(0, len(cleaned) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned)))

    span = Cuts(edits).to_original(start, end)

    touched = [e for e in edits if e.start < span.end and span.start < e.end]
    inside = tuple(
        Edit(e.start - span.start, e.end - span.start, e.original, e.replacement)
        for e in touched
        if span.start <= e.start and e.end <= span.end
    )
    assert len(inside) == len(touched), "an edit is covered whole or not at all"
    assert cleaned[start:end] in apply_edits(text[span.start : span.end], inside)


def test_a_place_without_edits_maps_to_itself() -> None:
    assert Cuts(()).to_original(3, 7) == Span(3, 7)


def test_a_place_behind_a_removal_does_not_reach_into_it() -> None:
    cuts = Cuts((Edit(2, 5, "xxx", ""),))

    assert cuts.to_original(0, 2) == Span(0, 2)
    assert cuts.to_original(2, 4) == Span(5, 7)
    assert cuts.to_original(1, 3) == Span(1, 6)
