"""Where sentences end: marks, closing quotes and brackets, and what stands behind them.

Written with methods of strings: a start would have to compile patterns of these signs, which costs
more than one page's use of them.
"""

from __future__ import annotations

ENDS = ".!?…"
CLOSERS = '"”’)]'


def has_end(gap: str) -> bool:
    """Whether a sentence ends within what stands between two words.

    >>> has_end('.” '), has_end(", "), has_end(".com")
    (True, False, False)
    """
    return any(
        mark in ENDS and not gap[at + 1 :].lstrip(CLOSERS)[:1].strip()
        for at, mark in enumerate(gap)
    )


def begins_after(before: str) -> bool:
    """Whether a sentence begins where a text of one line ends.

    >>> begins_after("Nói xong. “"), begins_after("Nói, “")
    (True, False)
    """
    at = len(before)
    while at and _is_mark(before[at - 1]):
        at -= 1
    head = before[:at].rstrip()
    return len(head) < at and head.rstrip(CLOSERS).endswith(tuple(ENDS))


def ends_before(after: str) -> bool:
    """Whether a sentence has ended where a text of one line begins.

    >>> ends_before("!” Rồi"), ends_before(" . Rồi"), ends_before(".com")
    (True, True, False)
    """
    rest = after[1:] if after[:1].isspace() else after
    tail = rest.lstrip(ENDS)
    return len(tail) < len(rest) and not tail.lstrip(CLOSERS)[:1].strip()


def _is_mark(character: str) -> bool:
    return not (character.isalnum() or character.isspace() or character == "_")
