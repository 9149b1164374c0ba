"""REST for the registry of families: what can be created, with every field's schema."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from fastapi import APIRouter
from pydantic import BaseModel, Field

from workbench.families import Family, ModelType, all_families
from workbench.fields import FieldSpec, field_specs, show_value

router = APIRouter(prefix="/families", tags=["families"])


class FieldView(BaseModel):
    """One config field as the registry knows it."""

    name: str
    kind: str = Field(description="structural (locked at creation) or modifiable.")
    label: str
    section: str
    help: str
    unit: str
    default: Any
    range: str
    choices: list[str]
    applies_when: str | None = Field(description="The condition under which it means anything; null: always.")
    unavailable: str | None
    rule: str | None = Field(default=None, description="The rule that gives its value where nobody does, in words.")
    entries: dict[str, list[FieldView]] = Field(
        default_factory=dict, description="Of a list of objects, or an object that may be null: kind of object -> its fields."
    )


class PresetView(BaseModel):
    """A named starting point."""

    name: str
    title: str
    sentence: str
    expected: str
    dataset: str | None = Field(default=None, description="The dataset that it was made for, if it is for one.")
    values: dict[str, Any]


class ModelTypeView(BaseModel):
    """A kind of model."""

    name: str
    title: str
    description: str
    presets: list[PresetView]
    fields: list[FieldView]
    sample_fields: list[FieldView]


class MetricView(BaseModel):
    """A metric as the family declares it."""

    key: str = Field(description="Its key without the split: `loss` of `train/loss`, of a headline and of a summary.")
    label: str
    unit: str
    direction: str | None = Field(description="Which values are better: lower, higher; null: neither.")
    format: str = Field(description="number, or share: a part of one, shown in percent.")
    panel: str = Field(description="The panel of curves that shows it while training; empty: none.")
    splits: list[str]


class PanelView(BaseModel):
    """A graph of curves."""

    name: str
    title: str
    description: str


class FamilyView(BaseModel):
    """A family of models."""

    name: str
    title: str
    description: str
    framework: str
    models: list[ModelTypeView]
    datasets: list[str]
    metrics: list[MetricView]
    panels: list[PanelView]


class FamiliesView(BaseModel):
    """All families."""

    items: list[FamilyView]
    total: int
    next: None = None


@router.get("")
def list_families() -> FamiliesView:
    """All families with their models, presets and fields."""
    items = [_family(f) for f in all_families()]
    return FamiliesView(items=items, total=len(items))


def _family(family: Family) -> FamilyView:
    return FamilyView(
        name=family.name, title=family.title, description=family.description, framework=family.framework,
        models=[_model_type(m) for m in family.models], datasets=[d.id for d in family.datasets],
        metrics=[MetricView.model_validate(asdict(m) | {"splits": list(m.splits)}) for m in family.metrics],
        panels=[PanelView(name=p.name, title=p.title, description=p.description) for p in family.panels],
    )  # fmt: skip


def _model_type(model: ModelType) -> ModelTypeView:
    presets = [
        PresetView(name=p.name, title=p.title, sentence=p.sentence, expected=p.expected, dataset=p.dataset, values=dict(p.values))
        for p in model.presets
    ]
    words = {rule.key: rule.words for rule in model.rules}
    fields = [_field(s, words.get(s.name)) for s in model.fields.specs.values()]
    return ModelTypeView(
        name=model.name, title=model.title, description=model.description, presets=presets, fields=fields,
        sample_fields=[_field(s) for s in field_specs(model.sample)] if model.sample is not None else [],
    )  # fmt: skip


def _field(spec: FieldSpec, rule: str | None = None) -> FieldView:
    condition = spec.meta.applies_when
    kinds = spec.composite.kinds() if spec.composite is not None else {}
    return FieldView(
        name=spec.name, kind=spec.kind.value, label=spec.label, section=spec.section, help=spec.meta.help, unit=spec.meta.unit,
        default=None if spec.required else spec.default, range=spec.range_text(),
        choices=[show_value(value) for value, _, _ in spec.choices],
        applies_when=condition.describe() if condition else None, unavailable=spec.meta.unavailable, rule=rule,
        entries={kind: [_field(inner) for inner in field_specs(cast(Any, config_type))] for kind, config_type in kinds.items()},
    )  # fmt: skip
