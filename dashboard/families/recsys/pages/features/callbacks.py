"""What the wizard of features does: apply gestures to its draft, draw what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, html, no_update

from dashboard.acting import needs
from dashboard.context import AppContext, current
from dashboard.families.recsys.pages import addresses, wizard_callbacks
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.drafts import Edited, applied_gestures, counted, restored
from dashboard.families.recsys.pages.services import recommenders
from dashboard.later import Later
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.features import builder, draft, side, view
    from dashboard.families.recsys.pages.features.draft import FeatureDraft
else:
    _HERE = "dashboard.families.recsys.pages.features"
    builder, draft, side, view = (Later(f"{_HERE}.{name}") for name in ("builder", "draft", "side", "view"))


def register(app: Dash) -> None:
    """Add the wizard's callbacks."""

    @app.callback(
        *wizard_callbacks.outputs(FEATURES), Output(FEATURES.id("board"), "children"), Output(FEATURES.id("tools"), "children"),
        Input(FEATURES.id("action"), "data"), Input(FEATURES.id("name"), "value"), Input(FEATURES.id("description"), "value"),
        Input(FEATURES.id("kept"), "data"), State(FEATURES.id("draft"), "data"), State(FEATURES.id("view"), "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def edit(gestures: Any, name: str | None, description: str | None, kept: Any, data: Any, seen: Any) -> Any:
        held = view.read(data) or view.draft_of(current(), data.get("key", "") if isinstance(data, Mapping) else "")
        back = restored(held, kept)
        if back is not None:
            wizard_callbacks.filled(FEATURES, back)
            return drawn(current(), Edited(back), seen)
        typed = replace(held, name=name or "", description=description or "")
        schema = view.facts_of(current(), held.dataset).schema
        after = applied_gestures(typed, gestures, partial(draft.edited, schema))
        return drawn(current(), replace(after, draft=counted(held, after.draft)), seen)

    @app.callback(Output(FEATURES.id("sample"), "children"), Input(FEATURES.id("draft"), "data"))
    @needs("read")
    def show_rows(data: Any) -> Any:
        from recsys.data.stats import SAMPLE
        from recsys.features.draft import read_draft

        held = view.read(data)
        if held is None or held.over:
            return no_update
        try:
            rows: list[Mapping[str, Any]] = list(recommenders(current().workbench).tables.sample(held.dataset, SAMPLE))
        except (CommandError, DatasetError) as error:
            return html.P(str(error), className="field-message", role="alert")
        target = read_draft(held.document).target
        return builder.sample(rows, held.document, target.column if target is not None else None)

    wizard_callbacks.register(app, FEATURES, view, lambda _, id: addresses.one(FEATURES.address, id))


def drawn(context: AppContext, after: Edited[FeatureDraft], seen: Any = None) -> tuple[Any, ...]:
    """The outputs of `edit`; `seen` is what the last answer told the browser."""
    held = after.draft
    verdict = view.verdict_of(context, held)
    shown, digests = wizard_callbacks.changed({"board": builder.board(held, verdict), "tools": builder.starts(held)}, seen)
    return (*wizard_callbacks.common(side.GUIDE, after, verdict, side.summary(verdict), parts=digests), *shown.values())
