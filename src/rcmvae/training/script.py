"""Training from a plain script: a job made from values and data, and a reporter that prints or keeps quiet.

Example::

    from rcmvae.data import digits
    from rcmvae.training.script import PrintingReporter, make_job
    from rcmvae.training.trainer import train

    job = make_job(digits.load(), preset="semi_supervised_digits", folder=Path("out"))
    print(train(job, PrintingReporter()).headline)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.sampling import draw_sample, facts_of
from rcmvae.family import RCMVAE
from rcmvae.presets import apply_preset
from rcmvae.training.task import Task
from workbench.fields import ConfigError, fingerprint
from workbench.values import validate, validate_sample, validate_start

SHOWN = ("train/loss", "train/accuracy", "validation/loss", "validation/accuracy", "train/kl_z", "epoch_seconds")


def make_job(
    dataset: LoadedDataset,
    *,
    folder: Path,
    preset: str | None = None,
    values: Mapping[str, Any] | None = None,
    sample: Mapping[str, Any] | None = None,
    **more: Any,
) -> Task:
    """A job on a fresh sample of `dataset`, whose initially labelled images are labelled with their true classes.

    Args:
        folder: where files go; created. preset: name of a preset to start from. values: field values over it.
        sample: sample settings over the preset's. more: further fields of the job (`resume_from`, `start_from`, ...).

    Raises:
        ConfigError: if values or sample settings are refused, or a run on the sample would be.
    """
    facts = facts_of(dataset)
    start = None if preset is None else {p.name: p for p in RCMVAE.presets}[preset]
    flat = {**(apply_preset(start, facts) if start else {}), **(values or {})}
    validate(RCMVAE, flat, facts).configs()
    rows = drawn(dataset, {**(start.sample if start else {}), **(sample or {})})
    labels = {int(row): int(dataset.true_labels[row]) for row in rows["initially_labelled"]}
    folder.mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {
        "run_id": "script",
        "attempt": 1,
        "labels": labels,
        "class_names": dataset.class_names,
        "dataset_sha256": dataset.manifest.content_sha256,
        **more,
    }
    known = replace(
        facts,
        n_labelled=len(given["labels"]),
        n_validation=len(rows["validation"]),
        n_labelled_validation=sum(row in given["labels"] for row in rows["validation"].tolist()),
        vocabulary=len(given["class_names"]),
    )
    checked = validate_start(RCMVAE, flat, known)
    architecture, training = checked.configs()
    return Task(
        architecture=architecture,
        training=training,
        resolved=checked.resolved,
        dataset=dataset,
        sample=rows,
        folder=folder,
        **{"fingerprint": fingerprint(RCMVAE.name, architecture, checked.resolved), **given},
    )


def drawn(dataset: LoadedDataset, sample: Mapping[str, Any]) -> dict[str, Any]:
    """The index sets of the sample that these settings draw of `dataset`. Raises ConfigError if they are refused."""
    settings, problems = validate_sample(RCMVAE, sample, facts_of(dataset))
    if settings is None:
        raise ConfigError(problems)
    return draw_sample(dataset, settings)


@dataclass
class QuietReporter:
    """Keeps what it is told.

    Attributes:
        logs: (level, message). epochs: flat metrics of each epoch. mixtures: each epoch's mixture diagnostics.
        checkpoints: (path, kind, epoch). progressed: (epoch, fraction).
        stop_after: epochs after which it asks to stop; None never does.
    """

    stop_after: int | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    epochs: list[dict[str, float | None]] = field(default_factory=list)
    mixtures: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[tuple[Path, str, int]] = field(default_factory=list)
    progressed: list[tuple[int, float]] = field(default_factory=list)

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Keep a line."""
        self.logs.append((level, message))

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        """Keep where the epoch stands."""
        del total
        self.progressed.append((epoch, fraction))

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Keep an epoch's metrics."""
        del epoch, total, life_epoch
        self.epochs.append(dict(metrics))

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        """Keep an epoch's diagnostics."""
        if name == "mixture":
            self.mixtures.append(dict(values))

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        """Keep a checkpoint's place."""
        self.checkpoints.append((path, kind, epoch))

    def finishing(self) -> None:
        """Nothing to note: a script has no deadline."""

    def should_stop(self) -> bool:
        """Whether `stop_after` epochs are done."""
        return self.stop_after is not None and len(self.epochs) >= self.stop_after


class PrintingReporter(QuietReporter):
    """Prints log lines and a line every `every` epochs."""

    def __init__(self, every: int = 10) -> None:
        super().__init__()
        self.every = every

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Print a line."""
        super().log(message, level)
        print(message if level == "info" else f"{level}: {message}", flush=True)

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Print an epoch's main metrics now and then."""
        super().epoch(epoch, total, metrics, life_epoch)
        if epoch % self.every == 0 or epoch == total:
            shown = "  ".join(f"{name} {metrics[name]:.4g}" for name in SHOWN if metrics.get(name) is not None)
            print(f"epoch {epoch}/{total}  {shown}", flush=True)
