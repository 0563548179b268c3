"""How a language of syllables spells and types them: what tells a word from a disguised one.

A syllable is an onset and a rhyme, and a tone at the most. Without an input method it is typed with
keys instead of marks (Telex, VNI); the young write some onsets as they sound. All of that is data
(``languages/vi/spelling.json``).

>>> from injectclean.languages import spellings
>>> vietnamese = Spelling(spellings()[0])
>>> vietnamese.is_syllable("tín"), vietnamese.is_syllable("kái")
(True, False)
>>> vietnamese.typed("tieengs"), vietnamese.typed("tie6ng1"), vietnamese.typed("news")
('tiếng', 'tiếng', None)
>>> list(vietnamese.respelled("kái"))
['cái']
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from injectclean.tokens import fold

MAX_SYLLABLE = 7  # letters: "nghiêng"
MAX_KEYS = 10  # keys of a typed syllable: "nghieengs", "thuowngf"
_VOWELS = frozenset("aeiouy")
# A tone's key follows a vowel or its own second key; elsewhere it is a letter ("s" of "sofng").
_VOWEL_KEYS = frozenset("aeiouyw6789")


class Spelling:
    """The syllables of one language, as its data say."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._tones = frozenset(data["tones"])
        self._onsets = frozenset(data["onsets"])
        self._longest_onset = max(map(len, self._onsets))
        self._front = frozenset(data["front"])
        self._only_before_front = frozenset(data["only_before_front"])
        self._never_before_front = frozenset(data["never_before_front"])
        self._rhymes = frozenset(data["rhymes"].split())
        self._keyboards: dict[str, dict[str, dict[str, str]]] = data["keyboards"]
        self._respellings: dict[str, list[str]] = data["respellings"]
        self._respelled_onsets = tuple(self._respellings)

    @cached_property
    def _plain_rhymes(self) -> frozenset[str]:
        return frozenset(map(fold, self._rhymes))

    def is_syllable(self, word: str) -> bool:
        """Whether a lower-case word is spelled as a syllable; ASCII stands for any diacritics."""
        if word.isascii():
            return self._is_spelled(word, self._plain_rhymes)
        letters = unicodedata.normalize("NFD", word)
        tones = sum(letter in self._tones for letter in letters)
        plain = "".join(letter for letter in letters if letter not in self._tones)
        return tones <= 1 and self._is_spelled(unicodedata.normalize("NFC", plain), self._rhymes)

    def _is_spelled(self, plain: str, rhymes: frozenset[str]) -> bool:
        """Whether a word without a tone is an onset and one of the rhymes."""
        return any(
            plain[:size] in self._onsets
            and plain[size:] in rhymes
            and self._fits(plain[:size], plain[size:])
            for size in range(min(self._longest_onset, len(plain) - 1), -1, -1)
        )

    def _fits(self, onset: str, rhyme: str) -> bool:
        if rhyme[0] in self._front or fold(rhyme[0]) in self._front:
            return onset not in self._never_before_front
        return onset not in self._only_before_front

    def typed(self, word: str) -> str | None:
        """What the keys of a lower-case word give on one of the keyboards, if it is a syllable."""
        if len(word) > MAX_KEYS:
            return None
        for keyboard in self._keyboards.values():
            found = self._typed_on(word, keyboard["tones"], keyboard["letters"])
            if found is not None:
                return found
        return None

    def _typed_on(
        self, word: str, tones: Mapping[str, str], letters: Mapping[str, str]
    ) -> str | None:
        tone = ""
        kept = word[:1]
        for at, key in enumerate(word[1:], 1):
            is_tone = key in tones and (word[at - 1] in _VOWEL_KEYS or at == len(word) - 1)
            if is_tone and not tone:
                tone = tones[key]
            else:
                kept += key
        plain = _with_letters(kept, letters)
        if plain == word or not self._is_spelled(plain, self._rhymes):
            return None
        return _put_tone(plain, tone)

    def is_misspelt(self, folded: str) -> bool:
        """Whether a fold begins as respelled words do, and no syllable does."""
        return folded.startswith(self._respelled_onsets)

    def respelled(self, word: str) -> Iterator[str]:
        """The syllables that a lower-case word may stand for, its onset written as it should."""
        folded = fold(word)
        for begun, onsets in self._respellings.items():
            if folded.startswith(begun):
                candidates = (onset + word[1:] for onset in onsets)
                yield from filter(self.is_syllable, candidates)


def _with_letters(keys: str, letters: Mapping[str, str]) -> str:
    for pressed, letter in letters.items():
        keys = keys.replace(pressed, letter)
    return keys


def _put_tone(plain: str, tone: str) -> str:
    """A tone on the last vowel with a mark of its own, or on the first after the onset."""
    vowels = [at for at, letter in enumerate(plain) if fold(letter) in _VOWELS]
    if not tone or not vowels:
        return plain
    marked = [at for at in vowels if not plain[at].isascii()]
    at = marked[-1] if marked else vowels[0]
    return unicodedata.normalize("NFC", plain[: at + 1] + tone + plain[at + 1 :])
