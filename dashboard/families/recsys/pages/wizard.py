"""The wizards of features and of models as pages: steps beside one summary. Pure.

All steps are in the page and one of them is shown, so that going back and forth loses nothing; which one stands in the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import button, icon, link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.components.gestures import gestures
from dashboard.families.recsys.pages import addresses, stale
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.families.recsys.pages.drafts import Draft
from dashboard.families.recsys.pages.verdict import Verdict
from recsys.issues import Issue

AWAITS: Mapping[bool, dict[str, Any]] = {True: {"data-awaits": "1"}, False: {}}
"""The attributes of what is shown only once a wizard was touched, and of everything else."""


@dataclass(frozen=True)
class Guide:
    """How a wizard is divided into steps, and where what is wrong is mended.

    Attributes:
        steps: their names, in order. create: what the main button says for a new one.
        step_of: the step on which an issue is mended, from 1. target_of: the element or field of it that an issue leads to.
    """

    chapter: Chapter
    steps: tuple[str, ...]
    create: str
    step_of: Callable[[Issue], int]
    target_of: Callable[[Issue], str]

    def step_asked(self, query: Mapping[str, str] | None) -> int:
        """The step that an address names, from 1; the first for any other text."""
        asked = (query or {}).get("step", "")
        return int(asked) if asked in {str(n) for n in range(1, len(self.steps) + 1)} else 1

    def wrong_steps(self, verdict: Verdict) -> dict[int, bool]:
        """Steps with something to fix -> whether all of it is only that nothing was typed yet."""
        found: dict[int, bool] = {}
        for issue in verdict.errors:
            found[self.step_of(issue)] = found.get(self.step_of(issue), True) and verdict.awaits(issue)
        return found

    def leads_to(self, issue: Issue | None) -> dict[str, str]:
        """Attributes of a button that leads to where an issue is mended; of one that leads nowhere for None."""
        return {"data-jump": self.target_of(issue) if issue else "", "data-step": str(self.step_of(issue)) if issue else ""}

    def save_jump(self, verdict: Verdict) -> dict[str, str]:
        """Where the main button leads while something is wrong."""
        return self.leads_to(next(iter(verdict.errors), None))

    def save_label(self, verdict: Verdict, *, saved: bool) -> str:
        """What the main button says.

        Args:
            saved: whether there is a stored configuration that the draft edits.
        """
        if verdict.errors:
            return f"Name {self.chapter.what}" if verdict.errors[0].path == "name" else "Fix what is wrong"
        return "Save" if saved else self.create

    def checks(self, verdict: Verdict, others: Iterable[Any]) -> Component:
        """What must be fixed, each leading to its place, and what is worth knowing.

        Args:
            others: what keeps nothing from being saved, each as the content of a line.
        """
        items = [
            html.Li(
                [icon("x-octagon"), html.Button(issue.message, type="button", className="check-link", **attrs(self.leads_to(issue)))],
                className="check-error", **AWAITS[verdict.awaits(issue)],
            )
            for issue in verdict.errors
        ]  # fmt: skip
        items += [html.Li([icon("exclamation-triangle"), words], className="check-warning") for words in others]
        if not verdict.errors:
            items.append(html.Li([icon("check2"), html.Span("Everything fits together.")], className="check-good"))
        waits = bool(verdict.errors) and all(map(verdict.awaits, verdict.errors)) and len(items) == len(verdict.errors)
        return html.Ul(items, className="checks", **attrs({"aria-live": "polite"}), **AWAITS[waits])


def page(
    guide: Guide, draft: Draft, verdict: Verdict, *, step: int, title: str, lead: str, crumb: str | None, summary: Component,
    steps: Sequence[Component], cancel: str = "", more: Sequence[Component] = (),
) -> Component:  # fmt: skip
    """The whole page.

    Args:
        step: the one that is shown, from 1. crumb: name of the stored configuration that is edited.
        summary: what stands at the side. steps: what each shows, see `step`. more: stores of its own.
        cancel: where Cancel leads; "" to the stored one, or to the list.
    """
    chapter = guide.chapter
    crumbs = chapter.crumbs
    if crumb is not None and draft.stored_id is not None:
        crumbs.append((crumb, addresses.one(chapter.address, draft.stored_id)))
    stores = [
        dcc.Store(id=chapter.id("draft"), data=draft.to_json()),
        *(dcc.Store(id=chapter.id(part)) for part in ("action", "view", "kept")),
    ]
    save = button(
        guide.save_label(verdict, saved=draft.version is not None),
        id=chapter.id("save"),
        kind="primary",
        **attrs(guide.save_jump(verdict)),
    )
    side = html.Aside(
        [html.Div(summary, id=chapter.id("side"), className="panel side-panel", tabIndex=0), stale.place(chapter), _buttons(save, cancel=cancel or left(draft, chapter))],
        className="side", **attrs({"aria-label": "Summary"}),
    )  # fmt: skip
    return html.Div(
        [
            *stores, *more, page_header(title, lead=lead, crumbs=crumbs),
            step_bar(guide.steps, step, guide.wrong_steps(verdict)),
            html.Div([html.Div(list(steps), className="wizard-steps"), side], className="with-side"),
            html.Div(id=chapter.id("said"), className="visually-hidden", **attrs({"aria-live": "polite"})),
        ],
        id=chapter.id("wizard"), className="wizard", **attrs({"data-step": str(step)}), **gestures(chapter.id("action")),
    )  # fmt: skip


def left(draft: Draft, chapter: Chapter) -> str:
    """Where one is who leaves a wizard without saving: at the stored configuration that it edits, or in the list."""
    return chapter.address if draft.stored_id is None else addresses.one(chapter.address, draft.stored_id)


def _buttons(save: Component, *, cancel: str) -> Component:
    """Cancel, Back, Next, and Save, which says what is missing and leads there."""
    back, following = button("Back", **attrs({"data-step-by": "-1"})), button("Next", **attrs({"data-step-by": "1"}))
    return html.Div([link_button("Cancel", cancel, kind="quiet"), back, following, save], className="side-buttons wizard-buttons")


def step_bar(names: Sequence[str], step: int, wrong: Mapping[int, bool]) -> Component:
    """The steps as buttons; one with something to fix says so.

    Args:
        step: the one that is shown, from 1. wrong: those with something to fix, as `Guide.wrong_steps` says it.
    """
    items = [
        html.Li(
            html.Button(
                [html.Span(str(n), className="step"), html.Span(name), html.Span("to fix", className="step-wrong", hidden=n not in wrong, **AWAITS[wrong.get(n, False)])],
                type="button", className="wizard-step", **attrs({"data-goto-step": str(n), **({"aria-current": "step"} if n == step else {})}),
            )
        )
        for n, name in enumerate(names, 1)
    ]  # fmt: skip
    return html.Nav(html.Ol(items, className="wizard-bar"), **attrs({"aria-label": "Steps"}))


def step(number: int, children: Sequence[Any]) -> Component:
    """What a step shows."""
    return html.Div(list(children), className="wizard-page", **attrs({"data-page-step": str(number)}))


def names(chapter: Chapter, draft: Draft, verdict: Verdict) -> Component:
    """The section with a draft's name and its description."""
    name, description = chapter.id("name"), chapter.id("description")
    message = html.P(name_message(verdict), id=chapter.id("name-message"), className="field-message", **attrs({"aria-live": "polite"}))
    fields = [
        html.Div(
            [
                html.Label("Name", htmlFor=name, className="field-label"),
                dbc.Input(id=name, type="text", value=draft.name, debounce=400, autocomplete="off", maxlength=255),
                message,
            ],
            className="field field-name",
        ),
        html.Div(
            [
                html.Label("Description", htmlFor=description, className="field-label"),
                dbc.Textarea(id=description, value=draft.description, debounce=400, rows=2, maxlength=4000),
            ],
            className="field field-name",
        ),
    ]
    return section("Name", html.Div(fields, className="wizard-words"))


def name_message(verdict: Verdict) -> list[Component]:
    """What is wrong with a name."""
    return [html.Span(issue.message, **AWAITS[verdict.awaits(issue)]) for issue in verdict.of("name")]


MOST_COPIES = 6


def copies(chapter: Chapter, stored: Sequence[Any]) -> list[Component]:
    """Links that begin with a copy of a stored configuration, the latest of them; nothing where there is none."""
    if not stored:
        return []
    links = [
        dcc.Link(record.name, href=addresses.new(chapter.address, of=record.id), className="btn btn-sm btn-outline-secondary")
        for record in stored[:MOST_COPIES]
    ]
    group = html.Div(links, className="kinds", role="group", **attrs({"aria-label": "Copy of"}))
    return [html.Div([html.Span("Copy of", className="field-label"), group])]
