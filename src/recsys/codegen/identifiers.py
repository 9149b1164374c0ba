"""Names of any kind as unique Python identifiers, for generated code."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Sequence

_NAMELESS = "column"
"""Stands for a name that has no letter or digit in ASCII."""

_LONGEST = 60
"""Characters of an identifier before it is numbered: lines of code and names of files have their limits."""


def identifier(name: str) -> str:
    """A name as an identifier of ASCII letters, digits and underscores; two names may give the same.

    Letters lose their accents (NFKD, then ASCII), every other character becomes an underscore, and a leading
    digit or underscore, or a keyword of Python, gets a prefix; what is longer than 60 characters is cut:
    `identifier("Größe €") == "Gro_e__"`.
    """
    decomposed = unicodedata.normalize("NFKD", name)
    plain = re.sub(r"[^0-9A-Za-z_]", "_", "".join(c for c in decomposed if not unicodedata.combining(c)))
    if not plain.strip("_"):
        return _NAMELESS
    if not plain[0].isalpha() or keyword.iskeyword(plain) or keyword.issoftkeyword(plain):
        plain = f"{_NAMELESS}_{plain}"
    return plain[:_LONGEST]


def identifiers(names: Iterable[str], *, tails: Sequence[str] = ("",)) -> tuple[str, ...]:
    """An identifier for each name, in their order and all different, also without regard to case.

    Args:
        names: any text; equal names get different identifiers. tails: what is put behind each identifier to
            name more things; those are all different, too.

    Returns:
        Identifiers; of those that would be equal, the first keeps its own and the later ones are numbered
        from 2: `a_b`, `a_b_2`. They name files, too, and some file systems know no case.
    """
    taken: set[str] = set()
    found: list[str] = []
    for name in names:
        plain, count = identifier(name), 1
        chosen = plain
        while taken.intersection(_with_tails(chosen, tails)):
            count += 1
            chosen = f"{plain}_{count}"
        taken.update(_with_tails(chosen, tails))
        found.append(chosen)
    return tuple(found)


def _with_tails(name: str, tails: Sequence[str]) -> list[str]:
    return [(name + tail).casefold() for tail in tails]
