"""Whether a run fits an expression."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from workbench.listing.columns import Column
from workbench.listing.expressions.tree import And, Comparison, Expression, Not, Or, Span, Value
from workbench.state import AppState, RunRecord

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NEARLY = 1e-9
"""Relative difference up to which two numbers are equal: 90 % is 0.9."""


def fits(expression: Expression, columns: Mapping[str, Column], state: AppState, run: RunRecord) -> bool:
    """Whether a run fits. `columns` has every column that the expression names."""
    if isinstance(expression, And):
        return all(fits(part, columns, state, run) for part in expression.parts)
    if isinstance(expression, Or):
        return any(fits(part, columns, state, run) for part in expression.parts)
    if isinstance(expression, Not):
        return not fits(expression.part, columns, state, run)
    return _compared(expression, columns[expression.column], state, run)


def _compared(asked: Comparison, column: Column, state: AppState, run: RunRecord) -> bool:
    value = column.value(state, run)
    if asked.operator == "empty":
        return value is None
    if asked.operator == "!=":
        return not _compared(Comparison(asked.column, "=", asked.values), column, state, run)
    if value is None:
        return False
    if column.kind in ("text", "tags"):
        texts = [text.casefold() for text in column.texts(state, run)]
        wanted = [str(given).casefold() for given in asked.values]
        if asked.operator == "contains":
            return any(wanted[0] in text for text in texts)
        return any(text in wanted for text in texts)
    if asked.operator in ("=", "in"):
        return any(_same(value, given) for given in asked.values)
    return _ordered(asked.operator, value, asked.values[0])


def _same(value: Any, given: Value) -> bool:
    if isinstance(given, Span):
        return given.start <= value < given.end or value == given.start
    if isinstance(given, bool) or isinstance(value, bool):
        return value is given
    return math.isclose(value, float(given), rel_tol=_NEARLY, abs_tol=0.0)


def _ordered(sign: str, value: Any, given: Value) -> bool:
    """Before and after: a day begins with its first moment, and what is after or at it is also what is within it."""
    if isinstance(given, Span):
        return {
            "<": value < given.start,
            "<=": value < given.end or value == given.start,
            ">": value > given.start,
            ">=": value >= given.start,
        }[sign]
    if _same(value, given):
        return sign in ("<=", ">=")
    return _ORDER[sign](value, given)
