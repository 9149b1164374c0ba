"""Loss terms: when they exist, and their values against NumPy."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats

from rcmvae.config import Training
from rcmvae.model.extras import Encoded, MixtureExtras
from rcmvae.terms import TERMS
from rcmvae.terms.term import INPUTS, Term
from rcmvae.training.inputs import Inputs, forward_sources
from rcmvae.training.recipe import Recipe
from tests.support.small_rcmvae import small_data, small_recipe

RNG = np.random.default_rng(0)
ROWS, K, D, Y = 5, 4, 2, 3


def view(decentralized: bool = False) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Inputs of random outputs, and the same in float64."""
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
        "latents": RNG.normal(size=(6, D)),
        "kernel": RNG.normal(size=(4, 3)),
    }
    f = {name: jnp.asarray(value, jnp.float32) for name, value in exact.items()}
    nothing = jnp.zeros((ROWS, 1, D))
    extras = MixtureExtras(
        encoded=Encoded(jnp.asarray(logits, jnp.float32), f["log_r"], nothing, nothing),
        responsibilities=jnp.exp(f["log_r"]), z=nothing, mean_latent=nothing[:, 0], component_kl=f["kl"],
        negative_log_likelihood=f["nll"], routing_weights=jnp.exp(f["log_r"]), decoded_responsibilities=jnp.exp(f["log_r"]),
        noise_level=None,
    )  # fmt: skip
    exact["logits"] = logits
    exact["labels"] = np.array([0, 1, 2, 2, 1, 0])
    return forward_sources(extras) | {
        "usage": f["usage"], "log_pi": f["log_pi"], "active": jnp.ones(K), "kernels": (f["kernel"], f["kernel"]), "n_train": 40,
        "decentralized": decentralized, "labelled_latents": f["latents"], "label_log_probabilities": f["label_log_p"],
        "labels": jnp.asarray(exact["labels"]), "calm_log_probabilities": f["target"], "view_log_probabilities": f["moved"],
    }, exact  # fmt: skip


def value(name: str, shown: dict[str, Any], recipe: Recipe) -> Any:
    """What a term says of inputs."""
    return Inputs(recipe, shown).call(term(name).value)


def term(name: str) -> Term:
    return next(t for t in TERMS if t.name == name)


def logit_mixture_by_scipy(logits: np.ndarray, mean: float, sigma: float) -> np.ndarray:
    """-log of an even mixture of normals around mean * e_k."""
    size = logits.shape[1]
    parts = [scipy.stats.norm.pdf(logits, mean * np.eye(size)[k], sigma).prod(axis=1) for k in range(size)]
    return -np.log(np.mean(parts, axis=0))


