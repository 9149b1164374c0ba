"""`trellis train`: the same commands and worker processes as the pages, followed on the terminal."""

from __future__ import annotations

import difflib
import json
from typing import Annotated, Any

import typer
from rich.text import Text

from workbench import families
from workbench.cli.following import Follower
from workbench.cli.opening import actor, find_dataset, find_model, opened
from workbench.cli.output import FAILED, INTERRUPTED, AsJson, console, print_json, say
from workbench.cli.words import duration, headline
from workbench.commands.base import CommandError
from workbench.families import Family, ModelType
from workbench.state import ModelRecord, RunRecord, RunState
from workbench.workbench import Workbench


def train(
    preset: Annotated[str | None, typer.Option(help="Make a model from this preset, then train it.")] = None,
    data: Annotated[str | None, typer.Option(help="The dataset of the new model.")] = None,
    model: Annotated[str | None, typer.Option(help="Train this model: its id, number or name.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new model; a readable one is made up without.")] = None,
    set_values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting; repeat for several. With --model only tunable ones.")
    ] = None,
    sample: Annotated[
        list[str] | None, typer.Option("--sample", metavar="NAME=VALUE", help="A setting of the new model's sample; repeat for several.")
    ] = None,
    reset_optimizer: Annotated[bool, typer.Option(help="Start with fresh optimiser moments.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model and follow it. Ctrl+C stops it after a clean checkpoint."""
    if (model is None) == (preset is None):
        raise typer.BadParameter("give either --preset (with --data) or --model")
    if preset is not None and data is None:
        raise typer.BadParameter("--preset needs --data, for example --data digits")
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
            assert data is not None
            record = _create(workbench, preset, data, name, values, _pairs(sample or []))
        run = workbench.runs.start(actor=actor(), model_id=record.id, reset_optimizer=reset_optimizer)
        if not as_json:
            say(f"Run #{run.number} ({run.id}) of {record.name}")
        raise typer.Exit(follow_to_end(workbench, run, as_json))


def follow_to_end(workbench: Workbench, run: RunRecord, as_json: bool, after: int = 0) -> int:
    """Follow a run until it ends, say how it did, and return the exit code."""
    workbench.runs.keep_watch()
    follower = Follower(workbench, run.id, quiet=as_json)
    try:
        run = follower.follow(after)
    except KeyboardInterrupt:
        say(f"Run #{run.number} goes on stopping by itself; `trellis runs show {run.number}` says how it ended.")
        return INTERRUPTED
    if as_json:
        print_json(run_values(workbench, run))
    else:
        console().print(Text(_last_line(run)), soft_wrap=True)
    if follower.interrupted:
        return INTERRUPTED
    return 0 if run.state in (RunState.COMPLETED, RunState.STOPPED) else FAILED


def run_values(workbench: Workbench, run: RunRecord) -> dict[str, Any]:
    """A run as JSON values, its folder included."""
    return {**run.model_dump(mode="json"), "folder": str(workbench.runs.folder(run.id))}


def _last_line(run: RunRecord) -> str:
    parts = [f"Run #{run.number} {run.state.value} after {run.epochs_done} epochs"]
    if run.duration_seconds is not None:
        parts.append(duration(run.duration_seconds))
    if run.headline:
        parts.append(headline(run))
    return ", ".join(parts) + (f". {run.reason}" if run.reason else ".")


def _create(workbench: Workbench, preset: str, data: str, name: str | None, values: dict[str, Any], sample: dict[str, Any]) -> ModelRecord:
    dataset = find_dataset(workbench, data)
    family = families.family(dataset.family)
    kind = _model_type(family, preset)
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
