"""What every wizard does: give a draft back, draw what is common, save, keep it over a reload."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update, set_props

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import stale
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.families.recsys.pages.drafts import Draft, Edited
from dashboard.later import Later
from dashboard.markup import folded
from workbench.commands.base import CommandError
from workbench.commands.rules import free_name

if TYPE_CHECKING:
    from dashboard.families.recsys.pages import wizard
    from dashboard.families.recsys.pages.verdict import Verdict
    from dashboard.families.recsys.pages.wizard import Guide
else:
    wizard = Later("dashboard.families.recsys.pages.wizard")


def outputs(chapter: Chapter) -> list[Output]:
    """Where what is common is drawn after an edit; `common` gives the values."""
    save = chapter.id("save")
    return [
        Output(chapter.id("draft"), "data"), Output(chapter.id("view"), "data"), Output(chapter.id("side"), "children"),
        Output(chapter.id("name-message"), "children"), Output(save, "children"), Output(save, "data-jump"), Output(save, "data-step"),
        Output(chapter.id("said"), "children"),
    ]  # fmt: skip


def changed(parts: Mapping[str, Any], view: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """(what is drawn of parts of the page, a digest of each): of one that stands there already, nothing.

    Args:
        view: what the last answer told the browser, as it sends it back; the browser keeps its answers whole or not at all.
    """
    told = view.get("parts") if isinstance(view, Mapping) else None
    known = told if isinstance(told, Mapping) else {}
    made = {name: folded(part) for name, part in parts.items()}
    digests = {name: _digest(part) for name, part in made.items()}
    return {name: no_update if known.get(name) == digests[name] else part for name, part in made.items()}, digests


def _digest(part: Any) -> str:
    text = json.dumps(part, default=lambda component: component.to_plotly_json())
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def common(
    guide: Guide, after: Edited[Any], verdict: Verdict, summary: Any, looks: Mapping[str, Any] | None = None, parts: Mapping[str, str] | None = None
) -> tuple[Any, ...]:  # fmt: skip
    """The values of `outputs`.

    Args:
        summary: what stands at the side. looks: of the fields of the registry, as the browser applies them.
        parts: the digests of `changed`.
    """
    draft: Draft = after.draft
    told = {
        "parts": parts or {},
        "looks": looks or {},
        "focus": after.focus,
        "wrong": {str(n): awaits for n, awaits in guide.wrong_steps(verdict).items()},
    }
    jump = guide.save_jump(verdict)
    return (
        draft.to_json(), told, summary, wizard.name_message(verdict), guide.save_label(verdict, saved=draft.version is not None),
        jump["data-jump"], jump["data-step"], after.said,
    )  # fmt: skip


def filled(chapter: Chapter, draft: Draft) -> None:
    """Tell the controls that every wizard has what a draft holds."""
    set_props(chapter.id("name"), {"value": draft.name})
    set_props(chapter.id("description"), {"value": draft.description})


def save(context: AppContext, chapter: Chapter, who: str, draft: Draft, **own: Any) -> Any:
    """The stored configuration after a draft is saved. Raises CommandError with every issue.

    Args:
        own: what only a new one of the chapter is told.
    """
    configs = chapter.configs(context)
    if draft.stored_id is None:
        return configs.create(actor=who, name=draft.name, document=draft.document, description=draft.description, **own)
    return configs.update(
        actor=who, key=draft.stored_id, name=draft.name, document=draft.document, description=draft.description,
        expected_version=draft.version, expected_revision=draft.revision,
    )  # fmt: skip


def save_as_new(context: AppContext, chapter: Chapter, who: str, draft: Draft, *, within: str | None = None, **own: Any) -> Any:
    """What a draft says, stored as another configuration under a free name. Raises CommandError with every issue.

    Args:
        within: what names are told apart in, such as a table; None for all of the chapter. own: as of `save`.
    """
    from recsys.commands.configs import tidy

    configs = chapter.configs(context)
    name = free_name(context.workbench.state(), configs.KIND, tidy(draft.name), within=within)
    return configs.create(actor=who, name=name, document=draft.document, description=draft.description, **own)


def register(app: Dash, chapter: Chapter, view: Any, leads_to: Callable[[Any, str], str]) -> None:
    """Add what no wizard does in a way of its own.

    Args:
        view: the wizard's module, with `read`, `save` and `save_as_new`. leads_to: where one is led after a draft is saved under an id.
    """
    draft_id, save_id, kept = chapter.id("draft"), chapter.id("save"), chapter.id("kept")

    @app.callback(
        Output(save_id, "disabled"), Input(save_id, "n_clicks"), State(draft_id, "data"),
        running=[(Output(save_id, "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def store(clicks: int | None, data: Any) -> Any:
        draft = view.read(data) if clicks else None
        if draft is None:
            return no_update
        try:
            record = view.save(current(), actor(), draft)
        except CommandError as error:
            if not stale.is_stale(draft, error):
                raise
            set_props(chapter.id("stale"), {"children": stale.notice(chapter, error)})
            return no_update
        notify(f"{'Created' if draft.stored_id is None else 'Saved'} {record.name}.", undo=current().workbench.state().version)
        set_props(draft_id, {"data": replace(draft, over=True).to_json()})
        shell.go(leads_to(draft, record.id))
        return no_update

    stale.register(app, chapter, view)
    app.clientside_callback(
        ClientsideFunction("trellis", "gestures_done"), Output(draft_id, "storage_type"), Input(draft_id, "data"), State(chapter.id("action"), "id")
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "wizard_drawn"), Output(chapter.id("view"), "storage_type"), Input(chapter.id("view"), "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "draft_of_page"), Output(kept, "data"), Input(kept, "id"), State(draft_id, "data")
    )
