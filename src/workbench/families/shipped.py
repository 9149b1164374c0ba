"""The values of shipped configuration files, as presets have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any


class ShippedValues(Mapping[str, Any]):
    """The values of some files below `configs/`, by field name, read at the first look."""

    def __init__(self, *files: str, holds: Callable[[str, Any], bool] = lambda _name, _value: True) -> None:
        """`holds(name, value)` says which of their values are the preset's; default: all."""
        self._files, self._holds = files, holds

    @cached_property
    def _values(self) -> dict[str, Any]:
        from workbench.layered import values_set
        from workbench.layered.files import SHIPPED

        values = values_set(SHIPPED / file for file in self._files)
        return {name: value for name, value in values.items() if self._holds(name, value)}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ShippedValues({', '.join(map(repr, self._files))})"
