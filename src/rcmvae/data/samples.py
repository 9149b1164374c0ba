"""Samples and a run's labels as artefacts: drawn, saved, copied and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rcmvae.data.sampling import draw_sample
from rcmvae.holding import ModelPayload, RunPayload, Sample
from workbench.artefacts import ArtefactRoot
from workbench.families import NewModel, Prepared
from workbench.state import LabelValue


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


@dataclass(frozen=True)
class Inputs:
    """What a run trains on besides its data.

    Attributes:
        sample: int32 index arrays `train`, `validation`, `test`, `initially_labelled` of dataset rows.
        labels: dataset row -> class, what the model may see. class_names: the label vocabulary.
        merged: class -> the class that it was merged into.
    """

    sample: Mapping[str, Any]
    labels: Mapping[int, int]
    class_names: tuple[str, ...]
    merged: Mapping[int, int] = field(default_factory=dict)


def prepare(new: NewModel, draw: Any = draw_sample) -> Prepared:
    """Draw a new model's sample, save it, and give its initially labelled images their true classes.

    Raises ConfigError for settings that the data refuses, ArtefactError if the sample cannot be written.
    """
    assert new.settings is not None
    rows = draw(new.dataset, new.settings)
    saved = new.artefacts.write_arrays(f"models/{new.id}/sample.npz", rows)
    sample = Sample(
        settings=new.settings.model_dump(mode="json"), artefact=saved.name, sha256=saved.sha256, n_train=len(rows["train"]),
        n_validation=len(rows["validation"]), n_test=len(rows["test"]), n_labelled=len(rows["initially_labelled"]),
    )  # fmt: skip
    labels = {int(i): LabelValue(label=int(new.dataset.true_labels[i]), source="given") for i in rows["initially_labelled"]}
    facts = replace(new.facts, n_labelled=sample.n_labelled, n_validation=sample.n_validation)
    return Prepared(ModelPayload(sample=sample, class_names=tuple(new.dataset.class_names)), facts, labels)


def copy(payload: ModelPayload, model_id: str, artefacts: ArtefactRoot) -> ModelPayload:
    """A clone's payload: the same sample in a file of its own. Raises ArtefactError."""
    copied = artefacts.copy(payload.sample.artefact, f"models/{model_id}/sample.npz")
    sample = payload.sample.model_copy(update={"artefact": copied.name, "sha256": copied.sha256})
    return payload.model_copy(update={"sample": sample})


def read(payload: ModelPayload, artefacts: ArtefactRoot) -> SampleRows:
    """The index sets of a sample, kept while its file stays as it was. Raises ArtefactError."""

    def make(arrays: Mapping[str, Any]) -> SampleRows:
        return SampleRows(arrays["train"], arrays["validation"], arrays["test"], arrays["initially_labelled"])

    return artefacts.kept(payload.sample.artefact, payload.sample.sha256, make)


def save_labels(payload: RunPayload, labels: Mapping[int, LabelValue], artefacts: ArtefactRoot) -> None:
    """Save what a model may see when a run starts: int32 arrays `rows` and `labels`, by row."""
    import numpy as np

    assert payload.labels_artefact is not None
    rows = sorted(labels)
    classes = [labels[row].label for row in rows]
    arrays = {"rows": np.array(rows, dtype=np.int32), "labels": np.array(classes, dtype=np.int32)}
    artefacts.write_arrays(payload.labels_artefact, arrays)


def inputs(payload: RunPayload, artefacts: ArtefactRoot) -> Inputs:
    """What a run trains on besides its data. Raises ArtefactError for a file that is missing or changed."""
    sample = artefacts.read_arrays(payload.sample.artefact, payload.sample.sha256)
    labels: dict[int, int] = {}
    if payload.labels_artefact is not None:
        arrays = artefacts.read_arrays(payload.labels_artefact)
        labels = dict(zip(arrays["rows"].tolist(), arrays["labels"].tolist(), strict=True))
    return Inputs(sample, labels, payload.class_names, payload.merged)
