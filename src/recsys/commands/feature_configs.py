"""Commands about feature configurations: create, change, clone, go back to a version.

A configuration is checked against its dataset's columns, and refused with every issue at once. What it says
may change for ever: tests keep copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from recsys.commands.facts import SchemaFacts, dataset_problems, role_problems
from recsys.commands.versioned import (
    CloneConfigCommand,
    CreateConfigCommand,
    RestoreConfigVersionCommand,
    UpdateConfigCommand,
    Versioned,
)
from recsys.features.codes import Code
from recsys.features.config import FeatureConfig
from recsys.features.dims import tensor_dims
from recsys.features.validate import validate
from recsys.hashes import content_hash
from recsys.issues import Issue
from recsys.records import FEATURES, FeatureConfigRecord, FeatureVersion
from workbench.commands.base import Env
from workbench.commands.rules import find_dataset, refuse
from workbench.state import AppState


class _Features(Versioned[FeatureConfig]):
    """Of feature configurations; commands are told `SchemaFacts` of the dataset."""

    kind = FEATURES
    record = FeatureConfigRecord
    text_code = Code.INVALID_VALUE

    def issues(self, env: Env, document: Any, *, name: str, taken: tuple[str, ...]) -> Iterable[Issue]:
        return validate(document, env.require(SchemaFacts).schema, name=name, taken=taken)

    def read(self, document: Any) -> FeatureConfig:
        return FeatureConfig.model_validate(document)

    def merged(self, record: FeatureConfigRecord, document: Any) -> Any:
        if document is None:
            return record.config
        return {**record.config, **document} if isinstance(document, Mapping) else document

    def hash_of(self, config: FeatureConfig) -> str:
        return content_hash(config)

    def entry(self, env: Env, number: int, config: FeatureConfig) -> FeatureVersion:
        dims = asdict(tensor_dims(config))
        plain = {t: {"total": d["total"], "breakdown": list(d["breakdown"])} for t, d in dims.items()}
        return FeatureVersion(
            version=number, config=config.model_dump(mode="json"), content_hash=content_hash(config), at=env.now,
            by=env.actor, dims=plain,
        )  # fmt: skip

    def restored(
        self, state: AppState, env: Env, record: FeatureConfigRecord, version: FeatureVersion
    ) -> FeatureConfig:
        return self.checked(
            state, env, version.config, name=record.name, within=record.dataset_id, description=record.description,
            but=record.id,
        )  # fmt: skip


_OF = _Features()


class CreateFeatureConfigCommand(CreateConfigCommand):
    """Create a feature configuration of a dataset.

    Args:
        config_id: made beforehand. document: of the shape that `FeatureConfig` has, right or wrong.

    Facts: `SchemaFacts` of the dataset.
    """

    OF = _OF
    dataset_id: str

    def own(self, state: AppState, env: Env) -> dict[str, Any]:
        dataset = find_dataset(state, self.dataset_id)
        refuse(dataset_problems(dataset))
        refuse(role_problems(dataset, env.require(SchemaFacts).schema))
        return {"dataset_id": dataset.id, "uses": (dataset.id,)}


class UpdateFeatureConfigCommand(UpdateConfigCommand):
    """Change a feature configuration: its lists and its target, those that the document names, and its texts.

    Facts: `SchemaFacts` of its dataset.
    """

    OF = _OF


class CloneFeatureConfigCommand(CloneConfigCommand):
    """A new feature configuration of the same dataset. Facts: `SchemaFacts` of the dataset."""

    OF = _OF

    def own(self, source: FeatureConfigRecord) -> dict[str, Any]:
        return {"dataset_id": source.dataset_id, "uses": (source.dataset_id,)}


class RestoreFeatureVersionCommand(RestoreConfigVersionCommand):
    """Make an earlier version of a feature configuration its newest one, if it still fits the data.

    Facts: `SchemaFacts` of its dataset.
    """

    OF = _OF
