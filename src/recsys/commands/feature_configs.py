"""Commands about feature configurations: create, change, clone, go back to a version.

A configuration is checked against its dataset's columns, and refused with every issue at once. What it says
may change for ever: tests keep copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
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
from recsys.commands.facts import SchemaFacts, dataset_problems, role_problems
from recsys.commands.refusing import refuse_issues
from recsys.features.codes import Code
from recsys.features.config import FeatureConfig
from recsys.features.dims import tensor_dims
from recsys.features.validate import validate
from recsys.hashes import content_hash
from recsys.issues import Issue
from recsys.records import FEATURES, FeatureConfigRecord, FeatureVersion
from workbench.commands.base import Change, Changes, Command, Env, Put
from workbench.commands.records import put
from workbench.commands.rules import (
    clean_note,
    clean_tags,
    find,
    find_dataset,
    names_taken,
    next_number,
    refuse,
)
from workbench.state import AppState

WORD = "feature config"


class CreateFeatureConfigCommand(Command):
    """Create a feature configuration of a dataset.

    Args:
        config_id: made beforehand. document: of the shape that `FeatureConfig` has, right or wrong.

    Facts: `SchemaFacts` of the dataset.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    name: str
    dataset_id: str
    document: Any
    description: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    def decide(self, state: AppState, env: Env) -> Changes:
        dataset = find_dataset(state, self.dataset_id)
        refuse(dataset_problems(dataset))
        schema = env.require(SchemaFacts).schema
        refuse(role_problems(dataset, schema))
        config = _checked(state, self.document, env=env, name=self.name, within=self.dataset_id,
                          description=self.description)  # fmt: skip
        return _created(
            state, env, self.config_id, config, name=tidy(self.name), dataset_id=dataset.id,
            description=self.description, tags=clean_tags(self.tags), note=clean_note(self.note),
        )  # fmt: skip

    @property
    def words(self) -> str:
        return f"Create the {WORD} {tidy(self.name)}"


class UpdateFeatureConfigCommand(Command):
    """Change a feature configuration; what is None stays.

    Args:
        document: its lists and its target, those that change. expected_version: the version that it is meant for.

    Facts: `SchemaFacts` of its dataset.
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
        record: FeatureConfigRecord = find(state, FEATURES, self.config_id)
        require_current(record, WORD, self.expected_version)
        name = record.name if self.name is None else self.name
        description = record.description if self.description is None else self.description
        config = _checked(
            state, _merged(record, self.document), env=env, name=name, within=record.dataset_id,
            description=description, but=record.id, text_only=self.document is None,
        )  # fmt: skip
        more = {
            "name": tidy(name),
            "description": description,
            "tags": record.tags if self.tags is None else clean_tags(self.tags),
            "note": record.note if self.note is None else clean_note(self.note),
        }
        return _changed(state, env, record, config, more)

    @property
    def words(self) -> str:
        return f"Change the {WORD}"

    def said(self, state: AppState, env: Env) -> str:
        record = state.of(FEATURES).get(self.config_id)
        return self.words if record is None else f"{self.words} {record.name}"


class CloneFeatureConfigCommand(Command):
    """A new feature configuration of the same dataset.

    Args:
        config_id: the source's. new_id: the clone's, made beforehand.
        name: default: "{name} (copy)". document: lists and target that differ from the source's.

    Facts: `SchemaFacts` of the dataset.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    new_id: str
    name: str | None = None
    document: Any = None

    def decide(self, state: AppState, env: Env) -> Changes:
        source: FeatureConfigRecord = find(state, FEATURES, self.config_id)
        within = source.dataset_id
        name = copy_name(state, FEATURES, source.name, within) if self.name is None else self.name
        config = _checked(
            state, _merged(source, self.document), env=env, name=name, within=within,
            description=source.description, text_only=self.document is None,
        )  # fmt: skip
        return _created(
            state, env, self.new_id, config, name=tidy(name), dataset_id=within,
            description=source.description, tags=source.tags, note=source.note,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return f"Clone a {WORD}" if self.name is None else f"Clone as {tidy(self.name)}"


class RestoreFeatureVersionCommand(Command):
    """Make an earlier version of a feature configuration its newest one.

    Facts: `SchemaFacts` of its dataset.
    """

    undoable: ClassVar[bool] = True
    config_id: str
    version: int
    expected_version: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        record: FeatureConfigRecord = find(state, FEATURES, self.config_id)
        require_current(record, WORD, self.expected_version)
        config = _checked(
            state, find_version(record, WORD, self.version).config, env=env, name=record.name,
            within=record.dataset_id, description=record.description, but=record.id,
        )  # fmt: skip
        return _changed(state, env, record, config, {})

    @property
    def words(self) -> str:
        return f"Restore version {self.version} of the {WORD}"


def _merged(record: FeatureConfigRecord, document: Any) -> Any:
    if document is None:
        return record.config
    return {**record.config, **document} if isinstance(document, Mapping) else document


def _checked(
    state: AppState,
    document: Any,
    *,
    env: Env,
    name: str,
    within: str,
    description: str,
    but: str | None = None,
    text_only: bool = False,
) -> FeatureConfig:
    """The configuration of a document. Raises CommandError with every issue; `text_only` looks at the texts alone."""
    name, taken = tidy(name), names_taken(state, FEATURES, but, within)
    issues: list[Issue] = [
        *validate(document, env.require(SchemaFacts).schema, name=name, taken=taken),
        *text_issues(name, description, Code.INVALID_VALUE),
    ]
    if text_only:
        issues = [issue for issue in issues if issue.path in ("name", "description")]
    shown = document if isinstance(document, Mapping) else {}
    refuse_issues(issues, {**shown, "name": name, "description": description}, clash=is_taken(name, taken))
    return FeatureConfig.model_validate(document)


def _created(
    state: AppState, env: Env, id: str, config: FeatureConfig, *, dataset_id: str, **more: Any
) -> Changes:
    require_new_id(state, FEATURES, id)
    number, counted = next_number(state, FEATURES)
    version, remembered = next_version(state, id)
    entry = _version(env, version, config)
    record = FeatureConfigRecord(
        id=id, number=number, dataset_id=dataset_id, uses=(dataset_id,), config=entry.config, version=version,
        content_hash=entry.content_hash, versions={str(version): entry},
        created_at=env.now, updated_at=env.now, created_by=env.actor, **more,
    )  # fmt: skip
    return (counted, remembered, Put(FEATURES, id, record))


def _changed(
    state: AppState, env: Env, record: FeatureConfigRecord, config: FeatureConfig, more: dict[str, Any]
) -> Changes:
    """The record with other texts and, if it says something else now, its next version."""
    remembered: tuple[Change, ...] = ()
    if content_hash(config) != record.content_hash:
        version, counted = next_version(state, record.id)
        entry = _version(env, version, config)
        remembered = (counted,)
        more = more | {
            "config": entry.config, "version": version, "content_hash": entry.content_hash,
            "versions": record.versions | {str(version): entry},
        }  # fmt: skip
    return (*remembered, *put(env, FEATURES, record, **more))


def _version(env: Env, version: int, config: FeatureConfig) -> FeatureVersion:
    dims = asdict(tensor_dims(config))
    plain = {t: {"total": d["total"], "breakdown": list(d["breakdown"])} for t, d in dims.items()}
    return FeatureVersion(
        version=version, config=config.model_dump(mode="json"), content_hash=content_hash(config), at=env.now,
        by=env.actor, dims=plain,
    )  # fmt: skip
