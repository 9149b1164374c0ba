"""`trellis quick-tests`: features and a model tried out together, measured beside simple baselines."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from recsys.cli.comparing import (
    BEST,
    Compared,
    protocol_differences,
    table_of_differences,
    table_of_figures,
    table_of_pairs,
)
from recsys.cli.finding import find_config
from recsys.cli.following import find_quick_test, follow, title_of, values
from recsys.cli.histograms import show_histograms
from recsys.cli.results import print_results, results_of
from recsys.cli.test_actions import (
    BatchSize,
    Epochs,
    Features,
    LearningRate,
    Model,
    SettingsCommand,
    Test,
    Yes,
    add_actions,
    given_overrides,
    given_settings,
)
from recsys.quick_tests import status_of
from recsys.records import FEATURES, MODELS
from recsys.service import RecommenderService
from recsys.services.pairing import paired_with_first
from recsys.trial import TrialPayload, TrialSettings
from workbench.cli.opening import actor, opened
from workbench.cli.output import (
    AsJson,
    print_json,
    print_pairs,
    print_table,
    say,
)
from workbench.cli.words import duration, headline
from workbench.commands.base import CommandError

app = typer.Typer(
    help="Quick tests: features and a model tried out together, beside simple baselines.",
    invoke_without_command=True,
)

TRAINER = "trainer.py"
Everything = Annotated[bool, typer.Option("--all", help="Every figure instead of the usual ones.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List quick tests, newest first."""
    if context.invoked_subcommand is None:
        list_tests(as_json=as_json)


