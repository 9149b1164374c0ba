"""What the rest of Trellis knows of the recommenders. Importing this module imports no framework."""

from __future__ import annotations

from typing import Any

from recsys.data.support import DATA
from recsys.figures.registry import FIGURES
from recsys.glossary import GLOSSARY
from recsys.holding import HOLDING
from recsys.metrics import GROUPS, METRICS, PANELS, WATCHED
from recsys.model.config import SECTIONS, ModelConfig, document_of
from recsys.model.flat import check, diagram, operations_per_epoch, parameter_count, resolve, suggest_name
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.presets import PRESETS, SCHEDULE
from recsys.model.recipes import RECIPES
from recsys.trial import ModelSettings
from workbench.families import Family, ImportString, Layered, ModelType, Preset, Runtime, Verb

NAME = "recommender"


def apply_preset(preset: Preset, facts: Any) -> dict[str, Any]:
    """A preset's values; they do not depend on data."""
    del facts
    return dict(preset.values)


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
                **SCHEDULE,
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
    commands=tuple(
        f"recsys.commands.{name}" for name in ("feature_configs", "model_configs", "quick_tests", "promoting")
    ),
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
    report=ImportString("recsys.report:tables"),
    kinds=(
        ImportString("recsys.records:FEATURE_CONFIG"),
        ImportString("recsys.records:MODEL_CONFIG"),
    ),
    routes=(
        ImportString("dashboard.families.recsys.feature_configs:router"),
        ImportString("dashboard.families.recsys.model_configs:router"),
        ImportString("dashboard.families.recsys.quick_tests:router"),
        ImportString("dashboard.families.recsys.leaving:router"),
        ImportString("dashboard.families.recsys.trainer_code:router"),
        ImportString("dashboard.families.recsys.tables:router"),
    ),
    pages=(ImportString("dashboard.families.recsys.pages.registry:PAGES"),),
    launches={
        "quick-test": ImportString("recsys.launching:start"),
        "rerun": ImportString("recsys.launching:rerun"),
        "promote": ImportString("recsys.launching:promote"),
    },
    glossary=GLOSSARY,
    metrics=METRICS,
    panels=PANELS,
    metric_groups=GROUPS,
    watched=WATCHED,
    rate=ImportString("recsys.training.rate:training_rate"),
    progress=ImportString("recsys.progress:of_run"),
    verbs=(
        Verb("features", ImportString("recsys.cli.features:app"), group=True),
        Verb("recommenders", ImportString("recsys.cli.recommenders:app"), group=True),
        Verb("quick-tests", ImportString("recsys.cli.quick_tests:app"), group=True),
        Verb(
            "data look",
            ImportString("recsys.cli.tables:look"),
            options=ImportString("recsys.cli.tables:LookCommand"),
        ),
        Verb("data columns", ImportString("recsys.cli.tables:columns")),
        Verb(
            "data split-preview",
            ImportString("recsys.cli.tables:split_preview"),
            options=ImportString("recsys.cli.tables:SplitCommand"),
        ),
    ),
    runtime=Runtime(
        modules=("recsys.training.legacy_keras", "tensorflow_recommenders"),
        later=("polars", "plotly.graph_objects"),
        environment={"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"},
        packages=("tensorflow-cpu", "tf-keras", "tensorflow-recommenders", "numpy", "polars"),
    ),
)
