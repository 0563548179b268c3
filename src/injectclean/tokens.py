"""The one tokenizer, and the features that a token gives to every linear model.

A token is a run of letters and digits; an ideograph or kana is a token of its own, and a very long
run is cut, so that work stays linear. Its fold is lower-case ASCII (unidecode). Its features are
counts in the sense of scikit-learn's TF-IDF, so that a score is a sum over tokens and pairs:

``w`` fold, ``d`` spelling with diacritics, ``c`` characters within the fold, ``n`` digits by
length, ``t`` one for each token, ``p`` two folds side by side.

>>> [token.folded for token in tokenize("Sòng bài\\nBET88.com")]
['song', 'bai', 'bet88', 'com']
>>> pair_feature("song", "bai")
'p song bai'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

MAX_TOKEN = 32  # code points; the longest Vietnamese syllable has 7, a made-up brand under 20
_IDEOGRAPH = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_IDEOGRAPH}]|[^\\W_{_IDEOGRAPH}]{{1,{MAX_TOKEN}}}")
_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_GRAM_SIZES = (3, 4)


@dataclass(frozen=True, slots=True)
class Token:
    """A token at ``[start, end)`` of the text that was tokenized, with its fold."""

    start: int
    end: int
    text: str
    folded: str


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of ``text[start:end]``, in order, at their places in ``text``."""
    matches = _TOKEN.finditer(text, start, len(text) if end is None else end)
    return [Token(m.start(), m.end(), m.group(), fold(m.group())) for m in matches]


def find_tokens(text: str) -> list[str]:
    """Return only the tokens' texts: the fast way where offsets are not needed."""
    return _TOKEN.findall(text)


def fold(token: str) -> str:
    """Lower-case ASCII form of a token; a letter that has none stays as it is."""
    if token.isascii():
        return token.lower()
    folded = "".join(c for c in _unidecode()(token.lower()) if c.isalnum()).lower()
    return folded or token.lower()


@cache
def _unidecode() -> Callable[[str], str]:
    """Imported at the first token that needs it: ASCII text never does."""
    from unidecode import unidecode_expect_nonascii

    def transliterate(text: str) -> str:
        return unidecode_expect_nonascii(text, errors="ignore")

    return transliterate


def spelling(token: str) -> str:
    """Lower-case token with its tone at the end, so that hòa and hoà are one.

    >>> spelling("Hoà") == spelling("hòa")
    True
    """
    letters: list[str] = []
    tones: list[str] = []
    for character in unicodedata.normalize("NFD", token.lower()):
        tone = _TONES.get(character)
        if tone is None:
            letters.append(character)
        else:
            tones.append(tone)
    return "".join(letters + sorted(tones))


def token_features(token: str, folded: str) -> list[str]:
    """Features of one token, with repetition."""
    if folded.isdecimal():
        return ["t", f"n {min(len(folded), 9)}"]
    features = ["t", f"w {folded}"]
    if not token.isascii():
        features.append(f"d {spelling(token)}")
    framed = f"^{folded}$"
    for size in _GRAM_SIZES:
        features += [f"c {framed[i : i + size]}" for i in range(len(framed) - size + 1)]
    return features


def pair_feature(left: str, right: str) -> str:
    """Feature of two folds side by side."""
    return f"p {left} {right}"


def token_sequence_features(tokens: Sequence[Token]) -> list[str]:
    """All features of tokens that stand side by side."""
    features: list[str] = []
    previous: str | None = None
    for token in tokens:
        features += token_features(token.text, token.folded)
        if previous is not None:
            features.append(pair_feature(previous, token.folded))
        previous = token.folded
    return features


def text_features(text: str) -> list[str]:
    """All features of a text: the analyzer for scikit-learn's vectorizers."""
    return token_sequence_features(tokenize(text))
