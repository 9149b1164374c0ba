"""What a filled-in form amounts to: what is wrong, how large and how slow the model would be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.forms import Judged, Look, first_error, judge_config, judge_sample, looks_of, settle
from dashboard.pages.create.start import Start
from workbench.commands.base import CommandError
from workbench.commands.rules import clean_name
from workbench.fields import FieldSpec, architecture_summary
from workbench.values import validate

FORM, SAMPLE_FORM, NAME = "create", "create-sample", "create-name"


@dataclass(frozen=True)
class Missing:
    """What must be fixed first: where to jump, and what to call it."""

    target: str
    label: str
    message: str


@dataclass(frozen=True)
class Alternative:
    """The same model with other networks: seconds per epoch, None while this machine's rate is unknown."""

    value: str
    label: str
    seconds: float | None
    chosen: bool


@dataclass(frozen=True)
class Verdict:
    """Everything the page says about a filled-in form.

    Attributes:
        judged, sample: the two forms' outcomes. sample_settings: typed, None if something is wrong with them.
        looks, sample_looks: how each field looks. missing: what must be fixed first, None if it can be created.
        warnings: sentences. words: the architecture as (label, value) pairs. name: a readable one made up.
        parameters: trainable parameters. seconds_per_epoch: None while unknown. alternatives: other networks.
    """

    judged: Judged
    sample: Judged
    sample_settings: Any
    looks: Mapping[str, Look]
    sample_looks: Mapping[str, Look]
    missing: Missing | None
    warnings: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    name: str
    parameters: int | None
    n_train: int
    part: str | None
    seconds_per_epoch: float | None
    alternatives: tuple[Alternative, ...]

    def values(self, start: Start) -> dict[str, Any]:
        """The values to create the model with: every field of the form, typed, what does not apply at its default."""
        return {spec.name: self.judged.values[spec.name] for spec in start.form_specs()}


def judge(
    start: Start, raw: Mapping[str, Any], sample_raw: Mapping[str, Any], name: str, taken: Mapping[str, str], rate: float | None
) -> Verdict:
    """Judge what the controls hold.

    Args:
        name: the wanted name, "" for a made-up one. taken: case-folded names in use -> the name as written.
        rate: floating point operations a second that this machine was measured at, None if it was not yet.
    """
    sample, settings = judge_sample(start.model_type, sample_raw, start.facts)
    facts = start.facts
    if start.clone is None and settings is not None:
        facts = start.model_type.holds.expected(facts, sample.values)
    judged = judge_config(start.model_type, {}, raw, facts)
    sample = _with_refusals(start, judged, sample, settings, facts)
    specs, sample_specs = start.form_specs(), start.sample_specs()
    looks = looks_of(specs, judged, start.baseline)
    sample_looks = looks_of(sample_specs, sample, start.sample_baseline)
    n_train = start.model_type.holds.items(facts, start.held)
    count = start.model_type.parameter_count(judged.resolved) if not judged.errors else None
    return Verdict(
        judged=judged,
        sample=sample,
        sample_settings=settings,
        looks=looks,
        sample_looks=sample_looks,
        missing=_missing(
            specs,
            looks,
            sample_specs,
            {} if start.clone else sample_looks,
            name,
            taken,
            judged,
            sample,
            "" if start.clone else start.source.missing,
        ),
        warnings=(*_misfit(start), *(look.warning for look in looks.values() if look.warning and look.shown)),
        words=_words(start, judged),
        name=start.model_type.suggest_name(judged.resolved),
        parameters=count,
        n_train=n_train,
        part=start.model_type.holds.part(facts, start.held),
        seconds_per_epoch=_seconds(start, judged.resolved, n_train, rate),
        alternatives=_alternatives(start, judged, n_train, rate) if not judged.errors else (),
    )


def _with_refusals(start: Start, judged: Judged, sample: Judged, settings: Any, facts: Any) -> Judged:
    """The sample's judgement with what its family would refuse of a model that is right in itself."""
    refuses = start.model_type.holds.refuses
    if refuses is None or start.clone is not None or judged.errors or sample.errors:
        return sample
    built = validate(start.model_type, judged.values, facts).built
    if built is None:
        return sample
    return replace(sample, errors=tuple(refuses.load()(facts, settings, built)))


def _misfit(start: Start) -> tuple[str, ...]:
    if start.meant_for is None:
        return ()
    return (f"{start.title} is made for {start.meant_for}; on {start.source.name} it may not reach what it promises.",)


def _missing(
    specs: tuple[FieldSpec, ...],
    looks: Mapping[str, Look],
    sample_specs: tuple[FieldSpec, ...],
    sample_looks: Mapping[str, Look],
    name: str,
    taken: Mapping[str, str],
    judged: Judged,
    sample: Judged,
    absent: str,
) -> Missing | None:
    """The first thing wrong, in the order in which the page asks."""
    clash = name_problem(name, taken)
    if clash:
        return Missing(NAME, "Name", clash)
    for form, fields, seen in ((SAMPLE_FORM, sample_specs, sample_looks), (FORM, specs, looks)):
        spec = first_error(fields, seen)
        if spec is not None:
            return Missing(f"{form}/{spec.name}", spec.label, seen[spec.name].error or "")
    if absent:
        return Missing("create-dataset", "Dataset", absent)
    if sample.errors:
        return Missing("create-dataset", "Dataset", sample.errors[0].message)
    if judged.errors:
        problem = judged.errors[0]
        return Missing("create-page", problem.path, problem.message)
    return None


def name_problem(name: str, taken: Mapping[str, str]) -> str | None:
    """Why a model cannot have this name, or None; an empty one is made up and always fits."""
    if not name.strip():
        return None
    try:
        name = clean_name(name)
    except CommandError as error:
        return error.message
    found = taken.get(name.casefold())
    return f"A model named “{found}” exists already. Choose another name." if found else None


def _words(start: Start, judged: Judged) -> tuple[tuple[str, str], ...]:
    # Only the type is read from the config; its words come from the resolved values, which exist for wrong ones too.
    return architecture_summary(start.model_type.sections.values(), judged.resolved)


def _seconds(start: Start, resolved: Mapping[str, Any], n_train: int, rate: float | None) -> float | None:
    if not rate:
        return None
    try:
        return start.model_type.operations_per_epoch(resolved, n_train) / rate
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        # Values that the form refuses need not be countable.
        return None


def _alternatives(start: Start, judged: Judged, n_train: int, rate: float | None) -> tuple[Alternative, ...]:
    """The same model with each of the choices that its type compares, in all their places, as far as it accepts them."""
    names = start.model_type.alternatives
    specs = {s.name: s for s in start.form_specs() if s.name in names}
    if not names or len(specs) < len(names):
        return ()
    found = []
    for value, label, _ in specs[names[0]].choices:
        values, other = settle(start.model_type, dict(judged.values) | dict.fromkeys(names, value))
        if validate(start.model_type, values, start.facts).problems:
            continue
        found.append(Alternative(str(value), label, _seconds(start, other, n_train, rate), all(judged.resolved[n] == value for n in names)))
    return tuple(found)
