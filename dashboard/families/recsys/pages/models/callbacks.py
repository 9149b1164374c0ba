"""What the wizard does: apply gestures and typed values to its draft, draw what changed, save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update, set_props

from dashboard import shell
from dashboard.components import Action, notify
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.drafts import Edited, applied_gestures, restored
from dashboard.families.recsys.pages.models import builder, side, steps, wizard
from dashboard.families.recsys.pages.models.draft import ModelDraft, edited, with_fields
from dashboard.families.recsys.pages.models.verdict import Verdict
from dashboard.forms import Look, by_field, looks_to_json
from dashboard.later import Later
from recsys.editing.models import with_ratio
from recsys.model.draft import FIELDS, read_draft
from workbench.fields import applies

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.models import view
else:
    view = Later("dashboard.families.recsys.pages.models.view")

_FIELDS = {"form": steps.FORM, "field": ALL}


def register(app: Dash) -> None:
    """Add the wizard's callbacks."""

    @app.callback(
        Output(wizard.DRAFT, "data"), Output(wizard.VIEW, "data"), Output("recsys-model-side", "children"),
        Output("recsys-model-presets", "children"), Output("recsys-model-towers", "children"), Output("recsys-model-types", "children"),
        Output("recsys-model-optimizers", "children"), Output("recsys-model-head", "children"), Output("recsys-model-stopping", "children"),
        Output("recsys-model-weights-words", "children"), Output("recsys-model-rating", "hidden"), Output("recsys-model-balance", "hidden"),
        Output("recsys-model-name-message", "children"), Output("recsys-model-save", "children"), Output("recsys-model-save", "data-jump"),
        Output("recsys-model-save", "data-step"), Output("recsys-model-said", "children"),
        Input(builder.ACTION, "data"), Input(_FIELDS, "value"), Input(side.NAME, "value"), Input(wizard.DESCRIPTION, "value"),
        Input(wizard.FEATURES, "value"), Input(steps.RATIO, "value"), Input("recsys-model-kept", "data"),
        State(wizard.DRAFT, "data"), State(_FIELDS, "id"),
        prevent_initial_call=True,
    )  # fmt: skip
    def edit(
        gestures: Any,
        raw: list,
        name: str | None,
        description: str | None,
        features: str | None,
        balance: Any,
        kept: Any,
        data: Any,
        ids: list,
    ) -> Any:
        key = data.get("key", "") if isinstance(data, Mapping) else ""
        draft = ModelDraft.read(data, key) or view.draft_of(current(), key)
        back = restored(draft, kept)
        if back is not None:
            # Over a reload the browser kept what had not been saved: its controls are filled from it.
            _fill(back)
            return drawn(current(), Edited(back))
        typed = with_fields(draft, steps.form_specs(), by_field(ids, raw), steps.form_values(draft.document))
        typed = replace(
            typed, name=name or "", description=description or "", features="" if features in (None, wizard.ASSUMED) else features
        )
        typed = with_balance(typed, balance)
        after = applied_gestures(typed, gestures, partial(done, current()))
        if after.draft.document != typed.document:
            _refill(typed, after.draft)
        return drawn(current(), after)

    @app.callback(
        Output("recsys-model-save", "disabled"), Input("recsys-model-save", "n_clicks"), State(wizard.DRAFT, "data"),
        running=[(Output("recsys-model-save", "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    def save(clicks: int | None, data: Any) -> Any:
        draft = ModelDraft.read(data, data.get("key", "")) if clicks and isinstance(data, Mapping) else None
        if draft is None:
            return no_update
        record = view.save(current(), actor(), draft)
        notify(f"Saved {record.name}.", undo=current().workbench.state().version)
        set_props(wizard.DRAFT, {"data": replace(draft, over=True).to_json()})
        shell.go(addresses.MODELS)
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
        Output("recsys-model-kept", "data"),
        Input("recsys-model-kept", "id"),
        State(wizard.DRAFT, "data"),
    )


def with_balance(draft: ModelDraft, balance: Any) -> ModelDraft:
    """The draft with the slider's place, where somebody moved it; the slider runs from retrieval to ranking."""
    held = steps.slider_value(draft)
    if held is None or balance is None or str(balance) == held or read_draft(draft.document).values["model_type"] != "multitask":
        return draft
    return draft.changed(with_ratio(draft.document, 1 - float(balance)))


def done(context: AppContext, draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """What a gesture makes of a draft; `fix` sets what a warning offers. Raises CommandError."""
    if action.name != "fix":
        return edited(draft, action)
    found = next((w for w in view.verdict_of(context, draft).warnings if str(w.code) == action.id), None)
    if found is None:
        return Edited(draft)
    return Edited(draft.changed({**draft.document, **found.action.settings}), said=found.action.words)


def drawn(context: AppContext, after: Edited[ModelDraft]) -> tuple[Any, ...]:
    """The outputs of `edit`."""
    draft = after.draft
    verdict = view.verdict_of(context, draft)
    kind = read_draft(draft.document).values["model_type"]
    told = {
        "looks": looks_to_json(steps.FORM, looks(draft, verdict)),
        "focus": after.focus,
        "wrong": sorted({side.step_of(i) for i in verdict.errors}),
    }
    jump = wizard.save_jump(verdict)
    return (
        draft.to_json(), told, side.summary(draft, verdict), builder.presets(draft, verdict), builder.towers(draft, verdict),
        steps.types(draft, locked=verdict.locked), steps.optimizers(draft), steps.head(draft, verdict), steps.stopping(draft),
        steps.weights_words(draft, verdict), kind == "retrieval", kind != "multitask", wizard.name_words(draft, verdict),
        wizard.save_label(verdict, saved=draft.version is not None), jump["data-jump"], jump["data-step"], after.said,
    )  # fmt: skip


def looks(draft: ModelDraft, verdict: Verdict) -> dict[str, Look]:
    """How each field of the registry looks."""
    values = read_draft(draft.document).values
    return {
        spec.name: Look(
            shown=spec.meta.in_form and spec.meta.unavailable is None and applies(spec, values),
            error=next((issue.message for issue in verdict.errors if issue.path == spec.name), None),
        )
        for spec in steps.form_specs()
    }


def _refill(before: ModelDraft, after: ModelDraft) -> None:
    """Tell the controls whose settings a gesture changed."""
    held, wanted = steps.form_values(before.document), steps.form_values(after.document)
    for name, value in wanted.items():
        if held.get(name) != value and name in FIELDS.specs:
            set_props({"form": steps.FORM, "field": name}, {"value": value})
    if steps.slider_value(before) != steps.slider_value(after):
        set_props(steps.RATIO, {"value": steps.slider_value(after) or "0.5"})


def _fill(draft: ModelDraft) -> None:
    for name, value in steps.form_values(draft.document).items():
        set_props({"form": steps.FORM, "field": name}, {"value": value})
    set_props(side.NAME, {"value": draft.name})
    set_props(wizard.DESCRIPTION, {"value": draft.description})
    set_props(wizard.FEATURES, {"value": draft.features or wizard.ASSUMED})
    set_props(steps.RATIO, {"value": steps.slider_value(draft) or "0.5"})
