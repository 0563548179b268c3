"""Which lines go: the sequence's word, and the word of a line near by."""

from __future__ import annotations

import pytest

from injectclean.blocks import (
    AMIDST,
    ANCHOR,
    ARTICLE,
    BEFORE_ANCHOR,
    BEHIND_ANCHOR,
    LINE_RISK,
    lines_that_go,
)
from injectclean.boilerplate import LineScore, Piece
from injectclean.config import Config
from injectclean.normalize import matching_view
from injectclean.propose import PIECE_RISK, Thresholds, propose_boilerplate
from injectclean.shape import rows_of

THRESHOLDS = Thresholds(report=0.5, clean=0.9)
NAMES = [f"Orla Venn number {n}" for n in range(60)]


def names_that_go(alone: list[float], furniture: float = 0.99) -> list[int]:
    """Indices of the lines that go, of lines with these chances by their words alone."""
    text = "\n".join(NAMES[: len(alone)])
    view = matching_view(text)
    lines = [
        LineScore(row, furniture, "boilerplate/navigation", chance, (), ())
        for row, chance in zip(rows_of(text), alone, strict=True)
    ]
    found = propose_boilerplate(view, lines, THRESHOLDS, Config())
    return [
        index
        for index, line in enumerate(lines)
        if any(p.act and p.span.start <= line.row.start < p.span.end for p in found)
    ]


def test_names_below_each_other_stay_though_they_look_like_a_menu() -> None:
    assert names_that_go([0.6] * 30) == []


def test_they_are_reported_all_the_same() -> None:
    text = "\n".join(NAMES[:30])
    lines = [LineScore(row, 0.99, "boilerplate/navigation", 0.6, (), ()) for row in rows_of(text)]

    [finding] = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    assert not finding.act
    assert (finding.span.start, finding.span.end) == (0, len(text))


def test_a_line_whose_words_say_so_takes_its_neighbours_along() -> None:
    assert names_that_go([0.6, 0.6, ANCHOR, 0.6, 0.6]) == [0, 1, 2, 3, 4]


def test_it_speaks_for_so_many_lines_and_no_more() -> None:
    alone = [0.6] * 60
    alone[25] = 0.9

    gone = names_that_go(alone)

    assert gone == list(range(25 - BEFORE_ANCHOR, 25 + BEHIND_ANCHOR + 1))


def test_a_line_between_that_stays_ends_what_it_speaks_for() -> None:
    text = "\n".join(NAMES[:6])
    chances = [0.99, 0.99, 0.01, 0.99, 0.99, 0.99]
    lines = [
        LineScore(row, furniture, "boilerplate/related", alone, (), ())
        for row, furniture, alone in zip(
            rows_of(text), chances, [0.9, 0.6, 0.1, 0.6, 0.6, 0.6], strict=True
        )
    ]

    found = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    acted = [p.span for p in found if p.act]
    assert [(span.start, span.end) for span in acted] == [(0, lines[1].row.end)]


@pytest.mark.parametrize(
    ("line", "goes"),
    [
        ("Send your view: Orla rebuilt the old stone bridge over the Venn", False),
        ("Send your view of this page: name, address, comment, captcha", True),
        ("Send your view: Orla", True),
    ],
)
def test_what_the_article_says_too_stays(line: str, goes: bool) -> None:
    body = (
        "The council said on Monday that Orla rebuilt the old stone bridge over the Venn in May. "
    )
    text = f"{line}\n{body * 2}"
    lines = [
        LineScore(row, chance, "boilerplate/comments", chance, (), ())
        for row, chance in zip(rows_of(text), (0.99, 0.01), strict=True)
    ]

    [finding] = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    assert (finding.span.start, finding.span.end, finding.act) == (0, len(line), goes)


