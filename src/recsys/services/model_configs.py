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
from recsys.issues import Issue, ranked
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
    UPDATE = UpdateModelConfigCommand
    CLONE = CloneModelConfigCommand
    RESTORE_VERSION = RestoreModelVersionCommand

    def is_locked(self, key: Key) -> bool:
        """Whether a test has used it, so that its architecture can no longer change."""
        return is_used(self._workbench.state(), self.get(key, deleted=True).id)

    def validate(
        self, document: Any, *, name: str | None = None, exclude: Key | None = None
    ) -> tuple[Issue, ...]:
        """Every issue of a document, errors first; `exclude` is the configuration that it is an edit of."""
        but = None if exclude is None else self.get(exclude, deleted=True).id
        return ranked(validate(document, name=name, taken=names_taken(self._workbench.state(), MODELS, but)))

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
            config_id=id, name=name, document=self._plain(document), description=description, tags=tuple(tags),
            note=note,
        )  # fmt: skip
        return self._done(command, actor, id)

    def _plain(self, document: Any) -> Any:
        return document_of(document) if isinstance(document, ModelConfig) else document

    def _facts_of(self, record: ModelConfigRecord) -> None:
        return None
