"""Who did what: the model's journal and that of its runs in words, with undo for what this browser did last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, link_button, section, time_of
from dashboard.live.words import plural
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


@dataclass(frozen=True)
class Told:
    """One page of a model's history: its entries, newest first, and from which journal number on older ones go on (None: there are none)."""

    entries: tuple[HistoryEntry, ...]
    older: int | None


def entries_of(workbench: Workbench, model_id: str, limit: int, before: int | None = None) -> Told:
    """The entries about a model and about the course of its runs: starts, stops that were asked for, resumes, ends.

    Args:
        limit: how many at most. before: only those of smaller journal numbers.
    """
    runs = [run for run in workbench.state().runs_of(model_id) if before is None or run.journal_seq < before]
    # A page tells the course of so many runs, and ends where that of the next one began.
    floor = runs[RUNS_TOLD - 1].journal_seq if len(runs) > RUNS_TOLD else 0
    found = {entry.seq: entry for entry in workbench.history(Kind.MODEL, model_id, limit + 1, before=before)}
    for run in runs[:RUNS_TOLD]:
        for entry in workbench.history(Kind.RUN, run.id, limit + 1, before=before):
            words = _COURSE.get(entry.command, "").format(run.number)
            if entry.command == "FinishRunCommand":
                words = entry.words.replace("The run", f"Run #{run.number}")
            if words:
                found[entry.seq] = replace(found.get(entry.seq, replace(entry, changes=())), words=words)
    told = [found[seq] for seq in sorted(found, reverse=True) if seq > floor][:limit]
    more = bool(told) and (len(found) > len(told) or floor > 0)
    return Told(tuple(told), told[-1].seq if more else None)


def history(
    view: ModelView,
    entries: Sequence[Entry],
    *,
    undo_words: str | None,
    me: str,
    names: Mapping[str, str],
    older: int | None = None,
    newest: bool = True,
) -> Component:
    """The History tab.

    Args:
        entries: newest first. undo_words: what this browser would undo, if anything. me: this browser's actor.
        names: actor -> display name chosen in Settings. older: where older entries go on, None without any.
        newest: whether these are the newest.
    """
    if not entries and newest:
        return empty_state("No history yet", "Everything that is done to this model will be listed here.")
    specs = view.model_type.fields.specs
    base = f"/model/{view.record.id}/history"
    rows = [_entry(entry, specs, me, names, base) for entry in entries]
    undo = undo_button(undo_words)
    note = "Newest first. Undo takes back what you did last, here or elsewhere, as long as nobody has changed it since."
    way = [] if newest else [link_button("Newest entries", base, small=True)]
    way += [] if older is None else [link_button("Older entries", f"{base}?before={older}", small=True)]
    body = [
        html.Ol(rows, className="timeline") if rows else html.P("Nothing is older.", className="muted"),
        html.Div(way, className="timeline-way"),
    ]
    return section("History", body, note=note, aside=undo)


def undo_button(words: str | None) -> Component | None:
    """Takes back what this browser did last, if there is anything."""
    if not words:
        return None
    return button(f"Undo: {words}", kind="secondary", small=True, icon_name="arrow-counterclockwise", **act("model-action", "undo"))


def _entry(entry: Entry, specs: Mapping[str, FieldSpec], me: str, names: Mapping[str, str], base: str) -> Component:
    changes = [c for c in entry.changes if _worth_showing(c)]
    labels = [c for c in changes if c.path.startswith(_LABELS)]
    if len(labels) > 1:
        changes = [c for c in changes if not c.path.startswith(_LABELS)]
    listed = [html.Li(words) for words in label_words(labels)] if len(labels) > 1 else []
    listed += [html.Li(_change(c, specs)) for c in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        listed.append(html.Li(f"and {len(changes) - MOST_CHANGES} more", className="muted"))
    who = "you" if entry.actor == me else actor_name(entry.actor, names)
    was = dcc.Link("Show as it was", href=f"{base}?at={entry.seq}", className="timeline-was", title=f"The model after this: {entry.words}")
    body: list[Any] = [html.Div([html.Strong(entry.words), html.Span([" by ", who, ", ", time_of(entry.at)], className="muted"), was])]
    created = any(c.path == "family" for c in entry.changes)
    if listed and not created:
        body.append(html.Ul(listed, className="changes"))
    return html.Li([icon(_picture(entry.command), className="timeline-icon"), html.Div(body)])


_LABELS = "labels."


def label_words(changes: Sequence[Change]) -> list[str]:
    """Changes of many labels in words: "12 items labelled 7, 3 of them otherwise before", the most frequent first."""
    words = []
    for label, count in Counter(change.new for change in changes).most_common():
        again = sum(change.new == label and change.old is not None for change in changes)
        items = plural(count, "item")
        if label is None:
            words.append(f"{items} no longer labelled")
        else:
            words.append(f"{items} labelled {label}{f', {again} of them otherwise before' if again else ''}")
    return words


def _worth_showing(change: Change) -> bool:
    return change.old != change.new and not change.path.startswith("weights")


def _change(change: Change, specs: Mapping[str, FieldSpec]) -> list[Any]:
    spec = _field_at(change.path, specs)
    name = change.path.rsplit(".", 1)[-1]
    own = spec.label if spec is not None else name.replace("_", " ").capitalize()
    label = f"Label of item {name}" if change.path.startswith(_LABELS) else own
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
