"""What forecasting models reach on METR-LA and on the simulated corridor, beside simple forecasts and what is demanded.

`python -m bench.traffic_quality [PART ...]` trains the shipped configurations of all parts, or of those named, by their files;
TRELLIS_BENCH_SEEDS=1 takes one seed instead of three. With TRELLIS_BENCH_KEEP=FOLDER what a training reached is kept there, and one
that is there already, of the same files and the same code, is not trained again.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import traffic
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
CORRIDOR = {"LSTM": "lstm_small", "xLSTM": "xlstm_small", "Transformer": "transformer_small", "LSTM with neighbours": "lstm_small_social"}
RIDGE_AT_MOST = {3: 3.26, 6: 3.74, 12: 4.17}
BEST_AT_MOST = {3: 2.90, 6: 3.25, 12: 3.65}
GOAL = {3: 2.75, 6: 3.10, 12: 3.45}
INTERVALS = "lstm_small_intervals"
SHARE_OF_BEST = {"LSTM": 0.92, "xLSTM": 0.92, "Transformer": 1.0, "LSTM with neighbours": 0.92}
"""How much of the best simple forecast's error a model may have left."""


@dataclass(frozen=True)
class Outcome:
    """A run's masked mean absolute errors: of the model and of each simple forecast by horizon in steps, on the test windows; and the
    model's mean over horizons on the validation windows; of quantile forecasts, what the test windows' calibrated intervals come to."""

    model: Mapping[int, float]
    simple: Mapping[str, Mapping[int, float]]
    validation: float
    epochs: int
    minutes: float
    intervals: Mapping[str, float]

    def best_simple(self, step: int) -> tuple[float, str]:
        """The least error of a simple forecast at a horizon, and whose it is."""
        return min((errors[step], name) for name, errors in self.simple.items())


def seeds() -> int:
    """How many seeds each model is trained with."""
    return int(os.environ.get("TRELLIS_BENCH_SEEDS", "3"))


def trained(files: Sequence[str], seed: int, *, overrides: Sequence[str] = ()) -> Outcome:
    """Train what files say and measure it on its test windows."""
    config = resolve(files, [*overrides, f"training.seed={seed}"])
    kept = kept_at(config)
    if kept is not None and kept.exists():
        found = json.loads(kept.read_text("utf-8"))
        found["model"] = {int(step): error for step, error in found["model"].items()}
        found["simple"] = {name: {int(step): error for step, error in errors.items()} for name, errors in found["simple"].items()}
        return Outcome(**found)
    outcome = _trained(config)
    print(f"  {', '.join(files)}, seed {seed}: {outcome}", flush=True)
    if kept is not None:
        kept.write_text(json.dumps(asdict(outcome)), "utf-8")
    return outcome


def kept_at(config: ResolvedConfig) -> Path | None:
    """Where the outcome of a configuration is kept: named by all that decides it, the family's code among that."""
    folder = os.environ.get("TRELLIS_BENCH_KEEP")
    if not folder:
        return None
    said = hashlib.sha256(json.dumps(config.flat_values() | config.sample_values(), sort_keys=True, default=str).encode())
    said.update(f"{config['data.dataset']} {config.dataset_params()}".encode())
    for path in sorted(Path(traffic.__file__).parent.rglob("*.py")):
        said.update(path.read_bytes())
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / f"{said.hexdigest()[:24]}.json"


def _trained(config: ResolvedConfig) -> Outcome:
    # JAX takes seconds, and choosing among the parts does not need it
    from traffic.training.trainer import train

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
        intervals={
            name: float(entry["value"]) for name, entry in summary.metrics.get("intervals", {}).items() if entry["value"] is not None
        },
    )


