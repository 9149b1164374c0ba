"""Who did what: the model's journal and that of its runs in words, with undo for what this browser did last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, section, time_of
from dashboard.pages.model.view import ModelView
from workbench.actors import actor_name
from workbench.fields import FieldSpec, show_value, value_words
from workbench.state import Kind

if TYPE_CHECKING:
    from workbench.store.history import HistoryEntry
    from workbench.workbench import Workbench

MOST_CHANGES = 12
RUNS_TOLD = 50
"""The newest runs of a model whose course its history tells."""

_COURSE = {
    "StartRunCommand": "Start run #{}",
    "RequestStopCommand": "Ask run #{} to stop",
    "ResumeRunCommand": "Resume run #{}",
    "MarkInterruptedCommand": "Run #{} was interrupted",
}
"""What is told of a run, by the command that did it; `{}` is the run's number."""


class Change(Protocol):
    """One change of a history entry."""

    @property
    def path(self) -> str: ...
    @property
    def old(self) -> Any: ...
    @property
    def new(self) -> Any: ...


class Entry(Protocol):
    """One entry of the history, as `Workbench.history` returns it."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def changes(self) -> Sequence[Change]: ...


def entries_of(workbench: Workbench, model_id: str, limit: int) -> list[HistoryEntry]:
    """The newest entries about a model and about the course of its runs, newest first: starts, stops that were asked for, resumes, ends."""
    found = {entry.seq: entry for entry in workbench.history(Kind.MODEL, model_id, limit)}
    for run in workbench.state().runs_of(model_id)[:RUNS_TOLD]:
        for entry in workbench.history(Kind.RUN, run.id, limit):
            words = _COURSE.get(entry.command, "").format(run.number)
            if entry.command == "FinishRunCommand":
                words = entry.words.replace("The run", f"Run #{run.number}")
            if words:
                found[entry.seq] = replace(found.get(entry.seq, replace(entry, changes=())), words=words)
    return [found[seq] for seq in sorted(found, reverse=True)][:limit]


def history(view: ModelView, entries: Sequence[Entry], *, undo_words: str | None, me: str, names: Mapping[str, str]) -> Component:
    """The History tab.

    Args:
        entries: newest first. undo_words: what this browser would undo, if anything. me: this browser's actor.
        names: actor -> display name chosen in Settings.
    """
    if not entries:
        return empty_state("No history yet", "Everything that is done to this model will be listed here.")
    specs = view.model_type.fields.specs
    rows = [_entry(entry, specs, me, names) for entry in entries]
    undo: Component | None = None
    if undo_words:
        undo = button(
            f"Undo: {undo_words}", kind="secondary", small=True, icon_name="arrow-counterclockwise", **act("model-action", "undo")
        )
    note = "Newest first. Undo takes back what you did last, here or elsewhere, as long as nobody has changed it since."
    return section("History", html.Ol(rows, className="timeline"), note=note, aside=undo)


def _entry(entry: Entry, specs: Mapping[str, FieldSpec], me: str, names: Mapping[str, str]) -> Component:
    changes = [c for c in entry.changes if _worth_showing(c)]
    listed = [html.Li(_change(c, specs)) for c in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        listed.append(html.Li(f"and {len(changes) - MOST_CHANGES} more", className="muted"))
    who = "you" if entry.actor == me else actor_name(entry.actor, names)
    body: list[Any] = [html.Div([html.Strong(entry.words), html.Span([" by ", who, ", ", time_of(entry.at)], className="muted")])]
    created = any(c.path == "family" for c in entry.changes)
    if listed and not created:
        body.append(html.Ul(listed, className="changes"))
    return html.Li([icon(_picture(entry.command), className="timeline-icon"), html.Div(body)])


def _worth_showing(change: Change) -> bool:
    return change.old != change.new and not change.path.startswith("weights")


def _change(change: Change, specs: Mapping[str, FieldSpec]) -> list[Any]:
    spec = _field_at(change.path, specs)
    name = change.path.rsplit(".", 1)[-1]
    own = spec.label if spec is not None else name.replace("_", " ").capitalize()
    label = f"Label of item {name}" if change.path.startswith("labels.") else own
    shown = [html.Span(f"{label}: "), html.Span(_shown(change.old, spec), className="old"), html.Span(" became ", className="muted")]
    return [*shown, html.Span(_shown(change.new, spec), className="new")]


def _field_at(path: str, specs: Mapping[str, FieldSpec]) -> FieldSpec | None:
    """The field whose path a record's path ends in."""
    parts = path.split(".")
    return next((specs[name] for cut in range(len(parts)) if (name := ".".join(parts[cut:])) in specs), None)


def _shown(value: Any, spec: FieldSpec | None) -> str:
    words = value_words(spec, value) if spec is not None and spec.composite is not None and value is not None else show_value(value)
    text = "nothing" if value in (None, "", (), []) else words
    return text if len(text) <= 80 else f"{text[:77]}..."


def _picture(command: str) -> str:
    words = {
        "Create": "plus-circle", "Clone": "copy", "Update": "sliders", "Rename": "pencil", "Label": "tag", "Delete": "trash", "Restore": "arrow-up-circle",
        "Undo": "arrow-counterclockwise", "Redo": "arrow-clockwise", "Tag": "tag", "Note": "sticky", "Finish": "flag", "Start": "play", "Stop": "stop", "Resume": "skip-forward",
        "Interrupted": "exclamation-triangle",
    }  # fmt: skip
    return next((picture for word, picture in words.items() if word in command), "dot")
