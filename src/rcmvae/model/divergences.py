"""Closed-form divergences and entropies, in nats."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

USAGE_FLOOR = 1e-8


def gaussian_kl(mean: Array, log_var: Array, prior_mean: Array | float = 0.0) -> Array:
    """KL(N(mean, exp(log_var)) || N(prior_mean, I)), summed over the last axis (Kingma & Welling 2014, appendix B)."""
    return 0.5 * jnp.sum(jnp.square(mean - prior_mean) + jnp.exp(log_var) - 1.0 - log_var, axis=-1)


def log_normal(z: Array, mean: Array, log_var: Array) -> Array:
    """log N(z; mean, exp(log_var)) with independent dimensions, summed over the last axis."""
    terms = jnp.square(z - mean) * jnp.exp(-log_var) + log_var + jnp.log(2.0 * jnp.pi)
    return -0.5 * jnp.sum(jnp.broadcast_to(terms, jnp.broadcast_shapes(z.shape, terms.shape)), axis=-1)


def categorical_kl(log_r: Array, log_pi: Array) -> Array:
    """KL(r || pi) over the last axis from logs: sum r (log r - log pi). Entries of `log_r` must be finite."""
    return jnp.sum(jnp.exp(log_r) * (log_r - log_pi), axis=-1)


def usage_entropy_gap(usage: Array, components: Array) -> Array:
    """log K - H(usage): 0 for even use of `components` K of them, log K if one takes all. `usage` (K or more,) sums to 1."""
    entropy = -jnp.sum(usage * jnp.log(jnp.maximum(usage, USAGE_FLOOR)))
    return jnp.log(components) - entropy
