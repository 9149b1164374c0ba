"""Whether the file with a model's weights is what the store says and fits the model's architecture."""

from __future__ import annotations

from pathlib import Path

from workbench import families
from workbench.artefacts import ArtefactError, ArtefactRoot, sha256_of
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
            path = self._artefacts.path(weights.path)
            seen = path.stat()
        except ArtefactError as error:
            return (f"The weights cannot be read: {error}.",)
        except OSError as error:
            return (f"The weights' file {weights.path} cannot be read: {error.strerror}.",)
        key = (record.id, record.fingerprint, str(record.config), weights.sha256, seen.st_mtime_ns, seen.st_size, seen.st_ino)
        if key not in self._kept:
            if len(self._kept) > 4096:
                self._kept.clear()
            self._kept[key] = self._audited(record, path)
        return self._kept[key]

    def _audited(self, record: ModelRecord, path: Path) -> tuple[str, ...]:
        assert record.weights is not None
        try:
            if sha256_of(path) != record.weights.sha256:
                return (f"The weights' file {record.weights.path} is not what was written: its sha256 differs.",)
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
