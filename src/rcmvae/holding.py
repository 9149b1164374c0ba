"""What an RCM-VAE model and its runs keep besides their configs: the sample, the label vocabulary, the labels of a run.

Importing this module imports no array package; what reads and writes arrays is in `rcmvae.data.samples`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from rcmvae.facts import ImageFacts
from workbench.families import Holding, ImportString, Payload, Standing
from workbench.fields import AUTO, FieldProblem
from workbench.state import LabelValue, ModelRecord, RunRecord


class Sample(BaseModel):
    """A model's fixed sample of its dataset: settings, sizes and the artefact that holds the index sets.

    The artefact is an `.npz` with int32 arrays `train`, `validation`, `test`, `initially_labelled` of dataset rows.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    settings: dict[str, Any]
    artefact: str
    sha256: str
    n_train: int
    n_validation: int
    n_test: int
    n_labelled: int


class ModelPayload(Payload):
    """What a model keeps: its sample, and its label vocabulary, which grows.

    Attributes:
        merged: class -> the class that it was merged into. It keeps its number, which runs and their diagnostics know it by, and takes
            no more labels.
    """

    sample: Sample
    class_names: tuple[str, ...]
    merged: dict[int, int] = Field(default_factory=dict)


class RunPayload(ModelPayload):
    """What a run keeps: those of its model when it was started, where the labels that it sees are saved, and how many they are (of older
    runs not known here)."""

    labels_artefact: str | None = None
    labels: int | None = None


def held(record: ModelRecord | RunRecord) -> ModelPayload:
    """What a model or a run keeps, typed."""
    return (RunPayload if isinstance(record, RunRecord) else ModelPayload).model_validate(record.payload)


def facts_now(standing: Standing) -> ImageFacts:
    """The facts of a model's data with what its sample, labels and vocabulary are now."""
    payload: ModelPayload = standing.payload
    rows = standing.read.validation_set if standing.read is not None else ()
    return replace(
        standing.facts,
        n_labelled=len(standing.marks),
        n_labelled_validation=sum(1 for index in standing.marks if index in rows) if rows else 0,
        n_validation=payload.sample.n_validation,
        n_sampled=payload.sample.n_train,
        n_drawn=payload.sample.n_train + payload.sample.n_validation,
        vocabulary=len(payload.class_names),
        unlabelled=_without_label(payload, standing.marks),
    )


def _without_label(payload: ModelPayload, labels: Mapping[int, LabelValue]) -> tuple[str, ...]:
    missing = {number: name for number, name in enumerate(payload.class_names) if number not in payload.merged}
    for value in labels.values():
        if not missing:
            break
        missing.pop(value.label, None)
    return tuple(missing.values())


def for_run(payload: ModelPayload, run_id: str, labels: int) -> RunPayload:
    """What a run of the model keeps, which begins with so many labels."""
    return RunPayload(**dict(payload), labels_artefact=f"runs/{run_id}/labels.npz", labels=labels)


def label_problems(before: ModelPayload, after: ModelPayload, labels: Mapping[int, LabelValue]) -> list[FieldProblem]:
    """A label whose class the vocabulary would not have."""
    highest = max((value.label for value in labels.values()), default=-1)
    if highest < len(after.class_names):
        return []
    if highest >= len(before.class_names):
        return [FieldProblem("labels", "A class of these labels is no longer known to the model.")]
    return [FieldProblem("class_names", f"The class {before.class_names[highest]} has labels; clear them first.")]


def sample_settings(payload: ModelPayload) -> Mapping[str, Any]:
    """The settings that the sample was drawn with."""
    return payload.sample.settings


def run_words(payload: RunPayload, inputs: Any) -> list[tuple[str, str]]:
    """What a run's report says of its sample."""
    return [("Sample", f"{payload.sample.n_train:,} training items, {len(inputs.labels):,} labels")]


def brief(payload: ModelPayload, labels: int) -> str:
    """A model's sample in a few words."""
    total = payload.sample.n_train + payload.sample.n_validation
    return f"{total:,} images, {labels:,} labelled, {payload.sample.n_test:,} held out"


def expected(facts: ImageFacts, settings: Mapping[str, Any]) -> ImageFacts:
    """The facts as they will be with a sample of these settings, which may still be incomplete."""
    wanted = settings.get("num_samples", AUTO)
    total = facts.n_train if wanted == AUTO else min(int(wanted), facts.n_train)
    n_train = max(1, round(total * (1 - float(settings.get("val_split", 0.0)))))
    return replace(facts, n_labelled=int(settings.get("num_labeled", facts.n_labelled)), n_sampled=n_train, n_drawn=total)


def items(facts: ImageFacts, payload: ModelPayload | None) -> int:
    """How many images an epoch passes over."""
    return payload.sample.n_train if payload is not None else facts.n_sampled or facts.n_train


def part(facts: ImageFacts, payload: ModelPayload | None) -> str | None:
    """How much of its data a model trains on; None if what it does not train on it validates on."""
    sample = payload.sample if payload is not None else None
    n_train = sample.n_train if sample else facts.n_sampled
    drawn = sample.n_train + sample.n_validation if sample else facts.n_drawn
    return f"{n_train:,} of {facts.n_train:,}" if 0 < drawn < facts.n_train else None


def public(payload: ModelPayload) -> Mapping[str, Any]:
    """A model's payload without where its files lie."""
    return payload.model_dump(mode="json", exclude={"sample": {"artefact", "sha256"}})


HOLDING = Holding(
    payload=ModelPayload,
    run_payload=RunPayload,
    prepare=ImportString("rcmvae.data.samples:prepare"),
    copy=ImportString("rcmvae.data.samples:copy"),
    read=ImportString("rcmvae.data.samples:read"),
    facts=facts_now,
    for_run=for_run,
    counts={"labels": "Labels"},
    snapshot=ImportString("rcmvae.data.samples:save_labels"),
    inputs=ImportString("rcmvae.data.samples:inputs"),
    problems=label_problems,
    settings=sample_settings,
    words=run_words,
    brief=brief,
    expected=expected,
    items=items,
    part=part,
    public=public,
)
