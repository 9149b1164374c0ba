"""The tau-classifier against NumPy loops."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import scipy.special

from rcmvae.model.tau import balanced, certainty, claim_counts, log_class_probabilities, soft_counts, tau_matrix

RNG = np.random.default_rng(0)
R = RNG.dirichlet(np.ones(4), size=7).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2, 0], np.int32)


def test_soft_counts_sum_responsibilities_by_class_and_leave_padding_out() -> None:
    weights = np.array([1, 1, 1, 1, 1, 0, 0], np.float32)
    expected = np.zeros((4, 3))
    for row, label, weight in zip(R, LABELS, weights, strict=True):
        expected[:, label] += weight * row
    np.testing.assert_allclose(soft_counts(jnp.asarray(R), jnp.asarray(LABELS), jnp.asarray(weights), 3), expected, rtol=1e-5)


def test_tau_rows_are_smoothed_shares_and_uniform_without_counts() -> None:
    counts = np.array([[3.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(tau_matrix(jnp.asarray(counts), 0.5), [[3.5 / 5, 1.5 / 5], [0.5, 0.5]], rtol=1e-6)


def test_claims_add_their_strength_to_the_claimed_component_alone() -> None:
    found = claim_counts(jnp.array([1, -1, 0]), 2, 2.5)
    np.testing.assert_array_equal(found, [[0, 2.5], [0, 0], [2.5, 0]])


def test_class_probabilities_are_the_mean_of_tau_under_responsibilities() -> None:
    tau = RNG.dirichlet(np.ones(3), size=4)
    expected = R @ tau
    found = np.exp(np.asarray(log_class_probabilities(jnp.log(jnp.asarray(R)), jnp.asarray(tau, jnp.float32))))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)


def test_class_probabilities_stay_finite_for_responsibilities_that_underflow() -> None:
    log_r = jnp.array([[0.0, -300.0]])
    tau = tau_matrix(jnp.array([[100.0, 0.0], [0.0, 100.0]]), 1e-6)
    found = np.asarray(log_class_probabilities(log_r, tau))
    assert np.isfinite(found).all()
    assert found[0, 1] < -15


def test_certainty_is_the_best_component_s_share_times_its_best_class() -> None:
    tau = scipy.special.softmax(RNG.normal(size=(4, 3)), axis=1)
    expected = [max(r[k] * tau[k].max() for k in range(4)) for r in R]
    np.testing.assert_allclose(certainty(jnp.asarray(R), jnp.asarray(tau)), expected, rtol=1e-5)


def test_three_components_that_share_a_class_evenly_cap_certainty_at_a_third() -> None:
    r = jnp.array([[1 / 3, 1 / 3, 1 / 3]])
    assert float(certainty(r, jnp.ones((3, 1)))[0]) == np.float32(1 / 3)


def test_balanced_counts_are_of_as_many_images_each_and_as_they_were_where_classes_have_as_many() -> None:
    rng = np.random.default_rng(3)
    shares = rng.dirichlet(np.ones(4), size=3).T
    unequal = shares * np.array([2.0, 6.0, 0.0])
    found = np.asarray(balanced(jnp.asarray(unequal)))
    np.testing.assert_allclose(found, shares * np.array([3.0, 3.0, 0.0]), rtol=1e-5)  # 2 / (1/2 + 1/6) = 3
    equal = shares * 7.0
    np.testing.assert_allclose(np.asarray(balanced(jnp.asarray(equal))), equal, rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(balanced(jnp.zeros((4, 3)))), 0.0)


def test_many_labels_of_one_class_leave_the_components_of_others_and_those_without_labels_as_they_are() -> None:
    # component k mostly holds class k, with overlaps; component 3 holds hardly anything
    shares = np.array([[0.5, 0.25, 0.25, 0.001], [0.25, 0.5, 0.25, 0.001], [0.25, 0.25, 0.5, 0.001]]).T
    few, many = shares * 10.0, shares * np.array([10.0, 10.0, 400.0])
    tau = np.asarray(tau_matrix(balanced(jnp.asarray(many)), 0.01))
    assert tau[:3].argmax(axis=1).tolist() == [0, 1, 2]
    np.testing.assert_allclose(tau[3], 1 / 3, atol=1e-5)
    np.testing.assert_allclose(tau, tau_matrix(balanced(jnp.asarray(few)), 0.01), atol=0.01)
    assert np.asarray(tau_matrix(jnp.asarray(many), 0.01)).argmax(axis=1).tolist() == [2, 2, 2, 2]  # as it would be uncorrected
