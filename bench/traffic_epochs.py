"""How long an epoch of a forecasting network takes, beside a plain PyTorch loop over windows that are laid out beforehand.

Once with all cores and once with one each, in processes of their own: what XLA makes of a loop over small steps runs on one core alone,
so the second says how the work compares and the first what a machine of several cores gives away. What an epoch computes, beside what the
machine reaches in a large matrix product, says how much faster any program could be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.harness import Bound, Row, Section, missing, section
from bench.throughput import PRODUCT_SIZE
from bench.torch_process import HOW_TO, VARIABLE
from traffic.counting import operations_per_epoch
from traffic.data.contract import Source, TrafficData
from traffic.training.script import make_task
from traffic.training.trainer import engine_of, start

ROWS, SENSORS, INTERVAL_S, ROUNDS, WIDTH, BATCH = 500, 40, 300, 3, 32, 64
INPUTS, CONTEXT = 22, 40
"""What one step of the small models holds on data of one feature, and what their heads see beside the state."""
SHARED: dict[str, Any] = {"head": "mlp", "sensor_embedding_dim": 16, "tod_embedding_dim": 16, "dow_embedding_dim": 8, "dropout": 0.1}
NETWORKS: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": WIDTH, "num_layers": 1, **SHARED},
    "xlstm": {"embedding_dim": WIDTH, "num_blocks": 2, "slstm_at": (1,), **SHARED},
}
ABOUT = (
    f"Width {WIDTH}, {SENSORS} detectors that share weights, 12 steps in and 12 out, batches of {BATCH} windows, dropout, Adam and clipped "
    f"gradients on both sides, as many threads as there are cores, all of the machine's or one. Trellis' epoch is that of its trainer, gathering of windows "
    f"included; PyTorch's is a plain loop with nn.LSTM or the public xlstm package's vanilla backend. Median of {ROUNDS} epochs after one."
)


def main() -> None:
    """Measure."""
    with section("traffic_epochs", "Epochs of forecasting networks", ABOUT, packages=("jax", "flax", "optax", "numpy")) as page:
        for kind, cores in [(kind, cores) for kind in NETWORKS for cores in (os.cpu_count() or 1, 1)]:
            alone = cores == 1
            name = f"{kind}: windows a second in training{', one core each' if alone else ''}"
            must = None if alone else Bound(3, "least", "ratio")
            ours, windows, operations, best = trained_apart(kind, cores)
            add_share(page, f"{kind}: useful operations{', one core' if alone else ''}", operations / median(ours), best)
            theirs = compared(kind, windows, cores)
            if theirs is None:
                page.add(missing(name, "windows/s", HOW_TO, must=must))
                continue
            note = f"an epoch of {windows} windows: {median(ours):.2f} s, PyTorch {median(theirs):.2f} s"
            page.add(Row(name, windows / median(ours), "windows/s", windows / median(theirs), "PyTorch", must=must, note=note))


def add_share(page: Section, name: str, reached: float, best: float) -> None:
    """How many operations a second an epoch comes to, beside the machine's rate: the ratio's inverse is what is left to gain."""
    page.add(Row(name, reached / 1e9, "Gflop/s", best / 1e9, f"{PRODUCT_SIZE}x{PRODUCT_SIZE} product"))


def trained_apart(kind: str, cores: int) -> tuple[list[float], int, float, float]:
    """What `trained` says in a process that has so many cores, and the operations a second of a large product there."""
    program = "import json\nfrom bench.traffic_epochs import *\nfrom bench.throughput import best_product_rate\n"
    program += f"print(json.dumps([*trained({kind!r}, NETWORKS[{kind!r}]), best_product_rate()]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, preexec_fn=partial(held_to, cores))
    seconds, windows, operations, best = json.loads(done.stdout.splitlines()[-1])
    return seconds, windows, operations, best


def held_to(cores: int) -> None:
    """Have this process run on so many cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def trained(kind: str, network: dict[str, Any]) -> tuple[list[float], int, float]:
    """Seconds of each epoch of Trellis' trainer, how many windows it has, and its floating point operations."""
    values = np.random.default_rng(0).normal(60, 10, (ROWS, SENSORS, 1)).astype(np.float32)
    ids = tuple(f"s{number}" for number in range(SENSORS))
    data = TrafficData(values, INTERVAL_S * np.arange(ROWS, dtype=np.int64), ids, None, ("speed",), ("km/h",), Source("made"), INTERVAL_S)
    with tempfile.TemporaryDirectory() as folder:
        task = make_task(data, kind, folder=Path(folder), architecture=network, use={"share_weights_across_vds": True})
    engine, seconds = engine_of(task), list[float]()
    state = start(task, engine)
    for _ in range(1 + ROUNDS):
        begun = time.perf_counter()
        state, _ = engine.train_epoch(state, 1.0, lambda steps: False)
        seconds.append(time.perf_counter() - begun)
        state, _ = engine.close_epoch(state)
    return seconds[1:], engine.recipe.n_train, operations_per_epoch(task.resolved, engine.recipe.n_train)


def compared(kind: str, windows: int, cores: int) -> list[float] | None:
    """Seconds of each epoch of the PyTorch loop; None without PyTorch."""
    python = os.environ.get(VARIABLE)
    if not python:
        return None
    given = {
        "kind": kind, "windows": windows, "sensors": SENSORS, "batch": BATCH, "inputs": INPUTS, "context": CONTEXT, "width": WIDTH,
        "length": 12, "steps": 12, "rounds": ROUNDS, "threads": cores,
    }  # fmt: skip
    script = Path(__file__).with_name("torch_traffic.py")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, str(script), json.dumps(given)], capture_output=True, text=True, env=clean, preexec_fn=partial(held_to, cores)
    )
    if done.returncode:
        return None
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
