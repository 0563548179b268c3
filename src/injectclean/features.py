"""Named features of candidates: what stage 2 weighs, beyond the words themselves.

They are grouped by the kind of evidence that they are, because nothing is removed on one kind
alone: ``words`` (how promotional the tokens are), ``slot`` (whether the neighbours ever stand side
by side in ordinary text, and would without the span), ``scar`` (a break that an insertion left),
``form`` (brands, addresses, another script, missing diacritics), ``repetition``, ``place`` (a line
or a sentence of its own), ``coherence`` (what the rest of the document speaks of) and ``company``
(what else was likely put in).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise

from injectclean.sentences import begins_after, ends_before
from injectclean.stretch import QUOTES, Stretch, bounded, has_scar
from injectclean.tokens import Token, find_tokens, is_foreign_letter, tokenize
from injectclean.values import NamedTuple

SPAN_KINDS = {
    "words": (
        "words_hot", "words_cold", "words_mean", "words_peak", "words_contrast",
        "content", "content_mean",
    ),
    "slot": (
        "left_unseen", "right_unseen", "left_pull", "right_pull", "joined_pull", "closes",
        "inner_unseen", "inner_pull", "inner_break", "edges", "name_slot",
        "capital_missing", "capital_left", "capital_right",
    ),
    "scar": ("scar",),
    "form": (
        "plain_contrast", "foreign_contrast", "foreign", "brand", "address", "upper_contrast",
        "codes", "bracketed", "capitals",
    ),
    "repetition": ("repeats",),
    "place": ("own_line", "own_sentence", "line_end", "length"),
    "coherence": (
        "context", "quoted", "document_heat", "heat_contrast", "echo_words", "echo_pairs",
    ),
}  # fmt: skip
COMPANY = ("another", "others", "shared_words")  # what the second look adds
SPAN_FEATURES = tuple(name for names in SPAN_KINDS.values() for name in names)
JUDGED_FEATURES = SPAN_FEATURES + COMPANY
KIND_OF = {
    name: kind for kind, names in {**SPAN_KINDS, "company": COMPANY}.items() for name in names
}

_NO_NEIGHBOUR, _NO_GAP = -0.1, -0.2  # below every share: nothing to be asked there
WARM = 0.5  # nats of stage 1 that many an ordinary word has
ORDINARY_HEAT = 0.012  # mean heat of a token of news
SHORT = 100  # tokens of a text from which its own heat says more than that of ordinary ones
PLACE = 200  # code points on either side that tell whether a span has its line to itself
_ADDRESS = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|net|org|vip|bet|info|xyz|club|top|app|me|co|io|site|online|pro)\b"
    r"|\b[zt]alo\b|\btelegram\b|@\w|\b0\d{2,3}[ .]?\d{3}[ .]?\d{3,4}\b",
    re.IGNORECASE,
)


class _Counts(dict[str, int]):
    """How often a text has others in it: candidates that overlap ask for the same ones."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, part: str) -> int:
        found = self[part] = self._text.count(part)
        return found


class DocumentFacts(NamedTuple):
    """What a candidate is held against: how the document itself is written."""

    accent_share: float
    upper_share: float
    foreign_share: float
    heat: float
    size: int
    counts: Mapping[str, int]
    words: Mapping[str, int]

    @classmethod
    def measure(cls, text: str, score: Callable[[str], float]) -> DocumentFacts:
        """Measure a view's text; ``score`` is stage 1's score of a lower-case token."""
        sample = text[:20_000]
        signs = Counter(sample)
        letters = _times(str.isalpha, signs) or 1
        lower = text.lower()
        if len(lower) != len(text):  # "İ" and its kind: places in both must be the same
            lower = text
        words = Counter(find_tokens(lower))
        return cls(
            accent_share=accent_share(sample),
            upper_share=_times(str.isupper, signs) / letters,
            foreign_share=_times(is_foreign_letter, signs) / letters,
            heat=sum(heat_of(score(word)) * count for word, count in words.items()),
            size=sum(words.values()),
            counts=_Counts(lower),
            words=words,
        )


def _times(holds: Callable[[str], bool], signs: Mapping[str, int]) -> int:
    """How often there are characters for which something holds."""
    return sum(count for sign, count in signs.items() if holds(sign))