@pytest.mark.parametrize(
    ("chance", "size", "goes"),
    [(0.95, 239, True), (0.95, 241, False), (0.995, 2399, True), (0.995, 2401, False)],
)
def test_the_longer_a_line_the_surer_it_must_be(chance: float, size: int, goes: bool) -> None:
    line = "Read more of Orla Venn " + "a" * (size - 23)
    text = f"{line}\n{'The council met on Monday. ' * 5}"
    lines = [
        LineScore(row, furniture, "boilerplate/related", furniture, (), ())
        for row, furniture in zip(rows_of(text), (chance, 0.01), strict=True)
    ]

    [finding] = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    assert (finding.span.end, finding.act) == (size, goes)
    assert goes == ((1 - chance) * size <= LINE_RISK)


@pytest.mark.parametrize(("chance", "size", "goes"), [(0.6, 40, True), (0.6, 50, False)])
def test_the_longer_a_piece_the_surer_it_must_be(chance: float, size: int, goes: bool) -> None:
    text = "The council met on Monday. " * 5
    [row] = rows_of(text)
    piece = Piece(0, size, chance, "boilerplate/related")
    lines = [LineScore(row, 0.01, "boilerplate/related", 0.01, (), (piece,))]

    [finding] = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    assert (finding.span.end, finding.act) == (size, goes)
    assert goes == ((1 - chance) * size <= PIECE_RISK)


def test_a_line_that_repeats_goes_by_itself_and_takes_nobody_along() -> None:
    text = "\n".join(NAMES[:5])
    rows = rows_of(text)
    lines = [
        LineScore(row, unaided, "boilerplate/navigation", 0.1, (), (), shared)
        for row, unaided, shared in zip(
            rows, [0.8, 0.8, 0.8, 0.85, 0.6], [0.0, 0.5, 0.0, 0.2, 0.5], strict=True
        )
    ]

    found = propose_boilerplate(matching_view(text), lines, THRESHOLDS, Config())

    acted = [p.span for p in found if p.act]
    assert [(span.start, span.end) for span in acted] == [(rows[1].start, rows[1].end)]


PROSE = "The council met on Monday and rebuilt the old stone bridge over the river in May."


def blocks_that_go(rows: list[tuple[str, float, float, float]]) -> list[int]:
    """Indices of the lines that go, of lines with a text, its chance, alone, and shared."""
    text = "\n".join(line for line, *_ in rows)
    lines = [
        LineScore(row, unaided, "boilerplate/navigation", alone, (), (), shared)
        for row, (_, unaided, alone, shared) in zip(rows_of(text), rows, strict=True)
    ]
    return [at for at, goes in enumerate(lines_that_go(lines, THRESHOLDS, Config())) if goes]


@pytest.mark.parametrize(
    ("alone", "prose", "shared", "goes"),
    [
        (AMIDST - 0.01, 3, 0.0, False),
        (AMIDST + 0.01, 3, 0.0, True),
        (AMIDST - 0.01, 2, 0.0, True),  # 162 code points: the article has hardly begun
        (AMIDST - 0.01, 3, 0.5, True),  # half of its site's pages have it
    ],
)
def test_in_the_midst_of_an_article_a_blocks_own_words_must_say_what_it_is(
    alone: float, prose: int, shared: float, goes: bool
) -> None:
    before, behind = [(PROSE, 0.01, 0.01, 0.0)] * prose, [(PROSE, 0.01, 0.01, 0.0)] * 3
    block = [("Orla Venn", 0.99, alone, shared)] * 2

    gone = blocks_that_go([*before, *block, *behind])

    assert len(PROSE) * 2 < ARTICLE <= len(PROSE) * 3
    assert gone == ([prose, prose + 1] if goes else [])


@pytest.mark.parametrize(
    ("alone", "stay", "goes"),
    [(0.4, 5, False), (0.4, 3, True), (0.9, 5, True)],
)
def test_of_a_list_that_mostly_stays_nothing_goes_for_its_place_alone(
    alone: float, stay: int, goes: bool
) -> None:
    anchor = ("Read on", 0.99, ANCHOR, 0.0)
    listed = ("Cedar Street and the mill", 0.01, 0.1, 0.0)
    block = [("Orla Venn and company, of the old stone bridge", 0.99, alone, 0.0)] * 3

    gone = blocks_that_go([*[listed] * stay, anchor, *block])

    assert gone == ([stay, stay + 1, stay + 2, stay + 3] if goes else [])
