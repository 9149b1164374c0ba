"""What the rest of Trellis knows of RCM-VAE. Importing this module imports no array framework."""

from __future__ import annotations

from rcmvae import checks, config, counting, diagram, presets
from rcmvae.data.support import DATA
from rcmvae.exporting import EXPORTS
from rcmvae.figures.registry import FIGURES, LIVE_FIGURES, LOOKING
from rcmvae.following import NETWORKS, RULES
from rcmvae.glossary import GLOSSARY, TRY_WORDS
from rcmvae.holding import HOLDING
from rcmvae.layered import LAYERED
from rcmvae.metrics import GROUPS, METRICS, PANELS, WATCHED
from workbench.families import Family, ImportString, ModelType, Runtime, Verb

RCMVAE = ModelType(
    name="rcmvae",
    title="RCM-VAE",
    description="A variational autoencoder whose prior is a mixture: components take on classes, a few labels classify all images, and what fits no class shows.",
    sections={"architecture": config.Architecture, "training": config.Training},
    length="max_epochs",
    holds=HOLDING,
    seed="random_seed",
    alternatives=NETWORKS,
    rules=RULES,
    sample=config.SampleSettings,
    presets=presets.PRESETS,
    resolve=config.resolve,
    check=checks.check,
    apply_preset=presets.apply_preset,
    suggest_name=config.suggest_name,
    parameter_count=counting.parameter_count,
    operations_per_epoch=counting.operations_per_epoch,
    aliases=config.aliases,
    check_sample=checks.check_sample,
    fit_sample=presets.fit_sample,
    preflight=checks.preflight,
    diagram=diagram.stages,
    card=("Prior", "Latent space", "Encoder / decoder"),
    layered=LAYERED,
)

FAMILY = Family(
    commands=("rcmvae.labels.commands",),
    name="rcmvae",
    title="Mixture VAEs",
    description="Semi-supervised mixture autoencoders: look at the latent space, label a few points, train, look again.",
    framework="jax",
    models=(RCMVAE,),
    data=DATA,
    draw_sample=ImportString("rcmvae.data.sampling:draw_sample"),
    trainer=ImportString("rcmvae.training.trainer:train"),
    diagnose=ImportString("rcmvae.training.diagnosing:diagnose_again"),
    audit=ImportString("rcmvae.training.checkpoint_audit:audit"),
    load_bundle=ImportString("rcmvae.diagnostics.bundle:load"),
    looking=LOOKING,
    report=ImportString("rcmvae.diagnostics.tables:tables"),
    try_it=("digits", "rcmvae", "semi_supervised_digits"),
    try_words=TRY_WORDS,
    glossary=GLOSSARY,
    figures=FIGURES,
    live_figures=LIVE_FIGURES,
    metrics=METRICS,
    panels=PANELS,
    metric_groups=GROUPS,
    watched=WATCHED,
    warnings=ImportString("rcmvae.warnings:notices"),
    runtime=Runtime(
        modules=("jax", "jax.numpy", "flax.nnx", "optax"),
        later=(
            "polars",
            "plotly.graph_objects",
            "sklearn.linear_model",
            "sklearn.neighbors",
            "sklearn.neural_network",
            "sklearn.semi_supervised",
            "sklearn.svm",
        ),
        environment={
            "JAX_COMPILATION_CACHE_DIR": "{cache}",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
        packages=("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "polars"),
        initialise=ImportString("jax:devices"),
        crew=ImportString("parallel.crew:join"),
    ),
    rate=ImportString("rcmvae.rate:jax_training_rate"),
    verbs=(
        Verb("predict", ImportString("rcmvae.cli.predict:predict")),
        Verb("suggest", ImportString("rcmvae.cli.suggest:suggest")),
        Verb("label-curve", ImportString("rcmvae.cli.label_curve:label_curve")),
        Verb("density", ImportString("rcmvae.cli.density:density")),
        Verb("labels", ImportString("rcmvae.cli.labels:app"), group=True),
    ),
    routes=(
        ImportString("dashboard.families.rcmvae.labels:router"),
        ImportString("dashboard.families.rcmvae.suggestions:router"),
    ),
    model_tabs=(
        ImportString("dashboard.families.rcmvae.explore:TAB"),
        ImportString("dashboard.families.rcmvae.data_tab:TAB"),
    ),
    exports=EXPORTS,
    abilities={
        "suggest": ImportString("rcmvae.active.stored:suggest"),
        "predict": ImportString("rcmvae.active.table:predict"),
        "label_curve": ImportString("rcmvae.active.curve:run"),
        "density": ImportString("rcmvae.density:density"),
    },
)
