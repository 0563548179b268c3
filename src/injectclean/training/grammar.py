r"""The phrase grammar: promotional phrases made of what campaigns are made of.

A file of ``data/grammar`` is one family. Its first line names the category; ``[slot]`` begins a
list of fillings, one a line, and ``[phrase]`` the templates, in which ``{slot}`` stands for any of
the fillings. ``{brand}``, ``{domain}`` and ``{phone}`` are made up anew each time.

>>> family = parse_grammar("slot", "injected/gambling\n[product]\nnổ hũ\n[phrase]\n{product} 24h\n")
>>> phrases_of_family(family, 5)
['nổ hũ 24h']
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from injectclean.errors import ConfigError

ATTEMPTS = 20  # draws a wanted phrase, before a small family is taken for exhausted
_SLOT = re.compile(r"\{(\w+)\}")
_ONSETS = (
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "w", "x",
    "z", "ch", "kh", "sh", "th", "tr",
)  # fmt: skip
_VOWELS = ("a", "a", "e", "e", "i", "i", "o", "o", "u", "ai", "eo", "ee", "oo")
_CODAS = ("", "", "", "", "n", "k", "x", "t", "ng")
_TAILS = ("", "", "", "", "bet", "win", "play", "vip", "club", "game", "pro", "vn", "hub", "live")
_ENDINGS = (
    "com", "net", "vip", "bet", "club", "top", "info", "xyz", "pro", "live", "fun", "vn", "app",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """A family of phrases: its category, what its slots may hold, and its templates."""

    name: str
    category: str
    slots: Mapping[str, tuple[str, ...]]
    templates: tuple[str, ...]


def parse_grammar(name: str, text: str) -> Family:
    """Read one family.

    Raises:
        ConfigError: a slot is used that has no fillings, or there are no templates.
    """
    lines = [line.strip() for line in text.split("\n")]
    slots: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines[1:]:
        if line.startswith("[") and line.endswith("]"):
            current = slots.setdefault(line[1:-1], [])
        elif line and current is not None:
            current.append(line)
        elif line:
            raise ConfigError(f"grammar {name}: {line!r} stands before the first [slot]")
    templates = slots.pop("phrase", [])
    family = Family(name, lines[0], {k: tuple(v) for k, v in slots.items()}, tuple(templates))
    if not lines[0].startswith("injected/") or not templates:
        raise ConfigError(f"grammar {name}: needs a category in its first line, and a [phrase]")
    for template in (*templates, *(filling for filled in slots.values() for filling in filled)):
        for slot in _SLOT.findall(template):
            if slot not in _MADE_UP and not slots.get(slot):
                raise ConfigError(f"grammar {name}: {{{slot}}} has no fillings")
    return family


def read_grammar(folder: Path) -> list[Family]:
    """Read all families of a folder, by name; a folder that is missing has none."""
    paths = sorted(folder.glob("*.txt"))
    return [parse_grammar(path.stem, path.read_text(encoding="utf-8")) for path in paths]


def phrases_of_family(family: Family, count: int) -> list[str]:
    """At most ``count`` distinct phrases, in the order drawn; the same ones each time."""
    rng = random.Random(f"grammar {family.name}")
    found: dict[str, None] = {}
    for _ in range(count * ATTEMPTS):
        if len(found) == count:
            break
        phrase = rng.choice(family.templates)
        while _SLOT.search(phrase):
            phrase = _SLOT.sub(lambda match: _fill(family, match[1], rng), phrase)
        found.setdefault(" ".join(phrase.split()))
    return list(found)


def _fill(family: Family, slot: str, rng: random.Random) -> str:
    fillings = family.slots.get(slot)
    return rng.choice(fillings) if fillings else _MADE_UP[slot](rng)


def _brand(rng: random.Random) -> str:
    """Letters, mostly with digits: how betting sites, shops and apps are called."""
    syllables = [
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
        for _ in range(rng.choice((1, 1, 2, 2)))
    ]
    digits = rng.choice(("", str(rng.randint(2, 9)) * 2, str(rng.randint(10, 999)), "88", "68"))
    name = "".join(syllables)
    tail = rng.choice(_TAILS)
    name = rng.choice((f"{name}{digits}{tail}", f"{name}{tail}{digits}", f"{digits}{name}{tail}"))
    return rng.choice((name, name.upper(), name.capitalize()))


def _domain(rng: random.Random) -> str:
    return f"{_brand(rng).lower()}.{rng.choice(_ENDINGS)}"


def _phone(rng: random.Random) -> str:
    digits = f"0{rng.randint(3, 9)}{rng.randint(0, 99999999):08d}"
    shapes = (digits, f"{digits[:4]}.{digits[4:7]}.{digits[7:]}", f"{digits[:4]} {digits[4:]}")
    return rng.choice(shapes)


_MADE_UP = {"brand": _brand, "domain": _domain, "phone": _phone}
