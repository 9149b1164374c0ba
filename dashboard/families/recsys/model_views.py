"""Model configurations, their checks and their catalogues as REST shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dashboard.families.recsys.estimates import EstimatedTime, time_view
from dashboard.families.recsys.requests import Document, IssueView, Name, Tags, Text, Version, describing
from recsys.data.schema import Schema
from recsys.features.config import FeatureConfig
from recsys.issues import Issue
from recsys.model.config import Architecture, ModelConfig, Training, document_of
from recsys.model.draft import read_draft
from recsys.model.facts import DataFacts
from recsys.model.flat import FIELDS
from recsys.model.optimizers import RECOMMENDED
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.presets import TowerPreset
from recsys.model.summaries import count_layers, head_summary, tower_summary, towers_are_identical
from recsys.model.validate import read
from recsys.model.warning import ConfigWarning
from recsys.model.warnings import before_start
from recsys.records import FeatureConfigRecord, ModelConfigRecord
from recsys.services.durations import ASSUMED, Work, expected_time, table_facts
from workbench.workbench import Workbench


class CreateModelConfig(Document):
    """A new model configuration; what is left out has its default, and both towers those of the Standard preset."""

    model_config = describing(FIELDS.specs.values())

    name: Name = Field("", description="Unique among model configurations.")
    description: Text = ""
    tags: Tags = Field([])
    note: Text = ""


class ChangeModelConfig(Document):
    """Changes of a model configuration; what is left out stays."""

    model_config = describing(FIELDS.specs.values())

    name: Name | None = None
    description: Text | None = None
    tags: Tags | None = None
    note: Text | None = None
    version: Version | None = None


class InputDims(BaseModel):
    """Widths of both towers' inputs."""

    buyer: int
    product: int


class Params(BaseModel):
    """Trainable parameters of the dense layers, each counted in one place; tables come on top."""

    buyer: int
    product: int
    head: int
    shared: int
    projections: int
    total: int
    input_dims: InputDims = Field(description="The widths they were counted for; 100 and 50 without a feature configuration.")
    non_trainable: int = Field(description="Moving statistics of batch normalisation, besides.")


class WarningView(BaseModel):
    """A doubt that keeps nothing from running, and what to do about it."""

    code: str
    severity: str
    message: str
    action: dict[str, Any] = Field(description="words for people; settings that it changes; without_columns that it takes out.")


class ModelConfigView(BaseModel):
    """A model configuration. Its settings stand beside these, flat."""

    model_config = ConfigDict(extra="allow")

    id: str
    number: int
    name: str
    description: str
    tags: list[str]
    note: str
    version: int
    content_hash: str = Field(description="Equal for configurations that say the same.")
    created_at: str
    updated_at: str
    created_by: str
    model_type: str
    optimizer: str
    buyer_tower_summary: str
    product_tower_summary: str
    rating_head_summary: str
    buyer_layer_count: int
    product_layer_count: int
    towers_identical: bool
    estimated_params: Params
    warnings: list[WarningView]


class Checked(BaseModel):
    """What is wrong with a document, and what it amounts to as far as it can be read."""

    is_valid: bool
    issues: list[IssueView]
    buyer_tower_summary: str | None = Field(description="Null where a layer cannot be read.")
    product_tower_summary: str | None
    rating_head_summary: str | None
    towers_identical: bool | None
    estimated_params: Params | None = Field(description="Null for a document that is not valid.")


class PresetBody(BaseModel):
    """Two towers to start from."""

    name: str
    description: str
    buyer_tower_layers: list[dict[str, Any]]
    product_tower_layers: list[dict[str, Any]]
    output_embedding_dim: int
    buyer_tower_summary: str
    product_tower_summary: str
    estimated_params: Params
    estimated_time: EstimatedTime


