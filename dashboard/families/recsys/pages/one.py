"""The page of a stored configuration, and of two side by side: what features and models have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.acting import needs
from dashboard.components import act, button, empty_state, link_button, notify, page_header, read_action, run_badge, section, time_of
from dashboard.components.code import code
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.shell import go, redraw
from recsys.differences import Difference, differences
from recsys.records import ConfigRecord
from workbench.commands.base import CommandError
from workbench.state import RunRecord

MOST_TESTS = 20


def actions(chapter: Chapter, record: ConfigRecord, test: str) -> list[Component]:
    """What can be done with one.

    Args:
        test: the address where a test with it is started.
    """
    return [
        link_button("Edit", addresses.edit(chapter.address, record.id)), link_button("Clone", addresses.new(chapter.address, of=record.id)),
        button("Delete", kind="danger", icon_name="trash", **act(chapter.one_action, "delete", record.id)),
        link_button("Test it", test, kind="primary"),
    ]  # fmt: skip


def tests(runs: Sequence[RunRecord]) -> Component:
    """Links to tests, the newest."""
    if not runs:
        return html.P("No test has used it yet.", className="field-help")
    rows = [
        html.Li([dcc.Link(f"Test #{run.number}", href=addresses.one_test(run.id)), " ", run_badge(run), " ", time_of(run.created_at)])
        for run in runs[:MOST_TESTS]
    ]
    return html.Ul(rows, className="plain-list")


def as_json(document: Mapping[str, Any], name: str) -> Component:
    """The section with the document itself.

    Args:
        name: of the file that it is saved as.
    """
    return section("As JSON", code(json.dumps(document, indent=2, ensure_ascii=False), name=name))


def refused(error: CommandError, lead: str) -> Component:
    """Why code cannot be written."""
    reasons = [html.Li(problem.message) for problem in error.problems] or [html.Li(error.message)]
    return html.Div([html.P(lead), html.Ul(reasons)], className="notice notice-warning", role="alert")


def versions(chapter: Chapter, record: Any, said: Callable[[Sequence[Difference] | None], tuple[str, Sequence[Any]]]) -> Component:
    """Every version with what it changed, the newest first.

    Args:
        said: words that go with the version's number and what stands behind it, for what it changed; None for the first one.
    """
    known = sorted(record.versions.values(), key=lambda v: v.version, reverse=True)
    items = []
    for version, before in zip_longest(known, known[1:]):
        words, detail = said(differences(before.config, version.config) if before is not None else None)
        back = (
            [] if version.version == record.version
            else [button("Restore", small=True, **act(chapter.one_action, "restore", record.id, value=str(version.version)))]
        )  # fmt: skip
        title = [html.Strong(f"Version {version.version}"), *([f" · {words}"] if words else [])]
        items.append(html.Li([*title, " · ", time_of(version.at), " ", *back, *detail]))
    return html.Ul(items, className="plain-list versions")


def two_of(chapter: Chapter, context: AppContext, query: Mapping[str, str] | None, drawn: Callable[[Any, Any], Component]) -> Component:
    """The page of a comparison; one that says how to choose two where `?ids=a,b` names more or fewer. Raises CommandError not_found.

    Args:
        drawn: both beside one another.
    """
    found = {record.id: record for record in map(chapter.configs(context).get, frame.query_ids(query or {}))}
    return drawn(*found.values()) if len(found) == 2 else _nothing_to_compare(chapter, len(found))


def _nothing_to_compare(chapter: Chapter, count: int) -> Component:
    text = f"Two different {chapter.key} can be compared, and the address names {count}. Press Compare on two of the list."
    return html.Div(
        [
            page_header(f"Compare {chapter.key}", crumbs=chapter.crumbs),
            empty_state(f"Choose two {chapter.key}", text, actions=[link_button(f"To {chapter.title}", chapter.address, kind="primary")]),
        ]
    )


def how_many(found: Sequence[Difference]) -> str:
    """How much differs, as a sentence."""
    return f"{len(found)} settings differ." if found else "They say the same."


def different(found: Sequence[Difference], left: str, right: str, where: Callable[[str], str], head: str) -> Component:
    """Settings that differ, value beside value.

    Args:
        left, right: what both are called. where: a pointer in words. head: over the column of those words.
    """
    if not found:
        return html.P("Nothing.", className="field-help")
    titles = html.Thead(html.Tr([html.Th(title, scope="col") for title in (head, left, right)]))
    rows = [html.Tr([html.Th(where(d.pointer), scope="row"), html.Td(_shown(d.before)), html.Td(_shown(d.after))]) for d in found]
    return html.Div(html.Table([titles, html.Tbody(rows)], className="table table-sm"), className="table-scroll", tabIndex="0")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) and value.get("column"):
        return str(value["column"])
    return "none" if value is None else json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list | tuple) else str(value)


def register(app: Dash, chapter: Chapter) -> None:
    """Add what the page of a stored one does: delete it, go back to a version."""
    action = chapter.one_action

    @app.callback(Output(action, "storage_type"), Input(action, "data"), prevent_initial_call=True)
    @needs("read", delete="train", restore="train")
    def act_on_it(data: Any) -> Any:
        pressed = read_action(data)
        configs, workbench = chapter.configs(current()), current().workbench
        if pressed is not None and pressed.name == "delete":
            record = configs.delete(actor=actor(), key=pressed.id)
            notify(f"Deleted {record.name}.", undo=workbench.state().versions[record.id])
            go(chapter.address)
        elif pressed is not None and pressed.name == "restore":
            record = configs.restore_version(actor=actor(), key=pressed.id, version=int(pressed.value or 0))
            words = f"Restored version {pressed.value} of {record.name} as version {record.version}."
            notify(words, undo=workbench.state().versions[record.id])
            redraw()
        return no_update
