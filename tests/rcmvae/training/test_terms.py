"""Loss terms: when they exist, and their values against NumPy."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from rcmvae.model.extras import Decoded, Encoded, MixtureExtras
from rcmvae.training.terms import TERMS, View, evaluation_terms, training_terms
from tests.support.small_rcmvae import small_data, small_recipe

RNG = np.random.default_rng(0)
ROWS, K, D, Y = 5, 4, 2, 3


def view(decentralized: bool = False) -> tuple[View, dict[str, np.ndarray]]:
    """A view of random outputs, and the same in float64."""
    logits = RNG.normal(size=(ROWS, K))
    exact = {
        "log_r": scipy.special.log_softmax(logits, axis=1),
        "nll": RNG.normal(size=(ROWS, K)) * 3 + 20,
        "kl": RNG.random((ROWS, K if decentralized else 1)) * 4,
        "log_pi": scipy.special.log_softmax(RNG.normal(size=K)),
        "usage": RNG.dirichlet(np.ones(K)),
        "label_log_p": scipy.special.log_softmax(RNG.normal(size=(6, Y)), axis=1),
        "target": scipy.special.log_softmax(RNG.normal(size=(ROWS, Y)) * 4, axis=1),
        "moved": scipy.special.log_softmax(RNG.normal(size=(ROWS, Y)), axis=1),
    }
    f = {name: jnp.asarray(value, jnp.float32) for name, value in exact.items()}
    nothing = jnp.zeros((ROWS, 1, D))
    extras = MixtureExtras(
        encoded=Encoded(jnp.asarray(logits, jnp.float32), f["log_r"], nothing, nothing),
        responsibilities=jnp.exp(f["log_r"]), routing_weights=jnp.exp(f["log_r"]), z=nothing, mean_latent=nothing[:, 0],
        decoded=Decoded(jnp.zeros((ROWS, K, 1)), None), negative_log_likelihood=f["nll"], component_kl=f["kl"],
    )  # fmt: skip
    exact["labels"] = np.array([0, 1, 2, 2, 1, 0])
    return View(
        usage=f["usage"], log_pi=f["log_pi"], extras=extras, label_log_probabilities=f["label_log_p"], labels=jnp.asarray(exact["labels"]),
        target_log_probabilities=f["target"], view_log_probabilities=f["moved"],
    ), exact  # fmt: skip


def term(name: str):
    return next(t for t in TERMS if t.name == name)


def test_values_agree_with_numpy() -> None:
    shown, e = view()
    recipe = small_recipe(dirichlet_alpha=3.0, consistency_weight=1.0, consistency_threshold=0.9, augment_shift=1)
    r, target = np.exp(e["log_r"]), np.exp(e["target"])
    expected = {
        "reconstruction_loss": (r * e["nll"]).sum(axis=1),
        "kl_z": e["kl"][:, 0],
        "kl_c": (r * (e["log_r"] - e["log_pi"])).sum(axis=1),
        "classification_loss": -e["label_log_p"][np.arange(6), e["labels"]],
        "consistency": np.where(target.max(axis=1) > 0.9, -(target * e["moved"]).sum(axis=1), 0),
        "component_diversity": np.log(K) + (e["usage"] * np.log(e["usage"])).sum(),
        "dirichlet": -2.0 * e["log_pi"].sum() / recipe.n_train,
    }
    assert set(expected) == {t.name for t in TERMS}
    assert 0 < (target.max(axis=1) > 0.9).sum() < ROWS
    for name, value in expected.items():
        np.testing.assert_allclose(term(name).value(shown, recipe), value, rtol=1e-4, err_msg=name)


def test_in_the_decentralized_layout_the_latent_term_is_weighted_by_responsibility_or_counts_all() -> None:
    shown, e = view(decentralized=True)
    weighted = small_recipe(latent_layout="decentralized")
    everything = small_recipe(latent_layout="decentralized", decentralized_kl="all")
    bound = (np.exp(e["log_r"]) * e["kl"]).sum(axis=1)
    np.testing.assert_allclose(term("kl_z").value(shown, weighted), bound, rtol=1e-5)
    np.testing.assert_allclose(term("kl_z").value(shown, everything), e["kl"].sum(axis=1), rtol=1e-5)
    reported = term("kl_z").bound
    assert reported is not None
    np.testing.assert_allclose(reported(shown, everything), bound, rtol=1e-5)


def test_the_consistency_target_has_no_gradient() -> None:
    import jax

    shown, _ = view()
    recipe = small_recipe(consistency_weight=1.0, consistency_threshold=0.0, augment_shift=1)

    def total(target: jax.Array) -> jax.Array:
        from dataclasses import replace

        return term("consistency").value(replace(shown, target_log_probabilities=target), recipe).sum()

    assert shown.target_log_probabilities is not None
    assert not np.asarray(jax.grad(total)(shown.target_log_probabilities)).any()


@pytest.mark.parametrize(
    ("changes", "labelled", "present"),
    [
        ({}, 12, {"reconstruction_loss", "kl_z", "kl_c", "classification_loss", "component_diversity"}),
        ({}, 0, {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}),
        ({"component_diversity_weight": 0.0}, 0, {"reconstruction_loss", "kl_z", "kl_c"}),
        ({"prior_type": "standard"}, 12, {"reconstruction_loss", "kl_z", "classification_loss"}),
        ({"num_classes": 0}, 0, {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}),
        ({"dirichlet_alpha": 2.0}, 0, {"reconstruction_loss", "kl_z", "kl_c", "component_diversity", "dirichlet"}),
        ({"dirichlet_alpha": None, "learnable_pi": False}, 0, {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}),
        (
            {"consistency_weight": 1.0, "augment_shift": 1}, 12,
            {"reconstruction_loss", "kl_z", "kl_c", "classification_loss", "component_diversity", "consistency"},
        ),
    ],
)  # fmt: skip
def test_a_term_whose_precondition_does_not_hold_is_absent(changes: dict[str, Any], labelled: int, present: set[str]) -> None:
    recipe = small_recipe(small_data(labelled=labelled), **changes)
    assert {t.name for t in training_terms(recipe)} == present


def test_consistency_exists_in_training_only_and_labels_where_they_are() -> None:
    recipe = small_recipe(small_data(validation_labelled=False), consistency_weight=1.0, augment_shift=1)
    assert {t.name for t in evaluation_terms(recipe)} == {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}
    assert "classification_loss" in {t.name for t in evaluation_terms(small_recipe())}


def test_the_elbo_holds_exactly_its_three_terms() -> None:
    assert {t.name for t in TERMS if t.part_of_elbo} == {"reconstruction_loss", "kl_z", "kl_c"}


def test_a_batch_view_refuses_to_give_a_forward_pass() -> None:
    with pytest.raises(ValueError, match="no forward pass"):
        View(usage=jnp.ones(2) / 2, log_pi=jnp.zeros(2)).forward  # noqa: B018
