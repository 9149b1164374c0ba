"""What the Explore tab asks of the progress of the labelling."""

from __future__ import annotations

from dataclasses import asdict

import flask

from dashboard.asking import as_json
from dashboard.context import actor, current
from dashboard.names import names_of
from rcmvae.explore.effort_read import effort_of
from workbench.actors import actor_name


def effort(model_id: str) -> flask.Response:
    """Labels over time, this browser's pace, what they brought, and what more of them would bring."""
    context = current()
    found = effort_of(context.workbench, model_id, actor())
    names, me = names_of(context), actor()
    people = [{"name": "you" if who == me else actor_name(who, names), "labels": labels} for who, labels in found.people.items()]
    return as_json({**asdict(found), "people": people})
