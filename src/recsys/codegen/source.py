"""Pieces of source text that a formatter would leave as they are: literals, calls, comments."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

WIDTH = 110
"""The longest line."""

_PIECE = 80
"""Characters of one piece of a literal that needs several lines."""


def literal(text: str) -> str:
    """A text as one string literal, in the quotes that need fewer escapes.

    Letters of Latin, Greek and Cyrillic stand as they are; everything else beyond ASCII is escaped, so that
    no character is wider than it looks, or invisible.
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def comment(text: str, longest: int = 80) -> str:
    """A text as a literal for a comment, cut before it takes more than so many characters."""
    if len(literal(text)) <= longest:
        return literal(text)
    kept = text[:longest]
    while len(literal(kept)) > longest:
        kept = kept[:-1]
    return literal(kept) + "..."


def assigned(target: str, text: str) -> list[str]:
    """`target = "text"`, in pieces over several lines if it is long."""
    line = f"{target} = {literal(text)}"
    if len(line) <= WIDTH:
        return [line]
    pieces: list[str] = []
    for character in text:
        if not pieces or len(literal(pieces[-1] + character)) > _PIECE:
            pieces.append("")
        pieces[-1] += character
    quote = literal(text)[0]
    written = (quote + "".join(_escaped(c, quote) for c in piece) + quote for piece in pieces)
    return [f"{target} = (", *(f"    {piece}" for piece in written), ")"]


def called(target: str, function: str, arguments: Sequence[str], indent: int = 4) -> list[str]:
    """`target = function(arguments)`, an argument a line if it is long."""
    space = " " * indent
    line = f"{space}{target} = {function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return [line]
    return [f"{space}{target} = {function}(", *(f"{space}    {a}," for a in arguments), f"{space})"]


def _escaped(character: str, quote: str) -> str:
    if character in ("\\", quote):
        return "\\" + character
    place = ord(character)
    plain = unicodedata.normalize("NFC", character) == character
    if character.isprintable() and plain and (place < 0x250 or (place < 0x530 and character.isalpha())):
        return character
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if character in short:
        return short[character]
    if place < 0x100:
        return f"\\x{place:02x}"
    return f"\\u{place:04x}" if place < 0x10000 else f"\\U{place:08x}"
