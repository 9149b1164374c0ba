"""Model configurations as pages, REST and the command line see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from recsys.commands.model_configs import (
    CloneModelConfigCommand,
    CreateModelConfigCommand,
    RestoreModelVersionCommand,
    UpdateModelConfigCommand,
)
from recsys.issues import Issue
from recsys.model.config import ModelConfig, document_of
from recsys.model.validate import validate
from recsys.records import MODELS, ModelConfigRecord, is_used
from recsys.services.configs import Configs
from recsys.services.finding import Key
from workbench.commands.rules import names_taken
from workbench.ids import new_id


class ModelConfigs(Configs[ModelConfigRecord]):
    """Model configurations of one workbench. Documents are flat mappings of settings, right or wrong."""

    KIND: ClassVar[str] = MODELS

    def is_locked(self, key: Key) -> bool:
        """Whether a test has used it, so that its architecture can no longer change."""
        return is_used(self._workbench.state(), self.get(key).id)

    def validate(
        self, document: Any, *, name: str | None = None, exclude: Key | None = None
    ) -> tuple[Issue, ...]:
        """Every issue of a document; `exclude` is the configuration that it is an edit of."""
        but = None if exclude is None else self.get(exclude).id
        return validate(document, name=name, taken=names_taken(self._workbench.state(), MODELS, but))

    def is_free(self, name: str, *, exclude: Key | None = None) -> bool:
        """Whether a configuration can have a name."""
        return self._is_free(name, exclude)

    def create(
        self,
        *,
        actor: str,
        name: str,
        document: Any,
        description: str = "",
        tags: Iterable[str] = (),
        note: str = "",
    ) -> ModelConfigRecord:
        """Make one. Raises CommandError with every issue."""
        id = new_id(MODELS)
        command = CreateModelConfigCommand(
            config_id=id, name=name, document=_plain(document), description=description, tags=tuple(tags),
            note=note,
        )  # fmt: skip
        return self._done(command, actor, id)

    def update(
        self,
        *,
        actor: str,
        key: Key,
        name: str | None = None,
        document: Any = None,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        note: str | None = None,
        expected_version: int | None = None,
    ) -> ModelConfigRecord:
        """Change one; what is None stays. Raises CommandError with every issue, ConfigVersionConflict."""
        record = self.get(key)
        command = UpdateModelConfigCommand(
            config_id=record.id, name=name, document=_plain(document), description=description,
            tags=None if tags is None else tuple(tags), note=note, expected_version=expected_version,
        )  # fmt: skip
        return self._done(command, actor, record.id)

    def clone(
        self, *, actor: str, key: Key, name: str | None = None, document: Any = None
    ) -> ModelConfigRecord:
        """A copy with what the document says in place, architecture included. Raises CommandError."""
        source, id = self.get(key), new_id(MODELS)
        command = CloneModelConfigCommand(
            config_id=source.id, new_id=id, name=name, document=_plain(document)
        )
        return self._done(command, actor, id)

    def restore_version(
        self, *, actor: str, key: Key, version: int, expected_version: int | None = None
    ) -> ModelConfigRecord:
        """Make an earlier version the newest. Raises CommandError, ConfigVersionConflict."""
        record = self.get(key)
        command = RestoreModelVersionCommand(
            config_id=record.id, version=version, expected_version=expected_version
        )
        return self._done(command, actor, record.id)


def _plain(document: Any) -> Any:
    """A typed configuration as the document that it is."""
    return document_of(document) if isinstance(document, ModelConfig) else document
