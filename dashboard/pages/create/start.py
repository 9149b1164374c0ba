"""Where a new model starts from: a family, a dataset, and a preset or another model. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.forms import judge_config, raw_of, settle
from dashboard.forms.raw import read
from dashboard.forms.words import sentence
from workbench.commands.base import CommandError
from workbench.families import DataSource, Family, ModelType, Preset, Standing
from workbench.fields import FieldSpec, field_specs
from workbench.services.presets import sample_from, with_sample
from workbench.state import LabelValue, ModelRecord
from workbench.values import derived, specs_of, stored_values

CLONE = "model"
"""The choice that starts from the cloned model itself, beside the presets' names."""


@dataclass(frozen=True)
class Start:
    """A starting point.

    Attributes:
        choice: a preset's name, or `CLONE`. source: the dataset. sources: all there are to choose from.
        clone: the model whose data and marks are kept, if any. marks: that model's.
        asked: what the controls of a new model's sample hold, by setting; those of the starting point where nothing is held.
    """

    family: Family
    model_type: ModelType
    source: DataSource
    choice: str
    clone: ModelRecord | None = None
    sources: tuple[DataSource, ...] = ()
    marks: Mapping[int, LabelValue] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> Any:
        """The facts as they will be with the sample that is asked for; a clone's are those of its model."""
        if self.clone is not None or self.model_type.sample is None:
            return self.facts
        wanted = {name: value for name, value in self.asked.items() if name in self.sample_baseline}
        return with_sample(self.model_type, self.facts, self.sample_baseline | read(self.sample_specs(), wanted).values)

    @property
    def facts(self) -> Any:
        """Facts of the data; a clone's are those of its model."""
        if self.clone is None:
            return self.source.facts
        return self.model_type.holds.facts(Standing(self.source.facts, self.held, self.marks, None))

    @property
    def held(self) -> Any:
        """What the family keeps with the cloned model, typed; None for a new one."""
        return None if self.clone is None else self.model_type.holds.payload.model_validate(self.clone.payload)

    @property
    def baseline(self) -> dict[str, Any]:
        """The typed values of every field at this starting point, what does not apply at its default."""
        specs = specs_of(self.model_type)
        defaults = {name: spec.default for name, spec in specs.items() if not spec.required}
        if self.choice == CLONE and self.clone is not None:
            stored = self.clone.config
            given = stored_values(self.model_type.fields, stored)
        else:
            given = self.model_type.apply_preset(self.preset, self.expected)
        return settle(self.model_type, derived(self.model_type, defaults | given, given, self.expected))[0]

    @property
    def sample_baseline(self) -> dict[str, Any]:
        """The typed sample settings at this starting point."""
        if self.model_type.sample is None:
            return {}
        specs = field_specs(self.model_type.sample)
        given = dict(self.source.default_sample) if self.choice == CLONE else sample_from(self.model_type, self.source, self.preset)
        return {s.name: s.default for s in specs if not s.required} | given

    @property
    def preset(self) -> Preset:
        """The preset it starts from. Raises KeyError for a clone of a model itself."""
        return {p.name: p for p in self.model_type.presets}[self.choice]

    @property
    def meant_for(self) -> str | None:
        """The name of the dataset that its preset is for, where that is another than its own."""
        meant = None if self.choice == CLONE else self.preset.dataset
        return next((s.name for s in self.sources if s.id == meant and s.id != self.source.id), None)

    @property
    def title(self) -> str:
        """What it starts from, in words."""
        return self.clone.name if self.choice == CLONE and self.clone is not None else self.preset.title

    def form_specs(self) -> tuple[FieldSpec, ...]:
        """The fields of the form: those meant for forms whose effect exists, architecture first."""
        return tuple(s for s in specs_of(self.model_type).values() if s.meta.in_form and s.meta.unavailable is None)

    def raw(self) -> dict[str, Any]:
        """The starting values as controls hold them."""
        values = self.baseline
        return {s.name: raw_of(s, values[s.name]) for s in self.form_specs()}

    def sample_raw(self) -> dict[str, Any]:
        """The starting sample settings as controls hold them."""
        values = self.sample_baseline
        return {s.name: raw_of(s, values[s.name]) for s in self.sample_specs()}

    def sample_specs(self) -> tuple[FieldSpec, ...]:
        """The fields of the sample's settings; none for a model type without samples."""
        return () if self.model_type.sample is None else field_specs(self.model_type.sample)


