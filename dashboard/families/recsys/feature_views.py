"""Feature configurations and their checks as REST shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, Field

from dashboard.api.dependencies import Key
from dashboard.families.recsys.requests import Document, IssueView, Name, Tags, Text, Version, describing
from recsys.features.config import FeatureConfig
from recsys.features.dims import TensorDims
from recsys.records import FeatureConfigRecord
from workbench.fields import field_specs

_PARTS = describing(field_specs(FeatureConfig))


class CreateFeatureConfig(Document):
    """A new feature configuration."""

    model_config = _PARTS

    dataset_id: str | None = Field(None, max_length=100, description="Whose columns it is of; of a clone, its source's if left out.")
    start_from: Literal["blank", "smart_defaults", "clone"] = Field(
        "blank", description="What the document is laid over: nothing, what the columns suggest, or another configuration."
    )
    clone_of: Key | None = Field(None, description="The source of a clone.")
    name: Name | None = Field(None, description='Unique within the dataset. Of a clone: "{name} (copy)" if left out.')
    description: Text = ""
    tags: Tags = Field([])
    note: Text = ""


class ChangeFeatureConfig(Document):
    """Changes of a feature configuration; what is left out stays."""

    model_config = _PARTS

    name: Name | None = None
    description: Text | None = None
    tags: Tags | None = None
    note: Text | None = None
    version: Version | None = None


class CheckFeatureConfig(Document):
    """A document to check."""

    model_config = _PARTS

    dataset_id: str = Field(max_length=100)
    name: Name = ""
    exclude_id: Key | None = Field(None, description="The configuration that it is an edit of.")


class MeasureFeatureConfig(Document):
    """A document to measure."""

    model_config = _PARTS


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


class FeatureConfigView(BaseModel):
    """A feature configuration, whole."""

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


class CheckedFeatures(Dims):
    """What is wrong with a document, and its widths as far as it can be read."""

    is_valid: bool
    issues: list[IssueView]


class SuggestedConfig(BaseModel):
    """A feature configuration that nobody stored, as the body of a request that creates it."""

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
    history: dict[str, Any] | None = Field(description="A buyer feature that may be added; null without times.")


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
