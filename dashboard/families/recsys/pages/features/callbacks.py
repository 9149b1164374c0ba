"""What the wizard of features does: apply gestures to its draft, draw what changed, save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update, set_props

from dashboard import shell
from dashboard.components import notify
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.drafts import Edited, applied_gestures, restored
from dashboard.families.recsys.pages.features import builder, side, wizard
from dashboard.families.recsys.pages.features.draft import FeatureDraft, edited
from dashboard.families.recsys.pages.services import recommenders
from dashboard.later import Later
from recsys.features.draft import read_draft
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.features import view
else:
    view = Later("dashboard.families.recsys.pages.features.view")


def register(app: Dash) -> None:
    """Add the wizard's callbacks."""

    @app.callback(
        Output(wizard.DRAFT, "data"), Output(wizard.VIEW, "data"), Output("recsys-feature-side", "children"), Output("recsys-feature-board", "children"),
        Output("recsys-feature-tools", "children"), Output("recsys-feature-name-message", "children"), Output("recsys-feature-save", "children"),
        Output("recsys-feature-save", "data-jump"), Output("recsys-feature-save", "data-step"), Output("recsys-feature-said", "children"),
        Input(builder.ACTION, "data"), Input(side.NAME, "value"), Input(wizard.DESCRIPTION, "value"), Input("recsys-feature-kept", "data"),
        State(wizard.DRAFT, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def edit(gestures: Any, name: str | None, description: str | None, kept: Any, data: Any) -> Any:
        key = data.get("key", "") if isinstance(data, Mapping) else ""
        draft = FeatureDraft.read(data, key) or view.draft_of(current(), key)
        back = restored(draft, kept)
        if back is not None:
            set_props(side.NAME, {"value": back.name})
            set_props(wizard.DESCRIPTION, {"value": back.description})
            return drawn(current(), Edited(back))
        typed = replace(draft, name=name or "", description=description or "")
        schema = view.facts_of(current(), draft.dataset).schema
        return drawn(current(), applied_gestures(typed, gestures, partial(edited, schema)))

    @app.callback(Output(wizard.SAMPLE, "children"), Input(wizard.DRAFT, "data"))
    def show_rows(data: Any) -> Any:
        from recsys.data.stats import SAMPLE

        draft = FeatureDraft.read(data, data.get("key", "")) if isinstance(data, Mapping) else None
        if draft is None or draft.over:
            return no_update
        try:
            rows: list[Mapping[str, Any]] = list(recommenders(current().workbench).tables.sample(draft.dataset, SAMPLE))
        except (CommandError, DatasetError) as error:
            return html.P(str(error), className="field-message", role="alert")
        held = read_draft(draft.document).target
        return builder.sample(rows, draft.document, held.column if held is not None else None)

    @app.callback(
        Output("recsys-feature-save", "disabled"), Input("recsys-feature-save", "n_clicks"), State(wizard.DRAFT, "data"),
        running=[(Output("recsys-feature-save", "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    def save(clicks: int | None, data: Any) -> Any:
        draft = FeatureDraft.read(data, data.get("key", "")) if clicks and isinstance(data, Mapping) else None
        if draft is None:
            return no_update
        record = view.save(current(), actor(), draft)
        notify(f"Saved {record.name}.", undo=current().workbench.state().version)
        set_props(wizard.DRAFT, {"data": replace(draft, over=True).to_json()})
        shell.go(f"{addresses.FEATURES}/{record.id}")
        return no_update

    app.clientside_callback(
        ClientsideFunction("trellis", "gestures_done"), Output(wizard.DRAFT, "storage_type"), Input(wizard.DRAFT, "data"), State(builder.ACTION, "id"),
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "wizard_drawn"),
        Output(wizard.VIEW, "storage_type"),
        Input(wizard.VIEW, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "draft_of_page"),
        Output("recsys-feature-kept", "data"),
        Input("recsys-feature-kept", "id"),
        State(wizard.DRAFT, "data"),
    )


def drawn(context: AppContext, after: Edited[FeatureDraft]) -> tuple[Any, ...]:
    """The outputs of `edit`."""
    draft = after.draft
    verdict = view.verdict_of(context, draft)
    told = {"looks": {}, "focus": after.focus, "wrong": sorted({side.step_of(issue) for issue in verdict.errors})}
    jump = wizard.save_jump(verdict)
    return (
        draft.to_json(), told, side.summary(verdict), builder.board(draft, verdict), builder.starts(draft), wizard.name_words(draft, verdict),
        wizard.save_label(verdict, saved=draft.version is not None), jump["data-jump"], jump["data-step"], after.said,
    )  # fmt: skip
