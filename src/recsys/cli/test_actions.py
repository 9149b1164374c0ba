"""What `trellis quick-tests` does with a test that has ended: make it a full run, take it along, delete it; and what one would take."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from recsys.cli.documents import typed
from recsys.cli.finding import find_config
from recsys.cli.following import find_quick_test, follow, values
from recsys.commands.promoting import CHANGEABLE
from recsys.records import FEATURES, MODELS
from recsys.service import RecommenderService
from recsys.services.estimates import Forecast
from recsys.services.exporting import export_name
from recsys.trial import TrialSettings
from workbench.artefacts import sha256_of, writing
from workbench.cli.field_options import field_options, given_fields
from workbench.cli.opening import actor, opened
from workbench.cli.output import AsJson, console, print_json, print_pairs, say
from workbench.cli.places import Force, free_place
from workbench.cli.words import duration
from workbench.commands.base import CommandError
from workbench.fields import field_specs

Test = Annotated[str, typer.Argument(metavar="TEST", help="The test's id or number.")]
Features = Annotated[str, typer.Argument(metavar="FEATURES", help="A feature config's id, number or name.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model config's id, number or name.")]
Epochs = Annotated[int | None, typer.Option(help="Instead of the model's; 0 measures it untrained.")]
BatchSize = Annotated[int | None, typer.Option(help="Instead of the model's.")]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Start although its memory may not do, which is refused otherwise."),
]
LearningRate = Annotated[float | None, typer.Option(help="Instead of the model's.")]


def add_actions(app: typer.Typer) -> None:
    """Add these commands to a group's."""
    app.command("promote", cls=PromoteCommand)(promote)
    app.command("export")(export)
    app.command("delete")(delete)
    app.command("restore")(restore)
    app.command("estimate", cls=SettingsCommand)(estimate)


class SettingsCommand(TyperCommand):
    """A command with an option for every setting of a test."""

    def get_params(self, ctx: Any) -> list[Any]:
        options = field_options((spec, spec.meta.help) for spec in field_specs(TrialSettings))
        return [*super().get_params(ctx), *options]


class PromoteCommand(TyperCommand):
    """`trellis quick-tests promote`, with an option for every setting that a full run may have otherwise."""

    def get_params(self, ctx: Any) -> list[Any]:
        specs = [spec for spec in field_specs(TrialSettings) if spec.name in CHANGEABLE]
        return [*super().get_params(ctx), *field_options((spec, spec.meta.help) for spec in specs)]


def given_settings(context: typer.Context) -> dict[str, Any]:
    """The settings of a test that were given as options, as the values that they stand for."""
    text = {spec.name: spec.value_type is str for spec in field_specs(TrialSettings)}
    return {key: value if text[key] else typed(value, key) for key, value in given_fields(context).items()}


def given_overrides(
    epochs: int | None, batch_size: int | None, learning_rate: float | None
) -> dict[str, float | None]:
    """What a test uses instead of the model's own, by the names of `Overrides`."""
    return {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}


