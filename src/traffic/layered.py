"""How forecasting models appear in layered configuration files, and which of their values follow from the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traffic.config_architecture import AUTO_SENSOR_EMBEDDING
from traffic.facts import TrafficFacts
from workbench.families import DerivedRule, ImportString, Layered

SEEDS = ("training.seed",)
POOLING = "social_pooling"


def _used(_: Mapping[str, Any], facts: Any) -> bool:
    return isinstance(facts, TrafficFacts) and facts.use is not None


def _lookback_given(_: Mapping[str, Any], facts: Any) -> bool:
    return _used(_, facts) and facts.use.window.sequence_length is not None


def _horizon_given(_: Mapping[str, Any], facts: Any) -> bool:
    return _used(_, facts) and facts.use.window.prediction_length is not None


def embedding_for(facts: TrafficFacts) -> int:
    """The length of detectors' embeddings where nobody says it."""
    return AUTO_SENSOR_EMBEDDING if facts.shared and facts.sensors > 1 else 0


RULES = (
    DerivedRule("input_size", "data.features x detectors of one input", lambda _, facts: len(facts.inputs) * facts.width, speaks=_used),
    DerivedRule("output_size", "data.targets x detectors of one input", lambda _, facts: len(facts.targets) * facts.width, speaks=_used),
    DerivedRule("exog_size", "2 x data.time_features, and a mask of each input", lambda _, facts: facts.exog_size, speaks=_used),
    DerivedRule("num_sensors", "detectors of the data", lambda _, facts: facts.sensors, speaks=_used),
    DerivedRule("shared_weights", "data.share_weights_across_vds", lambda _, facts: facts.shared, speaks=_used),
    DerivedRule("slots_per_day", "intervals of a day", lambda _, facts: facts.slots_per_day, speaks=_used),
    DerivedRule("sequence_length", "data.window", lambda _, facts: facts.use.window.sequence_length, speaks=_lookback_given),
    DerivedRule("prediction_length", "data.window", lambda _, facts: facts.use.window.prediction_length, speaks=_horizon_given),
    DerivedRule(
        "sensor_embedding_dim", f"{AUTO_SENSOR_EMBEDDING} for several detectors with shared weights, else 0",
        lambda _, facts: embedding_for(facts), on_auto=True, speaks=_used,
    ),
)  # fmt: skip
"""Values that follow from the data and from how a model uses it."""


def layered(name: str, key: str) -> Layered:
    """How a model type of that name, with its architecture below `model.<key>`, appears in files."""
    return Layered(name=name, key=key, factory=ImportString("traffic.building:build"), seeds=SEEDS, beside=(POOLING,))
