"""`trellis train`: the same commands and worker processes as the pages, followed on the terminal."""

from __future__ import annotations

import difflib
import json
import shlex
from typing import Annotated, Any

import typer

from workbench import families
from workbench.cli.config import AllowStructural
from workbench.cli.opening import actor, find_dataset, find_model, opened
from workbench.cli.output import AsJson, say
from workbench.cli.run_ends import follow_to_end
from workbench.cli.train_files import say_untrained, train_files
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.families import Family, ModelType
from workbench.services.presets import dataset_of_preset
from workbench.state import ModelRecord
from workbench.workbench import Workbench


def train(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE", help="Make and train what these configuration files say, in the order model, data, training, experiment."
        ),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Make a model from this preset, then train it.")] = None,
    data: Annotated[str | None, typer.Option(help="The dataset of the new model.")] = None,
    model: Annotated[str | None, typer.Option(help="Train this model: its id, number or name.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new model; a readable one is made up without.")] = None,
    set_values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting, as `epochs=5` or by its key in files, `training.epochs=5`; repeat for several. With --model only tunable ones.",
        ),
    ] = None,
    sample: Annotated[
        list[str] | None, typer.Option("--sample", metavar="NAME=VALUE", help="A setting of the new model's sample; repeat for several.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="With files: train each model this often, with its seeds counted up.")] = None,
    allow_structural: AllowStructural = False,
    reset_optimizer: Annotated[bool, typer.Option(help="Start with fresh optimiser moments.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Start whatever is foreseen, such as that memory may not do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model and follow it. Ctrl+C stops it after a clean checkpoint."""
    if files:
        _refuse_beside_files(name, preset=preset, data=data, model=model, sample=sample, reset_optimizer=reset_optimizer)
        raise typer.Exit(train_files(files, set_values or [], seeds, structural=allow_structural, confirmed=yes, as_json=as_json))
    if seeds is not None or allow_structural:
        raise typer.BadParameter(f"{'--seeds' if seeds is not None else '--allow-structural'} needs configuration files")
    if (model is None) == (preset is None):
        raise typer.BadParameter("give either --preset (with --data), --model, or configuration files")
    if model is not None and (data is not None or name is not None or sample):
        raise typer.BadParameter("--data, --name and --sample are for a new model; --model trains one as it is")
    values = _pairs(set_values or [])
    with opened() as workbench:
        if model is not None:
            record = find_model(workbench, model)
            if values:
                workbench.models.update_config(actor=actor(), model_id=record.id, values=values)
        else:
            assert preset is not None
            record = _create(workbench, preset, data or _own_dataset(preset), name, values, _pairs(sample or []))
        try:
            run = workbench.runs.start(actor=actor(), model_id=record.id, reset_optimizer=reset_optimizer, confirmed=yes)
        except NeedsConfirmation:
            if model is None:
                say_untrained([record], " --yes")
            raise
        if not as_json:
            say(f"Run #{run.number} ({run.id}) of {record.name}")
            if (part := workbench.models.part_words(record)) is not None:
                say(part)
        raise typer.Exit(follow_to_end(workbench, run, as_json))


def _refuse_beside_files(name: str | None, **others: Any) -> None:
    """Raises typer.BadParameter for options that files leave no room for, with what does the same where something does."""
    if any(others.values()):
        words = "files say everything; beside them only --set, --allow-structural, --seeds, --yes and --json have a meaning"
        raise typer.BadParameter(words)
    if name is not None:
        raise typer.BadParameter(f"the name of what files make is a key of theirs: --set {shlex.quote(f'experiment.name={name}')}")


def _create(workbench: Workbench, preset: str, data: str, name: str | None, values: dict[str, Any], sample: dict[str, Any]) -> ModelRecord:
    dataset = find_dataset(workbench, data)
    family = families.family(dataset.family)
    kind = _model_type(family, preset)
    own = next(p.dataset for p in kind.presets if p.name == preset)
    if own is not None and own != dataset.id:
        say(f"Note: the preset {preset} was made for {own}, not for {dataset.name}.")
    return workbench.models.create(
        actor=actor(),
        family=family.name,
        model_type=kind.name,
        dataset_id=dataset.id,
        preset=preset,
        values=values,
        sample=sample,
        name=name,
    )


def _own_dataset(preset: str) -> str:
    """The dataset that a preset is for. Raises typer.BadParameter for one that is for none, CommandError for one that is unknown."""
    own = dataset_of_preset(preset)
    if own is None:
        raise typer.BadParameter("--preset needs --data, for example --data digits")
    return own


def _model_type(family: Family, preset: str) -> ModelType:
    """The family's model type that has a preset of that name."""
    known = {found.name: kind for kind in family.models for found in kind.presets}
    if preset not in known:
        raise _unknown("preset", preset, list(known))
    return known[preset]


def _unknown(what: str, name: str, known: list[str]) -> CommandError:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}."
    return CommandError(f"There is no {what} {name!r}.", what, hint, code="not_found")


def _pairs(texts: list[str]) -> dict[str, Any]:
    """NAME=VALUE texts as a mapping; values that are JSON (lists, numbers, true) become that, others stay text."""
    pairs: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"{text!r} must be NAME=VALUE")
        pairs[name.strip()] = _value(value.strip())
    return pairs


def _value(text: str) -> Any:
    try:
        return json.loads(text) if text.startswith("[") else text
    except ValueError:
        return text
