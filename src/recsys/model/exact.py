"""Numbers that are given as numbers."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator

from workbench.fields import AUTO

T = TypeVar("T")


def _no_words(value: Any) -> Any:
    if isinstance(value, bool | bytes) or (isinstance(value, str) and value != AUTO):
        raise ValueError("must be a number")
    return value


Exact = Annotated[T, BeforeValidator(_no_words)]
"""`Exact[int]`, `Exact[float | None]`: truth values and texts are refused rather than converted."""
