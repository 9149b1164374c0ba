"""The settings that a sweep searches: ranges and choices, as text and as values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

DEEPEST = 20
"""Lists and objects within each other that a choice may have."""


class Parameter(BaseModel):
    """One setting that is searched, by its path in the model's config.

    Attributes:
        kind: a range of whole numbers or of numbers, or choices. low, high: the ends of a range, both included.
        log: whether a range is searched on a logarithmic scale. count: the values that are spread over it; None: all between its ends.
        choices: JSON values.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    path: str
    kind: Literal["int", "float", "choice"]
    low: float | int = 0
    high: float | int = 0
    log: bool = False
    count: int | None = None
    choices: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The same as it is written: `learning_rate=0.0001..0.01:log`."""
        return f"{self.path}={self.words}"

    @property
    def words(self) -> str:
        """What it may be, without its path."""
        if self.kind == "choice":
            return ",".join(_plain(choice) for choice in self.choices)
        return f"{number_text(self.low)}..{number_text(self.high)}{f'/{self.count}' if self.count else ''}{':log' if self.log else ''}"

    @property
    def values(self) -> Sequence[Any] | None:
        """Every value that it may have, in order; None for a range without end."""
        if self.kind == "choice":
            return self.choices
        if self.count is not None:
            return tuple(self._at(place / (self.count - 1)) for place in range(self.count))
        return range(int(self.low), int(self.high) + 1) if self.kind == "int" else None

    def holds(self, value: Any) -> bool:
        """Whether it may have that value."""
        known = self.values if self.kind == "choice" or self.count is not None else None
        if known is not None:
            return any(_same(value, each) for each in known)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.low <= value <= self.high and (self.kind == "float" or value == int(value))

    def _at(self, share: float) -> float | int:
        low, high = float(self.low), float(self.high)
        value = low * (high / low) ** share if self.log else low + (high - low) * share
        return round(value) if self.kind == "int" else min(max(float(f"{value:.12g}"), low), high)


@dataclass(frozen=True)
class Written:
    """A setting of a search as it was written, nothing of it checked.

    Attributes:
        low, high: the ends of a range, as text; None of choices. count: of the values spread over it, as text.
    """

    path: str
    low: str | None = None
    high: str | None = None
    log: bool = False
    count: str | None = None
    choices: tuple[Any, ...] = ()


def read(text: str) -> Written:
    """A setting of a search from its text. Raises ValueError with a sentence.

    >>> read("learning_rate=1e-4..1e-2:log").high
    '1e-2'
    """
    path, equals, words = (part.strip() for part in text.partition("="))
    if not equals or not path or not words:
        raise ValueError(f"{text[:80]!r} must be PATH=LOW..HIGH, with :log for a logarithmic scale, or PATH=VALUE,VALUE,...")
    if ".." not in words:
        return Written(path, choices=tuple(map(_value, _split(words))))
    ends, colon, scale = words.partition(":")
    if colon and scale.strip() not in ("log", "linear"):
        raise ValueError(f"{scale.strip()[:40]!r} is no scale: log or linear")
    low, _, rest = ends.partition("..")
    high, slash, count = rest.partition("/")
    return Written(path, low.strip(), high.strip(), scale.strip() == "log", count.strip() if slash else None)


def number_text(value: float) -> str:
    """The end of a range as it can be read again: whole numbers with all their digits."""
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def combinations(space: Sequence[Parameter]) -> int | None:
    """How many combinations there are; None where a range has no end of values."""
    total = 1
    for parameter in space:
        if parameter.values is None:
            return None
        total *= len(parameter.values)
    return total


def combination(space: Sequence[Parameter], place: int) -> dict[str, Any]:
    """The combination at a place, from 0; the last setting changes fastest."""
    chosen: dict[str, Any] = {}
    for parameter in reversed(space):
        known = parameter.values
        assert known is not None
        place, at = divmod(place, len(known))
        chosen[parameter.path] = known[at]
    return {parameter.path: chosen[parameter.path] for parameter in space}


def _same(a: Any, b: Any) -> bool:
    return json.dumps(a) == json.dumps(b) or (isinstance(a, float | int) and not isinstance(a, bool) and a == b)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(text: str) -> Any:
    """A choice: JSON where it is a list or an object, else text, which its field reads."""
    try:
        return json.loads(text) if text[:1] in ("[", "{") else text
    except ValueError:
        return text
    except RecursionError:
        raise ValueError(f"{text[:40]!r}... holds lists in lists too deep to read") from None


def _split(words: str) -> Iterator[str]:
    """Choices between commas, those within brackets left whole."""
    depth, begun = 0, 0
    for place, letter in enumerate(words):
        depth += (letter in "[{") - (letter in "]}")
        if depth > DEEPEST:
            raise ValueError(f"{words[:40]!r}... holds lists in lists, more than {DEEPEST} deep")
        if letter == "," and depth == 0:
            yield words[begun:place].strip()
            begun = place + 1
    yield words[begun:].strip()