def task_of(config: ResolvedConfig, folder: Path) -> Task:
    """The task that a resolved configuration asks for."""
    sections, dataset = config.built.sections, dataset_of(config)
    return Task.made(
        cast(AnyArchitecture, sections["architecture"]), cast(Training, sections["training"]),
        DataUse.model_validate(nested(config.sample_values())), dataset.data,
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
    margin(page, "xLSTM", reached["xLSTM"], reached["xLSTM with neighbours"])
    best = min(reached, key=lambda name: statistics.fmean(outcome.validation for outcome in reached[name]))
    for step, minutes in MINUTES.items():
        note = f"{best} has the least error on the validation windows"
        page.add(
            Row(
                f"best configuration, {minutes} min", mean(reached[best], step), "mph", must=Bound(BEST_AT_MOST[step], "most"),
                goal=Bound(GOAL[step], "most"), spread=spread(reached[best], step), note=note, better="less",
            )
        )  # fmt: skip


def margin(page: Section, whom: str, alone: Sequence[Outcome], together: Sequence[Outcome]) -> None:
    """What neighbours gain at the longest horizon, on the same seeds."""
    step = max(MINUTES)
    gains = [100 * (1 - with_them.model[step] / without.model[step]) for without, with_them in zip(alone, together, strict=True)]
    page.add(
        Row(
            f"what neighbours gain the {whom}, {MINUTES[step]} min", statistics.fmean(gains), "%", must=Bound(0, "least"),
            spread=f"{min(gains):.1f} to {max(gains):.1f}" if len(gains) > 1 else "1 seed",
        )
    )  # fmt: skip


def with_intervals(page: Section) -> None:
    """How many of the test values the calibrated 90 % intervals hold, and how wide they are."""
    for title, data in (("METR-LA, 60 detectors", "metr_la_60"), ("the corridor", "corridor")):
        outcomes = repeated([f"models/{INTERVALS}.yaml", f"data/{data}.yaml", "training/default.yaml"])
        found = {name: statistics.fmean(outcome.intervals[name] for outcome in outcomes) for name in outcomes[0].intervals}
        page.add(*interval_rows(title, found))


def interval_rows(title: str, found: Mapping[str, float]) -> list[Row]:
    """The rows of one data set's intervals."""
    nominal, covered = 100 * found["nominal"], 100 * found["coverage"]
    return [
        Row(
            f"{title}: test values inside, points away from {nominal:.0f} %", abs(covered - nominal), "points", must=Bound(2, "most"),
            note=f"{covered:.1f} % inside; {100 * found['coverage_before']:.1f} % before calibration", better="less",
        ),
        Row(f"{title}: mean width", found["width"], "", note=f"{found['width_before']:.2f} before calibration", better="less"),
    ]  # fmt: skip


def on_corridor(seed: int, page: Section) -> None:
    """Each small model beside the best simple forecast at each horizon."""
    reached: dict[str, list[Outcome]] = {}
    for name, file in CORRIDOR.items():
        outcomes = reached[name] = repeated([f"models/{file}.yaml", "data/corridor.yaml", "training/default.yaml"], [f"data.seed={seed}"])
        for step, minutes in MINUTES.items():
            error, whose = outcomes[0].best_simple(step)
            must = Bound(round(SHARE_OF_BEST[name] * error, 3), "most")
            page.add(
                Row(
                    f"{name}, {minutes} min", mean(outcomes, step), "km/h", error, whose.replace("_", " "), must=must,
                    spread=spread(outcomes, step), note=cost(outcomes), better="less",
                )
            )  # fmt: skip
    margin(page, "LSTM", reached["LSTM"], reached["LSTM with neighbours"])


SHARED = "The small models by their shipped files, masked mean absolute error on the test windows, 12 steps of 5 minutes in and 12 out."
PARTS = {
    "metr_la_60": ("Forecasting: METR-LA, 60 detectors", f"{SHARED} Strict 70/10/20, zeros are missing.", metr_la_60),
    "corridor": (
        "Forecasting: the corridor", f"{SHARED} 42 simulated days, 40 detectors, strict 70/10/20; `data.seed=0`.", partial(on_corridor, 0),
    ),
    "corridor_other": (
        "Forecasting: another corridor", f"{SHARED} As above with `data.seed=1`, on which nothing was chosen.", partial(on_corridor, 1),
    ),
    "intervals": (
        "Forecasting: intervals of 90 %",
        "The small LSTM by its shipped file with three quantiles, calibrated on the validation windows by conformal quantile regression; all "
        "horizons of the test windows together, in the data's unit.",
        with_intervals,
    ),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the named parts or all."""
    return measure_chosen(PARTS, arguments, prefix="traffic_quality_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
