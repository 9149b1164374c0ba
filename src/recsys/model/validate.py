"""Whether a model's document can be stored: every issue at once, in the rules' order; and reading one that can.

Choices where the rules leave room: names are compared without regard to case and outer spaces; a head whose
last layer says no activation ends linear; a metric to watch that the model does not have is a setting that
does not apply.

    config = read({"model_type": "ranking", "buyer_tower_layers": [{"type": "dense", "units": 64}]})
    validate(document_of(config)) == ()
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from recsys.issues import InvalidDocument, Issue
from recsys.model.codes import Code
from recsys.model.config import Architecture, ModelConfig, Training
from recsys.model.draft import FIELDS, Draft, read_draft
from recsys.model.rules import broken
from recsys.reading import is_unicode, short

MAX_NAME = 255
MAX_DESCRIPTION = 4000

_ORDER = {code: place for place, code in enumerate(Code)}


def validate(document: Any, *, name: str | None = None, taken: Collection[str] = ()) -> tuple[Issue, ...]:
    """Every issue of a document: a flat mapping of settings, right or wrong; omitted ones have their defaults.

    Args:
        document: may hold `name` and `description` too.
        name: the configuration's name; None takes the document's, and a document without one is not asked for it.
        taken: the names of other configurations.

    Returns:
        Issues in the order of the rules, then of the settings; without any, `read` accepts the document.
    """
    draft = read_draft(document)
    described = document if isinstance(document, Mapping) else {}
    issues = [
        *draft.issues,
        *broken(draft),
        *_description(described),
        *_name(
            described.get("name") if name is None else name, "name" in described or name is not None, taken
        ),
    ]
    return _ordered(issues)


def read(document: Any) -> ModelConfig:
    """The configuration that a document gives, with every default.

    Raises:
        InvalidDocument: with all issues, if there are any; names are not looked at.
    """
    draft = read_draft(document)
    issues = [*draft.issues, *broken(draft)]
    if issues:
        raise InvalidDocument(_ordered(issues))
    return _config(draft)


def _config(draft: Draft) -> ModelConfig:
    def part(section: str) -> dict[str, Any]:
        return {name: value for name, value in draft.values.items() if FIELDS.section[name] == section}

    return ModelConfig(Architecture(**part("architecture")), Training(**part("training")))


def _ordered(issues: list[Issue]) -> tuple[Issue, ...]:
    places = {name: place for place, name in enumerate(FIELDS.specs)}

    def key(issue: Issue) -> tuple[int, int]:
        return _ORDER[Code(issue.code)], places.get(issue.path.split(".", 1)[0], len(places))

    return tuple(sorted(issues, key=key))


def _name(name: Any, asked: bool, taken: Collection[str]) -> Iterator[Issue]:
    if not asked:
        return
    name = "" if name is None else name
    if not isinstance(name, str) or not is_unicode(name):
        yield Issue(Code.INVALID_VALUE, "name", f"name must be text (got {short(name)})")
        return
    key = name.strip().casefold()
    if not key:
        yield Issue(Code.NAME, "name", "Name is required")
    elif len(name) > MAX_NAME:
        yield Issue(Code.INVALID_VALUE, "name", f"name must have at most {MAX_NAME} characters")
    elif any(key == other.strip().casefold() for other in taken):
        yield Issue(Code.NAME, "name", f'A model config named "{name}" already exists')


def _description(document: Mapping[str, Any]) -> Iterator[Issue]:
    text = document.get("description", "")
    if not isinstance(text, str) or not is_unicode(text):
        yield Issue(Code.INVALID_VALUE, "description", f"description must be text (got {short(text)})")
    elif len(text) > MAX_DESCRIPTION:
        message = f"description must have at most {MAX_DESCRIPTION} characters"
        yield Issue(Code.INVALID_VALUE, "description", message)
