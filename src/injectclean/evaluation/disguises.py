"""Disguises that spammers put on: to measure what the matching view undoes, and what it leaves.

Each takes a text and a generator, and gives the text as it would be written in disguise. Honest
text gets the same ones, for a disguise by itself is no injection.

>>> DISGUISES["letters apart"]("nhà cái", random.Random(0))
'n h à  c á i'
>>> DISGUISES["Telex"]("nhà cái uy tín", random.Random(0))
'nhaf cais uy tins'
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from html.entities import codepoint2name

from injectclean.languages import look_alikes
from injectclean.tokens import fold

Disguise = Callable[[str, random.Random], str]
Change = Callable[[str], str]

_SYLLABLE = re.compile(r"[^\W\d_]+")
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_VOWELS = frozenset("aeiouy")
_WRONG_TONES = ("\u0300", "\u0301", "\u0323")
_TELEX = dict(zip(_TONES, "fsrxj", strict=True))
_TELEX_LETTERS = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = dict(zip(_TONES, "21345", strict=True))
_VNI_LETTERS = {"â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"}
_DIGITS = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_SPELLINGS = (("gi", "j"), ("ph", "f"), ("qu", "w"), ("ngh", "ng"), ("c(?!h)", "k"), ("d", "z"))
_SMALL_CAPITALS = str.maketrans("abcdefghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ")
_ETHS = str.maketrans("đĐ", "ðƉ")


def _always(change: Change) -> Disguise:
    """A disguise without a choice."""
    return lambda text, _: change(text)


def _syllables(change: Change) -> Disguise:
    """A disguise that goes syllable by syllable, and leaves what is between."""
    return lambda text, _: _SYLLABLE.sub(lambda match: change(match.group()), text)


def _letters(change: Change, share: float = 1.0) -> Disguise:
    """A disguise that goes letter by letter, and leaves some out."""

    def apply(text: str, rng: random.Random) -> str:
        return "".join(
            change(c) if c.isalpha() and rng.random() < share else c
            for c in unicodedata.normalize("NFC", text)
        )

    return apply


def _chosen(choices: Callable[[str], str], share: float = 1.0) -> Disguise:
    """A disguise that draws each letter from some, where it has any."""

    def apply(text: str, rng: random.Random) -> str:
        return "".join(
            rng.choice(choices(c)) if choices(c) and rng.random() < share else c
            for c in unicodedata.normalize("NFC", text)
        )

    return apply


def _between_words(signs: str) -> Disguise:
    """Something for the blanks between words."""
    return lambda text, rng: re.sub(r"(?<=\w) (?=\w)", lambda _: rng.choice(signs), text)


def _bare(letter: str) -> str:
    """A Latin letter without its diacritics."""
    if letter.isascii() or not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    plain = fold(letter)
    return plain.upper() if letter.isupper() else plain


def _bare_text(text: str) -> str:
    return "".join(map(_bare, unicodedata.normalize("NFC", text)))


def _of_script(script: str) -> Disguise:
    """Look-alikes of another script, two in three where it has any."""
    others: dict[str, str] = {}
    for other, latin in look_alikes().items():
        if unicodedata.name(chr(other)).startswith(script):
            others.setdefault(chr(latin), chr(other))
    return _letters(lambda letter: others.get(letter, letter), 0.67)


def _alphabet(upper: int, lower: int) -> Disguise:
    """ASCII letters at the same place of another alphabet; without diacritics."""

    def shift(letter: str) -> str:
        if not (letter.isascii() and letter.isalpha()):
            return letter
        return chr((upper if letter.isupper() else lower) + ord(letter.lower()) - ord("a"))

    return _always(lambda text: "".join(map(shift, _bare_text(text))))


def _typed(tones: Mapping[str, str], letters: Mapping[str, str]) -> Disguise:
    """As typed without an input method: the tone's key at the end of the syllable."""

    def type_syllable(word: str) -> str:
        keys = tone = ""
        for letter in unicodedata.normalize("NFC", word):
            marks = unicodedata.normalize("NFD", letter)
            tone += "".join(tones[mark] for mark in marks if mark in tones)
            plain = unicodedata.normalize("NFC", "".join(c for c in marks if c not in tones))
            keys += letters.get(plain.lower(), _bare(plain))
        return keys + tone

    return _syllables(type_syllable)


