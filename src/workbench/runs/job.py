"""The contract between the run machinery and a family's trainer.

A trainer is `train(job: Job, reporter: Reporter) -> Summary`. It is called in a worker process, reads what the job
names, writes files only below `job.folder`, and tells everything else through the reporter. It neither knows the
store nor the process it runs in, so a plain script can call it as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from workbench.fields import ConfigModel


@dataclass(frozen=True)
class Job:
    """What to train.

    Attributes:
        run_id, attempt: which run and which try of it.
        configs: the validated configs by section. resolved: all of them flat, autos replaced.
        dataset: the loaded data as the family's loader gives it, None for a run without data.
        inputs: what the family reads for its trainer from the run's files (`Holding.inputs`).
        folder: this attempt's folder, exists. Checkpoints go to `folder / "checkpoints"`.
        resume_from: checkpoint to continue bit for bit (`last`), or None.
        start_from: checkpoint whose weights and optimiser a new run starts with (the model's kept weights), or None.
        reset_optimizer: start with fresh optimiser moments.
        fingerprint: the architecture's identity, to be written into checkpoints and compared on load.
        dataset_sha256: content hash of the data, likewise; "" without data.
    """

    run_id: str
    attempt: int
    configs: Mapping[str, ConfigModel]
    resolved: Mapping[str, Any]
    dataset: Any
    inputs: Any
    folder: Path
    fingerprint: str
    dataset_sha256: str = ""
    resume_from: Path | None = None
    start_from: Path | None = None
    reset_optimizer: bool = False


class Reporter(Protocol):
    """How a trainer tells what happens. Every call may raise `LeaseLost`; a trainer lets that pass."""

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """A line for the training log."""
        ...

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Where training stands within an epoch that takes long: `fraction` of epoch `epoch` (1-based) of `total`."""
        ...

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """An epoch is done: `epoch` (1-based) of this run's `total`, all scalar metrics flat with keys such as
        `train/loss`, `validation/loss`, `validation/accuracy`, `train/learning_rate`, `train/grad_norm`."""
        ...

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Small live diagnostics for the page (JSON values): `pi`, `usage`, `tau`, `responsibility_histogram`, ..."""
        ...

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """A complete checkpoint file lies at `path` (below the job's folder); the store points to it from now on."""
        ...

    def finishing(self) -> None:
        """Training is over and its checkpoints are told: what follows (diagnostics) is not cut short by a stop."""
        ...

    def should_stop(self) -> bool:
        """Whether a stop was asked for. A trainer looks between chunks, about once a second or better."""
        ...


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch, as a loop over epochs tells whoever runs it.

    Attributes:
        epoch: of the run, 1-based; total: the run's. life_epoch: of the model's life, 1-based.
        metrics: flat, `train/...`, `validation/...`, `epoch_seconds`.
        improved: whether this is the best epoch so far. last: whether the run ends here.
    """

    epoch: int
    total: int
    life_epoch: int
    metrics: dict[str, float | None]
    improved: bool
    last: bool


class LeaseLost(BaseException):
    """This process no longer owns the run: write nothing more and leave."""


@dataclass(frozen=True)
class Summary:
    """What a trainer returns.

    Attributes:
        outcome: `completed`, or `stopped` when it ended because a stop was asked for.
        epochs: epochs done in this run over all attempts. best_epoch: its number (1-based), if validation chose one; best_by: what chose it,
            as the end of a sentence ("by the loss of validation images").
        kept: checkpoint file whose weights the model uses from now on.
        metrics: groups -> name -> {"value", "split", "n", "state", "reason"}, saved as summary.json; with "unit" where the data decides it.
        headline: few scalars for cards and lists, e.g. {"accuracy": 0.957, "loss": ...}; first one is the best metric.
        bundle: the diagnostics `.npz`, if written.
        seconds: training time without start-up. shortfall: what the results lack, or what limits them, and why, in sentences.
        rate: floating point operations a second that training reached, by the same count as
            `ModelType.operations_per_epoch`; None for a run too short to tell. Estimates of later runs use it.
    """

    outcome: Literal["completed", "stopped"]
    epochs: int
    kept: Path
    headline: Mapping[str, float | None]
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    best_epoch: int | None = None
    best_by: str = ""
    bundle: Path | None = None
    seconds: float = 0.0
    shortfall: str = ""
    rate: float | None = None

    @property
    def units(self) -> dict[str, str]:
        """The units of headline metrics that the data decides."""
        entries = {name: self.metrics.get(name.partition("/")[0], {}).get(name.partition("/")[2], {}) for name in self.headline}
        return {name: str(entry["unit"]) for name, entry in entries.items() if entry.get("unit")}
