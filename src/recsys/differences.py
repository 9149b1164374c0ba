"""Where two JSON documents differ, by JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Difference:
    """One place where two documents differ.

    Attributes:
        pointer: as in `/buyer_model_features/0/column`; empty for the whole document.
        before, after: the values there; None where there is none, which `kind` tells from a null.
    """

    pointer: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """Every difference, in the order of the first document's keys, then of those that the second adds.

    Lists are compared place by place; 1 and 1.0 are one value, 1 and true are not.
    """
    return tuple(_between("", before, after))


def _between(pointer: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        was, now = before, after
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        was, now = dict(enumerate(before)), dict(enumerate(after))
    else:
        if before != after or isinstance(before, bool) != isinstance(after, bool):
            yield Difference(pointer, "changed", before, after)
        return
    for key in dict.fromkeys([*was, *now]):
        at = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if key not in now:
            yield Difference(at, "removed", before=was[key])
        elif key not in was:
            yield Difference(at, "added", after=now[key])
        else:
            yield from _between(at, was[key], now[key])
