"""Whether the file with a model's weights is what the store says and fits the model's architecture."""

from __future__ import annotations

from workbench import families
from workbench.artefacts import ArtefactError, ArtefactRoot
from workbench.state import ModelRecord
from workbench.values import configs_of, resolved_of


class WeightsAudit:
    """Audits checkpoint files; an answer is kept until the file or the model's architecture changes."""

    def __init__(self, artefacts: ArtefactRoot) -> None:
        self._artefacts = artefacts
        self._kept: dict[tuple[object, ...], tuple[str, ...]] = {}

    def problems(self, record: ModelRecord) -> tuple[str, ...]:
        """Sentences about what is wrong with the model's weights; empty if nothing is, or if it has none."""
        weights = record.weights
        if weights is None:
            return ()
        try:
            seen = self._artefacts.look(weights.path)
        except ArtefactError as error:
            return (f"The weights cannot be read: {error}.",)
        if seen is None:
            return (f"The weights' file {weights.path} is missing: none lies at {self._artefacts.place(weights.path)}.",)
        key = (record.id, record.fingerprint, str(record.config), weights.sha256, *seen.mark)
        if key not in self._kept:
            if len(self._kept) > 4096:
                self._kept.clear()
            self._kept[key] = self._audited(record)
        return self._kept[key]

    def _audited(self, record: ModelRecord) -> tuple[str, ...]:
        assert record.weights is not None
        try:
            if self._artefacts.sha256(record.weights.path) != record.weights.sha256:
                return (f"The weights' file {record.weights.path} is not what was written: its sha256 differs.",)
            path = self._artefacts.path(record.weights.path, record.weights.sha256)
        except ArtefactError as error:
            return (str(error),)
        family = families.family(record.family)
        kind = family.model(record.model_type)
        try:
            configs = configs_of(kind, record.config)
            resolved = resolved_of(kind, record.config)
        except ValueError as error:
            return (f"The stored config cannot be read: {error}.",)
        return tuple(family.audit.load()(path, configs, resolved))
