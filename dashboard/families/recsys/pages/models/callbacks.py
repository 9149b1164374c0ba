"""What the wizard of models does: apply gestures and typed values to its draft, draw what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, set_props

from dashboard.acting import needs
from dashboard.components import Action
from dashboard.context import AppContext, current
from dashboard.families.recsys import layer_control
from dashboard.families.recsys.pages import wizard_callbacks
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.drafts import Edited, applied_gestures, counted, restored
from dashboard.families.recsys.pages.models.ids import ASSUMED, FEATURES, FORM, RATIO
from dashboard.forms import Look, by_field, looks_to_json
from dashboard.later import Later

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.models import builder, draft, side, steps, view
    from dashboard.families.recsys.pages.models.draft import ModelDraft
    from dashboard.families.recsys.pages.models.verdict import ModelVerdict
else:
    _HERE = "dashboard.families.recsys.pages.models"
    builder, draft, side, steps, view = (Later(f"{_HERE}.{name}") for name in ("builder", "draft", "side", "steps", "view"))

_FIELDS = {"form": FORM, "field": ALL}
_PARTS = ("start", "presets", "towers", "types", "optimizers", "head", "stopping", "weights-words")
"""Parts that are drawn anew after an edit, in the order of `parts`."""


def register(app: Dash) -> None:
    """Add the wizard's callbacks."""

    @app.callback(
        *wizard_callbacks.outputs(MODELS), *(Output(MODELS.id(part), "children") for part in _PARTS),
        Output(MODELS.id("rating"), "hidden"), Output(MODELS.id("balance"), "hidden"),
        Input(MODELS.id("action"), "data"), Input(_FIELDS, "value"), Input(MODELS.id("name"), "value"),
        Input(MODELS.id("description"), "value"), Input(FEATURES, "value"), Input(RATIO, "value"), Input(MODELS.id("kept"), "data"),
        State(MODELS.id("draft"), "data"), State(_FIELDS, "id"), State(MODELS.id("view"), "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
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
        seen: Any,
    ) -> Any:
        held = view.read(data) or view.draft_of(current(), data.get("key", "") if isinstance(data, Mapping) else "")
        back = restored(held, kept)
        if back is not None:
            # Over a reload the browser kept what had not been saved: its controls are filled from it.
            _fill(back)
            return drawn(current(), Edited(back), seen)
        typed = draft.with_fields(held, steps.form_specs(), by_field(ids, raw), steps.form_values(held.document))
        typed = replace(typed, name=name or "", description=description or "", features="" if features in (None, ASSUMED) else features)
        typed = with_balance(typed, balance)
        after = applied_gestures(typed, gestures, partial(done, current()))
        if after.draft.name != typed.name:
            set_props(MODELS.id("name"), {"value": after.draft.name})
        if after.draft.document != typed.document:
            _refill(typed, after.draft)
        return drawn(current(), replace(after, draft=counted(held, after.draft)), seen)

    wizard_callbacks.register(app, MODELS, view, lambda held, id: layer_control.after_saving(held.back, id))


def with_balance(held: ModelDraft, balance: Any) -> ModelDraft:
    """The draft with the slider's place, where somebody moved it; the slider runs from retrieval to ranking."""
    from recsys.editing.models import with_ratio

    shown = steps.slider_value(held)
    if shown is None or balance is None or str(balance) == shown or _kind(held) != "multitask":
        return held
    return held.changed(with_ratio(held.document, 1 - float(balance)))


def _kind(held: ModelDraft) -> str:
    return held.readable.values["model_type"]


def done(context: AppContext, held: ModelDraft, action: Action) -> Edited[ModelDraft]:
    """What a gesture makes of a draft; `fix` sets what a warning offers. Raises CommandError."""
    if action.name != "fix":
        return draft.edited(held, action)
    found = next((w for w in view.verdict_of(context, held).warnings if str(w.code) == action.id), None)
    if found is None:
        return Edited(held)
    return Edited(held.changed({**held.document, **found.action.settings}), said=found.action.words)


def drawn(context: AppContext, after: Edited[ModelDraft], seen: Any = None) -> tuple[Any, ...]:
    """The outputs of `edit`; `seen` is what the last answer told the browser."""
    held = after.draft
    verdict = view.verdict_of(context, held)
    kind = _kind(held)
    shown, digests = wizard_callbacks.changed(dict(zip(_PARTS, parts(held, verdict), strict=True)), seen)
    looked = looks_to_json(FORM, looks(held, verdict))
    common = wizard_callbacks.common(side.GUIDE, after, verdict, side.summary(held, verdict), looked, digests)
    return (*common, *shown.values(), kind == "retrieval", kind != "multitask")


def parts(held: ModelDraft, verdict: ModelVerdict) -> tuple[Any, ...]:
    """The content of `_PARTS`."""
    return (
        builder.preset_cards(verdict), builder.presets(held, verdict), builder.towers(held, verdict), steps.types(held, locked=verdict.locked), steps.optimizers(held),
        steps.head(held, verdict), steps.stopping(held), steps.weights_words(held, verdict),
    )  # fmt: skip


def looks(held: ModelDraft, verdict: ModelVerdict) -> dict[str, Look]:
    """How each field of the registry looks."""
    from workbench.fields import applies

    values = held.readable.values
    return {
        spec.name: Look(
            shown=spec.meta.in_form and spec.meta.unavailable is None and applies(spec, values),
            error=next((issue.message for issue in verdict.errors if issue.path == spec.name), None),
        )
        for spec in steps.form_specs()
    }


def _refill(before: ModelDraft, after: ModelDraft) -> None:
    """Tell the controls whose settings a gesture changed."""
    was, wanted = steps.form_values(before.document), steps.form_values(after.document)
    for name, value in wanted.items():
        if was.get(name) != value:
            set_props({"form": FORM, "field": name}, {"value": value})
    if steps.slider_value(before) != steps.slider_value(after):
        set_props(RATIO, {"value": steps.slider_value(after) or "0.5"})


def _fill(held: ModelDraft) -> None:
    for name, value in steps.form_values(held.document).items():
        set_props({"form": FORM, "field": name}, {"value": value})
    wizard_callbacks.filled(MODELS, held)
    set_props(FEATURES, {"value": held.features or ASSUMED})
    set_props(RATIO, {"value": steps.slider_value(held) or "0.5"})
