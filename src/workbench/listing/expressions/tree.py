"""An expression once it is read: frozen, and without what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "contains", "in", "empty"]


@dataclass(frozen=True)
class Span:
    """A stretch of time, from its first moment to the first after it, as UTC text; a moment is one of no length."""

    start: str
    end: str


Value = float | str | bool | Span


@dataclass(frozen=True)
class Comparison:
    """A column's value against one value, several (`in`) or none (`empty`)."""

    column: str
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Not:
    """What does not fit an expression."""

    part: Expression


@dataclass(frozen=True)
class And:
    """What fits all of them."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """What fits one of them."""

    parts: tuple[Expression, ...]


Expression = Comparison | Not | And | Or
