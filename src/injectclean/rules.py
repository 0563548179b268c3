"""The user's own rules, and exceptions.

A rule names phrases, or patterns of words in which ``*`` and ``?`` stand for letters of one word.
Both are compared token by token with the fold, as the model reads text, so that they match through
case, diacritics and disguises, never inside a word, and in linear time. A rule is not accepted
unless it matches the texts that it must and none of those that it must not.

>>> rule = make_rule({
...     "id": "house-brand", "pattern": "nhà cái *88", "category": "injected/gambling",
...     "match": ["vào nhà cái abc88 ngay"], "no_match": ["nhà cái này bán năm 1988"],
... }, 1)
>>> text = "Tại Nhà cái XYZ88, hôm nay"
>>> [(m.start, m.end) for m in find_rule(rule, text, tokenize(text))]
[(1, 4)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from injectclean.errors import ConfigError
from injectclean.normalize import matching_view
from injectclean.report import ACTIONS, CATEGORIES
from injectclean.tokens import Token, find_tokens, fold, tokenize
from injectclean.values import NamedTuple

_RULE_KEYS = ("id", "phrase", "pattern", "category", "action", "reason", "match", "no_match")
# No phrase of anybody goes on behind the end of a sentence, or over an empty line.
_BREAK = r"[.!?…]\s|\n\s*\n"
_WILD_WORD = r"(?:[^\W_]|[*?])+"
_ALLOW_KEYS = ("text", "category", "reason")


class Rule(NamedTuple):
    """A user's rule; ``words`` has, for each token, its fold or a compiled word pattern."""

    id: str
    category: str
    action: str
    reason: str
    words: tuple[str | re.Pattern[str], ...]


class Allow(NamedTuple):
    """A deliberate exception: findings whose folded words are these are not acted on."""

    text: str
    folded: tuple[str, ...]
    category: str | None
    reason: str


class TokenRange(NamedTuple):
    """Half-open range of token indices that a rule matched."""

    start: int
    end: int


def make_rule(entry: Mapping[str, Any], index: int) -> Rule:
    """Make a rule of a configuration table, and prove it on its own texts.

    Raises:
        ConfigError: a key is missing, unknown or wrong, or a text does not behave as it must.
    """
    name = f"rules[{entry.get('id', index)}]"
    _check_keys(name, entry, _RULE_KEYS)
    if ("phrase" in entry) == ("pattern" in entry):
        raise ConfigError(f"{name}: give either a phrase or a pattern")
    for key in ("id", "category"):
        _check_text(name, key, entry.get(key))
    category = entry["category"]
    if category not in CATEGORIES:
        raise ConfigError(f"{name}: no category {category!r}; see 'injectclean explain'")
    action = entry.get("action", "remove")
    if action not in ACTIONS:
        raise ConfigError(f"{name}: action {action!r} is not one of {', '.join(ACTIONS)}")
    key = "phrase" if "phrase" in entry else "pattern"
    _check_text(name, key, entry[key])
    words = _compile(entry[key], wild=key == "pattern")
    if not words:
        raise ConfigError(f"{name}: {key} {entry[key]!r} holds no word")
    if not any(map(str.isalnum, entry[key])):
        raise ConfigError(f"{name}: {key} {entry[key]!r} holds no letter, and so means every word")
    reason = entry.get("reason", f"rule {entry['id']}: {entry[key]}")
    _check_text(name, "reason", reason)
    rule = Rule(entry["id"], category, action, reason, words)
    _prove(name, rule, entry)
    return rule


def make_allow(entry: Mapping[str, Any], index: int) -> Allow:
    """Make an allow entry of a configuration table.

    Raises:
        ConfigError: without a text, without a reason, or with an unknown key.
    """
    name = f"allow[{index}]"
    _check_keys(name, entry, _ALLOW_KEYS)
    _check_text(name, "text", entry.get("text"))
    if not isinstance(entry.get("reason"), str) or not entry["reason"].strip():
        raise ConfigError(f"{name}: an exception needs a reason")
    category = entry.get("category")
    if category is not None and category not in (*CATEGORIES, "injected", "boilerplate"):
        raise ConfigError(f"{name}: no category {category!r}; see 'injectclean explain'")
    folded = fold_words(entry["text"])
    if not folded:
        raise ConfigError(f"{name}: text {entry['text']!r} holds no word")
    return Allow(entry["text"], folded, category, entry["reason"])


def find_rule(rule: Rule, text: str, tokens: Sequence[Token]) -> Iterator[TokenRange]:
    """Yield the disjoint ranges of the tokens of ``text`` that a rule matches, from the left."""
    size = len(rule.words)
    start = 0
    while start + size <= len(tokens):
        run = tokens[start : start + size]
        if all(map(_matches, rule.words, run)) and not _is_broken(text, run):
            yield TokenRange(start, start + size)
            start += size
        else:
            start += 1


def find_allow(allow: Sequence[Allow], text: str, category: str) -> Allow | None:
    """The first exception that covers a finding of ``text``, or None."""
    if not allow:
        return None
    folded = fold_words(text)
    kind = category.partition("/")[0]
    return next(
        (a for a in allow if a.folded == folded and a.category in (None, category, kind)), None
    )


def fold_words(text: str) -> tuple[str, ...]:
    """The folds of the tokens of a text's view: what rules and exceptions compare."""
    return tuple(fold(token) for token in find_tokens(matching_view(text).text))


def _matches(word: str | re.Pattern[str], token: Token) -> bool:
    return word == token.folded if isinstance(word, str) else word.match(token.folded) is not None


def _is_broken(text: str, run: Sequence[Token]) -> bool:
    gaps = (text[a.end : b.start] for a, b in pairwise(run))
    return any(re.search(_BREAK, gap) for gap in gaps)


def _compile(text: str, *, wild: bool) -> tuple[str | re.Pattern[str], ...]:
    if not wild:
        return fold_words(text)
    from fnmatch import translate

    words: list[str | re.Pattern[str]] = []
    for word in re.findall(_WILD_WORD, matching_view(text).text):
        folded = "".join(c if c in "*?" else fold(c) for c in word)
        words.append(re.compile(translate(folded)) if set(folded) & set("*?") else folded)
    return tuple(words)


def _prove(name: str, rule: Rule, entry: Mapping[str, Any]) -> None:
    for key, wanted in (("match", True), ("no_match", False)):
        if not entry.get(key) or not isinstance(entry[key], list | tuple):
            raise ConfigError(f"{name}: give texts under 'match' and under 'no_match', as lists")
        for text in entry[key]:
            _check_text(name, key, text)
            plain = matching_view(text).text
            if any(find_rule(rule, plain, tokenize(plain))) is not wanted:
                verb = "does not match" if wanted else "matches"
                raise ConfigError(f"{name}: {verb} its own {key} text {text!r}")


def _check_keys(name: str, entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in entry:
        if key not in known:
            raise ConfigError(f"{name}: unknown key {key!r}; known: {', '.join(known)}")


def _check_text(name: str, key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{name}: {key} must be a text")
