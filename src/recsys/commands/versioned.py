"""Commands about configurations that keep their versions, of whatever kind: create, change, clone, go back to a version."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

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
from recsys.records import ConfigVersion
from workbench.commands.base import Change, Changes, Command, Env, Put
from workbench.commands.records import put
from workbench.commands.rules import clean_note, clean_tags, find, names_taken, next_number
from workbench.kinds import kind_of
from workbench.roles import Role
from workbench.state import AppState

C = TypeVar("C")


class Versioned(ABC, Generic[C]):
    """What differs from one kind of configuration to another; C is a configuration, typed.

    Attributes:
        kind: of its records. record: their type, a `ConfigRecord`. text_code: the rule that speaks of texts that do not fit.
    """

    kind: ClassVar[str]
    record: ClassVar[type[Any]]
    text_code: ClassVar[str]

    @property
    def word(self) -> str:
        """What people call it."""
        return kind_of(self.kind).word

    @abstractmethod
    def issues(self, env: Env, document: Any, *, name: str, taken: tuple[str, ...]) -> Iterable[Issue]:
        """Everything that is wrong with a document under a name."""

    @abstractmethod
    def read(self, document: Any) -> C:
        """A document with which nothing is wrong."""

    @abstractmethod
    def merged(self, record: Any, document: Any) -> Any:
        """What a record says, with what a document says in place; None is nothing."""

    @abstractmethod
    def hash_of(self, config: C) -> str:
        """Equal for configurations that say the same."""

    @abstractmethod
    def entry(self, env: Env, number: int, config: C) -> ConfigVersion:
        """A configuration as a version of a record."""

    @abstractmethod
    def restored(self, state: AppState, env: Env, record: Any, version: Any) -> C:
        """What a record said in an earlier version, if it may say that again. Raises CommandError."""

    def require_fitting(self, state: AppState, record: Any, config: C) -> None:
        """Raises CommandError conflict for what a record may no longer say."""

    def checked(
        self, state: AppState, env: Env, document: Any, *, name: str, within: Any, description: str, but: str | None = None,
        text_only: bool = False,
    ) -> C:  # fmt: skip
        """The configuration of a document. Raises CommandError with every issue; `text_only` looks at the texts alone."""
        name, taken = tidy(name), names_taken(state, self.kind, but, within)
        issues = [
            *self.issues(env, document, name=name, taken=taken),
            *text_issues(name, description, self.text_code),
        ]
        if text_only:
            issues = [issue for issue in issues if issue.path in ("name", "description")]
        shown = document if isinstance(document, Mapping) else {}
        refuse_issues(
            issues, {**shown, "name": name, "description": description}, clash=is_taken(name, taken)
        )
        return self.read(document)

    def created(self, state: AppState, env: Env, id: str, config: C, **more: Any) -> Changes:
        """A new record with its first version, and the counters that this takes."""
        require_new_id(state, self.kind, id)
        number, counted = next_number(state, self.kind)
        version, remembered = next_version(state, id)
        entry = self.entry(env, version, config)
        record = self.record(
            id=id, number=number, config=entry.config, version=version, content_hash=entry.content_hash,
            versions={str(version): entry}, created_at=env.now, updated_at=env.now, created_by=env.actor, **more,
        )  # fmt: skip
        return (counted, remembered, Put(self.kind, id, record))

    def changed(self, state: AppState, env: Env, record: Any, config: C, more: Mapping[str, Any]) -> Changes:
        """The record with other texts and, if it says something else now, its next version."""
        remembered: tuple[Change, ...] = ()
        # by what it says: a hash that was stored may be of a Trellis that knew other fields
        if self.hash_of(config) != self.hash_of(self.read(self.merged(record, None))):
            version, counted = next_version(state, record.id)
            entry = self.entry(env, version, config)
            remembered = (counted,)
            more = {
                **more, "config": entry.config, "version": version, "content_hash": entry.content_hash,
                "versions": record.versions | {str(version): entry},
            }  # fmt: skip
        return (*remembered, *put(env, self.kind, record, **more))


class ConfigCommand(Command):
    """Base of the commands about a kind of configuration."""

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    OF: ClassVar[Versioned[Any]]
    config_id: str


class CreateConfigCommand(ConfigCommand):
    """Create a configuration.

    Args:
        config_id: made beforehand. document: right or wrong.
    """

    name: str
    document: Any
    description: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    def decide(self, state: AppState, env: Env) -> Changes:
        own = self.own(state, env)
        within = own.get(kind_of(self.OF.kind).scope or "")
        config = self.OF.checked(
            state, env, self.document, name=self.name, within=within, description=self.description
        )
        return self.OF.created(
            state, env, self.config_id, config, name=tidy(self.name), description=self.description,
            tags=clean_tags(self.tags), note=clean_note(self.note), **own,
        )  # fmt: skip

    def own(self, state: AppState, env: Env) -> dict[str, Any]:
        """Values that only records of this kind have. Raises CommandError for what no configuration can be made of."""
        del state, env
        return {}

    @property
    def words(self) -> str:
        return f"Create the {self.OF.word} {tidy(self.name)}"


class UpdateConfigCommand(ConfigCommand):
    """Change a configuration; what is None, and what the document does not name, stays.

    Args:
        document: what changes. expected_version: the version that it is meant for.
    """

    name: str | None = None
    document: Any = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    note: str | None = None
    expected_version: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        of, record = self.OF, find(state, self.OF.kind, self.config_id)
        require_current(record, of.word, self.expected_version)
        name = record.name if self.name is None else self.name
        description = record.description if self.description is None else self.description
        config = of.checked(
            state, env, of.merged(record, self.document), name=name, within=kind_of(of.kind).within(record),
            description=description, but=record.id, text_only=self.document is None,
        )  # fmt: skip
        of.require_fitting(state, record, config)
        more = {
            "name": tidy(name),
            "description": description,
            "tags": record.tags if self.tags is None else clean_tags(self.tags),
            "note": record.note if self.note is None else clean_note(self.note),
        }
        return of.changed(state, env, record, config, more)

    @property
    def words(self) -> str:
        return f"Change the {self.OF.word}"

    def said(self, state: AppState, env: Env) -> str:
        record = state.of(self.OF.kind).get(self.config_id)
        return self.words if record is None else f"{self.words} {record.name}"


class CloneConfigCommand(ConfigCommand):
    """A new configuration that says the same, but for what the document says.

    Args:
        config_id: the source's. new_id: the clone's, made beforehand. name: default: "{name} (copy)".
    """

    new_id: str
    name: str | None = None
    document: Any = None

    def decide(self, state: AppState, env: Env) -> Changes:
        of, source = self.OF, find(state, self.OF.kind, self.config_id)
        within = kind_of(of.kind).within(source)
        name = copy_name(state, of.kind, source.name, within) if self.name is None else self.name
        config = of.checked(
            state, env, of.merged(source, self.document), name=name, within=within, description=source.description,
            text_only=self.document is None,
        )  # fmt: skip
        return of.created(
            state, env, self.new_id, config, name=tidy(name), description=source.description, tags=source.tags,
            note=source.note, **self.own(source),
        )  # fmt: skip

    def own(self, source: Any) -> dict[str, Any]:
        """The source's values that only records of this kind have."""
        del source
        return {}

    @property
    def words(self) -> str:
        return f"Clone a {self.OF.word}" if self.name is None else f"Clone as {tidy(self.name)}"


class RestoreConfigVersionCommand(ConfigCommand):
    """Make an earlier version of a configuration its newest one."""

    version: int
    expected_version: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        of, record = self.OF, find(state, self.OF.kind, self.config_id)
        require_current(record, of.word, self.expected_version)
        config = of.restored(state, env, record, find_version(record, of.word, self.version))
        of.require_fitting(state, record, config)
        return of.changed(state, env, record, config, {})

    @property
    def words(self) -> str:
        return f"Restore version {self.version} of the {self.OF.word}"
