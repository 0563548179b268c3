r"""The one tokenizer, and the features that a token gives to every linear model.

A token is a run of letters and digits; an ideograph or kana is a token of its own, and a very long
run is cut, so that work stays linear. Its fold is lower-case ASCII (unidecode). Its features are
counts in the sense of scikit-learn's TF-IDF, so that a score is a sum over tokens and pairs:

``w`` fold, ``d`` spelling with diacritics, ``c`` characters within the fold, ``n`` digits by
length, ``t`` one for each token, ``p`` two folds side by side.

>>> [token.folded for token in tokenize("Sòng bài\nBET88.com")]
['song', 'bai', 'bet88', 'com']
>>> pair_feature("song", "bai")
'p song bai'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from injectclean.values import NamedTuple

MAX_TOKEN = 32  # code points; the longest Vietnamese syllable has 7, a made-up brand under 20
MAX_FOLDS = 100_000  # folds remembered, some 15 MB; ten million words of news have 120,000 forms
MAX_LETTERS = 10_000  # folds of letters remembered; unidecode goes by letters, whatever their token
_LATIN_TOKEN = re.compile(f"[^\\W_]{{1,{MAX_TOKEN}}}")
# What is neither Latin, nor a mark on a letter, nor punctuation. A wide range is slow to compile
# (45 ns a code point), so the pattern for the other scripts waits for a text that has some.
_OTHER_SCRIPT = re.compile("[^\x00-\u036f\u1e00-\u26ff]")
_IDEOGRAPH = "\u3041-\u30ff\u3400-\u9fff"  # kana, Han
FIRST_MARK, LAST_MARK = "\u0591", "\u18ff"  # scripts that write vowels as marks, Hebrew to Khmer
_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_GRAM_SIZES = (3, 4)
EACH = "t"


class Token(NamedTuple):
    """A token at ``[start, end)`` of the text that was tokenized, with its fold."""

    start: int
    end: int
    text: str
    folded: str


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of ``text[start:end]``, in order, at their places in ``text``."""
    end = len(text) if end is None else end
    matches = _pattern(text, start, end).finditer(text, start, end)
    return [Token(*m.span(), word, fold(word)) for m in matches for word in (m.group(),)]


def find_tokens(text: str) -> list[str]:
    """Return only the tokens' texts: the fast way where offsets are not needed."""
    return _pattern(text, 0, len(text)).findall(text)


def _pattern(text: str, start: int, end: int) -> re.Pattern[str]:
    """What cuts tokens out of this part of a text: both patterns cut Latin letters alike."""
    return _LATIN_TOKEN if _OTHER_SCRIPT.search(text, start, end) is None else _any_token()


@cache
def _any_token() -> re.Pattern[str]:
    word = f"(?:[^\\W_{_IDEOGRAPH}]|[{marks()}]){{1,{MAX_TOKEN}}}"
    return re.compile(f"[{_IDEOGRAPH}]|{word}")


@cache
def marks() -> str:
    """Vowel signs, tone marks and the like, which Unicode does not count as letters.

    Without them a Hindi or Thai word would fall into pieces, and lose its end.
    """
    between = map(chr, range(ord(FIRST_MARK), ord(LAST_MARK) + 1))
    return "".join(letter for letter in between if unicodedata.category(letter) in ("Mn", "Mc"))


def is_foreign_letter(letter: str) -> bool:
    """A letter of another script than Latin."""
    return letter > "\u036f" and not "\u1e00" <= letter <= "\u1eff" and letter.isalpha()


@lru_cache(maxsize=MAX_FOLDS)
def fold(token: str) -> str:
    """Lower-case ASCII form of a token; a letter that has none stays as it is."""
    if token.isascii():
        return token.lower()
    return "".join(map(_fold_letter, token.lower())) or token.lower()


@lru_cache(maxsize=MAX_LETTERS)
def _fold_letter(letter: str) -> str:
    if letter.isascii():
        return letter
    return "".join(c for c in _unidecode()(letter) if c.isalnum()).lower()


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
    letters = unicodedata.normalize("NFD", token.lower())
    tones = ""
    for mark, tone in _TONES.items():
        if mark in letters:
            tones += tone * letters.count(mark)
            letters = letters.replace(mark, "")
    return letters + tones


def word_feature(folded: str) -> str:
    """Feature of a fold that is no number."""
    return f"w {folded}"


def spelling_feature(token: str) -> str:
    """Feature of a spelling that ASCII has no letters for."""
    return f"d {spelling(token)}"


def word_features(token: str, folded: str) -> list[str]:
    """Features of one token as a word; the first is ``EACH``."""
    if folded.isdecimal():
        return [EACH, f"n {min(len(folded), 9)}"]
    features = [EACH, word_feature(folded)]
    if not token.isascii():
        features.append(spelling_feature(token))
    return features


def token_features(token: str, folded: str) -> list[str]:
    """Features of one token as a word, and of the characters within it, with repetition."""
    features = word_features(token, folded)
    if not folded.isdecimal():
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