@app.command("start", cls=SettingsCommand)
def start(
    context: typer.Context,
    features: Features,
    model: Model,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    name: Annotated[str, typer.Option(help="What the test is called.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Try features and a model together and follow the test. Ctrl+C cancels it; what it has learned is kept."""
    settings = given_settings(context)
    overrides = given_overrides(epochs, batch_size, learning_rate)
    with opened() as workbench:
        chosen, record = find_config(workbench, FEATURES, features), find_config(workbench, MODELS, model)
        run = RecommenderService(workbench).tests.start(
            actor=actor(), feature_config=chosen.id, model_config=record.id, name=name, settings=settings,
            overrides=overrides, confirmed=yes,
        )  # fmt: skip
        raise typer.Exit(follow(workbench, run, as_json=as_json))


@app.command("list")
def list_tests(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50, as_json: AsJson = False
) -> None:
    """List quick tests, newest first."""
    with opened() as workbench:
        workbench.runs.look()
        found = RecommenderService(workbench).tests.list()[:limit]
        if as_json:
            print_json([values(workbench, run) for run in found])
            return
    rows = [
        (f"#{run.number}", title_of(run), status_of(run).word, headline(run), duration(run.duration_seconds))
        for run in found
    ]
    empty = "No quick tests yet. `trellis quick-tests start FEATURES MODEL` makes one."
    print_table(("No.", "Features + model", "Status", "Result", "Time"), rows, empty)


@app.command("show")
def show(test: Test, everything: Everything = False, as_json: AsJson = False) -> None:
    """Show a test: what it was told, how it stands, and what it found."""
    with opened() as workbench:
        workbench.runs.look()
        run = find_quick_test(workbench, test)
        told = results_of(workbench, run)
        found = values(workbench, run, told)
    if as_json:
        print_json(found)
        return
    payload = TrialPayload.model_validate(run.payload)
    settings = TrialSettings.model_validate(payload.settings)
    status = status_of(run)
    changed = {key: value for key, value in payload.overrides.model_dump().items() if value is not None}
    pairs = [
        ("Test", f"#{run.number} {payload.name}".strip()),
        ("Features", payload.features_of.words()),
        ("Model", "" if payload.model_of is None else payload.model_of.words()),
        ("Status", status.word + (f", {status.error_code}" if status.error_code else "")),
        ("Progress", _progress(found) if run.state.active else ""),
        ("Reason", run.reason),
        ("Stage", found["error_stage"] or ""),
        ("What to do", found["hint"] or ""),
        ("Resumable", f"yes: `trellis runs resume {run.number}`" if status.resumable else ""),
        ("Split", settings.split_words(timed=payload.columns.timestamp is not None)),
        ("Sample", "" if settings.sample_percent >= 100 else f"{settings.sample_percent:g} % of {settings.sample_unit}"),
        ("Overrides", ", ".join(f"{key} {value}" for key, value in changed.items())),
        ("Epochs", str(run.epochs_done)),
        ("Time", duration(run.duration_seconds)),
        ("Folder", found["folder"]),
    ]  # fmt: skip
    print_pairs([(label, value) for label, value in pairs if value])
    if told is not None:
        print_results(told, everything=everything)


def _progress(found: dict[str, Any]) -> str:
    stage = found["current_stage"]
    return f"{found['progress_percent']:.0f} %{f', {stage}' if stage else ''}"


@app.command("cancel")
def cancel(test: Test, as_json: AsJson = False) -> None:
    """Ask a test to stop and wait until it has; what it has learned is kept."""
    with opened() as workbench:
        run = RecommenderService(workbench).tests.cancel(
            actor=actor(), key=find_quick_test(workbench, test).id
        )
        raise typer.Exit(follow(workbench, run, as_json=as_json))


@app.command("resume")
def resume(test: Test, as_json: AsJson = False) -> None:
    """Have a test that was stopped or interrupted go on from its last checkpoint, and follow it."""
    with opened() as workbench:
        run = RecommenderService(workbench).tests.resume(
            actor=actor(), key=find_quick_test(workbench, test).id
        )
        raise typer.Exit(follow(workbench, run, as_json=as_json))


@app.command("rerun")
def rerun(
    test: Test,
    current: Annotated[
        bool, typer.Option("--current", help="With both configurations as they are now, not as they were.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Repeat a test and follow it: the same data, configurations and seed give the same figures."""
    with opened() as workbench:
        run = RecommenderService(workbench).tests.rerun(
            actor=actor(), key=find_quick_test(workbench, test).id, mode="current" if current else "snapshot",
            confirmed=yes,
        )  # fmt: skip
        raise typer.Exit(follow(workbench, run, as_json=as_json))


@app.command("compare")
def compare(
    tests: Annotated[list[str], typer.Argument(metavar="TEST...", help="2 to 5 tests.")],
    as_json: AsJson = False,
) -> None:
    """Show 2 to 5 tests beside each other: figures with the best marked, and what was different."""
    with opened() as workbench:
        found = list({run.id: run for run in (find_quick_test(workbench, test) for test in tests)}.values())
        if not 2 <= len(found) <= 5:
            raise CommandError(f"2 to 5 different tests can be compared, not {len(found)}.", "tests")
        compared = []
        for run in found:
            told = results_of(workbench, run)
            if told is None:
                raise CommandError(
                    f"Test #{run.number} is {status_of(run).word} and has no results.", "tests",
                    "Compare tests that are completed.", code="conflict",
                )  # fmt: skip
            compared.append(Compared(run, told))
        shown = [values(workbench, one.run, one.told) for one in compared]
        pairs = paired_with_first(workbench, [one.run for one in compared])
    figures, changes = table_of_figures(compared), table_of_differences(compared)
    protocols = protocol_differences(compared)
    if as_json:
        differing = [dict(zip(changes.columns, row, strict=True)) for row in changes.rows]
        paired = [
            {"number": pair.run.number, "against": pair.against.number, "reason": pair.reason,
             "figures": {name: lift.model_dump() for name, lift in pair.figures.items()}}
            for pair in pairs
        ]  # fmt: skip
        print_json({"tests": shown, "differences": differing, "paired": paired, "protocols": protocols})
        return
    print_table(figures.columns, figures.rows, "Nothing was measured.")
    table = table_of_pairs(pairs)
    if table.rows:
        print_table(table.columns, table.rows, "")
    print_table(changes.columns, changes.rows, "They were told the same.")
    say(f"{BEST} is the best of its row.")
    for pair in pairs:
        if pair.reason is not None:
            say(f"#{pair.run.number} against #{pair.against.number}: no interval. {pair.reason}")
    for line in protocols:
        say(line)


@app.command("code")
def code(test: Test) -> None:
    """Print the trainer.py that a test ran, as it was kept with it."""
    with opened() as workbench:
        run = find_quick_test(workbench, test)
        path = workbench.runs.lying(run.id, TRAINER)
        if not path.exists():
            message = f"Test #{run.number} has no code: it is {status_of(run).word} and did not get that far."
            raise CommandError(message, "test", code="conflict")
        sys.stdout.write(path.read_text(encoding="utf-8"))


app.command("histograms")(show_histograms)
add_actions(app)
