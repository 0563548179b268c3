"""How far a finding reaches: the signs that belong to its words, and its own final punctuation.

Tokens are letters and digits, a finding is what a writer put in: with the per cent behind its last
number, the domain's ending, the sign before a hashtag. A line or a sentence of its own takes its
final punctuation, and the quotes or brackets around all of it. Names of tags look like words, but a
finding neither begins nor ends with a tag, or within one: markup stays as whole as it was.

>>> text = "Vay nóng lãi 0%."
>>> reach(text, 0, 14)
(0, 16, 'line')
"""

from __future__ import annotations

import re

from injectclean.features import place_of
from injectclean.resolve import sentence_goes_on
from injectclean.sentences import CLOSERS, ENDS

_HEADS = frozenset("#@$€£¿¡")  # before a word that they belong to
_WIDE_ENDS = "。！？"  # end a sentence of ideographs, and no other
_OPENERS = frozenset('"“‘([')
MAX_TAG = 300  # code points
_TAIL = re.compile(r"(?:(?<=[A-Za-z0-9])\.[a-z]{2,6}(?![^\W_]))+|(?<=\d)[%‰°₫€$£+](?![^\W_])")


def reach(text: str, start: int, end: int) -> tuple[int, int, str]:
    """The span of a finding whose tokens are ``[start, end)`` of a view's text, and its scope."""
    start, end = _with_signs(text, *_without_tags(text, start, end))
    own_line, own_sentence = place_of(text, start, end)
    # A list may begin with small letters, a sentence does not: a line needs the surer sign.
    goes_on = sentence_goes_on(text, end, sure=own_line)
    if goes_on or not (own_line or own_sentence):
        return start, end, "phrase"
    while end < len(text) and text[end] in ENDS:
        end += 1
    while end < len(text) and text[end] in CLOSERS and start and text[start - 1] in _OPENERS:
        end += 1
        start -= 1
    return start, end, "line" if own_line else "sentence"


def _without_tags(text: str, start: int, end: int) -> tuple[int, int]:
    low, high = start, end
    while (at := text.rfind("<", low + 1, high)) > 0 and _is_tag(text, at):
        if text[text.find(">", at) + 1 : high].strip():
            break
        high = low + len(text[low:at].rstrip())
    while (shut := text.find(">", low, high)) >= 0:
        at = text.rfind("<", max(0, shut - MAX_TAG), shut)
        if at < 0 or not _is_tag(text, at) or text[low:at].strip():
            break
        low = high - len(text[shut + 1 : high].lstrip())
    return (low, high) if low < high else (start, end)


def _is_tag(text: str, at: int) -> bool:
    name = text[at + 1 : at + 2]
    shut = text.find(">", at, at + MAX_TAG)
    return (name.isalpha() or name == "/") and shut >= 0 and "<" not in text[at + 1 : shut]


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    while start and text[start - 1] in _HEADS and not text[max(0, start - 2)].isalnum():
        start -= 1
    tail = _TAIL.match(text, end)
    if tail is not None:
        end = tail.end()
    if text[end - 1] > "\u2e7f":
        while end < len(text) and text[end] in _WIDE_ENDS:
            end += 1
    return start, end
