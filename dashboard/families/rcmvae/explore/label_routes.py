"""What the scripts of the Explore tab say and ask about labels."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import flask
import numpy as np
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StrictInt

from dashboard.asking import as_columns, as_json, read_body
from dashboard.context import actor, current
from dashboard.names import names_of
from rcmvae.active.proposing import propose
from rcmvae.active.second_look import doubted_labels
from rcmvae.labels.service import LabelService
from rcmvae.labels.steps import MOST_STEPS, LabelChanges, Step, carry_out, changes_since
from rcmvae.suggestions import DEFAULT_STRATEGY, MOST_AT_ONCE
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
    return as_json(_told(changes_since(current().workbench, model_id, _whole("since", 0, 2**53))))


class ClassChange(BaseModel):
    """A change of the vocabulary, and the version of the state that the page has seen.

    Attributes:
        add: a new class's name. rename: (class, its new name). merge: (class, the one that takes over its labels).
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    since: int = Field(ge=0)
    add: str | None = Field(None, min_length=1, max_length=200)
    rename: tuple[StrictInt, str] | None = None
    merge: tuple[StrictInt, StrictInt] | None = None


def classes(model_id: str) -> flask.Response:
    """Add, rename or merge classes; answers everything that changed since."""
    said = read_body(ClassChange)
    workbench, who = current().workbench, actor()
    service = LabelService(workbench)
    if said.add is not None:
        service.add_name(actor=who, model_id=model_id, name=said.add)
    if said.rename is not None:
        service.rename_class(actor=who, model_id=model_id, number=said.rename[0], name=said.rename[1])
    if said.merge is not None:
        service.merge_classes(actor=who, model_id=model_id, number=said.merge[0], into=said.merge[1])
    return as_json(_told(changes_since(workbench, model_id, said.since)))


class LabelFile(BaseModel):
    """A file of labels.

    Attributes:
        content: base64. apply: the version of the state that the page has seen, for the labels to be set; None: say what it would do.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    content: Base64Bytes
    apply: int | None = Field(None, ge=0)


def import_labels(model_id: str) -> flask.Response:
    """Labels of a CSV file: what it would do, or that it is done.

    A file with bad lines is no failure of the page's: the answer lists them, and nothing is applied.
    """
    said = read_body(LabelFile)
    workbench = current().workbench
    service = LabelService(workbench)
    try:
        preview = service.preview_csv(model_id=model_id, content=said.content)
        if said.apply is None:
            return as_json({"preview": asdict(preview)})
        service.import_csv(actor=actor(), model_id=model_id, content=said.content)
    except CommandError as error:
        if error.code == "not_found" or not error.problems:
            raise
        problems = [[problem.path, problem.message] for problem in error.problems]
        return as_json({"problems": problems, "hint": error.hint})
    return as_json({"preview": asdict(preview), "told": _told(changes_since(workbench, model_id, said.apply))})


def suggestions(model_id: str) -> flask.Response:
    """What to label next: `?strategy=`, `?n=` at most, `?seed=` of what is drawn; and why each strategy can or cannot be used."""
    asked = flask.request.args
    workbench = current().workbench
    n, seed = _whole("n", 1, MOST_AT_ONCE), _whole("seed", 0, 2**32 - 1)
    found = propose(workbench, model_id, strategy=asked.get("strategy", DEFAULT_STRATEGY), n=n, seed=seed)
    weights = workbench.models.get(model_id).weights
    return as_json({**asdict(found), "run": weights.run_id if weights else None})


def rows(model_id: str) -> flask.Response:
    """The rows that may be labelled: `rows` int32, `split` uint8 (0 training, 1 validation)."""
    workbench = current().workbench
    read = workbench.models.read(workbench.models.get(model_id))
    found = np.concatenate([read.train, read.validation]).astype(np.int32)
    split = (np.arange(len(found)) >= len(read.train)).astype(np.uint8)
    order = np.argsort(found)
    return as_columns({}, {"rows": found[order], "split": split[order]})


def doubted(model_id: str) -> flask.Response:
    """Labels that the model contradicts, the worst first: at most `?n=`."""
    found = doubted_labels(current().workbench, model_id, _whole("n", 1, MOST_AT_ONCE))
    return as_json({"items": [asdict(item) for item in found]})


def _whole(name: str, least: int, most: int) -> int:
    text = flask.request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16 and least <= int(text) <= most):
        raise CommandError(f"{name} is a whole number from {least} to {most}.", name)
    return int(text)


def _told(found: LabelChanges) -> dict[str, Any]:
    """As JSON values: `labels` are [row, class or null, who made it so or null for this browser]."""
    me = actor()
    names = names_of(current()) if any(change.actor != me for change in found.labels.values()) else {}
    labels = [
        [row, change.label, None if change.actor == me else actor_name(change.actor, names)] for row, change in found.labels.items()
    ]  # fmt: skip
    return {
        "version": found.version,
        "class_names": list(found.class_names),
        "merged": dict(found.merged),
        "labels": labels,
        "everything": found.everything,
        "training": found.training,
    }
