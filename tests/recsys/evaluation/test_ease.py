"""EASE against the problem that it solves and the formula of its paper."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation import ease
from recsys.evaluation.cooccurrence import gram_matrix
from recsys.evaluation.ease import EASE, fit_ease, inverse
from recsys.evaluation.metrics import gains
from recsys.evaluation.ranks import rank
from recsys.evaluation.user_items import UserItems

RNG = np.random.default_rng(10)
TRAIN = UserItems.of(
    RNG.integers(0, 80, 900), np.minimum(RNG.geometric(0.06, 900) - 1, 29), n_users=80, n_items=32
)
X = TRAIN.dense(np.arange(80)).astype(np.float64)


@pytest.mark.parametrize("regularisation", [1.0, 100.0])
def test_each_item_is_regressed_on_all_others(regularisation: float) -> None:
    weights = EASE.fit(TRAIN, gram_matrix(TRAIN), regularisation).weights
    for item in range(32):
        others = np.delete(np.arange(32), item)
        # ridge regression of a column on the rest: the constraint that no item explains itself
        ridge = X[:, others].T @ X[:, others] + regularisation * np.eye(31)
        expected = np.linalg.solve(ridge, X[:, others].T @ X[:, item])
        np.testing.assert_allclose(weights[others, item], expected, rtol=1e-4, atol=1e-7)
    assert np.diag(weights).tolist() == [0.0] * 32


def test_scores_are_the_users_rows_times_the_formula_of_the_paper() -> None:
    precision = np.linalg.inv(X.T @ X + 200 * np.eye(32))
    expected = X @ (np.eye(32) - precision @ np.diag(1 / np.diag(precision)))
    found = EASE.fit(TRAIN, gram_matrix(TRAIN), 200.0).score(np.array([79, 3]))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected[[79, 3]], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("n", [1, 2, 128, 129, 300, 517])
def test_an_inverse_by_halves_is_the_inverse(n: int) -> None:
    half = np.random.default_rng(n).standard_normal((n, n + 5))
    matrix = half @ half.T + 0.5 * np.eye(n)
    found = inverse(matrix)
    np.testing.assert_allclose(found, np.linalg.inv(matrix), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found @ matrix, np.eye(n), atol=1e-8)


def test_the_best_regularisation_on_validation_rows_is_taken(monkeypatch) -> None:
    gram, chosen = gram_matrix(TRAIN), set()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        users, targets = rng.integers(0, 80, 60), rng.integers(0, 32, 60)
        for rule in ("all", "unseen"):
            figures = []
            for regularisation in ease.LAMBDAS:
                precision = np.linalg.inv(X.T @ X + regularisation * np.eye(32))
                weights = -precision / np.diag(precision)
                np.fill_diagonal(weights, 0)
                scores = (X @ weights)[users]
                ranks = rank(scores, np.eye(32), targets, seen=TRAIN, users=users)
                figures.append(gains(ranks.by(rule), 10).mean())
            model, words = fit_ease(TRAIN, gram, users, targets, rule)
            assert model.regularisation == ease.LAMBDAS[int(np.argmax(figures))]
            assert words.startswith(
                f"λ {model.regularisation:g}, the best of 100, 200, 500, 1000 by nDCG@10 on 60 "
            )
            chosen.add(model.regularisation)
    assert len(chosen) > 1


def test_without_validation_rows_the_regularisation_is_500_and_said_so() -> None:
    none = np.array([], int)
    model, words = fit_ease(TRAIN, gram_matrix(TRAIN), none, none, "unseen")
    assert model.regularisation == 500
    assert "no validation rows" in words
