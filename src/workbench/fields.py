"""Structural and modifiable fields, and everything that can be read off their definitions.

A config type marks each field where it defines it::

    latent_dim: Structural[int] = field(2, ge=1, le=512, label="Latent dimension", section="Latent space")
    learning_rate: Modifiable[float] = field(1e-3, gt=0, le=1, label="Learning rate", section="Optimisation")

Forms, the read-only architecture, the command that edits a config, the REST schema and the reference
docs all read these definitions; no second list of fields exists. Functions that look across fields take
`values`: a mapping from field name to value over *all* of a model's config types together, because
whether a training field applies usually depends on the architecture.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import PydanticUndefined

AUTO: Literal["auto"] = "auto"
Auto = Literal["auto"]
"""The value that lets the model choose; `resolve` of the model type replaces it."""

T = TypeVar("T")


class FieldKind(StrEnum):
    """Whether a field belongs to the locked architecture or stays tunable."""

    STRUCTURAL = "structural"
    MODIFIABLE = "modifiable"


Structural = Annotated[T, FieldKind.STRUCTURAL]
Modifiable = Annotated[T, FieldKind.MODIFIABLE]


class _Set:
    """Stands for "any value but none" in a condition."""

    def __str__(self) -> str:
        return "a value"


class _NonZero:
    """Stands for "any number but 0" in a condition."""

    def __str__(self) -> str:
        return "not 0"


SET = _Set()
NONZERO = _NonZero()


@dataclass(frozen=True)
class When:
    """Holds when every named field has one of the values listed for it."""

    allowed: tuple[tuple[str, tuple[Any, ...]], ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition is met by `values` (a missing name never meets it)."""
        return not self.failing(values)

    def failing(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the fields that keep the condition from holding."""

        def met(name: str, options: tuple[Any, ...]) -> bool:
            if name not in values:
                return False
            value = values[name]
            if NONZERO in options:
                return isinstance(value, int | float) and value != 0
            return (value is not None) if SET in options else value in options

        return tuple(name for name, options in self.allowed if not met(name, options))

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        """The condition in words: "prior_type is mixture or vamp"; with `values`, its failing parts only."""
        names = self.failing(values) if values is not None else tuple(n for n, _ in self.allowed)
        parts = [f"{name} is {' or '.join(show_value(o) for o in options)}" for name, options in self.allowed if name in names]
        return " and ".join(parts)


@dataclass(frozen=True)
class AnyOf:
    """Holds when one of its conditions does."""

    options: tuple[When, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(option.holds(values) for option in self.options)

    def failing(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return () if self.holds(values) else tuple(dict.fromkeys(n for o in self.options for n in o.failing(values)))

    def describe(self, values: Mapping[str, Any] | None = None) -> str:
        return " or ".join(option.describe(values) for option in self.options)


Condition = When | AnyOf


def when(**allowed: Any) -> When:
    """A condition: `when(prior_type=("mixture", "vamp"), learnable_pi=True)`; `SET`: anything but none, `NONZERO`: any number but 0."""
    return When(tuple((name, value if isinstance(value, tuple) else (value,)) for name, value in allowed.items()))


def any_of(*options: When) -> AnyOf:
    """A condition that holds when one of `options` does."""
    return AnyOf(options)


@dataclass(frozen=True)
class FieldMeta:
    """What a definition says beyond type and default; also shapes the field's JSON schema."""

    label: str
    section: str
    help: str = ""
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    choices: tuple[tuple[Any, str, str], ...] = ()
    log_scale: bool = False
    advanced: bool = False
    in_form: bool = True
    applies_when: Condition | None = None
    because: str = ""
    unavailable: str | None = None
    unavailable_values: tuple[tuple[Any, str], ...] = ()
    summary: Callable[[Mapping[str, Any]], tuple[str, str] | None] | None = None
    introduced_default: Any = PydanticUndefined

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add the range to the JSON schema (pydantic calls this)."""
        target = schema
        for option in schema.get("anyOf", []):
            if option.get("type") in ("integer", "number"):
                target = option
        if target.get("type") == "array":
            target = target.setdefault("items", {})
        names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
        target.update({key: getattr(self, name) for name, key in names.items() if getattr(self, name) is not None})
        schema["x-section"] = self.section


def field(
    default: Any = PydanticUndefined,
    *,
    label: str,
    section: str,
    help: str = "",
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    min_items: int | None = None,
    max_items: int | None = None,
    choices: Iterable[tuple[Any, str, str]] = (),
    log_scale: bool = False,
    advanced: bool = False,
    in_form: bool = True,
    applies_when: Condition | None = None,
    because: str = "",
    unavailable: str | None = None,
    unavailable_values: Mapping[Any, str] | None = None,
    summary: Callable[[Mapping[str, Any]], tuple[str, str] | None] | None = None,
    introduced_default: Any = PydanticUndefined,
) -> Any:
    """Define a config field.

    Args:
        default: its default; leave out for a required field.
        label: its name for people. section: the form group it stands in. help: one sentence. unit: "px", "epochs", ...
        ge, gt, le, lt: its range; for tuples, the range of each entry. min_items, max_items: a tuple's length.
        choices: (value, label, one-sentence description) for a literal field.
        log_scale: steps multiply rather than add. advanced: folded away in forms. in_form: false keeps it out of forms.
        applies_when: the condition under which it means anything; always, if not given. because: why, for the message.
        unavailable: a sentence, if the whole field's effect is not built yet: any value but the default is refused.
        unavailable_values: the same for single values of the field.
        summary: words for the read-only architecture, from all values; None drops the line. Default: label and value.
        introduced_default: the default the field had when it was introduced, if that has changed since.
    """
    meta = FieldMeta(
        label, section, help, unit, ge, gt, le, lt, min_items, max_items, tuple(choices), log_scale, advanced, in_form,
        applies_when, because, unavailable, tuple((unavailable_values or {}).items()), summary, introduced_default,
    )  # fmt: skip
    return Field(default, title=label, description=help or None, json_schema_extra=typing.cast(Any, meta))


@dataclass(frozen=True)
class FieldSpec:
    """One field as the registry knows it."""

    name: str
    kind: FieldKind
    annotation: Any
    default: Any
    meta: FieldMeta

    @property
    def required(self) -> bool:
        return self.default is PydanticUndefined

    @property
    def label(self) -> str:
        return self.meta.label

    @property
    def section(self) -> str:
        return self.meta.section

    @property
    def accepts_auto(self) -> bool:
        return AUTO in _literals(self.annotation)

    @property
    def optional(self) -> bool:
        return type(None) in typing.get_args(self.annotation)

    @property
    def value_type(self) -> type:
        """The plain type behind auto and none: bool, int, float, str or tuple."""
        arms = _arms(self.annotation)
        kinds: list[type] = []
        for arm in arms:
            if typing.get_origin(arm) is Literal:
                kinds.extend(type(v) for v in typing.get_args(arm) if v != AUTO)
            elif arm is not type(None):
                kinds.append(typing.get_origin(arm) or arm)
        return kinds[0] if kinds else str

    @property
    def choices(self) -> tuple[tuple[Any, str, str], ...]:
        """(value, label, description) of a field with a closed set of values, auto included; empty otherwise."""
        values = _literals(self.annotation)
        if not values or (self.value_type is not str and self.value_type is not bool):
            return ()
        known = {value: (value, label, text) for value, label, text in self.meta.choices}
        return tuple(known.get(value, (value, show_value(value), "")) for value in values)

    @property
    def off_values(self) -> tuple[Any, ...]:
        """Values a field may hold while it does not apply."""
        return (self.default, AUTO, None, "none", False, 0)

    def range_text(self) -> str:
        """The range in words: "1 to 512", "greater than 0, at most 1"; empty if there is none."""
        m = self.meta
        if m.ge is not None and m.le is not None:
            return f"{show_value(m.ge)} to {show_value(m.le)}"
        words = ((m.ge, "at least"), (m.gt, "greater than"), (m.le, "at most"), (m.lt, "less than"))
        return ", ".join(f"{word} {show_value(bound)}" for bound, word in words if bound is not None)


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field."""

    path: str
    message: str
    value: Any = None
    hint: str | None = None
    warning: bool = False


class ConfigError(ValueError):
    """A config that cannot be accepted; `problems` says what is wrong, field by field."""

    def __init__(self, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in self.problems))


