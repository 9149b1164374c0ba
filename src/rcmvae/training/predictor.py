"""A trained model as numpy functions over fixed batches: one compilation each, whatever the number of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import Array

from parallel.mesh import local
from rcmvae.diagnostics.predictor import Evaluation
from rcmvae.model.network import Parameters
from rcmvae.model.tau import certainty
from rcmvae.training.compiling import compiled_for, with_numbers
from rcmvae.training.evaluation import EvaluationArrays, evaluate_batch, evaluation_arrays
from rcmvae.training.optimiser import PSEUDO
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import TrainState
from rcmvae.training.step import as_floats, classify, current_counts, current_tau

_ROW_TERMS = ("image", "labelled")


@struct.dataclass
class Classified:
    """What the encoder says about a batch: class `probabilities` (B, Y), `responsibilities` (B, K), posterior `mean` and
    `log_var` (B, C, D), the `mean_latent` (B, D) and the `certainty` of the class (B,)."""

    probabilities: Array
    responsibilities: Array
    mean: Array
    log_var: Array
    mean_latent: Array
    certainty: Array


class ModelPredictor:
    """The model of a training state.

    `classify` runs the encoder alone; `evaluate` and `decode` also decode. Every call takes exactly `batch_size` rows.

    Args:
        tau: (K, Y) in place of the one that the state counted, which may be of fewer classes.
    """

    def __init__(self, recipe: Recipe, state: TrainState, *, tau: np.ndarray | None = None, batch_size: int | None = None) -> None:
        # the kept state may have fewer components open than training had at its end
        self.recipe = recipe = replace(recipe, open_components=0, devices=1)
        state = local(state)
        self.parameters = state.parameters
        self._counts = state.counts if tau is None else jnp.zeros(tau.shape)
        self.tau = current_tau(state.counts, state.claims, recipe) if tau is None else jnp.asarray(tau, jnp.float32)
        self.claims = np.asarray(state.claims)
        self._active = state.curriculum.active
        self._batch_size = batch_size or recipe.evaluation_rows
        self._functions = with_numbers(_compiled(recipe.code), recipe)

    @property
    def batch_size(self) -> int:
        """Rows of every batch."""
        return self._batch_size

    @property
    def active(self) -> Array:
        """(K,), 1 for open components."""
        return self._active

    @property
    def pi(self) -> np.ndarray:
        """Component weights (K,), empty without components."""
        if not self.recipe.mixture:
            return np.zeros(0, np.float32)
        return np.exp(np.asarray(self.recipe.bind(self.parameters, self._active).prior.log_pi()))

    @property
    def embeddings(self) -> np.ndarray:
        """Component embeddings (K, E), empty without conditioning."""
        table = self.parameters.get("decoder.embeddings")
        return np.zeros((self.recipe.plan.components if self.recipe.mixture else 0, 0), np.float32) if table is None else np.asarray(table)

    @property
    def pseudo_images(self) -> np.ndarray | None:
        """A VampPrior's pseudo-images float32 (K, H, W, C) in [0, 1]; None with other priors."""
        logits = self.parameters.get(PSEUDO)
        return None if logits is None else np.asarray(jax.nn.sigmoid(logits))

    @property
    def counts_with_claims(self) -> np.ndarray:
        """What tau is the smoothed share of (K, Y): labelled responsibilities and claims; zeros without labels."""
        return np.asarray(current_counts(self._counts, jnp.asarray(self.claims), self.recipe))

    @property
    def classified_by(self) -> str:
        """`tau`, `head` or `none`."""
        return self.recipe.classifier or "none"

    def classify(self, images: np.ndarray) -> Classified:
        """Encode `images` (B, H, W, C), float in [0, 1] or uint8, and predict their classes."""
        return jax.tree.map(np.asarray, self._functions["classify"](self.parameters, self._active, self.tau, jnp.asarray(images)))

    def evaluate(self, images: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> Evaluation:
        """Evaluate a batch as diagnostics ask for it (see `rcmvae.diagnostics.predictor`)."""
        count = len(images)
        batch = evaluation_arrays(self.recipe, images, rows, labels)
        out = jax.tree.map(np.asarray, self._functions["evaluate"](self.parameters, self._active, self.tau, batch))
        losses = {
            name: np.where(labels >= 0, values, np.nan) if name == "classification_loss" else values
            for name, values in out["losses"].items()
        }
        return Evaluation(
            responsibilities=out["responsibilities"] if self.recipe.mixture else np.zeros((count, 0), np.float32),
            mu=out["mean"],
            log_var=out["log_var"],
            z=out["z"],
            component_kl=out["component_kl"],
            probabilities=out["probabilities"],
            losses=losses,
        )

    def decode(self, z: np.ndarray, components: np.ndarray) -> np.ndarray:
        """Mean images (B, H, W, C) in [0, 1] of latents (B, D), each decoded by its own component (B,)."""
        out = self._functions["decode"](self.parameters, jnp.asarray(z, jnp.float32), jnp.asarray(components, jnp.int32))
        return np.asarray(out).reshape(-1, *self.recipe.plan.input_shape)

    def prior_sample(self, components: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Latents (B, D) of p(z | component) from standard normal noise (B, D)."""
        network = self.recipe.bind(self.parameters, self._active)
        return np.asarray(network.prior.place(jnp.asarray(noise), jnp.asarray(components), network.centres()))

    def sample(self, key: Array, count: int) -> tuple[np.ndarray, np.ndarray]:
        """`count` draws of the prior: latents float32 (count, D) and their components int32 (count,), open ones alone."""
        network = self.recipe.bind(self.parameters, self._active)
        latents, components = network.prior.sample(key, count, network.centres())
        return np.asarray(latents), np.asarray(components)


@lru_cache(maxsize=8)
def _compiled(code: Recipe) -> dict[str, Callable[..., Any]]:
    return {
        "classify": compiled_for(code, _classify),
        "evaluate": compiled_for(code, _evaluate),
        "decode": compiled_for(code, _decode),
    }


def _classify(parameters: Parameters, active: Array, tau: Array, images: Array, *, recipe: Recipe) -> Classified:
    network = recipe.bind(parameters, active)
    encoded = network.encode(as_floats(images))
    r = jnp.exp(encoded.log_responsibilities)
    if recipe.classifier is None:
        probabilities = jnp.zeros((images.shape[0], 0))
    else:
        probabilities = jnp.exp(classify(network, recipe, tau, encoded, encoded.mean))
    if recipe.classifier == "tau":
        sure = certainty(r, tau)
    else:
        sure = jnp.max(probabilities, axis=1) if recipe.classes else jnp.zeros(images.shape[0])
    return Classified(probabilities, r, encoded.mean, encoded.log_var, network.mean_latent(encoded.mean, r), sure)


def _evaluate(parameters: Parameters, active: Array, tau: Array, batch: EvaluationArrays, *, recipe: Recipe) -> dict[str, Any]:
    network = recipe.bind(parameters, active)
    found, inputs = evaluate_batch(network, recipe, tau, batch)
    extras = found.extras
    terms = [term for term in recipe.evaluation_terms if term.per in _ROW_TERMS]
    losses = {term.name: inputs.reported(term) for term in terms}
    losses["elbo"] = -sum((losses[term.name] for term in terms if term.part_of_elbo), jnp.zeros(batch.labels.shape))
    known = found.log_probabilities
    return {
        "responsibilities": extras.responsibilities,
        "mean": extras.encoded.mean,
        "log_var": extras.encoded.log_var,
        "z": extras.z,
        "component_kl": extras.component_kl,
        "probabilities": jnp.zeros((batch.labels.shape[0], 0)) if known is None else jnp.exp(known),
        "losses": losses,
    }


def _decode(parameters: Parameters, z: Array, components: Array, *, recipe: Recipe) -> Array:
    network = recipe.bind(parameters)
    # no component is decoded in vain
    return jax.nn.sigmoid(network.decode(z[:, None], chosen=components[:, None]).output[:, 0])
