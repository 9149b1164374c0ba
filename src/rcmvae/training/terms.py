"""The registry of loss terms. A new term is one function and one line in `TERMS`.

A term whose precondition does not hold is absent: not computed, not logged, not a constant in the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.model.divergences import categorical_kl, usage_entropy_gap
from rcmvae.model.extras import MixtureExtras
from rcmvae.model.routing import RoutingContext
from rcmvae.training.recipe import Recipe


@struct.dataclass
class View:
    """All that a term may read in one step or one evaluation batch.

    Attributes:
        usage: (K,) mean responsibilities that the usage term looks at. log_pi: (K,) log of the component weights.
        active: (K,) 1 for open components. kernels: the weights that decay, for terms on the parameters themselves.
        extras: the forward pass on the batch of all images (B rows); None for terms of the whole batch in an evaluation.
        label_log_probabilities: (L, Y) log p(y | x) of labelled images, and their `labels` (L,); None without labels.
        labelled_latents: (L, D) mean latents of labelled images; None without the contrastive term.
        target_log_probabilities, view_log_probabilities: (B, Y) of classes, or (B, K) of components, of the images and of their
            augmented views; None without the consistency term.
    """

    usage: Array
    log_pi: Array
    active: Array
    kernels: tuple[Array, ...]
    extras: MixtureExtras | None = None
    label_log_probabilities: Array | None = None
    labels: Array | None = None
    labelled_latents: Array | None = None
    target_log_probabilities: Array | None = None
    view_log_probabilities: Array | None = None

    @property
    def forward(self) -> MixtureExtras:
        """The forward pass, where there is one."""
        if self.extras is None:
            raise ValueError("this view holds no forward pass; only terms of the whole batch may read it")
        return self.extras


@dataclass(frozen=True)
class Term:
    """One term of the loss.

    Attributes:
        name: its metric's name.
        per: what `value` returns: a value per `image` (B,), per `labelled` image (L,), or one for the `batch`.
        applies: whether it exists in a run. value: the pure function.
        weight: its weight in the loss at a step's context.
        bound: its value in the ELBO where that differs from `value`; then the metric reports this one.
        part_of_elbo: whether the ELBO contains it. training_only: absent from evaluation.
    """

    name: str
    per: Literal["image", "labelled", "batch"]
    applies: Callable[[Recipe], bool]
    value: Callable[[View, Recipe], Array]
    weight: Callable[[RoutingContext, Recipe], Array | float]
    bound: Callable[[View, Recipe], Array] | None = None
    part_of_elbo: bool = False
    training_only: bool = False


def routed_reconstruction(view: View, recipe: Recipe) -> Array:
    """sum_k s_k l_k (B,)."""
    del recipe
    return jnp.sum(view.forward.routing_weights * view.forward.negative_log_likelihood, axis=1)


def expected_reconstruction(view: View, recipe: Recipe) -> Array:
    """sum_k r_k l_k (B,): the bound's reconstruction; while gated, over the decoded components."""
    del recipe
    return jnp.sum(view.forward.decoded_responsibilities * view.forward.negative_log_likelihood, axis=1)


def latent_divergence(view: View, recipe: Recipe) -> Array:
    """KL of the latent to the prior (B,); in the decentralized layout over all components alike if settings say so."""
    if recipe.plan.decentralized and recipe.settings.decentralized_kl == "all":
        return jnp.sum(view.forward.component_kl * view.active, axis=1)
    return expected_latent_divergence(view, recipe)


def expected_latent_divergence(view: View, recipe: Recipe) -> Array:
    """sum_k r_k KL_k (B,), or the one KL there is."""
    kl = view.forward.component_kl
    return jnp.sum(view.forward.responsibilities * kl, axis=1) if recipe.plan.divergences > 1 else kl[:, 0]


def component_divergence(view: View, recipe: Recipe) -> Array:
    """KL(r || pi) (B,)."""
    del recipe
    return categorical_kl(view.forward.encoded.log_responsibilities, view.log_pi)


def logit_mixture(view: View, recipe: Recipe) -> Array:
    """-log of an even mixture of N(M e_k, s^2 I) over components at the raw logits y (B,): wants one logit high, the rest near 0."""
    y, active = view.forward.encoded.component_logits, view.active
    components, mean, sigma = jnp.sum(active), recipe.scalars.c_logit_prior_mean, recipe.scalars.c_logit_prior_sigma
    # ||y - M e_k||^2 = ||y||^2 - 2 M y_k + M^2, over open components
    squares = jnp.sum(jnp.square(y) * active, axis=1, keepdims=True) - 2.0 * mean * y + jnp.square(mean)
    density = jax.nn.logsumexp(-squares / (2.0 * jnp.square(sigma)), axis=1, b=active[None])
    return -(density - 0.5 * components * jnp.log(2.0 * jnp.pi * jnp.square(sigma)) - jnp.log(components))


