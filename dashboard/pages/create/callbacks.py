"""What the Create page does: fill, judge, show the data, create."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.forms import by_field, looks_to_json
from dashboard.live import launch
from dashboard.pages.create import layout, view
from dashboard.pages.create.start import moved
from dashboard.pages.create.summary import ACTION, create_label, summary
from dashboard.pages.create.verdict import FORM, NAME, SAMPLE_FORM, Verdict, name_problem
from workbench.commands.base import CommandError
from workbench.state import ModelRecord

_FIELDS = {"form": FORM, "field": ALL}
_SAMPLE = {"form": SAMPLE_FORM, "field": ALL}
_BUTTONS_WAIT = [(Output("create-only", "disabled"), True, False), (Output("create-train", "disabled"), True, False)]
"""While the controls are being filled, creating would still take what they held before."""


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(
        Output(_FIELDS, "value"), Output(_SAMPLE, "value"), Output("create-base", "data"), Output("create-preset", "options"),
        Input("create-preset", "value"), Input("create-dataset", "value"), Input("create-draft", "data"), Input(_SAMPLE, "value"),
        State("create-base", "data"), State(_FIELDS, "value"), State(_FIELDS, "id"), State(_SAMPLE, "id"),
        running=_BUTTONS_WAIT,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def fill(preset: str, dataset: str, draft: Any, sample: list, base: dict, raw: list, ids: list, sample_ids: list) -> Any:
        if ctx.triggered_id == "create-draft":
            return fill_from_draft(draft, base, ids, sample_ids)
        wanted = base | {"preset": preset} | ({"dataset": dataset} if dataset else {})
        if ctx.triggered_id == "create-preset" and dataset:
            wanted["dataset"] = view.dataset_for(current(), base | {"preset": preset})
            set_props("create-dataset", {"value": wanted["dataset"]})
        if wanted == base:
            return follow(base, by_field(sample_ids, sample), by_field(ids, raw), ids, sample_ids)
        return refill(base, wanted, by_field(ids, raw), by_field(sample_ids, sample), ids, sample_ids)

    @app.callback(
        Output("create-view", "data"), Output("create-summary", "children"), Output(NAME, "placeholder"), Output("create-name-message", "children"),
        Output("create-train", "children"), Output("create-train", "data-jump"), Output("create-only", "data-jump"),
        Input(_FIELDS, "value"), Input(_SAMPLE, "value"), Input(NAME, "value"), Input("create-base", "data"), Input("create-tick", "n_intervals"),
        State(_FIELDS, "id"), State(_SAMPLE, "id"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def judge(raw: list, sample: list, name: str | None, base: dict, _tick: int | None, ids: list, sample_ids: list) -> Any:
        fields, settings = by_field(ids, raw), by_field(sample_ids, sample)
        verdict = view.judged(current(), base, fields, settings, name or "")
        draft = {"base": base, "raw": fields, "sample": settings, "name": name or ""}
        looks = looks_to_json(FORM, verdict.looks) | looks_to_json(SAMPLE_FORM, verdict.sample_looks)
        jump = verdict.missing.target if verdict.missing else ""
        clash = name_problem(name or "", view.names_in_use(current())) or ""
        panel = summary(view.start_of(current(), base), verdict)
        return {"looks": looks, "draft": draft}, panel, verdict.name, clash, create_label(verdict), jump, jump

    @app.callback(
        Output("create-strip", "children"), Output("create-dataset-words", "children"),
        Input(_SAMPLE, "value"), Input("create-base", "data"), Input("create-drawn", "data"), State(_SAMPLE, "id"),
    )  # fmt: skip
    @needs("read")
    def show_sample(sample: list, base: dict, fetched: Any, sample_ids: list) -> Any:
        start = view.start_of(current(), base)
        return view.strip(current(), start, by_field(sample_ids, sample), fetch=bool(fetched)), start.source.description

    @app.callback(
        Output("create-drawn", "data"), Input("create-fetch", "n_clicks"), State("create-base", "data"), prevent_initial_call=True
    )
    @needs("train")
    def fetch(clicks: int | None, base: dict) -> Any:
        if not clicks:
            return no_update
        source = view.start_of(current(), base).source
        current().workbench.datasets.load(source.id)
        notify(f"{source.name} is ready.")
        return clicks

    @app.callback(
        Output("create-dataset", "options"), Output("create-dataset", "value"), Output(layout.UPLOAD, "contents"),
        Input(layout.UPLOAD, "contents"), State(layout.UPLOAD, "filename"), State("create-base", "data"),
        running=[(Output(layout.UPLOAD, "disabled"), True, False)],
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def take_upload(contents: str | None, name: str | None, base: dict) -> Any:
        if not contents:
            return no_update, no_update, no_update
        made = view.import_upload(current(), actor(), base, contents, name or "")
        notify(f"Imported {made.name}.", undo=current().workbench.state().versions[made.id])
        return layout.dataset_options(view.start_of(current(), base)), made.id, None

    @app.callback(Output("create-from", "disabled"), Input("create-from", "value"), prevent_initial_call=True)
    @needs("read")
    def start_from(model_id: str | None) -> Any:
        if not model_id or model_id == layout.NO_MODEL:
            return no_update
        shell.go(f"/create?from={model_id}")
        return True

    @app.callback(Output("create-preset", "className"), Input(ACTION, "data"), State("create-base", "data"), prevent_initial_call=True)
    @needs("read")
    def choose_alternative(data: Any, base: dict) -> Any:
        action = read_action(data)
        if action is not None and action.name == "alternative":
            for name in view.start_of(current(), base).model_type.alternatives:
                set_props({"form": FORM, "field": name}, {"value": action.id})
        return no_update

    @app.callback(
        Output("create-only", "disabled"), Output("create-train", "disabled"),
        Input("create-only", "n_clicks"), Input("create-train", "n_clicks"),
        State(_FIELDS, "value"), State(_SAMPLE, "value"), State(NAME, "value"), State("create-base", "data"), State(_FIELDS, "id"), State(_SAMPLE, "id"),
        running=_BUTTONS_WAIT,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def create(
        only: int | None, train: int | None, raw: list, sample: list, name: str | None, base: dict, ids: list, sample_ids: list
    ) -> Any:
        if not (only or train):
            return no_update, no_update
        settings = by_field(sample_ids, sample)
        verdict = view.judged(current(), base, by_field(ids, raw), settings, name or "")
        model = create_model(base, verdict, (name or "").strip())
        if ctx.triggered_id == "create-train":
            # A refusal is said on the model's page, where it can be started again. From here on the model is deleted, not undone.
            launch.ask_start(model.id)
            notify(f"Created {model.name}.")
        else:
            notify(f"Created {model.name}.", undo=current().workbench.state().versions[model.id])
        set_props("create-view", {"data": {"looks": {}, "draft": None}})
        shell.go(f"/model/{model.id}/train")
        return no_update, no_update

    app.clientside_callback(
        ClientsideFunction("trellis", "create_judged"),
        Output("create-view", "storage_type"),
        Input("create-view", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "upload_quiet"), Output(layout.UPLOAD_PLACE, "className"), Input(layout.UPLOAD_PLACE, "id")
    )
    app.clientside_callback(ClientsideFunction("trellis", "create_restore"), Output("create-draft", "data"), Input("create-draft", "id"))


def create_model(base: dict[str, Any], verdict: Verdict, name: str) -> ModelRecord:
    """Create the model or clone that the form describes. Raises CommandError for a form that is not complete."""
    if verdict.missing is not None:
        raise CommandError(f"{verdict.missing.label}: {verdict.missing.message}", hint="Fix it and create again.")
    workbench, start = current().workbench, view.start_of(current(), base)
    values = verdict.values(start)
    if start.clone is not None:
        return workbench.models.clone(actor=actor(), model_id=start.clone.id, name=name or verdict.name, values=values)
    return workbench.models.create(
        actor=actor(),
        family=start.family.name,
        model_type=start.model_type.name,
        dataset_id=start.source.id,
        values=values,
        sample=verdict.sample_settings.model_dump() if verdict.sample_settings else {},
        name=name or None,
    )


def refill(base: dict, wanted: dict, raw: dict[str, Any], sample: dict[str, Any], ids: list, sample_ids: list) -> Any:
    """The controls' values after another preset (all of them new) or another dataset (what was changed stays)."""
    before, after = view.start_of(current(), base), view.start_of(current(), wanted)
    if wanted["preset"] != base["preset"]:
        fields, settings = after.raw(), after.sample_raw() if sample else {}
    else:
        fields, settings = moved(raw, before.raw(), after.raw()), moved(sample, before.sample_raw(), after.sample_raw())
    return _listed(ids, fields), _listed(sample_ids, settings), layout.base_of(after), layout.preset_options(layout.offers(after))


