"""Legal names close to a wrong one."""

from __future__ import annotations

from collections.abc import Iterable

FAR = 2
"""Edits up to which a name counts as a misspelling of another."""


def distance(a: str, b: str) -> int:
    """Damerau's edit distance: letters inserted, dropped, changed, or two neighbours swapped (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[len(b)]


def close_names(name: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The known names within two edits, nearest first, at most `most`."""
    found = [(distance(name, other), other) for other in known if abs(len(name) - len(other)) <= FAR]
    return tuple(other for far, other in sorted(found) if far <= FAR)[:most]


def nearest_keys(key: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The dotted keys nearest to one that does not exist, however far: those whose last part is nearest first."""
    last = key.rpartition(".")[2]
    ranked = sorted((distance(last, other.rpartition(".")[2]), distance(key, other), other) for other in known)
    return tuple(other for _, _, other in ranked)[:most]


def did_you_mean(names: Iterable[str]) -> str | None:
    """The hint that offers names; None without any."""
    names = list(names)
    return f"Did you mean {' or '.join(names)}?" if names else None
