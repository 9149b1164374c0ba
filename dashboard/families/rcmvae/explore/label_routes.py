"""What the scripts of the Explore tab say and ask about labels."""

from __future__ import annotations

from typing import Any

import flask
from pydantic import BaseModel, ConfigDict, Field

from dashboard.asking import as_json, read_body
from dashboard.context import actor, current
from dashboard.names import read_names
from rcmvae.labels.steps import MOST_STEPS, LabelChanges, Step, carry_out, changes_since
from workbench.actors import actor_name
from workbench.commands.base import CommandError


class Steps(BaseModel):
    """Steps of labelling, and the version of the state that the page has seen."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    since: int = Field(ge=0)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)


def label(model_id: str) -> flask.Response:
    """Carry out steps; answers, once they are durable, what became of each and everything that changed since."""
    said = read_body(Steps)
    workbench = current().workbench
    outcomes = carry_out(workbench, actor=actor(), model_id=model_id, steps=said.steps)
    told = _told(changes_since(workbench, model_id, said.since))
    return as_json({**told, "outcomes": [outcome.model_dump(mode="json") for outcome in outcomes]})


def changes(model_id: str) -> flask.Response:
    """Labels and classes that changed after the version `?since=` of the state, whoever changed them."""
    asked = flask.request.args.get("since", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 16):
        raise CommandError("since is the version of a state, a whole number.", "since")
    return as_json(_told(changes_since(current().workbench, model_id, int(asked))))


def _told(found: LabelChanges) -> dict[str, Any]:
    """As JSON values: `labels` are [row, class or null, who made it so or null for this browser]."""
    me = actor()
    names = read_names(current().settings.home) if any(change.actor != me for change in found.labels.values()) else {}
    labels = [
        [row, change.label, None if change.actor == me else actor_name(change.actor, names)] for row, change in found.labels.items()
    ]  # fmt: skip
    return {"version": found.version, "class_names": list(found.class_names), "labels": labels, "everything": found.everything}