def follow(base: dict, sample: dict[str, Any], raw: dict[str, Any], ids: list, sample_ids: list) -> Any:
    """The controls' values after another sample: those that follow from it and that nobody changed."""
    before = view.start_of(current(), base)
    after = replace(before, asked=sample)
    fields = moved(raw, before.raw(), after.raw())
    if before.clone is not None or fields == raw:
        return [no_update] * len(ids), [no_update] * len(sample_ids), no_update, no_update
    return _listed(ids, fields), [no_update] * len(sample_ids), layout.base_of(after), no_update


def fill_from_draft(draft: Any, base: dict, ids: list, sample_ids: list) -> Any:
    """The controls' values as they were before a reload; nothing for a draft of another page."""
    nothing = [no_update] * len(ids), [no_update] * len(sample_ids), no_update, no_update
    if not isinstance(draft, dict) or not isinstance(draft.get("base"), dict) or draft["base"].get("from") != base.get("from"):
        return nothing
    start = view.start_of(current(), draft["base"])
    fields = start.raw() | _texts(draft.get("raw"))
    settings = start.sample_raw() | _texts(draft.get("sample"))
    set_props("create-preset", {"value": start.choice})
    if sample_ids:
        set_props("create-dataset", {"value": start.source.id})
    set_props(NAME, {"value": str(draft.get("name") or "")})
    return _listed(ids, fields), _listed(sample_ids, settings), layout.base_of(start), layout.preset_options(layout.offers(start))


def _listed(ids: list, values: dict[str, Any]) -> list[Any]:
    return [values.get(str(id["field"]), no_update) for id in ids]


def _texts(raw: Any) -> dict[str, Any]:
    return {str(k): v for k, v in raw.items() if isinstance(v, str | bool)} if isinstance(raw, dict) else {}
