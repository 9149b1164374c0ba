"""Training a preset on several label draws, and what each reached on held-out images."""

from __future__ import annotations

import ast
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rcmvae.data.loaded import LoadedDataset
from rcmvae.training.script import make_job
from rcmvae.training.task import Task
from rcmvae.training.trainer import train
from workbench.runs.scripted import QuietReporter


@dataclass(frozen=True)
class Outcome:
    """One draw on held-out images: accuracy, KL_z in nats, effective components over all components, ownership diagonal, mean
    purity of components, and wall and processor seconds. NaN where a model has no such figure."""

    accuracy: float
    kl_z: float
    used: float
    ownership: float
    purity: float
    seconds: float
    processor: float


def run_draw(
    dataset: LoadedDataset, preset: str, draw: int, folder: Path, *, values: Mapping[str, Any] = {}, sample: Mapping[str, Any] = {}
) -> tuple[Outcome, Task]:
    """Train a preset on one label draw, which is also another seed of the model."""
    seeds = {"init_seed": draw, "random_seed": draw}
    job = make_job(dataset, folder=folder / str(draw), preset=preset, values={**values, **seeds}, sample={**sample, "sampling_seed": draw})
    wall, processor = time.perf_counter(), time.process_time()
    summary = train(job, QuietReporter())
    seconds, processor = time.perf_counter() - wall, time.process_time() - processor
    components = job.resolved["num_components"] or 1
    purity = value_of(summary.metrics, "mixture", "purity")
    return Outcome(
        accuracy=_number(value_of(summary.metrics, "classification", "accuracy")),
        kl_z=_number(value_of(summary.metrics, "training", "kl_z")),
        used=_number(value_of(summary.metrics, "mixture", "k_eff")) / components,
        ownership=_number(value_of(summary.metrics, "routing_metrics", "ownership_diagonal_mean")),
        purity=statistics.fmean([p for p in purity if p is not None]) if purity else float("nan"),
        seconds=seconds,
        processor=processor,
    ), job


def given_values(arguments: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values for a trial from `name=value`: fields of the model, and (`sample.name=value`) settings of its sample."""
    values: dict[str, Any] = {}
    sample: dict[str, Any] = {}
    for argument in arguments:
        name, _, text = argument.partition("=")
        target, name = (sample, name.removeprefix("sample.")) if name.startswith("sample.") else (values, name)
        try:
            target[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            target[name] = text
    return values, sample


def value_of(metrics: Mapping[str, Mapping[str, Any]], group: str, name: str) -> Any:
    """A metric's value, None where there is none."""
    return metrics.get(group, {}).get(name, {}).get("value")


def spread_of(values: list[float]) -> str:
    """The range and standard deviation of percentages, in words."""
    deviation = f", standard deviation {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{min(values):.1f} to {max(values):.1f}{deviation}"


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
