"""What the rest of Trellis knows of forecasting. Importing this module imports no array framework."""

from __future__ import annotations

from traffic import checks, counting, diagram, naming, presets, sizes
from traffic.config_data import DataUse
from traffic.config_lstm import LSTMArchitecture
from traffic.config_training import Training
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.exporting import EXPORTS
from traffic.figures.registry import FIGURES, LIVE_FIGURES
from traffic.glossary import GLOSSARY
from traffic.holding import HOLDING
from traffic.layered import RULES, layered
from traffic.metrics_declared import GROUPS, METRICS, PANELS, WATCHED
from traffic.sources.corridor_params import CORRIDOR
from traffic.sources.support import DATA
from workbench.families import Family, ImportString, ModelType, Preset, Runtime
from workbench.fields import ConfigModel


def _kind(
    key: str, name: str, title: str, words: str, architecture: type[ConfigModel], starts: tuple[Preset, ...], card: tuple[str, ...]
) -> ModelType:
    """One kind of forecasting model: they differ in their architecture and where they start."""
    return ModelType(
        name=key,
        title=title,
        description=words,
        sections={"architecture": architecture, "training": Training},
        length="epochs",
        seed="seed",
        sample=DataUse,
        holds=HOLDING,
        rules=RULES,
        presets=starts,
        resolve=naming.resolve,
        check=checks.check,
        check_sample=checks.check_sample,
        apply_preset=presets.apply_preset,
        suggest_name=naming.names_of(title),
        parameter_count=counting.parameter_count,
        operations_per_epoch=sizes.operations_per_epoch,
        aliases=dict,
        layered=layered(name, key),
        diagram=diagram.stages,
        rate=ImportString(f"traffic.rate:{key}_rate"),
        card=card,
    )


LSTM = _kind(
    "lstm", "TrafficLSTM", "LSTM",
    "Layers of long short-term memory read the window step by step; one head forecasts all steps at once.",
    LSTMArchitecture,
    presets.presets_of(
        "lstm", "One layer of width 32: seconds an epoch on a processor.", "Two layers of width 128.",
        "Two layers of width 128 with attention over the nearest detectors.",
    ),
    ("Hidden width", "Layers", "Forecast steps"),
)  # fmt: skip

XLSTM = _kind(
    "xlstm", "TrafficXLSTM", "xLSTM",
    "Residual blocks with a matrix memory (mLSTM) or a scalar one with recurrent weights (sLSTM).",
    XLSTMArchitecture,
    presets.presets_of(
        "xlstm", "Two blocks of width 32, one of each kind.", "Six blocks of width 128, two of them scalar.",
        "Six blocks of width 128 with attention over the nearest detectors.",
    ),
    ("Width", "Blocks", "Forecast steps"),
)  # fmt: skip

TRANSFORMER = _kind(
    "transformer", "Transformer", "Transformer",
    "Attention between all steps of the window, with rotary positions.",
    TransformerArchitecture,
    presets.presets_of(
        "transformer", "Two layers of width 32.", "Three layers of width 128.",
        "Three layers of width 128 with attention over the nearest detectors.",
    ),
    ("Width", "Layers", "Forecast steps"),
)  # fmt: skip

TRY_WORDS: tuple[str, str] = (
    "Try it on a simulated freeway",
    "Forecasts speeds an hour ahead from 40 detectors of a simulated freeway, beside three simple methods.",
)

FAMILY = Family(
    name="traffic",
    title="Forecasting",
    description="Forecasts of speed, flow and occupancy from road detectors: LSTM, xLSTM and Transformer beside simple methods.",
    framework="jax",
    models=(LSTM, XLSTM, TRANSFORMER),
    data=DATA,
    trainer=ImportString("traffic.training.trainer:train"),
    diagnose=ImportString("traffic.training.diagnosing:diagnose_again"),
    audit=ImportString("traffic.training.checkpoint_audit:audit"),
    load_bundle=ImportString("traffic.bundle:load"),
    report=ImportString("traffic.report:tables"),
    try_it=(CORRIDOR, LSTM.name, LSTM.presets[0].name),
    try_words=TRY_WORDS,
    glossary=GLOSSARY,
    figures=FIGURES,
    live_figures=LIVE_FIGURES,
    metrics=METRICS,
    panels=PANELS,
    metric_groups=GROUPS,
    watched=WATCHED,
    warnings=ImportString("traffic.warnings:notices"),
    exports=EXPORTS,
    pages=(ImportString("dashboard.families.traffic.pages.registry:PAGES"),),
    model_tabs=(ImportString("dashboard.families.traffic.data_tab:TAB"),),
    runtime=Runtime(
        modules=("jax", "jax.numpy", "flax.nnx", "optax"),
        later=("plotly.graph_objects",),
        environment={
            "JAX_COMPILATION_CACHE_DIR": "{cache}",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
        packages=("jax", "jaxlib", "flax", "optax", "numpy", "h5py"),
        initialise=ImportString("jax:devices"),
        crew=ImportString("parallel.crew:join"),
    ),
)
