"""Ids: a kind's prefix and 13 characters that sort by time, safe in addresses and file names.

Nine characters count milliseconds since 1970, four are chance, in the 32 digits and lower-case letters that
nobody mistakes for each other. Within a process ids of one millisecond still sort by the order they were made in.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
import unicodedata

from workbench.kinds import kind_of
from workbench.state import Kind

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

_TIME, _CHANCE = 9, 4
_MADE = re.compile(rf"[{ALPHABET}]{{{_TIME + _CHANCE}}}")
_SLUG = 36
"""Characters of a dataset's short id; leaves room for a number at its end."""
ADDRESS_WORDS = frozenset({"new", "compare"})
"""What stands in addresses where an id does: `/recommenders/datasets/new`. No id made from a name is one of them."""
_BUILT_IN = re.compile(r"[a-z][a-z0-9_-]{0,40}")


class InvalidId(ValueError):
    """Text that cannot be an id of its kind."""


class IdMaker:
    """Makes ids that no other call of this process, and by chance no other process, makes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def __call__(self, kind: str) -> str:
        """A fresh id of that kind."""
        with self._lock:
            now, chance = time.time_ns() // 1_000_000, secrets.randbelow(32**_CHANCE)
            last_time, last_chance = self._last
            if now <= last_time:
                now, chance = last_time, last_chance + 1
                if chance == 32**_CHANCE:
                    now, chance = now + 1, 0
            self._last = (now, chance)
        return f"{kind_of(kind).prefix}_{_digits(now, _TIME)}{_digits(chance, _CHANCE)}"


new_id = IdMaker()
"""The process's own id maker."""


def is_id(kind: str, text: object) -> bool:
    """Whether `text` has the form of an id of that kind (a built-in dataset's short name included)."""
    if not isinstance(text, str):
        return False
    prefix, _, rest = text.partition("_")
    if prefix == kind_of(kind).prefix and _MADE.fullmatch(rest):
        return True
    return kind == Kind.DATASET and _BUILT_IN.fullmatch(text) is not None


def require_id(kind: str, text: object) -> str:
    """`text`, if it has the form of an id of that kind. Raises InvalidId."""
    if not is_id(kind, text):
        raise InvalidId(
            f"{str(text)[:80]!r} is not a {kind_of(kind).word}'s id: ids look like {kind_of(kind).prefix}_{'0' * (_TIME + _CHANCE)}"
        )
    assert isinstance(text, str)
    return text


def dataset_slug(name: str) -> str:
    """The short id that a dataset of this name has if nothing else has it: "Röntgen 2024" -> "rontgen_2024"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "_".join(re.findall(r"[a-z0-9]+", plain))
    return (slug if slug[:1].isalpha() else f"{kind_of(Kind.DATASET).prefix}_{slug}".rstrip("_"))[:_SLUG].rstrip("_")


def counter_id(kind: str) -> str:
    """The id of the counter that numbers a kind for people."""
    return f"{kind_of(Kind.COUNTER).prefix}_{kind}"


def _digits(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 32)
        text = ALPHABET[digit] + text
    return text
