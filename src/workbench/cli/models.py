"""`trellis models`: list models and show one."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.opening import find_model, opened
from workbench.cli.output import AsJson, print_json, print_pairs, print_table
from workbench.cli.words import IN_LISTS, headline
from workbench.families import model_type
from workbench.fields import is_editable
from workbench.state import AppState, ModelRecord
from workbench.values import stored_values

app = typer.Typer(help="List models, show one.", invoke_without_command=True)


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """List models, newest first."""
    if context.invoked_subcommand is None:
        list_models(as_json)


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List models, newest first."""
    with opened() as workbench:
        state = workbench.state()
        models = sorted((m for m in state.models.values() if m.deleted_at is None), key=lambda m: -m.number)
    if as_json:
        print_json([_values(state, model) for model in models])
        return
    rows = [(f"#{m.number}", m.id, m.name, state.dataset_of(m) or "–", _standing(state, m)) for m in models]
    print_table(("No.", "Id", "Name", "Data", "Latest run"), rows, "No models yet. `trellis train --preset NAME --data digits` makes one.")


@app.command("show")
def show(model: Annotated[str, typer.Argument(help="The model's id, number or name.")], as_json: AsJson = False) -> None:
    """Show one model: its architecture in words and its training settings."""
    with opened() as workbench:
        record = find_model(workbench, model)
        state = workbench.state()
        if as_json:
            print_json(_values(state, record))
            return
        pairs = [
            ("Name", record.name),
            ("Id", record.id),
            ("Data", state.dataset_of(record) or "–"),
            ("Latest run", _standing(state, record)),
        ]
        pairs += workbench.models.summary(record)
        fields = model_type(record.family, record.model_type).fields
        pairs += [(name, str(value)) for name, value in stored_values(fields, record.config).items() if is_editable(fields.specs[name])]
    print_pairs(pairs)


def _standing(state: AppState, model: ModelRecord) -> str:
    runs = state.runs_of(model.id)
    return f"#{runs[0].number} {runs[0].state.value} {headline(runs[0], IN_LISTS)}".strip() if runs else "never trained"


def _values(state: AppState, model: ModelRecord) -> dict[str, object]:
    runs = state.runs_of(model.id)
    return {**model.model_dump(mode="json"), "latest_run": runs[0].id if runs else None}
