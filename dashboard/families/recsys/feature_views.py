"""Feature configurations and their checks as REST shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from dashboard.api.dependencies import Key
from dashboard.api.schemas import Documented, SchemaOf
from dashboard.families.recsys.requests import Description, Document, IssueView, Name, Note, Tags, Version
from dashboard.families.recsys.versions import Versions, VersionView
from recsys.features.config import FeatureConfig, HistoryFeature
from recsys.features.dims import TensorDims
from recsys.features.shipped import SHIPPED
from recsys.records import FeatureConfigRecord


class OfFeatures(Document):
    """Base of bodies that say which columns become what."""

    documents = (FeatureConfig,)


class CreateFeatureConfig(OfFeatures):
    """A new feature configuration."""

    dataset_id: str | None = Field(None, max_length=100, description="Whose columns it is of; of a clone, its source's if left out.")
    start_from: Literal["blank", "smart_defaults", "clone"] = Field(
        "blank", description="What the document is laid over: nothing, what the columns suggest, or another configuration."
    )
    clone_of: Key | None = Field(None, description="The source of a clone.")
    name: Name | None = Field(None, description='Unique within the dataset. Of a clone: "{name} (copy)" if left out.')
    description: Description = ""
    tags: Tags = Field([])
    note: Note = ""

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "Smart retail", "dataset_id": "retail", "start_from": "smart_defaults"}, {"name": "Retail", **_example()}]


class ChangeFeatureConfig(OfFeatures):
    """Changes of a feature configuration; what is left out stays."""

    changes = True

    name: Name | None = Field(None, description="Unique within the dataset.")
    description: Description | None = None
    tags: Tags | None = None
    note: Note | None = None
    version: Version | None = None

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "Retail, the buyer alone by id", "buyer_model_features": _example()["buyer_model_features"][:1], "version": 1}]


class CheckFeatureConfig(OfFeatures):
    """A document to check."""

    dataset_id: str = Field(max_length=100, description="Whose columns it is of.")
    name: Name = Field("", description="Checked as well, if there is one.")
    exclude_id: Key | None = Field(None, description="The configuration that it is an edit of.")

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "Not yet stored", **_example()}]


class MeasureFeatureConfig(OfFeatures):
    """A document to measure."""

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{name: value for name, value in _example().items() if name != "dataset_id"}]


def _example() -> dict[str, Any]:
    return {"dataset_id": "retail", **SHIPPED["retail-104-72"].config.model_dump(mode="json")}


class Width(BaseModel):
    """One tensor's share of a tower's input."""

    name: str
    dim: int


class TowerWidth(BaseModel):
    """A tower's input."""

    total: int
    breakdown: list[Width]


class Dims(BaseModel):
    """The widths of both towers' inputs."""

    buyer_tensor_dim: int
    product_tensor_dim: int
    buyer: TowerWidth
    product: TowerWidth


class FeatureConfigView(Documented):
    """A feature configuration, whole."""

    documents = (FeatureConfig,)

    id: str
    number: int
    name: str
    description: str
    tags: list[str]
    note: str
    dataset_id: str
    version: int
    content_hash: str = Field(description="Equal for configurations that say the same.")
    created_at: str
    updated_at: str
    created_by: str
    buyer_model_features: list[dict[str, Any]]
    product_model_features: list[dict[str, Any]]
    buyer_model_crosses: list[dict[str, Any]]
    product_model_crosses: list[dict[str, Any]]
    target_column: dict[str, Any] | None
    buyer_tensor_dim: int
    product_tensor_dim: int
    tensor_dims: dict[str, TowerWidth]


class FeatureVersionView(VersionView):
    """A feature configuration as it once was."""

    config: Annotated[dict[str, Any], SchemaOf(FeatureConfig)]


class FeatureVersions(Versions):
    """Every version, the newest first."""

    items: list[FeatureVersionView]


class CheckedFeatures(Dims):
    """What is wrong with a document, and its widths as far as it can be read."""

    is_valid: bool
    issues: list[IssueView]


class SuggestedConfig(Documented):
    """A feature configuration that nobody stored, as the body of a request that creates it."""

    documents = (FeatureConfig,)

    dataset_id: str
    name: str = Field(description="One that is free now.")
    buyer_model_features: list[dict[str, Any]]
    product_model_features: list[dict[str, Any]]
    buyer_model_crosses: list[dict[str, Any]]
    product_model_crosses: list[dict[str, Any]]
    target_column: dict[str, Any] | None


class LeftOutView(BaseModel):
    """A column that gets no feature though its role would give it one."""

    column: str
    reason: str


class Suggested(Dims):
    """Features to begin with, read off a dataset's columns."""

    config: SuggestedConfig = Field(description="Post it to `/api/feature-configs/` as it is.")
    left_out: list[LeftOutView] = Field(description="Columns that tell nothing apart, or that a tower has no place for.")
    history: Annotated[dict[str, Any], SchemaOf(HistoryFeature)] | None = Field(
        description="A buyer feature that may be added; null without times."
    )


class FeatureCode(BaseModel):
    """`preprocessing.py`, and whether it is what it should be."""

    preprocessing_code: str
    is_valid: bool
    validation_error: str | None
    error_line: int | None
    code_hash: str


def dims_of(dims: TensorDims) -> dict[str, Any]:
    """Widths as the values of `Dims`."""
    return asdict(dims) | {"buyer_tensor_dim": dims.buyer.total, "product_tensor_dim": dims.product.total}


def feature_config_view(record: FeatureConfigRecord) -> FeatureConfigView:
    """A feature configuration, whole."""
    dims = record.dims
    same = {name: getattr(record, name) for name in FeatureConfigView.model_fields if name in type(record).model_fields}
    return FeatureConfigView.model_validate({
        **record.config, **same, "tags": list(record.tags), "tensor_dims": dims,
        "buyer_tensor_dim": dims["buyer"]["total"], "product_tensor_dim": dims["product"]["total"],
    })  # fmt: skip
