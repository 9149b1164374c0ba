"""A model as it was after an entry of its history: what differs from now, its settings and how many labels it had. Pure, and read-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import link_button, section, time_of
from dashboard.components.attributes import attrs
from dashboard.live.words import plural
from dashboard.pages.model.history import Entry, undo_button
from dashboard.pages.model.view import ModelView
from workbench.actors import actor_name
from workbench.families import family
from workbench.families.metrics import plain_words
from workbench.listing.settings import settings_of, specs_of
from workbench.state import LabelValue, ModelRecord

ABSENT = "does not apply"
MOST_LABELS = 40
"""Labels whose counts are listed; of more, those that changed most."""


@dataclass(frozen=True)
class Past:
    """A model at one moment.

    Attributes:
        record, labels: as they were then. labels_now: as they are. entry: the last thing that had been done to it.
    """

    record: ModelRecord
    labels: Mapping[int, LabelValue]
    labels_now: Mapping[int, LabelValue]
    entry: Entry


@dataclass(frozen=True)
class Difference:
    """One thing that was otherwise then: its name, and what it was and is in words."""

    name: str
    then: str
    now: str


def differences(then: ModelRecord, now: ModelRecord, numbers: Mapping[str, int]) -> tuple[Difference, ...]:
    """Name, tags, note, weights and settings that are otherwise now. `numbers`: run id -> number."""
    told = [
        ("Name", then.name, now.name), ("Tags", ", ".join(then.tags), ", ".join(now.tags)), ("Note", then.note, now.note),
        ("Weights", _weights(then, numbers), _weights(now, numbers)), ("Deleted", _deleted(then), _deleted(now)),
    ]  # fmt: skip
    old_payload, new_payload = _kept(then), _kept(now)
    keys = dict.fromkeys([*old_payload, *new_payload])
    told += [(plain_words(key), old_payload.get(key, ""), new_payload.get(key, "")) for key in keys]
    before, after = settings_of(then), settings_of(now)
    for path, spec in specs_of(now.family, now.model_type).items():
        old, new = before.get(path), after.get(path)
        told.append((spec.label, old.words if old else ABSENT, new.words if new else ABSENT))
    return tuple(Difference(name, old or "nothing", new or "nothing") for name, old, new in told if old != new)


def _kept(record: ModelRecord) -> dict[str, str]:
    """What its family keeps with a model besides its settings, in words: lists of texts, and what is said in one value."""
    holds = family(record.family).model(record.model_type).holds
    public = holds.public(holds.payload.model_validate(record.payload))
    words = {}
    for key, value in public.items():
        if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
            words[key] = ", ".join(value)
        elif isinstance(value, str | int | float):
            words[key] = str(value)
    return words


def past(view: ModelView, was: Past, *, undo_words: str | None, me: str, names: Mapping[str, str]) -> Component:
    """The page.

    Args:
        undo_words: what this browser would undo, if anything. me: this browser's actor. names: actor -> display name.
    """
    who = "you" if was.entry.actor == me else actor_name(was.entry.actor, names)
    note: list[Any] = [f"After “{was.entry.words}” by {who}, ", time_of(was.entry.at), ". This page changes nothing."]
    back = link_button("Back to the history", f"/model/{view.record.id}/history", small=True)
    aside = [button for button in (undo_button(undo_words), back) if button is not None]
    return html.Div(
        [
            section(
                "As it was",
                _differing(differences(was.record, view.record, {run.id: run.number for run in view.runs})),
                id="past-differs",
                note=note,
                aside=aside,
            ),
            section("Labels", _labels(was), id="past-labels"),
            section("Settings", _settings(was.record), id="past-settings", note="All settings that applied then."),
        ],
        className="model-past",
    )


def _differing(found: Sequence[Difference]) -> Component:
    if not found:
        return html.P("Name, tags, note, weights and settings are as they are now.", className="muted")
    return _table(("What differs", "Then", "Now"), [(one.name, one.then, one.now) for one in found])


def _labels(was: Past) -> Component:
    count, now = len(was.labels), len(was.labels_now)
    lead = html.P(f"{plural(count, 'item')} had a label; {'as many have one' if count == now else f'{now:,} have one'} now.")
    then_by, now_by = (Counter(value.label for value in labels.values()) for labels in (was.labels, was.labels_now))
    listed = sorted({*then_by, *now_by})
    if len(listed) > MOST_LABELS:
        listed = sorted(sorted(listed, key=lambda label: -abs(then_by[label] - now_by[label]))[:MOST_LABELS])
    if not listed:
        return lead
    rows = [(str(label), f"{then_by[label]:,}", f"{now_by[label]:,}") for label in listed]
    return html.Div([lead, _table(("Label", "Items then", "Items now"), rows)])


def _settings(record: ModelRecord) -> Component:
    specs = specs_of(record.family, record.model_type)
    rows = [(specs[path].label, setting.words) for path, setting in settings_of(record).items()]
    return _table(("Setting", "Value"), rows) if rows else html.P("Its settings cannot be read any more.", className="muted")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Component:
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in heads]))
    body = html.Tbody([html.Tr([html.Th(row[0], scope="row"), *(html.Td(text, className="wide") for text in row[1:])]) for row in rows])
    return html.Div(
        html.Table([head, body], className="plain-table"),
        className="table-scroll",
        tabIndex="0",
        **attrs({"role": "region", "aria-label": heads[0]}),
    )


def _weights(record: ModelRecord, numbers: Mapping[str, int]) -> str:
    if record.weights is None:
        return ""
    number = numbers.get(record.weights.run_id)
    return f"epoch {record.weights.epoch} of {f'run #{number}' if number is not None else 'a deleted run'}"


def _deleted(record: ModelRecord) -> str:
    return "yes" if record.deleted_at else "no"
