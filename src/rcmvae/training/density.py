"""log p(x) of images by importance sampling, with the encoder as the proposal (Burda et al. 2016, equation 8, extended to components).

    p(x) ~ (1/S) sum_s sum_c pi_c p(z_sc | c) p(x | z_sc, c) / q(z_sc | x, c),  z_sc ~ q(z | x, c)

The sum over components is exact; z is the same for all components in the shared layout. For the standard prior it has one
term, for a VampPrior one with p(z) = sum_k pi_k N(z; mu(u_k), sigma^2(u_k)). What is averaged is an unbiased estimate of p(x), so
the mean of log p(x) lies below the truth and rises with S. Components that a curriculum has not opened have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from rcmvae.images import in_batches
from rcmvae.model.divergences import log_normal
from rcmvae.model.network import Network, Parameters
from rcmvae.model.priors.base import Centres
from rcmvae.training.compiling import compiled_for, with_numbers
from rcmvae.training.recipe import EVALUATION_FLOATS, Recipe
from rcmvae.training.step import as_floats

SAMPLES = 5000
"""Samples an image that the literature on MNIST takes (Tomczak and Welling 2018, section 4)."""
CHUNK = 50
"""Samples of one image that are decoded at once; noise is drawn by the chunk, so this number is part of what a seed means."""
MOST_IMAGES = 256


class DensityEstimator:
    """Importance sampling for one model, in batches of a fixed number of images: one compilation, whatever the number of samples.

    The largest array of a batch (what one layer of the decoder gives for all samples and components, or the squared distances to a
    VampPrior's components) holds at most `EVALUATION_FLOATS` float32 (64 MiB), unless `CHUNK` samples of one image exceed it alone.
    `active` (K,) is 1 for open components; all are if it is not given.
    """

    def __init__(self, recipe: Recipe, parameters: Parameters, active: Array | None = None) -> None:
        self.recipe = recipe
        self._parameters = parameters
        self._active = jnp.ones(recipe.plan.components) if active is None else active
        self._estimate = with_numbers(_compiled(recipe.code), recipe)["estimate"]

    @property
    def batch_size(self) -> int:
        """Images of every batch; a power of two that holds them all if they are fewer."""
        return max(1, min(MOST_IMAGES, EVALUATION_FLOATS // (CHUNK * self.recipe.floats_per_image)))

    def log_likelihood(
        self, images: np.ndarray, *, samples: int = SAMPLES, seed: int = 0, on_progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        """log p(x) in nats, float32 (N,), of `images` (N, H, W, C) in [0, 1] or uint8.

        The noise of an image follows from `seed` and its position among `images` alone. `on_progress` is told the number of images done.
        Raises ValueError for less than one sample.
        """
        if samples < 1:
            raise ValueError(f"samples must be at least 1 (got {samples})")
        key = jax.random.key(seed)
        count = len(images)
        size = min(self.batch_size, 1 << (count - 1).bit_length())
        parts = []
        for batch, places in zip(in_batches(images, size), in_batches(np.arange(count, dtype=np.int32), size), strict=True):
            found = self._estimate(self._parameters, self._active, jnp.asarray(batch), jnp.asarray(places), key, jnp.int32(samples))
            parts.append(np.asarray(found))
            if on_progress is not None:
                on_progress(min(count, len(parts) * size))
        return np.concatenate(parts)[:count]


def log_weights(network: Network, recipe: Recipe, pixels: Array, posterior: tuple[Array, Array], z: Array, centres: Centres) -> Array:
    """log of sum_c pi_c p(z_c | c) p(x | z_c, c) / q(z_c | x, c) (R,), one for each row.

    Args:
        pixels: (R, P) in [0, 1]. posterior: means and log variances (R, C, D). z: (R, C, D) drawn from them.
    """
    log_q = log_normal(z, *posterior)
    log_prior = network.prior.log_pi() + network.prior.log_density(z, centres)
    log_x = -recipe.observation.negative_log_likelihood(pixels, network.decode(z))
    if not network.plan.has_logits:
        # the decoder does not know the component, so all that is left of it is p(z)
        log_prior = jax.nn.logsumexp(log_prior, axis=1, keepdims=True)
    return jax.nn.logsumexp(log_prior + log_x - log_q, axis=1)


def _estimate(parameters: Parameters, active: Array, images: Array, places: Array, key: Array, samples: Array, *, recipe: Recipe) -> Array:
    """log p(x) (B,) of `images` (B, H, W, C) at `places` (B,), from `samples` (dynamic) samples each."""
    network = recipe.bind(parameters, active)
    centres = network.centres()
    floats = as_floats(images)
    encoded = network.encode(floats, centres=centres)
    shape = encoded.mean.shape
    pixels = jnp.repeat(floats.reshape(shape[0], -1), CHUNK, axis=0)
    mean, log_var = (jnp.repeat(array, CHUNK, axis=0) for array in (encoded.mean, encoded.log_var))
    keys = jax.vmap(lambda place: jax.random.fold_in(key, place))(places)

    def add(chunk: Array, total: Array) -> Array:
        noise = jax.vmap(lambda own: jax.random.normal(jax.random.fold_in(own, chunk), (CHUNK, *shape[1:])))(keys)
        z = mean + jnp.exp(0.5 * log_var) * noise.reshape(mean.shape)
        found = log_weights(network, recipe, pixels, (mean, log_var), z, centres).reshape(shape[0], CHUNK)
        wanted = chunk * CHUNK + jnp.arange(CHUNK) < samples
        return jnp.logaddexp(total, jax.nn.logsumexp(jnp.where(wanted, found, -jnp.inf), axis=1))

    chunks = (samples + CHUNK - 1) // CHUNK
    total = jax.lax.fori_loop(0, chunks, add, jnp.full(shape[:1], -jnp.inf))
    return total - jnp.log(samples.astype(jnp.float32))


@lru_cache(maxsize=8)
def _compiled(code: Recipe) -> dict[str, Callable[..., Any]]:
    return {"estimate": compiled_for(code, _estimate)}
