"""What forecasting models reach on METR-LA and on the simulated corridor, beside simple forecasts and what is demanded.

`python -m bench.traffic_quality [PART ...]` trains the shipped configurations of all parts, or of those named, by their files;
TRELLIS_BENCH_SEEDS=1 takes one seed instead of three.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from bench.harness import Bound, Row, Section, measure_chosen
from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.data.loaded import TrafficDataset
from traffic.kinds import AnyArchitecture
from traffic.metrics_declared import BASELINES
from traffic.sources.corridor_params import CorridorParams
from traffic.sources.loading import corridor, public, simulated
from traffic.training.task import Task
from workbench.fields import nested
from workbench.layered import ResolvedConfig, resolve
from workbench.runs.scripted import QuietReporter
from workbench.settings import Settings

PACKAGES = ("jax", "flax", "optax", "numpy")
FIRST_SEED = 42
MINUTES = {3: 15, 6: 30, 12: 60}
"""Horizons that are shown: steps and minutes."""
METR_LA = {
    "LSTM": "experiments/metr_la_60_lstm.yaml",
    "xLSTM": "experiments/metr_la_60_xlstm.yaml",
    "Transformer": "experiments/metr_la_60_transformer.yaml",
    "xLSTM with neighbours": "experiments/metr_la_60_xlstm_social.yaml",
}
CORRIDOR = {"LSTM": "lstm_small", "xLSTM": "xlstm_small", "Transformer": "transformer_small"}
RIDGE_AT_MOST = {3: 3.26, 6: 3.74, 12: 4.17}
BEST_AT_MOST = {3: 2.90, 6: 3.25, 12: 3.65}
GOAL = {3: 2.75, 6: 3.10, 12: 3.45}
SHARE_OF_BEST = {"LSTM": 0.92, "xLSTM": 0.92, "Transformer": 1.0}
"""How much of the best simple forecast's error a model may have left."""


@dataclass(frozen=True)
class Outcome:
    """A run's masked mean absolute errors: of the model and of each simple forecast by horizon in steps, on the test windows; and the
    model's mean over horizons on the validation windows."""

    model: Mapping[int, float]
    simple: Mapping[str, Mapping[int, float]]
    validation: float
    epochs: int
    minutes: float

    def best_simple(self, step: int) -> tuple[float, str]:
        """The least error of a simple forecast at a horizon, and whose it is."""
        return min((errors[step], name) for name, errors in self.simple.items())


def seeds() -> int:
    """How many seeds each model is trained with."""
    return int(os.environ.get("TRELLIS_BENCH_SEEDS", "3"))


def trained(files: Sequence[str], seed: int, *, overrides: Sequence[str] = ()) -> Outcome:
    """Train what files say and measure it on its test windows."""
    # JAX takes seconds, and choosing among the parts does not need it
    from traffic.training.trainer import train

    config = resolve(files, [*overrides, f"training.seed={seed}"])
    reporter = QuietReporter()
    with tempfile.TemporaryDirectory() as folder:
        summary = train(task_of(config, Path(folder)), reporter)
    found = {name: by_step(metrics) for name, metrics in summary.metrics.items() if name == "test" or name in BASELINES}
    best = reporter.epochs[(summary.best_epoch or 1) - 1]
    return Outcome(
        model=found.pop("test"),
        simple=found,
        validation=float(best["validation/masked_mae"] or 0.0),
        epochs=summary.epochs,
        minutes=summary.seconds / 60,
    )


def task_of(config: ResolvedConfig, folder: Path) -> Task:
    """The task that a resolved configuration asks for."""
    sections, dataset = config.built.sections, dataset_of(config)
    return Task.made(
        cast(AnyArchitecture, sections["architecture"]), cast(Training, sections["training"]),
        DataUse.model_validate(nested(config.sample_values())), dataset.data, edges=dataset.edges,
        run_id="benchmark", attempt=1, resolved=config.flat_values(), folder=folder, fingerprint="benchmark",
    )  # fmt: skip


def dataset_of(config: ResolvedConfig) -> TrafficDataset:
    """The data that a configuration names. Raises TrafficError if it is not at hand."""
    if config["data.dataset"] != "corridor":
        return public(config["data.dataset"], Settings.load())
    params = config.dataset_params()
    return corridor() if params is None else simulated(None, cast(CorridorParams, params))