@dataclass(frozen=True)
class Offer:
    """A starting point on offer.

    Attributes:
        expected: what it was measured to reach. refused: why it cannot be chosen, if so.
        made_for: name of the dataset that it is for, if it is not the one chosen now.
    """

    choice: str
    title: str
    sentence: str
    refused: str | None = None
    expected: str = ""
    made_for: str | None = None


def offers(start: Start) -> list[Offer]:
    """Every starting point for this family and dataset, the cloned model first, those that cannot be chosen with their reason."""
    found = []
    if start.clone is not None:
        found.append(Offer(CLONE, start.clone.name, "Its own architecture and settings, to change as you like."))
    presets = start.model_type.presets
    return found + [_offer(start, p) for p in presets]


def _offer(start: Start, preset: Preset) -> Offer:
    """A preset as it would be chosen: one that is for a dataset comes with it, unless a clone's data is kept."""
    own = next((s for s in start.sources if s.id == preset.dataset and s.id != start.source.id), None)
    chosen = replace(start, choice=preset.name)
    if own is not None and start.clone is None:
        chosen = replace(chosen, source=own)
    return Offer(preset.name, preset.title, preset.sentence, refusal(chosen), preset.expected, own.name if own is not None else None)


def refusal(start: Start) -> str | None:
    """Why this starting point cannot be chosen for its data, or None."""
    if start.choice != CLONE and start.preset.unavailable:
        return start.preset.unavailable
    errors = judge_config(start.model_type, {}, start.raw(), start.expected).errors
    return sentence(errors[0].message, start.model_type.fields.specs) if errors else None


def moved(raw: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Raw values after the starting point changed under them: what a person had changed stays, the rest follows."""
    return {name: value if value != before.get(name) else after.get(name, value) for name, value in raw.items()}


def _own_dataset(model_type: ModelType, query: Mapping[str, Any]) -> str | None:
    """The dataset that the preset in a query is for, if it is for one."""
    return next((p.dataset for p in model_type.presets if p.name == query.get("preset")), None)


def _family_of(families: Sequence[Family], query: Mapping[str, Any], sources_of: Callable[[Family], tuple[DataSource, ...]]) -> Family:
    """The family that a query names, else the one whose dataset it names, else the first."""
    named = next((f for f in families if f.name == query.get("family")), None)
    if named is not None or not query.get("dataset"):
        return named or families[0]
    return next((f for f in families if any(source.id == query["dataset"] for source in sources_of(f))), families[0])


def built_in(family: Family) -> tuple[DataSource, ...]:
    """A family's own datasets."""
    return family.datasets


def find_start(
    families: Sequence[Family],
    query: Mapping[str, Any],
    clone: ModelRecord | None = None,
    sources_of: Callable[[Family], tuple[DataSource, ...]] = built_in,
    marks: Mapping[int, LabelValue] | None = None,
) -> Start:
    """The starting point an address or a draft names; what it does not know falls back to the family's first.

    Args:
        sources_of: the datasets that a family's models can be made on, built-in and imported. marks: the cloned model's.

    Raises CommandError if the family has no dataset at all yet.
    """
    if clone is not None:
        declared = next(f for f in families if f.name == clone.family)
        model_type, sources = declared.model(clone.model_type), sources_of(declared)
        source = {d.id: d for d in sources}[next(id for id in clone.uses if any(d.id == id for d in sources))]
    else:
        declared = _family_of(families, query, sources_of)
        model_type = next((m for m in declared.models if m.name == query.get("model_type")), declared.models[0])
        sources = sources_of(declared)
        if not sources:
            raise CommandError(
                f"{declared.title} have no dataset yet to make a model on.",
                "dataset",
                "Make or import one on the Datasets page.",
                code="not_found",
            )
        source = next((d for d in sources if d.id == (query.get("dataset") or _own_dataset(model_type, query))), sources[0])
    names = [p.name for p in model_type.presets if p.unavailable is None]
    choice = query.get("preset")
    if clone is not None and choice not in names:
        choice = CLONE
    elif choice not in names:
        choice = names[0]
    asked = query.get("sample")
    return Start(declared, model_type, source, str(choice), clone, sources, marks or {}, asked if isinstance(asked, dict) else {})