def contrastive(view: View, recipe: Recipe) -> Array:
    """The supervised contrastive loss L_out over labelled images (Khosla et al. 2020), mean over anchors that have a positive; 0 without."""
    assert view.labelled_latents is not None
    assert view.labels is not None
    z = view.labelled_latents
    z = z * jax.lax.rsqrt(jnp.sum(jnp.square(z), axis=1, keepdims=True) + 1e-12)
    itself = jnp.eye(z.shape[0], dtype=bool)
    similarity = jnp.where(itself, -jnp.inf, z @ z.T / recipe.scalars.contrastive_temperature)
    log_p = similarity - jax.nn.logsumexp(similarity, axis=1, keepdims=True)
    positive = (view.labels[:, None] == view.labels[None]) & ~itself
    count = jnp.sum(positive, axis=1)
    per_anchor = -jnp.sum(jnp.where(positive, log_p, 0.0), axis=1) / jnp.maximum(count, 1)
    return jnp.sum(per_anchor) / jnp.maximum(jnp.sum(count > 0), 1)


def l1(view: View, recipe: Recipe) -> Array:
    """The sum of absolute weights, over the parameters that weight decay acts on."""
    del recipe
    return sum((jnp.sum(jnp.abs(kernel)) for kernel in view.kernels), start=jnp.zeros(()))


def label_loss(view: View, recipe: Recipe) -> Array:
    """-log p(y | x) of the labelled images (L,)."""
    del recipe
    assert view.label_log_probabilities is not None
    assert view.labels is not None
    return -jnp.take_along_axis(view.label_log_probabilities, view.labels[:, None], axis=1)[:, 0]


def usage_gap(view: View, recipe: Recipe) -> Array:
    """log |A| - H(usage) over the open components A."""
    del recipe
    return usage_entropy_gap(view.usage, jnp.sum(view.active))


def dirichlet(view: View, recipe: Recipe) -> Array:
    """-(alpha - 1) sum_k log pi_k / N: the negative log density of a Dirichlet prior on pi, as a share of one image."""
    return -(recipe.scalars.dirichlet_alpha - 1.0) * jnp.sum(jnp.where(view.active > 0, view.log_pi, 0.0)) / recipe.n_train


def consistency(view: View, recipe: Recipe) -> Array:
    """1[max_y p(y|x) > threshold] CE(p(y|x), p(y|view)) (B,): a soft-target variant of FixMatch (Sohn et al. 2020).

    With `consistency_target=components` r(k|x) stands for p(y|x): no label is needed, and together with the usage term, which
    asks for even use of all components, it rewards what a component tells of an image whatever its small distortions, as
    information-maximising clustering does (Hu et al. 2017, arXiv:1702.08720).
    """
    assert view.target_log_probabilities is not None
    assert view.view_log_probabilities is not None
    target = jax.lax.stop_gradient(jnp.exp(view.target_log_probabilities))
    sure = jnp.max(target, axis=1) > recipe.scalars.consistency_threshold
    return jnp.where(sure, -jnp.sum(target * view.view_log_probabilities, axis=1), 0.0)


def sure_share(view: View, recipe: Recipe) -> Array:
    """1 where the predicted class or component is surer than the consistency threshold (B,)."""
    assert view.target_log_probabilities is not None
    return (jnp.exp(jnp.max(view.target_log_probabilities, axis=1)) > recipe.scalars.consistency_threshold).astype(jnp.float32)


TERMS: tuple[Term, ...] = (
    Term("reconstruction_loss", "image", lambda r: True, routed_reconstruction, lambda c, r: r.scalars.recon_weight,
         bound=expected_reconstruction, part_of_elbo=True),
    Term("kl_z", "image", lambda r: True, latent_divergence, lambda c, r: r.scalars.kl_weight * c.kl_z_factor,
         bound=expected_latent_divergence, part_of_elbo=True),
    Term("kl_c", "image", lambda r: r.plan.has_logits, component_divergence,
         lambda c, r: r.scalars.kl_c_weight * c.kl_c_factor if r.regularises("categorical") else 0.0, part_of_elbo=True),
    Term("c_logit_prior", "image", lambda r: r.regularises("logit_mog"), logit_mixture,
         lambda c, r: r.scalars.c_logit_prior_weight * c.kl_c_factor),
    Term("classification_loss", "labelled", lambda r: r.classifier is not None, label_loss, lambda c, r: r.scalars.label_weight),
    Term("consistency", "image", lambda r: r.consistency, consistency, lambda c, r: r.scalars.consistency_weight * c.consistency_factor,
         training_only=True),
    Term("contrastive", "batch", lambda r: r.contrastive, contrastive, lambda c, r: r.scalars.contrastive_weight, training_only=True),
    Term("component_diversity", "batch", lambda r: r.mixture and r.settings.component_diversity_weight != 0, usage_gap,
         lambda c, r: r.scalars.component_diversity_weight),
    Term("dirichlet", "batch", lambda r: r.learns_pi and r.settings.dirichlet_alpha is not None, dirichlet,
         lambda c, r: r.scalars.dirichlet_weight),
    Term("l1", "batch", lambda r: r.settings.l1_weight != 0, l1, lambda c, r: r.scalars.l1_weight),
)  # fmt: skip


def training_terms(recipe: Recipe) -> tuple[Term, ...]:
    """The terms of a training step."""
    return tuple(t for t in TERMS if t.applies(recipe) and (t.per != "labelled" or recipe.labelled_rows))


def evaluation_terms(recipe: Recipe) -> tuple[Term, ...]:
    """The terms of an evaluation."""
    found = (t for t in TERMS if t.applies(recipe) and not t.training_only)
    return tuple(t for t in found if t.per != "labelled" or recipe.validation_labelled)


def reported(term: Term, view: View, recipe: Recipe) -> Array:
    """The value that the term's metric reports."""
    return (term.bound or term.value)(view, recipe)