def _respelled(word: str) -> str:
    """As the young write: j for gi, f for ph, k for c, z for d."""
    for written, instead in _SPELLINGS:
        changed = re.sub(f"^{written}", instead, word, flags=re.IGNORECASE)
        if changed != word:
            return changed
    return word


def _drawled(word: str) -> str:
    """The last vowel of a word, four times."""
    for at in range(len(word) - 1, -1, -1):
        if fold(word[at]) in _VOWELS:
            return word[:at] + word[at] * 4 + word[at + 1 :]
    return word


def _wrong_marks(letter: str) -> str:
    """A vowel with diacritics with each of three tones instead; nothing for other letters."""
    bare = _bare(letter)
    if letter == bare or bare.lower() not in _VOWELS:
        return ""
    return unicodedata.normalize("NFC", "".join(f"{bare}{tone}" for tone in _WRONG_TONES))


def _named(letter: str) -> str:
    name = codepoint2name.get(ord(letter))
    return f"&{name};" if name else f"&#{ord(letter)};"


def _apart(text: str) -> str:
    """A blank between letters, two between words."""
    return "  ".join(map(" ".join, text.split(" ")))


def _split(text: str, rng: random.Random) -> str:
    """Two lines, broken at one of the blanks."""
    blanks = [at for at, letter in enumerate(text) if letter == " "]
    if not blanks:
        return text
    at = rng.choice(blanks)
    return f"{text[:at]}\n{text[at + 1 :]}"


# What can be undone letter by letter, and what has more than one reading.
EXACT: dict[str, Disguise] = {
    "no diacritics": _always(_bare_text),
    "decomposed": _always(lambda text: unicodedata.normalize("NFD", text)),
    "half decomposed": _letters(lambda letter: unicodedata.normalize("NFD", letter), 0.5),
    "eth for đ": _always(lambda text: text.translate(_ETHS)),
    "upper case": _always(str.upper),
    "mixed case": _letters(str.swapcase, 0.5),
    "zero-width": _syllables("\u200b".join),
    "soft hyphens": _syllables("\u00ad".join),
    "bidi controls": _syllables(lambda word: f"\u202a{word[0]}\u202c{word[1:]}"),
    "no-break spaces": _between_words("\u00a0"),
    "odd spaces": _between_words("\u2003\u2009\u3000\u202f"),
    "letters apart": _always(_apart),
    "dots between letters": _syllables(".".join),
    "dashes between letters": _syllables("-".join),
    "underscores between letters": _syllables("_".join),
    "slashes between letters": _syllables("/".join),
    "emoji between letters": _syllables("🔥".join),
    "dots between words": _between_words("."),
    "signs between words": _between_words("-_/|*~+"),
    "emoji between words": _between_words("🎰🔥💰👉⭐"),
    "Cyrillic": _of_script("CYRILLIC"),
    "Greek": _of_script("GREEK"),
    "Armenian": _of_script("ARMENIAN"),
    "mathematical": _alphabet(0x1D400, 0x1D41A),
    "fullwidth": _alphabet(0xFF21, 0xFF41),
    "circled": _alphabet(0x24B6, 0x24D0),
    "regional": _alphabet(0x1F1E6, 0x1F1E6),
    "small capitals": _always(lambda text: _bare_text(text).lower().translate(_SMALL_CAPITALS)),
    "stacked marks": _letters(lambda letter: f"{letter}\u0336\u0315"),
    "numeric entities": _letters(lambda letter: f"&#{ord(letter)};"),
    "named entities": _letters(_named),
    "double entities": _letters(lambda letter: _named(letter).replace("&", "&amp;")),
    "tags": _syllables(lambda word: f"{word[0]}<b>{word[1:]}</b>"),
}
READ: dict[str, Disguise] = {
    "wrong diacritics": _chosen(_wrong_marks, 0.5),
    "some diacritics": _letters(_bare, 0.5),
    "all letters apart": _always(lambda text: " ".join(text.replace(" ", ""))),
    "words glued": _always(lambda text: re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])", "", text)),
    "digits for letters": _chosen(lambda letter: _DIGITS.get(_bare(letter).lower(), ""), 0.6),
    "Telex": _typed(_TELEX, _TELEX_LETTERS),
    "VNI": _typed(_VNI, _VNI_LETTERS),
    "teencode": _syllables(_respelled),
    "repeated letters": _syllables(_drawled),
    "split across lines": _split,
}
DISGUISES = EXACT | READ