def by_step(metrics: Mapping[str, Mapping[str, Any]]) -> dict[int, float]:
    """The masked mean absolute error at each shown horizon among metrics of a group."""
    values = {name.rpartition("/")[2]: entry["value"] for name, entry in metrics.items() if name.startswith("masked_mae@")}
    return {step: float(values[f"h{step}"]) for step in MINUTES}


def mean(outcomes: Sequence[Outcome], step: int) -> float:
    """The model's mean error at a horizon over seeds."""
    return statistics.fmean(outcome.model[step] for outcome in outcomes)


def spread(outcomes: Sequence[Outcome], step: int) -> str:
    """The least and the largest error, in words; with one seed that it is one."""
    values = [outcome.model[step] for outcome in outcomes]
    return f"{min(values):.2f} to {max(values):.2f}" if len(values) > 1 else "1 seed"


def cost(outcomes: Sequence[Outcome]) -> str:
    """What a run took, in words."""
    epochs, minutes = (statistics.fmean(getattr(outcome, name) for outcome in outcomes) for name in ("epochs", "minutes"))
    return f"{epochs:.0f} epochs in {minutes:.1f} min"


def repeated(files: Sequence[str], overrides: Sequence[str] = ()) -> list[Outcome]:
    """The same with each seed."""
    return [trained(files, FIRST_SEED + number, overrides=overrides) for number in range(seeds())]


def metr_la_60(page: Section) -> None:
    """Each small model beside the ridge regression of the same windows, and the best of them by validation beside stricter bounds."""
    reached: dict[str, list[Outcome]] = {}
    for name, file in METR_LA.items():
        outcomes = reached[name] = repeated([file])
        for step, minutes in MINUTES.items():
            ridge = outcomes[0].simple["ridge"][step]
            must = Bound(min(ridge, RIDGE_AT_MOST[step]), "most")
            page.add(
                Row(
                    f"{name}, {minutes} min", mean(outcomes, step), "mph", ridge, "ridge", must=must, goal=Bound(GOAL[step], "most"),
                    spread=spread(outcomes, step), note=cost(outcomes), better="less",
                )
            )  # fmt: skip
    best = min(reached, key=lambda name: statistics.fmean(outcome.validation for outcome in reached[name]))
    for step, minutes in MINUTES.items():
        note = f"{best} has the least error on the validation windows"
        page.add(
            Row(
                f"best configuration, {minutes} min", mean(reached[best], step), "mph", must=Bound(BEST_AT_MOST[step], "most"),
                goal=Bound(GOAL[step], "most"), spread=spread(reached[best], step), note=note, better="less",
            )
        )  # fmt: skip


def on_corridor(seed: int, page: Section) -> None:
    """Each small model beside the best simple forecast at each horizon."""
    for name, file in CORRIDOR.items():
        outcomes = repeated([f"models/{file}.yaml", "data/corridor.yaml", "training/default.yaml"], [f"data.seed={seed}"])
        for step, minutes in MINUTES.items():
            error, whose = outcomes[0].best_simple(step)
            must = Bound(round(SHARE_OF_BEST[name] * error, 3), "most")
            page.add(
                Row(
                    f"{name}, {minutes} min", mean(outcomes, step), "km/h", error, whose.replace("_", " "), must=must,
                    spread=spread(outcomes, step), note=cost(outcomes), better="less",
                )
            )  # fmt: skip


SHARED = "The small models by their shipped files, masked mean absolute error on the test windows, 12 steps of 5 minutes in and 12 out."
PARTS = {
    "metr_la_60": ("Forecasting: METR-LA, 60 detectors", f"{SHARED} Strict 70/10/20, zeros are missing.", metr_la_60),
    "corridor": (
        "Forecasting: the corridor", f"{SHARED} 42 simulated days, 40 detectors, strict 70/10/20; `data.seed=0`.", partial(on_corridor, 0),
    ),
    "corridor_other": (
        "Forecasting: another corridor", f"{SHARED} As above with `data.seed=1`, on which nothing was chosen.", partial(on_corridor, 1),
    ),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the named parts or all."""
    return measure_chosen(PARTS, arguments, prefix="traffic_quality_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
