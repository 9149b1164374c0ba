"""What `trellis quick-tests` does with a test that has ended: make it a full run, take it along."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from recsys.cli.documents import typed
from recsys.cli.following import find_quick_test, follow
from recsys.commands.promoting import CHANGEABLE
from recsys.service import RecommenderService
from recsys.services.exporting import export_name
from recsys.trial import TrialSettings
from workbench.artefacts import sha256_of, writing
from workbench.cli.field_options import field_options, given_fields
from workbench.cli.opening import actor, opened
from workbench.cli.output import AsJson, console, print_json, say
from workbench.commands.base import CommandError
from workbench.fields import field_specs

Test = Annotated[str, typer.Argument(metavar="TEST", help="The test's id or number.")]


def add_actions(app: typer.Typer) -> None:
    """Add these commands to a group's."""
    app.command("promote", cls=PromoteCommand)(promote)
    app.command("export")(export)


class PromoteCommand(TyperCommand):
    """`trellis quick-tests promote`, with an option for every setting that a full run may have otherwise."""

    def get_params(self, ctx: Any) -> list[Any]:
        specs = [spec for spec in field_specs(TrialSettings) if spec.name in CHANGEABLE]
        return [*super().get_params(ctx), *field_options((spec, spec.meta.help) for spec in specs)]


def given_settings(context: typer.Context) -> dict[str, Any]:
    """The settings of a test that were given as options, as the values that they stand for."""
    text = {spec.name: spec.value_type is str for spec in field_specs(TrialSettings)}
    return {key: value if text[key] else typed(value, key) for key, value in given_fields(context).items()}


def promote(
    context: typer.Context,
    promoted: Test,  # `test` is an option: the share of a random split
    name: Annotated[
        str | None, typer.Option(help="What the model is called instead of as the test is.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the test's.")] = None,
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
        )
        if not as_json:
            say(f"The model {workbench.state().models[run.subject.id].name} goes back to this test.")
        raise typer.Exit(follow(workbench, run, as_json=as_json))


def export(
    test: Test,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; default: quick-test-N.zip here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a test as one zip file: model, embeddings, vocabularies, code, snapshot, figures, report. An older file gives way."""
    with opened() as workbench:
        run = find_quick_test(workbench, test)
        path = Path(export_name(run)) if to is None else to
        if path.is_dir():
            message = f"{path} is a folder."
            raise CommandError(message, "to", f"Name a file in it, such as {path / export_name(run)}.")
        with writing(path) as file:
            RecommenderService(workbench).tests.export(run.id, file)
    if as_json:
        print_json({"file": str(path.absolute()), "size": path.stat().st_size, "sha256": sha256_of(path)})
        return
    console().print(f"{path}, {path.stat().st_size:,} bytes", markup=False, soft_wrap=True)
