r"""Hostile text made visible on one line: nothing that is shown can move the cursor or the eye.

>>> visible("a\x1b[2Jb\nc")
'a\\x1b[2Jb\\nc'
>>> visible("\u202egpj.exe")
'<U+202E>gpj.exe'
"""

from __future__ import annotations

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HARMLESS = "\u00a0\u3000"  # blanks that are not printable to Python, and show as blanks
_FIRST_BYTE, _LAST_BYTE = "\udc80", "\udcff"  # stand for bytes that could not be decoded


def visible(text: str) -> str:
    """``text`` with control, direction, zero-width and other invisible characters named."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _HARMLESS else _name(c) for c in text)


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` code points of ``text``, an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _name(character: str) -> str:
    code = ord(character)
    if _FIRST_BYTE <= character <= _LAST_BYTE:
        return f"\\x{code & 0xFF:02x}"
    if code < 0xA0:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"<U+{code:04X}>"
