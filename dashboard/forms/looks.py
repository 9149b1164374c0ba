"""How each field of a form looks now: shown or not, its message, what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.forms.controls import OFF, can_be_off
from dashboard.forms.judge import Judged
from dashboard.forms.raw import raw_of
from dashboard.forms.words import problem_words
from workbench.fields import FieldProblem, FieldSpec, applies, show_value, value_words


@dataclass(frozen=True)
class Look:
    """One field's look.

    Attributes:
        shown: whether its row is there. error, warning: its message, if any.
        was: the baseline's value in words while the field differs from it; base: the same as the control holds it.
        placeholder: what an empty control stands for: "auto (16)".
        on: for a switch with "how" beside it, whether it is on; None for every other field.
        idle: why it is shown although it does not apply or cannot be changed; None where it can.
        source: the rule that its value follows from, if it does.
    """

    shown: bool = True
    error: str | None = None
    warning: str | None = None
    was: str | None = None
    base: Any = None
    placeholder: str = ""
    on: bool | None = None
    idle: str | None = None
    source: str | None = None


def looks_of(specs: Iterable[FieldSpec], judged: Judged, baseline: Mapping[str, Any] | None = None) -> dict[str, Look]:
    """The looks of `specs` under a judged form.

    Args:
        baseline: typed values to compare with (a preset's, the saved ones); fields that differ say what they were.
    """
    specs = tuple(specs)
    known = {s.name: s for s in specs}
    errors, warnings = _by_field(specs, judged.errors), _by_field(specs, judged.warnings)
    return {
        s.name: Look(
            shown=is_shown(s, judged.resolved),
            error=_message(s, errors.get(s.name, ()), known),
            warning=_message(s, warnings.get(s.name, ()), known),
            was=_was(s, judged.values, baseline, s.name in judged.unread),
            base=raw_of(s, baseline[s.name]) if baseline is not None and s.name in baseline else None,
            placeholder=placeholder_of(s, judged.resolved),
            on=_is_on(s, judged) if can_be_off(s) else None,
            idle=idle_reason(s, judged.resolved) or _fixed_reason(s, judged),
            source=f"From the data: {judged.sources[s.name]}." if s.name in judged.sources else None,
        )
        for s in specs
    }


def is_shown(spec: FieldSpec, resolved: Mapping[str, Any]) -> bool:
    """Whether a field has a row: it is meant for forms, its effect exists, and it applies or is worth saying why not."""
    there = spec.meta.in_form and spec.meta.unavailable is None
    return there and (applies(spec, resolved) or idle_reason(spec, resolved) is not None)


def idle_reason(spec: FieldSpec, resolved: Mapping[str, Any]) -> str | None:
    """Why a field that is shown cannot be changed, as a sentence."""
    condition = spec.meta.shown_when
    if condition is None or applies(spec, resolved) or not condition.holds(resolved):
        return None
    return f"{spec.meta.because[:1].upper()}{spec.meta.because[1:]}."


def _fixed_reason(spec: FieldSpec, judged: Judged) -> str | None:
    """Why a field cannot be changed whose value the data determines, as a sentence."""
    return f"From the data: {judged.sources[spec.name]}." if spec.name in judged.fixed and spec.name in judged.sources else None


def _is_on(spec: FieldSpec, judged: Judged) -> bool:
    return judged.values.get(spec.name) != OFF and idle_reason(spec, judged.resolved) is None


def placeholder_of(spec: FieldSpec, resolved: Mapping[str, Any]) -> str:
    """What an empty control stands for."""
    if spec.accepts_auto:
        return f"auto ({show_value(resolved[spec.name])})" if resolved.get(spec.name) not in (None, "auto") else "auto"
    return (spec.meta.empty or "none") if spec.optional else ""


def looks_to_json(form: str, looks: Mapping[str, Look]) -> dict[str, dict[str, dict[str, Any]]]:
    """The looks as the browser takes them, by form and field; those of several forms may be merged with `|`."""
    return {form: {name: asdict(look) for name, look in looks.items()}}


def first_error(specs: Iterable[FieldSpec], looks: Mapping[str, Look]) -> FieldSpec | None:
    """The first field, in form order, that has an error."""
    return next((s for s in specs if s.name in looks and looks[s.name].error and looks[s.name].shown), None)


def _was(spec: FieldSpec, values: Mapping[str, Any], baseline: Mapping[str, Any] | None, unread: bool) -> str | None:
    if baseline is None or spec.name not in baseline:
        return None
    before = baseline[spec.name]
    if values.get(spec.name) == before and not unread:
        return None
    return value_words(spec, before)


def _by_field(specs: Iterable[FieldSpec], problems: Iterable[FieldProblem]) -> dict[str, list[FieldProblem]]:
    """The problems of each field, those of its entries included."""
    names = {spec.name for spec in specs}
    found: dict[str, list[FieldProblem]] = {}
    for problem in problems:
        parts = problem.path.split(".")
        name = next((n for cut in range(len(parts), 0, -1) if (n := ".".join(parts[:cut])) in names), problem.path)
        found.setdefault(name, []).append(problem)
    return found


def _message(spec: FieldSpec, problems: Sequence[FieldProblem], known: Mapping[str, FieldSpec]) -> str | None:
    """A field's first problem in words; of a value with entries, a line for each problem, with its place."""
    if not problems:
        return None
    if spec.composite is None:
        return problem_words(problems[0], known)
    return "\n".join(f"{place}{problem_words(p, known)}" for p in problems for place in [_place(spec, p.path)])


def _place(spec: FieldSpec, path: str) -> str:
    """Where in a value with entries, for people, who count from 1: "Entry 2, units: "."""
    parts = path.removeprefix(spec.name).strip(".").split(".")
    words = [f"entry {int(part) + 1}" if part.isdigit() else part for part in parts if part]
    text = ", ".join(words)
    return f"{text[:1].upper()}{text[1:]}: " if text else ""
