"""A recommender's configuration as flat values, as the core hands them on: autos, checks, counts, a name, a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.model.config import SECTIONS, ModelConfig, document_of, summed
from recsys.model.config import clipnorm as clipnorm_of
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.summaries import tower_summary, type_label
from recsys.model.validate import validate
from workbench.families import Stage
from workbench.fields import FieldProblem, build, fields_of, flat_values

FIELDS = fields_of(SECTIONS)


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Autos replaced, what is missing at its default."""
    full = {**FIELDS.defaults, **values}
    config = config_of(full)
    return full | {
        "clipnorm": clipnorm_of(config),
        "loss_reduction": "sum" if summed(config) else "mean",
    }


def config_of(values: Mapping[str, Any]) -> ModelConfig:
    """The two configs of flat values, resolved or not."""
    built = {
        name: build(kind, {key: value for key, value in values.items() if key in flat_values(kind())})
        for name, kind in SECTIONS.items()
    }
    return ModelConfig(**built)  # type: ignore[arg-type]


def check(architecture: Any, training: Any, facts: Any) -> list[FieldProblem]:
    """What one field alone cannot say: towers that must be equal, heads that must end in one number."""
    del facts
    issues = validate(document_of(ModelConfig(architecture, training)))
    return [FieldProblem(issue.path, issue.message) for issue in issues if issue.severity == "error"]


def parameter_count(values: Mapping[str, Any]) -> int:
    """Dense parameters; tables come on top, and are known once there are features."""
    return dense_count(network_plan(config_of(values), *ASSUMED_DIMS)).total


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Multiply-adds of one epoch, forward and backward: of the dense layers, and of the scores in a batch."""
    scores = min(int(values["batch_size"]), 4096) * int(values["output_embedding_dim"])
    return 6.0 * n_train * (parameter_count(values) + scores)


def suggest_name(values: Mapping[str, Any]) -> str:
    """`Retrieval 128→64→32`."""
    config = config_of(values)
    summary = tower_summary(config.architecture.buyer_tower_layers)
    return f"{type_label(config.model_type)} {summary}"


def diagram(values: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Two towers, and what joins them."""
    architecture = config_of(values).architecture
    buyer, product = (
        tower_summary(architecture.buyer_tower_layers),
        tower_summary(architecture.product_tower_layers),
    )
    joined = {"retrieval": "dot product", "ranking": "rating head", "multitask": "both"}[
        architecture.model_type
    ]
    return (
        Stage("network", "Buyer tower", buyer, _bars(architecture.buyer_tower_layers)),
        Stage("latent", "Embedding", f"{architecture.output_embedding_dim}-D", dots=1),
        Stage("network", "Product tower", product, _bars(architecture.product_tower_layers)),
        Stage("data", "Answer", joined),
    )


def _bars(layers: Any) -> tuple[float, ...]:
    widths = [layer.units for layer in layers if layer.type == "dense"] or [32]
    return tuple(min(1.0, (width.bit_length() - 3) / 8) for width in widths)