def supervised_contrastive(z: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """L_out of Khosla et al. 2020, written out anchor by anchor."""
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    losses = []
    for i, anchor in enumerate(z):
        others = [j for j in range(len(z)) if j != i]
        total = sum(np.exp(anchor @ z[j] / temperature) for j in others)
        positives = [j for j in others if labels[j] == labels[i]]
        if positives:
            losses.append(-np.mean([np.log(np.exp(anchor @ z[p] / temperature) / total) for p in positives]))
    return float(np.mean(losses)) if losses else 0.0


@pytest.mark.parametrize("name", ["c_logit_prior", "contrastive"])
def test_gradients_agree_with_finite_differences_in_float64(name: str) -> None:
    recipe = small_recipe(
        c_regularizer="both", c_logit_prior_mean=3.0, c_logit_prior_sigma=0.7, use_contrastive=True, contrastive_temperature=0.4
    )
    with jax.enable_x64(True):
        shown, e = view()
        start = e["logits"] if name == "c_logit_prior" else e["latents"]

        def total(x: jax.Array) -> jax.Array:
            if name == "contrastive":
                return value(name, {**shown, "labelled_latents": x}, recipe)
            return value(name, {**shown, "component_logits": x}, recipe).sum()

        found = np.asarray(jax.grad(total)(jnp.asarray(start)))
        assert found.dtype == np.float64
        for place in np.ndindex(*start.shape):
            step = np.zeros_like(start)
            step[place] = 1e-6
            slope = (float(total(jnp.asarray(start + step))) - float(total(jnp.asarray(start - step)))) / 2e-6
            assert found[place] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_an_anchor_without_a_positive_does_not_count_and_none_at_all_gives_zero() -> None:
    shown, e = view()
    recipe = small_recipe(use_contrastive=True, contrastive_temperature=0.4)
    for labels in (np.array([0, 0, 1, 2, 3, 4]), np.arange(6)):
        found = value("contrastive", {**shown, "labels": jnp.asarray(labels)}, recipe)
        assert float(found) == pytest.approx(supervised_contrastive(e["latents"], labels, 0.4), rel=1e-4)


def test_without_the_categorical_regulariser_the_component_divergence_is_reported_but_weighs_nothing() -> None:
    kinds = ("categorical", "logit_mog", "both")
    weights = {kind: float(Inputs(small_recipe(c_regularizer=kind), {}).weight(term("kl_c"))) for kind in kinds}
    assert weights == {"categorical": 1.0, "logit_mog": 0.0, "both": 1.0}


def test_values_agree_with_numpy() -> None:
    shown, e = view()
    recipe = small_recipe(
        dirichlet_alpha=3.0, consistency_weight=1.0, consistency_threshold=0.9, augment_shift=1, c_regularizer="both",
        c_logit_prior_mean=3.0, c_logit_prior_sigma=0.7, use_contrastive=True, contrastive_temperature=0.4, l1_weight=0.1,
    )  # fmt: skip
    r, target = np.exp(e["log_r"]), np.exp(e["target"])
    expected = {
        "reconstruction_loss": (r * e["nll"]).sum(axis=1),
        "kl_z": e["kl"][:, 0],
        "kl_c": (r * (e["log_r"] - e["log_pi"])).sum(axis=1),
        "classification_loss": -e["label_log_p"][np.arange(6), e["labels"]],
        "consistency": np.where(target.max(axis=1) > 0.9, -(target * e["moved"]).sum(axis=1), 0),
        "component_diversity": np.log(K) + (e["usage"] * np.log(e["usage"])).sum(),
        "dirichlet": -2.0 * e["log_pi"].sum() / recipe.n_train,
        "c_logit_prior": logit_mixture_by_scipy(e["logits"], 3.0, 0.7),
        "contrastive": supervised_contrastive(e["latents"], e["labels"], 0.4),
        "l1": 2 * np.abs(e["kernel"]).sum(),
    }
    assert set(expected) == {t.name for t in TERMS}
    assert 0 < (target.max(axis=1) > 0.9).sum() < ROWS
    for name, wanted in expected.items():
        np.testing.assert_allclose(value(name, shown, recipe), wanted, rtol=1e-4, err_msg=name)


def test_in_the_decentralized_layout_the_latent_term_is_weighted_by_responsibility_or_counts_all() -> None:
    shown, e = view(decentralized=True)
    weighted = small_recipe(latent_layout="decentralized")
    everything = small_recipe(latent_layout="decentralized", decentralized_kl="all")
    bound = (np.exp(e["log_r"]) * e["kl"]).sum(axis=1)
    np.testing.assert_allclose(value("kl_z", shown, weighted), bound, rtol=1e-5)
    np.testing.assert_allclose(value("kl_z", shown, everything), e["kl"].sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(Inputs(everything, shown).reported(term("kl_z")), bound, rtol=1e-5)


def test_the_consistency_target_has_no_gradient() -> None:
    shown, _ = view()
    recipe = small_recipe(consistency_weight=1.0, consistency_threshold=0.0, augment_shift=1)

    def total(target: jax.Array) -> jax.Array:
        return value("consistency", {**shown, "calm_log_probabilities": target}, recipe).sum()

    assert not np.asarray(jax.grad(total)(shown["calm_log_probabilities"])).any()


@pytest.mark.parametrize("target", ["classes", "components"])
def test_a_hard_target_is_the_surest_answer_alone(target: str) -> None:
    shown, _ = view()
    of = "probabilities" if target == "classes" else "responsibilities"
    calm, moved = (np.asarray(shown[f"{kind}_log_probabilities"]) for kind in ("calm", "view"))
    shown = {**shown, f"calm_log_{of}": jnp.asarray(calm), f"view_log_{of}": jnp.asarray(moved)}
    changes = {"consistency_weight": 1.0, "consistency_threshold": 0.3, "augment_shift": 1, "consistency_target": target}
    found = value("consistency", shown, small_recipe(**changes, consistency_hard_targets=True))
    sure = np.exp(calm.max(axis=1)) > 0.3
    assert sure.any()
    np.testing.assert_allclose(found, np.where(sure, -moved[np.arange(len(moved)), calm.argmax(axis=1)], 0.0), rtol=1e-5)
    assert np.abs(found - value("consistency", shown, small_recipe(**changes))).max() > 1e-3


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
        ({"consistency_weight": 1.0, "augment_shift": 1}, 0, {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}),
        (
            {"consistency_weight": 1.0, "augment_shift": 1, "consistency_target": "components"}, 0,
            {"reconstruction_loss", "kl_z", "kl_c", "component_diversity", "consistency"},
        ),
        (
            {"consistency_weight": 1.0, "augment_shift": 1, "consistency_target": "components", "num_classes": 0}, 0,
            {"reconstruction_loss", "kl_z", "kl_c", "component_diversity", "consistency"},
        ),
    ],
)  # fmt: skip
def test_a_term_whose_precondition_does_not_hold_is_absent(changes: dict[str, Any], labelled: int, present: set[str]) -> None:
    recipe = small_recipe(small_data(labelled=labelled), **changes)
    assert {t.name for t in recipe.training_terms} == present


