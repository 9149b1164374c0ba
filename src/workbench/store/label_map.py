"""A model's labels as an immutable mapping that is cheap to change: only the touched block of samples is copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from workbench.state import LabelValue

_SHIFT = 9
"""Blocks of 512 samples: with 70,000 labels a change copies about 140 references and one block."""

Source = Literal["given", "person", "imported"]


@cache
def label_value(label: int, source: Source) -> LabelValue:
    """The one object for a label and its source, so that many thousand labels cost no more than their keys."""
    return LabelValue(label=label, source=source)


class LabelMap(Mapping[int, LabelValue]):
    """Dataset row -> label. Iterates by block, within a block in the order of labelling."""

    __slots__ = ("_blocks", "_size")

    def __init__(self, labels: Mapping[int, LabelValue] | None = None) -> None:
        self._blocks: dict[int, dict[int, LabelValue]] = {}
        self._size = 0
        for index, value in (labels or {}).items():
            self._blocks.setdefault(index >> _SHIFT, {})[index] = value
        self._size = sum(len(block) for block in self._blocks.values())

    def updated(self, changes: Mapping[int, LabelValue | None]) -> LabelMap:
        """A new map with labels set, and those with None taken away; this one stays as it is."""
        new = LabelMap()
        new._blocks = dict(self._blocks)
        fresh: set[int] = set()
        for index, value in changes.items():
            key = index >> _SHIFT
            if key not in fresh:
                new._blocks[key] = dict(new._blocks.get(key, ()))
                fresh.add(key)
            if value is None:
                new._blocks[key].pop(index, None)
            else:
                new._blocks[key][index] = value
        for key in fresh:
            new._size += len(new._blocks[key]) - len(self._blocks.get(key, ()))
            if not new._blocks[key]:
                del new._blocks[key]
        new._size += self._size
        return new

    def __getitem__(self, index: int) -> LabelValue:
        return self._blocks[index >> _SHIFT][index]

    def __iter__(self) -> Iterator[int]:
        for block in self._blocks.values():
            yield from block

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"LabelMap({self._size} labels)"