def heat_of(score: float) -> float:
    """How far a token's score is beyond what ordinary words reach."""
    return max(0.0, score - WARM)


def accent_share(text: str) -> float:
    """UTF-8 bytes beyond one a code point, per code point: high for accented text."""
    return len(text.encode("utf-8", "surrogatepass")) / (len(text) or 1) - 1.0


def span_features(
    stretch: Stretch,
    start: int,
    end: int,
    facts: DocumentFacts,
    *,
    repeats: int,
    content: float,
    context: float,
    edges: float,
) -> tuple[float, ...]:
    """Features of tokens ``[start, end)``, in the order of ``SPAN_FEATURES``.

    ``repeats`` counts the phrase in the document; ``content`` is its score against all pairs of
    words of ordinary text, ``context`` that of its surroundings against reporting, ``edges`` the
    log-odds of its two edges together.
    """
    tokens = stretch.tokens
    inside = tokens[start:end]
    first, last = inside[0].start, inside[-1].end
    size = end - start
    own_line, own_sentence = place_of(stretch.text, first, last)
    raw = stretch.text[first:last]
    words = sum(len(token.text) > 2 and not is_code(token) for token in inside) / size
    foreign = _times(is_foreign_letter, Counter(raw)) / len(raw)
    line_end = stretch.text[last : last + 1] in ("", "\n")
    values = {
        **_words(stretch, start, end),
        "content": max(-30.0, min(30.0, content)),
        "content_mean": content / size,
        **_slot(stretch, start, end),
        "edges": max(-10.0, min(10.0, edges)),
        "scar": float(has_scar(stretch.text, last)),
        "plain_contrast": max(0.0, facts.accent_share - accent_share(raw)) * words,
        "foreign_contrast": max(0.0, foreign - 2 * facts.foreign_share),
        "foreign": float(foreign > 0.0),
        "brand": float(any(is_brand(token) for token in inside)),
        "address": float(_ADDRESS.search(raw) is not None),
        "upper_contrast": sum(map(str.isupper, raw)) / len(raw) - facts.upper_share,
        "codes": sum(map(is_code, inside)) / size,
        "bracketed": float(_is_bracketed(stretch.text, first, last)),
        "capitals": sum(token.text[0].isupper() for token in inside) / size,
        # A report repeats its subject, too: repetition counts as far as the words are suspicious.
        "repeats": math.log(min(repeats, 6)),
        "own_line": float(own_line),
        "own_sentence": float(own_sentence),
        "line_end": float(line_end and not own_line),
        "length": math.log(size),
        "context": max(-6.0, min(6.0, context)),
        "quoted": float(_is_quoted(stretch.text, first, last)),
        **_coherence(stretch, start, end, facts),
    }
    return tuple(values[name] for name in SPAN_FEATURES)


def _words(stretch: Stretch, start: int, end: int) -> dict[str, float]:
    """How promotional the tokens are: for, against, on average, and against their neighbours."""
    size = end - start
    gains = list(map(float.__add__, stretch.singles[start:end], stretch.pairs[start:end]))
    gains[0] = stretch.singles[start]
    mean = sum(gains) / size
    return {
        "words_hot": min(sum(gain for gain in gains if gain > 0.0), 20.0) / 5,
        "words_cold": max(-sum(gain for gain in gains if gain < 0.0), 0.0) / size,
        "words_mean": max(-4.0, min(5.0, mean)),
        "words_peak": min(max(gains), 6.0),
        "words_contrast": max(-4.0, min(6.0, mean - stretch.around(start, end))),
    }


def _coherence(stretch: Stretch, start: int, end: int, facts: DocumentFacts) -> dict[str, float]:
    """How much of the span the rest of the document says, too: its subject, not a foreign body.

    The same span elsewhere does not count: an injection may stand in a document several times.
    """
    inside = stretch.tokens[start:end]
    text = stretch.text
    same = facts.counts[text[inside[0].start : inside[-1].end].lower()] or 1
    texts = [token.text.lower() for token in inside]
    own = Counter(texts)
    scores = stretch.singles[start:end]
    heat = [max(0.0, score) for score in scores]
    said = [float(facts.words.get(word, 0) > own[word] * same) for word in texts]
    total = sum(heat)
    pairs = [
        facts.counts[text[left.start : right.end].lower()] > same
        for left, right in pairwise(inside)
    ]
    warmth = sum(map(heat_of, scores))
    # Of a short text little is known: it counts as an ordinary one as far as it is short.
    around = max(0.0, facts.heat - same * warmth) + SHORT * ORDINARY_HEAT
    rest = math.sqrt(around / (max(0, facts.size - same * len(inside)) + SHORT))
    return {
        "document_heat": rest,
        "heat_contrast": math.sqrt(warmth / len(inside)) - rest,
        "echo_words": sum(map(float.__mul__, heat, said)) / total if total > 0.0 else 0.5,
        "echo_pairs": sum(pairs) / len(pairs) if pairs else 0.5,
    }


