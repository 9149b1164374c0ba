"""What a form's values mean for a model: autos replaced, fields that do not apply set aside, every rule asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from dashboard.forms.raw import Reading
from workbench.families import DatasetFacts, ModelType
from workbench.fields import ConfigModel, FieldProblem, FieldSpec, applicability_problems, applies, field_specs, problems_of

_MOST_ROUNDS = 8


@dataclass(frozen=True)
class Judged:
    """A form's outcome.

    Attributes:
        values: every field's typed value; defaults where a field does not apply or could not be read.
        resolved: the same with autos replaced.
        problems: errors and warnings, field by field.
        architecture, training: the configs, if they could be built.
    """

    values: dict[str, Any]
    resolved: dict[str, Any]
    problems: tuple[FieldProblem, ...]
    architecture: ConfigModel | None
    training: ConfigModel | None

    @property
    def errors(self) -> tuple[FieldProblem, ...]:
        """The problems that refuse."""
        return tuple(p for p in self.problems if not p.warning)

    @property
    def warnings(self) -> tuple[FieldProblem, ...]:
        """The problems that only warn."""
        return tuple(p for p in self.problems if p.warning)


def specs_of(model_type: ModelType) -> tuple[FieldSpec, ...]:
    """All fields of both config types."""
    return (*field_specs(model_type.architecture), *field_specs(model_type.training))


def settle(model_type: ModelType, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(values, resolved): what does not apply is at its default, which may in turn decide whether others apply."""
    specs = specs_of(model_type)
    settled = dict(values)
    resolved = model_type.resolve(settled)
    for _ in range(_MOST_ROUNDS):
        idle = [s for s in specs if not s.required and not applies(s, resolved) and settled.get(s.name, s.default) != s.default]
        if not idle:
            break
        settled |= {spec.name: spec.default for spec in idle}
        resolved = model_type.resolve(settled)
    return settled, resolved


def judge_config(model_type: ModelType, base: Mapping[str, Any], typed: Reading, facts: DatasetFacts) -> Judged:
    """Judge a form over the two config types of a model.

    Args:
        base: values of the fields that the form does not show (an image's shape, the locked architecture).
        typed: what the form's controls hold. facts: of the dataset.
    """
    specs = specs_of(model_type)
    defaults = {s.name: s.default for s in specs if not s.required}
    values, resolved = settle(model_type, defaults | dict(base) | typed.values)
    shown = {s.name for s in specs if applies(s, resolved)}
    problems = [p for p in typed.problems if p.path in shown]
    problems += applicability_problems(specs, values, resolved)
    architecture = _build(model_type.architecture, values, problems)
    training = _build(model_type.training, values, problems)
    if architecture is not None and training is not None:
        problems += model_type.check(architecture, training, facts)
    return Judged(values, resolved, _first_of_each(problems), architecture, training)


def judge_sample(model_type: ModelType, base: Mapping[str, Any], typed: Reading, facts: DatasetFacts) -> Judged:
    """Judge a form over a model type's sample settings; `architecture` holds the config if it could be built."""
    defaults = {s.name: s.default for s in field_specs(model_type.sample) if not s.required}
    values = defaults | dict(base) | typed.values
    problems = list(typed.problems)
    sample = _build(model_type.sample, values, problems)
    if sample is not None:
        problems += model_type.check_sample(sample, facts)
    return Judged(values, values, _first_of_each(problems), sample, None)


def _build(config_type: type[ConfigModel], values: Mapping[str, Any], problems: list[FieldProblem]) -> ConfigModel | None:
    names = [s.name for s in field_specs(config_type)]
    try:
        return config_type(**{name: values[name] for name in names if name in values})
    except ValidationError as error:
        problems += problems_of(error, names)
        return None


def _first_of_each(problems: Iterable[FieldProblem]) -> tuple[FieldProblem, ...]:
    """One problem a field, errors before warnings."""
    found: dict[str, FieldProblem] = {}
    for problem in sorted(problems, key=lambda p: p.warning):
        found.setdefault(problem.path.split(".")[0], problem)
    return tuple(found.values())