class ConfigModel(BaseModel):
    """Base of every config type: frozen, no unknown fields, every field marked, ranges checked in words."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, protected_namespaces=())

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, info in cls.model_fields.items():
            marks = [m for m in info.metadata if isinstance(m, FieldKind)]
            if len(marks) != 1 or not isinstance(info.json_schema_extra, FieldMeta):
                raise TypeError(f"{cls.__name__}.{name} must be marked Structural[...] or Modifiable[...] and defined with field(...)")

    @field_validator("*", mode="after")
    @classmethod
    def _in_range(cls, value: Any, info: Any) -> Any:
        spec = spec_of(cls, info.field_name)
        message = range_problem(spec, value)
        if message:
            raise ValueError(message)
        return value


def range_problem(spec: FieldSpec, value: Any) -> str | None:
    """Why `value` is out of the field's range, or None."""
    m = spec.meta
    if isinstance(value, tuple):
        if m.min_items is not None and len(value) < m.min_items:
            return f"needs at least {m.min_items} entries (got {len(value)})"
        if m.max_items is not None and len(value) > m.max_items:
            return f"takes at most {m.max_items} entries (got {len(value)})"
        return next((p for p in (range_problem(spec, entry) for entry in value) if p), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    outside = (
        (m.ge is not None and value < m.ge) or (m.gt is not None and value <= m.gt)
        or (m.le is not None and value > m.le) or (m.lt is not None and value >= m.lt)
    )  # fmt: skip
    return f"must be {spec.range_text()} (got {show_value(value)})" if outside else None


@cache
def field_specs(config_type: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """All fields of a config type in definition order."""
    hints = typing.get_type_hints(config_type, include_extras=False)
    specs = []
    for name, info in config_type.model_fields.items():
        kind = next(m for m in info.metadata if isinstance(m, FieldKind))
        specs.append(FieldSpec(name, kind, hints[name], info.default, typing.cast(FieldMeta, info.json_schema_extra)))
    return tuple(specs)


def spec_of(config_type: type[ConfigModel], name: str) -> FieldSpec:
    """The spec of one field. Raises KeyError."""
    return _by_name(config_type)[name]


@cache
def _by_name(config_type: type[ConfigModel]) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in field_specs(config_type)}


def structural_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that need a new model, in definition order."""
    return tuple(s for t in config_types for s in field_specs(t) if s.kind is FieldKind.STRUCTURAL)


def modifiable_fields(*config_types: type[ConfigModel]) -> tuple[FieldSpec, ...]:
    """Fields that stay editable, in definition order."""
    return tuple(s for t in config_types for s in field_specs(t) if s.kind is FieldKind.MODIFIABLE)


def applies(spec: FieldSpec, values: Mapping[str, Any]) -> bool:
    """Whether the field means anything under the other values (autos resolved)."""
    return spec.meta.applies_when is None or spec.meta.applies_when.holds(values)


def applicability_problems(specs: Iterable[FieldSpec], values: Mapping[str, Any], resolved: Mapping[str, Any]) -> list[FieldProblem]:
    """Problems of fields that hold a value although they do not apply, or whose effect is not built yet.

    `values` are the values as given, `resolved` the same with autos replaced.
    """
    problems = []
    for spec in specs:
        value = values.get(spec.name, spec.default)
        condition = spec.meta.applies_when
        idle = condition is not None and not condition.holds(resolved)
        if spec.meta.unavailable and value != spec.default and not (idle and value in spec.off_values):
            problems.append(
                FieldProblem(spec.name, f"is not yet available: {spec.meta.unavailable}", value, f"Leave it at {show_value(spec.default)}.")
            )
        elif condition is not None and idle and value not in spec.off_values:
            names = condition.failing(resolved)
            is_now = ", ".join(f"{n}={show_value(resolved.get(n))}" for n in names)
            because = f": {spec.meta.because}" if spec.meta.because else ""
            problems.append(FieldProblem(
                spec.name, f"{show_value(value)} applies only when {condition.describe(resolved)} (now {is_now}){because}", value,
                f"Leave {spec.name} at {show_value(spec.default)}, or change {' or '.join(names)}.",
            ))  # fmt: skip
        else:
            refused = dict(spec.meta.unavailable_values) if _hashable(value) else {}
            if value in refused:
                problems.append(
                    FieldProblem(spec.name, f"{show_value(value)} is not yet available: {refused[value]}", value, "Choose another value.")
                )
    return problems


def reset_inapplicable(specs: Iterable[FieldSpec], values: Mapping[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """New values (the defaults) for the fields that no longer apply and hold something else."""
    return {
        s.name: s.default
        for s in specs
        if not applies(s, resolved) and values.get(s.name, s.default) not in s.off_values and not s.required
    }  # fmt: skip


def architecture_summary(config: ConfigModel, resolved: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Ordered (label, value) pairs in words for the read-only display of a locked architecture."""
    lines = []
    for spec in structural_fields(type(config)):
        if not applies(spec, resolved):
            continue
        if spec.meta.summary is not None:
            line = spec.meta.summary(resolved)
            if line is not None:
                lines.append(line)
        else:
            shown = choice_label(spec, resolved[spec.name])
            lines.append((spec.label, f"{shown} {spec.meta.unit}".strip()))
    return tuple(lines)


def choice_label(spec: FieldSpec, value: Any) -> str:
    """The value in words, by its choice's label where it has one."""
    return next((label for option, label, _ in spec.choices if option == value), show_value(value))


@dataclass(frozen=True)
class ChangedFields:
    """Names of fields that differ between two configs."""

    structural: tuple[str, ...]
    modifiable: tuple[str, ...]


def changed_fields(old: ConfigModel, new: ConfigModel) -> ChangedFields:
    """Names whose values differ, by kind. Raises TypeError for configs of two types."""
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    differing = [s for s in field_specs(type(old)) if getattr(old, s.name) != getattr(new, s.name)]
    return ChangedFields(
        tuple(s.name for s in differing if s.kind is FieldKind.STRUCTURAL),
        tuple(s.name for s in differing if s.kind is FieldKind.MODIFIABLE),
    )


def fingerprint(model_name: str, architecture: ConfigModel, resolved: Mapping[str, Any]) -> str:
    """Identity of an architecture: 16 hex digits over the model's name and its applicable, non-default structural fields.

    A field counts only where it differs from the default it had when it was introduced, so that adding a field
    changes no old fingerprint.
    """
    parts: dict[str, Any] = {}
    for spec in structural_fields(type(architecture)):
        introduced = spec.default if spec.meta.introduced_default is PydanticUndefined else spec.meta.introduced_default
        value = getattr(architecture, spec.name)
        if applies(spec, resolved) and value != introduced:
            parts[spec.name] = resolved[spec.name]
    text = json.dumps([model_name, parts], sort_keys=True, default=list, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, if any is close."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_field_problem(name: str, value: Any, known: Iterable[str]) -> FieldProblem:
    """The problem of a name that no field has, with the closest one."""
    guess = closest(name, known)
    hint = f"Did you mean {guess}?" if guess else None
    return FieldProblem(name, f"unknown field{f'; did you mean {guess}?' if guess else ''}", value, hint)


def problems_of(error: ValidationError, known: Iterable[str] = (), prefix: str = "") -> list[FieldProblem]:
    """A pydantic error as field problems in plain words."""
    known = list(known)
    problems: dict[str, FieldProblem] = {}
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in item["loc"] if not _is_union_tag(part))
        path = path or "config"
        top = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            problem = unknown_field_problem(top, item.get("input"), known)
        else:
            message = item["msg"].removeprefix("Value error, ")
            message = message[0].lower() + message[1:] if message else message
            problem = FieldProblem(prefix + path, message, _json_safe(item.get("input")))
        problems.setdefault(problem.path, problem)
    return list(problems.values())


def parse_field(spec: FieldSpec, raw: Any) -> Any:
    """A form's raw value (usually text) as the field's typed value.

    Empty text means none or auto where the field allows it. Raises ValueError with a sentence for the control.
    """
    if isinstance(raw, str):
        text = raw.strip()
        if text.lower() == AUTO and spec.accepts_auto:
            return AUTO
        if text == "" or text.lower() == "none":
            if spec.optional:
                return None
            if spec.accepts_auto:
                return AUTO
            if text == "":
                raise ValueError(f"{spec.label} needs a value")
        raw = text
        if spec.value_type is tuple:
            raw = [part for part in text.replace(";", ",").replace("x", ",").split(",") if part.strip()]
        elif spec.value_type is bool:
            raw = text.lower() in ("true", "yes", "on", "1")
        elif spec.value_type is int:
            raw = _as_int(text)
    elif raw is None:
        if spec.optional:
            return None
        if spec.accepts_auto:
            return AUTO
        raise ValueError(f"{spec.label} needs a value")
    elif isinstance(raw, float) and spec.value_type is int:
        raw = _as_int(str(raw))
    try:
        value = _adapter(spec.annotation).validate_python(raw)
    except ValidationError as error:
        kind = {int: "a whole number", float: "a number", tuple: "numbers separated by commas"}.get(spec.value_type, "one of the choices")
        raise ValueError(f"{spec.label} must be {kind} (got {show_value(raw)})") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{spec.label} must be a finite number")
    problem = range_problem(spec, value)
    if problem:
        raise ValueError(f"{spec.label} {problem}")
    return value


def show_value(value: Any) -> str:
    """A value as people read it: yes, none, 256, 128, 0.001."""
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(show_value(v) for v in value)
    return str(value)


@cache
def _adapter_cached(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return _adapter_cached(annotation)


def _as_int(text: str) -> int | str:
    """Whole numbers also as "1e3" or "128.0"; anything else unchanged, for the type check to refuse."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if math.isfinite(number) and number == int(number) else text


def _arms(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _literals(annotation: Any) -> tuple[Any, ...]:
    values: list[Any] = []
    for arm in _arms(annotation):
        if typing.get_origin(arm) is Literal:
            values.extend(typing.get_args(arm))
    return tuple(values)


def _is_union_tag(part: Any) -> bool:
    return isinstance(part, str) and (
        part in ("int", "float", "bool", "str", "none") or part.startswith(("literal[", "constrained-", "function-"))
    )


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _json_safe(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return value