def test_consistency_exists_in_training_only_and_labels_where_they_are() -> None:
    recipe = small_recipe(small_data(validation_labelled=False), consistency_weight=1.0, augment_shift=1)
    assert {t.name for t in recipe.evaluation_terms} == {"reconstruction_loss", "kl_z", "kl_c", "component_diversity"}
    assert "classification_loss" in {t.name for t in small_recipe().evaluation_terms}


def test_the_elbo_holds_exactly_its_three_terms() -> None:
    assert {t.name for t in TERMS if t.part_of_elbo} == {"reconstruction_loss", "kl_z", "kl_c"}


def test_weights_rise_with_the_epochs_of_life_in_training_and_are_whole_in_evaluation() -> None:
    recipe = small_recipe(
        kl_weight=2.0, kl_z_anneal_epochs=4, kl_c_anneal_epochs=2, consistency_weight=3.0, consistency_warmup_epochs=1,
        consistency_ramp_epochs=2, augment_shift=1,
    )  # fmt: skip
    wanted = {"kl_z": [0.5, 1.0, 1.5, 2.0], "kl_c": [0.5, 1.0, 1.0, 1.0], "consistency": [0.0, 1.5, 3.0, 3.0]}
    for name, rising in wanted.items():
        found = [float(Inputs(recipe, {"life_epoch": jnp.int32(epoch)}).weight(term(name))) for epoch in range(4)]
        np.testing.assert_allclose(found, rising, err_msg=name)
        assert float(Inputs(recipe, {}).weight(term(name))) == rising[-1]


def test_a_whole_evaluation_refuses_to_give_a_forward_pass() -> None:
    with pytest.raises(KeyError, match="reads mean_latent, but there is no forward pass"):
        Inputs(small_recipe(), {"usage": jnp.ones(2) / 2})["mean_latent"]


def test_every_input_that_is_known_is_read_by_some_term_or_measure_or_by_new_ones_alone() -> None:
    unread = set(INPUTS) - set().union(*(t.reads for t in TERMS))
    assert unread == {"mean_latent", "noise_level", "sampled_weights"}


def test_the_settings_of_terms_are_the_training_config_s() -> None:
    assert {name for t in TERMS if t.settings for name in t.settings.model_fields} <= set(Training.model_fields)
    assert all(t.weight in Training.model_fields and t.label for t in TERMS)
