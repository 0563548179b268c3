r"""Heads of WARC records and HTTP messages: fields read, and some of them written anew.

>>> head = b"WARC/1.0\r\nContent-Length: 3\r\nX: a\r\n b\r\n\r\n"
>>> fields(head)["content-length"], fields(head)["x"]
('3', 'a b')
>>> replaced(head, {"content-length": "10"})
b'WARC/1.0\r\nContent-Length: 10\r\nX: a\r\n b\r\n\r\n'
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

# A field's name with its colon, its value, and its line end; a folded value goes on behind blanks.
_FIELD = re.compile(
    rb"^(?P<name>[^\s:]+)(?P<colon>[ \t]*:[ \t]*)(?P<value>[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)"
    rb"(?P<end>\r?\n)",
    re.MULTILINE,
)
_FOLD = re.compile(r"\s*\r?\n\s+")


def fields(head: bytes) -> dict[str, str]:
    """The fields of a head by their names in small letters; the first of those of one name."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(head):
        value = _FOLD.sub(" ", match["value"].decode("utf-8", "replace")).strip()
        found.setdefault(match["name"].decode("latin-1").lower(), value)
    return found


def replaced(head: bytes, values: Mapping[str, str | None]) -> bytes:
    """The head with new values for some of its fields; None takes the field out."""

    def one(match: re.Match[bytes]) -> bytes:
        name = match["name"].decode("latin-1").lower()
        if name not in values:
            return match[0]
        value = values[name]
        if value is None:
            return b""
        return match["name"] + match["colon"] + value.encode() + match["end"]

    return _FIELD.sub(one, head)


def media_type(value: str | None) -> str:
    """The type of a ``Content-Type`` without its parameters.

    >>> media_type("Text/Plain; charset=utf-8")
    'text/plain'
    """
    return (value or "").partition(";")[0].strip().lower()


def new_digest(old: str | None, data: bytes) -> str | None:
    """A digest of ``data`` by the algorithm, and spelled, as the old one was.

    Returns:
        None where there was none, or where the algorithm is not known: a wrong one is worse.

    >>> new_digest("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    label, _, spelled = (old or "").partition(":")
    try:
        made = hashlib.new(label.lower().replace("-", ""), data, usedforsecurity=False).digest()
    except (ValueError, TypeError):
        return None
    if len(spelled) == 2 * len(made):
        digits = made.hex()
        return f"{label}:{digits.upper() if spelled.isupper() else digits}"
    return f"{label}:{base64.b32encode(made).decode()}"
