"""The tau-classifier: classes read off responsibilities through soft counts of the labelled images.

s_ky sums the responsibilities of component k over the labelled images of class y; tau_ky is its smoothed share of
the row, an estimate of p(y | k), and p(y | x) = sum_k r_k tau_ky.

How many images of a class people labelled says what they looked at, not how common the class is, and training draws all classes evenly.
So counts are balanced before they are shared out: with n_y = sum_k s_ky every class counts for h images, the harmonic mean of the n_y, on
which a comparison of unequal groups rests (Kramer 1956). By Bayes tau_ky ~ p(k | y) p(y), with p(k | y) = s_ky / n_y and classes equally
likely. Where each class has as many labels nothing changes; many labels of one class move no other class's components, nor do
their small responsibilities decide a component that holds no label.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

UNCLAIMED = -1


def soft_counts(responsibilities: Array, labels: Array, weights: Array, classes: int) -> Array:
    """s (K, Y): sums of `responsibilities` (B, K) by `labels` (B,), each image with its weight (0 for padding)."""
    members = jax.nn.one_hot(labels, classes, dtype=responsibilities.dtype) * weights[:, None]
    return responsibilities.T @ members


def claim_counts(claims: Array, classes: int, strength: float | Array) -> Array:
    """Pseudo-counts (K, Y): `strength` where component k is claimed by class `claims[k]` (-1: by nobody)."""
    return strength * jax.nn.one_hot(claims, classes)


def balanced(counts: Array) -> Array:
    """Counts s (K, Y) without claims, each class's scaled by h / n_y, h the harmonic mean of the n_y above 0."""
    sizes = jnp.sum(counts, axis=0)
    inverse = jnp.where(sizes > 0, 1.0 / jnp.where(sizes > 0, sizes, 1.0), 0.0)
    mean = jnp.sum(sizes > 0) / jnp.maximum(jnp.sum(inverse), jnp.finfo(counts.dtype).tiny)
    return counts * mean * inverse


def tau_matrix(counts: Array, alpha: float | Array) -> Array:
    """tau (K, Y): each row (s_ky + alpha) / sum over y'. Uniform rows where there are no counts."""
    smoothed = counts + alpha
    return smoothed / jnp.sum(smoothed, axis=1, keepdims=True)


def log_class_probabilities(log_r: Array, tau: Array) -> Array:
    """log p(y | x) (B, Y) = log sum_k r_k tau_ky, stable for responsibilities near 0 (`tau` is never 0)."""
    return jax.nn.logsumexp(log_r[:, :, None] + jnp.log(tau)[None], axis=1)


def certainty(responsibilities: Array, tau: Array) -> Array:
    """max_k r_k max_y tau_ky (B,): how surely an image lies in one component that holds one class."""
    return jnp.max(responsibilities * jnp.max(tau, axis=1)[None], axis=1)
