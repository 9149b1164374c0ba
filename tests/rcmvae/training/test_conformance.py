"""What every kind of model must do: build, learn in all its parameters, come back from a file, resume bit for bit.

Gradients are looked at in every valid combination of any two choices. Training takes as long as thirty of those tests, so it is done for
every two of the choices that a checkpoint's arrays depend on, and for every single other one; TRELLIS_CONFORMANCE_STRENGTH asks for more.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.model.network import bind
from rcmvae.model.routing import training_context
from rcmvae.training.checkpoint import Identity, load
from rcmvae.training.optimiser import trains
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.step import Batch, loss_and_outputs, metric_names, view_rows
from rcmvae.training.trainer import recipe_of_job, train
from tests.support.small_rcmvae import equal_states, small_job, started
from workbench.runs.scripted import QuietReporter

spec = importlib.util.spec_from_file_location("rcmvae_cases", Path(__file__).with_name("cases.py"))
assert spec is not None
assert spec.loader is not None
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)


ASKED = os.environ.get("TRELLIS_CONFORMANCE_STRENGTH")
STRENGTH = int(ASKED or "2")
"""How many choices are combined in every way; 3 takes minutes more and is for changes to the networks."""

FEW = {cases.name(case): case for case in (*cases.covering(2, ("prior", "encoder", "decoder", "classifier")), *cases.covering(1))}
TRAINED = cases.covering(2) if ASKED else tuple(FEW.values())
"""What is trained, stopped and resumed."""


@pytest.mark.parametrize("case", cases.covering(STRENGTH), ids=cases.name)
def test_outputs_have_their_shapes_and_every_parameter_that_should_learn_has_a_gradient(case: dict[str, Any]) -> None:
    engine, state = started(**cases.changes(case), recon_weight=0.5)
    recipe, plan, data = engine.recipe, engine.recipe.plan, engine.data
    batch = Batch(jnp.asarray(data.images[:16]), jnp.ones(16), jnp.asarray(data.images[:6]), jnp.asarray(data.labels[:6]))
    rows = sum(view_rows(recipe, batch))

    @jax.jit
    def everything(parameters: dict[str, jax.Array], key: jax.Array):
        network = bind(plan, parameters)
        encoded = network.encode(batch.images)
        context = training_context(
            recipe.choices, recipe.numbers, plan, rows=rows, decoded=16, augmented=False, life_epoch=jnp.int32(50), key=key
        )
        return (
            encoded,
            network.decode(encoded.mean),
            jax.value_and_grad(loss_and_outputs, has_aux=True)(parameters, state, batch, context, recipe),
        )

    encoded, decoded, ((loss, out), slopes) = everything(state.parameters, jax.random.key(0))
    alike = not plan.has_logits or not (plan.decentralized or plan.embedding)
    assert encoded.log_responsibilities.shape == (16, plan.components)
    assert encoded.mean.shape == encoded.log_var.shape == (16, plan.posteriors, 2)
    assert decoded.output.shape == (16, 1 if alike else plan.components, 64)
    assert (decoded.raw_sigma is not None) == (case["loss"] == "heteroscedastic")
    assert np.isfinite(float(loss))
    assert {*out.metrics, "grad_norm"} == set(metric_names(recipe))
    assert all(np.isfinite(float(metric.value)) for metric in out.metrics.values())
    still = [name for name, slope in slopes.items() if trains(name, recipe) and not np.abs(np.asarray(slope)).max() > 0]
    assert still == []
    assert all(not np.asarray(slopes[name]).any() for name in slopes if not trains(name, recipe))


@pytest.mark.parametrize("case", TRAINED, ids=cases.name)
def test_training_lowers_the_loss_and_a_file_in_the_middle_changes_nothing(case: dict[str, Any], tmp_path: Path) -> None:
    changes = cases.changes(case)
    if "conv" in (case["encoder"], case["decoder"]):
        changes["conv_channels"] = (4, 5)
    if case["encoder"] == case["decoder"] == "conv":
        changes["hidden_dims"] = (256, 128, 64)
    if case["conditioning"] == "none" or case["prior"] == "vamp":
        changes["component_embedding_dim"] = "auto"
    if case["prior"] == "standard":
        changes["num_components"] = "auto"
    job = small_job(tmp_path / "whole", **changes)
    reporter = QuietReporter()
    summary = train(job, reporter)
    # of validation, which weighs and decodes alike in every epoch: in training KL weights and warm-ups change from one to the next
    losses = [float(e["validation/loss"] or 0) for e in reporter.epochs]
    assert losses[-1] < losses[0]
    assert summary.bundle is not None
    failed = {n: v for group in summary.metrics.values() for n, v in group.items() if v["state"] == "failed"}
    assert failed == {}

    first = QuietReporter(stop_after=1)
    train(small_job(tmp_path / "part", **changes), first)
    last = [path for path, kind, _ in first.checkpoints if kind == "last"][-1]
    resumed = train(small_job(tmp_path / "rest", job={"resume_from": last}, **changes), QuietReporter())
    identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256)
    recipe = recipe_of_job(job)
    one, other = (load(path, recipe.plan, identity).state for path in (summary.kept, resumed.kept))
    assert equal_states(one, other)
    images = np.asarray(job.dataset.images[:16])
    before, after = (ModelPredictor(recipe, state, batch_size=16).classify(images) for state in (one, other))
    assert np.array_equal(before.probabilities, after.probabilities)
    np.testing.assert_allclose(before.probabilities.sum(axis=1), 1.0, rtol=1e-4)
