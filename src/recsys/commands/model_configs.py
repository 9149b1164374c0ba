"""Commands about model configurations: create, change, clone, go back to a version.

A configuration's architecture may change until the first test uses it; everything else may change for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recsys.commands.versioned import (
    CloneConfigCommand,
    CreateConfigCommand,
    RestoreConfigVersionCommand,
    UpdateConfigCommand,
    Versioned,
)
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
from workbench.commands.base import Env
from workbench.commands.rules import refuse
from workbench.state import AppState


class _Models(Versioned[ModelConfig]):
    """Of model configurations; documents are flat settings, and omitted ones have their defaults."""

    kind = MODELS
    record = ModelConfigRecord
    text_code = Code.INVALID_VALUE

    def issues(self, env: Env, document: Any, *, name: str, taken: tuple[str, ...]) -> Iterable[Issue]:
        return validate(document, name=name, taken=taken)

    def read(self, document: Any) -> ModelConfig:
        return read(document)

    def merged(self, record: ModelConfigRecord, document: Any) -> Any:
        return merged(record.recommender, document)

    def hash_of(self, config: ModelConfig) -> str:
        return config.content_hash

    def entry(self, env: Env, number: int, config: ModelConfig) -> ConfigVersion:
        return ConfigVersion(
            version=number, config=sections_of(config), content_hash=config.content_hash, at=env.now, by=env.actor
        )  # fmt: skip

    def restored(
        self, state: AppState, env: Env, record: ModelConfigRecord, version: ConfigVersion
    ) -> ModelConfig:
        return model_of(version.config)

    def require_fitting(self, state: AppState, record: ModelConfigRecord, config: ModelConfig) -> None:
        if is_used(state, record.id):
            refuse(locked_problems(record.recommender, config), code="conflict")


_OF = _Models()


class CreateModelConfigCommand(CreateConfigCommand):
    """Create a model configuration of flat settings; omitted ones have their defaults."""

    OF = _OF


class UpdateModelConfigCommand(UpdateConfigCommand):
    """Change a model configuration; settings that no longer apply because of the change take their defaults.

    Once a test has used it, a change of its architecture is refused.
    """

    OF = _OF


class CloneModelConfigCommand(CloneConfigCommand):
    """A new model configuration with the same settings, but for those given, architecture included."""

    OF = _OF


class RestoreModelVersionCommand(RestoreConfigVersionCommand):
    """Make an earlier version of a model configuration its newest one; of a used one, with the same architecture only."""

    OF = _OF


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
