"""Feature configurations as pages, REST and the command line see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from recsys.commands.facts import SchemaFacts
from recsys.commands.feature_configs import (
    CloneFeatureConfigCommand,
    CreateFeatureConfigCommand,
    RestoreFeatureVersionCommand,
    UpdateFeatureConfigCommand,
)
from recsys.features.config import FeatureConfig
from recsys.features.defaults import Suggestion, smart_defaults
from recsys.features.dims import TensorDims, tensor_dims
from recsys.features.draft import read_draft
from recsys.features.validate import validate
from recsys.issues import Issue, ranked
from recsys.records import FEATURES, FeatureConfigRecord
from recsys.services.configs import Configs
from recsys.services.finding import Key, schema_facts
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset, free_name, names_taken
from workbench.ids import new_id
from workbench.kinds import kind_of


class FeatureConfigs(Configs[FeatureConfigRecord]):
    """Feature configurations of one workbench. Documents have the shape of `FeatureConfig`, right or wrong."""

    KIND: ClassVar[str] = FEATURES
    UPDATE = UpdateFeatureConfigCommand
    CLONE = CloneFeatureConfigCommand
    RESTORE_VERSION = RestoreFeatureVersionCommand

    def of_dataset(self, dataset_id: str) -> tuple[FeatureConfigRecord, ...]:
        """Those of one dataset, the latest change first."""
        return tuple(record for record in self.list() if record.dataset_id == dataset_id)

    def facts(self, dataset_id: str) -> SchemaFacts:
        """A dataset's columns. Raises CommandError."""
        return schema_facts(self._workbench, dataset_id)

    def smart_defaults(self, dataset_id: str) -> Suggestion:
        """A configuration to begin with, read off a dataset's columns. Raises CommandError."""
        schema = self.facts(dataset_id).schema
        try:
            return smart_defaults(schema)
        except ValueError as error:
            raise CommandError(f"There are no defaults for this dataset: {error}.", "dataset_id") from error

    def dims(self, document: Any) -> TensorDims:
        """The widths of both towers, as far as a document can be read."""
        return tensor_dims(read_draft(document).config())

    def validate(
        self, document: Any, *, dataset_id: str, name: str, exclude: Key | None = None
    ) -> tuple[Issue, ...]:
        """Every issue of a document under a name, errors first; `exclude` is the configuration that it is an edit of."""
        but = None if exclude is None else self.get(exclude, deleted=True).id
        taken = names_taken(self._workbench.state(), FEATURES, but, dataset_id)
        return ranked(validate(document, self.facts(dataset_id).schema, name=name, taken=taken))

    def is_free(self, name: str, *, dataset_id: str, exclude: Key | None = None) -> bool:
        """Whether a configuration of the dataset can have a name."""
        return self._is_free(name, exclude, dataset_id)

    def free_name(self, name: str, *, dataset_id: str) -> str:
        """A name for a new configuration of a dataset: this one, or with a number if it is taken."""
        return free_name(self._workbench.state(), FEATURES, name, within=dataset_id)

    def smart_name(self, dataset_id: str) -> str:
        """A free name for what a dataset's columns suggest: `Retail: smart defaults`. Raises CommandError not_found."""
        dataset, ending = find_dataset(self._workbench.state(), dataset_id).name, ": smart defaults"
        stem = dataset[: kind_of(FEATURES).max_name - len(ending)].strip()
        return self.free_name(f"{stem}{ending}", dataset_id=dataset_id)

    def create(
        self,
        *,
        actor: str,
        dataset_id: str,
        name: str,
        document: Any,
        description: str = "",
        tags: Iterable[str] = (),
        note: str = "",
    ) -> FeatureConfigRecord:
        """Make one. Raises CommandError with every issue."""
        id = new_id(FEATURES)
        command = CreateFeatureConfigCommand(
            config_id=id, name=name, dataset_id=dataset_id, document=self._plain(document), description=description,
            tags=tuple(tags), note=note,
        )  # fmt: skip
        return self._done(command, actor, id, self.facts(dataset_id))

    def _plain(self, document: Any) -> Any:
        return document.model_dump(mode="json") if isinstance(document, FeatureConfig) else document

    def _facts_of(self, record: FeatureConfigRecord) -> SchemaFacts:
        return self.facts(record.dataset_id)
