"""Training from a plain script: a job made from values and data.

Example::

    from rcmvae.data import digits
    from rcmvae.metrics import WATCHED
    from rcmvae.training.script import make_job
    from rcmvae.training.trainer import train
    from workbench.runs.scripted import PrintingReporter

    job = make_job(digits.load(), preset="semi_supervised_digits", folder=Path("out"))
    print(train(job, PrintingReporter(WATCHED)).headline)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.sampling import draw_sample, facts_of
from rcmvae.family import RCMVAE
from rcmvae.presets import apply_preset
from rcmvae.training.task import Task
from workbench.fields import ConfigError, fingerprint
from workbench.services.presets import with_sample
from workbench.values import validate, validate_sample, validate_start


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
    settings = {**(start.sample if start else {}), **(sample or {})}
    expected = with_sample(RCMVAE, facts, settings)
    flat = {**(apply_preset(start, expected) if start else {}), **(values or {})}
    validate(RCMVAE, flat, expected).configs()
    rows = drawn(dataset, settings)
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
        n_sampled=len(rows["train"]),
        n_labelled_validation=sum(row in given["labels"] for row in rows["validation"].tolist()),
        vocabulary=len(given["class_names"]),
    )
    if start is not None:
        flat = {**apply_preset(start, known), **(values or {})}
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
