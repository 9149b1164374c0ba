"""REST for generated code: the trainer of a feature configuration with a model configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictStr

from dashboard.acting import needs
from dashboard.api.dependencies import Body, Key
from dashboard.api.errors import ERRORS
from dashboard.families.recsys.requests import NO_QUERY, Service
from recsys.model.summaries import tower_summary
from recsys.services.generated_code import TrainerCode

router = APIRouter(prefix="/generate-trainer-code", tags=["trainer code"], responses=ERRORS)


class GenerateTrainer(Body):
    """Which configurations the code is of."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"feature_config_id": 1, "model_config_id": 1}]})

    feature_config_id: Key
    model_config_id: Key
    rating_column: Annotated[StrictStr, Field(max_length=1_000)] | None = Field(
        None, description="What a ranking or multitask model predicts; left out: the target of the features."
    )


class FeaturesOf(BaseModel):
    """The feature configuration that the code is of."""

    id: str
    name: str
    version: int
    buyer_tensor_dim: int
    product_tensor_dim: int


class ModelOf(BaseModel):
    """The model configuration that the code is of."""

    id: str
    name: str
    model_type: str
    buyer_tower_summary: str
    product_tower_summary: str


class GeneratedTrainer(BaseModel):
    """Both modules, and whether they are what they should be."""

    trainer_code: str
    preprocessing_code: str
    is_valid: bool
    validation_error: str | None
    error_line: int | None
    code_hash: str = Field(description="SHA-256 of the trainer, as 64 hex digits; the same configurations give the same.")
    feature_config: FeaturesOf
    model: ModelOf = Field(alias="model_config")


class GeneratedAnswer(BaseModel):
    """The answer, where code could be generated."""

    success: Literal[True] = True
    data: GeneratedTrainer


@router.post("", dependencies=[NO_QUERY])
@needs("read")
def generate_trainer_code(service: Service, body: GenerateTrainer) -> GeneratedAnswer:
    """The trainer and the preprocessing of two configurations. They are refused with every reason for which they do not go together."""
    made = service.code.trainer(feature_config=body.feature_config_id, model_config=body.model_config_id, rating_column=body.rating_column)
    return GeneratedAnswer(data=_shown(made))


def _shown(made: TrainerCode) -> GeneratedTrainer:
    features, model, architecture = made.features, made.model, made.model.recommender.architecture
    problem = made.trainer.problem or made.preprocessing.problem
    return GeneratedTrainer(
        trainer_code=made.trainer.source, preprocessing_code=made.preprocessing.source, is_valid=problem is None,
        validation_error=None if problem is None else problem.message, error_line=None if problem is None else problem.line,
        code_hash=made.trainer.sha256,
        feature_config=FeaturesOf(
            id=features.id, name=features.name, version=features.version,
            buyer_tensor_dim=features.dims["buyer"]["total"], product_tensor_dim=features.dims["product"]["total"],
        ),
        model_config=ModelOf(
            id=model.id, name=model.name, model_type=architecture.model_type,
            buyer_tower_summary=tower_summary(architecture.buyer_tower_layers),
            product_tower_summary=tower_summary(architecture.product_tower_layers),
        ),
    )  # fmt: skip
