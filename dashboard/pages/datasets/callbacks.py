"""What the Datasets pages do: take in data, show a dataset, change its words, delete it."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from dashboard import shell
from dashboard.about import data_shown_at
from dashboard.acting import needs
from dashboard.below import is_own
from dashboard.components import notify, read_action
from dashboard.components.look import draw_look
from dashboard.context import actor, current
from dashboard.forms import by_field
from dashboard.live.words import plural
from dashboard.pages.datasets import layout, view
from workbench.datasets import DatasetError
from workbench.services.imports import Imported

_FIELDS = {"form": layout.FORM, "field": ALL}
_SETTINGS = {"form": layout.MAKE_FORM, "field": ALL}


def register(app: Dash) -> None:
    """Add the pages' callbacks."""

    @app.callback(
        Output(layout.UPLOAD, "contents"),
        Input(layout.UPLOAD, "contents"), State(layout.UPLOAD, "filename"), State("datasets-family", "data"), State(layout.THEN, "data"),
        State(_FIELDS, "value"), State(_FIELDS, "id"),
        running=[(Output(layout.UPLOAD, "disabled"), True, False)],
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def upload(contents: str | None, name: str | None, family: str | None, then: str | None, values: list, ids: list) -> Any:
        if not contents:
            return no_update
        announce(view.take_upload(current(), actor(), family, contents, name or "", by_field(ids, values)), then)
        return None

    app.clientside_callback(
        ClientsideFunction("trellis", "upload_quiet"),
        Output(layout.UPLOAD_PLACE, "className"),
        Input(layout.UPLOAD_PLACE, "id"),
    )

    @app.callback(
        Output("datasets-message", "children"),
        Input("datasets-import", "n_clicks"), State("datasets-path", "value"), State("datasets-name", "value"),
        State("datasets-family", "data"), State(layout.THEN, "data"), State(_FIELDS, "value"), State(_FIELDS, "id"),
        running=[(Output("datasets-import", "disabled"), True, False)],
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def import_named(clicks: int | None, path: str, name: str, family: str | None, then: str | None, values: list, ids: list) -> Any:
        if not clicks:
            return no_update
        made = view.take_folder(current(), actor(), family, path or "", name or "", by_field(ids, values))
        announce(made, then)
        return ""

    @app.callback(
        Output("datasets-make-message", "children"),
        Input("datasets-make", "n_clicks"), State("datasets-make-name", "value"), State("datasets-family", "data"), State("datasets-source", "data"),
        State(layout.THEN, "data"), State(_SETTINGS, "value"), State(_SETTINGS, "id"),
        running=[(Output("datasets-make", "disabled"), True, False)],
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def make(clicks: int | None, name: str | None, family: str | None, source: str, then: str | None, values: list, ids: list) -> Any:
        if not clicks:
            return no_update
        record = view.make(current(), actor(), family, source, name or "", by_field(ids, values))
        notify(f"Made {record.name}.", undo=current().workbench.state().versions[record.id])
        shell.go(_shown_at(then, record.id))
        return ""

    @app.callback(
        Output("dataset-preview", "children"), Output("dataset-statistics", "children"),
        Input("dataset-look", "data"), Input(layout.ACTION, "data"), State("dataset-look", "data"),
    )  # fmt: skip
    @needs("read")
    def look(asked: Any, action: Any, known: Any) -> Any:
        clicked = read_action(action)
        wanted = isinstance(known, dict) and (not known.get("ask") or (clicked is not None and clicked.name == "look"))
        if not wanted or (ctx.triggered_id == layout.ACTION and (clicked is None or clicked.name != "look")):
            return no_update, no_update
        try:
            datasets = current().workbench.datasets
            return draw_look(datasets.preview(known["id"]), pixels=48), draw_look(datasets.statistics(known["id"]))
        except DatasetError as error:
            return html.P(str(error), className="field-message", role="alert"), ""

    @app.callback(Output("dataset-delete", "disabled"), Input(layout.ACTION, "data"), prevent_initial_call=True)
    @needs("train")
    def delete(data: Any) -> Any:
        action = read_action(data)
        if action is None or action.name != "delete":
            return no_update
        record = current().workbench.datasets.delete(actor=actor(), dataset_id=action.id)
        notify(f"Deleted {record.name}.", undo=current().workbench.state().versions[record.id])
        shell.go("/datasets")
        return True

    @app.callback(
        Output("dataset-save", "title"),
        Input("dataset-save", "n_clicks"), State("dataset-id", "data"), State("dataset-name", "value"), State("dataset-notes", "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def save(clicks: int | None, dataset_id: str, name: str | None, notes: str | None) -> Any:
        if not clicks:
            return no_update
        workbench = current().workbench
        before = workbench.state().datasets.get(dataset_id)
        same = before is not None and before.name == (name or "").strip()
        record = workbench.datasets.update(actor=actor(), dataset_id=dataset_id, name=None if same else name or "", notes=notes or "")
        notify(f"Saved {record.name}.", undo=workbench.state().versions[dataset_id])
        shell.redraw()
        return "Saved"


def _shown_at(then: str | None, id: str) -> str:
    """The address of a new dataset: below that of the page that made it, which must be one of this server's."""
    return f"{then}/{id}" if then and is_own(then) else f"/datasets/{id}"


def imported_words(made: Imported, *, noticed_there: bool) -> str:
    """What an import made, in one message.

    Args:
        noticed_there: whether the page of the data shows what should be known of it, so that the message only counts it.
    """
    said = [f"Imported {made.record.name}."]
    if made.notices and noticed_there:
        said.append(f"{plural(len(made.notices), 'notice')} below.")
    elif made.notices:
        said += made.notices
    if made.skipped:
        rest = f" and {len(made.skipped) - 3:,} more" if len(made.skipped) > 3 else ""
        said.append(f"Left out: {'; '.join(made.skipped[:3])}{rest}.")
    return " ".join(said)


def announce(made: Imported, then: str | None = None) -> None:
    """Say what an import made and left out, and go to look at it; `then`: below which address it is shown."""
    workbench = current().workbench
    words = imported_words(made, noticed_there=bool(data_shown_at(made.record.family, made.record.id)))
    kind: Any = "warning" if made.notices or made.skipped else "good"
    notify(words, kind=kind, undo=workbench.state().versions[made.record.id])
    shell.go(_shown_at(then, made.record.id))
