"""`trellis density`: how probable a trained model finds images, by importance sampling."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from rcmvae.density_kept import keep
from workbench import families
from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.cli.opening import find_model, opened
from workbench.cli.output import AsJson, error_console, print_json, print_pairs
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.runs.failures import RunFailure
from workbench.state import Weights
from workbench.store.errors import StoreError
from workbench.workbench import Workbench


class Split(StrEnum):
    """A part of a model's sample."""

    TEST = "test"
    VALIDATION = "validation"
    TRAIN = "train"


def density(
    model: Annotated[str, typer.Argument(help="The model's id, number or name.")],
    samples: Annotated[int, typer.Option(min=1, help="Importance samples for each image.")] = 5000,
    split: Annotated[Split, typer.Option(help="Which images of the model's sample.")] = Split.TEST,
    binarise: Annotated[bool, typer.Option("--binarise", help="Black and white: each pixel drawn once with its intensity.")] = False,
    as_json: AsJson = False,
) -> None:
    """Estimate the negative log-likelihood of images under a trained model, and keep it with the run whose weights it has. Slow;
    progress is shown."""
    with opened() as workbench:
        record = find_model(workbench, model)
        estimate = families.family(record.family).abilities.get("density")
        if estimate is None:
            raise CommandError(f"{record.name} is no density of its data.", "model", "Choose a model of another family.")
        if record.weights is None:
            raise CommandError(f"{record.name} was never trained.", "model", f"Train it first: trellis train --model {record.id}")
        problems = workbench.models.facts(record).weights_mismatches
        if problems:
            raise CommandError(problems[0], "model", "See `trellis audit`.")
        rows = getattr(workbench.models.read(record), split.value)
        if not len(rows):
            raise CommandError(f"The sample of {record.name} has no {split.value} images.", "split", "Choose another --split.")
        dataset = workbench.datasets.load(workbench.state().dataset_of(record) or "")
        path = workbench.artefacts.path(record.weights.path, record.weights.sha256)
        with error_console().status(f"0 of {len(rows):,} images") as status:
            result = estimate.load()(
                path, dataset, rows, split=split.value, samples=samples, binarise=binarise,
                on_progress=lambda done: status.update(f"{done:,} of {len(rows):,} images"),
            )  # fmt: skip
        kept = _kept(workbench, record.weights, result)
    values = {"model": record.id, **result.plain()}
    if as_json:
        print_json(values)
        return
    print_pairs(
        [
            ("NLL", f"{values['nll']:.3f} nats an image (standard error {values['standard_error']:.3f})"),
            ("Images", f"{values['n']:,} {values['split']} images"),
            ("Binarisation", "static, drawn once from the intensities" if binarise else "none"),
            ("Samples", f"{samples:,} an image"),
            ("Kept", kept),
        ]
    )


def _kept(workbench: Workbench, weights: Weights, result: Any) -> str:
    """Where the result is kept, or why it is not: what took so long is told in any case."""
    name = f"run #{workbench.state().runs[weights.run_id].number}"
    try:
        told = keep(workbench, weights, result.plain(), result.metrics())
    except (ArtefactError, ArtefactsAway, RunFailure, DatasetError, StoreError) as error:
        error_console().print(f"The result could not be kept with {name}. {error}", markup=False)
        return "no"
    return f"with {name}" if told else f"with {name}, but not in its summary: it has other weights by now"
