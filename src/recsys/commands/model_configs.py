"""Commands about model configurations: create, change, clone, go back to a version.

A configuration's architecture may change until the first test uses it; everything else may change for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from recsys.commands.configs import (
    copy_name,
    find_version,
    is_taken,
    next_version,
    require_current,
    require_new_id,
    text_issues,
    tidy,
)
from recsys.commands.refusing import refuse_issues
from recsys.issues import Issue
from recsys.model.codes import Code
from recsys.model.config import ModelConfig, document_of
from recsys.model.draft import HEAD
from recsys.model.validate import read, validate
from recsys.records import (
    MODELS,
    ConfigVersion,
    ModelConfigRecord,
    is_used,
    locked_problems,
    model_of,
    sections_of,
)
from workbench.commands.base import Change, Changes, Command, Env, Put
from workbench.commands.records import put
from workbench.commands.rules import clean_note, clean_tags, find, names_taken, next_number, refuse
from workbench.state import AppState

WORD = "model config"


class CreateModelConfigCommand(Command):
    """Create a model configuration.

    Args:
        config_id: made beforehand. document: flat settings, right or wrong; omitted ones have their defaults.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    name: str
    document: Any
    description: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    def decide(self, state: AppState, env: Env) -> Changes:
        model = _checked(state, self.document, name=self.name, description=self.description)
        return _created(
            state, env, self.config_id, model, name=tidy(self.name), description=self.description,
            tags=clean_tags(self.tags), note=clean_note(self.note),
        )  # fmt: skip

    @property
    def words(self) -> str:
        return f"Create the {WORD} {tidy(self.name)}"


class UpdateModelConfigCommand(Command):
    """Change a model configuration; what is None, and settings that are not named, stay.

    Settings that no longer apply because of the change take their defaults. Once a test has used it, a change of its
    architecture is refused.

    Args:
        document: flat settings that change. expected_version: the version that it is meant for.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    name: str | None = None
    document: Any = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    note: str | None = None
    expected_version: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        record: ModelConfigRecord = find(state, MODELS, self.config_id)
        require_current(record, WORD, self.expected_version)
        name = record.name if self.name is None else self.name
        description = record.description if self.description is None else self.description
        model = _checked(
            state, merged(record.recommender, self.document), name=name, description=description,
            but=record.id, text_only=self.document is None,
        )  # fmt: skip
        _require_same_architecture(state, record, model)
        more = {
            "name": tidy(name),
            "description": description,
            "tags": record.tags if self.tags is None else clean_tags(self.tags),
            "note": record.note if self.note is None else clean_note(self.note),
        }
        return _changed(state, env, record, model, more)

    @property
    def words(self) -> str:
        return f"Change the {WORD}"

    def said(self, state: AppState, env: Env) -> str:
        record = state.of(MODELS).get(self.config_id)
        return self.words if record is None else f"{self.words} {record.name}"


class CloneModelConfigCommand(Command):
    """A new model configuration with the same settings, but for those given, architecture included.

    Args:
        config_id: the source's. new_id: the clone's, made beforehand. name: default: "{name} (copy)".
        document: flat settings that differ.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    new_id: str
    name: str | None = None
    document: Any = None

    def decide(self, state: AppState, env: Env) -> Changes:
        source: ModelConfigRecord = find(state, MODELS, self.config_id)
        name = copy_name(state, MODELS, source.name) if self.name is None else self.name
        model = _checked(
            state, merged(source.recommender, self.document), name=name, description=source.description,
            text_only=self.document is None,
        )  # fmt: skip
        return _created(
            state, env, self.new_id, model, name=tidy(name), description=source.description,
            tags=source.tags, note=source.note,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return f"Clone a {WORD}" if self.name is None else f"Clone as {tidy(self.name)}"


class RestoreModelVersionCommand(Command):
    """Make an earlier version of a model configuration its newest one; of a used one, with the same architecture only."""

    undoable: ClassVar[bool] = True
    config_id: str
    version: int
    expected_version: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        record: ModelConfigRecord = find(state, MODELS, self.config_id)
        require_current(record, WORD, self.expected_version)
        model = model_of(find_version(record, WORD, self.version).config)
        _require_same_architecture(state, record, model)
        return _changed(state, env, record, model, {})

    @property
    def words(self) -> str:
        return f"Restore version {self.version} of the {WORD}"


def merged(model: ModelConfig, document: Any) -> Any:
    """A configuration's settings with others in their place; those that then no longer apply are left out.

    A head that was not there before is left out too, so that a model which begins to rate gets the standard one.
    """
    if document is None:
        return document_of(model)
    if not isinstance(document, Mapping):
        return document
    whole = {**document_of(model), **document}
    if HEAD not in document and not whole[HEAD]:
        del whole[HEAD]
    idle = {i.path.split(".", 1)[0] for i in validate(whole) if i.code == Code.NOT_APPLICABLE}
    return {name: value for name, value in whole.items() if name in document or name not in idle}


def _checked(
    state: AppState,
    document: Any,
    *,
    name: str,
    description: str,
    but: str | None = None,
    text_only: bool = False,
) -> ModelConfig:
    """The configuration of a document. Raises CommandError with every issue; `text_only` looks at the texts alone."""
    name, taken = tidy(name), names_taken(state, MODELS, but)
    issues: list[Issue] = [
        *validate(document, name=name, taken=taken),
        *text_issues(name, description, Code.INVALID_VALUE),
    ]
    if text_only:
        issues = [issue for issue in issues if issue.path in ("name", "description")]
    shown = document if isinstance(document, Mapping) else {}
    refuse_issues(issues, {**shown, "name": name, "description": description}, clash=is_taken(name, taken))
    return read(document)


def _require_same_architecture(state: AppState, record: ModelConfigRecord, model: ModelConfig) -> None:
    if is_used(state, record.id):
        refuse(locked_problems(record.recommender, model), code="conflict")


def _created(state: AppState, env: Env, id: str, model: ModelConfig, **more: Any) -> Changes:
    require_new_id(state, MODELS, id)
    number, counted = next_number(state, MODELS)
    version, remembered = next_version(state, id)
    entry = _version(env, version, model)
    record = ModelConfigRecord(
        id=id, number=number, config=entry.config, version=version, content_hash=entry.content_hash,
        versions={str(version): entry}, created_at=env.now, updated_at=env.now, created_by=env.actor, **more,
    )  # fmt: skip
    return (counted, remembered, Put(MODELS, id, record))


def _changed(
    state: AppState, env: Env, record: ModelConfigRecord, model: ModelConfig, more: dict[str, Any]
) -> Changes:
    """The record with other texts and, if it says something else now, its next version."""
    remembered: tuple[Change, ...] = ()
    if model.content_hash != record.content_hash:
        version, counted = next_version(state, record.id)
        entry = _version(env, version, model)
        remembered = (counted,)
        more = more | {
            "config": entry.config, "version": version, "content_hash": entry.content_hash,
            "versions": record.versions | {str(version): entry},
        }  # fmt: skip
    return (*remembered, *put(env, MODELS, record, **more))


def _version(env: Env, version: int, model: ModelConfig) -> ConfigVersion:
    return ConfigVersion(
        version=version, config=sections_of(model), content_hash=model.content_hash, at=env.now, by=env.actor
    )