def promote(
    context: typer.Context,
    promoted: Test,  # `test` is an option: the share of a random split
    name: Annotated[
        str | None, typer.Option(help="What the model is called instead of as the test is.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the test's.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make a model of a completed test and follow its first run: the same code on another sample or split, or for longer."""
    settings = given_settings(context)
    with opened() as workbench:
        run = RecommenderService(workbench).tests.promote(
            actor=actor(),
            key=find_quick_test(workbench, promoted).id,
            name=name,
            epochs=epochs,
            settings=settings,
            confirmed=yes,
        )
        if not as_json:
            made = workbench.state().models[run.subject.id]
            tested = find_quick_test(workbench, promoted)
            say(f"The model {made.name} was made from test #{tested.number}.")
        raise typer.Exit(follow(workbench, run, as_json=as_json))


def export(
    test: Test,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; default: quick-test-N.zip here.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a test as one zip file: model, embeddings, vocabularies, code, snapshot, figures, report."""
    with opened() as workbench:
        run = find_quick_test(workbench, test)
        path = Path(export_name(run)) if to is None else to
        if path.is_dir():
            message = f"{path} is a folder."
            raise CommandError(message, "to", f"Name a file in it, such as {path / export_name(run)}.")
        free_place(path, workbench.settings, force=force, option="--to")
        with writing(path) as file:
            RecommenderService(workbench).tests.export(run.id, file)
    if as_json:
        print_json({"file": str(path.absolute()), "size": path.stat().st_size, "sha256": sha256_of(path)})
        return
    console().print(f"{path}, {path.stat().st_size:,} bytes", markup=False, soft_wrap=True)


def delete(test: Test, as_json: AsJson = False) -> None:
    """Delete a test that has ended. Its configurations stay; `restore` brings it back."""
    with opened() as workbench:
        run = find_quick_test(workbench, test)
        done = RecommenderService(workbench).tests.delete(actor=actor(), key=run.id)
    if as_json:
        print_json({"id": done.id, "number": done.number, "deleted_at": done.deleted_at})
        return
    say(f"Deleted test #{done.number}. `trellis quick-tests restore {done.number}` brings it back.")


def restore(test: Test, as_json: AsJson = False) -> None:
    """Bring a deleted test back."""
    with opened() as workbench:
        done = RecommenderService(workbench).tests.restore(actor=actor(), key=test)
        if as_json:
            print_json(values(workbench, done))
            return
    say(f"Test #{done.number} is back.")


def estimate(
    context: typer.Context,
    features: Features,
    model: Model,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    as_json: AsJson = False,
) -> None:
    """Say what a test would take, and what keeps it from starting or is doubtful about it, without starting it."""
    trial = {
        "settings": given_settings(context),
        "overrides": given_overrides(epochs, batch_size, learning_rate),
    }
    with opened() as workbench:
        service = RecommenderService(workbench)
        pair = {
            "feature_config": find_config(workbench, FEATURES, features).id,
            "model_config": find_config(workbench, MODELS, model).id,
        }
        problems = service.tests.problems(**pair, **trial)
        found = None if problems else service.estimates.forecast(**pair, **trial)
        rating = trial["settings"].get("rating_column")
        issues = () if problems else service.tests.issues(**pair, rating_column=rating)
    checklist = [
        *({"code": p.code, "path": p.path, "message": p.message, "severity": "error", "hint": p.hint} for p in problems),
        *({"code": str(i.code), "path": i.path, "message": i.message, "severity": i.severity, "hint": None} for i in issues),
    ]  # fmt: skip
    if as_json:
        told = None if found is None else asdict(found) | {"calibrated": found.duration.calibrated}
        needs = found is not None and found.needs_confirmation
        print_json(
            {
                "can_start": found is not None,
                "needs_confirmation": needs,
                "checklist": checklist,
                "forecast": told,
            }
        )
        return
    _print_forecast(found)
    for line in checklist:
        code, hint = f" ({line['code']})" if line["code"] else "", f" {line['hint']}" if line["hint"] else ""
        say(f"{line['severity']}: {line['path']}: {line['message']}{code}{hint}")
    for warning in () if found is None else found.warnings:
        say(f"{warning.code} {warning.severity}: {warning.message}. {warning.action.words}.")


def _print_forecast(found: Forecast | None) -> None:
    if found is None:
        print_pairs([("Can start", "no")])
        return
    time, gib = found.duration, 2**30
    span = f", {duration(time.low)} to {duration(time.high)} here so far" if time.calibrated else ""
    needed = "not known yet" if found.memory is None else f"up to {found.memory / gib:.1f} GiB"
    of = "" if found.memory_limit is None else f" of {found.memory_limit / gib:.1f} GiB"
    print_pairs(
        [
            ("Can start", "yes, with --yes" if found.needs_confirmation else "yes"),
            ("Time", "not calibrated yet" if time.seconds is None else f"about {duration(time.seconds)}{span}"),
            ("Cost", found.cost.text),
            ("Memory", f"{needed}{of}"),
        ]
    )  # fmt: skip
