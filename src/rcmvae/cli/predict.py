"""`trellis predict`: what a model says about the images of its sample, as a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rcmvae.active import asking
from rcmvae.exporting.tables import as_csv, as_parquet
from workbench.artefacts import write_atomic
from workbench.cli.opening import find_model, opened
from workbench.cli.output import AsJson, print_json, say
from workbench.cli.places import Force, free_place

FORMATS = (".csv", ".parquet")


def predict(
    model: Annotated[str, typer.Argument(help="The model's id, number or name.")],
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "test",
    blend: Annotated[float, typer.Option(help="Share of the reconstruction in the OOD score, 0 to 1.")] = 0.0,
    out: Annotated[Path | None, typer.Option(help="A .csv or .parquet file; without one, CSV goes to standard output.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Class, probability, certainty, OOD score and responsibility entropy of every image of a split of the model's sample."""
    if out is not None and out.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"--out must end in {' or '.join(FORMATS)} (got {out.name!r})")
    with opened() as workbench:
        place = None if out is None else free_place(out, workbench.settings, force=force)
        found = asking.predict(workbench, find_model(workbench, model).id, split=split, blend=blend)
    if place is not None:
        write_atomic(place, as_parquet(found) if place.suffix.lower() == ".parquet" else as_csv(found).encode())
        say(f"{len(next(iter(found.columns.values()))):,} images written to {out}.")
    if as_json:
        print_json(dict(found.columns))
    elif out is None:
        sys.stdout.write(as_csv(found))
