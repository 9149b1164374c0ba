"""What the Explore tab asks of the curve of random labelling: what it would take, how far it is, begin, cancel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

import flask
from pydantic import BaseModel, ConfigDict

from dashboard.asking import as_json, read_body
from dashboard.context import current
from rcmvae.explore.random_curve import DRAWS, Plan, about, plan_of
from rcmvae.explore.random_jobs import random_curves
from workbench.commands.base import CommandError


class Computing(BaseModel):
    """Begin the curve with so many label draws, or cancel it."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["begin", "cancel"]
    draws: int = DRAWS[0]


def curve(model_id: str) -> flask.Response:
    """How the work on it stands, and what each number of draws would take; or why there can be none."""
    workbench = current().workbench
    said: dict[str, Any] = {"refused": "", "plans": []}
    try:
        said["plans"] = [_plan(plan_of(workbench, model_id, draws)) for draws in DRAWS]
    except CommandError as error:
        if error.code == "not_found":
            raise
        said["refused"] = str(error)
    return as_json({**asdict(random_curves(workbench).look(model_id)), **said})


def compute(model_id: str) -> flask.Response:
    """Begin it, or cancel it; answers how it stands then."""
    workbench, said = current().workbench, read_body(Computing)
    if said.act == "begin":
        random_curves(workbench).begin(workbench, model_id, said.draws)
    else:
        random_curves(workbench).cancel(model_id)
    return curve(model_id)


def _plan(plan: Plan) -> dict[str, Any]:
    first, last, sizes, draws = plan.sizes[0], plan.sizes[-1], len(plan.sizes), plan.settings.seeds
    labels = f"{sizes} sizes from {first:,} to {last:,} labels" if sizes > 1 else f"{first:,} labels"
    rest = "" if plan.left == plan.trainings else f", {plan.left} left"
    time = f"{rest}, {about(plan.seconds)}" if plan.left else ", all done"
    words = f"{labels}, {draws} draws each: {plan.trainings} trainings{time}."
    return {"draws": draws, "trainings": plan.trainings, "left": plan.left, "words": words}
