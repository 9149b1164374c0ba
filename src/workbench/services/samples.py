"""The index sets of models' samples, read from their artefacts and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.artefacts import ArtefactRoot
from workbench.state import Sample

_KEPT = 64


@dataclass(frozen=True)
class SampleRows:
    """The index sets of a sample: int32 arrays of dataset rows, and the sets that commands ask."""

    train: Any
    validation: Any
    test: Any
    initially_labelled: Any

    @cached_property
    def validation_set(self) -> frozenset[int]:
        """The validation rows."""
        return frozenset(self.validation.tolist())

    @cached_property
    def labelable(self) -> frozenset[int]:
        """The rows that people may label: training and validation, never test."""
        return self.validation_set | frozenset(self.train.tolist())


class Samples:
    """Reads samples; a sample never changes, so what was read is kept while its file stays as it was."""

    def __init__(self, artefacts: ArtefactRoot) -> None:
        self._artefacts = artefacts
        self._kept: dict[tuple[str, int, int], SampleRows] = {}

    def rows(self, sample: Sample) -> SampleRows:
        """The index sets of a sample. Raises ArtefactError if its file is missing, damaged or not what was written."""
        try:
            seen = self._artefacts.path(sample.artefact).stat()
        except OSError:
            self._artefacts.read_bytes(sample.artefact)  # says in words why it cannot be read
            raise
        key = (sample.artefact, seen.st_mtime_ns, seen.st_size)
        kept = self._kept.get(key)
        if kept is None:
            arrays = self._artefacts.read_arrays(sample.artefact, sample.sha256)
            kept = SampleRows(arrays["train"], arrays["validation"], arrays["test"], arrays["initially_labelled"])
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = kept
        return kept