def layers_as_json(layers: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Layers as a document has them."""
    return [layer.model_dump(mode="json") for layer in layers]


def params_of(model: ModelConfig, features: FeatureConfigRecord | None = None) -> Params:
    """The dense parameters at the widths of some features, or at the assumed ones."""
    dims = ASSUMED_DIMS if features is None else (features.dims["buyer"]["total"], features.dims["product"]["total"])
    return Params.model_validate(asdict(dense_count(network_plan(model, *dims))))


def warning_view(warning: ConfigWarning) -> WarningView:
    """A warning as REST shows it."""
    action = {
        "words": warning.action.words,
        "settings": dict(warning.action.settings),
        "without_columns": list(warning.action.without_columns),
    }
    return WarningView(code=str(warning.code), severity=warning.severity, message=warning.message, action=action)


def settings_warnings(model: ModelConfig) -> list[WarningView]:
    """What is doubtful about the settings, whatever the data."""
    return [warning_view(w) for w in before_start(FeatureConfig(), model, Schema(()), DataFacts())]


def model_config_view(record: ModelConfigRecord) -> ModelConfigView:
    """A model configuration, whole."""
    model, same = record.recommender, ("id", "number", "name", "description", "note", "version", "content_hash")
    architecture = model.architecture
    return ModelConfigView.model_validate({
        **document_of(model),
        **{name: getattr(record, name) for name in (*same, "created_at", "updated_at", "created_by")},
        "tags": list(record.tags),
        "buyer_tower_summary": tower_summary(architecture.buyer_tower_layers),
        "product_tower_summary": tower_summary(architecture.product_tower_layers),
        "rating_head_summary": head_summary(architecture.rating_head_layers),
        "buyer_layer_count": count_layers(architecture.buyer_tower_layers),
        "product_layer_count": count_layers(architecture.product_tower_layers),
        "towers_identical": towers_are_identical(architecture),
        "estimated_params": params_of(model),
        "warnings": settings_warnings(model),
    })  # fmt: skip


def checked(document: Any, issues: tuple[Issue, ...], shown: list[IssueView]) -> Checked:
    """A document's issues beside its summaries."""
    draft = read_draft(document)
    buyer, product, head = (_readable(draft.layers(name)) for name in ("buyer_tower_layers", "product_tower_layers", "rating_head_layers"))
    is_valid = not any(issue.severity == "error" for issue in issues)
    return Checked(
        is_valid=is_valid, issues=shown,
        buyer_tower_summary=None if buyer is None else tower_summary(buyer),
        product_tower_summary=None if product is None else tower_summary(product),
        rating_head_summary=None if head is None else head_summary(head),
        towers_identical=None if buyer is None or product is None else buyer == product,
        estimated_params=params_of(read(document)) if is_valid else None,
    )  # fmt: skip


def _readable(layers: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return None if any(layer is None for layer in layers) else layers


def preset_body(bench: Workbench, preset: TowerPreset, features: FeatureConfigRecord | None) -> PresetBody:
    """A preset with what it costs for some features, or for the built-in shop."""
    architecture = Architecture(
        buyer_tower_layers=preset.buyer_tower_layers,
        product_tower_layers=preset.product_tower_layers,
        output_embedding_dim=preset.output_embedding_dim,
    )
    model = ModelConfig(architecture, Training())
    known = None if features is None else table_facts(bench.state(), features.dataset_id)
    work = ASSUMED if known is None else Work.of(known.usable, known.items or 0)
    return PresetBody(
        name=preset.name, description=preset.description, output_embedding_dim=preset.output_embedding_dim,
        buyer_tower_layers=layers_as_json(preset.buyer_tower_layers), product_tower_layers=layers_as_json(preset.product_tower_layers),
        buyer_tower_summary=tower_summary(preset.buyer_tower_layers), product_tower_summary=tower_summary(preset.product_tower_layers),
        estimated_params=params_of(model, features), estimated_time=time_view(expected_time(bench, model, work)),
    )  # fmt: skip


def optimizers() -> dict[str, dict[str, Any]]:
    """What is recommended of each optimiser, by its key."""
    return {
        key: {
            "name": info.name, "description": info.note, "low": info.low, "high": info.high, "default_learning_rate": info.default,
            "shallow_default_learning_rate": info.shallow_default,
        }
        for key, info in RECOMMENDED.items()
    }  # fmt: skip
