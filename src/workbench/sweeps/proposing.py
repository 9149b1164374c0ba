"""Which settings may be searched, and ranges proposed for them from their bounds and the value that a model has now."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from workbench.families import ModelType
from workbench.fields import FieldKind, FieldSpec, applies
from workbench.sweeps.space import Parameter

AROUND = 10.0
"""A range on a logarithmic scale goes from a tenth of the present value to ten times it."""


def searchable(kind: ModelType, resolved: Mapping[str, Any], *, architectures: bool) -> tuple[FieldSpec, ...]:
    """The plain fields that mean something to a model: numbers, choices and switches, tunable ones or all."""
    return tuple(
        spec
        for spec in kind.fields.specs.values()
        if (architectures or spec.kind is FieldKind.MODIFIABLE)
        and spec.meta.in_form
        and spec.meta.unavailable is None
        and not spec.meta.aside
        and spec.name != kind.seed
        and spec.composite is None
        and (spec.value_type in (int, float) or len(_available(spec)) > 1)
        and applies(spec, resolved)
        and spec.name not in {rule.key for rule in kind.rules if not rule.on_auto}
    )


def proposed(spec: FieldSpec, value: Any, fits: Callable[[Any], bool] = lambda _: True) -> Parameter:
    """A range around a value, within the field's bounds; of a field with choices those that fit the model, or all if fewer than two do."""
    if spec.value_type not in (int, float):
        known = _available(spec)
        fitting = tuple(choice for choice in known if fits(choice))
        return Parameter(path=spec.name, kind="choice", choices=fitting if len(fitting) > 1 else known)
    meta, whole = spec.meta, spec.value_type is int
    known = value if isinstance(value, int | float) and not isinstance(value, bool) else _fallback(spec)
    least, most = _ends(spec)
    share = meta.le is not None and meta.le <= 1 and not meta.log_scale
    if share or known <= 0:
        low, high, log = max(least, 0.0 if share else known - 1), min(most, 1.0 if share else max(known, 0) + 10), False
    else:
        log = meta.log_scale or not whole or known >= 8
        low, high = (known / AROUND, known * AROUND) if log and not whole else (known / 4, known * 4)
        low, high = max(least, low), min(most, high)
    if whole:
        low, high = math.ceil(low), math.floor(high)
        return Parameter(path=spec.name, kind="int", low=int(low), high=int(max(high, low + 1)), log=log and low > 0)
    low, high = float(f"{low:.3g}"), float(f"{high:.3g}")
    return Parameter(path=spec.name, kind="float", low=low, high=high, log=log and low > 0)


def _available(spec: FieldSpec) -> tuple[Any, ...]:
    """The values of a switch, or of a field with a closed set of them, that can be chosen."""
    if spec.value_type is bool and not spec.choices:
        return (False, True)
    off = dict(spec.meta.unavailable_values)
    return tuple(value for value, _, _ in spec.choices if value not in off)


def _ends(spec: FieldSpec) -> tuple[float, float]:
    """The least and the largest value that a field may have, a little inside of ends that it may not."""
    meta = spec.meta
    step = 1.0 if spec.value_type is int else 1e-6
    least = meta.ge if meta.ge is not None else (meta.gt + step if meta.gt is not None else -math.inf)
    most = meta.le if meta.le is not None else (meta.lt - (step if spec.value_type is int else 1e-2) if meta.lt is not None else math.inf)
    return least, most


def _fallback(spec: FieldSpec) -> float:
    """A value to begin with where a model has none, as with `auto`."""
    if isinstance(spec.default, int | float) and not isinstance(spec.default, bool):
        return spec.default
    least, most = _ends(spec)
    return max(1.0, least) if most >= 1 else most / 2
