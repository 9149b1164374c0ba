"""How long one step of a stream takes: measurements of 207 detectors in, forecasts of the next hour out."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bench.harness import Bound, Row, section
from traffic.data.contract import Source, TrafficData
from traffic.model.network import create
from traffic.online.network import Mode
from traffic.online.stream import Stream
from traffic.trained import Trained, trained_by
from traffic.training.script import make_task

SENSORS = 207
WARM_UP, STEPS = 20, 500
MONDAY = 1_704_067_200
CONFIGS = Path(__file__).parent.parent / "configs" / "models"
ABOUT = (
    f"Each of the small models at its shipped sizes with the weights that it starts with, 12 steps in and 12 out, {SENSORS} detectors, one "
    f"feature, the mask as input, a tenth of the values missing. {STEPS} steps after {WARM_UP} that warm up; the clock runs from the values "
    "to forecasts in original units."
)
CASES: tuple[tuple[str, tuple[str, ...], Mode], ...] = (
    ("lstm", ("lstm_small",), "windowed"), ("lstm", ("lstm_small",), "stateful"), ("xlstm", ("xlstm_small",), "windowed"),
    ("xlstm", ("xlstm_small",), "stateful"), ("xlstm", ("xlstm_small", "xlstm_small_social"), "windowed"),
    ("transformer", ("transformer_small",), "windowed"),
)  # fmt: skip
"""Model type, its files, and how its past is read."""


def main() -> None:
    """Measure."""
    with section("traffic_streaming", "Streaming forecasts", ABOUT, packages=("jax", "flax", "numpy")) as page:
        for kind, files, mode in CASES:
            seconds = measured(kind, files, mode, STEPS)
            p95 = 1e3 * float(np.percentile(seconds, 95))
            note = f"median {1e3 * float(np.median(seconds)):.2f} ms"
            must = Bound(10, "most")
            page.add(Row(f"{files[-1]}, {mode}: 95th percentile of a step", p95, "ms", must=must, better="less", note=note))


def measured(kind: str, files: tuple[str, ...], mode: Mode, steps: int) -> list[float]:
    """Seconds of each step of a stream."""
    data = random_series(WARM_UP + steps)
    stream, seconds = Stream(untrained(data, kind, files), mode=mode), []
    for timestamp, values in zip(data.timestamps.tolist(), data.values, strict=True):
        begun = time.perf_counter()
        stream.observe(timestamp, values)
        seconds.append(time.perf_counter() - begun)
    return seconds[WARM_UP:]


def random_series(steps: int) -> TrafficData:
    """Speeds of detectors within some kilometres."""
    generator = np.random.default_rng(0)
    values = generator.normal(60, 10, (steps, SENSORS, 1)).astype(np.float32)
    values[generator.random(values.shape) < 0.1] = np.nan
    places = np.array([34.0, -118.0]) + generator.uniform(0, 0.2, (SENSORS, 2))
    times = MONDAY + 300 * np.arange(steps, dtype=np.int64)
    return TrafficData(values, times, tuple(f"s{number}" for number in range(SENSORS)), places, ("speed",), ("mph",), Source("made"))


def untrained(data: TrafficData, kind: str, files: tuple[str, ...]) -> Trained:
    """A model of the sizes that files give, with its first weights."""
    architecture: dict[str, Any] = {}
    for name in files:
        model = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))["model"]
        architecture |= model.get(kind, {}) | {key: model[key] for key in ("social_pooling",) if key in model}
    with tempfile.TemporaryDirectory() as folder:
        task = make_task(data, kind, folder=Path(folder), architecture=architecture, use={"share_weights_across_vds": True})
    return trained_by(task, create(task.architecture, task.shape, seed=0))


if __name__ == "__main__":
    main()
