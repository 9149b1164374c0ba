"""Metrics as the text of files beside a run."""

from __future__ import annotations

import csv
import io
import json
import math

from traffic.metrics.evaluate import Evaluation
from traffic.metrics.scores import shown_steps
from traffic.metrics.sums import METRICS


def metrics_json(scores: dict[str, float]) -> str:
    """Metrics by name, sorted, as strict JSON; null where nothing was measured."""
    plain = {name: value if math.isfinite(value) else None for name, value in sorted(scores.items())}
    return json.dumps(plain, indent=2, allow_nan=False) + "\n"


def per_sensor_csv(evaluation: Evaluation) -> str:
    """A row for each detector, target and horizon, `avg` the mean over all; empty where nothing was measured."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["sensor_id", "target", "horizon", "count", *METRICS])
    by_metric = {name: evaluation.by_sensor.metric(name) for name in METRICS}
    counts = evaluation.by_sensor.count
    steps = shown_steps(counts.shape[0])
    for number, sensor in enumerate(evaluation.sensor_ids):
        for target, name in enumerate(evaluation.target_names):
            for step in steps:
                values = [by_metric[metric][step - 1, target, number] for metric in METRICS]
                writer.writerow([sensor, name, f"h{step}", int(counts[step - 1, target, number]), *map(_text, values)])
            means = [by_metric[metric][:, target, number].mean() for metric in METRICS]
            writer.writerow([sensor, name, "avg", int(counts[:, target, number].sum()), *map(_text, means)])
    return stream.getvalue()


def _text(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""
