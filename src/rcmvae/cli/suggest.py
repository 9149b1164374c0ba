"""`trellis suggest`: which samples of a model to label next."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from rcmvae.active import asking
from rcmvae.suggestions import DEFAULT_STRATEGY, MOST_AT_ONCE, Suggestions
from workbench.cli.in_process import prepare_framework
from workbench.cli.opening import find_model, opened
from workbench.cli.output import AsJson, print_json, print_table, say
from workbench.families import family


def suggest(
    model: Annotated[str, typer.Argument(help="The model's id, number or name.")],
    strategy: Annotated[str, typer.Option(help="How to choose; every answer lists what there is.")] = DEFAULT_STRATEGY,
    n: Annotated[int, typer.Option("--n", "-n", min=1, max=MOST_AT_ONCE, help="How many samples.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")] = 0,
    diverse: Annotated[bool, typer.Option(help="Spread the batch over the latent space, or take the best scores as they are.")] = True,
    blend: Annotated[float, typer.Option(help="Share of the reconstruction in the score of ood, 0 to 1.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Which samples of a model to label next, by the diagnostics of its present weights."""
    with opened() as workbench:
        record = find_model(workbench, model)
        prepare_framework(family(record.family), workbench.settings)
        found = asking.suggest(
            workbench, record.id, strategy=strategy, n=n, seed=seed, diverse=diverse, blend=blend, run_model=True
        )  # fmt: skip
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    _show(found, record.payload["class_names"])


def _show(found: Suggestions, class_names: tuple[str, ...]) -> None:
    rows = [
        (
            str(item.index),
            f"{item.score:.4g}",
            "" if item.predicted is None else class_names[item.predicted],
            "" if item.certainty is None else f"{item.certainty:.3f}",
        )
        for item in found.items
    ]
    print_table(("Sample", "Score", "Predicted", "Certainty"), rows, "Nothing to suggest.")
    say(f"{len(found.items)} of {found.left:,} unlabelled training samples, by {found.strategy}.")
    for other in found.strategies:
        if other.disabled is not None:
            say(f"{other.name} cannot be used: {other.disabled}.")