def is_brand(token: Token) -> bool:
    """Letters and digits in one token, as made-up brands have: at least three letters."""
    return (
        token.folded.isalnum()
        and not token.folded.isalpha()
        and sum(map(str.isalpha, token.folded)) >= 3
    )


def is_code(token: Token) -> bool:
    """Digits, or capitals only: numbers and signs of documents, acronyms."""
    return token.text.isdecimal() or token.text.isupper()


def _slot(stretch: Stretch, start: int, end: int) -> dict[str, float]:
    tokens = stretch.tokens
    left = tokens[start - 1] if start and stretch.between(start).isspace() else None
    right: Token | None = None
    if end < len(tokens):
        right = tokens[end] if stretch.between(end).isspace() else None
    elif has_scar(stretch.text, tokens[end - 1].end):
        right = next(
            iter(tokenize(stretch.text, tokens[end - 1].end, tokens[end - 1].end + 40)), None
        )
    left_pull = stretch.pull(start) if left is not None else 0.0
    right_pull = stretch.pull(end) if right is not None else 0.0
    joined = 0.0
    if left is not None and right is not None:
        joined = bounded(stretch.counts.attraction(left.folded, right.folded))
    pulls = [stretch.pull(index) for index in range(start + 1, end)] or [0.0]
    unseen = [stretch.across(index) == 0.0 for index in range(start + 1, end)]
    lower = not tokens[start].text[0].isupper()
    capital_left = _NO_NEIGHBOUR if left is None else stretch.counts.capital_after(left.folded)
    return {
        "left_unseen": float(left is not None and stretch.across(start) == 0.0),
        "right_unseen": float(
            right is not None and end < len(tokens) and stretch.across(end) == 0.0
        ),
        "left_pull": left_pull,
        "right_pull": right_pull,
        "joined_pull": joined,
        "closes": max(0.0, joined - max(left_pull, right_pull)) if left and right else 0.0,
        "inner_unseen": sum(unseen) / len(unseen) if unseen else 0.5,
        "inner_pull": sum(pulls) / len(pulls),
        "inner_break": min(pulls),
        "name_slot": float(left is not None and left_pull < 0.0 and joined <= 0.0 and lower),
        "capital_missing": capital_left if lower else _NO_GAP,
        "capital_left": capital_left,
        "capital_right": (
            _NO_NEIGHBOUR if right is None else stretch.counts.capital_before(right.folded)
        ),
    }


def place_of(text: str, first: int, last: int) -> tuple[bool, bool]:
    """Whether ``[first, last)`` is a line of its own, or a sentence of its own within a line."""
    low = max(0, first - PLACE)
    line_start = text.rfind("\n", low, first) + 1
    before = text[line_start or low : first]
    high = text.find("\n", last, last + PLACE)
    after = text[last : last + PLACE if high < 0 else high]
    begins = line_start > 0 or low == 0
    ends = high >= 0 or last + PLACE >= len(text)
    own_start = begins and not any(map(str.isalnum, before))
    own_end = ends and not any(map(str.isalnum, after))
    if own_start and own_end:
        return True, False
    opens = own_start or begins_after(before)
    closes = own_end or ends_before(after)
    return False, opens and closes


def _is_bracketed(text: str, start: int, end: int) -> bool:
    """Whether a bracket opens shortly before, or within, and closes within or shortly after."""
    before = text[max(0, start - PLACE) : end]
    return before.rfind("(") > before.rfind(")") or ("(" in text[start:end])


def _is_quoted(text: str, start: int, end: int) -> bool:
    return not (
        QUOTES.isdisjoint(text[max(0, start - 2) : start]) or QUOTES.isdisjoint(text[end : end + 3])
    )
