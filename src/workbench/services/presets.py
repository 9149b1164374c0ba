"""A preset's values under what was given beside it; the one place where "start from a preset" is worked out."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from workbench.commands.base import CommandError
from workbench.families import DataSource, ModelType, Preset, all_families
from workbench.fields import ConfigError, FieldProblem, closest, flat_values
from workbench.values import flatten_all, validate_sample


def find_preset(kind: ModelType, name: str) -> Preset:
    """The preset of that name. Raises CommandError naming the closest one, or why it cannot be used yet."""
    found = next((p for p in kind.presets if p.name == name), None)
    if found is None:
        guess = closest(name, (p.name for p in kind.presets))
        known = ", ".join(p.name for p in kind.presets)
        raise CommandError(f"There is no preset {name[:80]!r}.", "preset", f"Did you mean {guess}?" if guess else f"Known: {known}.")
    if found.unavailable:
        raise CommandError(f"The preset {name} cannot be used: {found.unavailable}", "preset")
    return found


def dataset_of_preset(name: str) -> str | None:
    """The dataset that a preset of any family is for; None for one that is for none. Raises CommandError naming the closest one."""
    known = {preset.name: preset for family in all_families() for kind in family.models for preset in kind.presets}
    if name not in known:
        guess = closest(name, known)
        raise CommandError(
            f"There is no preset {name[:80]!r}.", "preset", f"Did you mean {guess}?" if guess else "See the list of families."
        )
    return known[name].dataset


def values_from(
    kind: ModelType, preset: Preset, facts: Any, source: DataSource, values: Mapping[str, Any], sample: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], list[FieldProblem]]:
    """(flat values, sample settings, what is wrong with values that are none): the preset's, where nothing else was given."""
    given, problems = flatten_all(kind, values)
    with contextlib.suppress(ConfigError):  # an older name that means nothing is told with everything else
        given = kind.aliases(given)
    settings = {**sample_from(kind, source, preset), **sample}
    return {**kind.apply_preset(preset, with_sample(kind, facts, settings)), **given}, settings, problems


def with_sample(kind: ModelType, facts: Any, settings: Mapping[str, Any]) -> Any:
    """The facts as they will be with a sample of these settings; as they are if no such sample can be drawn, which is told elsewhere."""
    drawn = None if kind.sample is None else validate_sample(kind, settings, facts)[0]
    return facts if drawn is None else kind.holds.expected(facts, flat_values(drawn))


def sample_from(kind: ModelType, source: DataSource, preset: Preset) -> dict[str, Any]:
    """The sample settings to start from: the data's own under the preset's, as far as imported data can give them."""
    wanted = {**source.default_sample, **preset.sample}
    return kind.fit_sample(wanted, source.default_sample) if source.loader is None else wanted
