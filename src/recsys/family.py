"""What the rest of Trellis knows of the recommenders. Importing this module imports no framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.data.support import DATA
from recsys.figures.registry import FIGURES
from recsys.holding import HOLDING
from recsys.metrics import GROUPS, METRICS, PANELS, WATCHED
from recsys.model.config import SECTIONS, ModelConfig, document_of
from recsys.model.config import clipnorm as clipnorm_of
from recsys.model.config import summed
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.presets import PRESETS
from recsys.model.recipes import RECIPES
from recsys.model.summaries import tower_summary, type_label
from recsys.model.validate import validate
from recsys.trial import ModelSettings
from workbench.families import Family, ImportString, Layered, ModelType, Preset, Runtime, Stage
from workbench.fields import FieldProblem, build, flat_values

NAME = "recommender"


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Autos replaced, what is missing at its default."""
    full = {**MODEL_TYPE.fields.defaults, **values}
    config = _config(full)
    return full | {
        "clipnorm": clipnorm_of(config),
        "loss_reduction": "sum" if summed(config) else "mean",
    }


def _config(values: Mapping[str, Any]) -> ModelConfig:
    built = {name: build(kind, {k: v for k, v in values.items() if k in flat_values(kind())}) for name, kind in SECTIONS.items()}
    return ModelConfig(**built)  # type: ignore[arg-type]


def check(architecture: Any, training: Any, facts: Any) -> list[FieldProblem]:
    """What one field alone cannot say: towers that must be equal, heads that must end in one number."""
    del facts
    issues = validate(document_of(ModelConfig(architecture, training)))
    return [FieldProblem(issue.path, issue.message) for issue in issues if issue.severity == "error"]


def parameter_count(values: Mapping[str, Any]) -> int:
    """Dense parameters; tables come on top, and are known once there are features."""
    return dense_count(network_plan(_config(values), *ASSUMED_DIMS)).total


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Multiply-adds of one epoch, forward and backward: of the dense layers, and of the scores in a batch."""
    scores = min(int(values["batch_size"]), 4096) * int(values["output_embedding_dim"])
    return 6.0 * n_train * (parameter_count(values) + scores)


def suggest_name(values: Mapping[str, Any]) -> str:
    """`Retrieval 128→64→32`."""
    config = _config(values)
    summary = tower_summary(config.architecture.buyer_tower_layers)
    return f"{type_label(config.model_type)} {summary}"


def apply_preset(preset: Preset, facts: Any) -> dict[str, Any]:
    """A preset's values; they do not depend on data."""
    del facts
    return dict(preset.values)


def diagram(values: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Two towers, and what joins them."""
    architecture = _config(values).architecture
    buyer, product = tower_summary(architecture.buyer_tower_layers), tower_summary(architecture.product_tower_layers)
    joined = {"retrieval": "dot product", "ranking": "rating head", "multitask": "both"}[architecture.model_type]
    return (
        Stage("network", "Buyer tower", buyer, _bars(architecture.buyer_tower_layers)),
        Stage("latent", "Embedding", f"{architecture.output_embedding_dim}-D", dots=1),
        Stage("network", "Product tower", product, _bars(architecture.product_tower_layers)),
        Stage("data", "Answer", joined),
    )


def _bars(layers: Any) -> tuple[float, ...]:
    widths = [layer.units for layer in layers if layer.type == "dense"] or [32]
    return tuple(min(1.0, (width.bit_length() - 3) / 8) for width in widths)


def _layers(layers: Any) -> tuple[dict[str, Any], ...]:
    return tuple(layer.model_dump(mode="json") for layer in layers)


def _presets() -> tuple[Preset, ...]:
    towers = tuple(
        Preset(
            preset.key, preset.name, preset.description,
            {
                "buyer_tower_layers": _layers(preset.buyer_tower_layers),
                "product_tower_layers": _layers(preset.product_tower_layers),
                "output_embedding_dim": preset.output_embedding_dim,
                "optimizer": "adam", "learning_rate": 0.005, "batch_size": 1024,
            },
        )
        for preset in sorted(PRESETS.values(), key=lambda preset: preset.key != "standard")
    )  # fmt: skip
    recipes = tuple(
        Preset(
            recipe.key, recipe.name, recipe.description, _plain(recipe.config), {"features": recipe.features},
            dataset="movielens-100k", expected=recipe.expectation,
        )
        for recipe in RECIPES.values()
    )  # fmt: skip
    return towers + recipes


def _plain(config: ModelConfig) -> dict[str, Any]:
    """Values that differ from the defaults."""
    default = document_of(ModelConfig())
    return {name: value for name, value in document_of(config).items() if value != default[name]}


MODEL_TYPE = ModelType(
    name=NAME,
    title="Two towers",
    description="Buyers and products as vectors: which products suit a buyer, what rating a buyer gives, or both at once.",
    sections=SECTIONS,
    length="epochs",
    sample=ModelSettings,
    presets=_presets(),
    resolve=resolve,
    check=check,
    apply_preset=apply_preset,
    suggest_name=suggest_name,
    parameter_count=parameter_count,
    operations_per_epoch=operations_per_epoch,
    aliases=dict,
    layered=Layered("TwoTower", "two_tower", ImportString("recsys.family:build_plan")),
    holds=HOLDING,
    alternatives=("model_type",),
    diagram=diagram,
    card=("Type", "Buyer tower", "Product tower"),
)


def build_plan(architecture: Any, training: Any) -> Any:
    """The network of two configs at the assumed widths, for programs."""
    return network_plan(ModelConfig(architecture, training), *ASSUMED_DIMS)


FAMILY = Family(
    name="recsys",
    title="Recommenders",
    description="Two-tower models over tables of interactions, measured exactly against popularity, ItemKNN and EASE.",
    framework="tensorflow",
    models=(MODEL_TYPE,),
    data=DATA,
    trainer=ImportString("recsys.training.trainer:train"),
    audit=ImportString("recsys.training.checkpoints:audit"),
    load_bundle=ImportString("recsys.training.bundle:load"),
    figures=FIGURES,
    metrics=METRICS,
    panels=PANELS,
    metric_groups=GROUPS,
    watched=WATCHED,
    runtime=Runtime(
        modules=("recsys.training.legacy_keras", "tensorflow_recommenders"),
        later=("polars", "plotly.graph_objects"),
        environment={"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"},
        packages=("tensorflow-cpu", "tf-keras", "tensorflow-recommenders", "numpy", "polars"),
    ),
)
