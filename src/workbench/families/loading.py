"""Names of things in modules that are loaded when they are needed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ImportString:
    """`package.module:name`, resolved on first use."""

    target: str

    def load(self) -> Any:
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)
