"""What is computed once at the end of a run: the diagnostics bundle, its metrics and the headline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from rcmvae.diagnostics.bundle import BundleFacts
from rcmvae.diagnostics.collect import Histories, ModelArrays, SampleData, collect
from rcmvae.diagnostics.metrics import compute
from rcmvae.diagnostics.relabelled import classes_now
from rcmvae.model.routing import temperature
from rcmvae.simple.beside import beside, cache_folder
from rcmvae.simple.verdict import Verdict, verdict
from rcmvae.training.curriculum import open_components, unlocks
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.recipe import Recipe
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState
from rcmvae.training.task import Task

BUNDLE_NAME = "diagnostics.npz"

Metrics = dict[str, dict[str, dict[str, Any]]]


def diagnose(recipe: Recipe, state: TrainState, record: RunRecord, job: Task) -> tuple[Path, Metrics, Verdict | None]:
    """Pass all images of the sample through the kept model, compare it with simple methods, save the bundle in the job's folder and compute
    every metric."""
    predictor = ModelPredictor(recipe, state)
    components = recipe.plan.components if recipe.mixture else 0
    with_tau = recipe.classifier == "tau"
    tau_shape = (components, recipe.classes)
    model = ModelArrays(
        pi=predictor.pi,
        tau=np.asarray(predictor.tau) if with_tau else np.zeros(tau_shape, np.float32),
        tau_counts=predictor.counts_with_claims if with_tau else np.zeros(tau_shape, np.float32),
        claims=predictor.claims if recipe.mixture else np.zeros(0, np.int32),
        embeddings=predictor.embeddings,
        pseudo_images=predictor.pseudo_images,
        centres=np.asarray(recipe.plan.centres, np.float32) if recipe.plan.centres else None,
    )
    data = SampleData(
        images=np.asarray(job.dataset.images),
        true_labels=classes_now(np.asarray(job.dataset.true_labels), job.merged),
        train=np.asarray(job.sample["train"]),
        validation=np.asarray(job.sample["validation"]),
        test=np.asarray(job.sample["test"]),
        labels={int(row): int(label) for row, label in job.labels.items()},
    )
    histories = Histories(
        metric_epochs=tuple(record.epochs),
        metrics=tuple(record.metrics),
        mixture_epochs=tuple(record.mixture_epochs),
        pi=tuple(record.pi),
        usage=tuple(record.usage),
        hardness=tuple(record.hardness),
        temperature=tuple(record.temperature),
        active=tuple([bool(open_) for open_ in mask] for mask in record.active) if recipe.curriculum else (),
    )
    plan, resolved = recipe.plan, job.resolved
    facts = BundleFacts(
        prior_type=plan.prior,
        latent_layout="decentralized" if plan.decentralized else "shared",
        decoder_conditioning=plan.conditioning,
        reconstruction_loss=str(resolved["reconstruction_loss"]),
        classifier=cast(Literal["tau", "head", "none"], predictor.classified_by),
        class_names=tuple(job.class_names),
        epochs=len(record.epochs),
        best_epoch=record.best_epoch if recipe.n_validation else None,
        seconds=record.seconds,
        examples_per_second=recipe.n_train * len(record.epochs) / record.seconds if record.seconds > 0 else None,
        gumbel_temperature=last_temperature(recipe, record),
        open_components=tuple(open_components(state)) if recipe.curriculum else None,
        unlocks=unlocks(state) if recipe.curriculum else None,
    )
    bundle = collect(predictor, data, model, histories, facts)
    simple = beside(bundle, data.images, job.dataset_sha256, cache=cache_folder())
    if simple is not None:
        bundle = replace(bundle, **simple.fields())
    path = job.folder / BUNDLE_NAME
    bundle.save(path)
    return path, compute(bundle), verdict(bundle)


def last_temperature(recipe: Recipe, record: RunRecord) -> float | None:
    """The Gumbel temperature of the run's last epoch; None unless routing is sampled and an epoch is complete."""
    if not recipe.routing.gumbel or not record.epochs:
        return None
    return float(temperature(recipe.choices, recipe.numbers, record.epochs[-1] - 1))


def headline(metrics: Metrics, record: RunRecord) -> dict[str, float | None]:
    """The few numbers for cards and lists: accuracy first, then loss, KL and used components."""
    last: Mapping[str, float | None] = record.metrics[(record.best_epoch or len(record.metrics)) - 1] if record.metrics else {}
    numbers: dict[str, float | None] = {
        "accuracy": _value(metrics, "classification", "accuracy"),
        "loss": last.get("validation/loss", last.get("train/loss")),
        "elbo": _value(metrics, "training", "elbo"),
        "kl_z": _value(metrics, "training", "kl_z"),
        "k_eff": _value(metrics, "mixture", "k_eff"),
    }
    return {name: value for name, value in numbers.items() if value is not None}


def _value(metrics: Metrics, group: str, name: str) -> float | None:
    value = metrics.get(group, {}).get(name, {}).get("value")
    return float(value) if isinstance(value, int | float) else None
