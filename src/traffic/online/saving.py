"""Where a stream stands, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from traffic.intervals.adaptive import AdaptiveLevels
from traffic.online.network import Mode
from traffic.trained import Trained
from traffic.training.errors import CheckpointError
from traffic.training.state import flat
from workbench.artefacts import write_atomic
from workbench.checkpoint_file import CheckpointFormat

FORMAT = CheckpointFormat(b"trellis traffic stream\n", "a stream of forecasts", CheckpointError)
_STATE, _ISSUED, _LEVELS = "state", "issued.", "adaptive."


@dataclass(frozen=True)
class SavedStream:
    """What was saved: `arrays` of the state by name, and the rest as a `Stream` has it."""

    mode: Mode
    timestamp: int | None
    steps: int
    issued: list[np.ndarray | None]
    adaptive: AdaptiveLevels | None
    arrays: dict[str, np.ndarray]

    def into(self, template: Any, path: Path) -> Any:
        """A state of the same form with what was saved. Raises CheckpointError if it does not fit."""
        wanted = flat(template, _STATE)
        if {name: leaf.shape for name, leaf in wanted.items()} != {name: array.shape for name, array in self.arrays.items()}:
            raise CheckpointError(f"The stream in {path} is of another network. Restore it with the model that it was saved with.")
        return jax.tree.unflatten(jax.tree.structure(template), [jax.device_put(np.array(self.arrays[name])) for name in wanted])


def write_state(
    path: Path, trained: Trained, mode: Mode, *, state: Any, timestamp: int | None, steps: int, issued: Sequence[np.ndarray | None],
    adaptive: AdaptiveLevels | None,
) -> None:  # fmt: skip
    """Write it whole. Raises ArtefactError if it cannot be written."""
    header = {
        "weights_sha256": trained.weights_sha256, "sensor_ids": list(trained.sensor_ids), "mode": mode, "timestamp": timestamp, "steps": steps,
        "issued": [each is not None for each in issued], "quantiles": list(trained.quantiles), "adaptive": adaptive is not None,
    }  # fmt: skip
    arrays = {name: np.asarray(leaf) for name, leaf in flat(state, _STATE).items()}
    arrays |= {f"{_ISSUED}{number}": each for number, each in enumerate(issued) if each is not None}
    if adaptive is not None:
        arrays |= {_LEVELS + "target": adaptive.target, _LEVELS + "miss": adaptive.miss, _LEVELS + "table": adaptive.table}
    write_atomic(path, FORMAT.encode(header, arrays))


def read_state(path: Path, trained: Trained) -> SavedStream:
    """What `write_state` wrote for this model. Raises CheckpointError for a file that is torn or of another model."""
    content = FORMAT.read(path)
    header, arrays = content.header, content.arrays
    if header["weights_sha256"] != trained.weights_sha256 or tuple(header["sensor_ids"]) != trained.sensor_ids:
        raise CheckpointError(
            f"The stream in {path} is of another model or other detectors. Restore it with the model that it was saved with."
        )
    levels = {name: arrays[_LEVELS + name] for name in ("target", "miss", "table")} if header["adaptive"] else None
    return SavedStream(
        mode=header["mode"],
        timestamp=header["timestamp"],
        steps=header["steps"],
        issued=[arrays[f"{_ISSUED}{number}"] if there else None for number, there in enumerate(header["issued"])],
        adaptive=None if levels is None else AdaptiveLevels(tuple(header["quantiles"]), **levels),
        arrays={name: np.array(array) for name, array in arrays.items() if name.startswith(_STATE)},
    )
