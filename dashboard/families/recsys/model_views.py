"""Model configurations, their checks and their catalogues as REST shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.dependencies import Key
from dashboard.api.schemas import Documented, SchemaOf
from dashboard.families.recsys.estimates import EstimatedTime, time_view
from dashboard.families.recsys.requests import Description, Document, IssueView, Name, Note, Tags, Version
from dashboard.families.recsys.versions import Versions, VersionView
from recsys.data.schema import Schema
from recsys.features.config import FeatureConfig
from recsys.issues import Issue
from recsys.model.config import Architecture, ModelConfig, Training, document_of
from recsys.model.draft import read_draft
from recsys.model.facts import DataFacts
from recsys.model.layers import TaggedLayer
from recsys.model.optimizers import RECOMMENDED
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.presets import TowerPreset
from recsys.model.recipes import RECIPES
from recsys.model.summaries import count_layers, head_summary, tower_summary, towers_are_identical
from recsys.model.validate import read
from recsys.model.warning import ConfigWarning, WarningSeverity
from recsys.model.warnings import before_start
from recsys.records import FeatureConfigRecord, ModelConfigRecord
from recsys.services.durations import expected_time, usual_work
from workbench.workbench import Workbench


class ModelDocument(Documented):
    """What a model configuration says, flat: its architecture and how it is trained."""

    model_config = ConfigDict(extra="allow")

    documents = (Architecture, Training)


Layers = Annotated[list[dict[str, Any]], SchemaOf(tuple[TaggedLayer, ...])]


class CreateModelConfig(Document):
    """A new model configuration; what is left out has its default, and both towers those of the Standard preset."""

    documents = ModelDocument.documents

    name: Name = Field("", description="Unique among model configurations.")
    description: Description = ""
    tags: Tags = Field([])
    note: Note = ""

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "All defaults"}, *({"name": recipe.name, **document_of(recipe.config)} for recipe in RECIPES.values())]


class ChangeModelConfig(Document):
    """Changes of a model configuration; what is left out stays."""

    documents = ModelDocument.documents
    changes = True

    name: Name | None = Field(None, description="Unique among model configurations.")
    description: Description | None = None
    tags: Tags | None = None
    note: Note | None = None
    version: Version | None = None

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"optimizer": "adam", "learning_rate": 0.005, "version": 1}]


class CheckModelConfig(Document):
    """A document to check; any other JSON is told to be none."""

    documents = ModelDocument.documents

    name: Name = Field("", description="Checked as well, if there is one.")
    exclude_id: Key | None = Field(None, description="The configuration that it is an edit of.")

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "Not yet stored", "model_type": "ranking"}]


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


class ActionView(BaseModel):
    """What to do about a warning."""

    words: str = Field(description="For people.")
    settings: Annotated[dict[str, Any], SchemaOf(ModelDocument)] = Field(default_factory=dict, description="Settings that it changes.")
    without_columns: list[str] = Field(default_factory=list, description="Columns that it takes out of both towers.")


class WarningView(BaseModel):
    """A doubt that keeps nothing from running, and what to do about it."""

    code: str = Field(description="The rule that speaks.")
    severity: WarningSeverity = Field(description="How much it matters; lists have the most severe first.")
    message: str
    action: ActionView


class ModelConfigView(ModelDocument):
    """A model configuration. Its settings stand beside these, flat."""

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


class ModelSections(BaseModel):
    """What a model configuration says, by section."""

    architecture: Annotated[dict[str, Any], SchemaOf(Architecture)]
    training: Annotated[dict[str, Any], SchemaOf(Training)]


class ModelVersionView(VersionView):
    """A model configuration as it once was."""

    config: ModelSections


class ModelVersions(Versions):
    """Every version, the newest first."""

    items: list[ModelVersionView]


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
    buyer_tower_layers: Layers
    product_tower_layers: Layers
    output_embedding_dim: int
    buyer_tower_summary: str
    product_tower_summary: str
    estimated_params: Params
    estimated_time: EstimatedTime


class HeadBody(BaseModel):
    """A rating head to start from."""

    name: str
    description: str
    rating_head_layers: Layers
    rating_head_summary: str


class RecipeBody(BaseModel):
    """A complete configuration."""

    name: str
    description: str
    features: str = Field(description="The shipped feature configuration that goes with it.")
    expectation: str = Field(description="What it reaches on MovieLens 100K.")
    config: Annotated[dict[str, Any], SchemaOf(ModelDocument)] = Field(description="Post it to `/api/model-configs/` with a name.")


class ChoiceBody(BaseModel):
    """One value of a setting."""

    name: str
    description: str


class OptimizerBody(ChoiceBody):
    """An optimiser, with the learning rates that are recommended."""

    low: float = Field(description="The least recommended learning rate.")
    high: float = Field(description="The greatest.")
    default_learning_rate: float = Field(description="To start with, for towers of two Dense layers and more.")
    shallow_default_learning_rate: float = Field(description="To start with, for towers with fewer.")


def layers_as_json(layers: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Layers as a document has them."""
    return [layer.model_dump(mode="json") for layer in layers]


def params_of(model: ModelConfig, features: FeatureConfigRecord | None = None) -> Params:
    """The dense parameters at the widths of some features, or at the assumed ones."""
    dims = ASSUMED_DIMS if features is None else (features.dims["buyer"]["total"], features.dims["product"]["total"])
    return Params.model_validate(asdict(dense_count(network_plan(model, *dims))))


def warning_view(warning: ConfigWarning) -> WarningView:
    """A warning as REST shows it."""
    told = warning.action
    action = ActionView(words=told.words, settings=dict(told.settings), without_columns=list(told.without_columns))
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
    work = usual_work(bench.state(), None if features is None else features.dataset_id)
    return PresetBody(
        name=preset.name, description=preset.description, output_embedding_dim=preset.output_embedding_dim,
        buyer_tower_layers=layers_as_json(preset.buyer_tower_layers), product_tower_layers=layers_as_json(preset.product_tower_layers),
        buyer_tower_summary=tower_summary(preset.buyer_tower_layers), product_tower_summary=tower_summary(preset.product_tower_layers),
        estimated_params=params_of(model, features), estimated_time=time_view(expected_time(bench, model, work)),
    )  # fmt: skip


def optimizers() -> dict[str, OptimizerBody]:
    """What is recommended of each optimiser, by its key."""
    return {
        key: OptimizerBody(
            name=info.name, description=info.note, low=info.low, high=info.high, default_learning_rate=info.default,
            shallow_default_learning_rate=info.shallow_default,
        )
        for key, info in RECOMMENDED.items()
    }  # fmt: skip
